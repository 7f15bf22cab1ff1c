import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { mayAsk } from '../../../src/vscode/delegations/may-ask.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { buildRows } from '../../../src/vscode/tree/rows.ts';
import { type RepositoryBranches, readBranches } from '../../../src/workspace/repository-branches.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { ended, TIP, unfinished } from '../sample-records.ts';

const BRANCH = 'feature/rate-limiting';
const OTHER = 'c'.repeat(40);
const branches = (
  tips: Record<string, string>,
  more: Partial<RepositoryBranches> & { merged?: ReadonlySet<string> } = {},
): RepositoryBranches => ({
  tips: new Map(Object.entries(tips)),
  merged: new Set(),
  head: 'main',
  ...more,
});
/** A delegation with several attempts; the last one decides about its state. */
const several = (...records: DelegationRecord[]): DelegationRecord => ({
  ...records.at(-1)!,
  attempts: records.flatMap(({ attempts }) => attempts).map((attempt, index) => ({ ...attempt, number: index + 1 })),
});
const without = (outcome: AttemptResult['outcome']) =>
  ended({ outcome, tip: null, base: null, change: null, checks: [], warnings: [], cost: { amount: 0.01, currency: 'USD' } });
const rowOf = (record: DelegationRecord, known: RepositoryBranches | null = null) =>
  buildRows([delegationItem(record, known)], { t: inEnglish, repositoryName: () => null, unreadable: [] })[0]!.children[0]!;
const actions = (record: DelegationRecord, known: RepositoryBranches | null = null) =>
  [...delegationItem(record, known).actions].sort().join(' ');

