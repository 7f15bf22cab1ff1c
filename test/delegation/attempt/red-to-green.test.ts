import assert from 'node:assert/strict';
import type { ProofParts } from '../../../src/delegation/attempt/proof-runs.ts';
import { prove } from '../../../src/delegation/attempt/prove.ts';
import { tests } from '../../mcp/sample-report.ts';
import { type Files, makeProofWorld } from './proof-world.ts';

type Holds = (files: ReadonlyMap<string, string>) => boolean;

describe('new tests that fail on the base', () => {
  let world: Awaited<ReturnType<typeof makeProofWorld>>;
  before(async () => {
    world = await makeProofWorld();
  });
  after(() => world.remove());

  const source = (body: string) => `export const net = (gross) => ${body};\n`;
  const BASE: Files = {
    'package.json': '{ "name": "shop" }\n',
    'src/price.js': source('gross - 1'),
    'src/fees.json': '[1]\n',
    'test/less.test.js': "test('less', () => net(10) < 10);\n",
  };
  const TEST = { 'test/fee.test.js': "test('fee', () => net(5) === 3);\n" };
  const IDLE = { ...TEST, 'src/price.js': `// The fee is 2.\n${source('gross - 1')}` };

  /** @param passes when the new test passes */
  const shown = async (files: Files, passes: Holds, more: Partial<ProofParts> = {}) => {
    const said: string[] = [];
    const parts = await world.parts(
      BASE,
      files,
      (all, { how }) => {
        said.push(how);
        return { run: all.has('test/fee.test.js') && !passes(all) ? tests(1, 1, { exitCode: 1 }) : tests(2, 0) };
      },
      more,
    );
    const proof = (await prove('bug', parts))?.redToGreen;
    return { said, proof: proof && ('notShown' in proof ? proof.notShown : proof.failOnBase) };
  };
  const has =
    (path: string, text: string): Holds =>
    (files) =>
      files.get(path)?.replaceAll(' /**/ ', ' ').includes(text) ?? false;

  const READ: Readonly<Record<string, readonly [Files, Holds]>> = {
    'a picture': [{ ...IDLE, 'assets/logo.svg': '<svg/>' }, has('assets/logo.svg', 'svg')],
    'a name in the manifest': [{ ...IDLE, 'package.json': '{ "name": "shop", "version": "2.0.0" }\n' }, has('package.json', '2.0.0')],
    'data beside the code': [{ ...IDLE, 'src/fees.json': '[2]\n' }, has('src/fees.json', '2')],
    'a file without an ending': [{ ...IDLE, FIXED: 'yes\n' }, has('FIXED', 'yes')],
  };
  for (const [what, [files, passes]] of Object.entries(READ))
    it(`show nothing of the code where they do so for ${what} only`, async () => {
      assert.equal((await shown(files, passes)).proof, 'by_data');
    });

  it('show it where they do so with all data of the result, too', async () => {
    const files = { ...TEST, 'src/price.js': source('gross - fees[0]'), 'src/fees.json': '[2]\n' };
    const { said, proof } = await shown(files, (all) => has('src/fees.json', '2')(all) && has('src/price.js', 'fees[0]')(all));
    assert.equal(proof, 1);
    assert.ok(said.includes("new tests on the base's code"), said.join());
  });

  it('show it where the work is data, and where there is none', async () => {
    assert.equal((await shown({ ...TEST, 'src/fees.json': '[2]\n' }, has('src/fees.json', '2'))).proof, 1);
    const { said, proof } = await shown({ ...TEST, 'src/price.js': source('gross - 2') }, has('src/price.js', 'gross - 2'));
    assert.equal(proof, 1);
    assert.ok(!said.includes("new tests on the base's code"), said.join());
  });

  it('show nothing where they do not pass a second time, though nothing can be written otherwise', async () => {
    const files = { ...TEST, 'src/Price.vue': '<b/>\n' };
    let runs = 0;
    const { proof } = await shown(files, () => runs++ > 5);
    assert.equal(proof, 'by_chance');
    assert.equal((await shown(files, (all) => all.has('src/Price.vue'))).proof, 1);
  });

  it('show nothing where they fail and pass by the clock, and not by the code: the order is drawn by lot', async () => {
    const files = { ...TEST, 'src/price.js': source('gross - 2') };
    const isFixed = has('src/price.js', 'gross - 2');
    let runs = 0;
    const later: Holds = (all) => isFixed(all) || runs++ > 0;
    assert.equal((await shown(files, later, { lot: () => true })).proof, 'by_chance');
    runs = 0;
    const early: Holds = (all) => runs++ < 2 && isFixed(all);
    assert.equal((await shown(files, early, { lot: () => false })).proof, 'by_chance');
    const drawn: boolean[] = [];
    const { proof, said } = await shown(files, isFixed, { lot: () => drawn.push(drawn.length % 2 === 0) % 2 === 0 });
    assert.deepEqual([proof, drawn.length, said.filter((how) => how.includes('by lot')).length], [1, 3, 3]);
  });

  const SUM = 'pub fn sum(a: i32, b: i32) -> i32 { a + b }\n';
  const ADDS = '#[test]\nfn adds() { assert_eq!(sum(1, 2), 3); }\n';
  const INSIDE = `${SUM}#[cfg(test)]\nmod tests {\nuse super::*;\n${ADDS}}\n`;
  const MOVES: Readonly<Record<string, readonly [Files, Files, boolean]>> = {
    'out of a source': [{ 'src/lib.rs': INSIDE }, { 'src/lib.rs': SUM, 'tests/sum.rs': `use shop::sum;\n${ADDS}` }, true],
    'to another file': [BASE, { 'test/less.test.js': '', 'test/price.test.js': BASE['test/less.test.js']! }, true],
    'nowhere, and one is new': [{ 'src/lib.rs': INSIDE }, { 'src/lib.rs': INSIDE, 'tests/sum.rs': `use shop::sum;\n${ADDS}` }, false],
    'away, beside two that are new': [BASE, { 'test/less.test.js': '', 'test/price.test.js': BASE['test/less.test.js']!.repeat(2) }, false],
  };
  for (const [where, [base, files, isRun]] of Object.entries(MOVES))
    it(`are ${isRun ? '' : 'not '}run where all that are counted are those of the base, which moved ${where}`, async () => {
      const parts = await world.parts(base, files, () => ({ run: tests(1, 0) }));
      const comparisons = parts.comparisons.map((one) => ({ ...one, result: tests(1, 0) }));
      const proof = (await prove('feature', { ...parts, comparisons }))?.redToGreen;
      assert.equal(proof && ('notShown' in proof ? proof.notShown : proof.newTests), isRun ? 0 : 'not_run');
    });
});
