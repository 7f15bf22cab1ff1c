import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runClaude } from '../../src/claude/registration.ts';
import { type ScriptedKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { cli, inTerminal, type Session } from './run-cli.ts';
import { inCleanPlaces, keyFileIn, makeSetupPlace, type SetupPlace, scriptedSetup } from './setup-place.ts';

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
  inCleanPlaces((world) => {
    ({ kimi, claude, place } = world);
  });

  const asked = (...words: string[]) => inTerminal(place, 90, 'setup', '--base-url', kimi.baseUrl, ...words);
  const answer = async (session: Session, count = QUESTIONS.length) => {
    for (const [question, keys] of QUESTIONS.slice(0, count)) {
      await session.shows(question);
      session.type(keys);
    }
  };
  const scripted = (...words: string[]) => scriptedSetup(place, kimi, ...words);

  it('goes from nothing to ready by questions, and writes what was shown', async () => {
    const session = asked();
    await answer(session);
    await session.shows(/Kimi Delegate is ready/);
    assert.equal(await session.ended, 0);
    assert.ok(!session.text().includes(TEST_KEY), 'the key is never on the screen');
    assert.match(session.text(), /^┌ {2}claude-kimi-mcp \d+\.\d+\.\d+\n│\n/, 'the line at the left has a beginning');
    assert.match(session.text(), /open already\.\n└\n$/, 'and an end');
    assert.equal(
      place.written().replace(/KIMI_REPOSITORIES=.*\n/, ''),
      `KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}\nKIMI_MODEL=kimi-k2.7-code\nKIMI_BUDGET=2\n`,
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
    await session.shows(/粘贴你在 127\.0\.0\.1:\d+ 的密钥[\s\S]*API 密钥/);
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
        assert.match(session.text(), /Stopped\. What was done is kept\. Go on: claude-kimi-mcp setup/);
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

  it('says what is wrong with options, and asks nobody where there is no terminal', async () => {
    const wrong: [string[], RegExp][] = [
      [[], /no terminal to ask in\. Give --yes/],
      [['--yes', '--scope', 'world'], /--scope cannot be "world"\. Choose one of: user, project, local/],
      [['--yes', '--rules', 'fr'], /--rules cannot be "fr"/],
      [['--yes', '--budget', 'much'], /"much" is not an amount/],
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

  it('without Claude Code it does the rest and says what is missing; one that is old or no Claude Code is told', async () => {
    const bare = makeSetupPlace(null);
    try {
      const { code, out } = await cli(bare, 'setup', '--yes', '--key-file', keyFileIn(place), '--base-url', kimi.baseUrl);
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
});
