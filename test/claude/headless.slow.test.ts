import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Consent } from '../../src/broker/protocol.ts';
import {
  claudeVersion,
  connect,
  connectCommands,
  disconnect,
  readRegistered,
  runClaude,
  SERVER_NAME,
} from '../../src/claude/registration.ts';
import { disallowTools } from '../../src/claude/setup-record.ts';
import { installLauncher, launchCommand, removeLauncher } from '../../src/launcher/install-launcher.ts';
import { finish, read, run, write } from '../e2e/world.ts';
import { type ClaudeRequest, type ClaudeTurn, lastResults, systemText } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST, field } from '../fakes/mcp-client.ts';
import { english } from '../messages/english.ts';
import { type ClaudeWorld, type ClaudeWorldOptions, delegateOnce, type Headless, MARK, makeClaudeWorld } from './claude-world.ts';
import { CLAUDE_VERSION } from './provision.ts';

const WORK = [write('done.txt', 'done\n'), run('cat done.txt'), finish()];
const RUNTIME = { program: process.execPath, electron: false };

/** The real Claude Code, set up by our own functions in a clean HOME, without a terminal. */
describe('the real Claude Code, headless', function () {
  this.timeout(120_000);
  this.retries(1); // a program that is not ours, with its own time limits; the reporter names who needed it
  let world: ClaudeWorld;
  afterEach(() => world?.close());
  const make = async (options: Partial<ClaudeWorldOptions> = {}) => {
    world = await makeClaudeWorld({ scenario: WORK, ...options });
    return world;
  };
  const denials = ({ result }: Headless) =>
    ((result?.permission_denials ?? []) as { tool_name: string }[]).map(({ tool_name }) => tool_name);
  /** What came back to Claude, of all tool calls. */
  const results = () => world.api.requests.flatMap(lastResults);

  it('delegates with the key and the settings of the window, from the prompt to the branch', async () => {
    const { headless, api, git, kimi, home, env } = await make();
    const answer = await headless('Add done.txt.');
    assert.equal(answer.code, 0);
    assert.equal(answer.result?.result, 'The work is done.');
    const [report] = results();
    assert.equal(field(report!.text, 'outcome'), 'ready', report!.text);
    // Read from the file of its session: the model that called, what it used before, and what our part of its context came to.
    assert.match(report!.text, /^cost: .*\. The same tokens at (Fable|Opus|Sonnet|Haiku) [\d.]+: .* for delegating/m);
    assert.equal(git('show', 'feature/done:done.txt'), 'done');
    assert.equal(kimi.requests.length, 3);
    const [first] = api.requests;
    const loaded = first!.tools!.map(({ name }) => name).filter((name) => name.startsWith('mcp__'));
    assert.deepEqual(loaded.sort(), ['mcp__kimi-agent__fix_bug', 'mcp__kimi-agent__implement_feature', 'mcp__kimi-agent__write_tests']);
    assert.match(`${systemText(first!)}${JSON.stringify(first!.messages)}`, /Hands coding work to a cheaper model/);
    assert.ok(!Object.values(env).join().includes(TEST_KEY));
    for (const file of filesBelow(home)) assert.ok(!readFileSync(file).includes(TEST_KEY), `${file} holds the key`);
  });

  for (const mode of ['manual', 'acceptEdits', 'dontAsk', 'auto']) {
    it(`calls without a prompt, a denial or a classifier: ${mode}`, async () => {
      const { headless, api, git } = await make();
      const answer = await headless('Add done.txt.', '--permission-mode', mode);
      assert.deepEqual(denials(answer), []);
      assert.equal(field(results()[0]!.text, 'outcome'), 'ready');
      assert.equal(git('show', 'feature/done:done.txt'), 'done');
      assert.equal(api.others.length, 0, 'a request beside the conversation');
      // A classifier would be asked about the conversation without being given its tools. (Ours may be missing from the first request
      // on a slow machine: Claude Code does not wait for its servers for long.)
      for (const request of api.requests) assert.ok((request.tools ?? []).length > 0);
    });
  }

  it('plan mode: Claude Code itself refuses, whatever the rules say, and nothing is spent', async () => {
    const { headless, kimi } = await make();
    const answer = await headless('Add done.txt.', '--permission-mode', 'plan');
    assert.deepEqual(denials(answer), ['mcp__kimi-agent__implement_feature']);
    assert.match(results()[0]!.text, /plan mode/);
    assert.equal(kimi.requests.length, 0);
  });

  it('without our rules it is denied, and again after they are taken back', async () => {
    const { headless, kimi, files, stateDir } = await make();
    disallowTools(stateDir, Date.now());
    assert.ok(!existsSync(files.settings));
    const answer = await headless('Add done.txt.');
    assert.deepEqual(denials(answer), ['mcp__kimi-agent__implement_feature']);
    assert.match(results()[0]!.text, /requested permissions/);
    assert.equal(kimi.requests.length, 0);
  });

  it('a subagent delegates as well', async () => {
    const script = (request: ClaudeRequest, place: { repo: string }): ClaudeTurn => {
      if (JSON.stringify(request.messages[0]).includes('SUBTASK')) return delegateOnce('feature/sub')(request, place);
      if (lastResults(request).length > 0) return { text: 'All done.' };
      const input = {
        description: 'Add a file',
        prompt: `${MARK} SUBTASK: add done.txt`,
        subagent_type: 'general-purpose',
        run_in_background: false,
      };
      return { calls: [{ name: 'Agent', input }] };
    };
    const { headless, git } = await make({ script });
    const answer = await headless('Use an agent.');
    assert.deepEqual(denials(answer), []);
    assert.match(
      results()
        .map(({ text }) => text)
        .join(),
      /The same tokens at /,
      'the session of the subagent was not found',
    );
    assert.equal(git('show', 'feature/sub:done.txt'), 'done');
  });

  it('a setting that is changed in the window counts for the next call', async () => {
    let maxSteps = 2;
    let branch = 'feature/one';
    const { headless } = await make({
      scenario: ({ step }) =>
        [read('README.md'), read('src/other.txt'), write('done.txt', 'done\n'), run('cat done.txt'), finish()][step] ?? finish(),
      script: (request, place) => delegateOnce(branch)(request, place),
      broker: {
        answer: async () => ({ key: TEST_KEY, settings: { baseUrl: world.kimi.baseUrl, maxSteps }, trusted: true, consent: 'granted' }),
      },
    });
    await headless('One.');
    assert.equal(field(results()[0]!.text, 'outcome'), 'step_limit');
    maxSteps = 20;
    branch = 'feature/two';
    await headless('Two.');
    assert.equal(field(results()[1]!.text, 'outcome'), 'ready', results()[1]!.text);
  });

  it('sends nothing of a repository that the user denied, or did not answer for; after a yes it goes on', async () => {
    let consent: Consent = 'denied';
    let decided: Consent = 'ask';
    const asked: string[] = [];
    const { headless, kimi, repo } = await make({
      script: (request, place) => delegateOnce(`feature/${consent}-${decided}`)(request, place),
      broker: {
        answer: async () => ({ key: TEST_KEY, settings: { baseUrl: world.kimi.baseUrl }, trusted: true, consent }),
        askConsent: async (repository) => {
          asked.push(repository);
          return decided;
        },
      },
    });
    const next = async () => {
      const before = results().length;
      await headless('Go.');
      return results()[before]!.text;
    };
    const denied = await next();
    assert.match(denied, /fallback_needed: true[\s\S]*does not allow that code of this repository is sent/);
    consent = 'ask';
    assert.match(await next(), /fallback_needed: true[\s\S]*has not answered yet/);
    assert.equal(kimi.requests.length, 0);
    decided = 'granted';
    assert.equal(field(await next(), 'outcome'), 'ready');
    assert.deepEqual(asked, [repo, repo]);
  });

  it('no window: says how to give a key, and that Claude is to go on by itself', async () => {
    const { headless, broker, kimi } = await make();
    await broker.close();
    await headless('Add done.txt.');
    const { text } = results()[0]!;
    assert.equal(field(text, 'outcome'), 'auth_failed');
    assert.match(text, /fallback_needed: true/);
    assert.match(text, /notice_for_user: .*Kimi Delegate: Set Up…/);
    assert.equal(kimi.requests.length, 0);
  });

  it('registers once, without a secret, and finds entries that stand before ours', async () => {
    const { files, run: claude, stateDir, repo, env } = await make();
    assert.equal(await claudeVersion(claude), CLAUDE_VERSION);
    const wanted = launchCommand(stateDir, 'linux', RUNTIME);
    const before = readFileSync(files.state, 'utf8');
    assert.deepEqual(readRegistered(files, [repo]), { user: { ...wanted, env: {} }, shadows: [], problems: [] });
    assert.deepEqual(connectCommands(readRegistered(files, []).user, wanted), []);
    assert.deepEqual(await connect(claude, files, wanted), { ok: true, output: '' });
    assert.equal(readFileSync(files.state, 'utf8'), before);
    assert.doesNotMatch(before, /"env"/);

    const other = { command: '/old/place', args: ['x'], env: { A: 'b c' } };
    assert.ok((await connect(claude, files, other)).ok);
    assert.deepEqual(readRegistered(files, []).user, other);
    assert.ok((await connect(claude, files, wanted)).ok);

    const inRepo = { ...claude, cwd: repo };
    for (const scope of ['local', 'project'])
      assert.ok((await runClaude(inRepo, ['mcp', 'add-json', SERVER_NAME, '{"command":"/x","args":[]}', '-s', scope])).ok);
    assert.deepEqual(
      readRegistered(files, [repo]).shadows.map(({ scope, folder }) => [scope, folder]),
      [
        ['local', repo],
        ['project', repo],
      ],
    );
    assert.ok((await disconnect(claude, files)).ok);
    assert.equal(readRegistered(files, []).user, null);
    assert.deepEqual(await disconnect(claude, files), { ok: true, output: '' });

    mkdirSync(path.join(env['HOME']!, 'cfg'));
    const moved = { ...claude, env: { ...env, CLAUDE_CONFIG_DIR: path.join(env['HOME']!, 'cfg') } };
    const movedFiles = { ...files, state: path.join(env['HOME']!, 'cfg', '.claude.json') };
    assert.ok((await connect(moved, movedFiles, wanted)).ok);
    assert.deepEqual(readRegistered(movedFiles, []).user, wanted);
  });

  it('works on after an update of the extension without another registration', async () => {
    const { headless, stateDir, files, home } = await make();
    const before = readRegistered(files, []).user;
    const newer = path.join(home, 'ext-2');
    cpSync(DIST, newer, { recursive: true });
    installLauncher({ stateDir, dist: newer, version: '2.0.0', runtime: RUNTIME, platform: 'linux', now: Date.now });
    rmSync(path.join(stateDir, 'servers', '0.0.0.json'));
    await headless('Add done.txt.');
    assert.equal(field(results()[0]!.text, 'outcome'), 'ready');
    assert.deepEqual(readRegistered(files, []).user, before);
  });

  it('shows the user what to do when the extension is gone', async () => {
    const { run: claude, stateDir } = await make();
    rmSync(path.join(stateDir, 'servers'), { recursive: true });
    const listed = await runClaude(claude, ['mcp', 'get', SERVER_NAME]);
    assert.match(listed.ok ? listed.output : english(listed.reason), /no longer installed.*claude mcp remove kimi-agent -s user/);
    removeLauncher(stateDir);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
