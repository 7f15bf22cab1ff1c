import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { findByBranch } from '../../../src/vscode/delegations/snapshot.ts';
import { ownTasks } from '../../../src/vscode/task/own-tasks.ts';
import { memory } from '../memory.ts';
import { ended, identity } from '../sample-records.ts';

const begun = (branch: string, repository: string) =>
  delegationItem(ended({}, { identity: { ...identity(branch, `id of ${branch}`), repository } }), null);

describe('the tasks of a window', () => {
  it('are those that it works on, and a reload tells of those that it has stopped', async () => {
    const kept = memory();
    const before = ownTasks(kept);
    const work = Promise.withResolvers<void>();
    const done = before.during('/work/shop', 'feature/x', () => work.promise);
    const other = begun('feature/x', '/work/shop');
    assert.ok(before.has(other, () => other));
    assert.ok(!before.has(begun('feature/y', '/work/shop'), () => other));
    assert.deepEqual(ownTasks(kept).stopped, [['/work/shop', 'feature/x']]);
    work.resolve();
    await done;
    assert.ok(!before.has(other, () => other));
    assert.deepEqual(ownTasks(kept).stopped, []);
  });

  it('are told as stopped also where their calls end while the window closes', async () => {
    const kept = memory();
    const window = ownTasks(kept);
    const work = Promise.withResolvers<void>();
    const done = window.during('/work/shop', 'feature/x', () => work.promise);
    window.windowCloses();
    work.reject(new Error('The window is closing.'));
    await assert.rejects(done);
    assert.deepEqual(ownTasks(kept).stopped, [['/work/shop', 'feature/x']]);
    assert.deepEqual(ownTasks(kept).stopped, [], 'once');
  });

  it('are found in whatever working tree they were begun, and go on', async () => {
    const commonDir = '/work/shop/.git';
    const opened = (root: string) => ({ folder: root, root, gitDir: `${commonDir}/worktrees/x`, commonDir });
    const delegation = begun('feature/x', '/work/shop-first');
    const places: [string, readonly string[], readonly [string, string][]][] = [
      ['the one that is open', ['/work/shop-linked'], [[commonDir, '/work/shop-linked']]],
      ['the second that is open', ['/work/other', '/work/shop-linked'], [[commonDir, '/work/other']]],
      ['none that is open, where another delegation was begun', [], [[commonDir, '/work/shop-linked']]],
    ];
    for (const [name, roots, worktrees] of places) {
      const snapshot = {
        open: { folders: [], repositories: roots.map(opened), unborn: [] },
        worktrees: new Map(worktrees),
        delegations: [begun('feature/y', '/work/shop-linked'), delegation],
      };
      const window = ownTasks(memory());
      await window.during('/work/shop-linked', 'feature/x', async () => {
        assert.ok(
          window.has(delegation, (worktree, branch) => findByBranch(snapshot, worktree, branch)),
          name,
        );
      });
    }
  });
});
