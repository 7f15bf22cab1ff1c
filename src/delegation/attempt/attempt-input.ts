import type { Message } from '../../messages/message.ts';
import type { Repository } from '../../workspace/types.ts';
import type { DelegateContext, DelegateRequest } from '../delegate-request.ts';
import type { Prefetch } from '../first-request/prefetch.ts';
import type { AttemptState } from '../journal/fold-journal.ts';
import type { JournalEvent, StartEvent } from '../journal/journal.ts';
import type { DelegationFolder, StoredAttempt } from '../store/delegation-folder.ts';
import type { Lease } from '../store/lease.ts';

/** A call that has the lease of its delegation: what was asked, and where it is done. */
export interface Call {
  readonly request: DelegateRequest;
  readonly context: DelegateContext;
  readonly repository: Repository;
  readonly folder: DelegationFolder;
  readonly lease: Lease;
  /** The commit of the branch when the lease was taken; null = there was none. */
  readonly tip: string | null;
  /** What git was asked when the call came in. */
  readonly prefetched: Prefetch;
}

/** What an attempt starts with. */
export interface AttemptStart {
  readonly event: StartEvent;
  /** Whether the user's uncommitted changes are to be made a part of the base: asked for, and possible. */
  readonly snapshot: boolean;
  /** What the call asked for in vain, a sentence each. */
  readonly notes: readonly Message[];
}

/** What came before an attempt in its delegation. */
export interface Predecessors {
  /** The attempts that it corrects, oldest first. */
  readonly earlier: readonly StoredAttempt[];
  /** Those of them that count as failed. */
  readonly failed: number;
}

/** How an attempt goes on that stopped before. */
export interface Continuation {
  /** null = its journal does not even tell how it began. */
  readonly state: AttemptState | null;
  /** For the worker: what has changed since, in our words or in those of the caller. */
  readonly message: string | null;
  /** Of the time limit, by runs of this attempt that it ended. */
  readonly minutesUsed: number;
}

/** Where an attempt is written down. */
export interface AttemptRecord {
  /** For its result. */
  readonly folder: string;
  emit(event: JournalEvent): void;
}

export interface AttemptInput {
  readonly call: Call;
  readonly start: AttemptStart;
  readonly before: Predecessors;
  /** null = the attempt is new. */
  readonly continuation: Continuation | null;
  readonly record: AttemptRecord;
}
