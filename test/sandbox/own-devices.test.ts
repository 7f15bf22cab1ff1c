import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { guardingCommand, ownDevices } from '../../src/sandbox/own-devices.ts';
import { ownUser } from '../../src/sandbox/own-user.ts';

const DEVICES = ['/dev/null', '/dev/tty'];

describe('device files of the host', () => {
  it('are those that belong to whoever runs commands', () => {
    const { uid } = ownUser();
    assert.deepEqual(
      ownDevices((file) => (DEVICES.includes(file) ? uid : uid + 1)),
      DEVICES,
    );
    assert.deepEqual(
      ownDevices(() => undefined),
      [],
    );
  });

  it('are mounted by a table, and each by itself where one is a mount already', function () {
    if (guardingCommand(DEVICES, null).length === 0) this.skip();
    const folder = mkdtempSync(path.join(tmpdir(), 'ckm-devices-'));
    try {
      const table = guardingCommand(DEVICES, folder, '22 1 0:5 / /dev rw - devtmpfs\n').at(-1)!;
      assert.equal(readFileSync(table, 'utf8'), '/dev/null /dev/null none bind,ro 0 0\n/dev/tty /dev/tty none bind,ro 0 0\n');
      const each = guardingCommand(DEVICES, folder, '23 22 0:5 /tty /dev/tty rw - devtmpfs\n');
      assert.deepEqual(each.slice(-3), [...DEVICES, '--']);
      assert.deepEqual(guardingCommand([], folder), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
