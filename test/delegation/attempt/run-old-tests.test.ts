import assert from 'node:assert/strict';
import type { CheckComparison, CheckRun } from '../../../src/checks/types.ts';
import type { WayBack } from '../../../src/delegation/attempt/check-definitions.ts';
import { runOldTests } from '../../../src/delegation/attempt/run-old-tests.ts';
import { checkWarnings } from '../../../src/delegation/result/check-warnings.ts';
import { say } from '../../../src/messages/message.ts';
import { listTree, readBlobs } from '../../../src/workspace/read-objects.ts';
import { tests } from '../../mcp/sample-report.ts';
import { makeWorkspace, makeWorld, type World } from '../../workspace/world.ts';

type Files = Readonly<Record<string, string | null>>;

const OLD = "test('one', () => equal(a(), 1));\n";
const HOLLOW = "test('one', () => equal(a(), a()));\n";
const MORE = `${OLD}test('two', () => equal(a(), 2));\n`;
const RS = (body: string, test: string) => `${body}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {\n        ${test}\n    }\n}\n`;
const BASE: Files = { 'src/a.js': 'a', 'test/a.test.js': OLD, 'test/help.js': 'help', 'src/lib.rs': RS('a', 'assert_eq!(a(), 1);') };
const FAILS = tests(1, 1, { exitCode: 1, failing: ['one'] });
const NODE = new Set(['node']);
const LINT = new Set(['eslint']);
const MAKE = new Set(['make', 'gcc']);
const CHECK: CheckComparison = { command: 'npm test', base: tests(2, 0), result: tests(2, 0), verdict: 'pass', newFailures: 0 };

