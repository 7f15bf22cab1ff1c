import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { type WatchedBranches, waitForEnd } from '../../../src/vscode/task/wait-for-end.ts';
import { ended, unfinished } from '../sample-records.ts';

/** A window whose delegation a test moves on. */
function playWindow(first: DelegationRecord | null) {
  let record = first;
  const listeners = new Set<() => void>();
  const window: WatchedBranches = {
    findByBranch: (worktree, branch) => (record && worktree === '/r' && branch === 'b' ? delegationItem(record, null) : undefined),
    refresh: async () => {},
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const become = (next: DelegationRecord) => {
    record = next;
    for (const listener of [...listeners]) listener();
  };
  return { window, become, listeners };
}
const cancelled = ended({ outcome: 'cancelled', tip: null, change: null });

describe('waiting for a cancelled attempt to stop', () => {
  it('goes on as soon as the row is not running any more, and then it can be resumed', async () => {
    const { window, become, listeners } = playWindow(unfinished('running'));
    const waiting = waitForEnd(window, '/r', 'b', 60_000);
    await new Promise(setImmediate);
    become(unfinished('running', { step: 4 }));
    assert.equal(listeners.size, 1, 'it still waits');
    become(cancelled);
    assert.ok((await waiting)?.actions.has('resume'));
    assert.equal(listeners.size, 0);
  });

  it('waits for nothing when nothing runs, or nothing is there', async () => {
    assert.equal((await waitForEnd(playWindow(cancelled).window, '/r', 'b', 60_000))?.group, 'attention');
    assert.equal(await waitForEnd(playWindow(null).window, '/r', 'b', 60_000), undefined);
  });

  it('gives up after a while', async () => {
    const { window, listeners } = playWindow(unfinished('running'));
    assert.equal((await waitForEnd(window, '/r', 'b', 1))?.group, 'running');
    assert.equal(listeners.size, 0);
  });
});
