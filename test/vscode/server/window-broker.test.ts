import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import { findWindow } from '../../../src/broker/find-window.ts';
import { playVscode } from '../played-vscode.ts';

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
    const context = { secrets: { get: async () => 'sk-1' } } as unknown as vscode.ExtensionContext;
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
    const context = { secrets: { get: async () => 'sk-1' } } as unknown as vscode.ExtensionContext;
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
