import type { DelegationStatus } from '../delegation/store/delegation-status.ts';
import { oneLine } from './escape-untrusted.ts';
import { activityText } from './progress-notifications.ts';
import type { CallContext, CallsOptions } from './types.ts';

/** Somebody holds the lease or nobody does: that is cheap to ask. The journal is read only for what is told. */
const LOOK_EVERY_MS = 1000;
const TELL_EVERY_MS = 10_000;

/** Where a delegation stands, by the disk: whoever runs it, in whichever process. */
export interface Watched {
  read(): Promise<DelegationStatus>;
  isHeld(): Promise<boolean>;
}

/** Waits while an attempt runs, for so many seconds at most, and tells the client how far it is. */
export async function waitForEnd(
  watched: Watched,
  seconds: number,
  { call, clock }: { call: Pick<CallContext, 'signal' | 'progress'>; clock: CallsOptions['clock'] },
): Promise<DelegationStatus> {
  const began = clock.now();
  const passed = () => clock.now() - began;
  let lastProgress = Number.NEGATIVE_INFINITY;
  let status = await watched.read();
  while (status.state === 'running' && passed() < seconds * 1000 && !call.signal.aborted) {
    if (passed() - lastProgress >= TELL_EVERY_MS) {
      lastProgress = passed();
      const activity = status.activity ? activityText(status.activity) : 'working';
      call.progress({
        progress: lastProgress / 1000 + 1,
        total: seconds + 1,
        message: oneLine(`step ${status.step}/${status.maxSteps} · ${activity}`, 200),
      });
    }
    await clock.sleep(LOOK_EVERY_MS, call.signal);
    if (passed() - lastProgress >= TELL_EVERY_MS || !(await watched.isHeld())) status = await watched.read();
  }
  return status.state === 'running' ? watched.read() : status;
}
