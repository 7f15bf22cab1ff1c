import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout, resetWorkTree } from '../../src/workspace/checkout.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { attachWorkTree, createPrivateGit } from '../../src/workspace/private-git.ts';
import { GitError } from '../../src/workspace/run-git.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { english } from '../messages/english.ts';
import { exists, layTraps, makeWorkspace, makeWorld, open, put, text, type World } from './world.ts';

describe('the private git dir', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('is a repository on the branch, and a clean one', async () => {
    const { workTree, privateGit, repository, base } = await makeWorkspace(world);
    assert.equal((await world.gitIn(workTree, 'symbolic-ref', 'HEAD')).trim(), 'refs/heads/kimi/work');
    assert.equal(await world.gitIn(workTree, 'status', '--porcelain'), '');
    assert.equal(await world.gitIn(workTree, 'log', '--format=%s'), 'first\n');
    assert.equal(await text(join(workTree, '.git')), `gitdir: ${privateGit.gitDir}\n`);
    assert.equal(await text(join(privateGit.gitDir, 'sandbox-alternates')), '/run/claude-kimi/objects/0\n');
    const plan = { dir: privateGit.gitDir, repository, branch: privateGit.branch, commit: base, hasShownIndex: true };
    assert.deepEqual(await createPrivateGit(plan), privateGit, 'and the same when it is made again');
  });

  it('takes over how bytes become files, and nothing that runs', async () => {
    await layTraps(world);
    await world.git('config', 'core.autocrlf', 'input');
    await world.git('config', 'alias.st', '!false');
    const { privateGit } = await makeWorkspace(world);
    const list = await world.gitIn(world.root, 'config', '--file', join(privateGit.gitDir, 'config'), '--list');
    assert.match(list, /^core\.autocrlf=input$/m);
    assert.doesNotMatch(list, /trap|filter|hook|alias|fsmonitor|pager|gpg|ssh/);
  });

  it('ignores what the user ignores anywhere', async () => {
    await writeFile(join(world.repo, '.git/info/exclude'), '*.mine\n!keep.global');
    await put(join(world.user.home, '.config/git/ignore'), '*.global\n');
    const { workTree } = await makeWorkspace(world);
    for (const name of ['a.mine', 'a.global', 'keep.global', 'a.log', 'seen.txt']) await writeFile(join(workTree, name), '');
    assert.equal(await world.gitIn(workTree, 'status', '--porcelain'), '?? keep.global\n?? seen.txt\n');
  });

  it('takes no rules from a file outside of the repository that only its own config or a link names', async () => {
    const secret = join(world.root, 'home/.ssh/id');
    await put(secret, 'SECRET\n');
    await world.write('rules/ignore', '*.mine\n');
    const rules = async (name: string) => {
      const { privateGit } = await makeWorkspace(world, name);
      return `${await text(join(privateGit.gitDir, 'info/exclude'))}${await text(join(privateGit.gitDir, 'info/attributes'))}`;
    };
    await world.git('config', 'core.excludesFile', secret);
    await world.git('config', 'core.attributesFile', '~/.ssh/id');
    assert.doesNotMatch(await rules('one'), /SECRET/);
    await symlink(secret, join(world.repo, 'rules/link'));
    await world.git('config', 'core.excludesFile', 'rules/link');
    await rm(join(world.repo, '.git/info'), { recursive: true });
    await mkdir(join(world.repo, '.git/info'));
    await symlink(secret, join(world.repo, '.git/info/exclude'));
    assert.doesNotMatch(await rules('two'), /SECRET/);
    await world.git('config', 'core.excludesFile', 'rules/ignore');
    assert.match(await rules('three'), /^\*\.mine$/m);
    await world.git('config', '--unset', 'core.excludesFile');
    await world.git('config', '--global', 'core.excludesFile', join(world.root, 'home/my rules'));
    await put(join(world.root, 'home/my rules'), '*.ours\n');
    assert.match(await rules('four'), /^\*\.ours$/m);
  });

  it('works from shallow, sparse, sha256 and oddly named repositories', async () => {
    await world.write('b', 'b');
    await world.git('add', 'b');
    await world.git('commit', '-q', '-m', 'second');
    const shallow = join(world.root, 'shallow');
    await world.gitIn(world.root, 'clone', '-q', '--depth=1', `file://${world.repo}`, shallow);
    const ofShallow = await makeWorkspace(world, 'from-shallow', shallow);
    assert.equal(await world.gitIn(ofShallow.workTree, 'log', '--format=%s'), 'second\n');

    await world.git('sparse-checkout', 'set', '--cone', 'docs');
    assert.equal(await exists(join(world.repo, 'src/app.ts')), false);
    const ofSparse = await makeWorkspace(world, 'from-sparse');
    assert.equal(await exists(join(ofSparse.workTree, 'src/app.ts')), true);

    const odd = await makeWorld({ folder: 'a "b" #中文', initArgs: ['--object-format=sha256'] });
    try {
      const { workTree } = await makeWorkspace(odd);
      assert.equal(await odd.gitIn(workTree, 'status', '--porcelain'), '');
    } finally {
      await odd.remove();
    }
  });

  it('moves its branch, and removes what a killed process left, when it is made again', async () => {
    const { privateGit, repository, workTree } = await makeWorkspace(world);
    await world.write('c', 'c');
    await world.git('add', 'c');
    await world.git('commit', '-q', '-m', 'later');
    const later = (await world.git('rev-parse', 'HEAD')).trim();
    const lock = join(privateGit.gitDir, 'index.lock');
    await writeFile(lock, '');
    await createPrivateGit({ dir: privateGit.gitDir, repository, branch: privateGit.branch, commit: later });
    assert.equal((await world.gitIn(workTree, 'rev-parse', 'HEAD')).trim(), later);
    assert.equal(await exists(lock), false);
  });

  it('replaces a pointer that was tampered with', async () => {
    const { privateGit, workTree } = await makeWorkspace(world);
    await rm(join(workTree, '.git'));
    await put(join(workTree, '.git/hooks/post-checkout'), '#!/bin/sh\n');
    await attachWorkTree(privateGit, workTree);
    assert.equal(await text(join(workTree, '.git')), `gitdir: ${privateGit.gitDir}\n`);
  });
});

