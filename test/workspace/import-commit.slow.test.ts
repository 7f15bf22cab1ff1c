import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { keptWorkRef, pinBase, unpinBase } from '../../src/workspace/hidden-refs.ts';
import { importCommit } from '../../src/workspace/import-commit.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { snapshotUncommitted } from '../../src/workspace/uncommitted.ts';
import { writeCommit } from '../../src/workspace/write-commit.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { exists, IDENTITY, layTraps, makeWorkspace, makeWorld, put, type Workspace, type World } from './world.ts';

const BRANCH_FILES = ['.git/refs/heads/kimi', '.git/logs/refs/heads/kimi'];

describe('import of a commit', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  const work = async (space: Workspace, path = 'src/app.ts', content: string | Uint8Array = 'export const answer = 42;\n') => {
    await put(join(space.workTree, path), content);
    const { tree } = await checkpoint(space.privateGit, space.workTree, space.base);
    return writeCommit(space.privateGit, { tree, parents: [space.base], message: 'fix: the answer', identity: IDENTITY });
  };
  const bring = (space: Workspace, tip: string, expected: string | null = null, branch = 'kimi/work') =>
    importCommit({
      repository: space.repository,
      privateGit: space.privateGit,
      tip,
      exclude: [space.repository.head.commit],
      branch,
      expected,
      keepAs: (attempt) => `${branch}-kept-${attempt}`,
      lastResort: keptWorkRef('id', tip),
    });
  const tipOf = async (branch: string) => (await world.git('rev-parse', `refs/heads/${branch}`)).trim();

  it('commits with the identity and message given, unsigned', async () => {
    const space = await makeWorkspace(world);
    const committer = { name: 'Bot <x>\n', email: '', date: '4922208000 +0200' };
    const tree = (await world.gitIn(space.workTree, 'rev-parse', 'HEAD^{tree}')).trim();
    await world.gitIn(space.workTree, 'config', 'i18n.commitEncoding', 'ISO-8859-1');
    const message = 'fix: a\u001b[31m title\r\n\r\nbody\0 中文\n\n# not a comment';
    const commit = await writeCommit(space.privateGit, { tree, parents: [space.base], message, identity: IDENTITY, committer });
    const shown = await world.gitIn(space.workTree, 'cat-file', 'commit', commit);
    assert.match(
      shown,
      /author Ada <ada@example\.org> 1700000000 \+0000\ncommitter Bot x <unknown@localhost> 4922208000 \+0200\n\nfix: a\[31m title\n\nbody 中文\n\n# not a comment\n$/,
    );
    const empty = await writeCommit(space.privateGit, {
      tree,
      parents: [space.base],
      message: ' \n',
      identity: { ...IDENTITY, name: '<>' },
    });
    assert.match(await world.gitIn(space.workTree, 'cat-file', 'commit', empty), /author unknown <ada.*\n\nWork of an attempt\n$/s);
  });

  it('brings one branch, runs nothing, changes nothing else', async () => {
    await world.write('.gitattributes', '*.ts diff=trap\nREADME.md filter=trap\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'attributes');
    const marker = await layTraps(world);
    await world.write('README.md', 'dirty\n');
    const before = await fingerprint(world.repo);
    const space = await makeWorkspace(world);
    const tip = await work(space);
    await pinBase(space.repository, 'd1', space.base);
    assert.deepEqual(await bring(space, tip), { ok: true });
    await unpinBase(space.repository, 'd1');
    await unpinBase(space.repository, 'd1');
    assert.deepEqual(await fingerprint(world.repo, [...BRANCH_FILES, '.git/refs/claude-kimi']), before);
    assert.equal(await exists(marker), false);
    const safe = ['-c', 'core.fsmonitor=false', '-c', 'core.pager=cat'];
    assert.equal((await world.git(...safe, 'rev-parse', 'refs/heads/kimi/work')).trim(), tip);
    assert.equal(await world.git(...safe, 'cat-file', 'blob', `${tip}:src/app.ts`), 'export const answer = 42;\n');
  });

  it('continues a branch, and is harmless when asked twice', async () => {
    const space = await makeWorkspace(world);
    const first = await work(space);
    assert.deepEqual(await bring(space, first), { ok: true });
    assert.deepEqual(await bring(space, first), { ok: true });
    const { tree } = await checkpoint(space.privateGit, space.workTree, space.base);
    const second = await writeCommit(space.privateGit, { tree, parents: [first], message: 'second', identity: IDENTITY });
    assert.deepEqual(await bring(space, second, first), { ok: true });
    assert.equal(await tipOf('kimi/work'), second);
    await world.git('fsck', '--strict', '--no-dangling');
  });

  it('keeps the work elsewhere when the branch moved, appeared, went or is in the way', async () => {
    const space = await makeWorkspace(world);
    const tip = await work(space);
    await world.git('branch', 'kimi/work');
    await world.git('branch', 'kimi/work-kept-1');
    assert.deepEqual(await bring(space, tip), { ok: false, reason: 'moved', keptAs: 'kimi/work-kept-2' });
    assert.equal(await tipOf('kimi/work'), space.base);
    assert.equal(await tipOf('kimi/work-kept-2'), tip);
    assert.deepEqual(await bring(space, tip, '1'.repeat(40)), { ok: false, reason: 'moved', keptAs: 'kimi/work-kept-2' });
    assert.deepEqual(await bring(space, tip, space.base, 'gone'), { ok: false, reason: 'moved', keptAs: 'gone-kept-1' });
    await world.git('branch', 'solid');
    const inTheWay = importCommit({
      ...planFor(space, tip),
      branch: 'solid/inner',
      expected: null,
      keepAs: (attempt) => `free-${attempt}`,
      lastResort: keptWorkRef('id', tip),
    });
    assert.deepEqual(await inTheWay, { ok: false, reason: 'moved', keptAs: 'free-1' });
  });

  it('keeps the work under a ref of its own when no branch name is free', async () => {
    const space = await makeWorkspace(world);
    const tip = await work(space);
    await world.git('branch', 'kimi');
    const keptAs = `refs/claude-kimi/kept/id-${tip.slice(0, 12)}`;
    assert.deepEqual(await bring(space, tip), { ok: false, reason: 'moved', keptAs });
    assert.equal((await world.git('rev-parse', keptAs)).trim(), tip);
    assert.deepEqual(await bring(space, tip), { ok: false, reason: 'moved', keptAs }, 'asking again is harmless');
  });

  const planFor = (space: Workspace, tip: string) => ({
    repository: space.repository,
    privateGit: space.privateGit,
    tip,
    exclude: [space.base],
  });

  it('keeps the work elsewhere when the branch was checked out meanwhile', async () => {
    const space = await makeWorkspace(world);
    const tip = await work(space);
    await world.git('worktree', 'add', '-q', '-b', 'kimi/work', join(world.root, 'user-looks'));
    assert.deepEqual(await bring(space, tip, space.base), { ok: false, reason: 'checked_out', keptAs: 'kimi/work-kept-1' });
    assert.equal(await tipOf('kimi/work'), space.base);
  });

  it('exactly one of two at once wins the branch', async () => {
    const one = await makeWorkspace(world, 'kimi/one');
    const two = await makeWorkspace(world, 'kimi/two');
    const tips = [await work(one), await work(two, 'src/app.ts', 'other\n')];
    const results = await Promise.all([bring(one, tips[0]!, null, 'shared'), bring(two, tips[1]!, null, 'shared')]);
    assert.equal(results.filter((result) => result.ok).length, 1);
    const winner = results.findIndex((result) => result.ok);
    assert.equal(await tipOf('shared'), tips[winner]);
    assert.equal(await tipOf('shared-kept-1'), tips[1 - winner]);
  });

  it('takes many objects as one pack, and big ones', async () => {
    const space = await makeWorkspace(world);
    for (let number = 0; number < 600; number++) await put(join(space.workTree, `many/${number % 7}/${number}`), `${number}\n`);
    const tip = await work(space, 'big.bin', randomBytes(3 * 1024 * 1024));
    assert.deepEqual(await bring(space, tip), { ok: true });
    assert.equal((await world.git('ls-tree', '-r', '--name-only', tip)).split('\n').length, 605);
    await world.git('fsck', '--strict', '--no-dangling');
    assert.match(await world.git('count-objects', '-v'), /^packs: 1$/m);
  });

  it('loses nothing of a pack that git writes in pieces and ends before anybody reads on', async () => {
    const space = await makeWorkspace(world);
    for (let number = 0; number < 10; number++) {
      const tip = await work(space, `src/piece-${number}.bin`, randomBytes(40_000));
      assert.deepEqual(await bring(space, tip, null, `kimi/piece-${number}`), { ok: true });
    }
  });

  it('refuses objects that git calls malicious, and brings nothing', async () => {
    const space = await makeWorkspace(world);
    const tip = await work(space, '.gitmodules', '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch /tmp/x\n');
    const objects = () => world.git('cat-file', '--batch-all-objects', '--batch-check');
    const before = await objects();
    const result = await bring(space, tip);
    assert.equal(result.ok, false);
    assert.match('message' in result ? result.message : '', /gitmodules/);
    await assert.rejects(tipOf('kimi/work'));
    assert.equal(await objects(), before);
    assert.deepEqual(
      (await readdir(join(world.repo, '.git/objects'))).filter((name) => name.startsWith('tmp')),
      [],
    );
  });

  it('brings a snapshot of uncommitted work along', async () => {
    await world.write('new.txt', 'new\n');
    const space = await makeWorkspace(world);
    const { commit } = await snapshotUncommitted(space.repository, space.privateGit, space.base, IDENTITY);
    const onTop = await writeCommit(space.privateGit, {
      tree: `${commit}^{tree}`,
      parents: [commit],
      message: 'on top',
      identity: IDENTITY,
    });
    assert.deepEqual(await bring(space, onTop), { ok: true });
    assert.equal(await world.git('log', '--format=%s', 'kimi/work'), 'on top\nUncommitted changes at the start of the attempt\nfirst\n');
  });

  it('works from shallow and sha256 repositories and keeps the base through gc', async () => {
    for (const number of [2, 3]) {
      await world.write('count', `${number}`);
      await world.git('add', '-A');
      await world.git('commit', '-q', '-m', `commit ${number}`);
    }
    const shallow = join(world.root, 'shallow');
    await world.gitIn(world.root, 'clone', '-q', '--depth=1', `file://${world.repo}`, shallow);
    const ofShallow = await makeWorkspace(world, 'kimi/shallow', shallow);
    assert.deepEqual(await bring(ofShallow, await work(ofShallow), null, 'kimi/shallow'), { ok: true });
    await world.gitIn(shallow, 'fsck', '--strict');

    const space = await makeWorkspace(world);
    await pinBase(space.repository, 'pin-1', space.base);
    await world.git('reset', '-q', '--hard', 'HEAD~1');
    await world.git('reflog', 'expire', '--expire=now', '--all');
    await world.git('gc', '-q', '--prune=now');
    assert.deepEqual(await bring(space, await work(space)), { ok: true });
    await assert.rejects(pinBase(space.repository, '../x', space.base), /not a delegation id/);

    const other = await makeWorld({ initArgs: ['--object-format=sha256'] });
    try {
      const of256 = await makeWorkspace(other);
      assert.deepEqual(await bring(of256, await work(of256)), { ok: true });
    } finally {
      await other.remove();
    }
  });

  it('sees a checkout that happened after the repository was read', async () => {
    const opening = await openRepository(world.repo, world.user);
    assert.ok(opening.ok);
    const space = await makeWorkspace(world);
    const tip = await work(space);
    await world.git('checkout', '-q', '-b', 'kimi/work');
    const result = await bring({ ...space, repository: opening.repository }, tip, space.base);
    assert.equal(!result.ok && result.reason, 'checked_out');
    assert.equal(await world.git('status', '--porcelain'), '');
  });
});
