/** Refs of ours that a repository brought, as names for others: only they are written, never what they lead to. */
import assert from 'node:assert/strict';
import { forgetRefs, keepForArchive, mergedRef, pinBase, unmarkMerge, unpinBase } from '../../src/workspace/hidden-refs.ts';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { readBranches } from '../../src/workspace/repository-branches.ts';
import { moveHead, prepareHead } from '../../src/workspace/update-head.ts';
import { IDENTITY, makeWorld, open, type World } from './world.ts';

describe('refs of ours that a repository brought', () => {
  let world: World;
  let victim: string;
  beforeEach(async () => {
    world = await makeWorld();
    await world.git('branch', 'victim');
    victim = await at('victim');
    await world.write('src/app.ts', 'export const answer = 43;\n');
    await world.git('commit', '-qam', 'second');
  });
  afterEach(() => world.remove());
  const at = async (name: string) => (await world.git('rev-parse', name)).trim();
  const lead = (ref: string) => world.git('symbolic-ref', ref, 'refs/heads/victim');

  it('pin, mark and what is kept lead to no branch', async () => {
    const repository = await open(world);
    const head = await at('HEAD');
    const acts: readonly (readonly [ref: string, act: () => Promise<unknown>])[] = [
      ['refs/claude-kimi/d1', () => pinBase(repository, 'd1', head)],
      ['refs/claude-kimi/d1', () => unpinBase(repository, 'd1')],
      [mergedRef('d1'), () => pinBase(repository, 'd1', head)],
      [mergedRef('d1'), () => unmarkMerge(repository, 'd1')],
      ['refs/claude-kimi/kept/d1', () => keepForArchive(repository, 'd1', 'd1-2')],
      ['refs/claude-kimi/kept/d1-2', () => keepForArchive(repository, 'd1', 'd1-2')],
      ['refs/claude-kimi/kept/d2', () => forgetRefs(repository.commonDir, ['refs/claude-kimi/kept/d2'])],
    ];
    for (const [ref, act] of acts) {
      await world.git('update-ref', 'refs/claude-kimi/kept/d1', head);
      await lead(ref);
      await act();
      assert.equal(await at('victim'), victim, ref);
    }
  });

  it('the mark of a merge leads to no branch, and to HEAD none is changed but its own', async () => {
    const repository = await open(world);
    const commits = { before: await at('HEAD'), after: await at('HEAD~0'), mark: mergedRef('d1') };
    await lead(mergedRef('d1'));
    await moveHead(repository, commits);
    assert.equal(await at('victim'), victim);
    await lead(mergedRef('d1'));
    const update = await prepareHead(repository, commits);
    assert.ok(typeof update !== 'string');
    await update.commit();
    assert.deepEqual([await at('victim'), await at('main')], [victim, commits.after]);
  });

  it('an attempt that begins was not merged, whatever mark came with the repository', async () => {
    await world.git('update-ref', mergedRef('d1'), 'HEAD');
    await pinBase(await open(world), 'd1', await at('HEAD'), true);
    await assert.rejects(at(mergedRef('d1')));
  });

  it('a branch by the name of a ref of ours is none: it calls no work merged or discarded', async () => {
    for (const ref of [mergedRef('d1'), 'refs/claude-kimi/kept/d1']) await world.git('update-ref', `refs/heads/${ref}`, 'HEAD');
    await world.git('update-ref', mergedRef('d2'), 'HEAD');
    const branches = await readBranches(world.repo, world.user);
    assert.deepEqual([...(branches?.tips.keys() ?? [])].sort(), ['main', 'victim']);
    assert.deepEqual([...(branches?.merged ?? [])].sort(), ['main', mergedRef('d2'), 'victim']);
  });

  it('nothing is put aside where the stash is another name of a branch', async () => {
    await world.git('switch', '-qc', 'work');
    await world.write('src/app.ts', 'export const answer = 44;\n');
    await world.git('commit', '-qam', 'work');
    await world.git('switch', '-q', 'main');
    await world.write('src/app.ts', 'export const answer = 45;\n');
    await lead('refs/stash');
    const plan = { tip: await at('work'), how: 'merge', message: 'Merge\n', identity: IDENTITY, stashAs: 'aside' } as const;
    const merged = await mergeIntoCheckout({ ...plan, repository: await open(world) });
    assert.equal(merged.ok ? 'merged' : merged.reason.code, 'merge.uncommitted');
    assert.equal(await at('victim'), victim);
  });
});
