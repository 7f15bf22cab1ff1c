import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  const settingsFile = () => path.join(host.dataDir, 'server', 'data', 'User', 'settings.json');
  const readSettings = () => JSON.parse(readFileSync(settingsFile(), 'utf8')) as Record<string, unknown>;

  /** As somebody who edits settings.json in the window. Resolves when the page of Check Setup, which is open behind it, says that it counts. */
  async function setMaxSteps(value: number): Promise<void> {
    await window.runCommand('Kimi Delegate: Check Setup');
    await window.webPage('Kimi Delegate');
    const text = JSON.stringify({ ...readSettings(), 'claudeKimi.maxSteps': value });
    await window.runCommand('Preferences: Open User Settings (JSON)');
    await window.page.locator('.tab', { hasText: 'settings.json' }).waitFor();
    await window.page.locator('.editor-instance .monaco-editor .view-line').first().click();
    await window.page.keyboard.press('Control+A');
    await window.page.keyboard.insertText(text);
    // the editor closes brackets by itself
    await window.page.keyboard.press('Control+Shift+End');
    await window.page.keyboard.press('Delete');
    await window.page.keyboard.press('Control+S');
    await until('the settings on the disk', () => readFileSync(settingsFile(), 'utf8') === text);
    await window.page.locator('.tab', { hasText: 'Check Setup' }).click();
    const page = await window.webPage('Kimi Delegate');
    const row = page.locator('tr', { has: page.page().locator('th', { hasText: 'claudeKimi.maxSteps' }) });
    // the table of settings is folded
    await row.locator('td', { hasText: new RegExp(`^${value}$`) }).waitFor({ state: 'attached' });
    await window.runCommand('View: Close All Editors');
  }

  /** For tests that load the window anew: what one before them has set does not count for them. */
  function forgetMaxSteps(): void {
    const { 'claudeKimi.maxSteps': _set, ...others } = readSettings();
    writeFileSync(settingsFile(), JSON.stringify(others));
  }

  /** Another name for each try: an attempt on one that is there would go on with its work. */
  let tries = 0;
  const fresh = (branch: string) => `${branch}-${++tries}`;

  const registration = () => JSON.parse(readFileSync(path.join(host.home, '.claude.json'), 'utf8')).mcpServers['kimi-agent'];

  it('connects Claude Code, which then delegates with the key of the window', async () => {
    await giveKey();
    await window.runCommand('Kimi Delegate: Connect Claude Code');
    await window.dialog('Connect Claude Code to Kimi Delegate?').waitFor();
    await window.clickDialogButton('Connect');
    await window.dialog('Let Claude hand over work').waitFor();
    await window.clickDialogButton('Add the Rules');
    const report = await delegate(fresh('feature/first'));
    assert.equal(field(report, 'outcome'), 'ready', report);
  });

  it('counts a changed maxSteps for the next call of Claude', async () => {
    await setMaxSteps(2);
    const short = await delegate(fresh('feature/short'));
    assert.equal(field(short, 'outcome'), 'step_limit', short);
    assert.match(short, /limit of 2 steps/);
    await setMaxSteps(50);
    const long = await delegate(fresh('feature/long'));
    assert.equal(field(long, 'outcome'), 'ready', long);
  });

  it('lends the key again after a reload', async () => {
    forgetMaxSteps();
    await window.reload();
    // the SecretStorage of this VS Code does not outlive its window
    await giveKey();
    const report = await delegate(fresh('feature/reloaded'));
    assert.equal(field(report, 'outcome'), 'ready', report);
  });

  it('keeps the registration over an update of the extension', async () => {
    forgetMaxSteps();
    const before = registration();
    const extensions = path.join(host.dataDir, 'extensions');
    await host.installVsix(packed[1]!.file);
    await window.reload();
    await giveKey();
    await until('the newer server', () => existsSync(path.join(host.home, '.claude-kimi-mcp', 'servers', `${NEWER}.json`)));
    for (const name of readdirSync(extensions)) if (name.includes(`-${OLDER}`)) rmSync(path.join(extensions, name), { recursive: true });
    const branch = fresh('feature/updated');
    const report = await delegate(branch);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.deepEqual(registration(), before);
    await window.openView('Delegations');
    await window.treeRow(branch).waitFor();
  });
});
