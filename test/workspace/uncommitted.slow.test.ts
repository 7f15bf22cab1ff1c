import assert from 'node:assert/strict';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { snapshotUncommitted, uncommittedAmong, uncommittedPaths } from '../../src/workspace/uncommitted.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { english } from '../messages/english.ts';
import { diverge, exists, IDENTITY, layTraps, makeWorkspace, makeWorld, open, put, type World } from './world.ts';

describe('uncommitted work', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
    for (const name of ['both.txt', 'gone.txt', 'staged-gone.txt', 'unstaged.txt']) await world.write(name, 'old\n');
    await world.write('.gitattributes', '*.dat filter=trap\n');
    await world.write('a.dat', 'raw\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'more');
  });
  afterEach(() => world.remove());

  const makeDirty = async () => {
    await world.write('staged.txt', 'staged\n');
    await world.git('add', 'staged.txt');
    await world.write('both.txt', 'staged\n');
    await world.git('add', 'both.txt');
    await world.write('both.txt', 'unstaged\n');
    await world.write('unstaged.txt', 'new\n');
    await world.write('a.dat', 'new raw\n');
    await world.write('dir with space/新 file', 'untracked\n');
    await world.write('ignored/x', 'ignored\n');
    await rm(join(world.repo, 'gone.txt'));
    await world.git('rm', '-q', 'staged-gone.txt');
  };
  const dirtyPaths = ['a.dat', 'both.txt', 'dir with space/新 file', 'gone.txt', 'staged-gone.txt', 'staged.txt', 'unstaged.txt'];

  it('is listed, all of it or what is asked', async () => {
    assert.deepEqual(await uncommittedPaths(await open(world)), []);
    await makeDirty();
    const repository = await open(world);
    assert.deepEqual(await uncommittedPaths(repository), dirtyPaths);
    assert.deepEqual(await uncommittedAmong(repository, ['both.txt', 'README.md', 'nowhere', '*.txt', ':(glob)**', '../x', '/etc']), [
      'both.txt',
    ]);
    assert.deepEqual(await uncommittedAmong(repository, ['dir with space']), ['dir with space/新 file']);
    const many = Array.from({ length: 3000 }, (_, n) => `nowhere/${n}.txt`);
    assert.deepEqual(await uncommittedAmong(repository, ['both.txt', 'dir with space/', ...many]), ['both.txt', 'dir with space/新 file']);
    assert.deepEqual(await uncommittedAmong(repository, ['dir', 'bot', ...many]), []);
    assert.deepEqual(await uncommittedAmong(repository, []), []);
  });

  it('becomes a commit, and nothing of the user changes or runs', async () => {
    await makeDirty();
    // Same size and other time make git read the file, through the filter if it is allowed to; a touched one makes it refresh the index.
    await world.write('a.dat', 'RAW\n');
    await utimes(join(world.repo, 'README.md'), 1, 1);
    const marker = await layTraps(world);
    const before = await fingerprint(world.repo);
    const objects = await fingerprint(join(world.repo, '.git/objects'));
    const { privateGit, repository, base, workTree } = await makeWorkspace(world);
    await uncommittedPaths(repository);
    const { commit, problems } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    assert.deepEqual(problems.map(english), [
      '"a.dat" was left out: git would store it by the filter trap, which does not run here; change it yourself',
    ]);
    assert.deepEqual(await fingerprint(world.repo), before);
    assert.deepEqual(await fingerprint(join(world.repo, '.git/objects')), objects);
    assert.equal(await exists(marker), false);
    const names = await world.gitIn(workTree, '-c', 'core.quotePath=false', 'diff', '--name-only', base, commit);
    assert.deepEqual(
      names.trim().split('\n').sort(),
      ['both.txt', '"dir with space/新 file"', 'gone.txt', 'staged-gone.txt', 'staged.txt', 'unstaged.txt']
        .map((name) => name.replaceAll('"', ''))
        .sort(),
    );
    assert.equal(await world.gitIn(workTree, 'show', `${commit}:both.txt`), 'unstaged\n');
    assert.equal(await world.gitIn(workTree, 'show', `${commit}:a.dat`), await world.gitIn(workTree, 'show', `${base}:a.dat`));
    assert.equal((await world.gitIn(workTree, 'rev-parse', `${commit}^`)).trim(), base);
  });

  it('is taken from conflicts, split and sparse indexes and linked worktrees', async () => {
    await diverge(world, 'both.txt', 'topic\n', 'main\n');
    await assert.rejects(world.git('merge', 'topic'));
    const conflict = await makeWorkspace(world, 'conflict');
    const merged = await snapshotUncommitted(conflict.repository, conflict.privateGit, conflict.base, IDENTITY);
    assert.match(await world.gitIn(conflict.workTree, 'show', `${merged.commit}:both.txt`), /<<<<<<< HEAD/);
    await world.git('merge', '--abort');

    await world.git('update-index', '--split-index');
    await world.write('unstaged.txt', 'split\n');
    const split = await makeWorkspace(world, 'split');
    const ofSplit = await snapshotUncommitted(split.repository, split.privateGit, split.base, IDENTITY);
    assert.equal(await world.gitIn(split.workTree, 'diff', '--name-only', split.base, ofSplit.commit), 'unstaged.txt\n');
    await world.git('update-index', '--no-split-index');
    await world.git('checkout', '-q', 'unstaged.txt');

    const linked = join(world.root, 'linked');
    await world.git('worktree', 'add', '-q', '-b', 'side', linked);
    await put(join(linked, 'README.md'), 'linked\n');
    const side = await makeWorkspace(world, 'linked-work', linked);
    const ofLinked = await snapshotUncommitted(side.repository, side.privateGit, side.base, IDENTITY);
    assert.equal(await world.gitIn(side.workTree, 'diff', '--name-only', side.base, ofLinked.commit), 'README.md\n');

    await world.git('sparse-checkout', 'set', '--cone', '--sparse-index', 'docs');
    assert.equal(await exists(join(world.repo, 'src/app.ts')), false);
    await world.write('README.md', 'sparse\n');
    const sparse = await makeWorkspace(world, 'sparse');
    const ofSparse = await snapshotUncommitted(sparse.repository, sparse.privateGit, sparse.base, IDENTITY);
    assert.equal(await world.gitIn(sparse.workTree, 'diff', '--name-only', sparse.base, ofSparse.commit), 'README.md\n');
  });

  it('leaves out packages that are installed where no rule ignores them', async () => {
    await world.write('package.json', '{}');
    await world.write('tools/pyproject.toml', '');
    await world.write('kept/package.json', '{}');
    await world.write('kept/node_modules/own/index.js', 'committed\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'manifests');
    for (const file of [
      'node_modules/dep/index.js',
      'tools/.venv/lib/a.py',
      'src/node_modules.js',
      'other/node_modules/own.js',
      'kept/node_modules/new.js',
    ])
      await world.write(file, 'new\n');
    const { privateGit, repository, base, workTree } = await makeWorkspace(world);
    const { commit, problems } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    assert.deepEqual(problems, []);
    const names = await world.gitIn(workTree, 'diff', '--name-only', base, commit);
    assert.deepEqual(names.trim().split('\n'), ['kept/node_modules/new.js', 'other/node_modules/own.js', 'src/node_modules.js']);
  });

  it('names nested repositories that it leaves out', async () => {
    await world.gitIn(world.repo, 'init', '-q', 'inner');
    const { privateGit, repository, base } = await makeWorkspace(world);
    const { problems } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    assert.match(problems.map(english).join(), /"inner\/" is a nested git repository/);
  });

  it('sees a change of the same size in the second in which the index was written', async () => {
    const second = Math.floor(Date.now() / 1000) - 5;
    const file = join(world.repo, 'README.md');
    const before = await readFile(file);
    await utimes(file, second, second);
    await world.git('update-index', '--refresh');
    await writeFile(file, Buffer.alloc(before.length, 'x'));
    await utimes(file, second, second);
    await utimes(join(world.repo, '.git/index'), second, second);
    const { privateGit, repository, base } = await makeWorkspace(world);
    const { commit } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    assert.equal((await world.git('--git-dir', privateGit.gitDir, 'show', `${commit}:README.md`)).trim(), 'x'.repeat(before.length));
  });
});
