import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOf, treeWithFiles } from '../../src/workspace/tree-with-files.ts';
import { makeWorkspace, makeWorld, type World } from './world.ts';

describe('the tree of a commit with some other files in it', () => {
  let world: World;
  before(async () => {
    world = await makeWorld();
  });
  after(() => world.remove());

  it('holds texts as programs where one stands, files of another commit, and no file that is to be gone', async () => {
    await world.write('run.sh', 'echo 1\n');
    await world.write('gone.txt', 'gone\n');
    await chmod(join(world.repo, 'run.sh'), 0o755);
    await symlink('run.sh', join(world.repo, 'link.sh'));
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'second');
    const { privateGit, base } = await makeWorkspace(world);
    const [first] = (await world.git('rev-list', '--max-parents=0', 'HEAD')).trim().split('\n');
    const texts = ['run.sh', 'link.sh', 'src/app.ts', 'src/new.ts'].map((path) => ({ path, text: 'new\n' }));
    const tree = await treeWithFiles(privateGit, base, [...texts, ...(await filesOf(privateGit, first!, ['gone.txt', 'README.md']))]);
    const listed = await world.gitIn(privateGit.gitDir, 'ls-tree', '-r', tree);
    const modes = Object.fromEntries(
      listed
        .trim()
        .split('\n')
        .map((line) => [line.split('\t')[1], line.slice(0, 6)]),
    );
    assert.deepEqual(modes, {
      '.gitignore': '100644',
      'README.md': '100644',
      'link.sh': '100644',
      'run.sh': '100755',
      'src/app.ts': '100644',
      'src/new.ts': '100644',
    });
  });
});
