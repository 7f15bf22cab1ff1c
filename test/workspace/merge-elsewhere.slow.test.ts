import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { english } from '../messages/english.ts';
import { otherFileSystem } from '../scratch.ts';
import { IDENTITY, makeWorld, open, put, type World } from './world.ts';

const OTHER = otherFileSystem();

/**
 * Files move by renames, which end at the border of a file system. Neighbours that were tried: a linked worktree elsewhere, a git dir
 * elsewhere, a folder of the checkout elsewhere, all with files that come, change and go.
 */
describe('a merge over the border of a file system', function () {
  this.timeout(240_000);
  let world: World;
  let elsewhere: string;
  let tip: string;

  before(function () {
    if (!OTHER) this.skip();
  });
  beforeEach(async () => {
    world = await makeWorld();
    elsewhere = mkdtempSync(join(OTHER ?? '', 'ckm-merge-'));
    await world.write('docs/only.md', 'going\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'more');
    await world.git('switch', '-q', '-c', 'kimi/work');
    await world.write('src/app.ts', 'export const answer = 42;\n');
    await world.write('src/deep/new.ts', 'new\n');
    rmSync(join(world.repo, 'docs'), { recursive: true });
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'work');
    tip = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('switch', '-q', 'main');
  });
  afterEach(async () => {
    await world.remove();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  const mergeAt = async (path: string) =>
    mergeIntoCheckout({ repository: await open(world, path), tip, how: 'squash', message: 'Merge', identity: IDENTITY });
  const state = async (path: string) => ({
    status: await world.gitIn(path, 'status', '--porcelain', '--ignored'),
    head: (await world.gitIn(path, 'rev-parse', 'HEAD^{tree}')).trim(),
  });

  async function merges(path: string): Promise<void> {
    const result = await mergeAt(path);
    assert.equal(result.ok, true, JSON.stringify(result));
    assert.deepEqual(await state(path), { status: '', head: (await world.git('rev-parse', `${tip}^{tree}`)).trim() });
    assert.equal(await readFile(join(path, 'src/deep/new.ts'), 'utf8'), 'new\n');
    assert.deepEqual((await readdir(path)).sort(), ['.git', '.gitignore', 'README.md', 'src']);
  }

  async function refuses(path: string, why: RegExp): Promise<void> {
    const before = await state(path);
    const result = await mergeAt(path);
    assert.match(result.ok ? 'merged' : english(result.reason), why);
    assert.deepEqual(await state(path), before);
    assert.equal((await readdir(path)).filter((name) => name.startsWith('.claude-kimi')).length, 0);
  }

  it('works in a linked worktree elsewhere', async () => {
    const linked = join(elsewhere, 'linked');
    await world.git('worktree', 'add', '-q', '-b', 'side', linked, 'main');
    await merges(linked);
  });

  it('works where the git dir is elsewhere', async () => {
    const path = join(world.root, 'separate');
    await world.gitIn(world.root, 'clone', '-q', '-b', 'main', '--separate-git-dir', join(elsewhere, 'git'), world.repo, path);
    await world.gitIn(path, 'config', 'gc.auto', '0');
    await merges(path);
  });

  it('is nothing when a filter fails, or a file is in the way', async () => {
    const linked = join(elsewhere, 'linked');
    await world.git('worktree', 'add', '-q', '-b', 'side', linked, 'main');
    await put(join(linked, 'src/deep/new.ts'), 'mine\n');
    await refuses(linked, /src\/deep\/new\.ts would be overwritten/);
    rmSync(join(linked, 'src/deep'), { recursive: true });
    await world.git('config', 'filter.bad.clean', 'cat');
    await world.git('config', 'filter.bad.smudge', 'exit 1');
    await world.git('config', 'filter.bad.required', 'true');
    await put(join(world.repo, '.git/info/attributes'), '*.ts filter=bad\n');
    await refuses(linked, /content filter/);
  });

  it('is refused, and nothing, where a folder of the checkout is elsewhere', async function () {
    const mount = join(world.repo, 'docs');
    await mkdir(join(elsewhere, 'docs'));
    await put(join(elsewhere, 'docs/only.md'), 'going\n');
    try {
      execFileSync('mount', ['--bind', join(elsewhere, 'docs'), mount], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      await refuses(world.repo, /docs\/only\.md is on another file system/);
    } finally {
      execFileSync('umount', ['-l', mount]);
    }
    await merges(world.repo);
  });
});
