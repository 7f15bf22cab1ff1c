/** What is covered where it is shown: sockets, FIFOs, and file systems of other machines and programs. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverEndpoints } from '../../src/sandbox/find-endpoints.ts';

describe('covers of doors to the host', () => {
  const covers = (...given: Parameters<typeof coverEndpoints>) => coverEndpoints(...given).map(({ kind, at }) => `${kind} ${at}`);
  const OPT = [{ host: '/opt', at: '/opt' }];

  it('hide the folder of a socket, wherever it is shown, but not the whole of what is lent', () => {
    assert.deepEqual(covers(['/opt/service/run/d.sock'], [], OPT), ['empty /opt/service/run']);
    assert.deepEqual(covers(['/opt/d.sock'], [], OPT), ['unreadable /opt/d.sock']);
    const lent = [{ host: '/home/ann/app/node_modules', at: '/home/ann/app/node_modules' }];
    assert.deepEqual(covers(['/home/ann/app/node_modules/.cache/nx/d.sock', '/srv/x.sock'], [], lent), [
      'empty /home/ann/app/node_modules/.cache/nx',
    ]);
    const moved = [{ host: '/home/ann/.cargo', at: '/elsewhere/cargo' }];
    assert.deepEqual(covers(['/home/ann/.cargo/a/b/s'], [], moved), ['empty /elsewhere/cargo/a/b']);
  });

  it('hide what another machine or program has mounted below what is lent, folder or file, and nothing else', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'remote-')));
    const [share, file] = [join(root, 'tools/share'), join(root, 'tools/file')];
    mkdirSync(share, { recursive: true });
    writeFileSync(file, '');
    const lent = [{ host: join(root, 'tools'), at: '/shown' }];
    assert.deepEqual(covers([], [share, file], lent), ['empty /shown/share', 'unreadable /shown/file']);
    // What is lent may lie on such a file system as a whole: it is the user's choice then.
    assert.deepEqual(covers([], [join(root, 'tools'), root, '/mnt/c'], lent), []);
    // WSL mounts parts of /usr so.
    assert.deepEqual(covers([], ['/usr/lib/wsl/drivers'], [{ host: '/usr', at: '/usr' }]), []);
    rmSync(root, { recursive: true });
  });
});
