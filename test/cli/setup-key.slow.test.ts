import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runClaude } from '../../src/claude/registration.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { startForwardProxy, startTlsFront } from '../fakes/network.ts';
import { asOrdinaryUser, giveAway } from '../fakes/ordinary-user.ts';
import { cli, inTerminal } from './run-cli.ts';
import { inCleanPlaces, keyFileIn, makeSetupPlace, type SetupPlace, scriptedSetup } from './setup-place.ts';

describe('claude-kimi-mcp setup: the key', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let claude: string;
  let place: SetupPlace;
  inCleanPlaces((world) => {
    ({ kimi, claude, place } = world);
  });
  const scripted = (...words: string[]) => scriptedSetup(place, kimi, ...words);

  it('takes no key as a word of the command, and does not repeat it', async () => {
    for (const words of [['--key', TEST_KEY], [`--key=${TEST_KEY}`]]) {
      const { code, out, err } = await cli(place, 'setup', '--yes', ...words);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /every user of this machine can see it.*--key-file/);
      assert.ok(!err.includes(TEST_KEY));
    }
    assert.ok(!existsSync(place.envFile));
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

  it('saves a key unchecked where that is asked for, and says for which endpoint', async () => {
    const gone = await startKimi({ scenario: [] });
    await gone.close();
    const words = ['setup', '--yes', '--no-check', '--no-connect', '--key-file', keyFileIn(place)];
    const own = await cli(place, ...words, '--base-url', gone.baseUrl);
    assert.equal(own.code, 0, own.out + own.err);
    assert.match(own.out, /The key was not checked\. It will be used with 127\.0\.0\.1:\d+; the setting KIMI_BASE_URL changes that\./);
    assert.equal(place.written(), `KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${gone.baseUrl}\nKIMI_REPOSITORIES={"*":"allow"}\n`);
    assert.ok(!own.out.includes(TEST_KEY));
    const HTTPS_PROXY = 'http://127.0.0.1:9'; // whatever is asked is not reached
    const assumed = { ...place, env: { ...place.env, CLAUDE_KIMI_HOME: path.join(place.home, 'other'), HTTPS_PROXY } };
    const { code, out } = await cli(assumed, ...words);
    assert.equal(code, 0, out);
    assert.match(out, /It will be used with api\.moonshot\.cn;/);
    assert.match((await cli(assumed, ...words, '--region', 'intl')).out, /It will be used with api\.moonshot\.ai;/);
    const malformed = path.join(place.home, 'malformed');
    writeFileSync(malformed, 'two words');
    assert.equal(
      (await cli(place, 'setup', '--yes', '--no-check', '--key-file', malformed)).code,
      1,
      'what can be no key is still refused',
    );
  });

  it('finds the platform that a key belongs to by asking both, and says where the code goes', async () => {
    const [cn, ai] = [await startKimi({ scenario: [], key: 'sk-of-china-01' }), await startKimi({ scenario: [], balance: 7.25 })];
    const fronts = [
      await startTlsFront(cn.baseUrl, place.home, 'api.moonshot.cn'),
      await startTlsFront(ai.baseUrl, place.home, 'api.moonshot.ai'),
    ] as const;
    const proxy = await startForwardProxy({ 'api.moonshot.cn': fronts[0].port, 'api.moonshot.ai': fronts[1].port });
    const certificates = path.join(place.home, 'ca.pem');
    writeFileSync(certificates, fronts.map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''));
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    const behind = { ...place, env: { ...place.env, HTTPS_PROXY, NODE_EXTRA_CA_CERTS: certificates } };
    try {
      const words = ['setup', '--yes', '--no-connect', '--key-file', keyFileIn(place)];
      const wrong = await cli(behind, ...words, '--region', 'cn');
      assert.equal(wrong.code, 1);
      assert.match(wrong.out, /This key belongs to api\.moonshot\.ai, not to api\.moonshot\.cn/);
      assert.ok(!existsSync(place.envFile), 'named is named: nothing is switched');
      const { code, out, err } = await cli(behind, ...words);
      assert.equal(code, 0, out + err);
      assert.match(out, /The key belongs to api\.moonshot\.ai: the code that Kimi works on goes there/);
      assert.match(place.written(), /KIMI_BASE_URL=https:\/\/api\.moonshot\.ai\/v1/);
      assert.deepEqual([...new Set(proxy.seen)].sort(), ['CONNECT api.moonshot.ai:443', 'CONNECT api.moonshot.cn:443']);
      const session = inTerminal({ ...behind, env: { ...behind.env, CLAUDE_KIMI_HOME: path.join(place.home, 'other') } }, 90, 'setup');
      await session.shows(/API Key/);
      session.type(`${TEST_KEY}\r`);
      await session.shows(/belongs to api\.moonshot\.ai[\s\S]*Balance: \$7\.25\./);
      session.type('\x03');
      assert.equal(await session.ended, 130);
      const strange = await cli({ ...behind, env: { ...behind.env, NODE_EXTRA_CA_CERTS: '' } }, 'doctor');
      assert.match(
        strange.out,
        /cannot be reached \((DEPTH_ZERO_SELF_SIGNED_CERT|.*CERT.*)\)[\s\S]*name the file in\s+NODE_EXTRA_CA_CERTS/,
      );
    } finally {
      await Promise.all([cn.close(), ai.close(), proxy.close(), ...fronts.map((front) => front.close())]);
    }
  });

  it('writes nothing where it may not, and says where that is', async function () {
    const words = asOrdinaryUser();
    if (!words) return this.skip();
    giveAway(place.home);
    const program = [
      ...words,
      process.execPath,
      path.join(DIST, 'cli.js'),
      'setup',
      '--yes',
      '--key-file',
      keyFileIn(place),
      '--base-url',
      kimi.baseUrl,
    ];
    chmodSync(path.join(place.home, 'key'), 0o644);
    chmodSync(place.home, 0o555);
    const env = { ...place.env, HOME: place.home };
    const child = spawn(program[0]!, program.slice(1), { cwd: place.repo, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    const [code] = await once(child, 'close');
    chmodSync(place.home, 0o755);
    assert.equal(code, 1, said);
    assert.match(said, /EACCES: permission denied.*\.claude-kimi-mcp/);
    assert.doesNotMatch(said, /\n\s+at /);
    assert.ok(!existsSync(place.state));
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
    assert.match(before.out, /your key is in the configuration of Claude Code/);
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
      session.type('\x1b[A\r'); // what a repository may have brought is not taken by haste
      await session.shows(/The key works[\s\S]*Which model/);
      session.type('\x03');
      await session.ended;
      assert.doesNotMatch(session.text(), /A key is stored/, 'just taken over');
      assert.equal(other.written(), text.replace('MY_OWN=1\n', ''), 'of another program only what is ours');
    } finally {
      other.remove();
    }
  });
});
