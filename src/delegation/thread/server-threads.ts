/**
 * Runs attempts, decisions and looks in threads of their own. What a model, its commands or a repository have made is read there, and however long that
 * takes, whoever answers the client waits for none of it: progress, other calls, and a cancel.
 */
import { message } from '../../messages/message.ts';
import type { ChangeLimits } from '../../workspace/read-change.ts';
import type { Change, Repository } from '../../workspace/types.ts';
import type { delegate } from '../delegate.ts';
import type { Keeping } from '../housekeeping/retention.ts';
import { ErrorWithOutcome } from '../result/error-outcome.ts';
import { fallbackNeeded } from '../result/outcomes.ts';
import type { Decision } from '../review/decision.ts';
import type { Listed } from '../review/list-with-endings.ts';
import type { MergeContext } from '../review/merged-tree.ts';
import type { DelegationStatus } from '../store/delegation-status.ts';
import type { Deciding, Question } from './messages.ts';
import { type WorkThread, type WorkThreadOptions, workThread } from './work-thread.ts';

/** Somebody who reviews decides soon after looking; then the thread is of no use for long. */
const IDLE_MS = 60_000;

const ATTEMPTS_GONE: WorkThreadOptions['why'] = {
  deaf: (seconds) => message('end.threadDeaf', { seconds }),
  ended: (why) => message('end.threadEnded', { why }),
};
const DECISIONS_GONE: WorkThreadOptions['why'] = {
  deaf: (seconds) => message('decide.threadDeaf', { seconds }),
  ended: (why) => message('decide.threadEnded', { why }),
};

/** What is done in other threads for a server. */
export interface Threads {
  readonly delegate: typeof delegate;
  /** Merges, discards, restores. @throws ErrorWithOutcome */
  decide(deciding: Deciding, context: Omit<MergeContext, 'now'>): Promise<Decision>;
  /** What is over since so long that nobody wants it: once a day. @throws ErrorWithOutcome */
  removeExpired(stateDir: string, keeping: Keeping): Promise<null>;
  /** Where a delegation stands. @throws ErrorWithOutcome */
  readStatus(stateDir: string, id: string, signal: AbortSignal): Promise<DelegationStatus>;
  /** The delegations of a repository. @throws ErrorWithOutcome */
  list(stateDir: string, repository: Repository, signal: AbortSignal): Promise<Listed[]>;
  /** Reads what an attempt changed. @throws ErrorWithOutcome */
  readChange(
    where: { stateDir: string; gitDir: string },
    range: { base: string; tip: string },
    limits: ChangeLimits,
    signal: AbortSignal,
  ): Promise<Change>;
  /** Loads what the first attempt needs; `folder` is where it will probably be. */
  warmUp(folder: string): void;
  /** Ends the threads. What still runs in them is left as by a server that is killed: attempts can be resumed, and merges are whole or not there. @returns as `WorkThread` */
  close(): Promise<boolean>;
}

/**
 * One thread for all attempts, as each costs 26 MB, and one for decisions and looks while there are some: an attempt that reads for long
 * holds up none of those.
 */
export function serverThreads(options: Omit<WorkThreadOptions, 'idleMs' | 'why'>): Threads {
  const attempts = workThread({ ...options, why: ATTEMPTS_GONE });
  const decisions = workThread({ ...options, why: DECISIONS_GONE, idleMs: IDLE_MS });
  return {
    delegate: delegateIn(attempts),
    decide(deciding, { repository, stateDir, branch, settings, env, ...door }) {
      return decisions.run({ what: 'decide', deciding, context: { repository, stateDir, branch, settings, env: { ...env } } }, door);
    },
    removeExpired: (stateDir, keeping) =>
      attempts.run({ what: 'removeExpired', stateDir, keeping }, { signal: new AbortController().signal }),
    readStatus: (stateDir, id, signal) => decisions.run({ what: 'status', stateDir, id }, { signal }),
    list: (stateDir, { root, commonDir, user }, signal) =>
      decisions.run({ what: 'list', stateDir, repository: { root, commonDir, user } }, { signal }),
    readChange: ({ stateDir, gitDir }, { base, tip }, limits, signal) =>
      decisions.run({ what: 'readChange', stateDir, gitDir, base, tip, limits }, { signal }),
    warmUp: attempts.warmUp,
    async close() {
      return (await Promise.all([attempts.close(), decisions.close()])).every(Boolean);
    },
  };
}

function delegateIn(thread: WorkThread): typeof delegate {
  return async (request, context) => {
    const opening = (await Promise.resolve(context.opening).catch(() => undefined)) ?? null;
    const { settings, stateDir, env } = context;
    const asks = (['outside', 'withheld', 'refused', 'caller'] as const satisfies Question[]).filter((what) => context[what]);
    try {
      return await thread.run({ what: 'delegate', request, context: { settings, stateDir, env: { ...env } }, opening, asks }, context);
    } catch (error) {
      if (!(error instanceof ErrorWithOutcome)) throw error;
      const { outcome, reason } = error;
      const { maxAttempts } = settings.values;
      return { kind: 'refused', outcome, reason, fallbackNeeded: fallbackNeeded(outcome, 1, maxAttempts), branch: request.branch };
    }
  };
}
