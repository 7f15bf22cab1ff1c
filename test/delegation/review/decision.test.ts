import assert from 'node:assert/strict';
import { join } from 'node:path';
import { noteBrokenMerge } from '../../../src/delegation/review/decision.ts';
import { delegationFolder, readDisposition } from '../../../src/delegation/store/delegation-folder.ts';
import { mergedRef } from '../../../src/workspace/hidden-refs.ts';
import { makeWorld, open, put, type World } from '../../workspace/world.ts';

describe('a merge that was killed before it was noted', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('is noted by its mark, which goes then: it would tell of a later delegation of the branch, too', async () => {
    const folder = delegationFolder(join(world.root, 'state'), 'id');
    await put(folder.identity, '{}');
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('update-ref', mergedRef(folder.id), head);
    const context = { repository: await open(world), branch: 'kimi/work', now: () => 0 };
    await noteBrokenMerge(context, folder, []);
    const noted = readDisposition(folder);
    assert.deepEqual([noted?.state, noted?.branch, noted?.into], ['merged', 'kimi/work', 'main']);
    assert.equal(await world.git('for-each-ref', 'refs/claude-kimi'), '');
  });
});
