import assert from 'node:assert/strict';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The refs of ours in the user's repository, which keep the base of an open attempt from being collected. */
describe('hidden refs', () => {
  let world: World;
  afterEach(() => world.close());

  const refs = () => world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi').split('\n').filter(Boolean);
  const call = (branch: string) => world.server.call('implement_feature', task(world, branch));
  const STALL: Turn = { fault: 'stall_before_headers' };
  /** Cancels an attempt when so many of its requests have come. */
  async function cancelled(branch: string, requests: number): Promise<void> {
    const running = call(branch);
    await world.kimi.arrived(requests);
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: branch });
    assert.equal(field(await running, 'outcome'), 'cancelled');
  }

  for (const [outcome, fault] of [
    ['auth_failed', '401'],
    ['quota_exhausted', '429_quota'],
    ['api_unreachable', 'web_page'],
  ] as const) {
    it(`none stays after ${outcome} without a step`, async () => {
      world = await makeWorld([{ fault }]);
      assert.equal(field(await call('feature/none'), 'outcome'), outcome);
      assert.deepEqual(refs(), []);
    });
  }

  it('none stays after a cancel without a step', async () => {
    world = await makeWorld([STALL]);
    await cancelled('feature/none', 1);
    assert.deepEqual(refs(), []);
  });

  it('none stays when the client goes before the first step', async () => {
    world = await makeWorld([STALL]);
    const other = await world.another();
    const running = other.call('implement_feature', task(world, 'feature/gone'));
    await world.kimi.arrived(1);
    await other.close();
    await assert.rejects(running);
    const where = { repo_path: world.repo, branch_name: 'feature/gone' };
    assert.equal(field(await world.server.call('get_delegation', where), 'outcome'), 'interrupted');
    assert.deepEqual(refs(), []);
  });

  it('one stays while there is something to go on with, and goes with the end', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), STALL, run('true'), finish()]);
    await cancelled('feature/half', 2);
    assert.equal(refs().length, 1);
    assert.equal(field(await call('feature/half'), 'outcome'), 'unverified');
    assert.deepEqual(refs(), []);
  });
});
