import assert from 'node:assert/strict';
import { prove } from '../../../src/delegation/attempt/prove.ts';
import { proofWarnings } from '../../../src/delegation/result/proof-text.ts';
import { say } from '../../../src/messages/message.ts';
import { tests } from '../../mcp/sample-report.ts';
import { type Files, makeProofWorld, type Play } from './proof-world.ts';

describe('tests that pass whatever they expect', () => {
  let world: Awaited<ReturnType<typeof makeProofWorld>>;
  before(async () => {
    world = await makeProofWorld();
  });
  after(() => world.remove());

  const BASE: Files = {
    'src/net.js': 'exports.net = (gross) => gross;\n',
    'src/other.js': 'exports.other = 1;\n',
    'test/net.test.js': "test('net', () => assert.equal(net(5), 4));\n",
    'test/other.test.js': "test('other', () => assert.equal(other, 1));\n",
  };
  const FIX = { 'src/net.js': 'exports.net = (gross) => gross - 1;\n' };
  const CHECK = {
    command: 'make test',
    base: tests(1, 1, { exitCode: 1 }),
    result: tests(2, 0),
    verdict: 'fixed',
    newFailures: 0,
  } as const;

  /** Runs the tests of both files; a patch in the product makes every assertion pass. */
  const runner = (said: string[]): Play => {
    return (files, { how }) => {
      said.push(how);
      const isPatched = files.get('src/net.js')?.includes('patch');
      const expected = /net\(5\), (\d+)/.exec(files.get('test/net.test.js') ?? '')?.[1];
      const is = files.get('src/net.js')?.includes('- 1') ? '4' : '5';
      if (isPatched || expected === is) return { run: tests(2, 0) };
      return { run: tests(1, 1, { exitCode: 1 }), output: `AssertionError: ${is} !== ${expected}` };
    };
  };
  const play = async (work: Files, more = {}, plays = runner) => {
    const said: string[] = [];
    const proof = await prove('bug', await world.parts(BASE, work, plays(said), { comparisons: [CHECK], ...more }));
    return {
      said,
      unheeded: proof?.unheeded,
      warnings: proofWarnings('bug', proof, [CHECK]).map((one) => `${one.level} ${say(one.text, 'en')}`),
    };
  };

  it('hold the work up, by the line of one that names what was changed', async () => {
    const { said, unheeded, warnings } = await play({ 'src/net.js': 'exports.net = (gross) => gross; // patch\n' });
    assert.deepEqual(unheeded, { file: 'test/net.test.js', line: 1 });
    assert.match(warnings.join('\n'), /^blocking this test of the base passes on this work whatever it expects/m);
    assert.deepEqual(said.slice(0, 2), ['a test that expects something else', 'a test that expects something else, on the base']);
  });

  it('hold the work up, too, where they count nothing and no runner that is known runs them', async () => {
    const uncounted = { ...CHECK, base: { ...CHECK.base, counts: null }, result: { ...CHECK.result, counts: null } };
    const patched = { 'src/net.js': 'exports.net = (gross) => gross; // patch\n' };
    const silent: typeof runner = (said) => {
      const play = runner(said);
      return (files, commands) => {
        const { run, output } = play(files, commands);
        return { run: { ...run, counts: null }, ...(output && { output }) };
      };
    };
    for (const command of ['make test', './run.sh']) {
      const { unheeded } = await play(patched, { comparisons: [{ ...uncounted, command }] }, silent);
      assert.deepEqual(unheeded, { file: 'test/net.test.js', line: 1 });
    }
    const { said } = await play(patched, { comparisons: [{ ...uncounted, command: 'npx eslint .' }] }, silent);
    assert.deepEqual(
      said.filter((how) => how.includes('something else')),
      [],
    );
  });

  it('are asked once where one fails, as it has to, and not of work without code, nor where that takes long on the base', async () => {
    const { said, unheeded, warnings } = await play(FIX);
    assert.deepEqual([unheeded, warnings], [undefined, []]);
    assert.deepEqual(
      said.filter((how) => how.includes('something else')),
      ['a test that expects something else'],
    );
    const asked = async (work: Files, more = {}) => (await play(work, more)).said.filter((how) => how.includes('something else')).length;
    assert.equal(await asked({ 'NOTES.md': 'It is 4.\n' }), 0);
    const long = tests(1, 1, { exitCode: 1, durationMs: 30_000 });
    assert.equal(await asked(FIX, { comparisons: [{ ...CHECK, base: long, result: { ...CHECK.result, durationMs: 30_000 } }] }), 0);
    // What the work made slow is asked.
    assert.equal(await asked(FIX, { comparisons: [{ ...CHECK, result: { ...CHECK.result, durationMs: 30_000 } }] }), 1);
  });

  it('hold the work up, too, where what the test prints does not name what it expects: more of them fail', async () => {
    const silent: typeof runner = (said) => {
      const play = runner(said);
      return (files, commands) => {
        const { run } = play(files, commands);
        const isOther = /net\(5\), \d{10}/.test(files.get('test/net.test.js') ?? '');
        return { run: isOther && run.exitCode !== 0 ? tests(0, 2, { exitCode: 1 }) : run, output: 'not ok' };
      };
    };
    const { unheeded } = await play({ 'src/net.js': 'exports.net = (gross) => gross; // patch\n' }, {}, silent);
    assert.deepEqual(unheeded, { file: 'test/net.test.js', line: 1 });
  });

  it('are none where the check does not run that line, on the base neither', async () => {
    const idle =
      (): Play =>
      (_, { how }) => ({ run: how.includes('on the base') ? tests(1, 1, { exitCode: 1 }) : tests(2, 0) });
    assert.equal((await play(FIX, {}, idle)).unheeded, undefined);
  });
});
