/** What `--json` prints, for scripts; result.json has a schema of its own. */
import { z } from 'zod';
import { CURRENCIES } from '../common/currency.ts';
import { TASK_KINDS } from '../common/task-kind.ts';
import { OUTCOMES } from '../delegation/result/outcomes.ts';

export const listedSchema = z.object({
  repository: z.string(),
  branch: z.string(),
  /** `gone`: the branch was removed by hand; `unknown`: no attempt was begun, or none can be read. */
  state: z.enum(['running', 'ended', 'interrupted', 'merged', 'discarded', 'gone', 'unknown']),
  createdAt: z.string(),
  attempt: z.number().nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  step: z.number().nullable(),
  maxSteps: z.number().nullable(),
  base: z.string().nullable(),
  tip: z.string().nullable(),
  added: z.number().nullable(),
  removed: z.number().nullable(),
  cost: z.object({ amount: z.number().nullable(), currency: z.enum(CURRENCIES) }).nullable(),
  endedAt: z.string().nullable(),
});
export type Listed = z.infer<typeof listedSchema>;

const money = z.object({ currency: z.enum(CURRENCIES), amount: z.number() });
/** Attempts that are alike in something, and what came of them. */
const groupSchema = z.object({
  name: z.string(),
  attempts: z.number(),
  delegations: z.number(),
  /** Attempts that ended `ready`: the first of their delegation, and later ones. */
  proven: z.object({ first: z.number(), later: z.number() }),
  /** Attempts after which Claude was to do the work itself. */
  fallback: z.number(),
  /** What was saved against the Claude model of each session, in USD, below 0 = it cost more; of so many delegations it is known. */
  net: z.object({ low: z.number(), high: z.number(), delegations: z.number() }),
  /** How often each outcome was; `running` and those that a crash left without an end count too. */
  outcomes: z.record(z.string(), z.number()),
  steps: z.number(),
  durationMs: z.number(),
  tokens: z.object({ input: z.number(), cached: z.number(), output: z.number() }),
  /** By currency, without those whose price is not known. */
  cost: z.array(money),
  costUnknown: z.number(),
});
export type StatsGroup = z.infer<typeof groupSchema>;

export const statsSchema = z.object({
  since: z.string().nullable(),
  delegations: z.number(),
  merged: z.number(),
  discarded: z.number(),
  all: groupSchema,
  byRepository: z.array(groupSchema),
  byKind: z.array(groupSchema.extend({ name: z.enum(TASK_KINDS) })),
  byModel: z.array(groupSchema),
});
export type Stats = z.infer<typeof statsSchema>;

export const leftoverSchema = z.object({
  kind: z.enum(['merged', 'discarded', 'archived', 'orphan', 'unnamed']),
  repository: z.string(),
  branch: z.string(),
  folder: z.string(),
  bytes: z.number(),
  lastAt: z.string(),
  /** Holds work that is on no branch: it stays unless its branch is named. */
  unmerged: z.boolean(),
});
export const cleanSchema = z.object({ removed: z.boolean(), items: z.array(leftoverSchema), kept: z.array(leftoverSchema) });
export type LeftoverJson = z.infer<typeof leftoverSchema>;
