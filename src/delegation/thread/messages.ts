/** What the server's thread and the one of the attempts say to each other. Everything is copied on the way: no functions. */
import type { Caller } from '../../economics/saving.ts';
import type { Message } from '../../messages/message.ts';
import type { RepositoryOpening } from '../../workspace/open-repository.ts';
import type { Repository } from '../../workspace/types.ts';
import type { Answer } from '../delegate.ts';
import type { DelegateContext, DelegateRequest } from '../delegate-request.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { AttemptResult } from '../result/result-schema.ts';

/** What an attempt asks of the door that began it, with what it gives and gets. */
export interface Questions {
  outside: { readonly about: Repository; readonly answer: Message | null };
  withheld: { readonly about: null; readonly answer: Message | null };
  refused: { readonly about: null; readonly answer: Message | null };
  caller: { readonly about: AttemptResult; readonly answer: Caller | null };
}
export type Question = keyof Questions;

/** What of a door's context can be copied. */
export type CopiedContext = Pick<DelegateContext, 'settings' | 'stateDir' | 'env'>;

export type ToThread =
  | { readonly kind: 'warmUp'; readonly folder: string }
  /** @property asks the questions that the door answers */
  | {
      readonly kind: 'start';
      readonly call: number;
      readonly request: DelegateRequest;
      readonly context: CopiedContext;
      readonly opening: RepositoryOpening | null;
      readonly asks: readonly Question[];
    }
  | { readonly kind: 'abort'; readonly call: number; readonly reason: unknown }
  | { readonly kind: 'answer'; readonly question: number; readonly answer: unknown }
  /** The door could not say; `reason` is for whoever called. */
  | { readonly kind: 'noAnswer'; readonly question: number; readonly said: string; readonly reason: Message | null }
  | { readonly kind: 'areYouThere' }
  | { readonly kind: 'end' };

export type FromThread =
  | { readonly kind: 'event'; readonly call: number; readonly event: JournalEvent; readonly attempt: { number: number; maxSteps: number } }
  | { readonly kind: 'ask'; readonly call: number; readonly question: number; readonly what: Question; readonly about: unknown }
  | { readonly kind: 'ended'; readonly call: number; readonly answer: Answer }
  | { readonly kind: 'here' };
