/** The other side: a thread in which attempts run, or decisions and looks. */
import type { MessagePort } from 'node:worker_threads';
import { proxyFetch } from '../../agent/model/proxy-fetch.ts';
import { realClock } from '../../common/clock.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { askMounts } from '../../sandbox/ask-mounts.ts';
import { gitUntil } from '../../workspace/limit-git.ts';
import { readChange } from '../../workspace/read-change.ts';
import { delegate } from '../delegate.ts';
import type { DelegateContext } from '../delegate-request.ts';
import { warmUp } from '../first-request/warm-up.ts';
import { removeExpired } from '../housekeeping/retention.ts';
import { errorOutcome } from '../result/error-outcome.ts';
import { discardDelegation } from '../review/discard-delegation.ts';
import { listWithEndings } from '../review/list-with-endings.ts';
import { mergeDelegation } from '../review/merge-delegation.ts';
import type { MergeContext } from '../review/merged-tree.ts';
import { restoreDelegation } from '../review/restore-delegation.ts';
import { undoMerge } from '../review/undo-merge.ts';
import { readStatus } from '../store/delegation-status.ts';
import type { Deciding, FromThread, Job, JobAnswers, Question, Questions, ToThread } from './messages.ts';

type JobOf<W extends Job['what']> = Extract<Job, { what: W }>;

/** Runs what it is told to, any number at a time, until the thread ends. */
export function serveJobs(port: MessagePort): void {
  const running = new Map<number, AbortController>();
  const asked = new Map<number, { resolve(answer: unknown): void; reject(error: unknown): void }>();
  let questions = 0;
  const tell = (what: FromThread) => port.postMessage(what);

  const ask = <Q extends Question>(call: number, what: Q, about: Questions[Q]['about']) =>
    new Promise<Questions[Q]['answer']>((resolve, reject) => {
      const question = questions++;
      asked.set(question, { resolve: resolve as (answer: unknown) => void, reject });
      tell({ kind: 'ask', call, question, what, about });
    });

  async function attempt(call: number, { request, context, opening, asks }: JobOf<'delegate'>, signal: AbortSignal) {
    const proxied = await proxyFetch(context.env);
    const own: DelegateContext = {
      ...context,
      ...(opening && { opening: Promise.resolve(opening) }),
      outside: (repository) => ask(call, 'outside', repository),
      ...(asks.includes('withheld') && { withheld: () => ask(call, 'withheld', null) }),
      ...(asks.includes('refused') && { refused: () => ask(call, 'refused', null) }),
      ...(asks.includes('caller') && { caller: (result) => ask(call, 'caller', result) }),
      signal,
      onEvent: (event, which) => tell({ kind: 'event', call, event, attempt: which }),
      clock: realClock,
      fetch: proxied.ok ? proxied.fetch : undefined,
    };
    return delegate(request, own);
  }

  function answerTo(call: number, job: Job, signal: AbortSignal): Promise<JobAnswers[Job['what']]> {
    if (job.what === 'delegate') return attempt(call, job, signal);
    return gitUntil(signal, () => {
      if (job.what === 'removeExpired') return removeExpired(job.stateDir, job.keeping, realClock.now).then(() => null);
      if (job.what === 'status') return readStatus(job.stateDir, job.id);
      if (job.what === 'list') return listWithEndings(job.stateDir, job.repository);
      if (job.what === 'readChange') return readChange({ gitDir: job.gitDir }, job.base, job.tip, job.limits, signal);
      const none = { number: 0, maxSteps: 0 };
      const onEvent: MergeContext['onEvent'] = (event) => tell({ kind: 'event', call, event, attempt: none });
      return decide(job.deciding, { ...job.context, now: realClock.now, signal, onEvent });
    });
  }

  async function start(call: number, job: Job): Promise<void> {
    const controller = new AbortController();
    running.set(call, controller);
    try {
      await askMounts(); // what the server's own thread found is not known in this one
      tell({ kind: 'ended', call, answer: await answerTo(call, job, controller.signal) });
    } catch (error) {
      const [stateDir, place] = placesOf(job);
      tell({ kind: 'failed', call, ...errorOutcome(error, stateDir, place) });
    } finally {
      running.delete(call);
    }
  }

  port.on('message', (told: ToThread) => {
    if (told.kind === 'warmUp') void warmUp(told.folder).catch(() => {});
    else if (told.kind === 'start') void start(told.call, told.job);
    else if (told.kind === 'abort') running.get(told.call)?.abort(told.reason);
    else if (told.kind === 'areYouThere') tell({ kind: 'here' });
    else if (told.kind === 'end') process.exit();
    else {
      const waiting = asked.get(told.question);
      asked.delete(told.question);
      if (told.kind === 'answer') waiting?.resolve(told.answer);
      else waiting?.reject(told.reason ? new ErrorWithReason(told.reason) : new Error(told.said));
    }
  });
}

function decide(deciding: Deciding, context: MergeContext) {
  switch (deciding.kind) {
    case 'merge':
      return mergeDelegation(context, deciding.options);
    case 'discard':
      return discardDelegation(context, deciding.options);
    case 'restore':
      return restoreDelegation(context);
    case 'undoMerge':
      return undoMerge(context);
  }
}

/** The state directory, and the repository: what the words about a fault go by. */
function placesOf(job: Job): [stateDir: string, place: string | undefined] {
  if (job.what === 'status' || job.what === 'removeExpired') return [job.stateDir, undefined];
  if (job.what === 'list') return [job.stateDir, job.repository.root];
  if (job.what === 'readChange') return [job.stateDir, job.gitDir];
  return [job.context.stateDir, job.what === 'decide' ? job.context.repository.root : job.request.repoPath];
}
