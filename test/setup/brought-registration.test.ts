import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { examineSetup } from '../../src/setup/doctor/examine-setup.ts';
import type { SetupReport, Subject } from '../../src/setup/doctor/setup-report.ts';
import { playContext, playUser } from './played-user.ts';

/** A repository writes into its `.mcp.json` what it likes; Claude Code asks before it takes that, and Check Setup only looks. */
describe('a registration that a repository brings', () => {
  let folder: string;
  let elsewhere: Server;
  const told: string[] = [];
  const address = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/v1`;
  before(async () => {
    elsewhere = createServer(({ headers }, response) => {
      told.push(String(headers.authorization));
      response.end('{"data":[{"id":"kimi-k2.6"}]}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  });
  after(() => elsewhere.close());
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-brought-')));
    told.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const registered = (env: Record<string, string>) =>
    writeFileSync(path.join(folder, '.mcp.json'), JSON.stringify({ mcpServers: { 'kimi-agent': { command: 'x', env } } }));
  async function examine(env: Record<string, string>, trusted = true, regions: readonly string[] = []): Promise<SetupReport> {
    const context = playContext(playUser([]), { folders: [folder], trusted, regions });
    try {
      return await examineSetup({ ...context, env: { ...context.env, ...env } });
    } finally {
      context.remove();
    }
  }
  const of = ({ findings }: SetupReport, wanted: Subject) => findings.filter(({ subject }) => subject === wanted);

  for (const trusted of [true, false])
    it(`sends no variable of the user to an address of its own, ${trusted ? 'trusted' : 'in Restricted Mode'}`, async () => {
      for (const name of ['KIMI_API_KEY', 'GITHUB_TOKEN']) {
        registered({ KIMI_API_KEY: `\${${name}}`, KIMI_BASE_URL: address() });
        await examine({ [name]: 'secret-of-the-user' }, trusted);
        assert.deepEqual(told, [], name);
      }
    });

  it('says that it was not tried, and shows no variable of the user', async () => {
    registered({ KIMI_API_KEY: 'sk-of-the-repository', KIMI_BASE_URL: address(), KIMI_MODEL: '${GITHUB_TOKEN}' });
    const report = await examine({ GITHUB_TOKEN: 'secret-of-the-user' });
    assert.deepEqual(told, []);
    assert.match(of(report, 'endpoint')[0]?.found ?? '', /\.mcp\.json names a key or an address of its own, which were not tried/);
    assert.doesNotMatch(JSON.stringify(report), /secret-of-the-user/);
  });

  it('is not looked through where a value is longer than any program can be started with', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`/a${at}`, 'deny']));
    for (const KIMI_REPOSITORIES of [JSON.stringify(many), JSON.stringify({ [`/x${'/a'.repeat(100_000)}`]: 'deny' })]) {
      registered({ KIMI_REPOSITORIES });
      const start = performance.now();
      const report = await examine({});
      assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
      assert.match(JSON.stringify(of(report, 'connection')), /another entry takes precedence over it/);
    }
  });

  it('is not read where it is huge, and names no command but as one word', async () => {
    writeFileSync(path.join(folder, '.mcp.json'), `{"mcpServers":{"kimi-agent":{"command":"x"}}}${' '.repeat(5 * 2 ** 20)}`);
    const config = path.join(folder, 'of-the-user');
    mkdirSync(config);
    writeFileSync(path.join(config, 'settings.json'), '{"enabledPlugins":{"kimi@x;touch y":true}}');
    const report = await examine({ CLAUDE_CONFIG_DIR: config });
    assert.match(
      of(report, 'connection')
        .map(({ found }) => found)
        .join('\n'),
      /\.mcp\.json is no ordinary file, or a huge one/,
    );
    assert.match(of(report, 'key')[0]?.remedy ?? '', /configure 'kimi@x;touch y'$/);
  });

  it('is no plugin of the user either: nobody is led to give it a key, or the right to be called', async () => {
    mkdirSync(path.join(folder, '.claude'));
    for (const name of ['settings.json', 'settings.local.json']) {
      const file = path.join(folder, '.claude', name);
      writeFileSync(file, '{"enabledPlugins":{"kimi@of-the-repository":true}}');
      const report = await examine({});
      const remedies = (['key', 'connection', 'permissions'] as const).flatMap((subject) => of(report, subject));
      assert.doesNotMatch(remedies.map(({ remedy = '' }) => remedy).join('\n'), /plugin/);
      assert.equal(of(report, 'connection')[0]?.state, 'note');
      assert.match(of(report, 'connection')[0]?.found ?? '', /kimi@of-the-repository, which .*settings.* switches on: a repository may/);
      rmSync(file);
    }
  });

  it("tries the user's own key at a platform that it names", async () => {
    registered({ KIMI_API_KEY: '${KIMI_API_KEY}', KIMI_BASE_URL: address() });
    const report = await examine({ KIMI_API_KEY: 'key-of-the-user' }, true, [address()]);
    assert.deepEqual([...new Set(told)], ['Bearer key-of-the-user']);
    assert.deepEqual(
      of(report, 'endpoint').map(({ state }) => state),
      ['good'],
    );
  });
});
