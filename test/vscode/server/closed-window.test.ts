import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import { consentFor } from '../../../src/broker/consent.ts';
import { settingSources } from '../../../src/broker/setting-sources.ts';
import { resolveSettings } from '../../../src/config.ts';
import { playVscode } from '../played-vscode.ts';

describe('what a window forbids', () => {
  let top: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-closed-')));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));
  const at = (name: string) => path.join(top, name);

  it('counts, where the user forbids it for everything, once the window is closed, too', async () => {
    const shop = at('shop');
    for (const folder of [at('state'), at('shop/.git')]) mkdirSync(folder, { recursive: true });
    const played = await playVscode();
    played.folders = [at('elsewhere')];
    const closed = async () => {
      const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
      const context = {
        secrets: { get: async () => undefined, onDidChange: () => ({ dispose() {} }) },
      } as unknown as vscode.ExtensionContext;
      const log = { warn() {} } as unknown as vscode.LogOutputChannel;
      const window = await startWindowBroker({ context, stateDir: at('state'), version: '0.2.0', log });
      window.dispose();
      const { layers } = await settingSources({ stateDir: at('state'), env: {}, programFile: '/nowhere/dist/server-main.cjs' }, shop, 0);
      const resolution = resolveSettings(layers);
      assert.ok(resolution.ok);
      const { neverSend, repositories, protectedBranches } = resolution.settings.values;
      return [neverSend, repositories && consentFor(repositories, shop), protectedBranches.includes('live')];
    };
    played.settings = { repositories: { [shop]: 'deny' }, neverSend: 'customers/**, !x', protectedBranches: ['live'], model: 'y' };
    assert.deepEqual(await closed(), [['customers/**'], 'denied', true]);
    played.settings = { repositories: { [shop]: 'allow' } };
    assert.deepEqual(await closed(), [[], undefined, false]);
    // What is set for all folders of the machine that it is connected to, and what a company's extension gives to all of its users.
    for (const place of ['machineSettings', 'defaultSettings'] as const) {
      played[place] = { neverSend: ['customers/**', '!.env'], protectedBranches: ['live'] };
      assert.deepEqual(await closed(), [['customers/**'], undefined, true], place);
      played[place] = {};
    }
    // A form that nobody can read may be a refusal.
    for (const settings of [{ neverSend: { 'customers/**': true } }, { neverSend: ['x', 5] }, { protectedBranches: { live: true } }]) {
      played.settings = settings;
      await assert.rejects(closed(), JSON.stringify(settings));
      writeFileSync(at('state/.env'), 'KIMI_PROTECTED_BRANCHES=main\n');
      await assert.rejects(closed(), `${JSON.stringify(settings)} behind a file`);
      rmSync(at('state/.env'));
    }
    // A list in a file takes nothing back.
    played.settings = { protectedBranches: ['live'] };
    writeFileSync(at('state/.env'), 'KIMI_PROTECTED_BRANCHES=main\n');
    assert.equal((await closed())[2], true);
  });

  it('counts for servers whose state lies in the usual place, where only VS Code has CLAUDE_KIMI_HOME', async () => {
    mkdirSync(at('.claude-kimi-mcp'));
    const played = await playVscode();
    played.settings = { neverSend: ['customers/**'] };
    const { startWindowBroker } = await import('../../../src/vscode/server/window-broker.ts');
    const context = { secrets: { onDidChange: () => ({ dispose() {} }) } } as unknown as vscode.ExtensionContext;
    const log = { warn() {} } as unknown as vscode.LogOutputChannel;
    const before = process.env.HOME;
    process.env.HOME = top;
    try {
      (await startWindowBroker({ context, stateDir: at('state'), version: '0.2.0', log })).dispose();
    } finally {
      process.env.HOME = before;
    }
    const { layers } = await settingSources(
      { stateDir: at('.claude-kimi-mcp'), env: {}, programFile: '/nowhere/dist/server-main.cjs' },
      top,
      0,
    );
    const resolution = resolveSettings(layers);
    assert.deepEqual(resolution.ok && resolution.settings.values.neverSend, ['customers/**']);
  });
});
