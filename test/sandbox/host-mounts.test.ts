import assert from 'node:assert/strict';
import { readHostMounts } from '../../src/sandbox/host-mounts.ts';

const PRIVATE = '22 27 0:21 / /proc rw,relatime - proc proc rw\n27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw';

describe('mounts of the host', () => {
  it('propagate into a running sandbox where one is shared, or receives from one that is', () => {
    assert.equal(readHostMounts(PRIVATE).shared, false);
    assert.equal(readHostMounts(`${PRIVATE}\n36 27 98:0 / /home rw,noatime shared:1 - ext3 /dev/root rw`).shared, true);
    assert.equal(readHostMounts(`${PRIVATE}\n36 27 98:0 / /home rw,noatime master:7 propagate_from:2 - ext3 /dev/root rw`).shared, true);
    assert.equal(readHostMounts(`${PRIVATE}\n36 27 98:0 / /shared:1 rw unbindable - ext3 /dev/root rw`).shared, false);
    // Text behind the dash is the file system's own.
    assert.equal(readHostMounts(`${PRIVATE}\n36 27 98:0 / /home rw - fuse a shared:1 `).shared, false);
    assert.equal(readHostMounts(null).shared, true);
  });

  it('of other machines and programs are named, odd names too', () => {
    const table = [
      '36 27 0:50 / /opt/a\\040b rw - fuse.sshfs host: rw',
      '37 27 0:51 / /mnt/c rw - 9p C: rw',
      '38 27 0:52 / /srv rw - tmpfs nfs rw',
    ];
    assert.deepEqual(readHostMounts(table.join('\n')).remote, ['/opt/a b', '/mnt/c']);
  });
});
