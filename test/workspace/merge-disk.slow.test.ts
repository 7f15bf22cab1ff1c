import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type MergeResult, mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { asOrdinaryUser, giveAway } from '../fakes/ordinary-user.ts';
import { english } from '../messages/english.ts';
import { until } from '../until.ts';
import { IDENTITY, makeWorld, open, put, type World } from './world.ts';

const CHILD = join(import.meta.dirname, 'merge-kill-child.ts');
const LARGE = 'x'.repeat(60_000);

/** A merge is all or nothing on a disk that is full, read-only or closed to the user, and in layers, at whichever step it notices. */
describe('a merge and its disk', function () {
  this.timeout(240_000);
  let world: World;
  let tip: string;
  let mounted: string | null = null;
  afterEach(async () => {
    if (mounted) execFileSync('umount', ['-l', mounted]);
    mounted = null;
    await world?.remove();
  });

  /** A checkout with a branch that changes, adds and removes. */
  async function makeWork(repo: string): Promise<void> {
    const git = (...args: string[]) => world.gitIn(repo, ...args);
    await world.gitIn(dirname(repo), 'clone', '-q', '-b', 'main', world.repo, repo);
    await put(join(repo, 'docs/only.md'), 'going\n');
    await put(join(repo, 'large.txt'), LARGE);
    await git('add', '-A');
    await git('commit', '-q', '-m', 'more');
    await git('switch', '-q', '-c', 'kimi/work');
    await put(join(repo, 'src/app.ts'), 'export const answer = 42;\n');
    await put(join(repo, 'src/deep/new.ts'), 'new\n');
    await put(join(repo, 'large.txt'), LARGE.replaceAll('x', 'y'));
    await rm(join(repo, 'docs'), { recursive: true });
    await git('add', '-A');
    await git('commit', '-q', '-m', 'work');
    tip = (await git('rev-parse', 'HEAD')).trim();
    await git('switch', '-q', 'main');
  }
  const merge = async (repo: string): Promise<MergeResult> =>
    mergeIntoCheckout({ repository: await open(world, repo), tip, how: 'squash', message: 'Merge', identity: IDENTITY });
  /** The time stamps in an index may differ, as whoever looks writes them anew. */
  const print = async (repo: string) => ({
    ...(await fingerprint(repo, ['.git/index'])),
    index: await world.gitIn(repo, 'ls-files', '--stage'),
  });

  function mount(folder: string, ...words: string[]): boolean {
    const { status } = spawnSync('mount', [...words, folder], { stdio: 'ignore' });
    if (status === 0) mounted = folder;
    return status === 0;
  }

  it('a full disk, at every step of the merge', async function () {
    world = await makeWorld();
    const disk = join(world.root, 'disk');
    await mkdir(disk);
    if (!mount(disk, '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs')) return this.skip();
    const repo = join(disk, 'repo');
    await makeWork(repo);
    const start = (await world.gitIn(repo, 'rev-parse', 'HEAD')).trim();
    const before = await print(repo);
    const reasons = new Set<string>();
    let refusals = 0;
    for (let pages = 0; ; pages++) {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(join(disk, 'filler'), Buffer.alloc((bavail - pages) * bsize));
      const result = await merge(repo);
      rmSync(join(disk, 'filler'));
      if (result.ok) {
        assert.equal((await world.gitIn(repo, 'diff', 'HEAD', tip)).trim(), '');
        assert.equal(await world.gitIn(repo, 'status', '--porcelain'), '');
        break;
      }
      refusals++;
      reasons.add(result.reason.code);
      assert.match(
        english(result.reason),
        /no room left on the disk of .*The checkout is as it was/,
        `${pages} pages: ${english(result.reason)}`,
      );
      assert.deepEqual(await print(repo), before, `${pages} pages`);
      assert.equal((await world.gitIn(repo, 'rev-parse', 'HEAD')).trim(), start);
      await world.gitIn(repo, 'prune', '--expire=now'); // the commit of the merge, which was written in vain
      assert.ok(pages < 400, 'never enough');
    }
    assert.ok(refusals > 10, `${refusals} refusals`);
    await world.gitIn(repo, 'fsck', '--no-dangling');
  });

  it('a file system that became read-only', async function () {
    world = await makeWorld();
    const disk = join(world.root, 'disk');
    await mkdir(disk);
    if (!mount(disk, '-t', 'tmpfs', 'tmpfs')) return this.skip();
    const repo = join(disk, 'repo');
    await makeWork(repo);
    const before = await print(repo);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const result = await merge(repo);
    assert.match(result.ok ? 'merged' : english(result.reason), /on a file system that cannot be written .*The checkout is as it was/);
    assert.deepEqual(await print(repo), before);
    execFileSync('mount', ['-o', 'remount,rw', disk]);
    assert.equal((await merge(repo)).ok, true);
  });

  it('layers, as in a container: files come from the lower one', async function () {
    world = await makeWorld();
    const disk = join(world.root, 'disk');
    await mkdir(disk);
    if (!mount(disk, '-t', 'tmpfs', 'tmpfs')) return this.skip();
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(disk, name)) as [
      string,
      string,
      string,
      string,
    ];
    for (const folder of [lower, upper, work, merged]) await mkdir(folder);
    await makeWork(join(lower, 'repo'));
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    if (spawnSync('mount', ['-t', 'overlay', '-o', options, 'overlay', merged]).status !== 0) return this.skip();
    try {
      const repo = join(merged, 'repo');
      const result = await merge(repo);
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal(await world.gitIn(repo, 'status', '--porcelain'), '');
      assert.equal((await world.gitIn(repo, 'diff', 'HEAD', tip)).trim(), '');
    } finally {
      execFileSync('umount', ['-l', merged]);
    }
  });

  describe('of an ordinary user', () => {
    let repo: string;
    let user: readonly string[];
    beforeEach(async function () {
      const words = asOrdinaryUser();
      if (!words) return this.skip();
      user = words;
      world = await makeWorld();
      repo = join(world.root, 'mine');
      await makeWork(repo);
      giveAway(world.root);
      execFileSync('git', ['config', '--file', join(world.user.home, '.gitconfig'), 'safe.directory', '*']);
    });

    const mergeAsUser = (die: number | string = 0): MergeResult | 'killed' => {
      const words = [process.execPath, CHILD, JSON.stringify({ repo, home: world.user.home, tip, die })];
      const [program = '', ...args] = [...user, ...words];
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: world.root });
      if (stdout === '' && (die === 0 || status === 0)) assert.fail(stderr);
      return stdout === '' ? 'killed' : JSON.parse(stdout);
    };
    const reason = (result: MergeResult | 'killed') => (result === 'killed' || result.ok ? String(result) : english(result.reason));

    for (const folder of ['src', 'docs', '.', '.git', '.git/refs/heads', '.git/logs/refs/heads', '.git/objects']) {
      it(`a folder that may not be written: ${folder}`, async () => {
        // Git notes a move of HEAD in the log of HEAD first, and leaves that line when the log of the branch fails.
        const states = async () => ({ ...(await print(repo)), ...(folder.startsWith('.git/logs') && { '.git/logs/HEAD': '' }) });
        const before = await states();
        const { mode } = statSync(join(repo, folder));
        chmodSync(join(repo, folder), 0o555);
        const file = join(repo, '.git/logs/refs/heads/main');
        if (folder.startsWith('.git/logs')) chmodSync(file, 0o444);
        if (folder === '.git/objects') execFileSync('chmod', ['-R', 'a-w', join(repo, folder)]);
        const result = mergeAsUser();
        if (folder === '.git/objects') execFileSync('chmod', ['-R', 'u+w', join(repo, folder)]);
        chmodSync(join(repo, folder), mode);
        if (folder.startsWith('.git/logs')) chmodSync(file, 0o644);
        assert.match(reason(result), /your user may not do this in .*The checkout is as it was/);
        assert.deepEqual(await states(), before);
        const again = mergeAsUser();
        assert.equal(again !== 'killed' && again.ok, true, reason(again));
      });
    }

    it('a merge that broke off where nothing can be written any more is told by the next merge, and keeps nobody from looking', async () => {
      assert.equal(mergeAsUser('claude-kimi-merge/complete'), 'killed');
      await until('git lets go of HEAD', () => !existsSync(join(repo, '.git/HEAD.lock')));
      chmodSync(join(repo, '.git'), 0o555);
      assert.match(reason(mergeAsUser()), /could not be taken back .*HEAD\.lock.*Permission denied/); // what opens a repository comes before it
      chmodSync(join(repo, '.git'), 0o755);
      const again = mergeAsUser();
      assert.equal(again !== 'killed' && again.ok, true, reason(again));
    });

    it('a merge that broke off and cannot be taken back is told with where its files lie, and the next call does it', async () => {
      assert.equal(mergeAsUser('claude-kimi-merge/complete'), 'killed');
      await until('git lets go of HEAD', () => !existsSync(join(repo, '.git/HEAD.lock')));
      await chmod(join(repo, 'src/deep'), 0o555); // what came into it has to go
      const text = reason(mergeAsUser());
      assert.match(
        text,
        /a merge that broke off half-way could not be taken back in .*mine .*claude-kimi-merge.*whoever uses the repository next finishes it/,
      );
      assert.equal(readFileSync(join(repo, '.git/claude-kimi-merge/old/0'), 'utf8'), 'going\n');
      await chmod(join(repo, 'src/deep'), 0o755);
      const again = mergeAsUser();
      assert.equal(again !== 'killed' && again.ok, true, reason(again));
      assert.equal(await world.gitIn(repo, '-c', 'safe.directory=*', 'status', '--porcelain'), '');
      assert.equal((await world.gitIn(repo, '-c', 'safe.directory=*', 'diff', 'HEAD', tip)).trim(), '');
    });
  });
});
