/**
 * What a session of Claude Code has used, from the file that it keeps. Only figures and the name of the model are taken from it; of texts it
 * is only looked whether they are the user's, and which call they are. The form of the file is no promise of anybody's: what is not understood
 * is left out, and without the call nothing is told.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../common/json-file.ts';
import type { ClaudeUsage } from '../economics/claude-prices.ts';

/** Of a file its end: the call was made there. */
const READ_BYTES = 4 * 2 ** 20;
const MOST_FILES = 4;

const count = z.number().nonnegative().catch(0);
const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: count }).optional().catch(undefined),
  speed: z.string().optional().catch(undefined),
});
const blockSchema = z
  .looseObject({ type: z.string(), name: z.string().optional(), input: z.looseObject({ branch_name: z.unknown() }).optional() })
  .catch({ type: '' });
const answerSchema = z.object({
  type: z.literal('assistant'),
  message: z.object({ id: z.string(), model: z.string(), usage: usageSchema, content: z.array(blockSchema).catch([]) }),
});
const userSchema = z.object({
  type: z.literal('user'),
  isMeta: z.boolean().optional().catch(undefined),
  message: z.object({ content: z.union([z.string(), z.array(blockSchema)]) }),
});

/** One request, all lines of its answer together. */
interface Request {
  readonly id: string;
  readonly model: string;
  readonly usage: ClaudeUsage;
  readonly isFast: boolean;
  /** The branches that it asked our server to work on. */
  readonly branches: readonly string[];
}

/** What the user wrote, or a request. */
type Entry = 'user' | Request;

/** The call that began an attempt, in the session that made it. */
export interface SessionCall {
  readonly model: string;
  /** From the user's message to the call, oldest first. */
  readonly requests: readonly ClaudeUsage[];
  /** How many requests there were since the call before this one, and whether that is since the session began. */
  readonly carried: { readonly requests: number; readonly fromStart: boolean };
}

/**
 * The last call to work on a branch, looked for in the file of a session and in those of its subagents.
 * @param projects where Claude Code keeps them: a folder for each place that sessions began in, named by rules that have changed, so the
 * id alone is looked for
 */
export function findSessionCall(projects: string, sessionId: string, branch: string): SessionCall | null {
  if (!/^[\w-]{1,100}$/.test(sessionId)) return null;
  for (const file of sessionFiles(projects, sessionId)) {
    const { entries, isWhole } = readEnd(file);
    const call = callIn(entries, isWhole, branch);
    if (call) return call;
  }
  return null;
}

/**
 * The session's own file first, then the latest of its subagents, then the latest beside it: after `/clear` a session goes on under another id
 * with the servers that it has.
 */
function sessionFiles(projects: string, sessionId: string): string[] {
  for (const project of readdirSync(projects)) {
    const file = path.join(projects, project, `${sessionId}.jsonl`);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    const folder = path.join(projects, project, sessionId, 'subagents');
    return [...new Set([file, ...newest(folder), ...newest(path.join(projects, project))])];
  }
  return [];
}

function newest(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => ({ file: path.join(folder, name), at: statSync(path.join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST_FILES)
    .map(({ file }) => file);
}

function readEnd(file: string): { entries: Entry[]; isWhole: boolean } {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
    const lines = text.split('\n');
    return { entries: entriesOf(bytes.length < size ? lines.slice(1) : lines), isWhole: bytes.length === size };
  } finally {
    closeSync(fd);
  }
}

function entriesOf(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    // Most bytes are in lines that are neither: what was shown to the model, and what it was told.
    if (!line.includes('"type":"assistant"') && !line.includes('"type":"user"')) continue;
    const request = requestOf(line);
    const last = entries.at(-1);
    if (request && typeof last === 'object' && last.id === request.id) entries[entries.length - 1] = together(last, request);
    else if (request) entries.push(request);
    else if (isFromUser(line)) entries.push('user');
  }
  return entries;
}

function requestOf(line: string): Request | null {
  const answer = parseJson(answerSchema, line);
  if (!answer || answer.message.model === '<synthetic>') return null;
  const { id, model, usage, content } = answer.message;
  const write1h = Math.min(usage.cache_creation?.ephemeral_1h_input_tokens ?? 0, usage.cache_creation_input_tokens);
  return {
    id,
    model,
    usage: {
      input: usage.input_tokens,
      output: usage.output_tokens,
      read: usage.cache_read_input_tokens,
      write5m: usage.cache_creation_input_tokens - write1h,
      write1h,
    },
    isFast: usage.speed !== undefined && usage.speed !== 'standard',
    branches: content.flatMap(({ name, input }) =>
      DELEGATES.test(name ?? '') && typeof input?.branch_name === 'string' ? [input.branch_name] : [],
    ),
  };
}

/** Under whatever name the server is registered. */
const DELEGATES = /__(implement_feature|write_tests|fix_bug|resume_delegation)$/;

/** A line for each block of the answer; the count of what was written is complete in the last one. */
function together(a: Request, b: Request): Request {
  return { ...b, usage: { ...b.usage, output: Math.max(a.usage.output, b.usage.output) }, branches: [...a.branches, ...b.branches] };
}

/** Results of tools come in the user's name too, and so do notes of the program. */
function isFromUser(line: string): boolean {
  const user = parseJson(userSchema, line);
  if (!user || user.isMeta) return false;
  const { content } = user.message;
  return typeof content === 'string' || !content.some(({ type }) => type === 'tool_result');
}

function callIn(entries: readonly Entry[], isWhole: boolean, branch: string): SessionCall | null {
  const at = entries.findLastIndex((entry) => entry !== 'user' && entry.branches.includes(branch));
  const call = entries[at];
  if (!call || call === 'user' || call.isFast) return null;
  const up = entries.slice(0, at + 1);
  const since = up.slice(up.lastIndexOf('user') + 1).filter((entry) => entry !== 'user');
  const before = up.slice(0, -1).findLastIndex((entry) => entry !== 'user' && entry.branches.length > 0);
  return {
    model: call.model,
    requests: since.map(({ usage }) => usage),
    carried: { requests: up.slice(before + 1).filter((entry) => entry !== 'user').length, fromStart: before < 0 && isWhole },
  };
}
