import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { isInWorkspace } from './moments.ts';
import { finish, makeWorld, run, task } from './world.ts';

/** Enough for lines of the journal, but not for another copy of the file that is edited. */
const ROOM = 48 * 1024;
const LARGE = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');
const EDIT: Turn = { calls: [{ name: 'edit_file', args: { path: 'src/large.txt', old_text: 'line 777\n', new_text: 'line seven\n' } }] };

/** A small disk of its own for the state directory. Only root may mount one. */
describe('a state directory whose disk is full', () => {
  let disk: string;
  before(function () {
    disk = mkdtempSync(path.join(tmpdir(), 'ckm-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' });
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

  it('is told when nothing could be written, instead of a worker that changed nothing; with room the same call goes on', async () => {
    const state = path.join(disk, 'state');
    mkdirSync(state, { mode: 0o700 });
    const filler = path.join(disk, 'filler');
    const world = await makeWorld(({ index }) => [EDIT, finish('I could not.'), EDIT, run('true')][index] ?? finish(), {
      env: { CLAUDE_KIMI_HOME: state },
      kimi: { thinkMs: 1000 },
    });
    world.write('src/large.txt', LARGE);
    world.git('add', '-A');
    world.git('commit', '-qm', 'Large');
    try {
      const call = () => world.server.call('implement_feature', task(world, 'feature/full'));
      const first = call();
      await until('the checkout', () => isInWorkspace(path.join(disk, 'state'), 'src/other.txt'));
      fill(filler);
      const report = await first;
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      assert.match(field(report, 'notice_for_user') ?? '', /the disk is full\. The state directory .* must be writable and have room/);
      rmSync(filler);
      const second = await call();
      assert.equal(field(second, 'outcome'), 'unverified', second);
      assert.match(world.git('show', 'feature/full:src/large.txt'), /^line seven$/m);
    } finally {
      await world.close();
    }
  });
});

/** Leaves room for lines of the journal, but not for the file. */
function fill(file: string): void {
  for (const size of [64 * 1024, 4096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {}
  }
  truncateSync(file, statSync(file).size - ROOM);
}
