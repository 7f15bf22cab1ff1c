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
      assert.match(report, /stopped \(.+\) → pass {3}pass/);
      assert.doesNotMatch(report, /failed before/);
      assert.match(field(report, 'reason') ?? '', /was stopped on the base, so this proves nothing/);
    });

  it('is taken once more, with nothing beside it, where the check failed on the base beside a command of the worker', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), run('sleep 1'), finish()]);
    const check = 'sleep 0.5; test -f done.txt';
    const report = await world.server.call('implement_feature', task(world, 'feature/beside', { checks: [check] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(runsOn('base').length, 2);
    assert.equal(runsOn('result').length, 1);
  });

  it('is taken once where no command ran beside it, or the base passed', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    await world.server.call('implement_feature', task(world, 'feature/quiet', { checks: ['test -f done.txt'] }));
    assert.equal(runsOn('base').length, 1);
    await world.close();
    world = await makeWorld([write('done.txt', 'done\n'), run('sleep 1'), finish()]);
    await world.server.call('implement_feature', task(world, 'feature/passes', { checks: ['sleep 0.5'] }));
    assert.equal(runsOn('base').length, 1);
  });
});
