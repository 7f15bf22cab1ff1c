import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckTree, createCheckTree } from '../../../src/delegation/attempt/check-tree.ts';
import { checkout } from '../../../src/workspace/checkout.ts';
import { removeIndex } from '../../../src/workspace/private-git.ts';
import type { PrivateGit } from '../../../src/workspace/types.ts';
import { fingerprint } from '../../fakes/fingerprint.ts';
import { makeWorkspace, makeWorld, open, put, text, type World } from '../../workspace/world.ts';

describe('the working tree of checks', () => {
  let world: World;
  let git: PrivateGit;
  let reference: PrivateGit;
  let tree: CheckTree;
  let workTree: string;
  let [base, result] = ['', ''];

  beforeEach(async () => {
    world = await makeWorld();
    for (const name of ['a/one.txt', 'a/two.txt', 'b/three.txt', 'run.sh']) await world.write(name, `${name} of the base\n`);
    await world.write('.gitignore', 'build/\n*.log\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'base');
    base = (await world.git('rev-parse', 'HEAD')).trim();
    await world.write('a/two.txt', 'changed\n');
    await world.write('c/four.txt', 'new\n');
    await rm(join(world.repo, 'b'), { recursive: true });
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'result');
    result = (await world.git('rev-parse', 'HEAD')).trim();
    const made = await makeWorkspace(world);
    git = made.privateGit;
    reference = (await makeWorkspace(world, 'reference')).privateGit;
    workTree = join(world.root, 'check');
    tree = createCheckTree({
      workTree,
      repository: made.repository,
      hasSubmodules: false,
      signal: new AbortController().signal,
      fill: async () => {},
    });
  });
  afterEach(() => world.remove());

  /** As a tree of its own would be. */
  async function whole(commit: string): Promise<unknown> {
    const other = join(world.root, 'fresh');
    await mkdir(other);
    await removeIndex(reference);
    await checkout(reference, other, commit);
    const seen = await fingerprint(other);
    await rm(other, { recursive: true });
    return seen;
  }

  it('is written whole where the attributes of the next commit are others, which files that are the same have to follow', async () => {
    await world.write('.gitattributes', '*.sh text eol=crlf\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'attributes');
    const attributes = (await world.git('rev-parse', 'HEAD')).trim();
    for (const [commit, ends] of [
      [result, '\n'],
      [attributes, '\r\n'],
      [base, '\n'],
    ] as const) {
      assert.equal(await tree.fill(git, commit), true);
      assert.equal(await text(join(workTree, 'run.sh')), `run.sh of the base${ends}`);
    }
  });

  it('is put back although a check left pipes by the names of files that git reads for their rules', async () => {
    assert.equal(await tree.fill(git, result), true);
    for (const name of ['a/.gitattributes', '.gitattributes', 'c/.gitignore']) execFileSync('mkfifo', [join(workTree, name)]);
    await writeFile(join(workTree, 'a/one.txt'), 'other\n');
    assert.equal(await tree.restore(git, result), true);
    assert.equal(await text(join(workTree, 'a/one.txt')), 'a/one.txt of the base\n');
  });

  it('becomes the next commit by what differs', async () => {
    assert.equal(await tree.fill(git, base), true);
    const before = await stat(join(workTree, 'a/one.txt'));
    assert.equal(await tree.fill(git, result), true);
    assert.equal(await text(join(workTree, 'a/two.txt')), 'changed\n');
    assert.equal((await stat(join(workTree, 'a/one.txt'))).ino, before.ino, 'written anew');
    assert.equal(await text(join(workTree, '.git')), `gitdir: ${git.gitDir}\n`);
    assert.deepEqual(await fingerprint(workTree, ['.git']), await whole(result));
  });

  for (const [name, mess] of Object.entries<(at: string) => Promise<unknown>>({
    'a file with other text of the same length and its old times': async (at) => {
      const file = join(at, 'a/one.txt');
      const { atime, mtime, size } = await stat(file);
      await writeFile(file, 'x'.repeat(size));
      await utimes(file, atime, mtime);
    },
    'files that went, came, and are ignored': async (at) => {
      await rm(join(at, 'a/one.txt'));
      for (const file of ['new.txt', 'build/out/x', 'a/x.log', 'node_modules/dep/index.js']) await put(join(at, file), 'x');
    },
    'other modes, and folders without rights': async (at) => {
      await chmod(join(at, 'run.sh'), 0o755);
      await put(join(at, 'build/deep/x'), 'x');
      for (const folder of ['build/deep', 'build', 'a']) await chmod(join(at, folder), 0o500);
    },
    'a folder that became a file, and a file that became a folder': async (at) => {
      await rm(join(at, 'a'), { recursive: true });
      await put(join(at, 'a'), 'x');
      await rm(join(at, 'run.sh'));
      await put(join(at, 'run.sh/x'), 'x');
    },
    'a folder that became a link to another': async (at) => {
      await rename(join(at, 'a'), join(at, 'moved'));
      await symlink(join(world.root, 'outside'), join(at, 'a'));
    },
    'a repository of its own, and one in the place of .git': async (at) => {
      execFileSync('git', ['init', '-q', join(at, 'nested')]);
      await put(join(at, 'nested/x'), 'x');
      await rm(join(at, '.git'));
      execFileSync('git', ['init', '-q', at]);
      await put(join(at, '.git/info/exclude'), '*\n');
    },
    'rules that hide what was laid, as a file, a pipe and a link': async (at) => {
      await put(join(at, '.gitignore'), '*\n');
      await put(join(at, 'sub/hidden.txt'), 'x');
      execFileSync('mkfifo', [join(at, 'sub/.gitignore'), join(at, 'sub/.gitattributes')]);
      await symlink('/dev/zero', join(at, 'sub/.mailmap'));
    },
    'an attribute that would change what is written': (at) => put(join(at, '.gitattributes'), '* text eol=crlf ident\n'),
    nothing: async (at) => readdir(at),
    'everything gone': (at) => rm(at, { recursive: true }),
  }))
    it(`is what the commit says behind a run that left ${name}`, async () => {
      await mkdir(join(world.root, 'outside'));
      await put(join(world.root, 'outside/one.txt'), 'mine\n');
      await tree.fill(git, base);
      await mess(workTree);
      assert.equal(await tree.fill(git, result), true);
      assert.deepEqual(await fingerprint(workTree, ['.git']), await whole(result));
      await mess(workTree);
      assert.equal(await tree.fill(git, base), true);
      assert.deepEqual(await fingerprint(workTree, ['.git']), await whole(base));
      assert.deepEqual(
        [await readdir(join(world.root, 'outside')), await text(join(world.root, 'outside/one.txt'))],
        [['one.txt'], 'mine\n'],
      );
    });

  it('is written whole again behind a commit that could not be', async () => {
    await tree.fill(git, base);
    assert.equal(await tree.fill(git, '1'.repeat(40)), false);
    assert.equal(await tree.fill(git, result), true);
    assert.deepEqual(await fingerprint(workTree, ['.git']), await whole(result));
  });

  it('has its files again between two checks, in folders without rights too, and tells when it cannot', async () => {
    const stop = new AbortController();
    const options = { workTree, repository: await open(world), hasSubmodules: false, signal: stop.signal, fill: async () => {} };
    tree = createCheckTree(options);
    await tree.fill(git, base);
    await put(join(workTree, 'a/one.txt'), 'x');
    await chmod(join(workTree, 'a'), 0o500);
    assert.equal(await tree.restore(git, base), true);
    assert.equal(await text(join(workTree, 'a/one.txt')), 'a/one.txt of the base\n');
    assert.equal(await tree.restore(git, '1'.repeat(40)), false, 'objects are missing');
    await put(`${git.ownIndex ?? join(git.gitDir, 'index')}.lock`, '');
    assert.equal(await tree.restore(git, result), false, 'git says no');
    stop.abort();
    await assert.rejects(tree.restore(git, base), 'nobody waits for it any more');
  });
});
