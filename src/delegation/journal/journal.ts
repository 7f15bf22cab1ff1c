import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { WITHHELD_BY } from '../../agent/never-send/never-send.ts';
import type { AgentEnd, AgentEvent, AgentTotals, Sent, TestRun, TokenUsage } from '../../agent/types.ts';
import { CHECK_KINDS, CHECK_SOURCES, type FoundCheck } from '../../checks/types.ts';
import { errorCode } from '../../common/caught-error.ts';
import { CURRENCIES } from '../../common/currency.ts';
import { TASK_KINDS } from '../../common/task-kind.ts';
import { maybeMessageSchema, messageSchema } from '../../messages/message.ts';
import type { CommandUse } from '../../sandbox/types.ts';
import { OUTCOMES } from '../result/outcomes.ts';
import { lineCommentSchema } from '../start/line-comments.ts';

/** A check that nobody gave; see `FoundCheck`. */
const foundSchema = z.object({
  command: z.string(),
  kind: z.enum(CHECK_KINDS),
  file: z.string().nullable(),
  inTask: z.literal(true).optional(),
  folder: z.string(),
  endings: z.array(z.string()).readonly().optional(),
}) satisfies z.ZodType<FoundCheck>;

/** What an attempt was asked to do and where it began: the first line of its journal. */
const startSchema = z.object({
  type: z.literal('start'),
  version: z.literal(1),
  attempt: z.number(),
  kind: z.enum(TASK_KINDS),
  task: z.string(),
  model: z.string(),
  maxSteps: z.number(),
  budget: z.number(),
  /** Of the budget and of all costs up to a resume that names another one. Older journals do not tell. */
  currency: z.enum(CURRENCIES).optional(),
  checks: z.array(z.string()),
  /** Who chose the checks. Older journals do not tell: the call or the settings did. */
  checksFrom: z.enum(CHECK_SOURCES).optional(),
  /** Of checks that nobody gave, what is known of each. */
  foundChecks: z.array(foundSchema).optional(),
  /** Where none was found, the manifests that tell of none. */
  silentManifests: z.array(z.string()).optional(),
  scope: z.array(z.string()),
  /** Comments of the reviewer on lines of the work before, which the text holds too. Older journals do not tell. */
  comments: z.array(lineCommentSchema).optional(),
  /** The folder that the task is about, relative to the root, where commands begin; absent = the root. */
  folder: z.string().optional(),
  /** Where the whole delegation began; what every diff is against. */
  base: z.string(),
  baseName: z.string(),
  /** What the attempt's commit goes on top of. */
  parent: z.string(),
  /** What the branch must be for the import to move it; null = it must not exist. */
  expected: z.string().nullable(),
  /** What the branch was before the delegation began on it; null = it did not exist. Older journals do not tell. */
  found: z.string().nullable().optional(),
  head: z.object({ commit: z.string(), branch: z.string().nullable() }),
  /** HEAD when the base was chosen, where that was for an earlier attempt. */
  began: z.string().optional(),
  /** The tree that the workspace starts from (unfinished work that is carried over), null = the parent's. */
  startTree: z.string().nullable(),
  /** The host that everything is sent to. Older journals do not tell. */
  endpoint: z.string().optional(),
});

const endSchema = z.object({ type: z.literal('end'), outcome: z.enum(OUTCOMES), reason: maybeMessageSchema });

/** What a schema must name of a type: every field, also those that may be absent. */
type FieldsOf<T> = z.ZodObject<{ [K in keyof T]-?: z.ZodType<T[K]> }>;

const step = z.number();
const usage = z.object({ input: z.number(), cached: z.number(), output: z.number() }) satisfies FieldsOf<TokenUsage>;
const cost = z.number().nullable();
const totals = z.object({
  steps: step,
  usage,
  cost: z.object({ amount: cost, currency: z.enum(CURRENCIES) }),
  retries: z.number(),
}) satisfies FieldsOf<AgentTotals>;

const agentEndSchemas = {
  finished: z.object({ kind: z.literal('finished'), summary: z.string(), commitMessage: z.string().nullable() }),
  stopped: z.object({
    kind: z.literal('stopped'),
    outcome: z.enum([
      'step_limit',
      'budget_exhausted',
      'loop_detected',
      'rate_limited',
      'quota_exhausted',
      'auth_failed',
      'api_unreachable',
      'content_refused',
      'cancelled',
    ]),
    reason: messageSchema,
    resumable: z.literal(true).optional(),
    timeLimit: z.number().optional(),
  }),
} satisfies { [K in AgentEnd['kind']]: FieldsOf<Extract<AgentEnd, { kind: K }>> };
const agentEnd = z.discriminatedUnion('kind', [agentEndSchemas.finished, agentEndSchemas.stopped]);

