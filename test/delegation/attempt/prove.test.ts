import assert from 'node:assert/strict';
import type { CheckComparison } from '../../../src/checks/types.ts';
import type { ProofParts, ProofRuns } from '../../../src/delegation/attempt/proof-runs.ts';
import { prove } from '../../../src/delegation/attempt/prove.ts';
import { WorkspaceBusy } from '../../../src/delegation/attempt/workspace-guard.ts';
import { tests } from '../../mcp/sample-report.ts';
import { makeWorkspace, makeWorld, type World } from '../../workspace/world.ts';

describe('the proof by tests of an attempt', () => {
  let world: World;
  let runs: ProofRuns;
  let [base, result] = ['', ''];

  before(async () => {
    world = await makeWorld();
    await world.write('price.js', 'export const net = (gross) => gross - 1;\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'base');
    base = (await world.git('rev-parse', 'HEAD')).trim();
    await world.write('price.js', 'export const net = (gross) => gross - 2;\n');
    await world.write('test/price.test.js', "import { net } from '../price.js';\ntest('two', () => assert.equal(net(5), 3));\n");
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'result');
    result = (await world.git('rev-parse', 'HEAD')).trim();
    runs = { git: (await makeWorkspace(world)).privateGit, run: async () => null };
  });
  after(() => world.remove());

  const PASSES: CheckComparison = { command: 'npm test', base: tests(1, 0), result: tests(2, 0), verdict: 'pass', newFailures: 0 };
  const CHECKS = { given: PASSES, found: { ...PASSES, found: { kind: 'test', file: 'package.json', folder: '' } } } as const;
  const partsWith = (own: ProofRuns, check: CheckComparison): ProofParts => ({
    ...{ runs: own, comparisons: [check], base, result, folder: '', timeoutMs: 1000, until: 100_000, now: () => 0 },
    files: [
      { path: 'price.js', status: 'M', added: 1, removed: 1 },
      { path: 'test/price.test.js', status: 'A', added: 2, removed: 0 },
    ],
  });

  it('that meets a fault says so, and takes nothing from work that its checks have proved', async () => {
    const faults: Readonly<Record<string, () => ProofRuns>> = {
      'a process of a test that does not end': () => ({ ...runs, run: () => Promise.reject(new WorkspaceBusy()) }),
      'a fault of ours': () => ({ ...runs, run: () => Promise.reject(new TypeError('undefined is not a function')) }),
      'git that cannot read or write': () => ({ ...runs, git: { ...runs.git, gitDir: `${runs.git.gitDir}-gone` } }),
    };
    for (const [what, broken] of Object.entries(faults))
      for (const check of Object.values(CHECKS)) {
        const of = (kind: 'bug' | 'feature' | 'tests') => prove(kind, partsWith(broken(), check));
        assert.deepEqual(await of('bug'), { redToGreen: { notShown: 'cannot_run' } }, what);
        assert.deepEqual(await of('feature'), { redToGreen: { notShown: 'cannot_run' } }, what);
        assert.deepEqual(await of('tests'), { mutants: { notShown: 'cannot_run' } }, what);
      }
  });
});
