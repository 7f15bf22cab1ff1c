import assert from 'node:assert/strict';
import { lookAhead } from '../../src/workspace/look-ahead.ts';
import { makeWorld, type World } from './world.ts';

describe('a look at what a merge would meet', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  const commit = async () => {
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'a change');
    return (await world.git('rev-parse', 'HEAD')).trim();
  };
  /** What both sides make of what the base has. @returns the base's commit and the work's; the other side is checked out */
  async function bothSides(write: (side: 'before' | 'theirs' | 'ours') => Promise<void>) {
    await write('before');
    const base = await commit();
    await world.git('checkout', '-q', '-b', 'work');
    await write('theirs');
    const tip = await commit();
    await world.git('checkout', '-q', 'main');
    await write('ours');
    await commit();
    return { base, tip };
  }

  it('tells what moved and what conflicts', async () => {
    const { base, tip } = await bothSides((side) => world.write('README.md', `${side}\n`));
    const seen = await lookAhead(world.repo, base, tip);
    assert.deepEqual([seen?.commits, seen?.conflicts], [1, ['README.md']]);
  });

  it('waits for git no longer than for a hint', async () => {
    // Files that both sides move and change keep git busy for longer than the shortest limit takes, however busy the machine is.
    const { base, tip } = await bothSides(async (side) => {
      await world.git('rm', '-r', '-q', '--ignore-unmatch', 'before');
      for (let file = 0; file < 200; file++) {
        const lines = Array.from({ length: 200 }, (_, line) => `${file} ${line}\n`);
        await world.write(`${side}/${file}.txt`, `${lines.join('')}${side}\n`);
      }
    });
    await assert.rejects(
      lookAhead(world.repo, base, tip, 0),
      (error: { reason?: { code: string } }) => error.reason?.code === 'git.tooLong',
    );
  });
});