/** The loop has ended (`at`: then) and what is left is the import; a resume goes on from there. */
const loopEndSchema = z.object({ type: z.literal('loop_end'), at: z.number(), end: agentEnd, totals });

/** The branch is about to be moved to `tip`, a commit of ours. Journals have called it `hand_back` from the first version on. */
const importSchema = z.object({ type: z.literal('hand_back'), tip: z.string() });

/** The workspace holds `tree` after all effects of the steps up to `step`. The point that a resume returns to. */
const checkpointSchema = z.object({ type: z.literal('checkpoint'), step: z.number(), tree: z.string() });

const sent = z.object({
  by: z.string(),
  bytes: z.number(),
  files: z.record(z.string(), z.number()).optional(),
  withheld: z.record(z.string(), z.enum(WITHHELD_BY)).optional(),
}) satisfies FieldsOf<Sent>;
const hostUse = z.object({ host: z.string(), connections: z.number(), bytesIn: z.number(), bytesOut: z.number() });
const commandUse = z.object({
  network: z.object({ hosts: z.array(hostUse).readonly(), refused: z.array(z.string()).readonly() }).nullable(),
  disk: z.number().nullable(),
}) satisfies FieldsOf<CommandUse>;

export const testRunSchema = z.object({
  command: z.string(),
  exitCode: z.number().nullable(),
  killed: z.string().nullable(),
  ms: z.number(),
  counts: z.object({ passed: z.number(), failed: z.number(), skipped: z.number() }).nullable(),
}) satisfies FieldsOf<TestRun>;
const rewrite = { step, from: z.number(), to: z.number(), insert: z.array(z.string()).readonly() };
const tool = { step, callId: z.string(), name: z.string() };

const agentSchemas = {
  head: z.object({ type: z.literal('head'), system: z.string(), tools: z.string(), model: z.string() }),
  message: z.object({
    type: z.literal('message'),
    step,
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    json: z.string(),
    sent: sent.optional(),
  }),
  request: z.object({ type: z.literal('request'), step, bytes: z.number() }),
  reply: z.object({ type: z.literal('reply'), step, finishReason: z.string().nullable(), usage: usage.nullable(), ms: z.number(), cost }),
  spent: z.object({ type: z.literal('spent'), step, usage, cost }),
  compacted: z.object({
    type: z.literal('compacted'),
    ...rewrite,
    why: z.enum(['window', 'cost', 'overflow']),
    by: z.enum(['model', 'record', 'leaving_out']),
  }),
  rolled_back: z.object({ type: z.literal('rolled_back'), ...rewrite }),
  retry: z.object({ type: z.literal('retry'), step, reason: messageSchema, delayMs: z.number(), tries: z.number() }),
  tool_start: z.object({ type: z.literal('tool_start'), ...tool, title: z.string() }),
  tool_end: z.object({
    type: z.literal('tool_end'),
    ...tool,
    ok: z.boolean(),
    summary: z.string(),
    ms: z.number(),
    seen: z.record(z.string(), z.string()).optional(),
    use: commandUse.optional(),
    may: z.enum(['write', 'command']).optional(),
    run: testRunSchema.optional(),
  }),
  notice: z.object({ type: z.literal('notice'), step, text: messageSchema }),
} satisfies { [T in AgentEvent['type']]: FieldsOf<Extract<AgentEvent, { type: T }>> };

const resumeSchema = z.object({
  type: z.literal('resume'),
  step: z.number(),
  /** The checkpoint that it goes on from; null = none, it begins again. Older journals do not tell: it was the last one. */
  tree: z.string().nullable().optional(),
  currency: z.enum(CURRENCIES).optional(),
  endpoint: z.string().optional(),
  /** What it is asked now, when the caller has found other words. */
  task: z.string().optional(),
});
/** The checkout is complete; tools may run. */
const workspaceSchema = z.object({ type: z.literal('workspace'), ms: z.number() });
const checkSchema = z.object({
  type: z.literal('check'),
  command: z.string(),
  on: z.enum(['base', 'result']),
  phase: z.enum(['start', 'end']),
  text: z.string(),
});
/** The user's set-up command, in a working tree of its own. */
const setUpSchema = z.object({ type: z.literal('setup'), command: z.string(), phase: z.enum(['start', 'end']), text: z.string() });

const lineSchema = z.discriminatedUnion('type', [
  startSchema,
  endSchema,
  loopEndSchema,
  importSchema,
  checkpointSchema,
  resumeSchema,
  checkSchema,
  setUpSchema,
  workspaceSchema,
  ...Object.values(agentSchemas),
]);
/** Without a schema: one for this field alone makes the reading of a long journal a quarter slower. */
const hasTime = (raw: unknown): raw is { at: number } => typeof raw === 'object' && raw !== null && 'at' in raw && Number.isFinite(raw.at);

export type StartEvent = z.infer<typeof startSchema>;
export type JournalEvent = z.infer<typeof lineSchema>;

