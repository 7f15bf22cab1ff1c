import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { finish, makeWorld, run, task, type World, write } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';

/** What a hostile worker can make of a check that fails, or is killed, on the base. */
describe('evidence of checks', () => {
  let world: World | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  const runsOn = (side: 'base' | 'result') => {
    const [journal] = globSync(path.join(world!.state, 'delegations/*/attempts/*/journal.jsonl'));
    const events = readFileSync(journal!, 'utf8').trim().split('\n');
    return events.map((line) => JSON.parse(line)).filter(({ type, on, phase }) => type === 'check' && on === side && phase === 'end');
  };

  for (const [limit, slow] of [
    ['time', 'sleep 60'],
    ['memory', `python3 -c "x = b'1' * (400 << 20); import time; time.sleep(60)"`],
  ] as const)
    it(`is none where the base was stopped by the limit of ${limit}: a starved check is no bug that was fixed`, async () => {
      const env = { KIMI_CHECK_TIMEOUT: limit === 'time' ? '1' : '30', KIMI_COMMAND_MEMORY_MB: '300' };
      world = await makeWorld([write('done.txt', 'done\n'), finish()], { env });
      const check = `test -f done.txt || ${slow}`;
      const report = await world.server.call('implement_feature', task(world, 'feature/starved', { checks: [check] }));
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.match(report, /stopped \(.+\) then pass$/m);
      assert.doesNotMatch(report, /failed before/);
      assert.match(field(report, 'reason') ?? '', /was stopped on the base, so this proves nothing/);
    });

  const printed = 'echo "not ok 1 - adds"; echo "# pass 1"; echo "# fail 1"';
  const BOUNDS = {
    time: ['sleep 60', 'KIMI_CHECK_TIMEOUT'],
    memory: [`python3 -c "x = b'1' * (400 << 20); import time; time.sleep(60)"`, 'KIMI_COMMAND_MEMORY_MB'],
    processes: ['for i in $(seq 300); do sleep 60 & done; wait', 'KIMI_COMMAND_PROCESSES'],
    // Less than the memory: in a file system of memory it counts for both.
    'disk space': ['head -c 200M /dev/zero > big; sleep 60', 'KIMI_DISK_MB'],
  } as const;
  const bounded = (limit: string) => ({
    KIMI_CHECK_TIMEOUT: limit === 'time' ? '1' : '30',
    KIMI_COMMAND_MEMORY_MB: '300',
    KIMI_COMMAND_PROCESSES: '100',
    KIMI_DISK_MB: '100',
  });

  for (const [limit, [hungry, setting]] of Object.entries(BOUNDS)) {
    it(`tells a result that was stopped by the limit of ${limit} from one whose tests fail`, async () => {
      world = await makeWorld([write('done.txt', 'done\n'), finish()], { env: bounded(limit) });
      const check = `test ! -f done.txt || { ${printed}; ${hungry}; }`;
      const report = await world.server.call('implement_feature', task(world, 'feature/hungry', { checks: [check] }));
      assert.equal(field(report, 'outcome'), 'checks_failed', report);
      assert.equal(
        field(report, 'reason'),
        `\`${check}\` was stopped on the result at the limit of ${limit} (${setting}), on the base it was not: the work or its tests use too much.`,
      );
      assert.match(report, /pass then stopped \(.+\) {3}STOPPED at a limit( {3}\d+ s)?\n/);
      assert.doesNotMatch(report, /new failures|fails: /);
    });

    it(`is none where the limit of ${limit} stopped base and result`, async () => {
      world = await makeWorld([write('done.txt', 'done\n'), finish()], { env: bounded(limit) });
      const args = { repo_path: world.repo, branch_name: 'fix/hungry', bug_description: 'Write done.txt.', checks: [hungry] };
      const report = await world.server.call('fix_bug', args);
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.match(field(report, 'reason') ?? '', new RegExp(`was stopped on base and result at the limit of ${limit} \\(${setting}\\)`));
      assert.match(report, /stopped on both, proves nothing/);
    });
  }

  /** Fails when it gets less than an eighth of a processor. */
  const GREEDY = `python3 -c 'import time; a = time.monotonic()
while time.process_time() < 0.3: pass
exit(time.monotonic() - a > 8 * 0.3)'`;
  const LOOPS = 'for i in $(seq 60); do (setsid sh -c "while :; do :; done" &); done';

  it('is not what busy loops beside it make of it, nor those that a command left behind', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run(`${LOOPS}; sleep 2`), run(LOOPS), finish()]);
    const report = await world.server.call('implement_feature', task(world, 'feature/loops', { checks: [GREEDY] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /pass then pass( {3}\d+ s)?$/m);
  });

  it('is not what a check before it left running', async () => {
    world = await makeWorld([write('loops.sh', `${LOOPS}\n`), finish()]);
    const checks = ['test ! -f loops.sh || sh loops.sh', GREEDY];
    const report = await world.server.call('implement_feature', task(world, 'feature/left', { checks }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /python3.+ {2}pass then pass( {3}\d+ s)?$/m);
  });

  it('is not what the code that a check before it ran has written, while what that built stays', async () => {
    const plants = `const fs = require('fs'), os = require('os');
fs.writeFileSync('lint.sh', 'exit 0');
fs.writeFileSync('own.sh', 'exit 0');
fs.writeFileSync('/tmp/good', '');
fs.writeFileSync('.npmrc', 'script-shell=/bin/true');
fs.writeFileSync(os.homedir() + '/.npmrc', 'script-shell=/bin/true');
fs.writeFileSync('node_modules/.bin/grep', '#!/bin/sh\\nexit 0', { mode: 0o755 });
fs.writeFileSync('node_modules/dep/index.js', '');
`;
    const build = "require('fs').mkdirSync('build', { recursive: true });\nrequire('fs').writeFileSync('build/out.txt', '');\n";
    const text = Buffer.from(build + plants).toString('base64');
    world = await makeWorld([run(`echo ${text} | base64 -d > src/app.js`), finish()]);
    world.write('src/app.js', build);
    world.write('lint.sh', '[ -f /tmp/good ] && exit 0; [ -f own.sh ] && . ./own.sh\ngrep -q hallo src/greet.txt\n');
    world.write('package.json', '{"name":"a","scripts":{"lint":"grep -q hallo src/greet.txt"}}');
    world.git('add', '-A');
    world.git('commit', '-qm', 'Two');
    world.write('node_modules/.bin/other', '');
    world.write('node_modules/dep/index.js', 'process.exit(1)');
    const failing = ['sh lint.sh', 'npm run lint', 'node -e "require(\'dep\')"'];
    const report = await world.server.call(
      'implement_feature',
      task(world, 'feature/plants', { checks: ['node src/app.js', ...failing, 'test -f build/out.txt'] }),
    );
    for (const check of failing) assert.ok(report.includes(`${check}  exit 1 then exit 1   fails as before`), report);
    assert.match(report, /test -f build\/out\.txt {2}pass then pass/);
  });

  it('is taken once more, with nothing beside it, where the check failed on the base beside a command of the worker', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), run('sleep 1'), finish()]);
    const check = 'sleep 0.5; test -f done.txt';
    const report = await world.server.call('implement_feature', task(world, 'feature/beside', { checks: [check] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(runsOn('base').length, 2);
    assert.equal(runsOn('result').length, 1);
  });

  it('is taken once where the base passed, and twice where it would count as fixed: a check that flakes proves nothing', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    await world.server.call('implement_feature', task(world, 'feature/quiet', { checks: ['test -f done.txt'] }));
    assert.equal(runsOn('base').length, 2);
    await world.close();
    world = await makeWorld([write('done.txt', 'done\n'), run('sleep 1'), finish()]);
    await world.server.call('implement_feature', task(world, 'feature/passes', { checks: ['sleep 0.5'] }));
    assert.equal(runsOn('base').length, 1);
  });
});
