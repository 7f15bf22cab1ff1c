import assert from 'node:assert/strict';
import { bubblewrapArguments, type HostParts, planMounts } from '../../src/sandbox/bubblewrap-arguments.ts';
import type { SandboxSpec } from '../../src/sandbox/types.ts';

const SPEC: SandboxSpec = {
  workspace: '/home/ann/.state/d/tree',
  mountAt: '/home/ann/project',
  gitDir: '/home/ann/.state/d/git',
  objectDirs: ['/home/ann/project/.git/objects'],
  temp: '/home/ann/.state/d/temp',
  hidden: [],
  dependencies: [],
  allowedHosts: [],
  mode: 'required',
  limits: { memoryBytes: 1, processes: 1, outputFileBytes: 1 },
  env: {},
};

const PARTS: HostParts = {
  features: { disableUserns: true, tmpfsSize: true },
  folders: {
    hiddenFolders: ['/run', '/var/tmp', '/home', '/home/ann', '/home/ann/.state', '/home/ann/project', '/srv/other'],
    hiddenFiles: ['/etc/shadow'],
    toolchains: ['/home/ann/.cargo/bin'],
  },
  dependencies: [{ host: '/home/ann/project/node_modules', at: 'node_modules' }],
  alternates: true,
  gitPointer: true,
  borrowing: [],
};

const shown = (spec: SandboxSpec, parts: HostParts) => planMounts(spec, parts).map(({ kind, at }) => `${kind} ${at}`);

describe('bubblewrap arguments', () => {
  it('mount parents before children, and cover nothing twice', () => {
    assert.deepEqual(shown(SPEC, PARTS), [
      'empty /run',
      'empty /home',
      'writable /tmp',
      'empty /var/tmp',
      'empty /srv/other',
      'unreadable /etc/shadow',
      'writable /home/ann/project',
      'read-only /home/ann/.cargo/bin',
      'read-only /home/ann/project/.git',
      'read-only /home/ann/project/node_modules',
      'read-only /run/claude-kimi/objects/0',
      'read-only /home/ann/.state/d/git',
      'read-only /home/ann/.state/d/git/objects/info/alternates',
    ]);
  });

  it('show no toolchain and cover nothing inside of a repository that is home', () => {
    const mounts = shown({ ...SPEC, mountAt: '/home/ann' }, PARTS);
    assert.ok(mounts.includes('writable /home/ann'));
    assert.ok(!mounts.some((mount) => /cargo|empty \/home\/ann/.test(mount)));
  });

  it('move the temp folder aside for a repository that is /tmp', () => {
    const mounts = shown({ ...SPEC, mountAt: '/tmp' }, PARTS);
    assert.ok(mounts.includes('writable /tmp') && mounts.includes('writable /var/tmp'));
  });

  it('make every cover read-only after the last mount', () => {
    const args = bubblewrapArguments(SPEC, PARTS, { cwd: 'src', proxySocket: null, statusFd: 3 });
    const lastMount = Math.max(args.lastIndexOf('--bind'), args.lastIndexOf('--ro-bind'), args.lastIndexOf('--tmpfs'));
    const sealed = args.flatMap((arg, index) => (arg === '--remount-ro' ? [args[index + 1]] : []));
    assert.deepEqual(sealed, ['/run', '/home', '/var/tmp', '/srv/other', '/dev']);
    assert.ok(args.indexOf('--remount-ro') > lastMount);
    assert.deepEqual(args.slice(-3), ['--chdir', '/home/ann/project/src', '--']);
  });

  it('show the socket of the proxy only with network', () => {
    const without = bubblewrapArguments(SPEC, PARTS, { cwd: '', proxySocket: null, statusFd: 3 });
    const withNetwork = bubblewrapArguments(SPEC, PARTS, { cwd: '', proxySocket: '/x/proxy.sock', statusFd: 3 });
    assert.ok(!without.includes('/run/claude-kimi/proxy.sock'));
    assert.ok(withNetwork.includes('/run/claude-kimi/proxy.sock'));
  });

  it('leave out what an older bubblewrap does not know', () => {
    const args = bubblewrapArguments(
      SPEC,
      { ...PARTS, features: { disableUserns: false, tmpfsSize: false } },
      { cwd: '', proxySocket: null, statusFd: 3 },
    );
    assert.ok(!args.includes('--disable-userns') && !args.includes('--size'));
    for (const flag of ['--die-with-parent', '--new-session', '--unshare-all', '--unshare-user']) assert.ok(args.includes(flag));
  });
});
