import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runClaude } from '../../src/claude/registration.ts';
import { provisionClaude } from '../claude/provision.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { cli, inTerminal, type Session } from './run-cli.ts';
import { makeSetupPlace, type SetupPlace } from './setup-place.ts';

/** The questions of a first run in a repository, in order, each with the keys that answer it. */
const QUESTIONS: readonly (readonly [RegExp, string])[] = [
  [/Paste your key[\s\S]*API Key/, `${TEST_KEY}\r`],
  [/Balance: \$12\.50\. Which model/, '\x1b[B\r'],
  [/How much may one attempt cost/, '\x1b[B\r'],
  [/Which repositories may be sent to 127/, '\x1b[A\r'],
  [/Where shall Claude Code be able/, '\r'],
  [/claude mcp add-json kimi-agent[\s\S]*Connect Claude Code to Kimi/, '\r'],
  [/\+ mcp__kimi-agent__resume_delegation[\s\S]*without asking each time/, '\r'],
  [/Shall a CLAUDE\.md/, '\x1b[B\r'],
  [/claude-kimi-mcp:begin[\s\S]*Write the delegation rules to/, '\r'],
];

describe('claude-kimi-mcp setup', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let claude: string;
  let place: SetupPlace;
  before(async () => {
    claude = await provisionClaude((line) => console.error(line));
    kimi = await startKimi({ scenario: [], balance: 12.5 });
  });
  after(() => kimi.close());
  beforeEach(() => {
    place = makeSetupPlace(claude);
  });
  afterEach(() => place.remove());

  const asked = (...words: string[]) => inTerminal(place, 90, 'setup', '--base-url', kimi.baseUrl, ...words);
  const answer = async (session: Session, count = QUESTIONS.length) => {
    for (const [question, keys] of QUESTIONS.slice(0, count)) {
      await session.shows(question);
      session.type(keys);
    }
  };
  const keyFile = () => {
    const file = path.join(place.home, 'key');
    writeFileSync(file, `${TEST_KEY}\n`);
    return file;
  };
  const scripted = (...words: string[]) => cli(place, 'setup', '--yes', '--key-file', keyFile(), '--base-url', kimi.baseUrl, ...words);

  it('goes from nothing to ready by questions, and writes what was shown', async () => {
    const session = asked();
    await answer(session);
    await session.shows(/Kimi Delegate is ready/);
    assert.equal(await session.ended, 0);
    assert.ok(!session.text().includes(TEST_KEY), 'the key is never on the screen');
    assert.equal(
      place.written(),
      `KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}\nKIMI_MODEL=kimi-k2.7-code\nKIMI_BUDGET=2\nKIMI_REPOSITORIES='${JSON.stringify({ '*': 'allow', [place.repo]: 'allow' })}'\n`.replace(
        /KIMI_REPOSITORIES=.*/,
        place.written().match(/KIMI_REPOSITORIES=.*/)![0],
      ),
    );
    assert.match(place.written(), new RegExp(`KIMI_REPOSITORIES=.*"${place.repo}":"allow"`));
    assert.deepEqual([statSync(place.envFile).mode & 0o777, statSync(place.state).mode & 0o777], [0o600, 0o700]);
    assert.deepEqual(place.registered().user, { command: path.join(place.state, 'bin/kimi-agent'), args: [], env: {} });
    assert.equal(JSON.parse(readFileSync(place.files().settings, 'utf8')).permissions.allow.length, 7);
    assert.match(readFileSync(place.files().memory, 'utf8'), /Delegating work to Kimi/);
    assert.ok(!readFileSync(place.files().state, 'utf8').includes(TEST_KEY));
    const health = await runClaude({ program: claude, env: { ...place.env, HOME: place.home }, cwd: place.home }, ['mcp', 'list']);
    assert.match(health.ok ? health.output : english(health.reason), /kimi-agent: .*Connected/);
  });

  it('speaks Chinese where the terminal does', async () => {
    const session = inTerminal({ ...place, env: { ...place.env, LC_ALL: 'zh_CN.UTF-8' } }, 90, 'setup', '--base-url', kimi.baseUrl);
    await session.shows(/粘贴 Kimi 开放平台的密钥[\s\S]*API 密钥/);
    session.type(`${TEST_KEY}\r`);
    await session.shows(/密钥可用。余额：\$12\.50。/);
    session.type('\x03');
    await session.shows(/已停止。已完成的部分会保留/);
    assert.equal(await session.ended, 130);
  });

  it('stopped by Ctrl-C at any question it leaves nothing half-written, and a second run goes on', async function () {
    this.timeout(240_000);
    for (let count = 0; count < QUESTIONS.length; count++) {
      const other = makeSetupPlace(claude);
      try {
        const session = inTerminal(other, 90, 'setup', '--base-url', kimi.baseUrl);
        await answer(session, count);
        await session.shows(QUESTIONS[count]![0]);
        session.type('\x03');
        assert.equal(await session.ended, 130, `at question ${count}`);
        assert.match(session.text(), /Stopped\. What was done is kept; run claude-kimi-mcp setup again/);
        const env = existsSync(other.envFile) ? other.written() : '';
        assert.equal(env.includes('KIMI_API_KEY'), count > 0);
        assert.equal(env.includes('KIMI_BUDGET'), count > 2);
        assert.equal(other.registered().user !== null, count > 5);
        assert.equal(existsSync(other.files().settings), count > 6);
        assert.ok(!existsSync(other.files().memory));
        const left = readdirSync(other.state, { recursive: true, encoding: 'utf8' });
        assert.deepEqual(
          left.filter((name) => name.endsWith('.new')),
          [],
        );
      } finally {
        other.remove();
      }
    }
  });

  it('is scripted by options, and prints what is set up as JSON and nothing else', async () => {
    const words = ['--model', 'kimi-k2.7-code', '--budget', '2,5', '--repositories', 'ask', '--scope', 'user', '--rules', 'zh', '--json'];
    const { code, out, err } = await scripted(...words);
    assert.equal(code, 0, err);
    const summary = JSON.parse(out);
    assert.deepEqual(
      { ...summary, file: undefined, permissions: summary.permissions.length },
      {
        done: true,
        problems: [],
        key: true,
        baseUrl: kimi.baseUrl,
        model: 'kimi-k2.7-code',
        budget: 2.5,
        repositories: { '*': 'ask' },
        sandbox: 'required',
        claude: { scope: 'user', folder: null },
        permissions: 7,
        rules: [place.files().memory],
        file: undefined,
      },
    );
    assert.match(readFileSync(place.files().memory, 'utf8'), /将工作委派给 Kimi/);
    assert.ok(!`${out}${err}`.includes(TEST_KEY));
    assert.match(err, /claude mcp add-json kimi-agent/, 'each change is shown, asked or not');
  });

  it('run twice it changes nothing', async () => {
    await scripted('--rules', 'en');
    const files = () =>
      [place.envFile, place.files().state, place.files().settings, place.files().memory].map((file) => readFileSync(file, 'utf8'));
    const before = files();
    const { code, err } = await cli(place, 'setup', '--yes', '--rules', 'en');
    assert.equal(code, 0, err);
    assert.deepEqual(files(), before);
  });

  it('takes no key as a word of the command, and does not repeat it', async () => {
    for (const words of [['--key', TEST_KEY], [`--key=${TEST_KEY}`]]) {
      const { code, out, err } = await cli(place, 'setup', '--yes', ...words);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /every user of this machine can see it.*--key-file/);
      assert.ok(!err.includes(TEST_KEY));
    }
    assert.ok(!existsSync(place.envFile));
  });

  it('says what is wrong with options, and asks nobody where there is no terminal', async () => {
    const wrong: [string[], RegExp][] = [
      [[], /nobody to ask\. Give --yes/],
      [['--yes', '--scope', 'world'], /--scope is "world"\. It is one of: user, project, local/],
      [['--yes', '--rules', 'fr'], /--rules is "fr"/],
      [['--yes', '--budget', 'much'], /"much" is no amount/],
      [['--yes', '--base-url', 'http://api.moonshot.cn/v1'], /--base-url is "http.*an https URL/],
      [['--yes', '--region', 'cn', '--base-url', 'https://x.example'], /--region or --base-url, not both/],
      [['--yes', '--key-file', 'a', '--key-stdin'], /--key-file or --key-stdin, not both/],
    ];
    for (const [words, problem] of wrong) {
      const { code, out, err } = await cli(place, 'setup', ...words);
      assert.deepEqual([code, out], [2, ''], words.join(' '));
      assert.match(err, problem);
    }
    const { code, err } = await cli(place, 'setup', '--yes', '--key-file', 'nowhere');
    assert.equal(code, 1);
    assert.match(err, /nowhere cannot be read \(ENOENT\)/);
  });

  it('stores no key that is refused, malformed, a subscription, or that nobody could be asked about', async () => {
    const file = path.join(place.home, 'other');
    const gone = await startKimi({ scenario: [] });
    await gone.close();
    const tries: [string, string, RegExp][] = [
      ['sk-wrong-wrong-wrong', kimi.baseUrl, /Kimi refused this key/],
      ['two words', kimi.baseUrl, /This is no key/],
      ['sk-kimi-0123456789', kimi.baseUrl, /belongs to a Kimi subscription/],
      [TEST_KEY, gone.baseUrl, /could not be reached[\s\S]*ECONNREFUSED[\s\S]*HTTPS_PROXY/],
    ];
    for (const [key, baseUrl, problem] of tries) {
      writeFileSync(file, key);
      const { code, out } = await cli(place, 'setup', '--yes', '--key-file', file, '--base-url', baseUrl);
      assert.equal(code, 1);
      assert.match(out, problem);
      assert.ok(!existsSync(place.envFile), key);
    }
    assert.equal(place.registered().user, null, 'a step that failed ends it');
    const { code, out } = await scripted('--model', 'kimi-k9');
    assert.equal(code, 1);
    assert.match(out, /does not offer kimi-k9\. Choose one of: kimi-k2\.6, kimi-k2\.7-code/);
  });

  it('without Claude Code it does the rest and says what is missing; one that is old or no Claude Code is told', async () => {
    const bare = makeSetupPlace(null);
    try {
      const { code, out } = await cli(bare, 'setup', '--yes', '--key-file', keyFile(), '--base-url', kimi.baseUrl);
      assert.equal(code, 1);
      assert.match(out, /Claude Code was not found[\s\S]*Almost ready: a step was left out/);
      assert.match(bare.written(), /KIMI_API_KEY/);
      const fake = path.join(bare.home, '.local/bin/claude');
      writeFileSync(
        fake,
        '#!/bin/sh\ncase "$1" in --version) echo "1.0.3 (Claude Code)";; *) echo "unknown command add-json" >&2; exit 1;; esac\n',
      );
      chmodSync(fake, 0o755);
      const old = await cli(bare, 'setup', '--yes');
      assert.equal(old.code, 1);
      assert.match(old.out, /could not be connected.*claude mcp add-json.* failed: unknown command/);
      const { out: said } = await cli(bare, 'doctor');
      assert.match(said, /1\.0\.3 at .* is old[\s\S]*claude update/);
    } finally {
      bare.remove();
    }
    assert.equal((await scripted('--no-connect')).code, 0, 'who wants no connection misses none');
    assert.equal(place.registered().user, null);
  });

  it('replaces an entry of the original, and moves the key out of it', async () => {
    const run = { program: claude, env: { ...place.env, HOME: place.home }, cwd: place.home };
    const original = {
      command: 'npx',
      args: ['-y', 'claude-kimi-mcp'],
      env: { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: kimi.baseUrl, KIMI_MAX_STEPS: '80' },
    };
    await runClaude(run, ['mcp', 'add-json', 'kimi-agent', JSON.stringify({ type: 'stdio', ...original }), '-s', 'user']);
    const before = await cli(place, 'doctor');
    assert.match(before.out, /your key stands in the configuration of Claude Code/);
    const { code, out } = await cli(place, 'setup', '--yes');
    assert.equal(code, 0, out);
    assert.match(out, /A key of Kimi was found in .*\.claude\.json[\s\S]*KIMI_API_KEY=•+[\s\S]*KIMI_MAX_STEPS=80/);
    assert.match(place.written(), new RegExp(`KIMI_MAX_STEPS=80[\\s\\S]*KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}`));
    assert.deepEqual(place.registered().user, { command: path.join(place.state, 'bin/kimi-agent'), args: [], env: {} });
    assert.ok(!readFileSync(place.files().state, 'utf8').includes(TEST_KEY));
  });

  it('takes a .env over that an earlier installation left, with comments and lines that it does not know', async () => {
    const text = `# from my manager\nKIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}\nMY_OWN=1\nKIMI_MAX_STEPS=70\n`;
    mkdirSync(path.join(place.home, 'claude-kimi-mcp'));
    writeFileSync(path.join(place.home, 'claude-kimi-mcp/package.json'), '{"name": "claude-kimi-mcp"}');
    const file = path.join(place.home, 'claude-kimi-mcp/.env');
    writeFileSync(file, text);
    const { code, out } = await cli(place, 'setup', '--yes', '--no-connect', '--import-env', file);
    assert.equal(code, 0, out);
    assert.ok(place.written().startsWith(text));
    assert.equal(readFileSync(file, 'utf8'), text);
    assert.ok(!out.includes(TEST_KEY));
    const other = makeSetupPlace(null);
    try {
      writeFileSync(path.join(other.repo, '.env'), text);
      const session = inTerminal(other, 90, 'setup');
      await session.shows(/A key of Kimi was found in .*app\/\.env/);
      session.type('\r');
      await session.shows(/The key works[\s\S]*Which model/);
      session.type('\x03');
      await session.ended;
      assert.doesNotMatch(session.text(), /A key is stored/, 'just taken over');
      assert.equal(other.written(), text.replace('MY_OWN=1\n', ''), 'of another program only what is ours');
    } finally {
      other.remove();
    }
  });

  it('knows the scopes: a project gets a path that holds in every home, and moving leaves one entry', async () => {
    assert.equal((await scripted('--scope', 'local')).code, 0);
    assert.deepEqual(
      place.registered().shadows.map(({ scope }) => scope),
      ['local'],
    );
    assert.equal(place.registered().user, null);
    assert.equal((await cli(place, 'doctor')).code, 0);
    assert.equal((await cli(place, 'setup', '--yes', '--scope', 'project', '--rules', 'en')).code, 0);
    assert.deepEqual(
      place.registered().shadows.map(({ scope, command }) => [scope, command?.command]),
      [['project', '${HOME}/.claude-kimi-mcp/bin/kimi-agent']],
    );
    assert.match(readFileSync(path.join(place.repo, 'CLAUDE.md'), 'utf8'), /Delegating work/);
    const { code, out } = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(code, 0, out);
    assert.deepEqual(place.registered(), { user: null, shadows: [], problems: [] });
    assert.ok(!existsSync(path.join(place.repo, 'CLAUDE.md')));
    const outside = await cli(
      { ...place, cwd: place.home },
      'setup',
      '--yes',
      '--key-file',
      keyFile(),
      '--base-url',
      kimi.baseUrl,
      '--scope',
      'local',
    );
    assert.equal(outside.code, 1);
    assert.match(outside.out, /Run this in one/);
  });

  it('takes everything back, and nothing of the user with it', async () => {
    mkdirSync(path.dirname(place.files().settings), { recursive: true });
    writeFileSync(place.files().settings, '{"model":"opus"}');
    writeFileSync(place.files().memory, '# mine\n');
    mkdirSync(place.state, { recursive: true });
    writeFileSync(place.envFile, '# mine\nKIMI_MAX_STEPS=70\n');
    await scripted('--rules', 'en', '--model', 'kimi-k2.7-code');
    const { code, out } = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(code, 0, out);
    assert.match(out, /claude mcp remove kimi-agent -s user[\s\S]*Everything is removed/);
    assert.equal(readFileSync(place.files().settings, 'utf8'), '{"model":"opus"}');
    assert.equal(readFileSync(place.files().memory, 'utf8'), '# mine\n');
    assert.equal(place.written(), '# mine\nKIMI_MAX_STEPS=70\n');
    assert.deepEqual(place.registered().user, null);
    assert.deepEqual(readdirSync(place.state).sort(), ['.env', 'cache']);
    const again = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(again.code, 0, again.out);
  });

  it('undoes one by one, and only what the user chose', async () => {
    await scripted('--rules', 'en');
    const session = inTerminal(place, 90, 'setup', '--undo');
    for (const [question, keys] of [
      [/mcp remove kimi-agent -s user[\s\S]*Remove this\?/, '\x1b[B\r'],
      [/permission rules in[\s\S]*Remove this\?[\s\S]*Remove/, '\r'],
      [/delegation rules in[\s\S]*Remove this\?/, '\x1b[B\r'],
      [/API key in/, '\x1b[B\r'],
      [/your settings/, '\x1b[B\r'],
    ] as const) {
      await session.shows(question);
      session.type(keys);
    }
    await session.shows(/The rest stays as it is/);
    assert.equal(await session.ended, 0);
    assert.ok(place.registered().user);
    assert.ok(!existsSync(place.files().settings));
    assert.ok(existsSync(path.join(place.state, 'bin/kimi-agent')));
    assert.match(place.written(), /KIMI_API_KEY/);
  });
});
