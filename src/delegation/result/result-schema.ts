import { z } from 'zod';
import { FAIL_KINDS, NO_MUTANTS, NO_RED_TO_GREEN } from '../../checks/proof/types.ts';
import { CHECK_KINDS, CHECK_SOURCES, DEFINITION_VERDICTS, OLD_TESTS_VERDICTS } from '../../checks/types.ts';
import { CURRENCIES } from '../../common/currency.ts';
import { TASK_KINDS } from '../../common/task-kind.ts';
import { savingSchema } from '../../economics/saving.ts';
import { maybeMessageSchema, messageSchema } from '../../messages/message.ts';
import { testRunSchema } from '../journal/journal.ts';
import { sentSchema } from '../journal/sent-account.ts';
import { OUTCOMES } from './outcomes.ts';

const runSchema = z.object({
  exitCode: z.number().nullable(),
  killed: z.string().nullable(),
  durationMs: z.number(),
  counts: z.object({ passed: z.number(), failed: z.number(), skipped: z.number() }).nullable(),
  failing: z.array(z.string()).readonly(),
  tail: z.string(),
  output: z.object({ file: z.string(), left: z.number() }).optional(),
  installs: z.literal(true).optional(),
  missing: z
    .object({ what: z.enum(['program', 'package', 'library', 'browser', 'service', 'version', 'sandbox']), name: z.string() })
    .optional(),
  rewrote: z.array(z.string()).readonly().optional(),
});

/** New and changed tests on the code of the base. */
const redToGreenSchema = z.union([
  z.object({
    command: z.string(),
    files: z.array(z.string()).readonly(),
    newTests: z.number().nullable(),
    failOnBase: z.number().nullable(),
    how: z.enum(FAIL_KINDS).nullable(),
    pass: z.number().nullable(),
    fixedByTests: z.literal(true).optional(),
  }),
  z.object({ notShown: z.enum(NO_RED_TO_GREEN) }),
]);

/** Small faults in lines that new tests run. */
const mutantsSchema = z.union([
  z.object({
    command: z.string(),
    alone: z.boolean(),
    tried: z.number(),
    caught: z.number(),
    survived: z.array(z.object({ file: z.string(), line: z.number(), from: z.string(), to: z.string() })).readonly(),
    cut: z.literal(true).optional(),
  }),
  z.object({ notShown: z.enum(NO_MUTANTS) }),
]);

