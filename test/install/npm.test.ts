import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runClaude, SERVER_NAME } from '../../src/claude/registration.ts';
import { type ClaudeWorld, delegateOnce, makeClaudeWorld } from '../claude/claude-world.ts';
import { finish, run as runs, write } from '../e2e/world.ts';
import { lastResults } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { type Packed, pack } from '../package/pack.ts';
import { installedNodes, makeBin, type Node, npmVariables, run } from './machine.ts';
import { type Registry, startRegistry } from './registry.ts';

const WORK = [write('done.txt', 'done\n'), runs('cat done.txt'), finish()];
const NODES = await installedNodes();
const ALLOWED = ['--allowedTools', 'mcp__kimi-agent__implement_feature'];

/** From the package to a delegation, an update and back: the real npm and the real Claude Code in a clean home; the registry is played. */
describe('installation from npm', function () {
  this.timeout(180_000);
  let old: Packed;
  let newer: Packed;
  let registry: Registry;
  let world: ClaudeWorld;
  let branch: string;
  before(() => {
    old = pack();
    newer = pack('7.1.0');
  });
  beforeEach(async () => {
    registry = await startRegistry();
    registry.publish(old.tgz);
  });
  afterEach(async () => {
    await world?.close();
    await registry.close();
  });
  after(() => {
    old?.remove();
    newer?.remove();
  });

  async function cleanHome(node: Node) {
    const claude = await makeClaudeWorld({
      bare: true,
      scenario: ({ step }) => WORK[step] ?? finish(),
      script: (...turn) => delegateOnce(branch)(...turn),
    });
    const bin = makeBin(claude.home, node);
    const env = claude.env as Record<string, string>;
    Object.assign(env, npmVariables(claude.home, registry.url), {
      PATH: `${bin}:${claude.home}/npm-global/bin:/usr/local/bin:/usr/bin:/bin`,
    });
    world = claude;
    return claude;
  }
  const command = (program: string, ...words: string[]) => run(program, words, { env: world.env, cwd: world.home });
  const npm = (...words: string[]) => command(path.join(world.env['PATH']!.split(':')[0]!, 'npm'), ...words);
  const npx = (...words: string[]) => command(path.join(world.env['PATH']!.split(':')[0]!, 'npx'), ...words);

  async function add(...server: string[]) {
    const key = ['--env', `KIMI_API_KEY=${TEST_KEY}`, '--env', `KIMI_BASE_URL=${world.kimi.baseUrl}`];
    const added = await runClaude(world.run, ['mcp', 'add', '-s', 'user', SERVER_NAME, ...key, '--', ...server]);
    assert.ok(added.ok, JSON.stringify(added));
  }
  async function delegates(on: string) {
    branch = on;
    const before = world.api.requests.length;
    const answer = await world.headless('Add done.txt.', ...ALLOWED);
    const [report] = world.api.requests.slice(before).flatMap(lastResults);
    assert.ok(report, `${answer.stderr}${JSON.stringify(answer.events.slice(0, 2))}`);
    assert.equal(field(report.text, 'outcome'), 'ready', report.text);
    assert.equal(world.git('show', `${on}:done.txt`), 'done');
  }
  async function undone() {
    const removed = await runClaude(world.run, ['mcp', 'remove', SERVER_NAME, '-s', 'user']);
    assert.ok(removed.ok, JSON.stringify(removed));
    assert.ok(!readFileSync(world.files.state, 'utf8').includes(TEST_KEY));
    assert.ok(!existsSync(world.files.settings) && !existsSync(world.files.memory));
  }

  for (const node of NODES) {
    it(`npx on Node ${node.version}, as the command was always written: a delegation, the newest version, and nothing left`, async () => {
      await cleanHome(node);
      const first = await npx('-y', 'claude-kimi-mcp', '--version');
      assert.deepEqual([first.code, first.stdout, first.stderr], [0, `${old.version}\n`, '']);
      await add('npx', '-y', 'claude-kimi-mcp');
      await delegates('feature/by-npx');
      const again = await npx('-y', 'claude-kimi-mcp', '--version');
      registry.publish(newer.tgz);
      const updated = await npx('-y', 'claude-kimi-mcp', '--version');
      assert.equal(updated.stdout, '7.1.0\n', updated.stderr);
      await delegates('feature/by-newer');
      await undone();
      console.log(`    first ${Math.round(first.ms)} ms without the download, later ${Math.round(again.ms)} ms`);
    });
  }

  it('npx from a packed file, before anything is published', async () => {
    await cleanHome(NODES[0]!);
    await add('npx', '-y', `--package=file:${old.tgz}`, 'claude-kimi-mcp');
    await delegates('feature/from-file');
    await undone();
  });

  it('npx with the set-up, its update without a question, and back: nothing left in the home', async () => {
    await cleanHome(NODES[0]!);
    symlinkSync(world.run.program, path.join(world.env['PATH']!.split(':')[0]!, 'claude'));
    const key = path.join(world.home, 'key');
    writeFileSync(key, TEST_KEY);
    const does = async (...words: string[]) => {
      const ran = await run(path.join(world.env['PATH']!.split(':')[0]!, 'npx'), ['-y', ...words], { env: world.env, cwd: world.repo });
      assert.equal(ran.code, 0, ran.stdout + ran.stderr);
      return ran.stdout;
    };
    const account = ['--key-file', key, '--base-url', world.kimi.baseUrl, '--repositories', 'allow'];
    await does('claude-kimi-mcp', 'setup', '--yes', '--rules', 'en', ...account);
    await delegates('feature/old');
    registry.publish(newer.tgz);
    await does('claude-kimi-mcp@latest', 'setup', '--yes');
    assert.match(await does('claude-kimi-mcp', 'doctor', '--json'), /"found": ?"starts version 7\.1\.0 with/);
    await delegates('feature/new');

    await does('claude-kimi-mcp', 'merge', 'feature/old', '--yes');
    await does('claude-kimi-mcp', 'discard', 'feature/new', '--yes');
    await does('claude-kimi-mcp', 'clean', '--older-than', '0h', '--yes');
    assert.match(await does('claude-kimi-mcp', 'setup', '--undo', '--yes'), /Everything is removed\.\n$/);
    assert.ok(![world.stateDir, world.files.settings, world.files.memory].some((file) => existsSync(file)));
    assert.doesNotMatch(readFileSync(world.files.state, 'utf8'), /kimi-agent/);
    assert.equal(world.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
  });

  it('npm install -g: no warning, nothing else installed, a registration that an update keeps, and nothing left', async () => {
    await cleanHome(NODES.at(-1)!);
    const installed = await npm('install', '-g', 'claude-kimi-mcp');
    assert.equal(installed.code, 0, installed.stderr);
    assert.match(installed.stdout, /^\s*added 1 package in /);
    assert.equal(installed.stderr, '');
    const modules = path.join(world.home, 'npm-global', 'lib', 'node_modules');
    assert.deepEqual(readdirSync(modules), ['claude-kimi-mcp']);
    assert.ok(!existsSync(path.join(modules, 'claude-kimi-mcp', 'node_modules')));
    assert.ok(sizeOf(modules) < 3.2e6, `${sizeOf(modules)} bytes`);

    await add('claude-kimi-mcp');
    await delegates('feature/global');
    registry.publish(newer.tgz);
    const updated = await npm('update', '-g');
    assert.equal(updated.stderr, '');
    assert.equal((await command('claude-kimi-mcp', '--version')).stdout, '7.1.0\n');
    await delegates('feature/updated');

    await undone();
    await npm('uninstall', '-g', 'claude-kimi-mcp');
    assert.deepEqual(readdirSync(modules), []);
    assert.deepEqual(readdirSync(path.join(world.home, 'npm-global', 'bin')), []);
  });
});

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stats = statSync(path.join(folder, name));
    return sum + (stats.isFile() ? stats.size : 0);
  }, 0);
}
