/** What the server's thread and those that do its work say to each other. Everything is copied on the way: no functions. */
import type { Caller } from '../../economics/saving.ts';
import type { Message } from '../../messages/message.ts';
import type { RepositoryOpening } from '../../workspace/open-repository.ts';
import type { ChangeLimits } from '../../workspace/read-change.ts';
import type { Change, Repository } from '../../workspace/types.ts';
import type { Answer } from '../delegate.ts';
import type { DelegateContext, DelegateRequest } from '../delegate-request.ts';
import type { Keeping } from '../housekeeping/retention.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { Outcome } from '../result/outcomes.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import type { Decision } from '../review/decision.ts';
import type { DiscardOptions } from '../review/discard-delegation.ts';
import type { Listed } from '../review/list-with-endings.ts';
import type { MergeOptions } from '../review/merge-delegation.ts';
import type { MergeContext } from '../review/merged-tree.ts';
import type { DelegationStatus } from '../store/delegation-status.ts';

/** What an attempt asks of the door that began it, with what it gives and gets. */
export interface Questions {
  outside: { readonly about: Repository; readonly answer: Message | null };
  withheld: { readonly about: null; readonly answer: Message | null };
  refused: { readonly about: null; readonly answer: Message | null };
  caller: { readonly about: AttemptResult; readonly answer: Caller | null };
}
export type Question = keyof Questions;

/** A decision about a delegation. */
export type Deciding =
  | { readonly kind: 'merge'; readonly options: MergeOptions }
  | { readonly kind: 'discard'; readonly options: DiscardOptions }
  | { readonly kind: 'restore' }
  | { readonly kind: 'undoMerge' };

/** What is done in a thread, each with what of its door's context can be copied. */
export type Job =
  | {
      readonly what: 'delegate';
      readonly request: DelegateRequest;
      readonly context: Pick<DelegateContext, 'settings' | 'stateDir' | 'env'>;
      readonly opening: RepositoryOpening | null;
      /** The questions that the door answers. */
      readonly asks: readonly Question[];
    }
  | {
      readonly what: 'decide';
      readonly deciding: Deciding;
      readonly context: Pick<MergeContext, 'repository' | 'stateDir' | 'branch' | 'settings' | 'env'>;
    }
  | { readonly what: 'removeExpired'; readonly stateDir: string; readonly keeping: Keeping }
  | { readonly what: 'status'; readonly stateDir: string; readonly id: string }
  | { readonly what: 'list'; readonly stateDir: string; readonly repository: Pick<Repository, 'root' | 'commonDir' | 'user'> }
  | {
      readonly what: 'readChange';
      readonly stateDir: string;
      readonly gitDir: string;
      readonly base: string;
      readonly tip: string;
      readonly limits: ChangeLimits;
    };

export interface JobAnswers {
  readonly delegate: Answer;
  readonly decide: Decision;
  readonly removeExpired: null;
  readonly status: DelegationStatus;
  readonly list: Listed[];
  readonly readChange: Change;
}

export type ToThread =
  | { readonly kind: 'warmUp'; readonly folder: string }
  | { readonly kind: 'start'; readonly call: number; readonly job: Job }
  | { readonly kind: 'abort'; readonly call: number; readonly reason: unknown }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: unknown }
  /** The door could not say; `reason` is for whoever called. */
  | { readonly kind: 'noAnswer'; readonly question: number; readonly said: string; readonly reason: Message | null }
  | { readonly kind: 'areYouThere' }
  | { readonly kind: 'end' };

export type FromThread =
  | { readonly kind: 'event'; readonly call: number; readonly event: JournalEvent; readonly attempt: { number: number; maxSteps: number } }
  | { readonly kind: 'ask'; readonly call: number; readonly question: number; readonly what: Question; readonly about: unknown }
  | { readonly kind: 'ended'; readonly call: number; readonly answer: JobAnswers[Job['what']] }
  /** It threw; an exception itself does not cross over whole. */
  | { readonly kind: 'failed'; readonly call: number; readonly outcome: Outcome; readonly reason: Message }
  | { readonly kind: 'here' };
