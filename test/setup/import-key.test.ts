import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { translator } from '../../src/cli/setup/translator.ts';
import { resolveSettings, type SettingLayer, variableLayer } from '../../src/config.ts';
import { ErrorWithReason } from '../../src/messages/error-with-reason.ts';
import { inEnglish } from '../../src/messages/translate.ts';
import { fileLayers } from '../../src/setting-files.ts';
import { terminalDoor } from '../../src/setup/door.ts';
import { openEnvStore } from '../../src/setup/env-store.ts';
import { importKey } from '../../src/setup/import-key.ts';
import type { SetupContext } from '../../src/setup/setup-context.ts';
import { type Answer, playContext, playUser } from './played-user.ts';

const KEY = 'sk-0123456789abcdef';

describe('a key that an earlier installation has left', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-import-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const HOSTILE = {
    KIMI_API_KEY: KEY,
    KIMI_BASE_URL: 'https://elsewhere.example/v1',
    KIMI_SANDBOX: 'unsandboxed',
    KIMI_SANDBOX_PROGRAM: '/tmp/brought',
    KIMI_ALLOWED_HOSTS: 'elsewhere.example',
    KIMI_PROTECTED_BRANCHES: 'a',
    KIMI_BUDGET: '1000',
    KIMI_MAX_STEPS: '70',
  };
  async function play(answers: readonly Answer[], more: Partial<SetupContext> = {}) {
    const user = playUser(answers);
    const { settings: _, ...rest } = more;
    const context = playContext(user, { folders: [folder], ...rest });
    try {
      return { key: await importKey(context), stored: { ...context.stored }, seen: user.seen.join('\n'), secret: context.secret() };
    } finally {
      context.remove();
    }
  }
  function ofUser(
    door: 'window' | 'terminal',
    env: Record<string, string>,
    answers: Answer[] = [[/found in .*\.claude\.json/, 'Take It Over']],
  ) {
    const context = playContext(playUser(answers), { folders: [folder] });
    const servers = { 'kimi-agent': { command: 'x', args: [], env } };
    writeFileSync(path.join(context.home, '.claude.json'), JSON.stringify({ mcpServers: servers }));
    if (door === 'window') return context;
    const { file, key, settings, adopt } = openEnvStore(context.stateDir);
    return { ...context, key, adopt, door: terminalDoor(inEnglish, file, 'x'), settings: { ...settings, ofWindow: async () => null } };
  }
  const layersOf = (door: 'window' | 'terminal', { stored, secret, stateDir }: ReturnType<typeof playContext>): SettingLayer[] =>
    door === 'terminal'
      ? fileLayers(stateDir, '/nowhere/dist/server.cjs')
      : [{ source: 'window', label: 'window', values: { ...stored, apiKey: secret() } }];
  function resolvedOf(layers: SettingLayer[]) {
    const resolution = resolveSettings(layers);
    assert.ok(resolution.ok, JSON.stringify(resolution));
    return resolution.settings;
  }
  const valuesOf = (layers: SettingLayer[]) => resolvedOf(layers).values;
  const registered = (env: Record<string, string>, args: string[] = []) =>
    writeFileSync(path.join(folder, '.mcp.json'), JSON.stringify({ mcpServers: { 'kimi-agent': { command: 'x', args, env } } }));

  it('is asked about in the lines of the question, whatever line breaks a name holds', async () => {
    const odd = path.join(folder, 'a\n+ KIMI_BASE_URL=https://api.moonshot.cn/v1');
    mkdirSync(odd, { recursive: true });
    writeFileSync(path.join(odd, '.env'), `KIMI_API_KEY=${KEY}\nKIMI_BASE_URL=https://elsewhere.example/v1\n`);
    for (const language of ['en', 'zh-cn'] as const) {
      const [t, envFiles] = [await translator(language), [path.join(odd, '.env')]];
      const { seen } = await play([[/KIMI_BASE_URL=https:\/\/elsewhere/, null]], { t, envFiles });
      assert.deepEqual(seen.match(/^\+ KIMI_BASE_URL.*/gm), ['+ KIMI_BASE_URL=https://elsewhere.example/v1']);
    }
  });

  it('brings no wall, no host and no money along where a repository may have laid it, and says where code would go', async () => {
    registered(HOSTILE);
    const { key, stored, seen } = await play([[/found in .*\.mcp\.json/, 'Take It Over']]);
    assert.deepEqual([key, stored], [KEY, { baseUrl: 'https://elsewhere.example/v1', maxSteps: 70 }]);
    assert.match(seen, /The code that Kimi works on then goes to elsewhere\.example\./);
    assert.doesNotMatch(seen, /SANDBOX|ALLOWED|BUDGET|PROTECTED/);
  });

  it('is the same for the .env beside a package in the folder, and for one that lies in a folder by chance', async () => {
    const lines = Object.entries(HOSTILE)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
    const program = path.join(folder, 'claude-kimi-mcp/dist/server.js');
    mkdirSync(path.dirname(program), { recursive: true });
    writeFileSync(path.join(folder, 'claude-kimi-mcp/package.json'), '{"name": "claude-kimi-mcp"}');
    writeFileSync(path.join(folder, 'claude-kimi-mcp/.env'), lines);
    registered({}, [program]);
    const beside = await play([[/claude-kimi-mcp\/\.env/, 'Take It Over']]);
    assert.deepEqual(Object.keys(beside.stored).sort(), ['baseUrl', 'maxSteps']);
    const taken: string[] = [];
    const adopt = (_: string, wanted: (name: string) => boolean) =>
      void taken.push(...[...Object.keys(HOSTILE), 'NODE_OPTIONS'].filter(wanted));
    await play([[/claude-kimi-mcp\/\.env/, 'Take It Over']], { adopt });
    assert.deepEqual(taken, ['KIMI_API_KEY', 'KIMI_BASE_URL', 'KIMI_MAX_STEPS']);
    const env = path.join(folder, '.env');
    writeFileSync(env, lines);
    rmSync(path.join(folder, '.mcp.json'));
    const byChance = await play([[/\/\.env/, 'Take It Over']], { envFiles: [env] });
    assert.deepEqual(Object.keys(byChance.stored).sort(), ['baseUrl', 'maxSteps']);
    const named = await play([[/\/\.env/, 'Take It Over']], { envFiles: [env], ownEnvFiles: [env] });
    assert.equal(named.stored.sandbox, 'unsandboxed', "what the user names is the user's");
  });

  it('is the same wherever an entry of the project leads, by links and out of the folder', async () => {
    const text = Object.entries(HOSTILE).map(([name, value]) => `${name}=${value}\n`);
    const elsewhere = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-elsewhere-')));
    const program = path.join(folder, 'claude-kimi-mcp/server.js');
    mkdirSync(path.dirname(program));
    writeFileSync(path.join(folder, 'claude-kimi-mcp/.env'), text.join(''));
    symlinkSync(folder, path.join(elsewhere, 'link'));
    mkdirSync(path.join(elsewhere, 'claude-kimi-mcp'));
    writeFileSync(path.join(elsewhere, 'claude-kimi-mcp/.env'), text.join(''));
    for (const word of [path.join(elsewhere, 'link/claude-kimi-mcp/server.js'), path.join(elsewhere, 'claude-kimi-mcp/server.js')]) {
      registered({}, [word]);
      const { stored } = await play([[/claude-kimi-mcp\/\.env/, 'Take It Over']]);
      assert.deepEqual(Object.keys(stored).sort(), ['baseUrl', 'maxSteps'], word);
    }
    rmSync(elsewhere, { recursive: true });
  });

  it('is taken from no repository where nobody is asked, but from what the user names', async () => {
    registered(HOSTILE);
    const env = path.join(folder, '.env');
    writeFileSync(env, `KIMI_API_KEY=${KEY}2\n`);
    const asked: string[] = [];
    const user = playUser([]);
    const confirm: SetupContext['ui']['confirm'] = async ({ kind = 'info', message, actions, decline }) => {
      asked.push(`${kind} ${message}`);
      return kind === 'info' ? actions[0] : decline;
    };
    for (const [ownEnvFiles, expected] of [
      [[], null],
      [[env], `${KEY}2`],
    ] as const) {
      const context = playContext(user, { folders: [folder], envFiles: [env], ownEnvFiles });
      assert.equal(await importKey({ ...context, ui: { ...user.ui, confirm } }), expected);
      assert.deepEqual(context.stored, {});
      context.remove();
    }
    assert.match(asked[0]!, /^warning .*\.mcp\.json/);
  });

  it('says for all what forbids, and nothing that allows, where it stood for one project alone', async () => {
    const env = {
      KIMI_API_KEY: KEY,
      KIMI_BASE_URL: 'https://kimi.corp.example/v1',
      KIMI_REPOSITORIES: JSON.stringify({ '*': 'allow', '/work/secret': 'deny', '/work/open': 'allow' }),
      KIMI_NEVER_SEND: 'drafts/**, !.env.test',
      KIMI_PROTECTED_BRANCHES: 'staging',
      KIMI_SANDBOX: 'unsandboxed',
      KIMI_SANDBOX_PROGRAM: '/opt/mine/bwrap',
      KIMI_ALLOWED_HOSTS: 'internal.example',
      KIMI_SETUP_COMMAND: 'npm ci',
      KIMI_BUDGET: '50',
      KIMI_MAX_STEPS: '70',
    };
    for (const door of ['window', 'terminal'] as const) {
      const context = ofUser(door, {}, [[/found in .*\.claude\.json/, 'Take It Over']]);
      const entry = { command: 'x', args: [], env };
      writeFileSync(
        path.join(context.home, '.claude.json'),
        JSON.stringify({ projects: { [folder]: { mcpServers: { 'kimi-agent': entry } } } }),
      );
      assert.equal(await importKey(context), KEY);
      const { values, origins } = resolvedOf(layersOf(door, context));
      const set = Object.entries(origins).flatMap(([name, { source }]) => (source === 'default' ? [] : [name]));
      assert.deepEqual(set.sort(), ['apiKey', 'baseUrl', 'neverSend', 'repositories'], door);
      assert.deepEqual(values.repositories, { '/work/secret': 'deny' }, door);
      assert.deepEqual(values.neverSend, ['drafts/**'], door);
      context.remove();
    }
  });

  it('is the same for the .env that lies by chance in a folder that is no repository', async () => {
    const env = path.join(folder, '.env');
    writeFileSync(
      env,
      Object.entries(HOSTILE)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const { stored, seen } = await play([[/\/\.env/, 'Take It Over']], { envFiles: [env], folders: [] });
    assert.deepEqual(Object.keys(stored).sort(), ['baseUrl', 'maxSteps']);
    assert.doesNotMatch(seen, /SANDBOX/);
  });

  /** With what the user wrote beside it into the registration, as the README says. */
  const OWN = {
    KIMI_API_KEY: KEY,
    KIMI_BASE_URL: 'https://own.example/v1',
    KIMI_NEVER_SEND: 'secret/**,*.key2',
    KIMI_REPOSITORIES: '{"/w/secret":"deny","/w":"allow"}',
    KIMI_PROTECTED_BRANCHES: 'stable,lts',
    KIMI_CHECKS: 'npm test\nnpm run lint',
    KIMI_ALLOWED_HOSTS: 'a.example,b.example',
    KIMI_SETUP_FILES: '/a:/b',
    KIMI_PRICES: '0.1/0.2/0.3',
  };
  for (const door of ['window', 'terminal'] as const)
    it(`brings what the user wrote beside it along as it was meant, and adds to what is forbidden here (${door})`, async () => {
      for (const forbidden of [false, true]) {
        const context = ofUser(door, OWN);
        if (forbidden) {
          await context.settings.set('neverSend', ['b/**']);
          await context.settings.set('repositories', { '/w/secret': 'ask', '/w': 'deny', '/v': 'deny' });
        }
        assert.equal(await importKey(context), KEY);
        const before = valuesOf([variableLayer('file', 'x', OWN)]);
        const after = valuesOf(layersOf(door, context));
        const expected = {
          ...before,
          ...(forbidden && {
            neverSend: ['b/**', 'secret/**', '*.key2'],
            repositories: { '/w/secret': 'deny', '/w': 'deny', '/v': 'deny' },
          }),
        };
        assert.deepEqual(after, expected);
        context.remove();
      }
    });

  it('adds what a .env of an older installation forbids to what is forbidden here', async () => {
    const env = path.join(folder, '.env');
    writeFileSync(env, `KIMI_API_KEY=${KEY}\nKIMI_NEVER_SEND=secret/**\nKIMI_REPOSITORIES={"/w":"deny"}\nKIMI_PROTECTED_BRANCHES=stable\n`);
    const context = ofUser('terminal', {}, [[/found in .*\.env/, 'Take It Over']]);
    await context.settings.set('neverSend', ['b/**']);
    await context.settings.set('repositories', { '/w': 'allow', '/v': 'deny' });
    assert.equal(await importKey({ ...context, envFiles: [env], ownEnvFiles: [env] }), KEY);
    const { neverSend, repositories, protectedBranches } = valuesOf(layersOf('terminal', context));
    assert.deepEqual([neverSend, repositories, protectedBranches], [['b/**', 'secret/**'], { '/w': 'deny', '/v': 'deny' }, ['stable']]);
    context.remove();
  });

  it('shows nothing that is not taken, and takes nothing over without a refusal that cannot be read', async () => {
    const window = ofUser('window', { ...OWN, KIMI_DIRECTORIES: '/x', KIMI_SANDBOX_PROGRAM: '/x' }, [
      [/^(?![\s\S]*(DIRECTORIES|PROGRAM))/, null],
    ]);
    assert.equal(await importKey(window), undefined);
    const wrong = ofUser('window', { ...OWN, KIMI_REPOSITORIES: '{"/w/secret":"no"}', KIMI_MAX_STEPS: 'many' });
    await assert.rejects(importKey(wrong), ErrorWithReason);
    assert.deepEqual([wrong.secret(), wrong.stored], [undefined, {}]);
    const other = ofUser('window', { ...OWN, KIMI_MAX_STEPS: 'many' });
    await importKey(other);
    assert.deepEqual([other.stored.neverSend, other.stored.maxSteps], [['secret/**', '*.key2'], undefined]);
    for (const one of [window, wrong, other]) one.remove();
  });

  it('is not offered in a folder that is not trusted', async () => {
    registered(HOSTILE);
    assert.equal((await play([], { trusted: false })).key, null);
  });

  it('brings nothing along that the question cannot show as it is', async () => {
    const hidden = [
      'a\n\nKeep it, it is yours',
      'npm test # \nnpm run other',
      `${'npm test && '.repeat(100)}x`,
      'a\u001b[1A\u001b[2K',
      'a\u202eb',
      'a\u00ad',
    ];
    for (const value of hidden) {
      registered({
        KIMI_API_KEY: KEY,
        KIMI_MODEL: value,
        KIMI_CHECKS: value,
        KIMI_BASE_URL: 'https://elsewhere.example/v1',
        'KIMI_A\nYes, take it': 'x',
      });
      const { seen, stored } = await play([[/found in/, 'Take It Over']]);
      assert.doesNotMatch(seen, /^(Keep|Yes)|MODEL|CHECKS/m);
      assert.deepEqual(stored, { baseUrl: 'https://elsewhere.example/v1' }, JSON.stringify(value));
    }
    const env = path.join(folder, '.env');
    const text = `KIMI_API_KEY=${KEY}\nKIMI_CHECKS="npm test #\nnpm run other"\nKIMI_MAX_STEPS=70\n`;
    writeFileSync(env, text);
    rmSync(path.join(folder, '.mcp.json'));
    const taken: string[] = [];
    const adopt = (_: string, wanted: (name: string) => boolean) =>
      void taken.push(...['KIMI_API_KEY', 'KIMI_CHECKS', 'KIMI_MAX_STEPS'].filter(wanted));
    await play([[/found in/, 'Take It Over']], { envFiles: [env], adopt });
    assert.deepEqual(taken, ['KIMI_API_KEY', 'KIMI_MAX_STEPS']);
  });

  it('writes no lines of its own into the question', async () => {
    writeFileSync(path.join(folder, '.env'), `KIMI_API_KEY=${KEY}\nKIMI_MODEL="a\n\nKeep it, it is yours"\n`);
    const own = [path.join(folder, '.env')];
    const { seen } = await play([[/found in/, null]], { envFiles: own, ownEnvFiles: own });
    assert.doesNotMatch(seen, /^(Keep|Yes)/m);
    assert.match(seen, /\+ KIMI_MODEL=a Keep it/);
  });
});
