/** The words that the loop, its client and its tools share. The loop knows nothing of git, MCP or delegations. */
import type { Currency } from '../common/currency.ts';
import type { Message } from '../messages/message.ts';
import type { CommandResult, CommandUse } from '../sandbox/types.ts';
import type { NeverSend, Withheld } from './never-send/never-send.ts';
import type { ShownInConversation } from './shown-lines.ts';

/** A message as the API takes it (Moonshot's dialect of chat completions). */
export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string }
  | { role: 'assistant'; content?: string; reasoning_content?: string; reasoning?: string; tool_calls?: ToolCall[] }
  | { role: 'tool'; tool_call_id: string; content: string };

export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Tokens of one request or a sum of them. `cached` is the part of `input` that the provider's cache served. */
export interface TokenUsage {
  input: number;
  cached: number;
  output: number;
}

/** Money in one currency; `null` when the price of the model is unknown. Never 0 for unknown. */
export interface Cost {
  amount: number | null;
  currency: Currency;
}

/**
 * Everything that happens in the loop, in order. `message` and `head` carry the exact bytes that are sent,
 * so that the sequence of them is enough to send the same request again after a crash.
 */
export type AgentEvent =
  /** Once an attempt: the fixed front of every request. */
  | { type: 'head'; system: string; tools: string; model: string }
  /** A message was appended to the history; `json` is its serialized form, `step` the step that made it (0 = the first messages). */
  | { type: 'message'; step: number; role: ChatMessage['role']; json: string; sent?: Sent }
  /** A request leaves. */
  | { type: 'request'; step: number; bytes: number }
  /** The answer to it is complete (its assistant message follows as `message`). */
  | { type: 'reply'; step: number; finishReason: string | null; usage: TokenUsage | null; ms: number; cost: number | null }
  /**
   * A request that made no step: its answer broke off after it had begun, or the process died over it (`usage` is an estimate then), or it
   * was a hand-over note.
   */
  | { type: 'spent'; step: number; usage: TokenUsage; cost: number | null }
  /** The messages [from, to) gave way to `insert`, a hand-over note or (by `leaving_out`) the same with shorter results; `step` is the last one that is complete. */
  | ({ type: 'compacted'; why: 'window' | 'cost' | 'overflow'; by: 'model' | 'record' | 'leaving_out' } & Rewrite)
  /** Steps at the end that only repeated an earlier one were taken out; `insert` says so to the model. */
  | ({ type: 'rolled_back' } & Rewrite)
  | { type: 'retry'; step: number; reason: Message; delayMs: number; tries: number }
  | { type: 'tool_start'; step: number; callId: string; name: string; title: string }
  | {
      type: 'tool_end';
      step: number;
      callId: string;
      name: string;
      ok: boolean;
      summary: string;
      ms: number;
      /** Files whose content the model knows since this call: path -> hash (see ToolContext.seen). */
      seen?: Readonly<Record<string, string>>;
      /** What a command used, where that is worth a word. */
      use?: CommandUse;
      /** Set by calls that may have changed files: a command, or a file tool that wrote. */
      may?: 'write' | 'command';
      /** What a command was as a run of tests, a type checker or a linter. */
      run?: TestRun;
    }
  /** Something that a reader of the log should know (a reminder given, a tier limit noticed). */
  | { type: 'notice'; step: number; text: Message };

/** A command of the worker that tests something, as it was seen. It proves nothing: what a command prints is the worker's choice. */
export interface TestRun {
  readonly command: string;
  /** null where it was killed, and where the exit code may be that of something else in the command. */
  readonly exitCode: number | null;
  readonly killed: string | null;
  readonly ms: number;
  readonly counts: { readonly passed: number; readonly failed: number; readonly skipped: number } | null;
}

