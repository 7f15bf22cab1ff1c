import { type Message, message } from '../../messages/message.ts';
import type { Outcome } from '../result/outcomes.ts';

/** Why an attempt was stopped from outside: our word for it, not the model's. */
export interface StopReason {
  readonly outcome: Extract<Outcome, 'cancelled' | 'interrupted' | 'environment_broken' | 'storage_error' | 'checks_cannot_run'>;
  readonly reason: Message;
}

export interface StopSignal {
  readonly signal: AbortSignal;
  why(): StopReason | null;
  stop(why: StopReason): void;
}

/** One signal out of the caller's (a cancelled call, a vanished client), the lease's (cancel_delegation) and our own. The first wins. */
export function stopSignal(caller: AbortSignal, lease: AbortSignal): StopSignal {
  const controller = new AbortController();
  let why: StopReason | null = null;
  const stop = (reason: StopReason) => {
    why ??= reason;
    controller.abort();
  };
  const fromCaller = () =>
    stop(
      caller.reason === 'interrupted'
        ? { outcome: 'interrupted', reason: message('end.clientGone') }
        : { outcome: 'cancelled', reason: message('end.callCancelled') },
    );
  const fromLease = () => stop({ outcome: 'cancelled', reason: message('end.cancelDelegation') });
  if (caller.aborted) fromCaller();
  else caller.addEventListener('abort', fromCaller, { once: true });
  if (lease.aborted) fromLease();
  else lease.addEventListener('abort', fromLease, { once: true });
  return { signal: controller.signal, why: () => why, stop };
}
