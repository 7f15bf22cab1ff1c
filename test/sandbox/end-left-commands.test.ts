import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftCommands, placeOf, WORKSPACE_VARIABLE } from '../../src/sandbox/end-left-commands.ts';

describe('what a killed server left running', () => {
  let root: string;
  let workspace: string;
  const started: ChildProcess[] = [];
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'left commands-日本-')));
    workspace = join(root, 'ws');
    for (const folder of [workspace, `${workspace}-2`]) mkdirSync(folder);
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  /** Says a word when it has begun. */
  async function begin(program: string, args: readonly string[], env = {}): Promise<ChildProcess> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env['PATH'], ...env } });
    started.push(child);
    await once(child.stdout!, 'data');
    return child;
  }
  const SLEEP = ['bash', '-c', 'trap "" TERM; echo begun; exec sleep 600'];
  const mounting = (folder: string) =>
    begin('bwrap', ['--dev-bind', '/', '/', '--bind', folder, '/mnt', '--unshare-pid', '--die-with-parent', ...SLEEP]);

  it('is ended where it has the workspace, whatever its environment says, and nowhere else', async () => {
    const [own, other, unrelated] = [await mounting(workspace), await mounting(`${workspace}-2`), await begin(SLEEP[0]!, SLEEP.slice(1))];
    const ended = once(own, 'exit');
    assert.equal(await endLeftCommands([workspace]), true);
    await ended;
    assert.deepEqual([other.exitCode, other.signalCode, unrelated.exitCode, unrelated.signalCode], [null, null, null, null]);
  });

  it('is ended where no namespace holds it, by its environment', async () => {
    const marked = await begin(SLEEP[0]!, SLEEP.slice(1), { [WORKSPACE_VARIABLE]: workspace });
    const other = await begin(SLEEP[0]!, SLEEP.slice(1), { [WORKSPACE_VARIABLE]: `${workspace}-2` });
    const ended = once(marked, 'exit');
    assert.equal(await endLeftCommands([workspace]), true);
    await ended;
    assert.equal(other.signalCode, null);
  });

  it('is told when it cannot be ended', async () => {
    await mounting(workspace);
    assert.equal(await endLeftCommands([workspace], 20, () => {}), false);
    assert.equal(await endLeftCommands([]), true);
  });

  it('is known by the device and the path on it', () => {
    const table = [
      '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
      '23 22 0:40 /@home /home rw - btrfs /dev/sdb rw',
      '24 23 8:1 /deep/x /home/a\\040b rw - ext4 /dev/sda1 rw',
      '25 23 0:41 / /home/a\\040b rw - tmpfs tmpfs rw',
    ].join('\n');
    assert.equal(placeOf('/var/ws', table), '8:1 /var/ws');
    assert.equal(placeOf('/home/ann/ws', table), '0:40 /@home/ann/ws');
    assert.equal(placeOf('/home/a b/ws', table), '0:41 /ws');
    assert.equal(placeOf('/home/a b', table), '0:41 /');
    assert.equal(placeOf('/home/a', ''), null);
  });
});
