import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type * as vscode from 'vscode';
import { nameRules } from '../../../src/agent/never-send/name-rules.ts';
import { findWindow } from '../../../src/broker/find-window.ts';
import { resolveSettings } from '../../../src/config.ts';
import { playVscode } from '../played-vscode.ts';

const onDidChange = () => ({ dispose() {} });

describe('the question of a window whether code may be sent', () => {
  it('names the repository that the answer counts for, wherever in it a call began', async () => {
    const top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-named-')));
    const [stateDir, shop] = [path.join(top, 'state'), path.join(top, 'shop')];
    for (const folder of [stateDir, path.join(shop, '.git'), path.join(shop, 'packages/api')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [shop];
    played.settings = { baseUrl: 'https://api.moonshot.cn/v1', repositories: { '*': 'ask' } };
    played.answer = (_, buttons) => buttons.find((button) => button === 'Allow for This Repository');
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const context = { secrets: { get: async () => 'sk-1', onDidChange } } as unknown as vscode.ExtensionContext;
    const log = { warn() {} } as unknown as vscode.LogOutputChannel;
    const broker = await startWindowBroker({ context, stateDir, version: '0.2.0', log });
    const window = await findWindow(stateDir, path.join(shop, 'packages/api'), { timeoutMs: 5000 });
    assert.equal(await window?.askConsent('claude-code', new AbortController().signal), 'granted');
    assert.deepEqual(played.settings['repositories'], { '*': 'ask', [shop]: 'allow' });
    assert.match(played.told.join('\n'), new RegExp(`work on ${shop} to Kimi`));
    broker.dispose();
    rmSync(top, { recursive: true, force: true });
  });
});

describe('the key that a window lends', () => {
  let top: string;
  let broker: vscode.Disposable | undefined;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-lends-')));
  });
  afterEach(() => {
    broker?.dispose();
    rmSync(top, { recursive: true, force: true });
  });

  it('goes with the address that it is for: with none while both are changed, here, in another window, or by somebody who types', async () => {
    const [stateDir, shop] = [path.join(top, 'state'), path.join(top, 'shop')];
    for (const folder of [stateDir, path.join(shop, '.git')]) mkdirSync(folder, { recursive: true });
    const [OLD, NEW] = ['https://old.example/v1', 'https://new.example/v1'];
    const played = await playVscode();
    Object.assign(played, { folders: [shop], settings: { baseUrl: OLD, repositories: { '*': 'allow' } } });
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const { storeKeyFor } = await import('../../../src/vscode/setup/key-storage.ts');
    let key = 'sk-old-0123456789';
    const told: ((event: { key: string }) => void)[] = [];
    let wait: Promise<void> = Promise.resolve();
    const secrets = {
      async get() {
        const now = key;
        await wait;
        return now;
      },
      async store(_: string, value: string) {
        await wait;
        key = value;
      },
      onDidChange(listener: (typeof told)[number]) {
        told.push(listener);
        return { dispose() {} };
      },
    };
    const context = { secrets } as unknown as vscode.ExtensionContext;
    const setAddress = (value: unknown) => {
      played.settings['baseUrl'] = value;
      for (const tell of played.configured) tell({ affectsConfiguration: (name) => name === 'claudeKimi.baseUrl' });
    };
    const log = { warn() {} } as unknown as vscode.LogOutputChannel;
    broker = await startWindowBroker({ context, stateDir, version: '0.2.0', log });
    const lent = async () => {
      const window = await findWindow(stateDir, shop, { timeoutMs: 3000 });
      assert.ok(window, 'what it refuses is told whatever goes on');
      return [window.values.apiKey, window.values.baseUrl];
    };
    assert.deepEqual(await lent(), ['sk-old-0123456789', OLD]);

    const keyring = Promise.withResolvers<void>();
    wait = keyring.promise;
    const stored = storeKeyFor(context, 'sk-new-0123456789', { now: OLD, set: async (value) => setAddress(value) }, NEW);
    const meanwhile = lent();
    keyring.resolve();
    await stored;
    wait = Promise.resolve();
    assert.deepEqual(await meanwhile, ['sk-new-0123456789', NEW]);

    const slow = Promise.withResolvers<void>();
    wait = slow.promise;
    const asked = lent();
    await setTimeout(200);
    setAddress(OLD);
    slow.resolve();
    assert.equal((await asked)[0], undefined, 'a key that was read for another address');
    wait = Promise.resolve();

    // Another window has stored both; settings come by a file, and later.
    for (const tell of told) tell({ key: 'claudeKimi.apiKey' });
    key = 'sk-newer-0123456789';
    const early = lent();
    await setTimeout(300);
    setAddress(NEW);
    assert.notDeepEqual(await early, ['sk-newer-0123456789', OLD]);

    const typing = lent();
    for (const address of ['https://n.example', 'https://ne.example', 'https://new.ex', 'https://new.example']) {
      setAddress(address);
      await setTimeout(500);
    }
    assert.equal((await typing)[0], undefined);
    await setTimeout(1600);
    assert.deepEqual(await lent(), ['sk-newer-0123456789', 'https://new.example']);
  });

  it('is none while the keyring waits for its password', async () => {
    const [stateDir, shop] = [path.join(top, 'state'), path.join(top, 'shop')];
    for (const folder of [stateDir, path.join(shop, '.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    Object.assign(played, { folders: [shop], settings: { baseUrl: 'https://old.example/v1' } });
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const { storeKeyFor } = await import('../../../src/vscode/setup/key-storage.ts');
    const password = Promise.withResolvers<void>();
    const secrets = { get: async () => 'sk-old-0123456789', store: () => password.promise, onDidChange };
    const context = { secrets } as unknown as vscode.ExtensionContext;
    broker = await startWindowBroker({ context, stateDir, version: '0.2.0', log: { warn() {} } as unknown as vscode.LogOutputChannel });
    const address = {
      now: 'https://old.example/v1',
      async set(value: unknown) {
        played.settings['baseUrl'] = value;
      },
    };
    const lent = async () => (await findWindow(stateDir, shop, { timeoutMs: 3000 }))!.values;
    const stored = storeKeyFor(context, 'sk-new-0123456789', address, 'https://new.example/v1');
    assert.equal((await lent()).apiKey, undefined);
    password.reject(new Error('locked'));
    await assert.rejects(stored, /locked/);
    const { apiKey, baseUrl } = await lent();
    assert.deepEqual([apiKey, baseUrl], ['sk-old-0123456789', 'https://old.example/v1']);
  });
});

/** The window's own server gets no variable of these: what they allow is for others, and what they forbid is not. */
describe('variables in the environment of VS Code that forbid something', () => {
  const NAMES = ['KIMI_NEVER_SEND', 'KIMI_PROTECTED_BRANCHES', 'KIMI_REPOSITORIES'] as const;
  afterEach(() => {
    for (const name of NAMES) delete process.env[name];
  });

  it('count for what the window hands over', async () => {
    const top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-forbids-')));
    const [stateDir, shop, other] = [path.join(top, 'state'), path.join(top, 'shop'), path.join(top, 'other')];
    for (const folder of [stateDir, shop, other]) mkdirSync(folder);
    const played = await playVscode();
    played.folders = [shop, other];
    played.settings = { repositories: { '*': 'allow' }, neverSend: ['drafts/**'] };
    process.env['KIMI_NEVER_SEND'] = 'secret/**, !.env.test';
    process.env['KIMI_PROTECTED_BRANCHES'] = 'staging';
    process.env['KIMI_REPOSITORIES'] = JSON.stringify({ [shop]: 'deny', '*': 'ask' });
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const context = { secrets: { get: async () => 'sk-1', onDidChange } } as unknown as vscode.ExtensionContext;
    const log = { warn() {} } as unknown as vscode.LogOutputChannel;
    const broker = await startWindowBroker({ context, stateDir, version: '0.2.0', log });
    const [here, there] = await Promise.all([shop, other].map((at) => findWindow(stateDir, at, { timeoutMs: 5000 })));
    broker.dispose();
    assert.deepEqual([here?.consent, there?.consent], ['denied', 'granted']);
    assert.deepEqual(there?.values.neverSend, ['secret/**', 'drafts/**']);
    assert.ok((there?.values.protectedBranches as string[]).includes('staging'));
    rmSync(top, { recursive: true, force: true });
  });
});

describe('what a window keeps back', () => {
  let top: string;
  const at = (name: string) => path.join(top, name);
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-keeps-')));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  async function valuesOf(repository: string) {
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const context = { secrets: { get: async () => 'sk-window-0123456789', onDidChange } } as unknown as vscode.ExtensionContext;
    const log = { warn() {} } as unknown as vscode.LogOutputChannel;
    const broker = await startWindowBroker({ context, stateDir: at('state'), version: '0.2.0', log });
    const window = await findWindow(at('state'), repository, { timeoutMs: 5000 });
    broker.dispose();
    const resolution = resolveSettings([window!]);
    return resolution.ok ? resolution.settings.values : null;
  }

  it('is what each of its folders in the repository says, also beside a linked worktree of it', async () => {
    const [shop, api, web, side] = [at('shop'), at('shop/api'), at('shop/web'), at('side')];
    for (const folder of [at('state'), api, web, side, at('shop/.git/worktrees/side')]) mkdirSync(folder, { recursive: true });
    writeFileSync(at('side/.git'), `gitdir: ${at('shop/.git/worktrees/side')}\n`);
    writeFileSync(at('shop/.git/worktrees/side/gitdir'), `${at('side/.git')}\n`);
    const played = await playVscode();
    played.settings = { repositories: { '*': 'allow' }, neverSend: ['mine'] };
    played.folderSettings = {
      [shop]: { neverSend: ['of-shop', '!mine'], protectedBranches: ['staging'] },
      [api]: { neverSend: ['of-api'] },
      [web]: { neverSend: ['of-web'], protectedBranches: ['web'] },
    };
    const keptFor = async (folders: string[], repository: string) => {
      played.folders = folders;
      const values = await valuesOf(repository);
      return [
        values?.neverSend.filter((one) => one !== 'mine').sort(),
        values?.protectedBranches.filter((one) => /^(staging|web)$/.test(one)).sort(),
      ];
    };
    assert.deepEqual(await keptFor([api, web], shop), [['of-api', 'of-web'], ['web']]);
    assert.deepEqual(await keptFor([shop, web], shop), [
      ['of-shop', 'of-web'],
      ['staging', 'web'],
    ]);
    assert.deepEqual(await keptFor([side, shop], side), [['of-shop'], ['staging']]);
    assert.deepEqual(await keptFor([at('state'), web], shop), [['of-web'], ['web']]);
  });

  it('is what a folder within the repository says of itself, by paths from there', async () => {
    const [shop, api, odd] = [at('shop'), at('shop/packages/api'), at('shop/packages/[odd]')];
    for (const folder of [at('state'), at('shop/.git'), api, odd]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.settings = { repositories: { '*': 'allow' }, neverSend: ['own/data.json'] };
    const neverSend = ['fixtures/customers.json', '/notes', './drafts/**', '*.dump', 'secret/', 'a\\b.json'];
    for (const [folder, name] of [
      [api, 'packages/api'],
      [odd, 'packages/[odd]'],
    ] as const) {
      played.folders = [folder];
      played.folderSettings = { [folder]: { neverSend } };
      const { isWithheld } = nameRules((await valuesOf(shop))?.neverSend);
      for (const file of [
        'fixtures/customers.json',
        'notes/x',
        'drafts/a/b',
        'x.dump',
        'deep/x.dump',
        'secret/x',
        'deep/secret/x',
        'a/b.json',
      ])
        assert.ok(isWithheld(`${name}/${file}`), `${name}/${file}`);
      assert.ok(isWithheld('own/data.json') && isWithheld('fixtures/customers.json'));
      assert.ok(!isWithheld(`${name}/own/data.json`) && !isWithheld(`${name}/src/a.ts`));
    }
    played.folders = [shop];
    played.folderSettings = { [shop]: { neverSend } };
    assert.deepEqual((await valuesOf(shop))?.neverSend, ['own/data.json', ...neverSend]);
  });

  it('is what a folder around the repository says of it, by paths from there', async () => {
    const [work, shop, side] = [at('work'), at('work/team/Shop'), at('work/side')];
    for (const folder of [at('state'), at('work/.git/modules/shop'), side, at('work/team/Shop/.git/worktrees/side')])
      mkdirSync(folder, { recursive: true });
    writeFileSync(at('work/side/.git'), `gitdir: ${shop}/.git/worktrees/side\n`);
    writeFileSync(at('work/team/Shop/.git/worktrees/side/gitdir'), `${side}/.git\n`);
    const played = await playVscode();
    played.settings = { repositories: { '*': 'allow' }, neverSend: ['own/data.json'] };
    played.folders = [work];
    const keptBy = async (pattern: string, repository = shop) => {
      played.folderSettings = { [work]: { neverSend: [pattern] } };
      return nameRules((await valuesOf(repository))?.neverSend);
    };
    for (const pattern of [
      ...['team/shop/customers/**', '/team/shop/customers', './team/shop/customers/', 'team\\shop\\customers\\a.json'],
      ...['team/*/customers', '*/shop/customers/a.json', '**/shop/customers/**', 'team/**/customers/a.json', 'team/shop/**/a.json'],
      ...['team', 'team/shop', '/team/', 'team/**', '**/shop', 'shop', 'customers', '**/customers/*.json', 'a.json'],
    ]) {
      const { isWithheld } = await keptBy(pattern);
      assert.ok(isWithheld('customers/a.json') && isWithheld('own/data.json'), pattern);
      assert.equal(isWithheld('src/b.ts'), /^(\/?team\/?|team\/shop|team\/\*\*|(\*\*\/)?shop)$/.test(pattern), pattern);
    }
    for (const pattern of ['other/shop/customers/**', 'team/shop/customers/b.json', 'team/shop2', '!customers/**'])
      assert.ok(!(await keptBy(pattern)).isWithheld('customers/a.json'), pattern);
    for (const pattern of ['side/customers', 'team/shop/customers'])
      assert.ok((await keptBy(pattern, side)).isWithheld('customers/a.json'), `${pattern} for a linked worktree`);
    assert.ok((await keptBy(`${'**/*/'.repeat(30)}a.json`)).isWithheld(`${'x/'.repeat(40)}a.json`));
  });

  it('is what the user says, whatever is set on the machine that the window is connected to, as a repository brings it with its container', async () => {
    const shop = at('shop');
    for (const folder of [at('state'), at('shop/.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [shop];
    const keeps = async (settings: object, machineSettings: Record<string, unknown>) => {
      Object.assign(played, { settings: { repositories: { '*': 'allow' }, ...settings }, machineSettings });
      const values = await valuesOf(shop);
      return [values?.neverSend, values?.protectedBranches];
    };
    const own = { neverSend: ['customers/**', '!.env.test'], protectedBranches: ['live'] };
    assert.deepEqual(await keeps(own, {}), [own.neverSend, ['live']]);
    for (const [neverSend, protectedBranches] of [
      [['!.env', 'fixtures/**', '!customers/**'], ['staging']],
      ['!.env, fixtures/**', 'staging'],
    ]) {
      assert.deepEqual(await keeps(own, { neverSend, protectedBranches }), [
        [...own.neverSend, 'fixtures/**'],
        ['live', 'staging'],
      ]);
      assert.deepEqual(await keeps({}, { neverSend, protectedBranches }), [['fixtures/**'], ['staging']]);
    }
    assert.deepEqual(await keeps(own, { neverSend: [], protectedBranches: [] }), [own.neverSend, ['live']]);
    assert.deepEqual(await keeps(own, { neverSend: { a: true } }), [[...own.neverSend, '**'], ['live']]);
  });

  it('is what a workspace of several folders says, by paths from its file and by the names of its folders', async () => {
    const [shop, web] = [at('work/apps/shop'), at('work/web')];
    for (const folder of [at('state'), path.join(shop, '.git'), path.join(web, '.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.settings = { repositories: { '*': 'allow' } };
    played.folders = [web, shop];
    played.workspaceFile = at('work/all.code-workspace');
    const keeps = async (neverSend: string[], file: string, repository = shop) => {
      played.workspaceSettings = { neverSend };
      return nameRules((await valuesOf(repository))?.neverSend).isWithheld(file);
    };
    for (const pattern of ['shop/customers/**', 'apps/shop/customers/**', './apps/shop/customers/', 'customers/**', '/shop/customers/*'])
      assert.ok(await keeps([pattern], 'customers/a.csv'), pattern);
    for (const pattern of ['shop', 'apps/', 'apps/shop/**']) assert.ok(await keeps([pattern], 'src/a.ts'), pattern);
    for (const pattern of ['web/customers/**', 'web/**', 'shop/other/**', 'apps/web/**'])
      assert.ok(!(await keeps([pattern], 'customers/a.csv')), pattern);
    assert.ok(await keeps(['web/customers/**'], 'customers/a.csv', web));
    played.folders = [at('work/apps')];
    assert.ok(await keeps(['apps/shop/customers/**'], 'customers/a.csv'));
  });

  it('is what a folder says in Restricted Mode, too, and what an extension gives as the usual value', async () => {
    const shop = at('shop');
    for (const folder of [at('state'), at('shop/.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [shop];
    played.isTrusted = false;
    played.settings = { repositories: { '*': 'allow' }, neverSend: ['mine', '!.env.test'] };
    played.folderSettings = { [shop]: { neverSend: ['of-shop', '!mine'], protectedBranches: ['staging'], checks: ['true'] } };
    played.defaultSettings = { neverSend: ['of-company/**', '!.env'], protectedBranches: ['main'] };
    const values = await valuesOf(shop);
    assert.deepEqual(values?.neverSend, ['mine', '!.env.test', 'of-company/**', 'of-shop']);
    assert.deepEqual(values?.protectedBranches, ['main', 'staging']);
    assert.deepEqual(values?.checks, []);
    played.folderSettings = {};
    played.defaultSettings = { protectedBranches: ['gold'] };
    assert.deepEqual((await valuesOf(shop))?.protectedBranches, ['gold']);
  });

  it('may be written as one text, as in a variable', async () => {
    const shop = at('shop');
    for (const folder of [at('state'), at('shop/.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [shop];
    for (const [settings, ofFolder] of [
      [{ neverSend: 'secret/**, drafts/**', protectedBranches: 'staging, live' }, {}],
      [
        { neverSend: 'secret/**\ndrafts/**', protectedBranches: 'staging live' },
        { neverSend: ['x'], protectedBranches: ['y'] },
      ],
      [{}, { neverSend: 'secret/**,drafts/**', protectedBranches: 'staging,live' }],
      [{ neverSend: ['secret/**, drafts/**, !x'], protectedBranches: ['staging, live'] }, {}],
      [{}, { neverSend: ['secret/**, drafts/**'], protectedBranches: ['staging live'] }],
    ]) {
      played.settings = { repositories: { '*': 'allow' }, ...settings };
      played.folderSettings = { [shop]: ofFolder! };
      const values = await valuesOf(shop);
      for (const name of ['secret/**', 'drafts/**'])
        assert.ok(values?.neverSend.includes(name), JSON.stringify([settings, values?.neverSend]));
      for (const name of ['staging', 'live'])
        assert.ok(values?.protectedBranches.includes(name), JSON.stringify(values?.protectedBranches));
    }
  });

  it('is everything where a folder says so in a form that nobody reads', async () => {
    const shop = at('shop');
    for (const folder of [at('state'), at('shop/.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [shop];
    played.settings = { repositories: { '*': 'allow' } };
    for (const neverSend of [{ 'secret/**': true }, [{ pattern: 'secret/**' }], 7, true]) {
      played.folderSettings = { [shop]: { neverSend } };
      assert.deepEqual((await valuesOf(shop))?.neverSend, ['**'], JSON.stringify(neverSend));
    }
  });
});
