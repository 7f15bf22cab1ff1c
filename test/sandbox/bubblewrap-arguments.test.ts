import assert from 'node:assert/strict';
import {
  bubblewrapArguments,
  type HostParts,
  planMounts,
  shownHomeOf,
  systemArguments,
  wrappedCommand,
} from '../../src/sandbox/bubblewrap-arguments.ts';
import { mount } from '../../src/sandbox/mounts.ts';
import type { SandboxSpec } from '../../src/sandbox/types.ts';

const SPEC: SandboxSpec = {
  workspace: '/home/ann/.state/d/tree',
  mountAt: '/home/ann/project',
  gitDir: '/home/ann/.state/d/git',
  objectDirs: ['/home/ann/project/.git/objects'],
  temp: '/home/ann/.state/d/temp',
  hidden: [],
  lent: [],
  layers: null,
  gitDefaults: { identity: true, branch: 'main' },
  allowedHosts: [],
  mode: 'required',
  limits: { memoryBytes: 1, processes: 1, diskBytes: 2 ** 30, diskFiles: 100_000, outputFileBytes: 1 },
  env: {},
};

const PARTS: HostParts = {
  features: { disableUserns: true, tmpfsSize: true, unshare: '/usr/bin/unshare', hiddenInProc: ['/proc/keys'], devices: [] },
  lent: [
    mount('read-only', '/usr', '/usr'),
    mount('read-only', '/opt', '/opt'),
    mount('link', 'usr/bin', '/bin'),
    mount('link', '/tmp', '/var/tmp'),
    mount('read-only', '/home/ann/.cargo/bin', '/home/ann/.cargo/bin'),
  ],
  covers: ['/home/ann', '/home/ann/.state', '/home/ann/project', '/usr/local/etc', '/opt/service/run', '/srv/other']
    .map((at) => mount('empty', '', at))
    .concat(mount('unreadable', '', '/opt/tool/npmrc'), mount('empty', '', '/home/ann/project/node_modules/.cache/nx')),
  installed: [mount('layered', '/home/ann/.state/d/layers/1/merged', '/home/ann/project/node_modules')],
  objectDirs: [0],
  alternates: true,
  gitPointer: true,
  emptyFolder: '/home/ann/.state/d/git/sandbox-empty',
  blank: {
    plain: '/home/ann/.state/d/git/sandbox-blank',
    xml: '/home/ann/.state/d/git/sandbox-blank.xml',
    json: '/home/ann/.state/d/git/sandbox-blank.json',
  },
  borrowing: [],
};

const shown = (spec: SandboxSpec, parts: HostParts) => planMounts(spec, parts).map(({ kind, at }) => `${kind} ${at}`);

