import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { applyTarget } from '../../../src/vscode/review/apply-target.ts';
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
});
