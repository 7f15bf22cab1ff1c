import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lastResults, type ScriptedClaude } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { askClaude } from './claude-user.ts';
import { type ClaudeWindow, openClaudeWindow } from './claude-window.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { packExtension } from './packed-extension.ts';
import type { Shop } from './shop.ts';
import type { Host } from './vscode-server.ts';

const OLDER = '0.0.9';
const NEWER = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')).version as string;

/** A window and the real Claude Code, over changed settings, a reload and an update of the extension. */
describe('a window that Claude Code works with', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let opened: ClaudeWindow;
  let shop: Shop;
  let host: Host;
  let window: HostWindow;
  let api: ScriptedClaude;
  const packed: ReturnType<typeof packExtension>[] = [];

  before(async () => {
    packed.push(packExtension(OLDER), packExtension());
    opened = await openClaudeWindow(packed[0]!.file, (made) => ({ ...made.userSettings, 'claudeKimi.baseUrl': made.kimi.baseUrl }));
    ({ shop, host, window, api } = opened);
  });
  after(async () => {
    await opened?.close();
    for (const vsix of packed) vsix.remove();
  });
  tellWindowsOnFailure();

  /** Claude is asked, and delegates. @returns the report that it got */
  async function delegate(branch: string): Promise<string> {
    const before = api.requests.length;
    await askClaude(host.home, { cwd: shop.repo, api, prompt: branch });
    return api.requests.slice(before).flatMap(lastResults)[0]?.text ?? 'Claude got no answer';
  }

  async function giveKey(): Promise<void> {
    await window.runCommand('Kimi Delegate: Set API Key…');
    await window.answerInput(TEST_KEY, 'Paste your key');
    await window.waitForNotification('The key works');
    await window.dismissNotifications();
  }

  /** As somebody who edits settings.json in the window. Resolves when the window says that it counts. */
  async function setMaxSteps(value: number): Promise<void> {
    const file = path.join(host.dataDir, 'server', 'data', 'User', 'settings.json');
    const read = () => JSON.parse(readFileSync(file, 'utf8'));
    const text = JSON.stringify({ ...read(), 'claudeKimi.maxSteps': value });
    await window.runCommand('Preferences: Open User Settings (JSON)');
    await window.page.locator('.tab', { hasText: 'settings.json' }).waitFor();
    await window.page.locator('.editor-instance .monaco-editor .view-line').first().click();
    await window.page.keyboard.press('Control+A');
    await window.page.keyboard.insertText(text);
    // the editor closes brackets by itself
    await window.page.keyboard.press('Control+Shift+End');
    await window.page.keyboard.press('Delete');
    await window.page.keyboard.press('Control+S');
    await until('the settings on the disk', () => readFileSync(file, 'utf8') === text);
    await until(`claudeKimi.maxSteps = ${value} in the window`, async () => {
      await window.runCommand('Kimi Delegate: Check Setup');
      return new RegExp(`claudeKimi\\.maxSteps\\s+${value}\\b`).test(await window.previewText('claudeKimi.maxSteps'));
    });
    await window.runCommand('View: Close All Editors');
  }

  const registration = () => JSON.parse(readFileSync(path.join(host.home, '.claude.json'), 'utf8')).mcpServers['kimi-agent'];

  it('connects Claude Code, which then delegates with the key of the window', async () => {
    await giveKey();
    await window.runCommand('Kimi Delegate: Connect Claude Code');
    await window.dialog('Connect Claude Code to Kimi Delegate?').waitFor();
    await window.clickDialogButton('Connect');
    await window.dialog('Let Claude hand over work').waitFor();
    await window.clickDialogButton('Add the Rules');
    const report = await delegate('feature/first');
    assert.equal(field(report, 'outcome'), 'ready', report);
  });

  it('counts a changed maxSteps for the next call of Claude', async () => {
    await setMaxSteps(2);
    const report = await delegate('feature/short');
    assert.equal(field(report, 'outcome'), 'step_limit', report);
    assert.match(report, /limit of 2 steps/);
    await setMaxSteps(50);
  });

  it('lends the key again after a reload', async () => {
    await window.reload();
    // the SecretStorage of this VS Code does not outlive its window
    await giveKey();
    const report = await delegate('feature/reloaded');
    assert.equal(field(report, 'outcome'), 'ready', report);
  });

  it('keeps the registration over an update of the extension', async () => {
    const before = registration();
    const extensions = path.join(host.dataDir, 'extensions');
    await host.installVsix(packed[1]!.file);
    await window.reload();
    await giveKey();
    await until('the newer server', () => existsSync(path.join(host.home, '.claude-kimi-mcp', 'servers', `${NEWER}.json`)));
    for (const name of readdirSync(extensions)) if (name.includes(`-${OLDER}`)) rmSync(path.join(extensions, name), { recursive: true });
    const report = await delegate('feature/updated');
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.deepEqual(registration(), before);
    await window.openView('Delegations');
    await window.treeRow('feature/updated').waitFor();
  });
});
