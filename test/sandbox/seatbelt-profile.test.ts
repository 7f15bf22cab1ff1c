/** The rules for macOS as text, and what they let through by what is written down of such rules. No Mac has run them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findHostFolders } from '../../src/sandbox/host-folders.ts';
import { isNameable, seatbeltView } from '../../src/sandbox/open-seatbelt.ts';
import { type SeatbeltView, seatbeltProfile } from '../../src/sandbox/seatbelt-profile.ts';
import { MAC_PARTS } from '../../src/sandbox/system-parts.ts';
import type { SandboxSpec } from '../../src/sandbox/types.ts';
import { makeSandboxWorld } from './sandbox-world.ts';
import { readRules } from './seatbelt-rules.ts';

const STATE = '/Users/ann/.claude-kimi-mcp/d/1';
const VIEW: SeatbeltView = {
  readable: ['/usr/lib', '/Users/ann/app/.git/objects', '/Users/ann/.nvm/versions'],
  unreadable: ['/Users/ann', '/Users/ann/.nvm/versions/node/v24/etc/npmrc'],
  writable: [`${STATE}/ws`, `${STATE}/tmp`],
  fixed: [`${STATE}/ws/.git`],
  proxyPort: null,
};
const WRITES = ['file-write-data', 'file-write-create', 'file-write-unlink', 'file-write-mode', 'file-write-flags'];
const hostOf = (spec: SandboxSpec) => findHostFolders(spec.env, spec.hidden, [spec.mountAt, spec.workspace], 'darwin');
const rulesFor = (view: Partial<SeatbeltView> = {}) => readRules(seatbeltProfile({ ...VIEW, ...view }));

describe('the rules for macOS', () => {
  it('begin with nothing, and let be read and written what is named', () => {
    const allows = rulesFor();
    const reads = (path: string) => allows('file-read-data', { path });
    for (const path of [...VIEW.readable, ...VIEW.writable]) assert.ok(reads(path) && reads(`${path}/a/b`), path);
    for (const path of [
      ...['/Users/ann/.ssh/id_ed25519', '/Users/ann/app/src/a.ts', '/Users/ann/.nvm/versions/node/v24/etc/npmrc'],
      ...['/Users/bob/x', '/System/Volumes/Data/Users/ann/.ssh/id', '/Library/Keychains/System.keychain', '/private/var/db/dslocal/x'],
      ...['/Volumes/disk/x', '/opt/homebrew/var/postgres/x', '/usr/local/etc/npmrc', '/private/tmp/x', '/private/var/folders/x/y/T/z'],
      ...['/dev/ttys001', '/dev/disk0', '/usr/libexec-not', `${STATE}/git/config`, `${STATE}/ws2/x`, '/private/etc/master.passwd'],
    ]) {
      assert.ok(!reads(path), path);
      for (const write of WRITES) assert.ok(!allows(write, { path }), `${write} ${path}`);
    }
    for (const write of WRITES) {
      for (const path of VIEW.writable) assert.ok(allows(write, { path: `${path}/a/b` }), `${write} ${path}`);
      for (const path of [...VIEW.readable, `${STATE}/ws/.git`, '/', '/Users', '/dev/zero']) assert.ok(!allows(write, { path }), path);
    }
    // Two names of one file, of which one may be written
    assert.ok(!allows('file-link', { path: '/Users/ann/.nvm/versions/node/v24/bin/node' }));
    // What programs need on the way: folders by name, /tmp and /var as the links that they are
    assert.ok(allows('file-read-metadata', { path: '/Users/ann', type: 'DIRECTORY' }));
    assert.ok(!allows('file-read-metadata', { path: '/Users/ann/.netrc', type: 'REGULAR-FILE' }));
    for (const path of ['/', '/tmp', '/var', '/etc', '/dev/null', '/dev/urandom', '/dev/fd/63']) assert.ok(reads(path), path);
    assert.ok(allows('file-write-data', { path: '/dev/null' }) && allows('file-write-data', { path: '/dev/fd/1' }));
  });

  it('protect nothing that stands below the working directory of this process', () => {
    const here = process.cwd();
    assert.ok(!seatbeltProfile(VIEW).includes(here));
    assert.equal(process.cwd(), here);
    const allows = rulesFor();
    for (const name of ['.vscode/settings.json', '.mcp.json', '.claude/agents/x', 'sub/.git/hooks/pre-commit', '.gitmodules']) {
      assert.ok(allows('file-write-data', { path: `${STATE}/ws/${name}` }), name);
    }
  });

  it('let our proxy be reached and nothing else, nobody listen, and no socket of a file', () => {
    for (const port of [null, 4711]) {
      const profile = seatbeltProfile({ ...VIEW, proxyPort: port });
      const allows = readRules(profile);
      assert.equal(allows('network-outbound', { remote: 'localhost:4711' }), port === 4711);
      for (const remote of ['localhost:4712', 'localhost:*', '*:*', '*:443']) assert.ok(!allows('network-outbound', { remote }), remote);
      for (const operation of ['network-bind', 'network-inbound', 'system-socket']) assert.ok(!allows(operation), operation);
      assert.ok(!allows('network-outbound', { path: '/private/var/run/mDNSResponder' }));
      assert.doesNotMatch(profile, /AF_UNIX|unix-socket|\(allow network\*/);
    }
  });

  it('reach no keychain, no other program, no process and no memory of the user', () => {
    const allows = rulesFor();
    for (const name of [
      ...['com.apple.SecurityServer', 'com.apple.securityd.xpc', 'com.apple.trustd.agent', 'com.apple.pasteboard.1', 'com.apple.tccd'],
      ...['com.apple.coreservices.appleevents', 'com.apple.coreservices.launchservicesd', 'com.apple.lsd.mapdb', 'com.apple.xpc.launchd'],
      ...['com.apple.distributed_notifications@Uv3', 'com.apple.PowerManagement.control', 'com.apple.windowserver.active'],
    ]) {
      assert.ok(!allows('mach-lookup', { name }), name);
    }
    const services = ['com.apple.system.opendirectoryd.libinfo', 'com.apple.system.notification_center', 'com.apple.logd'];
    for (const name of services) assert.ok(allows('mach-lookup', { name }), name);
    for (const operation of [
      ...['mach-register', 'appleevent-send', 'job-creation', 'lsopen', 'iokit-open', 'distributed-notification-post'],
      ...['user-preference-read', 'user-preference-write', 'file-mount', 'forbidden-exec-sugid', 'system-privilege', 'pseudo-tty'],
    ]) {
      assert.ok(!allows(operation), operation);
    }
    for (const operation of ['process-info-pidinfo', 'process-info-listpids', 'signal', 'mach-priv-task-port']) {
      assert.ok(!allows(operation, { target: 'others' }), operation);
    }
    assert.ok(allows('signal', { target: 'same-sandbox' }) && allows('process-info-pidinfo', { target: 'self' }));
    for (const name of ['kern.procargs2', 'kern.procargs', 'kern.proc.all', 'kern.proc.pid.1'])
      assert.ok(!allows('sysctl-read', { name }), name);
    for (const name of ['hw.ncpu', 'kern.osrelease', 'hw.memsize']) assert.ok(allows('sysctl-read', { name }), name);
    const memory = ['ipc-posix-shm-read-data', 'ipc-posix-shm-write-data', 'ipc-posix-shm-write-unlink'];
    for (const operation of memory) {
      assert.ok(!allows(operation, { name: '/PostgreSQL.1234' }) && !allows(operation, { name: 'apple.cfprefs.501' }), operation);
      assert.ok(allows(operation, { name: '/psm_1a2b3c4d' }), operation);
    }
    assert.ok(allows('ipc-posix-shm-read-data', { name: 'apple.shm.notification_center' }));
    assert.ok(!allows('ipc-posix-shm-write-data', { name: 'apple.shm.notification_center' }));
  });

  for (const name of [
    ...[
      'a b',
      "it's",
      'say "x"',
      'back\\slash',
      'w[s]',
      'a*?',
      '(deny default)',
      '写',
      'é',
      'e\u0301',
      '$(id)',
      '`id`',
      ";'\"'\"'",
      '~',
      '#"x',
    ],
  ]) {
    it(`take every character of a home as it is: ${name}`, () => {
      const home = `/Users/${name}`;
      const view = {
        readable: ['/usr/lib', `${home}/.nvm`],
        unreadable: [home, `${home}/.nvm/npmrc`],
        writable: [`${home}/ws`],
        fixed: [`${home}/ws/.git`],
        proxyPort: 1,
      };
      const allows = readRules(seatbeltProfile(view));
      for (const path of [`${home}/ws/a`, `${home}/.nvm/a`]) assert.ok(allows('file-read-data', { path }), path);
      for (const path of [`${home}/.ssh/id`, `${home}/.nvm/npmrc`, '/Users/x/ws/a']) assert.ok(!allows('file-read-data', { path }), path);
      assert.ok(allows('file-write-data', { path: `${home}/ws/a` }) && !allows('file-write-data', { path: `${home}/ws/.git` }));
    });
  }
});

