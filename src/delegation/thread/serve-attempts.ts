/** The side of the thread in which attempts run. */
import type { MessagePort } from 'node:worker_threads';
import { proxyFetch } from '../../agent/model/proxy-fetch.ts';
import { realClock } from '../../common/clock.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { delegate } from '../delegate.ts';
import type { DelegateContext } from '../delegate-request.ts';
import { warmUp } from '../first-request/warm-up.ts';
import type { FromThread, Question, Questions, ToThread } from './messages.ts';

/** Runs what it is told to, any number at a time, until the thread ends. */
export function serveAttempts(port: MessagePort): void {
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

  async function start({ call, request, context, opening, asks }: Extract<ToThread, { kind: 'start' }>): Promise<void> {
    const controller = new AbortController();
    running.set(call, controller);
    const proxied = await proxyFetch(context.env);
    const own: DelegateContext = {
      ...context,
      ...(opening && { opening: Promise.resolve(opening) }),
      outside: (repository) => ask(call, 'outside', repository),
      ...(asks.includes('withheld') && { withheld: () => ask(call, 'withheld', null) }),
      ...(asks.includes('refused') && { refused: () => ask(call, 'refused', null) }),
      ...(asks.includes('caller') && { caller: (result) => ask(call, 'caller', result) }),
      signal: controller.signal,
      onEvent: (event, attempt) => tell({ kind: 'event', call, event, attempt }),
      clock: realClock,
      fetch: proxied.ok ? proxied.fetch : undefined,
    };
    const answer = await delegate(request, own);
    running.delete(call);
    tell({ kind: 'ended', call, answer });
  }

  port.on('message', (told: ToThread) => {
    if (told.kind === 'warmUp') void warmUp(told.folder).catch(() => {});
    else if (told.kind === 'start') void start(told);
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