/** What an attempt came to: written once, at its end, as `result.json`; every report is made from it. */
export const resultSchema = z.object({
  version: z.literal(1),
  kind: z.enum(TASK_KINDS),
  outcome: z.enum(OUTCOMES),
  reason: maybeMessageSchema,
  /** Whether the same call goes on although the outcome is a final one otherwise (a daily budget: tomorrow). */
  resumable: z.literal(true).optional(),
  /** The limit that ended it, in minutes, where it was the one of time. */
  timeLimit: z.number().optional(),
  fallbackNeeded: z.boolean(),
  attempt: z.number(),
  maxAttempts: z.number(),
  task: z.string(),
  repository: z.string(),
  branch: z.string(),
  base: z.string().nullable(),
  baseName: z.string(),
  /** What the branch was before the delegation began on it; null = it did not exist. Older results do not tell. */
  found: z.string().nullable().optional(),
  tip: z.string().nullable(),
  /** Where the work is when it could not go to its branch. */
  keptAt: z.string().nullable(),
  checks: z.array(
    z.object({
      command: z.string(),
      base: runSchema.nullable(),
      result: runSchema.nullable(),
      verdict: z.enum(['pass', 'fixed', 'regressed', 'still_failing', 'cannot_run', 'installed']),
      newFailures: z.number().nullable(),
      /** Of one that failed once and did not when it ran again on the same files: where, and by which tests. Older results do not tell. */
      flaky: z.object({ on: z.enum(['base', 'result']), failing: z.array(z.string()).readonly() }).optional(),
      /** Of checks whose definition the attempt changed. */
      definition: z
        .object({
          files: z.array(z.string()).readonly(),
          /** Those of them of which only is not known that they define nothing. Older results do not tell. */
          unknown: z.array(z.string()).readonly().optional(),
          verdict: z.enum(DEFINITION_VERDICTS),
          run: runSchema.nullable(),
        })
        .optional(),
      /** Of checks that pass only since the attempt changed tests of the base. Older results do not tell. */
      oldTests: z
        .object({
          files: z.array(z.string()).readonly(),
          verdict: z.enum(OLD_TESTS_VERDICTS),
          failing: z.array(z.string()).readonly(),
          run: runSchema.nullable(),
          asked: z.literal(true).optional(),
          removed: z.number().optional(),
          fresh: z.literal(true).optional(),
        })
        .optional(),
      /** Of a check that nobody gave: what it looks at, which file tells of it (null = the task) and what it covers. Older results do not tell. */
      found: z
        .object({
          kind: z.enum(CHECK_KINDS),
          file: z.string().nullable(),
          inTask: z.literal(true).optional(),
          folder: z.string(),
          endings: z.array(z.string()).readonly().optional(),
        })
        .optional(),
      /** Of a check that passes whatever the code is. Older results do not tell. */
      idle: z.literal(true).optional(),
    }),
  ),
  /** What the worker itself ran of tests and the like; no proof. Older results do not tell. */
  seen: z
    .array(
      testRunSchema.extend({
        afterLastEdit: z.boolean().nullable(),
        before: testRunSchema.pick({ exitCode: true, counts: true }).nullable(),
      }),
    )
    .optional(),
  /** Who chose the checks. Older results do not tell: the call or the settings did. */
  checksFrom: z.enum(CHECK_SOURCES).optional(),
  /** What its tests show beyond that checks pass. Older results do not tell. */
  proof: z
    .object({
      redToGreen: redToGreenSchema.optional(),
      mutants: mutantsSchema.optional(),
      /** A line of a test of the base that passes here whatever it expects. */
      unheeded: z.object({ file: z.string(), line: z.number() }).optional(),
    })
    .optional(),
  warnings: z.array(
    z.object({
      level: z.enum(['blocking', 'note']),
      text: messageSchema,
      /** What it is about: a path from the root, and where one line says most, that. Older results do not tell. */
      place: z.object({ file: z.string(), line: z.number().optional() }).optional(),
    }),
  ),
  /** Uncommitted paths of the user's checkout that the worker could not see. */
  notSeen: z.array(z.string()),
  /** Set when HEAD moved while the attempt ran; `overlap` lists files that both sides changed. */
  headMoved: z.object({ from: z.string(), to: z.string(), overlap: z.array(z.string()) }).nullable(),
  change: z
    .object({
      files: z.array(
        z.object({
          path: z.string(),
          from: z.string().optional(),
          status: z.enum(['A', 'M', 'D', 'R', 'T']),
          added: z.number().nullable(),
          removed: z.number().nullable(),
        }),
      ),
      added: z.number(),
      removed: z.number(),
      /** Diffs of the first files, as much as a report can hold. `cut`: only its beginning. */
      diffs: z.array(z.object({ path: z.string(), text: z.string(), cut: z.literal(true).optional() })),
    })
    .nullable(),
  scope: z.array(z.string()),
  /** Where commands and checks began, relative to the root; absent = the root. */
  folder: z.string().optional(),
  outOfScope: z.array(z.string()),
  sandbox: z.enum(['on', 'container', 'off', 'none']),
  /** Set where commands were root in the sandbox: unlike the root outside, theirs cannot pass over the permissions of files. */
  asRoot: z.literal(true).optional(),
  /** What commands could reach in the sandbox: package registries, and so many hosts that the user added. */
  reach: z.object({ registries: z.boolean(), more: z.number() }).optional(),
  /** What left the machine. Older results do not tell. */
  sent: sentSchema.optional(),
  /** The most bytes that commands had written and left at a time, where that is worth a word. */
  disk: z.number().optional(),
  steps: z.number(),
  maxSteps: z.number(),
  usage: z.object({ input: z.number(), cached: z.number(), output: z.number() }),
  cost: z.object({ amount: z.number().nullable(), currency: z.enum(CURRENCIES) }),
  /** What the delegation saved so far, or cost more, where the client's own model and its prices are known. Older results do not tell. */
  saving: savingSchema.optional(),
  retries: z.number(),
  durationMs: z.number(),
  summary: z.string(),
  commitMessage: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string(),
});

export type AttemptResult = z.infer<typeof resultSchema>;
