/** What a call asks, what a door lends, and what an attempt works with: the words that the rooms of a delegation share. */
import type { ResolvedSettings } from '../config.ts';
import type { RepositoryOpening } from '../workspace/repository.ts';
import type { Repository } from '../workspace/types.ts';
import type { AttemptState } from './attempt-state.ts';
import type { ReadAhead } from './first-request/read-ahead.ts';
import type { JournalEvent, StartEvent } from './journal.ts';
import type { Lease } from './lease.ts';
import type { DelegationFolder, StoredAttempt } from './store.ts';

/** One call of implement_feature, write_tests or fix_bug; `task: null` is resume_delegation. */
export interface DelegateRequest {
  readonly kind: 'feature' | 'tests' | 'bug';
  readonly repoPath: string;
  readonly branch: string;
  readonly task: string | null;
  readonly base?: string | undefined;
  readonly includeUncommitted?: boolean | undefined;
  readonly checks: readonly string[];
  readonly scope: readonly string[];
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
  outside(repository: Repository): Promise<string | null>;
  /** Why the user's code may not be sent to the model, or null; may ask the user and take minutes. Asked just before money is spent. */
  withheld?(): Promise<string | null>;
  /** Aborts with the reason `'cancelled'` (somebody asked) or `'interrupted'` (the client or this process goes away). */
  readonly signal: AbortSignal;
  /** Every journal event as it happens, after it is on disk. */
  onEvent(event: JournalEvent, attempt: { number: number; maxSteps: number }): void;
  readonly clock: { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void>; random(): number };
  readonly fetch?: typeof fetch | undefined;
}

export interface AttemptInput {
  readonly request: DelegateRequest;
  readonly context: DelegateContext;
  readonly repository: Repository;
  readonly folder: DelegationFolder;
  /** Where journal and result of this attempt lie. */
  readonly place: { readonly number: number; readonly folder: string };
  readonly start: StartEvent;
  /** Set when an attempt goes on that stopped half-way. */
  readonly resumed: AttemptState | null;
  /** Whether the user's uncommitted changes are to be made a part of the base. */
  readonly snapshot: boolean;
  /** What the reader of the report should know about the call itself. */
  readonly notes: readonly string[];
  /** Told to the worker when its attempt goes on: what has changed since. */
  readonly news: string | null;
  /** Of the time limit, by runs of this attempt that it ended. */
  readonly minutesUsed: number;
  /** The attempts that this one corrects, oldest first. */
  readonly earlier: readonly StoredAttempt[];
  /** Attempts before this one that count as failed. */
  readonly failedBefore: number;
  readonly lease: Lease;
  /** What git was asked when the call came in. */
  readonly ahead: Pick<ReadAhead, 'files' | 'wanted'>;
  emit(event: JournalEvent): void;
}