/** What a message carries out of the repository; the model's own messages carry nothing. */
export interface Sent {
  /** The tool whose result it is, `task` for what begins the conversation, `note` for a word of ours. */
  readonly by: string;
  readonly bytes: number;
  /** Files of which it shows something: path -> bytes of that. */
  readonly files?: Readonly<Record<string, number>>;
  /** What was kept back. */
  readonly withheld?: Withheld;
}

/**
 * A change of the history elsewhere than at its end. Between two of them, every request begins with the bytes of the one before it.
 * Positions count messages, the system message not among them.
 */
export interface Rewrite {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  /** Serialized messages. */
  readonly insert: readonly string[];
}

/** Why the loop ended. Only `finished` is the model's own word; the others are facts. */
export type AgentEnd =
  | { kind: 'finished'; summary: string; commitMessage: string | null }
  | {
      kind: 'stopped';
      outcome:
        | 'step_limit'
        | 'budget_exhausted'
        | 'loop_detected'
        | 'rate_limited'
        | 'quota_exhausted'
        | 'auth_failed'
        | 'api_unreachable'
        | 'content_refused'
        | 'cancelled';
      /** For Claude and the user: what happened and what to do. Never holds the key. */
      reason: Message;
      /** Whether the attempt may go on later although its outcome is a final one otherwise. */
      resumable?: true;
      /** The limit that was reached, in minutes, where it was the one of time. */
      timeLimit?: number;
    };

/** What an attempt has used so far. */
export interface AgentTotals {
  steps: number;
  usage: TokenUsage;
  cost: Cost;
  /** Requests that were sent again after an error. */
  retries: number;
}

/** The private copy that the tools work on. Implemented by delegation/ from workspace/ and sandbox/. */
export interface ToolWorkspace {
  /** Host path of the working tree (real path, no symlink). */
  readonly root: string;
  /** The path of the working tree that the model sees in prompts and command output; file tools accept both. */
  readonly shownRoot: string;
  /** The folder that the task is about, where commands start and relative paths begin; '' = the root. */
  readonly folder: string;
  /** Repository-relative paths of submodules, in which nothing is written. */
  readonly submodules: readonly string[];
  /** A private temp folder: host path, and the path under which commands see it. Outputs that are too long are kept here. */
  readonly temp: { readonly host: string; readonly shown: string };
  /** Resolves when the checkout is complete; rejects when the workspace cannot be made. Every tool awaits it. */
  readonly ready: Promise<void>;
  /** Repository-relative paths of tracked files and of untracked ones that are not ignored, sorted; those in (or at) `folder` only. */
  listFiles(signal: AbortSignal, folder?: string): Promise<string[]>;
  /** Lines that match, in files that `listFiles` would list. Throws an Error that says what is wrong with the query. */
  search(query: SearchQuery, signal: AbortSignal): Promise<SearchFound>;
  /** Runs a shell command in the sandbox, in the working tree (or a folder in it). */
  runCommand(command: string, options: ToolCommandOptions): Promise<CommandResult>;
  /** What a command that was run told as a test of something; null = it is none. */
  readRun(command: string, result: CommandResult): Promise<TestRun | null>;
  /** What of it is never sent to the model. */
  readonly neverSend: NeverSend;
  /** What the repository's own rules say of a file. */
  rulesFor(path: string, signal: AbortSignal): Promise<FileRules>;
  /** The content filter that would have to run when a file is committed, and does not; null = none. */
  filterOff(path: string, signal: AbortSignal): Promise<string | null>;
  /** Tells that a file tool changed these repository-relative paths (a hint that makes checkpoints cheap). */
  touched(paths: readonly string[]): void;
  /** Tells that a file was written that git ignores, so that the report can say so when it stays that way. */
  wroteIgnored(path: string): void;
  /** Those among the files that `touched` told of that git ignores by now, and of which neither this nor `wroteIgnored` told before. */
  newlyIgnored(signal: AbortSignal): Promise<string[]>;
}

