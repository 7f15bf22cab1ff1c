import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { otherFileSystem } from '../scratch.ts';
import { until } from '../until.ts';
import { exists, makeWorld, open as openAt, put, text, type World } from './world.ts';

const CHILD = join(import.meta.dirname, 'merge-kill-child.ts');

const OTHER = otherFileSystem();

/** A test run takes every fourth moment; `EVERY=1` takes all. */
const EVERY = Number(process.env.EVERY ?? 4);

const leftovers = (names: readonly string[]) => names.filter((name) => /claude-kimi|\.lock$/.test(name));

/** SIGKILL before each call with which a merge changes something: the next call finds the checkout as it was, or as the merge makes it. */
for (const place of ['', ', on another file system than its git dir'])
  describe(`a merge that is killed${place}`, function () {
    this.timeout(300_000);
    let world: World;
    let tip: string;
    let tree: string;
    let gitDir: string;
    const at = (path: string) => join(tree, path);
    const git = (...args: string[]) => world.gitIn(tree, ...args);
    const write = (path: string, content: string) => put(at(path), content);
    const open = async () => openAt(world, tree);
    before(function () {
      if (place !== '' && !OTHER) this.skip();
    });

    beforeEach(async () => {
      world = await makeWorld();
      tree = world.repo;
      gitDir = join(tree, '.git');
      if (place !== '') {
        tree = join(mkdtempSync(join(OTHER ?? '', 'ckm-kill-')), 'linked');
        gitDir = join(gitDir, 'worktrees/linked');
        await world.git('worktree', 'add', '-q', '-b', 'side', tree);
      }
      const branch = (await git('branch', '--show-current')).trim();
      await write('gone/only.txt', 'going\n');
      await write('file', 'a file\n');
      await write('folder/a', 'a\n');
      await symlink('README.md', at('link'));
      await git('add', '-A');
      await git('commit', '-q', '-m', 'more');
      await git('switch', '-q', '-c', 'kimi/work');
      await write('src/app.ts', 'export const answer = 42;\n');
      await write('src/deep/new.ts', 'new\n');
      await rm(at('gone'), { recursive: true });
      await rm(at('folder'), { recursive: true });
      await writeFile(at('folder'), 'a file now\n');
      await unlink(at('file'));
      await mkdir(at('file'));
      await writeFile(at('file/inside'), 'in a folder now\n');
      await unlink(at('link'));
      await symlink('src', at('link'));
      await git('add', '-A');
      await git('commit', '-q', '-m', 'work');
      tip = (await git('rev-parse', 'HEAD')).trim();
      await git('switch', '-q', branch);
    });
    afterEach(async () => {
      if (tree !== world.repo) await rm(dirname(tree), { recursive: true });
      await world.remove();
    });

    /** The lock of HEAD is a git's own, which ends when the pipe to it does. */
    const merge = async (die: number | string, more: { fail?: string; git?: string; how?: string } = {}) => {
      const words = JSON.stringify({ repo: tree, home: world.user.home, tip, die, ...more });
      const { signal, stdout, stderr } = spawnSync(process.execPath, [CHILD, words], { encoding: 'utf8' });
      await until('git lets go of HEAD', () => !existsSync(join(gitDir, 'HEAD.lock')));
      return { killed: signal === 'SIGKILL', result: signal ? null : JSON.parse(stdout || JSON.stringify({ stderr })) };
    };

    it('is finished or undone by the next call, wherever it was', async () => {
      const start = (await git('rev-parse', 'HEAD')).trim();
      let undone = 0;
      let finished = 0;
      for (let dieAt = 1; ; dieAt += EVERY) {
        await git('reset', '-q', '--hard', start);
        await write('src/untracked.ts', 'mine\n');
        await write('README.md', 'edited by me\n');
        await git('add', 'README.md');
        const { killed, result } = await merge(dieAt);
        if (!killed) {
          assert.equal(result.ok, true, JSON.stringify(result));
          break;
        }
        const { head } = await open(); // what any call begins with
        assert.equal(await git('status', '--porcelain'), 'M  README.md\n?? src/untracked.ts\n', `killed at ${dieAt}`);
        if (head.commit === start) undone++;
        else finished++;
        assert.equal(await git('diff', 'HEAD', head.commit === start ? start : tip, '--', '.', ':!README.md'), '', `killed at ${dieAt}`);
        assert.deepEqual(
          (await readdir(tree)).filter((name) => name.startsWith('.claude')),
          [],
          `killed at ${dieAt}`,
        );
        assert.deepEqual(leftovers(await readdir(gitDir)), [], `killed at ${dieAt}`);
      }
      assert.ok(undone > 20 / EVERY && (finished >= 1 || EVERY > 1), `${undone} undone, ${finished} finished`);
    });

    it('one that only applies the work too: all of it is there, or nothing', async () => {
      const start = (await git('rev-parse', 'HEAD')).trim();
      const seen = { undone: 0, finished: 0 };
      for (let dieAt = 1; ; dieAt += EVERY) {
        await git('reset', '-q', '--hard', start);
        const { killed, result } = await merge(dieAt, { how: 'apply' });
        if (!killed) {
          assert.equal(result.ok, true, JSON.stringify(result));
          break;
        }
        const { head } = await open();
        assert.equal(head.commit, start, `killed at ${dieAt}`);
        const isThere = (await git('status', '--porcelain')) !== '';
        seen[isThere ? 'finished' : 'undone']++;
        assert.equal(await git('diff', isThere ? tip : start), '', `killed at ${dieAt}`);
        assert.deepEqual(leftovers(await readdir(gitDir)), [], `killed at ${dieAt}`);
      }
      assert.ok(seen.undone > 20 / EVERY, JSON.stringify(seen));
    });

    if (place !== '') return;

    it('keeps what the user wrote into the half of it, and the commit that they made', async () => {
      assert.equal((await merge('claude-kimi-merge/complete')).killed, true);
      assert.equal(await exists(at('src/deep/new.ts')), true);
      await rm(join(gitDir, 'index.lock')); // as git tells them
      await write('src/app.ts', 'mine\n');
      await git('commit', '-q', '--allow-empty', '-m', 'meanwhile');
      const moved = (await git('rev-parse', 'HEAD')).trim();
      assert.equal((await open()).head.commit, moved);
      assert.equal(await text(at('src/app.ts')), 'mine\n');
      assert.equal(await git('status', '--porcelain'), ' M src/app.ts\n');
    });

    it('one that fails, and cannot be taken back, says so; the next call does it', async () => {
      const { result } = await merge(0, { fail: '/link' }); // neither the new link comes to its place nor the old one back
      assert.equal(result.reason?.code, 'merge.broken', JSON.stringify(result));
      assert.match(String(result.reason.args.said), /EIO/);
      await open();
      assert.equal(await git('status', '--porcelain'), '');
      assert.equal((await merge(0)).result.ok, true);
    });

    it('what was put aside stays when the journal cannot be read, and nothing is moved', async () => {
      assert.equal((await merge('claude-kimi-merge/complete')).killed, true);
      const journal = join(gitDir, 'claude-kimi-merge/journal.json');
      const written = await text(journal);
      for (const unreadable of ['{"version":2}', written.slice(0, 100), '']) {
        await writeFile(journal, unreadable);
        const before = await git('status', '--porcelain');
        await open();
        const { result } = await merge(0);
        assert.equal(result.reason?.code, 'merge.broken', JSON.stringify(result));
        assert.equal(await text(join(gitDir, 'claude-kimi-merge/old/0')), 'a file\n');
        assert.equal(await git('status', '--porcelain'), before);
      }
      await writeFile(journal, written);
      await open();
      assert.equal(await git('status', '--porcelain'), '');
    });

    it('a git that dies when it has moved HEAD has moved it', async () => {
      const { result } = await merge(0, { git: 'moves and dies' });
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal((await git('rev-parse', 'HEAD')).trim(), result.commit);
      assert.equal(await git('status', '--porcelain'), '');
      assert.deepEqual(leftovers(await readdir(gitDir)), []);
    });

    it('where nobody can tell whether HEAD has moved nothing is taken back; the next call finishes it', async () => {
      const { result } = await merge(0, { git: 'unsure' });
      assert.equal(result.reason?.code, 'merge.broken', JSON.stringify(result));
      await open();
      assert.equal(await git('diff', 'HEAD', tip), '');
      assert.equal(await git('status', '--porcelain'), '');
      assert.deepEqual(leftovers(await readdir(gitDir)), []);
    });

    for (const moment of ['before HEAD has moved', 'after it'])
      it(`a merge that the user has taken back (${moment}) is not made again`, async () => {
        const start = (await git('rev-parse', 'HEAD')).trim();
        const { killed } = await (moment === 'after it' ? merge(0, { git: 'last' }) : merge('.git/index'));
        assert.equal(killed, true);
        assert.equal((await git('rev-parse', 'HEAD')).trim() === start, moment !== 'after it');
        await git('reset', '-q', '--hard', start);
        assert.equal((await open()).head.commit, start);
        assert.equal(await git('status', '--porcelain'), '');
        assert.deepEqual(leftovers(await readdir(gitDir)), []);
      });

    for (const [what, act] of [
      ['a look', ['status']],
      ['a commit', ['commit', '-q', '--allow-empty', '-m', 'meanwhile']],
    ] as const)
      it(`only HEAD was left: ${what} of the user in between unmakes nothing`, async () => {
        assert.equal((await merge('.git/index')).killed, true);
        assert.equal(existsSync(join(gitDir, 'index.lock')), false);
        await write('src/app.ts', 'mine\n');
        await utimes(join(gitDir, 'index'), 1, 1); // or git would not write it again
        await git(...act);
        await git('update-index', '-q', '--really-refresh').catch(() => {});
        const { head } = await open();
        assert.equal(await git('status', '--porcelain'), ' M src/app.ts\n');
        assert.equal(await git('diff', head.commit, tip), '');
      });
  });
