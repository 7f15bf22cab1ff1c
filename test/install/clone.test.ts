import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installLauncher, launchCommand } from '../../src/launcher/install-launcher.ts';
import { gitIn } from '../e2e/world.ts';
import { ROOT } from '../package/pack.ts';
import { installedNodes, makeBin, npmVariables, run } from './machine.ts';

const NODE = (await installedNodes()).at(-1)!;
const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
};

/** The tester's own cache and registry: packages for development are real ones. */
describe('installation from a clone', function () {
  this.timeout(240_000);
  let home: string;
  let env: Record<string, string>;
  let origin: string;
  let clone: string;
  before(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-clone-')));
    const ask = (name: string) => execFileSync('npm', ['config', 'get', name], { cwd: tmpdir(), encoding: 'utf8' }).trim();
    const bin = makeBin(home, NODE);
    env = {
      ...npmVariables(home, ask('registry')),
      npm_config_cache: ask('cache'),
      npm_config_prefer_offline: 'true',
      HOME: home,
      PATH: `${bin}:${home}/npm-global/bin:/usr/local/bin:/usr/bin:/bin`,
    };
    origin = path.join(home, 'origin');
    clone = path.join(home, 'claude-kimi-mcp');
    mkdirSync(origin);
    const listed = execFileSync('git', ['-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
    for (const name of listed.split('\0').filter((each) => each && existsSync(path.join(ROOT, each))))
      cpSync(path.join(ROOT, name), path.join(origin, name));
    gitIn(origin, 'init', '-q', '-b', 'main');
    publish('0.1.0');
    gitIn(home, 'clone', '-q', origin, clone);
  });
  after(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }));

  function publish(version: string): void {
    for (const name of ['package.json', 'package-lock.json']) {
      const file = path.join(origin, name);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll(/("name": "claude-kimi-mcp",[^{}]*?"version": )"[^"]*"/g, `$1"${version}"`),
      );
    }
    gitIn(origin, 'add', '-A');
    gitIn(origin, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', 'commit', '-q', '-m', version);
  }
  async function done(program: string, words: string[], cwd = clone) {
    const ran = await run(program, words, { env, cwd });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    return ran.stdout;
  }
  async function serves(program: string, words: readonly string[]): Promise<string> {
    const { stdout } = await run(program, words, { env, cwd: home, input: `${JSON.stringify(HELLO)}\n` });
    return JSON.parse(stdout.split('\n')[0] ?? '').result.serverInfo.version;
  }

  it('npm install builds it; both registrations and the command keep working after git pull && npm install', async () => {
    await done('npm', ['install']);
    assert.equal(gitIn(clone, 'status', '--porcelain'), '');
    const dist = path.join(clone, 'dist');
    const server = [path.join(dist, 'cli.js'), 'serve'];
    const stateDir = path.join(home, '.claude-kimi-mcp');
    const runtime = { program: NODE.program, electron: false };
    installLauncher({ stateDir, dist, version: '0.1.0', runtime, platform: process.platform, now: Date.now });
    const launcher = launchCommand(stateDir, process.platform, runtime);
    await done('npm', ['install', '-g', '--ignore-scripts', '.']);
    const all = async () => [
      await serves('node', server),
      await serves(launcher.command, launcher.args),
      (await done('claude-kimi-mcp', ['--version'], home)).trim(),
    ];
    assert.deepEqual(await all(), ['0.1.0', '0.1.0', '0.1.0']);

    publish('7.1.0');
    gitIn(clone, 'pull', '-q');
    await done('npm', ['install']);
    assert.deepEqual(await all(), ['7.1.0', '7.1.0', '7.1.0']);
    assert.equal(gitIn(clone, 'status', '--porcelain'), '');

    await done('npm', ['uninstall', '-g', 'claude-kimi-mcp']);
    assert.deepEqual(readdirSync(path.join(home, 'npm-global', 'bin')), []);
    assert.ok(existsSync(path.join(clone, 'dist', 'cli.js')));
  });

  it('serves as it is built for a debugger, too', async () => {
    await done('node', ['esbuild.mjs', '--development']);
    const main = readFileSync(path.join(clone, 'dist/server-main.cjs'), 'utf8');
    assert.match(main, /^\/\/# sourceMappingURL=data:/m);
    assert.equal(await serves('node', [path.join(clone, 'dist/cli.js'), 'serve']), '7.1.0');
  });
});
