/**
 * A file of the same size that is changed in the second in which git wrote its index: git tells by the time of the index that it must read the
 * file. Whoever writes that index anew must read it too, or the edit is no change any more, and the next merge writes over it.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergeIntoCheckout, takeMergeBack } from '../../src/workspace/merge-into-checkout.ts';
import { uncommittedPaths } from '../../src/workspace/uncommitted.ts';
import { IDENTITY, makeWorld, open, type World } from './world.ts';

describe('an edit in the second of the index', () => {
  let world: World;
  const file = () => join(world.repo, 'README.md');
  const status = async () => (await world.git('--no-optional-locks', 'status', '--porcelain')).trim();

  beforeEach(async () => {
    world = await makeWorld();
    await world.git('config', 'core.trustctime', 'false'); // the test sets times of its own
    await world.git('switch', '-q', '-c', 'work');
    await world.write('src/app.ts', 'export const answer = 42;\n');
    await world.git('commit', '-qam', 'work');
    await world.git('switch', '-q', 'main');
  });
  afterEach(() => world.remove());

  async function edit(): Promise<void> {
    const second = Math.floor(Date.now() / 1000) - 5;
    utimesSync(file(), second, second);
    await world.git('update-index', '--refresh');
    const index = join(world.repo, '.git/index');
    utimesSync(index, second, second);
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('Sample', 'Edited'));
    utimesSync(file(), second, second);
    assert.equal(statSync(file()).size, '# Sample\n'.length);
    assert.equal(await status(), 'M README.md');
  }

  for (const how of ['squash', 'merge', 'fast-forward', 'apply'] as const)
    it(`is seen behind a merge (${how})`, async () => {
      await edit();
      const merged = await mergeIntoCheckout({
        repository: await open(world),
        tip: (await world.git('rev-parse', 'work')).trim(),
        how,
        message: 'Merge',
        identity: IDENTITY,
      });
      assert.ok(merged.ok);
      assert.match(await status(), /^ ?M README\.md$/m);
      assert.ok((await uncommittedPaths(await open(world))).includes('README.md'));
    });

  it('is seen when a merge is taken back, and refuses one that would write over it', async () => {
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('merge', '-q', '--ff-only', 'work');
    await edit();
    assert.ok((await takeMergeBack(await open(world), head)).ok);
    assert.equal(await status(), 'M README.md');
    await world.git('switch', '-q', '-c', 'other', '--discard-changes');
    await world.write('README.md', '# Theirs\n');
    await world.git('commit', '-qam', 'other');
    const tip = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('switch', '-q', 'main');
    await edit();
    const over = await mergeIntoCheckout({ repository: await open(world), tip, how: 'squash', message: 'Merge', identity: IDENTITY });
    assert.ok(!over.ok);
    assert.equal(readFileSync(file(), 'utf8'), '# Edited\n');
  });
});
