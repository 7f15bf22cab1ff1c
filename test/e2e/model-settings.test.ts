import assert from 'node:assert/strict';
import { finish, makeWorld, run, task, write } from './world.ts';

describe('the context window', () => {
  it('of the setting bounds the answers, and the server is not asked for it', async () => {
    const world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { env: { KIMI_CONTEXT_WINDOW: '20000' } });
    const report = await world.server.call('implement_feature', task(world, 'feature/window'));
    const caps = world.kimi.requests.map(({ maxOutput }) => maxOutput);
    await world.close();
    assert.match(report, /outcome: unverified/);
    assert.ok(caps.every((cap) => cap > 8000 && cap < 20_000) && caps.length === 3, `${caps}`);
    assert.deepEqual(world.kimi.lists, []);
  });

  it('is asked of a server that is not the platform when there is no setting', async () => {
    const world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    await world.server.call('implement_feature', task(world, 'feature/window'));
    await world.close();
    assert.deepEqual(
      world.kimi.lists.map(({ after }) => after > 0),
      [true],
    );
  });
});

describe('prompt_cache_key', () => {
  const sent = async (env: Record<string, string>) => {
    const world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { env });
    await world.server.call('implement_feature', task(world, 'feature/key'));
    const keys = world.kimi.requests.map(({ body }) => (JSON.parse(body.toString()) as { prompt_cache_key?: string }).prompt_cache_key);
    await world.close();
    return keys;
  };

  it('is one for a delegation when it is on, and tells nothing', async () => {
    const keys = await sent({ KIMI_PROMPT_CACHE_KEY: 'on' });
    assert.equal(keys.length, 3);
    assert.match(keys[0] ?? '', /^[0-9a-f]{16}$/);
    assert.equal(new Set(keys).size, 1);
  });

  it('is not sent to servers other than the platform unless asked for', async () => {
    assert.deepEqual(await sent({}), [undefined, undefined, undefined]);
  });
});