describe('checkout and reset', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('runs no hook and no filter, and leaves the user where he was', async () => {
    await world.write('.gitattributes', '*.dat filter=trap diff=trap\n');
    await world.write('a.dat', 'raw\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'data');
    const marker = await layTraps(world);
    const before = await fingerprint(world.repo);
    const { workTree, privateGit, base } = await makeWorkspace(world);
    await writeFile(join(workTree, 'a.dat'), 'other\n');
    await checkpoint(privateGit, workTree, base);
    await resetWorkTree(privateGit, workTree, base, { ignored: 'stay' });
    assert.equal(await text(join(workTree, 'a.dat')), 'raw\n');
    assert.equal(await exists(marker), false);
    assert.deepEqual(await fingerprint(world.repo), before);
  });

  it('tells of missing objects instead of failing', async () => {
    const repository = await open(world);
    const dir = join(world.root, 'lost.git');
    const privateGit = await createPrivateGit({ dir, repository, branch: 'lost', commit: repository.head.commit });
    const blob = (await world.git('rev-parse', 'HEAD:src/app.ts')).trim();
    await rm(join(world.repo, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const workTree = join(world.root, 'lost');
    await mkdir(workTree);
    const result = await checkout(privateGit, workTree, repository.head.commit);
    assert.match(result.ok ? '' : english(result.reason), /missing or damaged/);
    const none = await checkout(privateGit, workTree, '1'.repeat(40));
    assert.match(none.ok ? '' : english(none.reason), /missing or damaged/);
  });

  it('says that a fault lies in the private git dir, not in the repository', async () => {
    const { privateGit, workTree, base } = await makeWorkspace(world);
    await writeFile(`${privateGit.ownIndex}.lock`, '');
    await assert.rejects(
      checkout(privateGit, workTree, base),
      (error) => error instanceof GitError && error.gitDir === privateGit.gitDir && /File exists/.test(error.stderr),
    );
  });

  it('stops when it is told to', async () => {
    const { privateGit, workTree, base } = await makeWorkspace(world);
    await assert.rejects(checkout(privateGit, workTree, base, AbortSignal.abort(new Error('enough'))), /enough/);
  });

  it('puts a tree back exactly and keeps what is ignored', async () => {
    const { privateGit, workTree, base } = await makeWorkspace(world);
    await put(join(workTree, 'new.txt'), 'saved');
    const saved = await checkpoint(privateGit, workTree, base);
    const expected = await fingerprint(workTree);
    await put(join(workTree, 'src/app.ts'), 'broken');
    await rm(join(workTree, 'README.md'));
    await rm(join(workTree, 'new.txt'));
    await put(join(workTree, 'new.txt/now/a/folder'), 'x');
    await put(join(workTree, 'stray/deep/file'), 'x');
    await world.gitIn(workTree, 'init', '-q', 'nested');
    await checkpoint(privateGit, workTree, saved.tree);
    await put(join(workTree, 'after.txt'), 'x');
    assert.deepEqual(await resetWorkTree(privateGit, workTree, saved.tree, { ignored: 'stay' }), { ok: true });
    assert.deepEqual(await fingerprint(workTree), expected);
    await put(join(workTree, 'ignored/cache'), 'kept');
    await resetWorkTree(privateGit, workTree, saved.tree, { ignored: 'stay' });
    assert.equal(await text(join(workTree, 'ignored/cache')), 'kept');
  });
});
