import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as fc from 'fast-check';
import { chooseRuntime, installedNodes } from '../../src/launcher/choose-runtime.ts';
import { installLauncher, launchCommand, launcherState, removeLauncher } from '../../src/launcher/install-launcher.ts';
import { installedServers } from '../../src/launcher/installed-servers.ts';
import { DIST } from '../fakes/mcp-client.ts';

const OWN = { program: process.execPath, electron: false };

describe('the launcher', () => {
  let folder: string;
  let stateDir: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm launch-')));
    stateDir = path.join(folder, 'state dir');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An installed extension whose server says which one it is, and what it sees. */
  function extension(version: string): string {
    const dist = path.join(folder, `ext-${version}`, 'dist');
    mkdirSync(dist, { recursive: true });
    copyFileSync(path.join(DIST, 'launch.cjs'), path.join(dist, 'launch.cjs'));
    writeFileSync(
      path.join(dist, 'server.cjs'),
      `console.log(JSON.stringify({version: ${JSON.stringify(version)}, node: process.versions.node, pid: process.pid, program: process.execPath, electron: process.env.ELECTRON_RUN_AS_NODE ?? null, home: process.env.CLAUDE_KIMI_HOME, file: __filename}));`,
    );
    return dist;
  }
  const install = (version: string, runtime = OWN) =>
    installLauncher({ stateDir, dist: extension(version), version, runtime, platform: 'linux', now: () => 0 });
  const remove = (version: string) => rmSync(path.join(folder, `ext-${version}`), { recursive: true });
  const runtimeFile = () => path.join(stateDir, 'bin', 'runtime');

  async function start(env: Record<string, string> = {}, input = ''): Promise<{ code: number; out: string; err: string }> {
    const { command, args } = launchCommand(stateDir, 'linux', OWN);
    const child = spawn(command, args, { env: { PATH: '/nonexistent', HOME: folder, ...env }, cwd: '/' });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    return { code, out, err };
  }
  const started = async (env?: Record<string, string>) => JSON.parse((await start(env)).out);

  it('starts the newest of the installed servers, with the state directory that it lies in', async () => {
    install('1.9.0');
    install('1.10.0');
    install('1.2.0');
    const { version, home, electron } = await started();
    assert.deepEqual({ version, home, electron }, { version: '1.10.0', home: stateDir, electron: null });
  });

  it('is started by a link too, also by one to a link that is relative', async () => {
    install('1.0.0');
    const { command } = launchCommand(stateDir, 'linux', OWN);
    const links = [path.join(folder, 'one'), path.join(folder, 'two')] as const;
    symlinkSync(command, links[0]);
    symlinkSync('one', links[1]);
    for (const link of links) {
      const child = spawn(link, [], { env: { PATH: '/nonexistent', HOME: folder }, cwd: '/' });
      const [told] = await once(createInterface(child.stdout), 'line');
      assert.equal(JSON.parse(told).home, stateDir);
    }
  });

  it('goes back only when the newer one is gone, and keeps its path all the time', async () => {
    const { command } = launchCommand(stateDir, 'linux', OWN);
    install('1.0.0');
    install('2.0.0');
    assert.equal((await started()).version, '2.0.0');
    install('1.0.0');
    assert.equal((await started()).version, '2.0.0', 'the older one was activated again in another window');
    remove('2.0.0');
    assert.equal((await started()).version, '1.0.0');
    assert.equal(launchCommand(stateDir, 'linux', OWN).command, command);
    install('1.0.1');
    assert.deepEqual(readdirSync(path.join(stateDir, 'servers')).sort(), ['1.0.0.json', '1.0.1.json']);
  });

  it('takes an older one when the newest does not start', async () => {
    install('1.0.0');
    install('2.0.0');
    writeFileSync(path.join(folder, 'ext-2.0.0/dist/server.cjs'), 'syntax error(');
    const { out, err } = await start();
    assert.equal(JSON.parse(out).version, '1.0.0');
    assert.match(err, /ext-2\.0\.0.*does not start/);
  });

  it('lets only the newest version write the launcher itself', () => {
    install('2.0.0');
    const launch = path.join(stateDir, 'bin/launch.cjs');
    const old = extension('1.0.0');
    writeFileSync(path.join(old, 'launch.cjs'), '// old');
    installLauncher({ stateDir, dist: old, version: '1.0.0', runtime: OWN, platform: 'linux', now: () => 0 });
    assert.notEqual(readFileSync(launch, 'utf8'), '// old');
    const next = extension('3.0.0');
    writeFileSync(path.join(next, 'launch.cjs'), '// new');
    installLauncher({ stateDir, dist: next, version: '3.0.0', runtime: OWN, platform: 'linux', now: () => 0 });
    assert.equal(readFileSync(launch, 'utf8'), '// new');
  });

  it('mends what is missing, and writes nothing when nothing changed', () => {
    install('1.0.0');
    const files = ['bin/launch.cjs', 'bin/kimi-agent', 'bin/runtime', 'servers/1.0.0.json'].map((file) => path.join(stateDir, file));
    const before = files.map((file) => statSync(file).ino);
    install('1.0.0');
    assert.deepEqual(
      files.map((file) => statSync(file).ino),
      before,
    );
    for (const file of files) rmSync(file);
    assert.equal(launcherState(stateDir, 'linux').ok, false);
    install('1.0.0');
    assert.equal(launcherState(stateDir, 'linux').ok, true);
  });

  it("runs under VS Code's own program when there is no Node, and hides that from the server", async () => {
    // Stands for VS Code's program: without the variable it would open a window.
    const code = path.join(folder, 'code');
    writeFileSync(
      code,
      `#!/bin/sh\n[ "$ELECTRON_RUN_AS_NODE" = 1 ] || { echo "a window opens"; exit 9; }\nexec '${process.execPath}' "$@"\n`,
    );
    chmodSync(code, 0o755);
    install('1.0.0', { program: code, electron: true });
    const seen = await started();
    assert.deepEqual({ version: seen.version, electron: seen.electron }, { version: '1.0.0', electron: null });
    assert.deepEqual(launchCommand(stateDir, 'win32', { program: code, electron: true }), {
      command: code,
      args: [path.join(stateDir, 'bin/launch.cjs')],
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
  });

  it('keeps a Node that works, rather than VS Code', () => {
    install('1.0.0');
    install('1.1.0', { program: '/usr/share/code/code', electron: true });
    assert.equal(readFileSync(runtimeFile(), 'utf8'), `node\n${process.execPath}\n`);
    writeFileSync(runtimeFile(), 'node\n/nonexistent/node\n');
    install('1.1.0', { program: '/usr/share/code/code', electron: true });
    assert.equal(readFileSync(runtimeFile(), 'utf8'), 'electron\n/usr/share/code/code\n');
  });

  it('finds a Node by itself when the one it knew is gone: on PATH, in usual folders, of another VS Code server', async () => {
    install('1.0.0');
    for (const where of ['some bin', '.nvm/versions/node/v24.1.0/bin', '.vscode-server/cli/servers/Stable-1/server']) {
      writeFileSync(runtimeFile(), 'node\n/nonexistent/node\n');
      const bin = path.join(folder, where);
      mkdirSync(bin, { recursive: true });
      const tooOld = path.join(folder, 'old bin');
      mkdirSync(tooOld, { recursive: true });
      writeFileSync(path.join(tooOld, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      symlinkSync(process.execPath, path.join(bin, 'node'));
      const PATH = ['relative', tooOld, ...(where === 'some bin' ? [bin] : [])].join(':');
      assert.equal((await started({ PATH })).version, '1.0.0', where);
      rmSync(path.join(bin, 'node'));
    }
  });

  it('finds no Node among the packages of a project, even where PATH names them', async () => {
    install('1.0.0');
    writeFileSync(runtimeFile(), 'node\n/nonexistent/node\n');
    const ran = path.join(folder, 'ran');
    const bins = ['node_modules/.bin', 'packages/a/node_modules/.bin'].map((name) => path.join(folder, 'project', name));
    for (const bin of bins) {
      mkdirSync(bin, { recursive: true });
      writeFileSync(path.join(bin, 'node'), `#!/bin/sh\necho ran > '${ran}'\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
    }
    const own = path.join(folder, 'own bin');
    mkdirSync(own);
    symlinkSync(process.execPath, path.join(own, 'node'));
    assert.equal((await started({ PATH: [...bins, own].join(':') })).version, '1.0.0');
    // A name with a star in it stands for no other folder.
    assert.equal((await started({ PATH: [path.join(path.dirname(bins[0]!), '*'), own].join(':') })).version, '1.0.0');
    assert.ok(!existsSync(ran));
  });

  const initialize = `${[
    { jsonrpc: '2.0', id: 'a,b', method: 'server/discover' },
    {
      jsonrpc: '2.0',
      id: 7,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'claude-code', version: '1' } },
    },
    { jsonrpc: '2.0', method: 'notifications/cancelled' },
  ]
    .map((message) => JSON.stringify(message))
    .join('\n')}\n`;

  it('tells Claude Code in its own protocol when the extension is gone', async () => {
    install('1.0.0');
    remove('1.0.0');
    const { out, err, code } = await start({}, initialize);
    const [discover, answer, ...rest] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([discover.id, discover.error.code], ['a,b', -32601]);
    assert.equal(answer.id, 7);
    assert.match(answer.error.message, /no longer installed.*cd ~ && npx claude-kimi-mcp setup.*claude mcp remove kimi-agent -s user/);
    assert.deepEqual(rest, []);
    assert.match(err, /no longer installed/);
    assert.equal(code, 1);
  });

  it('tells it from the shell too, when nothing is left that could run a script', async () => {
    install('1.0.0');
    writeFileSync(runtimeFile(), 'node\n/nonexistent/node\n');
    const script = path.join(stateDir, 'bin/kimi-agent');
    writeFileSync(script, readFileSync(script, 'utf8').replaceAll(/\/[\w./]+\/(node|code)(?=[ ;])/g, '/nonexistent/node')); // this machine may have one
    const numbers = initialize.replace('"a,b"', '3');
    const { out, err, code } = await start({}, numbers);
    const [discover, answer] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([discover.id, discover.error.code, answer.id], [3, -32601, 7]);
    assert.match(answer.error.message, /no Node\.js of version 20\.12 or newer.*claude mcp remove kimi-agent -s user/);
    assert.match(err, /no Node\.js/);
    assert.equal(code, 1);
  });

  it('chooses a Node on PATH over VS Code, but none of a project', async () => {
    const code = { program: '/usr/share/code/code', electron: true };
    const choose = (PATH: string) => chooseRuntime({ PATH, HOME: folder }, code, 'linux');
    for (const where of ['bin', 'node_modules/.bin']) {
      mkdirSync(path.join(folder, where), { recursive: true });
      symlinkSync(process.execPath, path.join(folder, where, 'node'));
    }
    const ours = { program: path.join(folder, 'bin/node'), electron: false };
    assert.deepEqual(await choose(`relative:${folder}/node_modules/.bin:${folder}/bin`), ours);
    assert.notEqual((await choose(`${folder}/node_modules/.bin`)).program, path.join(folder, 'node_modules/.bin/node'));
    assert.deepEqual(await chooseRuntime({}, OWN, 'linux'), OWN);
  });

  it('looks for Node where people install it, newest version first', () => {
    const places = [
      '.nvm/versions/node/v24.1.0/bin',
      '.nvm/versions/node/v22.9.0/bin',
      '.volta/bin',
      '.local/share/fnm/node-versions/v24.1.0/installation/bin',
    ];
    for (const place of [...places, '.nvm/versions/node/v26.0.0/empty']) mkdirSync(path.join(folder, place), { recursive: true });
    for (const place of places) symlinkSync(process.execPath, path.join(folder, place, 'node'));
    const inHome = (home: Record<string, string>) => installedNodes(home, 'linux').filter((program) => program.startsWith(folder));
    const expected = places.map((place) => path.join(folder, place, 'node'));
    assert.deepEqual(inHome({ HOME: folder }), expected);
    assert.deepEqual(inHome({ USERPROFILE: folder }), expected);
    assert.equal(inHome({ HOME: folder, PATH: path.join(folder, '.volta/bin') })[0], expected[2], 'PATH before all others');
    assert.deepEqual(inHome({}), []);
  });

  it('becomes the server: no process more than without it', async () => {
    install('1.0.0');
    const { command, args } = launchCommand(stateDir, 'linux', OWN);
    const child = spawn(command, args, { env: { PATH: '/nonexistent', HOME: folder }, cwd: '/' });
    const [said] = await once(createInterface({ input: child.stdout }), 'line');
    assert.equal(JSON.parse(said).pid, child.pid);
    await once(child, 'exit');
  });

  it('keeps what npx fetched, as its cache is cleared without a word, and only the newest of it', async () => {
    const fetched = (version: string) => {
      const dist = path.join(folder, 'npm-cache/_npx/0123/node_modules/claude-kimi-mcp/dist');
      rmSync(dist, { recursive: true, force: true });
      mkdirSync(path.dirname(dist), { recursive: true });
      cpSync(extension(version), dist, { recursive: true });
      installLauncher({ stateDir, dist, version, runtime: OWN, platform: 'linux', now: () => 0 });
      remove(version);
    };
    fetched('1.0.0');
    fetched('1.1.0');
    rmSync(path.join(folder, 'npm-cache'), { recursive: true });
    const said = JSON.parse((await start()).out);
    assert.equal(said.version, '1.1.0');
    assert.ok(said.file.startsWith(stateDir), said.file);
    assert.deepEqual(readdirSync(path.join(stateDir, 'program')), ['1.1.0']);
    assert.equal(statSync(path.join(stateDir, 'program')).mode & 0o777, 0o700);
    assert.deepEqual(
      installedServers(stateDir).map(({ version }) => version),
      ['1.1.0'],
    );
    removeLauncher(stateDir);
    assert.ok(!existsSync(path.join(stateDir, 'program')));
  });

  it('can be removed, and leaves the rest of the state directory alone', () => {
    install('1.0.0');
    mkdirSync(path.join(stateDir, 'delegations'));
    removeLauncher(stateDir);
    assert.deepEqual(readdirSync(stateDir), ['delegations']);
    assert.equal(launcherState(stateDir, 'linux').ok, false);
  });

  it('reads over records that are none', () => {
    install('1.0.0');
    writeFileSync(path.join(stateDir, 'servers/bad.json'), '{');
    writeFileSync(path.join(stateDir, 'servers/relative.json'), JSON.stringify({ version: '9.0.0', server: 'server.cjs' }));
    assert.deepEqual(
      installedServers(stateDir).map(({ version }) => version),
      ['1.0.0'],
    );
  });

  it('orders versions as semantic versioning says', () => {
    const sorted = [
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.1',
      '1.2.0',
      '1.10.0',
      '2.0.0',
    ];
    const server = path.join(extension('1.0.0'), 'server.cjs');
    const folderOf = path.join(stateDir, 'servers');
    mkdirSync(folderOf, { recursive: true });
    fc.assert(
      fc.property(fc.shuffledSubarray(sorted), (some) => {
        for (const name of readdirSync(folderOf)) rmSync(path.join(folderOf, name));
        for (const [at, version] of some.entries()) writeFileSync(path.join(folderOf, `${at}.json`), JSON.stringify({ version, server }));
        const newestFirst = sorted.filter((version) => some.includes(version)).reverse();
        assert.deepEqual(
          installedServers(stateDir).map(({ version }) => version),
          newestFirst,
        );
      }),
      { seed: 3 },
    );
  });
});
