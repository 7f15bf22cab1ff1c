import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { standingOf } from '../../../src/vscode/delegations/delegation-item.ts';
import { type BranchFacts, readBranches } from '../../../src/vscode/delegations/repositories.ts';
import type { DelegationView } from '../../../src/vscode/feed/delegation-reader.ts';
import { buildTree } from '../../../src/vscode/tree/rows.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { ended, TIP, unfinished } from '../results.ts';

const BRANCH = 'feature/rate-limiting';
const OTHER = 'c'.repeat(40);
const facts = (branches: Record<string, string>, more: Partial<BranchFacts> & { merged?: ReadonlySet<string> } = {}): BranchFacts => ({
  branches: new Map(Object.entries(branches)),
  merged: new Set(),
  head: 'main',
  ...more,
});
/** A delegation with several attempts; the last one decides about its state. */
const several = (...views: DelegationView[]): DelegationView => ({
  ...views.at(-1)!,
  attempts: views.flatMap(({ attempts }) => attempts).map((attempt, index) => ({ ...attempt, number: index + 1 })),
});
const without = (outcome: AttemptResult['outcome']) =>
  ended({ outcome, tip: null, base: null, change: null, checks: [], warnings: [], cost: { amount: 0.01, currency: 'USD' } });
const rowOf = (view: DelegationView, known: BranchFacts | null = null) =>
  buildTree([standingOf(view, known)], { t: inEnglish, repositoryName: () => null })[0]!.children[0]!;
const actions = (view: DelegationView, known: BranchFacts | null = null) => [...standingOf(view, known).actions].sort().join(' ');

describe('where a delegation stands', () => {
  describe('after a later attempt that brought nothing', () => {
    for (const [what, last] of [
      ['cancelled', without('cancelled')],
      ['without a key', without('auth_failed')],
      ['killed', unfinished('interrupted')],
    ] as const) {
      it(`offers the work of the one before (${what})`, () => {
        const view = several(ended(), last);
        for (const known of [null, facts({ [BRANCH]: TIP })]) {
          assert.equal(standingOf(view, known).group, 'attention');
          assert.equal(actions(view, known), 'apply discard merge name resume review steps');
          assert.deepEqual(
            rowOf(view, known).children.map(({ label, description }) => [label, description]),
            [
              ['Warnings', '1'],
              ['Files', '3 · +84 −3'],
              ['Attempts', '2'],
            ],
          );
          assert.match(rowOf(view, known).description, /\+84 −3/);
          assert.equal(standingOf(view, known).work?.result.tip, TIP);
        }
      });

      it(`notices that its work was merged, or its branch removed, by hand (${what})`, () => {
        const view = several(ended(), last);
        assert.equal(standingOf(view, facts({ [BRANCH]: TIP }, { merged: new Set([BRANCH]) })).ending, 'merged');
        assert.equal(standingOf(view, facts({})).ending, 'gone');
      });
    }

    it('still offers to go on with it where the work before was merged by hand', () => {
      const view = several(ended(), without('cancelled'));
      assert.equal(actions(view, facts({ [BRANCH]: TIP }, { merged: new Set([BRANCH]) })), 'name resume review steps');
    });
  });

  it('shows the work of the attempt before while another one runs', () => {
    const view = several(ended(), unfinished('running'));
    assert.equal(actions(view), 'cancel name review steps');
    assert.deepEqual(
      rowOf(view).children.map(({ label }) => label),
      ['Warnings', 'Files', 'Attempts'],
    );
  });

  it('is about the branch that the work is on', () => {
    const kept = ended({ outcome: 'branch_moved', keptAt: 'feature/kept', tip: OTHER });
    const view = several(ended(), kept);
    const both = standingOf(view, facts({ [BRANCH]: TIP, 'feature/kept': OTHER }));
    assert.deepEqual([both.work?.branch, both.tip], ['feature/kept', OTHER]);
    const one = standingOf(view, facts({ [BRANCH]: TIP }));
    assert.deepEqual([one.work?.branch, one.tip, one.ending], [BRANCH, TIP, null]);
    assert.equal(standingOf(view, facts({})).ending, 'gone');
  });

  it('finds work that a ref of ours keeps, as git lists it', async () => {
    const repo = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-standing-')));
    try {
      makeRepository(repo);
      const keptAt = 'refs/claude-kimi/kept/a1b2c3d4e5f60718-0123456789ab';
      const tip = gitIn(repo, 'commit-tree', '-m', 'Work', '-p', 'main', 'main^{tree}');
      gitIn(repo, 'update-ref', keptAt, tip);
      const known = await readBranches(repo);
      const kept = ended({ outcome: 'branch_moved', keptAt, tip });
      const standing = standingOf(kept, known);
      assert.deepEqual([standing.work?.branch, standing.tip, standing.ending], [keptAt, tip, null]);
      assert.equal(actions(kept, known), 'apply discard merge name retry review steps');
      gitIn(repo, 'update-ref', 'refs/heads/main', tip);
      assert.equal(standingOf(kept, await readBranches(repo)).ending, 'merged');
    } finally {
      rmSync(repo, { recursive: true, force: true });
    }
  });

  it('knows where the branch stands now, also when somebody added to it', () => {
    assert.equal(standingOf(ended(), null).tip, TIP);
    assert.equal(standingOf(ended(), facts({ [BRANCH]: OTHER })).tip, OTHER);
  });

  it('offers to take back a discard, and to bring back the branch of a merge, once', () => {
    const over = (state: 'merged' | 'discarded', tip: string | null) =>
      ended({}, { disposition: { state, at: '', tip, commit: state === 'merged' ? OTHER : null, into: 'main' } });
    assert.equal(actions(over('discarded', TIP)), 'name review steps undo');
    assert.equal(actions(over('discarded', null)), 'name review steps undo', 'unfinished work comes back too');
    assert.equal(actions(over('merged', TIP)), 'name restore review steps');
    const back = facts({ [BRANCH]: TIP });
    assert.equal(actions(over('merged', null), back), 'name review steps', 'the branch is back already');
    assert.equal(standingOf(over('merged', null), back).group, 'done', 'the merge stays');
  });

  it('is not merged because its own branch is checked out', () => {
    const known = facts({ [BRANCH]: TIP, main: OTHER }, { head: BRANCH, merged: new Set([BRANCH, 'main']) });
    const standing = standingOf(ended(), known);
    assert.deepEqual([standing.ending, standing.group, standing.checkedOut], [null, 'ready', true]);
    assert.equal(actions(ended(), known), 'name review steps', 'nothing that would be refused');
    assert.equal(rowOf(ended(), known).description, '+84 −3 · 41/41 · $0.12 · checked out');
    assert.match(rowOf(ended(), known).tooltip, /Switch to another branch/);
  });
});
