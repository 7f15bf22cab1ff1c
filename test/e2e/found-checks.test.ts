import assert from 'node:assert/strict';
import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World } from './world.ts';

const SUM = 'exports.sum = (a, b) => a + b;\n';
const TEST = `const { test } = require('node:test');
const assert = require('node:assert');
const { sum } = require('../src/sum.js');
test('adds', () => assert.equal(sum(1, 2), 3));
test('adds nothing', () => assert.equal(sum(1, 0), 1));
`;
const manifest = (scripts: Record<string, string>) => `${JSON.stringify({ name: 'sum', scripts })}\n`;
const NODE = { 'package.json': manifest({ test: 'node --test' }), 'src/sum.js': SUM, 'test/sum.test.js': TEST };
/** Over a file that is there. */
const put = (file: string, text: string) => run(`mkdir -p $(dirname ${file}); cat > ${file} <<'END'\n${text}END`);
/** A feature and its test. */
const twice = (folder = '') => [
  put(`${folder}src/sum.js`, `${SUM}exports.twice = (a) => a + a;\n`),
  put(
    `${folder}test/twice.test.js`,
    "const { test } = require('node:test');\nconst { equal } = require('node:assert');\nconst { twice } = require('../src/sum.js');\ntest('twice', () => equal(twice(2), 4));\n",
  ),
];
const GOOD = twice();
const WRONG = put('src/sum.js', 'exports.sum = (a, b) => a - b;\n');

