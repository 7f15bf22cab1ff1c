/** A process that takes a lease. `hold`: says `held` or `busy <pid>`, and holds until it is killed, on the machine that is given. `rounds`: takes and releases it again and again. */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { acquireLease } from '../../../src/delegation/store/lease.ts';

const [folder = '', mode = 'hold', count = '0'] = process.argv.slice(2);

if (mode === 'hold') {
  const acquired = await acquireLease(folder, 1, Date.now, count === '0' ? undefined : JSON.parse(count));
  console.log(acquired.ok ? 'held' : `busy ${acquired.holder.pid}`);
  if (acquired.ok) acquired.lease.cancelled.addEventListener('abort', () => console.log('cancelled'));
  process.stdin.resume().on('end', () => process.exit(0));
} else {
  let held = 0;
  for (let round = 0; round < Number(count); round++) {
    const acquired = await acquireLease(folder, 1, Date.now);
    if (!acquired.ok) continue;
    held++;
    const alone = path.join(folder, 'inside'); // can be made by one process at a time only
    try {
      closeSync(openSync(alone, 'wx'));
      await new Promise(setImmediate);
      unlinkSync(alone);
    } catch {
      console.log('two at once');
    }
    acquired.lease.release();
  }
  console.log(`done ${held}`);
}