describe('bubblewrap arguments', () => {
  it('begin with nothing, mount parents before children, and cover what shows through and nothing else', () => {
    assert.deepEqual(shown(SPEC, PARTS), [
      'read-only /usr',
      'read-only /opt',
      'link /bin',
      'writable /tmp',
      'link /var/tmp',
      'empty /usr/local/etc',
      'empty /opt/service/run',
      'unreadable /opt/tool/npmrc',
      'writable /home/ann/project',
      'read-only /home/ann/.cargo/bin',
      'read-only /home/ann/project/.git',
      'layered /home/ann/project/node_modules',
      'read-only /run/claude-kimi/objects/0',
      'read-only /home/ann/.state/d/git',
      'empty /home/ann/project/node_modules/.cache/nx',
      'read-only /home/ann/.state/d/git/objects/info/alternates',
    ]);
  });

  it('show settings without any in the place of those that hold a password, XML as XML', () => {
    const covers = ['/opt/node/etc/npmrc', '/opt/maven/conf/settings.xml'].map((at) => mount('blank', '', at));
    const args = bubblewrapArguments(SPEC, { ...PARTS, covers }, { cwd: '', proxySocket: null, statusFd: 3, seccompFd: 4 }).join(' ');
    assert.match(args, /--ro-bind \/home\/ann\/\.state\/d\/git\/sandbox-blank \/opt\/node\/etc\/npmrc /);
    assert.match(args, /--ro-bind \/home\/ann\/\.state\/d\/git\/sandbox-blank\.xml \/opt\/maven\/conf\/settings\.xml /);
  });

  it('show no toolchain inside of a repository that is home', () => {
    const mounts = shown({ ...SPEC, mountAt: '/home/ann' }, PARTS);
    assert.ok(mounts.includes('writable /home/ann'));
    assert.ok(!mounts.some((one) => /cargo|empty \/home\/ann$/.test(one)));
  });

  it('show a repository in a folder of the system, a cover around it or not', () => {
    const covers = [mount('empty', '', '/opt/state'), mount('empty', '', '/opt/app')];
    const mounts = shown({ ...SPEC, mountAt: '/opt/app', gitDir: '/opt/state/git' }, { ...PARTS, covers, installed: [] });
    assert.deepEqual(
      mounts.filter((one) => one.includes('/opt')),
      [
        'read-only /opt',
        'empty /opt/state',
        'writable /opt/app',
        'read-only /opt/app/.git',
        'read-only /opt/state/git',
        'read-only /opt/state/git/objects/info/alternates',
      ],
    );
  });

  it('move the temp folder aside for a repository that is /tmp', () => {
    const mounts = shown({ ...SPEC, mountAt: '/tmp' }, PARTS);
    assert.ok(mounts.includes('writable /tmp') && mounts.includes('writable /var/tmp') && !mounts.includes('link /var/tmp'));
  });

  it('show a private home where the user has one, unless the repository or the system is there', () => {
    const homeOf = (home: string, mountAt = '/home/ann/project') => shownHomeOf({ mountAt, env: { HOME: home } });
    assert.equal(homeOf('/home/ann/'), '/home/ann');
    assert.equal(homeOf('/root'), '/root');
    assert.equal(homeOf('/tmp/ci/home'), '/tmp/ci/home');
    for (const home of ['', '/', 'ann', '/nix', '/run/user/7', '/usr/lib/daemon', '/tmp', '/home/ann/project', '/home/ann/project/home'])
      assert.equal(homeOf(home), '/tmp/home', home);
    assert.equal(homeOf('/home/ann', '/home'), '/tmp/home');
    assert.equal(homeOf('/tmp', '/tmp'), '/var/tmp/home');
    assert.ok(shown({ ...SPEC, env: { HOME: '/home/ann' } }, PARTS).includes('writable /home/ann'));
  });

  it('do not mount an object folder that holds something else', () => {
    assert.ok(!shown(SPEC, { ...PARTS, objectDirs: [] }).some((one) => one.includes('objects/0')));
  });

  it('make the root and every cover read-only after the last mount', () => {
    const args = bubblewrapArguments(SPEC, PARTS, { cwd: 'src', proxySocket: null, statusFd: 3, seccompFd: 5 });
    const lastMount = Math.max(...['--bind', '--ro-bind', '--tmpfs', '--symlink'].map((flag) => args.lastIndexOf(flag)));
    const sealed = args.flatMap((arg, index) => (arg === '--remount-ro' ? [args[index + 1]] : []));
    assert.deepEqual(sealed, ['/dev', '/']);
    for (const at of ['/usr/local/etc', '/opt/service/run', '/home/ann/project/node_modules/.cache/nx'])
      assert.ok(args.join(' ').includes(`--ro-bind ${PARTS.emptyFolder} ${at} `), at);
    assert.ok(args.indexOf('--remount-ro') > lastMount);
    assert.ok(!args.join(' ').includes('--ro-bind / /'));
    assert.deepEqual(args.slice(-3), ['--chdir', '/home/ann/project/src', '--']);
  });

  it('make a cover that others are mounted in a file system of its own, and seal it', () => {
    const spec = { ...SPEC, mountAt: '/opt/state/project' };
    const args = bubblewrapArguments(
      spec,
      { ...PARTS, covers: [mount('empty', '', '/opt/state')] },
      { cwd: '', proxySocket: null, statusFd: 3, seccompFd: 5 },
    );
    assert.ok(args.join(' ').includes('--tmpfs /opt/state --'), args.join(' '));
    assert.deepEqual(
      args.flatMap((arg, index) => (arg === '--remount-ro' ? [args[index + 1]] : [])),
      ['/opt/state', '/dev', '/'],
    );
  });

  it('run behind a stage of private mounts where the system allows it', () => {
    const user = { uid: 1000, gid: 100 };
    const staged = wrappedCommand('/usr/bin/bwrap', '/usr/bin/unshare', user);
    assert.equal(staged.join(' '), '/usr/bin/unshare -U -r -m --propagation private -- /usr/bin/bwrap --uid 1000 --gid 100');
    assert.deepEqual(wrappedCommand('/usr/bin/bwrap', null, user), ['/usr/bin/bwrap']);
  });

  it('show the socket of the proxy only with network', () => {
    const without = bubblewrapArguments(SPEC, PARTS, { cwd: '', proxySocket: null, statusFd: 3, seccompFd: 5 });
    const withNetwork = bubblewrapArguments(SPEC, PARTS, { cwd: '', proxySocket: '/x/proxy.sock', statusFd: 3, seccompFd: 5 });
    assert.ok(!without.includes('/run/claude-kimi/proxy.sock'));
    assert.ok(withNetwork.includes('/run/claude-kimi/proxy.sock'));
  });

  it('cover a file of /proc by one that cannot be read, and a folder by one that is empty and stays so', () => {
    const hiddenInProc = ['/proc/keys', '/proc/acpi', '/proc/scsi'];
    const args = systemArguments({ ...PARTS.features, hiddenInProc }).join(' ');
    assert.match(args, /--proc \/proc .*--ro-bind \/dev\/null \/proc\/keys/);
    for (const folder of ['/proc/acpi', '/proc/scsi']) assert.ok(args.includes(`--tmpfs ${folder} --remount-ro ${folder}`), args);
  });

  it('leave out what an older bubblewrap does not know', () => {
    const args = bubblewrapArguments(
      SPEC,
      { ...PARTS, features: { disableUserns: false, tmpfsSize: false, unshare: null, hiddenInProc: [], devices: [] } },
      { cwd: '', proxySocket: null, statusFd: 3, seccompFd: 5 },
    );
    assert.ok(!args.includes('--disable-userns') && !args.includes('--size'));
    for (const flag of ['--die-with-parent', '--new-session', '--unshare-all', '--unshare-user']) assert.ok(args.includes(flag));
  });
});