/** An event with the time it was written, ms since the epoch. */
export type JournalLine = JournalEvent & { at: number };

export interface Journal {
  /** After `close` it does nothing. */
  append(event: JournalEvent): void;
  close(): void;
}

/** Opens the journal of an attempt for appending. A line is handed to the kernel before `append` returns, so that SIGKILL loses nothing. */
export function openJournal(file: string, now: () => number): Journal {
  const fd = openSync(file, 'a+', 0o600);
  if (!endsWithNewline(fd)) writeSync(fd, '\n'); // a line that was cut by a crash must not swallow the next one
  let closed = false;
  return {
    append: (event) => {
      if (closed) return; // the number may be another file's by now
      writeSync(fd, `${JSON.stringify({ at: now(), ...event })}\n`);
      // What is on the branch is known whatever the machine does next.
      if (event.type === 'hand_back' || event.type === 'end') fsyncSync(fd);
    },
    close: () => {
      if (!closed) closeSync(fd);
      closed = true;
    },
  };
}

function endsWithNewline(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || readSync(fd, last, 0, 1, size - 1) === 0 || last[0] === 0x0a;
}

/** What is built upon the lines before it. */
const BUILT: ReadonlySet<JournalEvent['type']> = new Set(['message', 'tool_end', 'compacted', 'rolled_back', 'checkpoint', 'loop_end']);

/**
 * Reads a journal back. Lines that a crash cut, or that a newer version wrote, are left out. Behind one that is no JSON, as when the
 * machine went down before it had reached the disk, nothing is built upon until a resume begins anew; what was spent counts.
 */
export function readJournal(file: string): JournalLine[] {
  let broken = false;
  const lines: JournalLine[] = [];
  for (const line of linesOf(file)) {
    const text = line.toString();
    const parsed = parseLine(text);
    if (parsed?.type === 'resume') broken = false;
    else if (!parsed) broken ||= text !== '' && !isJson(text);
    if (parsed && !(broken && BUILT.has(parsed.type))) lines.push(parsed);
  }
  return lines;
}

/** Events that tell by themselves, whatever was lost before them. */
type Lonely = Exclude<JournalEvent, { type: 'message' | 'tool_end' | 'compacted' | 'rolled_back' | 'checkpoint' | 'loop_end' }>;

/** Those of some kinds, without a look at what the others hold: nearly all of a journal is what was said. */
export function readEvents<T extends Lonely['type']>(file: string, kinds: readonly T[]): Extract<JournalLine, { type: T }>[] {
  const events: JournalLine[] = [];
  for (const line of linesOf(file)) {
    // Our writer puts `at` and `type` first.
    const kind = /^\{"at":\d+,"type":"(\w+)"/.exec(line.toString('latin1', 0, LONGEST_START))?.[1];
    const parsed = kind === undefined || kinds.some((one) => one === kind) ? parseLine(line.toString()) : null;
    if (parsed && kinds.some((one) => one === parsed.type)) events.push(parsed);
  }
  return events as Extract<JournalLine, { type: T }>[];
}

const LONGEST_START = 80;
const CHUNK_BYTES = 1024 * 1024;

/** Line by line, since a journal may be longer than a string can be. */
function* linesOf(file: string): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    let incomplete: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = chunk.subarray(0, readSync(fd, chunk, 0, CHUNK_BYTES, null));
      let from = 0;
      for (let end = read.indexOf(0x0a); end >= 0; end = read.indexOf(0x0a, from)) {
        const rest = read.subarray(from, end);
        yield incomplete.length > 0 ? Buffer.concat([...incomplete, rest]) : rest;
        incomplete = [];
        from = end + 1;
      }
      if (from < read.length) incomplete.push(read.subarray(from));
      if (read.length === 0) break;
    }
    if (incomplete.length > 0) yield Buffer.concat(incomplete);
  } finally {
    closeSync(fd);
  }
}

/** The version that the first line names, whatever else stands there; undefined when it names none. */
export function journalVersion(file: string): number | undefined {
  let head = '';
  try {
    const fd = openSync(file, 'r');
    const bytes = Buffer.alloc(200);
    head = bytes.toString('utf8', 0, readSync(fd, bytes));
    closeSync(fd);
  } catch {} // not there, or not ours to read: `readJournal` tells
  const version = /^\{[^{}\n]*"type":"start","version":(\d+)/.exec(head)?.[1];
  return version === undefined ? undefined : Number(version);
}

export function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** @returns the event of one journal line, with fields of newer versions; null when the line is cut or of an unknown kind */
export function parseLine(text: string): JournalLine | null {
  if (!text) return null;
  try {
    const raw: unknown = JSON.parse(text);
    if (!hasTime(raw)) return null;
    const line = lineSchema.safeParse(raw);
    return line.success ? Object.assign(raw, line.data) : null;
  } catch {
    return null;
  }
}
