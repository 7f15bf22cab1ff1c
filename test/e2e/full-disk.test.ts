import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { journals } from './moments.ts';
import { finish, gitIn, makeWorld, run, task, type World, writeIn } from './world.ts';

/** Enough for lines of the journal, but not for another copy of the file that is edited. */
const ROOM = 48 * 1024;
/** Enough for all that a workspace needs but its files. */
const ROOM_WITHOUT_FILES = 4 * 1024 * 1024;
const LARGE = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');
const NOTE = run('echo done > src/note.txt');
const EDIT: Turn = { calls: [{ name: 'edit_file', args: { path: 'src/large.txt', old_text: 'line 777\n', new_text: 'line seven\n' } }] };

/** As the disk is asked, as it answers, and as git says it. */
const FULL =
  /(the disk is full|ENOSPC|No space left on device|unable to write file)[\s\S]*\. The state directory .* must be writable and have room/;

/** A small disk of its own for the state directory. Only root may mount one. */
describe('a state directory whose disk is full', () => {
  let disk: string;
  before(function () {
    disk = mkdtempSync(path.join(tmpdir(), 'ckm-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
  });
  after(() => {
    try {
      execFileSync('umount', ['-l', disk], { stdio: 'ignore' });
    } catch {}
    rmSync(disk, { recursive: true, force: true });
  });

  const makeLarge = async (text: string, turns: readonly Turn[], thinkMs: number): Promise<World> => {
    const state = path.join(disk, 'state');
    mkdirSync(state, { mode: 0o700 });
    const world = await makeWorld(({ index }) => turns[index] ?? finish(), { env: { CLAUDE_KIMI_HOME: state }, kimi: { thinkMs } });
    world.write('src/large.txt', text);
    world.git('add', '-A');
    world.git('commit', '-qm', 'Large');
    return world;
  };
  afterEach(() => {
    for (const left of ['state', 'filler', 'repo']) rmSync(path.join(disk, left), { recursive: true, force: true });
  });

  it('is told when nothing could be written, instead of a worker that changed nothing; with room the same call goes on', async () => {
    const world = await makeLarge(LARGE, [EDIT, finish('I could not.'), EDIT, run('true')], 1000);
    try {
      const call = () => world.server.call('implement_feature', task(world, 'feature/full'));
      const first = call();
      await until('the workspace', () =>
        journals(path.join(disk, 'state')).some((lines) => lines.some(({ type }) => type === 'workspace')),
      );
      fill(ROOM);
      const report = await first;
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      assert.match(field(report, 'notice_for_user') ?? '', FULL);
      rmSync(path.join(disk, 'filler'));
      const second = await call();
      assert.equal(field(second, 'outcome'), 'unverified', second);
      assert.match(world.git('show', 'feature/full:src/large.txt'), /^line seven$/m);
    } finally {
      await world.close();
    }
  });

  it('is told, and not an unusable environment, when the workspace has no room; with room the same call goes on', async () => {
    const world = await makeLarge(LARGE.repeat(30), [NOTE, NOTE], 0);
    try {
      const call = () => world.server.call('implement_feature', task(world, 'feature/none'));
      fill(ROOM_WITHOUT_FILES);
      const report = await call();
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      assert.match(field(report, 'notice_for_user') ?? '', FULL);
      rmSync(path.join(disk, 'filler'));
      const second = await call();
      assert.equal(field(second, 'outcome'), 'unverified', second);
    } finally {
      await world.close();
    }
  });

  it('is told when changes that were stashed for a merge find no room to come back: only the stash has them', async () => {
    const add = run('for i in $(seq 20); do head -c 200000 /dev/urandom | base64 > f$i.txt; done; echo theirs >> src/greet.txt');
    const world = await makeWorld(({ step }) => [add][step] ?? finish(), { env: { KIMI_DIRECTORIES: disk } });
    const repo = path.join(disk, 'repo');
    try {
      cpSync(world.repo, repo, { recursive: true });
      const where = { repo_path: repo, branch_name: 'feature/stash' };
      const begun = await world.server.call('implement_feature', task({ repo }, where.branch_name));
      const expected_tip = gitIn(repo, 'rev-parse', where.branch_name);
      assert.equal(field(begun, 'outcome'), 'unverified', begun);
      const mine = `mine\nhello\n${randomBytes(2_200_000).toString('base64')}\n`;
      writeIn(repo, 'src/greet.txt', mine);
      fill(6_500_000);
      const report = await world.server.call('merge_delegation', { ...where, expected_tip, autostash: true });
      assert.match(report, /^outcome: merged[\s\S]*src\/greet\.txt could not be brought back: the stash keeps them all/);
      assert.match(gitIn(repo, 'stash', 'list'), /Before the merge of feature\/stash/);
      assert.equal(gitIn(repo, 'cat-file', '-s', 'stash@{0}:src/greet.txt'), String(mine.length));
    } finally {
      await world.close();
    }
  });

  /** Leaves so many bytes. */
  function fill(room: number): void {
    const filler = path.join(disk, 'filler');
    for (const size of [64 * 1024, 4096]) {
      try {
        for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {}
    }
    truncateSync(filler, statSync(filler).size - room);
  }
});