describe('a delegation in the window', () => {
  describe('after a later attempt that brought nothing', () => {
    for (const [what, last] of [
      ['cancelled', without('cancelled')],
      ['without a key', without('auth_failed')],
      ['killed', unfinished('interrupted')],
    ] as const) {
      it(`offers the work of the one before (${what})`, () => {
        const record = several(ended(), last);
        for (const known of [null, branches({ [BRANCH]: TIP })]) {
          assert.equal(delegationItem(record, known).group, 'attention');
          const onBranch = ['apply', 'checkOut', 'discard', 'merge', 'name', 'pullRequest', 'resume', 'review', 'steps', 'worktree'];
          const offered = known ? onBranch : onBranch.filter((action) => !['checkOut', 'pullRequest', 'worktree'].includes(action));
          assert.equal(actions(record, known), offered.join(' '));
          assert.deepEqual(
            rowOf(record, known).children.map(({ label, description }) => [label, description]),
            [
              ['Warnings', '1'],
              ['Files', '3 · +84 −3'],
              ['Attempts', '2'],
            ],
          );
          assert.match(rowOf(record, known).description, /\+84 −3/);
          assert.equal(delegationItem(record, known).delivered?.result.tip, TIP);
        }
      });

      it(`notices that its work was merged, or its branch removed, by hand (${what})`, () => {
        const record = several(ended(), last);
        assert.equal(delegationItem(record, branches({ [BRANCH]: TIP }, { merged: new Set([BRANCH]) })).ending, 'merged');
        assert.equal(delegationItem(record, branches({})).ending, 'gone');
      });
    }

    it('still offers to go on with it where the work before was merged by hand', () => {
      const record = several(ended(), without('cancelled'));
      assert.equal(actions(record, branches({ [BRANCH]: TIP }, { merged: new Set([BRANCH]) })), 'name resume review steps');
    });
  });

  it('shows the work of the attempt before while another one runs', () => {
    const record = several(ended(), unfinished('running'));
    assert.equal(actions(record), 'cancel name review steps');
    assert.deepEqual(
      rowOf(record).children.map(({ label }) => label),
      ['Warnings', 'Files', 'Attempts'],
    );
  });

  it('is about the branch that the work is on', () => {
    const kept = ended({ outcome: 'branch_moved', keptAt: 'feature/kept', tip: OTHER });
    const record = several(ended(), kept);
    const both = delegationItem(record, branches({ [BRANCH]: TIP, 'feature/kept': OTHER }));
    assert.deepEqual([both.delivered?.branch, both.tip], ['feature/kept', OTHER]);
    const one = delegationItem(record, branches({ [BRANCH]: TIP }));
    assert.deepEqual([one.delivered?.branch, one.tip, one.ending], [BRANCH, TIP, null]);
    assert.equal(delegationItem(record, branches({})).ending, 'gone');
  });

  it('finds work that a ref of ours keeps, as git lists it', async () => {
    const repo = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-delegation-')));
    try {
      makeRepository(repo);
      const keptAt = 'refs/claude-kimi/kept/a1b2c3d4e5f60718-0123456789ab';
      const tip = gitIn(repo, 'commit-tree', '-m', 'Work', '-p', 'main', 'main^{tree}');
      gitIn(repo, 'update-ref', keptAt, tip);
      const known = await readBranches(repo);
      const kept = ended({ outcome: 'branch_moved', keptAt, tip });
      const delegation = delegationItem(kept, known);
      assert.deepEqual([delegation.delivered?.branch, delegation.tip, delegation.ending], [keptAt, tip, null]);
      assert.equal(actions(kept, known), 'apply discard merge name retry review steps');
      gitIn(repo, 'update-ref', 'refs/heads/main', tip);
      assert.equal(delegationItem(kept, await readBranches(repo)).ending, 'merged');
    } finally {
      rmSync(repo, { recursive: true, force: true });
    }
  });

  it('knows the tip of the branch as it is now, also when somebody added to it', () => {
    assert.equal(delegationItem(ended(), null).tip, TIP);
    assert.equal(delegationItem(ended(), branches({ [BRANCH]: OTHER })).tip, OTHER);
  });

  it('offers to take back a discard, and to bring back the branch of a merge, once', () => {
    const over = (state: 'merged' | 'discarded', tip: string | null) =>
      ended({}, { disposition: { state, at: '', tip, commit: state === 'merged' ? OTHER : null, into: 'main' } });
    assert.equal(actions(over('discarded', TIP)), 'name review steps undo');
    assert.equal(actions(over('discarded', null)), 'name review steps undo', 'unfinished work comes back too');
    assert.equal(actions(over('merged', TIP)), 'commit name restore review steps');
    const back = branches({ [BRANCH]: TIP });
    assert.equal(actions(over('merged', null), back), 'commit name review steps', 'the branch is back already');
    assert.equal(delegationItem(over('merged', null), back).group, 'done', 'the merge stays');
    assert.equal(actions(over('merged', TIP), branches({ main: OTHER })), 'commit name restore review steps undoMerge');
    // what was offered before something was built on it is refused with the reason
    const builtOn = delegationItem(over('merged', TIP), branches({ main: '7'.repeat(40) }));
    assert.deepEqual([builtOn.actions.has('undoMerge'), mayAsk(builtOn, 'undoMerge'), mayAsk(builtOn, 'merge')], [false, true, false]);
    assert.ok(!mayAsk(delegationItem(over('discarded', TIP), null), 'undoMerge'));
    assert.equal(actions(over('merged', TIP), branches({ main: TIP })), 'commit name restore review steps', 'something was built on it');
    assert.equal(
      actions(over('merged', TIP), branches({ main: OTHER, next: OTHER }, { head: 'next' })),
      'commit name restore review steps',
    );
  });

  it('is not merged because its own branch is checked out', () => {
    const known = branches({ [BRANCH]: TIP, main: OTHER }, { head: BRANCH, merged: new Set([BRANCH, 'main']) });
    const delegation = delegationItem(ended(), known);
    assert.deepEqual([delegation.ending, delegation.group, delegation.checkedOut], [null, 'ready', true]);
    assert.equal(actions(ended(), known), 'name pullRequest review steps', 'nothing that would be refused');
    assert.equal(rowOf(ended(), known).description, 'checked out · 41/41 · +84 −3 · $0.12');
    assert.match(rowOf(ended(), known).tooltip, /Switch to another branch/);
  });
});
