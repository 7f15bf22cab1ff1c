import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startBroker } from '../../src/broker/broker.ts';
import { rulesBlock } from '../../src/claude/claude-md-rules.ts';
import { runClaude } from '../../src/claude/registration.ts';
import { type ClaudeWorld, delegateOnce, MARK, makeClaudeWorld } from '../claude/claude-world.ts';
import { finish, run as runs, write } from '../e2e/world.ts';
import { type ClaudeRequest, lastResults } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { type Packed, pack, ROOT } from '../package/pack.ts';
import { installedNodes, makeBin, npmVariables } from './machine.ts';
import { type Registry, startRegistry } from './registry.ts';

const WORK = [write('done.txt', 'done\n'), runs('cat done.txt'), finish()];
const SERVER = 'plugin_kimi_kimi-agent';
const PLUGIN = path.join(ROOT, 'plugin');
const inPlugin = (name: string) => readFileSync(path.join(PLUGIN, name), 'utf8');

describe('the plugin for Claude Code', function () {
  this.timeout(120_000);
  let packed: Packed;
  let registry: Registry;
  let world: ClaudeWorld;
  let script: ReturnType<typeof delegateOnce>;
  before(async () => {
    packed = pack();
    registry = await startRegistry();
    registry.publish(packed.tgz);
  });
  beforeEach(async () => {
    script = delegateOnce('feature/by-plugin', {}, SERVER);
    world = await makeClaudeWorld({
      bare: true,
      scenario: ({ step }) => WORK[step] ?? finish(),
      script: (request, place) => script(request, place),
    });
    const [node] = await installedNodes();
    const bin = makeBin(world.home, node!);
    Object.assign(world.env, npmVariables(world.home, registry.url), { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin` });
  });
  afterEach(() => world.close());
  after(async () => {
    await registry?.close();
    packed?.remove();
  });

  async function claude(...words: string[]): Promise<string> {
    const ran = await runClaude(world.run, words);
    assert.ok(ran.ok, `${words.join(' ')}: ${JSON.stringify(ran)}`);
    return ran.output;
  }
  const install = async (marketplace: string) => {
    await claude('plugin', 'marketplace', 'add', marketplace);
    const config = [`api_key=${TEST_KEY}`, `base_url=${world.kimi.baseUrl}`].flatMap((each) => ['--config', each]);
    await claude('plugin', 'install', 'kimi@claude-kimi-mcp', ...config);
  };
  async function delegates() {
    const answer = await world.headless('Add done.txt.', '--allowedTools', `mcp__${SERVER}__implement_feature`);
    const [report] = world.api.requests.flatMap(lastResults);
    assert.ok(report, `${answer.stderr}${JSON.stringify(answer.events.slice(0, 2))}`);
    assert.equal(field(report.text, 'outcome'), 'ready', report.text);
    assert.equal(world.git('show', 'feature/by-plugin:done.txt'), 'done');
  }
  async function uninstalled() {
    await claude('plugin', 'uninstall', 'kimi@claude-kimi-mcp');
    await claude('plugin', 'marketplace', 'remove', 'claude-kimi-mcp');
    assert.doesNotMatch(await claude('mcp', 'list'), /kimi/);
    const holders = readdirSync(world.home, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('npm-cache')) // the demo of the package plays a model with this key
      .map((name) => path.join(world.home, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() && readFileSync(file).includes(TEST_KEY));
    assert.deepEqual(holders, []);
    const settings = JSON.parse(existsSync(world.files.settings) ? readFileSync(world.files.settings, 'utf8') : '{}');
    assert.ok(!JSON.stringify(settings).includes('kimi'), JSON.stringify(settings));
  }

  it('passes the checks of Claude Code and of its directory', async () => {
    await claude('plugin', 'validate', '--strict', ROOT);
    const said = await claude('plugin', 'validate', '--strict', '--profile', 'directory', PLUGIN);
    for (const part of ['mcpServers: kimi-agent', 'skills: kimi:delegate', 'commands: kimi:status', 'commands: kimi:review'])
      assert.ok(said.includes(part), said);
  });

  it('comes from a marketplace, starts the newest server from npm, delegates with its key, and leaves nothing', async () => {
    const marketplace = path.join(world.home, 'marketplace');
    for (const name of ['.claude-plugin', 'plugin']) cpSync(path.join(ROOT, name), path.join(marketplace, name), { recursive: true });
    await install(marketplace);
    await delegates();
    assert.ok(registry.requests.some((request) => /GET .*\.tgz/.test(request)));
    await uninstalled();
  });

  it('comes from a clone, whose own server it starts', async () => {
    const before = registry.requests.length;
    await install(ROOT);
    await delegates();
    assert.equal(registry.requests.length, before);
    await uninstalled();
  });

  it('has commands that do what they say, with the tools that they allow themselves', async () => {
    const branch = `feature/${MARK}`;
    await install(ROOT);
    script = delegateOnce(branch, {}, SERVER);
    await world.headless('Add done.txt.', '--allowedTools', `mcp__${SERVER}__implement_feature`);

    const status = await obeyed(`/kimi:status ${MARK}`, [['get_delegation', {}]]);
    assert.match(status.prompt, /repo_path and without branch_name/);
    assert.match(status.answers.join(), new RegExp(branch));

    const review = await obeyed(`/kimi:review ${branch}`, [
      ['get_delegation', { branch_name: branch }],
      ['delegation_diff', { branch_name: branch }],
    ]);
    assert.match(review.prompt, new RegExp(`delegation on the branch \\\\"${branch}`));
    assert.match(review.answers[0]!, /^outcome: ready/m);
    assert.match(review.answers[1]!, /^\+done$/m);
  });

  /** What a command tells Claude, and what comes back to a Claude that does these calls. */
  async function obeyed(command: string, calls: readonly (readonly [tool: string, input: object])[]) {
    const conversation: ClaudeRequest[] = [];
    script = (request) => {
      const next = calls[conversation.push(request) - 1];
      if (!next) return { text: 'Said.' };
      return { calls: [{ name: `mcp__${SERVER}__${next[0]}`, input: { repo_path: world.repo, ...next[1] } }] };
    };
    const { result, stderr } = await world.headless(command);
    assert.equal(result?.result, 'Said.', stderr);
    assert.deepEqual(result.permission_denials, []);
    return { prompt: JSON.stringify(conversation[0]!.messages), answers: conversation.flatMap(lastResults).map(({ text }) => text) };
  }

  it('without a key says where one goes, and takes that of a window or of the file', () => worksWithout());
  it('the same where the questions were answered with nothing', () => worksWithout('--config', 'api_key=', '--config', 'base_url='));

  async function worksWithout(...config: string[]) {
    const branches = ['feature/none', 'feature/window', 'feature/file'];
    script = (request, place) => delegateOnce(branches[0]!, {}, SERVER)(request, place);
    const report = async () => {
      const before = world.api.requests.length;
      await world.headless('Add done.txt.', '--allowedTools', `mcp__${SERVER}__implement_feature`);
      branches.shift();
      return world.api.requests.slice(before).flatMap(lastResults)[0]!.text;
    };
    await claude('plugin', 'marketplace', 'add', ROOT);
    await claude('plugin', 'install', 'kimi@claude-kimi-mcp', ...config);
    const none = await report();
    assert.equal(field(none, 'outcome'), 'auth_failed', none);
    assert.match(none, /notice_for_user: .*~\/\.claude-kimi-mcp\/\.env/);
    assert.equal(world.kimi.requests.length, 0);

    const { stateDir, kimi } = world;
    const answer = async () => ({ key: TEST_KEY, settings: { baseUrl: kimi.baseUrl }, trusted: true, consent: 'granted' as const });
    const window = await startBroker({ stateDir, version: '0.0.0', folders: [world.repo], answer, askConsent: async () => 'denied' });
    assert.equal(field(await report(), 'outcome'), 'ready');
    await window.close();

    writeFileSync(path.join(stateDir, '.env'), `KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}\n`, { mode: 0o600 });
    assert.equal(field(await report(), 'outcome'), 'ready');
    await claude('plugin', 'uninstall', 'kimi@claude-kimi-mcp');
  }

  it('says the same rules as the ones for CLAUDE.md', () => {
    const rules = rulesBlock('en').split('\n').slice(1, -1).join('\n');
    assert.equal(inPlugin('skills/delegate/SKILL.md').split('---\n').at(-1)!.trim(), rules);
  });

  it('has the version, the license and the icon of the program', () => {
    const { version, license } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const manifest = JSON.parse(inPlugin('.claude-plugin/plugin.json'));
    assert.deepEqual([manifest.version, manifest.license], [version, license]);
    for (const [name, original] of [
      ['LICENSE', 'LICENSE'],
      ['icon.png', 'media/icon.png'],
    ] as const)
      assert.deepEqual(readFileSync(path.join(PLUGIN, name)), readFileSync(path.join(ROOT, original)), name);
  });
});
