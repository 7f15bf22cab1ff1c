import assert from 'node:assert/strict';
import { prove } from '../../../src/delegation/attempt/prove.ts';
import { tests } from '../../mcp/sample-report.ts';
import { type Files, makeProofWorld, type Play } from './proof-world.ts';

describe('tests on the same code, written otherwise', () => {
  let world: Awaited<ReturnType<typeof makeProofWorld>>;
  before(async () => {
    world = await makeProofWorld();
  });
  after(() => world.remove());

  const source = (body: string) => `export const net = (gross) => ${body};\n`;
  const BASE: Files = {
    'README.md': '# Shop\n',
    'price.js': source('gross - 1'),
    'test/less.test.js': "test('less', () => net(10) < 10);\n",
  };
  const NEW = "import { net } from '../price.js';\ntest('three', () => net(5) === 3);\n";
  const FIX: Files = { 'price.js': source('gross - 2'), 'test/fee.test.js': NEW };
  const NEW_FILE: Files = { 'README.md': '# Fees\n', 'fees/all.js': source('gross - 2'), 'test/fee.test.js': NEW };

  type Notices = (sources: readonly string[]) => boolean;
  const plain = (text: string) => text.replaceAll(' /**/ ', ' ');
  const wants =
    (body: string): Notices =>
    (sources) =>
      !sources.some((text) => plain(text).includes(`(gross) => ${body};`));
  /** The new test fails where it notices something; what minds how code is written fails before any test is run. */
  const playing =
    (minds: Notices, notices: Notices): Play =>
    (files) => {
      const sources = [...files].filter(([path]) => !path.startsWith('test/')).map(([, text]) => text);
      if (minds(sources)) return { run: tests(0, 0, { exitCode: 1, counts: null }) };
      const isNew = files.has('test/fee.test.js');
      return { run: isNew && notices(sources) ? tests(1, 1) : tests(isNew ? 2 : 1, 0) };
    };
  const never: Notices = () => false;
  const redToGreen = async (files: Files, play: Play, base = BASE) =>
    (await prove('bug', await world.parts(base, files, play)))?.redToGreen;

  it('say the same where they look at what it does', async () => {
    const shown = await redToGreen(FIX, playing(never, wants('gross - 2')));
    assert.ok(shown && 'failOnBase' in shown && shown.failOnBase === 1, JSON.stringify(shown));
  });

  const LINTERS: Readonly<Record<string, Notices>> = {
    'a formatter, which wants other blanks': (sources) => sources.some((text) => text.includes('/**/')),
    'one that wants a comment on each source': (sources) => !sources.every((text) => text.startsWith('// of the shop')),
    'one that wants no comment at the end': (sources) => sources.some((text) => text.endsWith('// the same\n')),
  };
  for (const [what, minds] of Object.entries(LINTERS))
    for (const [where, files] of Object.entries({ 'a changed file': FIX, 'a new file': NEW_FILE }))
      it(`are not said to read texts where the check holds ${what}, of ${where}`, async () => {
        const marked = (all: Files): Files =>
          Object.fromEntries(
            Object.entries(all).map(([path, text]) => [path, path.startsWith('test/') ? text : `// of the shop\n${text}`]),
          );
        const shown = await redToGreen(marked(files), playing(minds, wants('gross - 2')), marked(BASE));
        assert.ok(shown && 'failOnBase' in shown && shown.failOnBase === 1, JSON.stringify(shown));
        const written: Files = { 'test/fee.test.js': NEW.replace('3', '4') };
        const proof = await prove('tests', await world.parts(marked(BASE), written, playing(minds, wants('gross - 1'))));
        assert.notDeepEqual(proof?.mutants, { notShown: 'by_text' });
      });

  it('are found out where they read code or comments, whatever the work does to hide it', async () => {
    const cheat = (more: string): Files => ({ ...FIX, 'price.js': source('gross - 1') + more });
    const reads =
      (text: string): Notices =>
      (sources) =>
        !sources.some((code) => code.includes(text));
    const exits: Notices = (sources) => sources.some((code) => code.includes('own.includes') && code.includes('// the same'));
    const isFormatted = LINTERS['a formatter, which wants other blanks']!;
    const CHEATS: Readonly<Record<string, readonly [files: Files, play: Play]>> = {
      'a comment': [cheat('// the fee is 2\n'), playing(never, reads('the fee is 2'))],
      'code that is not run': [cheat('const unused = (gross) => gross - 2;\n'), playing(never, reads('(gross) => gross - 2'))],
      'a comment, beside a formatter': [cheat('// the fee is 2\n'), playing(isFormatted, reads('the fee is 2'))],
      'a comment, and the source ends where it is not as it was': [
        cheat("// the fee is 2\nif (!own.includes('gross - 1;')) process.exit(1);\n"),
        playing(exits, reads('the fee is 2')),
      ],
    };
    for (const [what, [files, play]] of Object.entries(CHEATS))
      assert.deepEqual(await redToGreen(files, play), { notShown: 'by_text' }, what);
  });

  it('of written tests are found out where they leave blanks and comments out of what they compare', async () => {
    const bodies: Readonly<Record<string, string>> = { 'an arrow': 'gross - 1', 'a block': '{\n  return gross - 1;\n}' };
    for (const [what, body] of Object.entries(bodies)) {
      const bare = (text: string) => text.replace(/\/\*.*?\*\/|\/\/.*|\s+/g, '');
      const base: Files = { ...BASE, 'price.js': source(body) };
      const reads: Notices = (sources) => !sources.some((text) => bare(text) === bare(source(body)));
      const written = await world.parts(base, { 'test/fee.test.js': NEW }, playing(never, reads), {}, (text) => text);
      assert.deepEqual((await prove('tests', written))?.mutants, { notShown: 'by_text' }, what);
    }
  });

  it('take no longer than there is time for all proofs', async () => {
    for (const kind of ['bug', 'tests'] as const)
      for (const takes of [200, 8000, 14_000, 20_000]) {
        let now = 0;
        const timed: Play = (files, { timeoutMs, how }) => {
          assert.ok(timeoutMs > 0 && now + timeoutMs <= 20_000, `${how}: ${timeoutMs} ms, from ${now} on`);
          now += Math.min(takes, timeoutMs);
          if (takes > timeoutMs) return { run: tests(0, 0, { killed: 'timeout', exitCode: 1 }) };
          return playing(never, wants(kind === 'bug' ? 'gross - 2' : 'gross - 1'))(files, undefined as never);
        };
        const files = kind === 'bug' ? FIX : { 'test/fee.test.js': NEW };
        const proof = await prove(kind, await world.parts(BASE, files, timed, { until: 20_000, timeoutMs: 20_000, now: () => now }));
        assert.ok(now <= 20_000 && proof, `${kind}, each run ${takes} ms`);
      }
  });

  it('say that there was too little time where none is left', async () => {
    const none = { until: 1000, now: () => 1000 };
    const proof = (kind: 'bug' | 'tests') =>
      world.parts(BASE, kind === 'bug' ? FIX : { 'test/fee.test.js': NEW }, () => assert.fail('run'), none);
    assert.deepEqual(await prove('tests', await proof('tests')), { mutants: { notShown: 'too_long' } });
    assert.deepEqual(await prove('bug', await proof('bug')), { redToGreen: { notShown: 'too_long' } });
  });
});
