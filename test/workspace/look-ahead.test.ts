import assert from 'node:assert/strict';
import { lookAhead } from '../../src/workspace/look-ahead.ts';
import { makeWorld, type World } from './world.ts';

describe('a look at what a merge would meet', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());
  const head = async () => (await world.git('rev-parse', 'HEAD')).trim();

  it('tells what moved and what conflicts, and waits for git no longer than for a hint', async () => {
    const base = await head();
    await world.git('checkout', '-q', '-b', 'work');
    await world.write('README.md', 'theirs\n');
    await world.git('commit', '-q', '-a', '-m', 'work');
    const tip = await head();
    await world.git('checkout', '-q', '-');
    await world.write('README.md', 'ours\n');
    await world.git('commit', '-q', '-a', '-m', 'ours');
    const seen = await lookAhead(world.repo, base, tip);
    assert.deepEqual([seen?.commits, seen?.conflicts], [1, ['README.md']]);
    await assert.rejects(
      lookAhead(world.repo, base, tip, 0),
      (error: { reason?: { code: string } }) => error.reason?.code === 'git.tooLong',
    );
  });
});