describe('what the rules for macOS are made of', () => {
  it('is what bubblewrap shows, in each kind of home', () => {
    for (const name of ['plain', 'with space', 'qu"o\'te', 'ümlaut', '[brackets]']) {
      const parent = join(realpathSync(mkdtempSync(join(tmpdir(), 'mac-'))), name);
      mkdirSync(parent);
      const world = makeSandboxWorld(parent);
      const view = seatbeltView(world.spec, hostOf(world.spec), null);
      assert.deepEqual(view.writable, [world.spec.workspace, world.spec.temp]);
      assert.deepEqual(view.fixed, [join(world.spec.workspace, '.git')]);
      const linux = findHostFolders(world.spec.env, world.spec.hidden, [world.checkout, world.spec.workspace], 'linux');
      const ofHomes = linux.lent.filter(({ kind, source }) => kind === 'read-only' && source.startsWith(`${world.home}/`));
      assert.ok(ofHomes.length > 0);
      for (const shown of [...ofHomes.map(({ source }) => source), world.spec.gitDir, ...world.spec.objectDirs]) {
        assert.ok(view.readable.includes(shown), shown);
      }
      const allows = readRules(seatbeltProfile(view));
      for (const secret of ['.ssh/id_ed25519', 'project/only-in-checkout.txt', 'project/.git/config', '.claude-kimi-mcp/.env']) {
        assert.ok(!allows('file-read-data', { path: join(world.home, secret) }), secret);
      }
      assert.ok(allows('file-read-data', { path: join(world.home, '.cargo/bin/greet') }));
      rmSync(dirname(parent), { recursive: true });
    }
  });

  it('is named as the disk spells it: behind links (/tmp, /var), and in other capitals', () => {
    const world = makeSandboxWorld();
    const link = join(world.root, 'link');
    symlinkSync(join(world.root, 'home'), link);
    const through = (path: string) => path.replace(join(world.root, 'home'), link);
    const { spec } = world;
    const linked = { ...spec, workspace: through(spec.workspace), temp: through(spec.temp), gitDir: through(spec.gitDir) };
    assert.deepEqual(seatbeltView(linked, hostOf(linked), null).writable, [spec.workspace, spec.temp]);
    assert.ok(seatbeltView(linked, hostOf(linked), null).readable.includes(spec.gitDir));
    // What realpath says on a disk that takes /users/ANN for /Users/ann
    const spelled = (path: string) => path.replace(/^\/users\/ann/i, '/Users/ann').replace(/^\/(tmp|var)(?=\/|$)/, '/private/$1');
    const other = { ...spec, workspace: '/users/ANN/ws', temp: '/var/folders/x/T', gitDir: '/tmp/git' };
    const view = seatbeltView(other, hostOf(other), null, spelled);
    assert.deepEqual(view.writable, ['/Users/ann/ws', '/private/var/folders/x/T']);
    assert.deepEqual(view.fixed, ['/Users/ann/ws/.git']);
    assert.ok(view.readable.includes('/private/tmp/git'));
    world.remove();
  });

  it('holds no folder that a repository only says to be objects, and no dependencies behind a link', () => {
    const world = makeSandboxWorld();
    const [secret, real] = [join(world.home, '.ssh'), join(world.home, 'private/node_modules')];
    mkdirSync(real, { recursive: true });
    writeFileSync(join(real, 'x'), '');
    symlinkSync(join(world.home, 'private'), join(world.checkout, 'evil'));
    const lent = [join(world.checkout, 'evil/node_modules'), real].map((folder) => ({ at: folder, from: [folder] }));
    const spec = { ...world.spec, objectDirs: [secret, ...world.spec.objectDirs], lent };
    const { readable } = seatbeltView(spec, hostOf(spec), null);
    assert.ok(!readable.includes(secret));
    assert.ok(readable.includes(world.spec.objectDirs[0]!) && readable.includes(real));
    assert.ok(!readable.some((path) => path.includes('evil')));
    world.remove();
  });

  it('leaves out a folder with a part that must not be read and that no rule can name', () => {
    const world = makeSandboxWorld();
    const folder = join(world.home, '.nvm/versions/node/v1\u0001');
    mkdirSync(join(folder, 'etc'), { recursive: true });
    writeFileSync(join(folder, 'etc/npmrc'), '//registry.npmjs.org/:_authToken=npm_secret\n');
    const { readable, unreadable } = seatbeltView(world.spec, hostOf(world.spec), null);
    assert.ok(![...readable, ...unreadable].some((path) => path.includes('\u0001')));
    assert.ok(!readable.some((path) => path.startsWith(join(world.home, '.nvm/versions'))));
    for (const bad of ['/a\nb', '/a\u0001b', '/a\u007fb', '/a\ud800b']) assert.ok(!isNameable(bad), JSON.stringify(bad));
    world.remove();
  });

  it('opens of the system parts by name, and no whole where services keep their data', () => {
    const parts = MAC_PARTS.map(({ path }) => path);
    for (const secret of [
      ...['/Users/ann', '/Users/ann/.ssh', '/Users/ann/Library/Keychains/login.keychain-db', '/Library/Keychains/System.keychain'],
      ...[
        '/System/Volumes/Data/Users/ann/.ssh/id',
        '/usr/local/var/postgres',
        '/opt/homebrew/etc/npmrc',
        '/private/etc/ssl/private/key.pem',
      ],
      ...['/private/etc/master.passwd', '/private/etc/sudoers', '/private/var/root/x', '/private/var/db/dslocal/x', '/Volumes/x'],
      ...['/Library/Application Support/x', '/Library/Developer/CoreSimulator/x', '/Library/Preferences/x', '/nix/var/nix/daemon-socket/s'],
    ]) {
      assert.ok(!parts.some((path) => secret === path || secret.startsWith(`${path}/`)), secret);
    }
    for (const { path, why } of MAC_PARTS) assert.ok(why !== '' && !/^\/(etc|tmp|var)(\/|$)/.test(path), path);
  });
});
