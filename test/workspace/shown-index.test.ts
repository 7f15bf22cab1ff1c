import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { checkout, resetWorkTree } from '../../src/workspace/checkout.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { grepFiles } from '../../src/workspace/grep-files.ts';
import { removeIndex } from '../../src/workspace/private-git.ts';
import { writeShownIndex } from '../../src/workspace/shown-index.ts';
import { makeWorkspace, makeWorld, type Workspace, type World } from './world.ts';

describe('the index that commands see', () => {
  let world: World;
  let work: Workspace;
  beforeEach(async () => {
    world = await makeWorld();
    for (const file of ['a.txt', 'gone.txt', 'same.txt']) writeFileSync(join(world.repo, file), `${file}\n`);
    execFileSync('git', ['-C', world.repo, 'add', '-A']);
    execFileSync('git', ['-C', world.repo, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-qm', 'files']);
    work = await makeWorkspace(world);
  });
  afterEach(() => world.remove());

  const git = (...words: string[]) => execFileSync('git', words, { cwd: work.workTree, encoding: 'utf8' });
  const change = () => {
    writeFileSync(join(work.workTree, 'a.txt'), 'changed\n');
    writeFileSync(join(work.workTree, 'new.txt'), 'new\n');
    rmSync(join(work.workTree, 'gone.txt'));
  };
  const showsAll = () => {
    assert.equal(git('status', '--porcelain'), ' M a.txt\n D gone.txt\n?? new.txt\n');
    assert.match(git('diff'), /\n-a\.txt\n\+changed\n[\s\S]*deleted file[\s\S]*-gone\.txt\n$/);
    assert.match(git('diff', '--stat'), /a\.txt [\s\S]*gone\.txt [\s\S]*2 files changed/);
    assert.equal(git('diff', '--cached'), '');
  };

  it('shows all work, whatever checkpoints were made', async () => {
    change();
    showsAll();
    const { tree, changed } = await checkpoint(work.privateGit, work.workTree, work.base);
    assert.deepEqual([...changed].sort(), ['a.txt', 'gone.txt', 'new.txt']);
    showsAll();
    writeFileSync(join(work.workTree, 'new.txt'), 'newer\n');
    assert.deepEqual((await checkpoint(work.privateGit, work.workTree, tree)).changed, ['new.txt']);
    showsAll();
  });

  it('shows it again where the work goes on from a checkpoint, in a tree that is there or made anew', async () => {
    change();
    const { tree } = await checkpoint(work.privateGit, work.workTree, work.base);
    writeFileSync(join(work.workTree, 'a.txt'), 'lost\n');
    assert.ok((await resetWorkTree(work.privateGit, work.workTree, tree, { ignored: 'stay' })).ok);
    await writeShownIndex(work.privateGit, work.workTree, work.base);
    showsAll();

    await removeIndex(work.privateGit);
    assert.ok((await checkout(work.privateGit, work.workTree, work.base)).ok);
    assert.ok((await resetWorkTree(work.privateGit, work.workTree, tree, { ignored: 'stay' })).ok);
    await writeShownIndex(work.privateGit, work.workTree, work.base);
    showsAll();
    assert.deepEqual((await checkpoint(work.privateGit, work.workTree, tree)).changed, []);
  });

  it('hides from no search what a checkpoint has taken in', async () => {
    const query = { pattern: '文件', syntax: 'literal', ignoreCase: false, targets: [], limit: 10 } as const;
    const found = async () => {
      const result = await grepFiles(work.privateGit, work.workTree, query);
      assert.ok(result.ok);
      return result.hits.map(({ path }) => path);
    };
    assert.deepEqual(await found(), []);
    writeFileSync(join(work.workTree, 'new.txt'), iconv.encode('// 新的文件\n', 'gbk'));
    await checkpoint(work.privateGit, work.workTree, work.base);
    assert.deepEqual(await found(), ['new.txt']);
  });
});
