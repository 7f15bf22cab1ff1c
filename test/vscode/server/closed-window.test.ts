import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
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
  });
});
