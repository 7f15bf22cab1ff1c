/** What a call asks, and what a door lends to it. */

import type { TaskKind } from '../common/task-kind.ts';
import type { ResolvedSettings } from '../config.ts';
import type { Caller } from '../economics/saving.ts';
import type { Message } from '../messages/message.ts';
import type { RepositoryOpening } from '../workspace/open-repository.ts';
import type { Repository } from '../workspace/types.ts';
import type { JournalEvent } from './journal/journal.ts';
import type { AttemptResult } from './result/result-schema.ts';

/** One call of implement_feature, write_tests or fix_bug; `task: null` is resume_delegation. */
export interface DelegateRequest {
  readonly kind: TaskKind;
  readonly repoPath: string;
  readonly branch: string;
  readonly task: string | null;
  readonly base?: string | undefined;
  readonly includeUncommitted?: boolean | undefined;
  readonly checks: readonly string[];
  readonly scope: readonly string[];
  /** The attempt that the caller means, when they say so. */
  readonly attempt?: number | undefined;
  /** A person asks by hand: the limit of attempts, which bounds what Claude may try by itself, does not hold. */
  readonly byPerson?: boolean | undefined;
}

/** What a door lends to a delegation. */
export interface DelegateContext {
  readonly settings: ResolvedSettings;
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The repository of the request, when the door began to open it while it gathered the settings. */
  readonly opening?: Promise<RepositoryOpening> | undefined;
  /** Why this repository is outside of what the client may touch, or null. */
  outside(repository: Repository): Promise<Message | null>;
  /** Why the user's code may not be sent to the model, or null; may ask the user and take minutes. Asked just before money is spent. */
  withheld?(): Promise<Message | null>;
  /** Why nothing more may be sent, by what the user has decided since: an attempt may go on for hours. Asked before each request. */
  refused?(): Promise<Message | null>;
  /** What the call put into the context of the client's own model, with this result as its answer; null where the door cannot tell. */
  caller?(result: AttemptResult): Promise<Caller | null>;
  /** Aborts with the reason `'cancelled'` (somebody asked) or `'interrupted'` (the client or this process goes away). */
  readonly signal: AbortSignal;
  /** Every journal event as it happens, after it is on disk. */
  onEvent(event: JournalEvent, attempt: { number: number; maxSteps: number }): void;
  readonly clock: { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void>; random(): number };
  readonly fetch?: typeof fetch | undefined;
}
