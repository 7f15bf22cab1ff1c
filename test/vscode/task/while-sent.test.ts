import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import type { WatchedBranches } from '../../../src/vscode/task/wait-for-end.ts';
import { whileSent } from '../../../src/vscode/task/while-sent.ts';
import { ended, start, unfinished } from '../sample-records.ts';

const CALL = { repository: '/r', branch: 'b' };
const TEXT = 'src/a.ts:3: It shall begin at 40.00.';

/** A window, a call that a test ends, and how often the text was taken from what is to be sent. */
function play(before: DelegationRecord | null) {
  let record = before;
  const listeners = new Set<() => void>();
  const window: WatchedBranches = {
    findByBranch: () => (record ? delegationItem(record, null) : undefined),
    refresh: async () => {},
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const call = Promise.withResolvers<{ outcome: string | null }>();
  const counted = { sent: 0 };
  const done = whileSent(window, CALL, { text: TEXT, sent: () => counted.sent++ }, () => call.promise);
  const become = (next: DelegationRecord) => {
    record = next;
    for (const listener of [...listeners]) listener();
  };
  return { become, call, counted, done, listeners };
}
const runs = (task = TEXT, number = 2): DelegationRecord => {
  const { attempts, ...first } = ended();
  const [second] = unfinished('running', { number, start: { ...start, task }, lastAt: Date.now() + 1 }).attempts;
  return { ...first, state: 'running', runningSince: 1, attempts: [...attempts, second!] };
};

describe('what the user has written for an attempt', () => {
  it('counts as sent when the attempt begins, once, and not first when somebody has read how it ended', async () => {
    const { become, call, counted, done, listeners } = play(ended());
    become(ended());
    assert.equal(counted.sent, 0, 'the attempt has not begun');
    become(runs());
    assert.equal(counted.sent, 1);
    become(runs());
    call.resolve({ outcome: 'checks_failed' });
    assert.deepEqual(await done, { outcome: 'checks_failed' });
    assert.deepEqual([counted.sent, listeners.size], [1, 0]);
  });

  it("is kept where the branch is busy with somebody else's attempt, or the call is refused", async () => {
    const busy = play(ended());
    busy.become(runs('Something else.'));
    busy.call.resolve({ outcome: 'busy' });
    await busy.done;
    const refused = play(ended());
    refused.call.resolve({ outcome: 'invalid_request' });
    await refused.done;
    const silent = play(null);
    silent.call.resolve({ outcome: null });
    await silent.done;
    assert.deepEqual([busy.counted.sent, refused.counted.sent, silent.counted.sent], [0, 0, 0]);
  });

  it('is kept where the server dies before an attempt began, and sent where it dies after', async () => {
    const before = play(ended());
    before.call.reject(new Error('the server ended'));
    await assert.rejects(before.done, /the server ended/);
    assert.equal(before.counted.sent, 0);
    const after = play(ended());
    after.become(runs());
    after.call.reject(new Error('the server ended'));
    await assert.rejects(after.done, /the server ended/);
    assert.equal(after.counted.sent, 1);
  });

  it('is sent where the attempt goes on that was interrupted, or has the words in another form', async () => {
    const resumed = play(unfinished('interrupted', { lastAt: 1 }));
    resumed.become(runs('The first task.', 1));
    resumed.call.resolve({ outcome: 'ready' });
    await resumed.done;
    assert.equal(resumed.counted.sent, 1);
  });
});
