import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { runClaude } from '../../src/claude/registration.ts';
import { createDelegation, delegationFolder } from '../../src/delegation/store/delegation-folder.ts';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';
import { provisionClaude } from '../claude/provision.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { cli, type Done, inTerminal } from './run-cli.ts';
import { makeSetupPlace, type SetupPlace } from './setup-place.ts';

interface Found {
  readonly subject: string;
  readonly state: 'good' | 'note' | 'bad';
  readonly found: string;
  readonly remedy: string | null;
}

describe('claude-kimi-mcp doctor', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let claude: string;
  let place: SetupPlace;
  before(async () => {
    claude = await provisionClaude((line) => console.error(line));
    kimi = await startKimi({ scenario: [], balance: 12.5 });
    place = makeSetupPlace(claude);
    const file = path.join(place.home, 'key');
    writeFileSync(file, TEST_KEY);
    const { code, err, out } = await cli(place, 'setup', '--yes', '--key-file', file, '--base-url', kimi.baseUrl, '--rules', 'en');
    assert.equal(code, 0, out + err);
  });
  after(async () => {
    place.remove();
    await kimi.close();
  });

  /** What it finds, with other variables or another folder. */
  async function examine(more: Record<string, string> = {}, words: string[] = ['--json']): Promise<{ done: Done; findings: Found[] }> {
    const done = await cli({ ...place, env: { ...place.env, ...more } }, 'doctor', ...words);
    assert.equal(done.err.replace(/^Warning: Ignoring extra certs.*\n/, ''), '', 'only Node itself says something');
    assert.doesNotMatch(done.out, /\bat .*\.c?js:\d+/, 'never a stack trace');
    assert.ok(!done.out.includes(TEST_KEY));
    return { done, findings: words.includes('--json') ? (JSON.parse(done.out).findings as Found[]) : [] };
  }
  /** One finding that is not good, and that nothing else is bad. */
  async function finds(subject: string, state: 'note' | 'bad', found: RegExp, remedy: RegExp, more: Record<string, string> = {}) {
    const { done, findings } = await examine(more);
    const hits = findings.filter((each) => each.subject === subject && each.state === state && found.test(each.found));
    assert.equal(hits.length, 1, JSON.stringify(findings, null, 1));
    assert.match(hits[0]!.remedy ?? '', remedy);
    assert.equal(done.code, state === 'bad' ? 1 : done.code);
    return findings;
  }
  const bad = (findings: readonly Found[]) => findings.filter(({ state }) => state === 'bad').map(({ subject }) => subject);
  /** Changes a file for the time of a check. */
  async function withFile(file: string, text: string | null, check: () => Promise<unknown>): Promise<void> {
    const before = readFileSync(file, 'utf8');
    if (text === null) rmSync(file);
    else writeFileSync(file, text);
    try {
      await check();
    } finally {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, before);
    }
  }
  const withEnv = (changes: (text: string) => string, check: () => Promise<unknown>) =>
    withFile(place.envFile, changes(readFileSync(place.envFile, 'utf8')), check);

  it('says that all is well, and ends with 0', async () => {
    const { done, findings } = await examine();
    assert.deepEqual([done.code, bad(findings)], [0, []], done.out);
    for (const subject of [
      'node',
      'git',
      'sandbox',
      'key',
      'endpoint',
      'model',
      'balance',
      'consent',
      'claude',
      'connection',
      'permissions',
      'rules',
      'launcher',
      'state',
      'version',
    ])
      assert.ok(
        findings.some((each) => each.subject === subject && each.state === 'good'),
        `${subject} in ${done.out}`,
      );
    const text = await examine({}, []);
    assert.match(
      text.done.out,
      /✓ Endpoint +127\.0\.0\.1:\d+ takes the key\n[\s\S]*✓ Balance +\$12\.50\n[\s\S]*Everything is ready: Claude Code can hand over work\.\n$/,
    );
    assert.ok(!text.done.out.includes(`${place.home}/`), 'the home is ~');
  });

  it('fits the terminal, in both languages', async () => {
    for (const [lang, title] of [
      ['C.UTF-8', /Everything is ready/],
      ['zh_CN.UTF-8', /一切就绪/],
    ] as const)
      for (const columns of [80, 120]) {
        const session = inTerminal({ ...place, env: { ...place.env, LC_ALL: lang } }, columns, 'doctor');
        assert.equal(await session.ended, 0);
        assert.match(session.text(), title);
        // A path that is longer than the terminal is wide cannot be broken.
        for (const line of session.text().split('\n')) assert.ok(line.length <= columns || !line.trim().includes(' '), line);
      }
  });

  it('prints a report for an issue, without secrets and without the name of the user', async () => {
    const KIMI_SETUP_COMMAND = 'curl -u ann:secret-password https://127.0.0.1:9';
    const { done } = await examine({ HTTPS_PROXY: 'http://ann:secret-password@127.0.0.1:9', KIMI_SETUP_COMMAND }, ['--report']);
    assert.match(done.out, /^# Kimi Delegate \d/);
    assert.doesNotMatch(done.out, /claudeKimi\./, 'settings by the names of a terminal');
    assert.match(done.out, /\| ✓ \| API key \|[\s\S]*## Settings[\s\S]*- Linux .*\n- Node\.js v\d/);
    for (const secret of [TEST_KEY, 'secret-password', place.home]) assert.ok(!done.out.includes(secret), secret);
  });

  it('finds a key that is missing, wrong or of the other kind', async () => {
    await withEnv(
      (text) => text.replace(/KIMI_API_KEY=.*\n/, ''),
      () => finds('key', 'bad', /none/, /Run: claude-kimi-mcp setup/),
    );
    await withEnv(
      (text) => text.replace(TEST_KEY, 'sk-wrong-0123456789'),
      () => finds('endpoint', 'bad', /refuses the key/, /Run: claude-kimi-mcp setup/),
    );
    await withEnv(
      (text) => text.replace(TEST_KEY, 'sk-kimi-0123456789'),
      () => finds('endpoint', 'bad', /subscription/, /Create a key of the platform/),
    );
  });

  it('finds an endpoint that is not there, is something else, or shows a strange certificate', async () => {
    const page = createServer((_request, response) => void response.end('<html>'));
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/v1`;
    const elsewhere = (text: string) => text.replace(kimi.baseUrl, url);
    await withEnv(elsewhere, () => finds('endpoint', 'bad', /not a Kimi endpoint/, /HTTPS_PROXY/));
    await new Promise((resolve) => page.close(resolve));
    await withEnv(elsewhere, () => finds('endpoint', 'bad', /cannot be reached \(ECONNREFUSED\)/, /Check the network/));
    await withEnv(
      (text) => text.replace(kimi.baseUrl, 'http://api.moonshot.cn/v1'),
      () => finds('settings', 'bad', /KIMI_BASE_URL in .*\.env is "http:.*an https URL/, /Correct the setting/),
    );
  });

  it('finds a model that retired, and names its successor', async () => {
    const later = await startKimi({ scenario: [], models: ['kimi-k2.7-code', 'kimi-k3'], balance: 0 });
    await withEnv(
      (text) => text.replace(kimi.baseUrl, later.baseUrl),
      async () => {
        const findings = await finds(
          'model',
          'bad',
          /does not offer kimi-k2\.6 \(any more\)/,
          /Set KIMI_MODEL to kimi-k2\.7-code, which follows it/,
        );
        assert.match(findings.find(({ subject }) => subject === 'balance')!.found, /\$0\.00: Kimi does not work/);
      },
    );
    await withEnv(
      (text) => `${text.replace(kimi.baseUrl, later.baseUrl)}KIMI_MODEL=my-model\n`,
      () => finds('model', 'bad', /does not offer my-model/, /Choose one of: kimi-k2\.7-code, kimi-k3/),
    );
    await withEnv(
      (text) => `${text.replace(kimi.baseUrl, later.baseUrl)}KIMI_MODEL=kimi-k3\nKIMI_RETRY_MODEL=kimi-k3.1-pro\n`,
      () => finds('model', 'bad', /does not offer kimi-k3\.1-pro/, /Set KIMI_RETRY_MODEL to kimi-k2\.7-code/),
    );
    await later.close();
    const poor = await startKimi({ scenario: [], balance: 0.2 });
    await withEnv(
      (text) => text.replace(kimi.baseUrl, poor.baseUrl),
      () => finds('balance', 'note', /\$0\.20, less than one attempt/, /Top it up at platform\.moonshot\.ai/),
    );
    await poor.close();
  });

  it('finds a sandbox that is switched off, and what was decided about the code', async () => {
    await withEnv(
      (text) => `${text}KIMI_SANDBOX=unsandboxed\n`,
      () => finds('sandbox', 'note', /your own rights/, /Set KIMI_SANDBOX to required/),
    );
    const here = readHostFacts().container !== null;
    await withEnv(
      (text) => `${text}KIMI_SANDBOX=container\n`,
      () => finds('sandbox', here ? 'note' : 'bad', here ? /all of this container/ : /but this is none/, /Set KIMI_SANDBOX to required/),
    );
    await withEnv(
      (text) => text.replace(/KIMI_REPOSITORIES=.*/, 'KIMI_REPOSITORIES=deny'),
      async () => {
        await finds('consent', 'note', /code of .*app is never sent/, /setup --repositories allow/);
        assert.match((await examine({}, [])).done.out, /you decided that code of this folder is not sent/);
      },
    );
    await withEnv(
      (text) => text.replace(/KIMI_REPOSITORIES=.*/, 'KIMI_REPOSITORIES=ask'),
      () => finds('consent', 'note', /not sent until you allow/, /--repositories allow/),
    );
  });

  it('finds proxies, certificates and switches that are wrong', async () => {
    await finds('network', 'bad', /HTTPS_PROXY is ftp:\/\/x, which names no proxy/, /^$/, { HTTPS_PROXY: 'ftp://x' });
    await finds('network', 'bad', /cannot be read: ENOENT/, /Name a file/, { NODE_EXTRA_CA_CERTS: '/nowhere.pem' });
    await finds('network', 'bad', /holds no certificate/, /BEGIN CERTIFICATE/, { NODE_EXTRA_CA_CERTS: place.envFile });
    await finds('network', 'note', /NODE_TLS_REJECT_UNAUTHORIZED=0/, /NODE_EXTRA_CA_CERTS/, {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
    });
  });

  it('finds a registration that is gone, another one, and what stands before it', async () => {
    const run = { program: claude, env: { ...place.env, HOME: place.home }, cwd: place.home };
    const state = readFileSync(place.files().state, 'utf8');
    const register = async (entry: object, scope: string, cwd = place.home) => {
      await runClaude({ ...run, cwd }, ['mcp', 'remove', 'kimi-agent', '-s', scope]);
      await runClaude({ ...run, cwd }, ['mcp', 'add-json', 'kimi-agent', JSON.stringify({ type: 'stdio', ...entry }), '-s', scope]);
    };
    await withFile(place.files().state, state, async () => {
      await register({ command: '/usr/bin/other', args: [] }, 'user');
      await finds('connection', 'bad', /starts something else: \/usr\/bin\/other/, /Run: claude-kimi-mcp setup/);
      await register({ command: 'npx', args: ['-y', 'claude-kimi-mcp'] }, 'user');
      await finds('connection', 'note', /starts it by npx -y claude-kimi-mcp/, /Run: claude-kimi-mcp setup/);
      await register({ command: 'npx', args: ['-y', 'claude-kimi-mcp'], env: { KIMI_API_KEY: TEST_KEY } }, 'user');
      await finds('connection', 'note', /your key is in the configuration/, /setup/);
      await runClaude(run, ['mcp', 'remove', 'kimi-agent', '-s', 'user']);
      await finds('connection', 'bad', /does not know the server kimi-agent/, /setup/);
    });
    await withFile(place.files().state, state, async () => {
      await register({ command: '/usr/bin/other', args: [] }, 'local', place.repo);
      await finds('connection', 'bad', /in .*app another entry takes precedence over it/, /claude mcp remove kimi-agent -s local/);
    });
    await withFile(place.files().state, '{ broken', () => finds('connection', 'note', /\.claude\.json cannot be read/, /^$/));
  });

  it('counts a key in the registration, wherever that stands, and misses no launcher that nothing starts', async () => {
    const variables = { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: kimi.baseUrl };
    const ways = [
      ['user', 'npx', variables],
      ['local', 'node', variables],
      ['project', 'npx', { ...variables, KIMI_API_KEY: '${MY_KEY}', KIMI_BASE_URL: '${MY_URL:-'.concat(kimi.baseUrl, '}') }],
    ] as const;
    for (const [scope, command, env] of ways) {
      const bare = makeSetupPlace(claude);
      try {
        const run = { program: claude, env: { ...bare.env, HOME: bare.home }, cwd: bare.repo };
        const entry = JSON.stringify({ type: 'stdio', command, args: ['-y', 'claude-kimi-mcp'], env });
        await runClaude(run, ['mcp', 'add-json', 'kimi-agent', entry, '-s', scope]);
        const withKey = { ...bare, env: { ...bare.env, MY_KEY: TEST_KEY } };
        const { code, out } = await cli(withKey, 'doctor', '--json');
        const findings = JSON.parse(out).findings as Found[];
        assert.deepEqual([code, bad(findings)], [0, []], `${scope}: ${out}`);
        // What stands in a project's file a repository may have brought: no variable of the user's goes to an address there.
        const words = scope === 'project' ? /^none but what .*\.mcp\.json names$/ : /KIMI_API_KEY in the registration with Claude Code/;
        assert.match(findings.find(({ subject }) => subject === 'key')!.found, words);
        assert.equal(
          findings.find(({ subject }) => subject === 'launcher'),
          undefined,
          scope,
        );
        assert.ok(!out.includes(TEST_KEY));
      } finally {
        bare.remove();
      }
    }
  });

  it('knows the plugin for Claude Code, which brings a key and tool names of its own', async () => {
    const bare = makeSetupPlace(claude);
    try {
      const run = { program: claude, env: { ...bare.env, HOME: bare.home }, cwd: bare.repo };
      await runClaude(run, ['plugin', 'marketplace', 'add', path.join(DIST, '..')]);
      const installed = await runClaude(run, [
        'plugin',
        'install',
        'kimi@claude-kimi-mcp',
        '--config',
        `api_key=${TEST_KEY}`,
        '--config',
        'base_url=',
      ]);
      assert.ok(installed.ok, JSON.stringify(installed));
      const { code, out } = await cli(bare, 'doctor', '--json');
      const findings = JSON.parse(out).findings as Found[];
      const of = (name: string) => findings.find(({ subject }) => subject === name);
      assert.deepEqual([code, bad(findings)], [0, []], out);
      assert.equal(of('connection')?.found, 'Claude Code has it as the plugin kimi@claude-kimi-mcp');
      assert.equal(of('key')?.remedy, 'Whether it has one is shown by: claude plugin configure kimi@claude-kimi-mcp');
      const shown = await runClaude(run, ['plugin', 'configure', 'kimi@claude-kimi-mcp']);
      assert.ok(shown.ok && /api_key/.test(shown.output), JSON.stringify(shown));
      assert.match(of('permissions')?.remedy ?? '', /^Add to permissions\.allow there: mcp__plugin_kimi_kimi-agent__implement_feature, /);
      assert.equal(of('launcher'), undefined);
      const allowed = {
        ...JSON.parse(readFileSync(bare.files().settings, 'utf8')),
        permissions: { allow: ['mcp__plugin_kimi_kimi-agent'] },
      };
      writeFileSync(bare.files().settings, JSON.stringify(allowed));
      const after = JSON.parse((await cli(bare, 'doctor', '--json')).out).findings as Found[];
      assert.equal(after.find(({ subject }) => subject === 'permissions')?.state, 'good');
      await runClaude(run, ['plugin', 'disable', 'kimi@claude-kimi-mcp']);
      const off = JSON.parse((await cli(bare, 'doctor', '--json')).out).findings as Found[];
      assert.deepEqual(bad(off), ['key', 'connection', 'launcher']);
    } finally {
      bare.remove();
    }
  });

  it('finds permission rules that are missing, forbid, or cannot be read', async () => {
    const { settings } = place.files();
    await withFile(settings, '{}', () => finds('permissions', 'note', /7 rules are missing/, /Run: claude-kimi-mcp setup/));
    await withFile(settings, '{ "a": ', () => finds('permissions', 'bad', /settings\.json is not valid JSON/, /^$/));
    await withFile(settings, '{"permissions": {"deny": ["mcp__kimi-agent__fix_bug"]}}', () =>
      finds('permissions', 'bad', /permissions\.deny: mcp__kimi-agent__fix_bug in .* overrides it/, /Remove it there/),
    );
  });

  it('finds a launcher that is damaged, and a state directory that others read or that leads nowhere', async () => {
    const launcher = path.join(place.state, 'bin/launch.cjs');
    await withFile(launcher, null, () => finds('launcher', 'bad', /launch\.cjs is missing/, /Run: claude-kimi-mcp setup/));
    const named = { CLAUDE_KIMI_HOME: path.join(place.home, 'elsewhere') };
    mkdirSync(named.CLAUDE_KIMI_HOME);
    chmodSync(named.CLAUDE_KIMI_HOME, 0o755);
    await finds('state', 'note', /others may read/, /chmod 700/, named);
    const id = '0123456789abcdef';
    const orphan = delegationFolder(place.state, id);
    createDelegation(orphan, {
      version: 1,
      id,
      repository: '/gone',
      commonDir: '/gone/.git',
      branch: 'x',
      createdAt: new Date(0).toISOString(),
    });
    await finds('state', 'note', /; delegations of repositories that are gone: 1/, /Run: claude-kimi-mcp clean/);
    rmSync(orphan.root, { recursive: true });
    mkdirSync(orphan.git, { recursive: true });
    await finds('state', 'note', /private git directories that belong to no delegation: 1/, /Run: claude-kimi-mcp clean/);
    rmSync(orphan.root, { recursive: true });
    mkdirSync(orphan.root);
    writeFileSync(orphan.identity, '{"version": 2}');
    await finds('state', 'note', /was written by a newer version of claude-kimi-mcp \(format 2\)/, /^$/);
    rmSync(orphan.root, { recursive: true });
    mkdirSync(orphan.root);
    writeFileSync(orphan.identity, '{"version":1,');
    await finds(
      'state',
      'note',
      /delegation\.json cannot be read, so nothing of its delegation is shown/,
      /remove .*0123456789abcdef\. Branches stay/,
    );
    rmSync(orphan.root, { recursive: true });
  });

  it('finds that Claude Code is missing, in another home, or the program of Windows', async () => {
    const bare = makeSetupPlace(null);
    try {
      const { code, out } = await cli(bare, 'doctor', '--json');
      const claudeCode = (JSON.parse(out).findings as Found[]).find(({ subject, state }) => subject === 'claude' && state === 'bad');
      assert.deepEqual([code, claudeCode?.found], [1, 'not found']);
      assert.match(claudeCode?.remedy ?? '', /Install it.*KIMI_CLAUDE_PATH/);
    } finally {
      bare.remove();
    }
    await finds('claude', 'note', /CLAUDE_CONFIG_DIR is set here/, /VS Code included/, {
      CLAUDE_CONFIG_DIR: path.join(place.home, 'other-claude'),
    });
  });

  it('asks the registry for a newer version, not for long, and not when it is told not to', async () => {
    const asked: string[] = [];
    let answer = '{"version": "99.0.0"}';
    const registry = createServer((request, response) => {
      asked.push(request.url ?? '');
      if (answer) response.end(answer);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    const npm = { NO_UPDATE_NOTIFIER: '', npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/` };
    await finds('version', 'note', /there is 99\.0\.0/, /^Run: npm install -g claude-kimi-mcp@latest$/, npm);
    assert.deepEqual(asked, ['/claude-kimi-mcp/latest']);
    const told = await examine(npm, ['--json', '--no-update-check']);
    assert.equal(told.findings.find(({ subject }) => subject === 'version')?.state, 'good');
    assert.equal(asked.length, 1);
    answer = '';
    const silent = await examine(npm);
    assert.match(silent.findings.find(({ subject }) => subject === 'version')!.found, /is not known/);
    assert.equal(silent.done.code, 0);
    registry.closeAllConnections();
    await new Promise((resolve) => registry.close(resolve));
  });
});
