import assert from 'node:assert/strict';
import fc from 'fast-check';
import { proposeBranch } from '../../../src/vscode/task/propose-branch.ts';
import { branchNameProblem } from '../../../src/workspace/branch-name.ts';

describe('proposed branch names', () => {
  const free = () => false;
  const cases: [Parameters<typeof proposeBranch>[0], string, string][] = [
    ['feature', 'Add rate limiting to /api/auth/*', 'feature/rate-limiting-api-auth'],
    ['bug', 'Fix the NaN in total()', 'fix/nan-total'],
    ['tests', 'Write tests for the cart', 'tests/cart'],
    ['feature', '购物车支持数量', 'feature/购物车支持数量'],
    ['feature', '???', 'feature/task'],
    ['feature', 'add it', 'feature/add-it'],
    ['bug', '\n\n  TypeError: x is undefined\n at y', 'fix/typeerror-x-undefined'],
  ];
  for (const [kind, text, expected] of cases) it(expected, () => assert.equal(proposeBranch(kind, text, free), expected));

  it('avoid names that are taken', () => {
    const taken = new Set(['tests/cart', 'tests/cart-2']);
    assert.equal(
      proposeBranch('tests', 'cart', (name) => taken.has(name)),
      'tests/cart-3',
    );
  });

  it('are valid and short whatever the task is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const name = proposeBranch('feature', text, free);
        assert.equal(branchNameProblem(name), null, name);
        assert.ok([...name].length <= 50, name);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
