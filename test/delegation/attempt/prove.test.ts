import assert from 'node:assert/strict';
import type { CheckComparison, CheckRun } from '../../../src/checks/types.ts';
import { createProofRuns, type ProofParts, type ProofRuns } from '../../../src/delegation/attempt/proof-runs.ts';
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

  it('counts no fault as noticed where the build before the tests failed and nothing was tested', async () => {
    const mutants = async (counts: CheckRun['counts'], buildFails: boolean) => {
      const failed = { ...tests(0, 1), counts };
      const own = createProofRuns(runs.git, async ({ how, commands, onOutput }) => {
        const isFault = how.startsWith('mutant') && !/of the base$|: without it/.test(how);
        onOutput(isFault ? "Error: Cannot find module '../dist/price.js'" : '');
        return commands.map((_, at) =>
          at < commands.length - 1 ? tests(0, isFault && buildFails ? 1 : 0) : isFault ? failed : tests(2, 0),
        );
      });
      const build = { ...PASSES, command: 'npm run build', base: tests(0, 0, { counts: null }), result: tests(0, 0, { counts: null }) };
      const parts = partsWith(own, PASSES);
      return (await prove('tests', { ...parts, comparisons: [build, PASSES] }))?.mutants;
    };
    assert.deepEqual(await mutants(null, true), { notShown: 'not_executed' });
    assert.deepEqual(await mutants({ passed: 0, failed: 1, skipped: 0 }, true), { notShown: 'not_executed' });
    for (const found of [await mutants({ passed: 1, failed: 1, skipped: 0 }, true), await mutants(null, false)])
      assert.ok(found && 'caught' in found && found.caught > 0, 'a check of types may fail beside tests that run');
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