describe('tests of the base on the work', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  async function commit(files: Files, executable: readonly string[] = []): Promise<string> {
    await world.git('rm', '-rqf', '--ignore-unmatch', '.');
    for (const [path, text] of Object.entries(files)) if (text !== null) await world.write(path, text);
    await world.git('add', '-A');
    for (const path of executable) await world.git('update-index', '--chmod=+x', path);
    await world.git('commit', '-qm', 'files', '--allow-empty');
    return (await world.git('rev-parse', 'HEAD')).trim();
  }

  /** @param said what the checks say, one run after the other */
  async function play(
    work: Files,
    said: readonly (readonly (CheckRun | null)[])[],
    more: {
      checks?: readonly CheckComparison[];
      ways?: readonly (readonly [number, Partial<WayBack>])[];
      task?: string;
      base?: Files;
      executable?: string[];
    } = {},
  ) {
    const [base, result] = [await commit({ ...BASE, ...more.base }, more.executable), await commit({ ...BASE, ...more.base, ...work })];
    const { privateGit: git } = await makeWorkspace(world, `kimi/${result.slice(0, 9)}-${Object.keys(more.ways ?? []).length}`);
    const ran: { files: Record<string, string>; count: number; packages: string }[] = [];
    const { checks = [CHECK], ways = [[0, {}]], task = '' } = more;
    const comparisons = await runOldTests({
      ...{ comparisons: checks, git, base, result, changed: Object.keys(work), asked: { task, isNamed: () => false } },
      waysBack: new Map(ways.map(([at, way]) => [at, { put: [], unknown: [], packages: 'own' as const, words: NODE, ...way }])),
      async run(tree, options) {
        const paths = (await listTree(git, tree)).map(({ path }) => path);
        const texts = [...(await readBlobs(git, tree, paths, 1e6))].map(([path, bytes]) => [path, bytes.toString()]);
        ran.push({ files: Object.fromEntries(texts), ...options });
        return said[ran.length - 1] ?? assert.fail('one run more than was said');
      },
    });
    const warnings = checkWarnings(comparisons).map(({ level, place, text }) => `${level} ${place?.file}: ${say(text, 'en')}`);
    return { ran, warnings, comparisons };
  }

  const LONG = { ...CHECK, base: tests(2, 0, { durationMs: 30_000 }), result: tests(2, 0, { durationMs: 30_000 }) };

  it('are not run where they are as they were: new files of tests, other code, and where that takes long new tests in a file', async () => {
    const { ran, warnings } = await play(
      { 'src/a.js': 'b', 'test/a.test.js': MORE, 'test/b.test.js': OLD, 'src/lib.rs': RS('b', 'assert_eq!(a(), 1);') },
      [],
      { checks: [LONG] },
    );
    assert.deepEqual([ran, warnings], [[], []]);
    const { ran: none } = await play({ 'test/b.js': 'help', 'src/lib.rs': RS('b', 'assert_eq!(a(), 1);') }, []);
    assert.deepEqual(none, []);
    assert.equal((await play({ 'test/a.test.js': MORE }, [[tests(2, 0)]])).ran.length, 1);
  });

  it('run without new files of tests where that is short: these may change what the others test', async () => {
    const work = { 'src/a.js': 'b', 'test/b.test.js': OLD };
    const { ran, warnings } = await play(work, [[FAILS], [FAILS]]);
    assert.deepEqual(Object.keys(ran[0]?.files ?? {}).sort(), Object.keys(BASE).sort());
    assert.deepEqual(warnings, [
      'blocking test/b.test.js: without this new file, `npm test` does not pass on this work (1/2): one. Read first what it changes for the tests that were there',
    ]);
    const first = await play(work, [[tests(2, 0)]], { task: 'Update the tests.' });
    assert.deepEqual(first.warnings, []);
    // That the work made them slow is no reason to leave it.
    const slow = { ...CHECK, result: tests(3, 0, { durationMs: 30_000 }) };
    assert.equal((await play(work, [[FAILS], [FAILS]], { checks: [slow] })).warnings.length, 1);
    // Code that takes something from a test is right there only; a module of Rust that is declared is empty, and there.
    const lacking = tests(0, 1, { exitCode: 1, tail: "Error: Cannot find module './b.test'" });
    assert.match((await play(work, [[lacking], [lacking]])).warnings.join(), /^blocking test\/b\.test\.js: without this new file/);
    const module = await play({ 'src/a.js': 'b', 'src/tests.rs': '#[test]\nfn one() { assert_eq!(a(), 1); }\n' }, [[tests(2, 0)]]);
    assert.equal(module.ran[0]?.files['src/tests.rs'], '');
    // Something that only comes with it is needed, and there was no test before.
    const none = { ...CHECK, base: tests(0, 0) };
    assert.deepEqual((await play(work, [[FAILS], [FAILS]], { checks: [none] })).warnings, []);
    const silent = { ...CHECK, base: { ...tests(0, 0), counts: null } };
    assert.deepEqual((await play(work, [[{ ...lacking, counts: null }]], { checks: [silent] })).warnings, []);
  });

  it('run where only the rights of one are other ones: a script that cannot be started is passed by', async () => {
    const script = { 'tests/a.sh': '[ "$(sh a.sh)" = 1 ]\n' };
    const shell = { ...CHECK, base: { ...tests(0, 0), counts: null }, result: { ...tests(0, 0), counts: null } };
    await world.git('config', 'core.fileMode', 'true');
    const fails = { ...FAILS, counts: null, failing: [] };
    const more = { checks: [shell], ways: [[0, { words: new Set(['sh']) }]] as const, base: script, executable: ['tests/a.sh'] };
    const { warnings } = await play({ 'src/a.js': 'b', ...script }, [[fails], [fails], [fails], [fails]], more);
    assert.match(warnings.join(), /^blocking tests\/a\.sh: as the base has it/);
  });

  it('run where the check could not run on the base, unless they cannot either', async () => {
    const missing = { ...tests(0, 0, { exitCode: 1 }), counts: null, missing: { what: 'package' as const, name: 'lib' } };
    const checks = [{ ...CHECK, base: missing }];
    const { warnings } = await play({ 'test/a.test.js': HOLLOW }, [[FAILS], [FAILS]], { checks });
    assert.match(warnings.join('\n'), /^blocking test\/a\.test\.js: as the base has it, `npm test` fails on this work: one/);
    assert.deepEqual((await play({ 'test/a.test.js': HOLLOW }, [[missing]], { checks })).warnings, []);
    assert.deepEqual((await play({ 'test/b.test.js': OLD }, [[FAILS], [FAILS]], { checks })).warnings, []);
  });

  it('stand there in the place of all tests of the attempt, and in sources; modules of Rust stay, empty', async () => {
    const work = {
      'src/a.js': 'b',
      'test/a.test.js': HOLLOW,
      'test/b.test.js': OLD,
      'test/help.js': null,
      'tests/new.rs': 'new',
      'src/lib.rs': RS('b', 'a();'),
    };
    const { ran, warnings } = await play(work, [[tests(2, 0)]]);
    const files = {
      'src/a.js': 'b',
      'test/a.test.js': OLD,
      'test/help.js': 'help',
      'tests/new.rs': '',
      'src/lib.rs': RS('b', 'assert_eq!(a(), 1);'),
    };
    assert.deepEqual(ran, [{ files, count: 1, packages: 'own' }]);
    assert.deepEqual(warnings, []);
  });

  it('speak against it where they fail twice', async () => {
    const { warnings, comparisons } = await play({ 'test/a.test.js': HOLLOW }, [[FAILS], [FAILS]]);
    assert.deepEqual(warnings, [
      'blocking test/a.test.js: as the base has it, `npm test` fails on this work: one. Read what these tests expect now; a task that says they change makes it a note',
    ]);
    assert.equal(comparisons[0]?.oldTests?.verdict, 'fail');
  });

  it('do not where they pass the second time', async () => {
    const { warnings } = await play({ 'test/a.test.js': HOLLOW }, [[FAILS], [tests(2, 0)]]);
    assert.deepEqual(warnings, []);
  });

  it('are told of where the task asks for their change', async () => {
    const { warnings } = await play({ 'test/a.test.js': HOLLOW }, [[FAILS], [FAILS]], { task: 'Let a be 2 and update its tests.' });
    assert.deepEqual(warnings, [
      'note test/a.test.js: as the base has it, `npm test` fails on this work: one; the task asks for other tests',
    ]);
  });

  it('are run with what the base says of the check, and with its packages', async () => {
    const put = [{ path: 'package.json', text: '{}' }];
    const { ran } = await play({ 'test/a.test.js': HOLLOW, 'package.json': 'forged' }, [[tests(2, 0)]], {
      ways: [[0, { put, packages: 'base' }]],
    });
    assert.deepEqual([ran[0]?.files['package.json'], ran[0]?.packages], ['{}', 'base']);
  });

  it('are asked by the checks that run tests, and by none whose definition does not hold', async () => {
    const lint = { ...CHECK, command: 'npm run lint', base: { ...tests(0, 0), counts: null }, result: { ...tests(0, 0), counts: null } };
    const played = { checks: [lint, CHECK, lint], ways: [0, 1, 2].map((at): [number, object] => [at, at === 1 ? {} : { words: LINT }]) };
    const { ran } = await play({ 'test/a.test.js': HOLLOW }, [[null, tests(2, 0)]], played);
    assert.deepEqual(
      ran.map(({ count }) => count),
      [2],
    );
    const { ran: none } = await play({ 'test/a.test.js': HOLLOW }, [], { ways: [] });
    assert.deepEqual(none, []);
  });

  it('are asked by programs that print no numbers beside those that do, by whatever name their file has', async () => {
    const own = { ...CHECK, command: 'make check', base: { ...tests(0, 0), counts: null }, result: { ...tests(0, 0), counts: null } };
    const { ran, warnings } = await play(
      { 'checks/a.js': HOLLOW },
      [
        [tests(2, 0), FAILS],
        [tests(2, 0), FAILS],
      ],
      {
        checks: [CHECK, own],
        ways: [
          [0, {}],
          [1, { words: MAKE }],
        ],
        base: { 'checks/a.js': OLD.replace('equal', 'assert.equal') },
      },
    );
    assert.equal(ran[0]?.files['checks/a.js'], OLD.replace('equal', 'assert.equal'));
    assert.match(warnings.join('\n'), /^blocking checks\/a\.js: as the base has it, `make check` fails on this work: one\./);
  });

  it('are asked of scripts as the work has them too, where a program prints no numbers', async () => {
    const silent = (exitCode: number) => tests(0, 0, { counts: null, exitCode });
    const own = { ...CHECK, command: 'make test', base: silent(0), result: silent(0) };
    const base = { Makefile: 'test:\n', 'net.sh': 'echo 9\n', 'tests/net.sh': 'test "$(sh net.sh)" = 9\n' };
    const put = ['Makefile', 'net.sh'].map((path) => ({ path, text: base[path as keyof typeof base] }));
    const ways: [number, Partial<WayBack>][] = [[0, { words: MAKE, put, unknown: ['net.sh'] }]];
    const work = { Makefile: 'test: all\n', 'net.sh': 'echo 11\n', 'tests/net.sh': 'sh net.sh\n' };
    const said = [[silent(0)], [silent(1)], [silent(0)], [silent(1)]];
    const { ran, warnings } = await play(work, said, { checks: [own], ways, base });
    const there = ran.map(({ files }) => [files.Makefile, files['net.sh'], files['tests/net.sh']]);
    const [back, kept] = [Object.values(base), [base.Makefile, work['net.sh'], base['tests/net.sh']]];
    assert.deepEqual(there, [back, kept, back, kept]);
    assert.match(warnings.join('\n'), /^blocking tests\/net\.sh: as the base has it, `make test` fails on this work/);
    const passing = await play(work, [[silent(0)], [silent(0)]], { checks: [own], ways, base });
    assert.deepEqual(passing.warnings, []);
    const counted = await play(work, [[tests(2, 0)]], { checks: [CHECK], ways, base });
    assert.equal(counted.ran.length, 1);
  });

  it('follow a source of Rust to its new name', async () => {
    const base = { 'src/calc.rs': RS('calc', 'assert_eq!(calc(), 1);') };
    const work = { 'src/calc.rs': null, 'src/math.rs': RS('calc', 'calc();'), 'src/other.rs': 'other\n' };
    const { ran, warnings } = await play(work, [[FAILS], [FAILS]], { base });
    assert.equal(ran[0]?.files['src/math.rs'], base['src/calc.rs']);
    assert.match(warnings.join('\n'), /^blocking src\/math\.rs: /);
  });

  it('say nothing of a check that did not run on the base', async () => {
    const { ran } = await play({ 'test/a.test.js': HOLLOW }, [], { checks: [{ ...CHECK, base: null }] });
    assert.deepEqual(ran, []);
  });

  for (const [what, run, said] of [
    [
      'do not load',
      tests(1, 1, { exitCode: 1, failing: ['x.py'], tail: 'ImportError: cannot import name a' }),
      /it does not load on this work for `npm test`/,
    ],
    ['are fewer', tests(1, 0), /runs fewer tests on this work: 1\/1 instead of 2\/2/],
    ['do not end', tests(0, 0, { exitCode: null, killed: 'timeout' }), /did not end on this work: stopped \(time limit\)/],
    ['cannot be run', null, /could not be run on this work/],
  ] as const)
    it(`speak against it where they ${what}, in words of their own`, async () => {
      const { warnings } = await play({ 'test/a.test.js': HOLLOW, 'test/help.js': 'other' }, [[run]]);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, said);
      assert.match(warnings[0]!, /^blocking test\/a\.test\.js: .*; so it is with test\/help\.js\. Read/);
    });
});
