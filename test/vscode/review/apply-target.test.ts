import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { applyTarget, gitLine } from '../../../src/vscode/review/apply-target.ts';
import type { RepositoryBranches } from '../../../src/workspace/repository-branches.ts';
import { ended, identity } from '../sample-records.ts';

describe('lines that are applied', () => {
  const work = (branch: string, base: string, tip: string) =>
    delegationItem({ ...ended({ branch, base, tip }), identity: identity(branch, branch) }, null);
  const [a, b, c] = ['a', 'b', 'c'].map((sign) => sign.repeat(40)) as [string, string, string];
  const first = work('stack/first', a, b);
  const second = work('stack/second', b, c);
  const both = [second, first];
  const file = (commit: string) => ({ gitDir: first.identity.commonDir, commit, path: 'src/a.ts' });

  it('are those of the work that the editor is about, not of the work on its left side', () => {
    assert.equal(applyTarget(file(c), both, second), second);
    assert.equal(applyTarget(file(b), both, second), null);
    assert.equal(applyTarget(file(b), both, first), first);
    assert.equal(applyTarget(file(b), both, undefined), first, 'a comparison of attempts is about none');
    assert.equal(applyTarget({ ...file(b), gitDir: '/elsewhere/.git' }, both, undefined), null);
    assert.equal(applyTarget(null, both, first), null);
  });

  it('are none where the branch has moved on: lines of the work that is shown are others there', () => {
    const branches: RepositoryBranches = { tips: new Map([['stack/first', c]]), merged: new Set(), head: 'main' };
    const moved = delegationItem(
      { ...ended({ branch: 'stack/first', base: a, tip: b }), identity: identity('stack/first', 'x') },
      branches,
    );
    assert.deepEqual([moved.tip, moved.reviewable?.tip, moved.actions.has('apply')], [c, b, true]);
    assert.equal(applyTarget(file(b), [moved], moved), null);
  });

  it('are counted as git counts them: an editor has a line behind each carriage return, too', () => {
    const text = '/* a\rb\rc */ one\ntwo\r\nthree\r\rfour\n';
    const shown = text.split(/\r\n|\n|\r/);
    const line = gitLine(text);
    const ofGit = text.split('\n');
    for (const word of ['one', 'two', 'three', 'four'])
      assert.equal(line(shown.findIndex((each) => each.includes(word)) + 1), ofGit.findIndex((each) => each.includes(word)) + 1, word);
    assert.deepEqual([gitLine('a\nb\n')(2), gitLine('a\nb')(2), gitLine('')(1), gitLine('a\n')(2)], [2, 2, 1, 2]);
  });
});
