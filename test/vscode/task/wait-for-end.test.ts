import assert from 'node:assert/strict';
import { standingOf } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationView } from '../../../src/vscode/feed/delegation-reader.ts';
import { type SettlingSession, settled } from '../../../src/vscode/task/wait-for-end.ts';
import { ended, unfinished } from '../results.ts';

/** A session whose delegation a test moves on. */
function playSession(first: DelegationView | null) {
  let view = first;
  const listeners = new Set<() => void>();
  const session: SettlingSession = {
    findBranch: (root, branch) => (view && root === '/r' && branch === 'b' ? standingOf(view, null) : undefined),
    refresh: async () => {},
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
  const become = (next: DelegationView) => {
    view = next;
    for (const listener of [...listeners]) listener();
  };
  return { session, become, listeners };
}
const cancelled = ended({ outcome: 'cancelled', tip: null, change: null });

describe('waiting for a cancelled attempt to stop', () => {
  it('goes on as soon as the row is not running any more, and then it can be resumed', async () => {
    const { session, become, listeners } = playSession(unfinished('running'));
    const waiting = settled(session, '/r', 'b', 60_000);
    await new Promise(setImmediate);
    become(unfinished('running', { step: 4 }));
    assert.equal(listeners.size, 1, 'it still waits');
    become(cancelled);
    assert.ok((await waiting)?.actions.has('resume'));
    assert.equal(listeners.size, 0);
  });

  it('waits for nothing when nothing runs, or nothing is there', async () => {
    assert.equal((await settled(playSession(cancelled).session, '/r', 'b', 60_000))?.group, 'attention');
    assert.equal(await settled(playSession(null).session, '/r', 'b', 60_000), undefined);
  });

  it('gives up after a while', async () => {
    const { session, listeners } = playSession(unfinished('running'));
    assert.equal((await settled(session, '/r', 'b', 1))?.group, 'running');
    assert.equal(listeners.size, 0);
  });
});