export interface FileRules {
  /**
   * Set when git ignores the file: by which file of rules (`null` = the user's own, outside of the repository), line and pattern, and
   * whether that matches the file itself or a folder above it.
   */
  readonly ignored: { readonly rules: string | null; readonly line: number; readonly pattern: string; readonly matched: string } | null;
  /** `working-tree-encoding` of `.gitattributes`. */
  readonly encoding: string | null;
  /** The ends of lines that git writes into a working tree, and makes plain ones in what it stores; `null` = it leaves them alone. */
  readonly lineEnds: 'lf' | 'crlf' | null;
}

export interface SearchQuery {
  pattern: string;
  /** `literal`: fixed string; `regex`: extended regular expression. */
  syntax: 'literal' | 'regex';
  ignoreCase: boolean;
  /** Where to look; none = everywhere. */
  targets: readonly SearchTarget[];
  /** At most so many hits are returned. */
  limit: number;
  /** Files whose hits neither come nor count: how many there are would tell what stands in them. */
  leftOut?: (path: string) => boolean;
}

/** A folder or file by its exact repository-relative path, or a glob over whole paths (git pathspec with glob magic). */
export type SearchTarget = { readonly path: string } | { readonly glob: string };

export interface SearchFound {
  readonly hits: readonly SearchHit[];
  /** `all`: there are no more hits; otherwise what ended the search. */
  readonly end: 'all' | 'limit' | 'time';
  /** Files that were not searched, for their size. */
  readonly left?: readonly string[];
}

export interface SearchHit {
  readonly path: string;
  readonly line: number;
  /** The line; of a long one the part around the match. */
  readonly text: string;
  /** Of a part: itself, and what stands beside it in the line. */
  readonly part?: { readonly before: string; readonly text: string; readonly behind: string };
}

export interface ToolCommandOptions {
  /** Repository-relative folder to run in; '' = the root. */
  cwd: string;
  timeoutMs: number;
  /** Whether package registries may be reached. */
  network: boolean;
  signal: AbortSignal;
}

/** What a tool call gave. `text` goes to the model. */
export interface ToolResult {
  ok: boolean;
  text: string;
  /** One short line for logs and progress: `42 lines`, `exit 1 in 3.2s`. */
  summary: string;
  /** Set where something was done although `ok` is false: a command that was run, some of several edits or reads; not by what was refused. */
  ran?: true;
  /** What a command used, where that is worth a word. */
  use?: CommandUse;
  /** What a command was as a test of something. */
  run?: TestRun;
  /** Set where the exit code of a command tells only what a look found: `grep` without a match, `diff`. */
  looked?: true;
  /** Files of which `text` shows something: path -> bytes of that. */
  sent?: Readonly<Record<string, number>>;
  /** Set only by `finish`. */
  finish?: { summary: string; commitMessage: string | null };
}

/** A JSON Schema in the subset that Moonshot takes. */
export interface ToolSchema {
  type: 'object';
  properties: Record<string, unknown>;
  required: string[];
}

/**
 * One tool that Kimi may call. `parse` turns the arguments (already JSON) into its own type, or says in a sentence
 * for the model what is wrong and what is right.
 */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: ToolSchema;
  /** `read` calls of one step may run in parallel; everything else runs in order. */
  readonly effect: 'read' | 'write' | 'command' | 'finish';
  /** A short human title of a call, for progress: `npm test`, `src/app.ts`. */
  title(args: unknown): string;
  run(args: unknown, context: ToolContext): Promise<ToolResult>;
}

export interface ToolContext {
  workspace: ToolWorkspace;
  signal: AbortSignal;
  /** Default time limit of a command, ms. */
  commandTimeoutMs: number;
  /** What the model has read so far, for the read-before-overwrite guard: path -> hash of the content it saw. Owned by the tools. */
  seen: Map<string, string>;
  /** Which lines of files stand in the conversation. */
  shown: ShownInConversation;
}