describe('checks that nobody gave', () => {
  let world: World;
  let turns: readonly Turn[] = [];
  let branches = 0;
  before(async () => {
    world = await makeWorld(({ step }) => turns[step] ?? finish());
  });
  after(() => world.close());

  /** Commits a repository of these files, and lets the worker do these turns in it. */
  async function delegate(files: Record<string, string>, does: readonly Turn[], more: Record<string, unknown> = {}, server = world.server) {
    for (const name of ['src', 'test', 'tests', 'package.json', 'packages', 'Makefile', 'pyproject.toml'])
      rmSync(path.join(world.repo, name), { recursive: true, force: true });
    for (const [file, text] of Object.entries(files)) world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Another project', '--allow-empty');
    turns = does;
    const call = task(world, `feature/n${++branches}`, more);
    return { call, report: await server.call('implement_feature', call) };
  }
  const started = () => {
    const [last] = globSync(path.join(world.state, 'delegations/*/attempts/*/journal.jsonl'))
      .map((file) => JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!))
      .sort((a, b) => b.at - a.at);
    return last;
  };
  const messages = () => JSON.parse(world.kimi.requests.at(-1)!.body.toString()).messages as { role: string; content: string }[];

  it('prove good work, are told first, and the same call gets the stored report', async () => {
    const { report, call } = await delegate(NODE, [...GOOD, finish()]);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(
      report,
      /^checks \(found in package\.json; run by the harness on base, then on the result\):\n {2}npm test {2}2\/2 then 3\/3( {3}\d+ s)?$/m,
    );
    const { checks, checksFrom, foundChecks } = started();
    assert.deepEqual([checks, checksFrom], [['npm test'], 'found']);
    assert.deepEqual(foundChecks, [
      { command: 'npm test', kind: 'test', file: 'package.json', folder: '', endings: foundChecks[0].endings },
    ]);
    assert.match(messages()[1]!.content, /# Checks that will judge the result\n- npm test\n/);
    const requests = world.kimi.requests.length;
    assert.match(await world.server.call('implement_feature', call), /^stored: /m);
    assert.equal(world.kimi.requests.length, requests);
  });

  it('show nothing of a feature without a test, or whose test only calls it', async () => {
    const untested = await delegate(NODE, [GOOD[0]!, finish()]);
    assert.equal(field(untested.report, 'outcome'), 'unverified', untested.report);
    assert.match(field(untested.report, 'reason')!, /passed before the work too, and no new test fails without it/);
    const calling = put(
      'test/twice.test.js',
      "const { test } = require('node:test');\nconst { twice } = require('../src/sum.js');\ntest('twice', () => {\n  twice(2);\n});\n",
    );
    const called = await delegate(NODE, [GOOD[0]!, calling, finish()]);
    assert.equal(field(called.report, 'outcome'), 'unverified', called.report);
    assert.match(field(called.report, 'reason')!, /fail without the work only as they use what it adds/);
    assert.match(called.report, /^decides: 1 of 1 new tests fail on base as they use what the change adds, .*; mutants: 0 of 1 caught/m);
  });

  it('fail bad work, also of a linter that passed before', async () => {
    assert.equal(field((await delegate(NODE, [WRONG, finish()])).report, 'outcome'), 'checks_failed');
    const scripts = manifest({ test: 'node --test', lint: 'xo() { ! grep -rn debugger src; }; xo' });
    const { report } = await delegate({ ...NODE, 'package.json': scripts }, [put('src/sum.js', `debugger;\n${SUM}`), finish()]);
    assert.equal(field(report, 'outcome'), 'checks_failed', report);
    assert.match(report, /npm test {2}2\/2 then 2\/2( {3}\d+ s)?\n {2}npm run lint {2}pass then exit 1 {3}FAILS/);
  });

  it('are those of the base, whatever the worker makes of them', async () => {
    const { report } = await delegate(NODE, [WRONG, put('package.json', manifest({ test: 'echo "# pass 2"; echo "# fail 0"' })), finish()]);
    assert.equal(field(report, 'outcome'), 'needs_review', report);
    assert.match(report, /! package\.json changed, and it decides what `npm test` does/);
    const planted = await delegate({ 'src/a.js': 'x\n' }, [
      put('package.json', manifest({ test: 'echo "# pass 2"; echo "# fail 0"' })),
      finish(),
    ]);
    assert.equal(field(planted.report, 'outcome'), 'unverified', planted.report);
    assert.match(
      planted.report,
      /^reason: no check was found, so nothing proves the work: no file of the repository tells how it is tested$/m,
    );
  });

  it('are not held against the work where they cannot run, and stop nothing', async () => {
    const files = { ...NODE, 'package.json': manifest({ test: 'mocha' }) };
    const { report } = await delegate(files, [run('true'), ...GOOD, finish()]);
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(
      field(report, 'reason')!,
      /^`npm test` could not run: the program mocha is not there, so this check, which nobody gave, shows nothing\.$/,
    );
    const bug = { repo_path: world.repo, branch_name: 'fix/a', bug_description: 'Nothing adds.' };
    assert.equal(field(await world.server.call('fix_bug', bug), 'outcome'), 'unverified');
  });

  it('are run once where they run into their limit', async () => {
    const hurried = await world.another({ env: { KIMI_CHECK_TIMEOUT: '1' } });
    const { report } = await delegate({ Makefile: 'test:\n\tsleep 60\n' }, [put('a.txt', 'a\n'), finish()], {}, hurried);
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, /make test {2}stopped \(timeout\) then not run {3}could not run/);
    assert.match(field(report, 'reason')!, /^`make test` was found, but runs into the limit of time \(KIMI_CHECK_TIMEOUT\)/);
  });

  it('prove nothing where no test ran on the base, or where they are none', async () => {
    const { 'test/sum.test.js': test, ...untested } = NODE;
    const { report } = await delegate(untested, [put('test/sum.test.js', test), finish()]);
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(field(report, 'reason')!, /^`npm test` passes, but no test ran, or none on the base/);
    const linted = await delegate({ ...NODE, 'package.json': manifest({ lint: 'xo() { true; }; xo' }) }, [...GOOD, finish()]);
    assert.equal(field(linted.report, 'outcome'), 'unverified', linted.report);
    assert.match(field(linted.report, 'reason')!, /^`npm run lint` passes, but is no test\.$/);
    const silent = await delegate({ 'package.json': '{}', 'src/sum.js': SUM }, [...GOOD, finish()]);
    assert.match(field(silent.report, 'reason')!, /^no check was found, so nothing proves the work: package\.json name/);
  });

  it('may be named by the task, whose part of the tests does not stand for all of them', async () => {
    const files = { ...NODE, 'test/other.test.js': TEST };
    const spec = { task_spec: 'Make `node --test test/other.test.js` pass.' };
    const { report } = await delegate(files, [...GOOD, finish()], spec);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /^checks \(named in the task, and found in package\.json; run by/m);
    assert.deepEqual([started().checksFrom, started().checks], ['task', ['node --test test/other.test.js', 'npm test']]);
  });

  it('give way to those of the call, then to those of the settings', async () => {
    const { report } = await delegate(NODE, [...GOOD, finish()], { checks: ['test -f src/sum.js'] });
    assert.match(report, /^checks, run by the harness on base, then on the result:\n {2}test -f src\/sum\.js {2}pass then pass/m);
    const other = await world.another({ env: { KIMI_CHECKS: 'test -d src' } });
    const { report: set } = await delegate(NODE, [...GOOD, finish()], {}, other);
    assert.match(set, /^checks \(from the settings; run by the harness on base, then on the result\):\n {2}test -d src {2}pass then pass/m);
    assert.equal(started().checksFrom, 'settings');
  });

  it('of a package say nothing of the others', async () => {
    const files = Object.fromEntries(
      ['a', 'b'].flatMap((name) => Object.entries(NODE).map(([file, text]) => [`packages/${name}/${file}`, text])),
    );
    const spec = { task_spec: 'Add twice() to packages/a/src/sum.js.' };
    const within = await delegate(files, [...twice('packages/a/'), finish()], spec);
    assert.equal(field(within.report, 'outcome'), 'ready', within.report);
    assert.match(within.report, /cd packages\/a && npm test|cd packages\/a &amp;&amp; npm test/);
    const beyond = await delegate(files, [put('packages/b/src/sum.js', 'exports.sum = () => 0;\n'), finish()], spec);
    assert.equal(field(beyond.report, 'outcome'), 'unverified', beyond.report);
    assert.match(field(beyond.report, 'reason')!, /pass, but cover nothing of packages\/b\/src\/sum\.js, which the work also changes/);
  });

  it('are looked for again with the words of the feedback', async () => {
    const { call } = await delegate({ ...NODE, 'test/other.test.js': TEST }, [WRONG, finish()]);
    turns = [...GOOD, finish()];
    const report = await world.server.call('implement_feature', { ...call, task_spec: 'Now `node --test test/other.test.js` fails.' });
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.deepEqual(started().checks, ['node --test test/other.test.js', 'npm test']);
  });

  describe('beside given ones that pass whatever the code is', () => {
    const checks = ['true'];

    it('fail bad work: its own new test fails', async () => {
      const { report } = await delegate(NODE, [put('src/sum.js', SUM), twice()[1]!, finish()], { checks });
      assert.equal(field(report, 'outcome'), 'checks_failed', report);
      assert.match(report, /^ {2}true {2}pass then pass {3}passes whatever the code is, proves nothing$/m);
      assert.match(report, /^ {4}fails: twice$/m);
    });

    it('prove good work as if nothing was given, and the same call gets the stored report', async () => {
      const { report, call } = await delegate(NODE, [...GOOD, finish()], { checks: ['npm test || true'] });
      assert.equal(field(report, 'outcome'), 'ready', report);
      assert.match(report, /^ {2}npm test {2}2\/2 then 3\/3/m);
      assert.match(await world.server.call('implement_feature', call), /^stored: /m);
      const untested = await delegate(NODE, [GOOD[0]!, finish()], { checks });
      assert.equal(field(untested.report, 'outcome'), 'unverified', untested.report);
    });

    it('where there are none, nothing proves the work, also of a script of the base that only says so', async () => {
      const { report } = await delegate({ 'src/sum.js': SUM }, [...GOOD, finish()], { checks });
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.match(field(report, 'reason')!, /^`true` passes whatever the code is/);
      const silent = await delegate({ ...NODE, 'package.json': manifest({ test: 'echo ok' }) }, [...GOOD, finish()], {
        checks: ['npm test'],
      });
      assert.equal(field(silent.report, 'outcome'), 'unverified', silent.report);
    });
  });
});
