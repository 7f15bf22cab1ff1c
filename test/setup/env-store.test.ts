import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allowTools, planRules, readRecord } from '../../src/claude/setup-record.ts';
import { fileLayers } from '../../src/setting-files.ts';
import { type EnvStore, openEnvStore } from '../../src/setup/env-store.ts';

describe('key and settings of a terminal', () => {
  let folder: string;
  let state: string;
  let store: EnvStore;
  const text = () => readFileSync(store.file, 'utf8');
  const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
  const takeBackAll = async () => {
    await store.key.delete();
    await store.settings.takeBack(Object.keys(store.settings.written()));
  };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-env-'));
    state = path.join(folder, 'state');
    store = openEnvStore(state);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lie in a file that only the user can read, as a server reads it', async () => {
    await store.key.store('sk-0123456789', 'https://api.moonshot.ai/v1');
    await store.settings.set('budget', 2.5);
    await store.settings.set('repositories', { '*': 'ask', '/home/ann/it is': 'allow' });
    await store.settings.set('claudePath', '/opt/claude');
    assert.deepEqual([mode(store.file), mode(state)], ['600', '700']);
    const [layer] = fileLayers(state, '/nowhere/dist/server-main.cjs');
    assert.deepEqual(layer?.values, {
      apiKey: 'sk-0123456789',
      baseUrl: 'https://api.moonshot.ai/v1',
      budget: '2.5',
      repositories: '{"*":"ask","/home/ann/it is":"allow"}',
    });
    assert.equal(await store.key.read(), 'sk-0123456789');
    assert.equal(store.settings.get('budget'), 2.5);
    assert.deepEqual(store.settings.get('repositories'), { '*': 'ask', '/home/ann/it is': 'allow' });
    assert.equal(store.settings.get('claudePath'), '/opt/claude');
    assert.equal(store.settings.get('model'), 'kimi-k2.6', 'the default');
    assert.equal(store.settings.own('model'), undefined);
  });

  it('write nothing in the place of a link to a file that is away, as on a drive', async () => {
    mkdirSync(state, { recursive: true });
    symlinkSync(path.join(folder, 'away/.env'), store.file);
    const user = path.join(folder, 'settings.json');
    symlinkSync(path.join(folder, 'away/settings.json'), user);
    await assert.rejects(async () => store.key.store('sk-0123456789'));
    await assert.rejects(() => store.settings.set('repositories', { '*': 'allow' }));
    assert.throws(() => allowTools(state, user, 0));
    assert.throws(() => planRules(user, 'en'));
    for (const file of [store.file, user]) assert.ok(lstatSync(file).isSymbolicLink());
    mkdirSync(path.join(folder, 'away'));
    await store.key.store('sk-0123456789').catch(() => writeFileSync(path.join(folder, 'away/.env'), 'A=1\n'));
    await store.key.store('sk-0123456789');
    assert.equal(readFileSync(path.join(folder, 'away/.env'), 'utf8'), 'A=1\nKIMI_API_KEY=sk-0123456789\n');
  });

  it('lose no refusal that stands in a line before the last one, when another decision is written, and when that is taken back', async () => {
    mkdirSync(state, { recursive: true });
    const text = 'KIMI_REPOSITORIES={"/a":"deny"}\nKIMI_NEVER_SEND=a/**\nKIMI_REPOSITORIES={"*":"allow"}\nKIMI_NEVER_SEND=b/**\n';
    writeFileSync(store.file, text);
    const own = store.settings.own('repositories') as Record<string, string>;
    assert.deepEqual(own, { '*': 'allow', '/a': 'deny' });
    await store.settings.set('repositories', { ...own, '/b': 'allow' });
    const values = () => fileLayers(state, '/nowhere/dist/server-main.cjs')[0]?.values;
    assert.deepEqual(JSON.parse(String(values()?.repositories)), { '*': 'allow', '/a': 'deny', '/b': 'allow' });
    assert.equal(values()?.neverSend, 'a/**,b/**');
    await takeBackAll();
    assert.deepEqual(JSON.parse(String(values()?.repositories)), { '*': 'allow', '/a': 'deny' });
  });

  it('leave no file behind when all is taken back', async () => {
    await store.key.store('sk-0123456789');
    await store.settings.set('model', 'kimi-k3');
    assert.deepEqual(Object.keys(store.settings.written()), ['KIMI_MODEL']);
    assert.equal(await store.key.isOurs(), true);
    await takeBackAll();
    assert.ok(!existsSync(store.file));
    assert.equal(readRecord(state).env, null);
    await takeBackAll();
  });

  it('keep what the user wrote between two writes of ours into the file that we made', async () => {
    await store.key.store('sk-0123456789');
    writeFileSync(store.file, `${text()}# mine\nKIMI_BUDGET=3\n`);
    await store.settings.set('model', 'kimi-k3');
    await takeBackAll();
    assert.equal(text(), '# mine\nKIMI_BUDGET=3\n');
  });

  it('give a file of the user back as it was, but for what they changed since', async () => {
    mkdirSync(state);
    const before = '# mine\nKIMI_MODEL=kimi-k3\nKIMI_MAX_STEPS=80\n';
    writeFileSync(store.file, before, { mode: 0o644 });
    await store.key.store('sk-0123456789');
    await store.settings.set('model', 'kimi-k2.7-code');
    await store.settings.set('model', 'kimi-k2.6');
    assert.equal(mode(store.file), '600', 'it holds the key now');
    await takeBackAll();
    assert.equal(text(), before);
    await store.settings.set('model', 'kimi-k2.6');
    writeFileSync(store.file, `${text()}KIMI_BUDGET=3\n`);
    await takeBackAll();
    assert.equal(text(), `${before}KIMI_BUDGET=3\n`);
  });

  it('never remember an older key, and leave one that the user put there alone', async () => {
    mkdirSync(state);
    writeFileSync(store.file, 'KIMI_API_KEY=sk-of-the-user\n');
    assert.equal(await store.key.isOurs(), false);
    await takeBackAll();
    assert.equal(text(), 'KIMI_API_KEY=sk-of-the-user\n');
    await store.key.store('sk-another-one');
    assert.doesNotMatch(readFileSync(path.join(state, 'setup.json'), 'utf8'), /sk-/);
  });

  it('follow a link of the user, and keep it', async () => {
    mkdirSync(state);
    writeFileSync(path.join(folder, 'dotenv'), 'A=1\n');
    symlinkSync(path.join(folder, 'dotenv'), store.file);
    await store.settings.set('model', 'kimi-k3');
    assert.equal(readFileSync(path.join(folder, 'dotenv'), 'utf8'), 'A=1\nKIMI_MODEL=kimi-k3\n');
    await takeBackAll();
    assert.equal(text(), 'A=1\n');
  });

  it('show a value that is wrong as it stands there', () => {
    mkdirSync(state);
    writeFileSync(store.file, 'KIMI_BASE_URL=http://api.moonshot.cn/v1\nKIMI_BUDGET=much\n');
    assert.equal(store.settings.get('baseUrl'), 'http://api.moonshot.cn/v1');
    assert.equal(store.settings.get('budget'), 'much');
  });

  it('take another .env over without loss', async () => {
    store.adopt('# key\nKIMI_API_KEY=sk-0123456789\nUNKNOWN=1\n', () => true);
    assert.equal(text(), '# key\nKIMI_API_KEY=sk-0123456789\nUNKNOWN=1\n');
    store.adopt('KIMI_API_KEY=sk-second\nKIMI_MODEL=kimi-k3\n', () => true);
    assert.equal(text(), '# key\nKIMI_API_KEY=sk-0123456789\nUNKNOWN=1\nKIMI_MODEL=kimi-k3\n');
    await takeBackAll();
    assert.ok(!existsSync(store.file));
  });

  it('keep a refusal that somebody wrote into the file since, and give the decisions before us back otherwise', async () => {
    await store.key.store('sk-0123456789', undefined);
    await store.settings.set('repositories', { '*': 'allow' });
    writeFileSync(store.file, text().replace(/KIMI_REPOSITORIES=.*/, 'KIMI_REPOSITORIES={"*":"allow","/w/secret":"deny"}'));
    await takeBackAll();
    assert.equal(text(), 'KIMI_REPOSITORIES={"/w/secret":"deny"}\n');
    writeFileSync(store.file, 'KIMI_REPOSITORIES={"*":"ask","/w/a":"deny"}\n');
    await store.settings.set('repositories', { '*': 'allow' });
    await takeBackAll();
    assert.equal(text(), 'KIMI_REPOSITORIES={"*":"ask","/w/a":"deny"}\n');
    await store.settings.set('repositories', { '*': 'allow' });
    for (const word of ['deny', '{"*":"no"}']) {
      writeFileSync(store.file, `KIMI_REPOSITORIES=${word}\n`);
      await store.settings.set('model', 'x');
      await takeBackAll();
      assert.match(text(), word === 'deny' ? /^KIMI_REPOSITORIES=.*"\*":"deny"/ : /^KIMI_REPOSITORIES=\{"\*":"no"\}/);
      await store.settings.set('repositories', { '*': 'allow' });
    }
  });
});
