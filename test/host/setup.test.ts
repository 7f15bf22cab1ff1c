import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ALLOW_RULES } from '../../src/claude/permissions.ts';
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
import { ticksSteps } from './walkthrough-steps.ts';

/** Set Up… in a real VS Code, with the real Claude Code, from an empty HOME to a delegation with the window's key. */
describe('Set Up… in a real VS Code', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let opened: ClaudeWindow;
  let shop: Shop;
  let host: Host;
  let window: HostWindow;
  let api: ScriptedClaude;
  let vsix: ReturnType<typeof packExtension>;

  before(async () => {
    vsix = packExtension();
    opened = await openClaudeWindow(vsix.file, (made) => ({ 'claudeKimi.baseUrl': made.kimi.baseUrl }));
    ({ shop, host, window, api } = opened);
  });
  after(async () => {
    await opened?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  const dialog = async (text: RegExp, button: string, picture?: string) => {
    await window.dialog(text).waitFor();
    if (picture) await window.screenshot(picture);
    await window.clickDialogButton(button);
  };
  const state = (...names: string[]) => path.join(host.home, '.claude-kimi-mcp', ...names);

  it('puts neither launcher nor anything of Claude Code on the disk before it is asked to', async () => {
    await window.runCommand('Kimi Delegate: Refresh');
    await until('the first window', () => existsSync(state('windows')));
    assert.ok(!existsSync(state('bin')));
    assert.ok(!existsSync(path.join(host.home, '.claude/settings.json')));
    assert.doesNotMatch(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /kimi-agent/);
  });

  it('leads a newcomer through the first steps', async () => {
    await window.runCommand('View: Toggle Primary Side Bar Visibility'); // the pictures need room
    await window.runCommand('Welcome: Open Walkthrough...');
    await window.pickItem('Get Started with Kimi Delegate');
    const steps = window.page.locator('.getting-started-step');
    await steps.filter({ hasText: 'It is kept in VS Code' }).waitFor();
    assert.deepEqual(await steps.locator('.step-title').allTextContents(), [
      'Enter a Kimi API Key',
      'Decide What Is Sent',
      'Try the Sandbox',
      'Connect Claude Code',
      'Hand Over the First Work',
      'Review and Decide',
    ]);
    await window.page.waitForFunction(`document.querySelector('.getting-started-media img')?.naturalWidth > 0`);
    await window.screenshot('walkthrough');
    await window.runCommand('View: Close Editor');
    await window.runCommand('View: Toggle Primary Side Bar Visibility');
  });

  it('leads from a key to a connected Claude Code', async () => {
    await window.runCommand('Kimi Delegate: Set Up…');
    await window.page.locator('.quick-input-widget').filter({ hasText: 'Paste your key', visible: true }).waitFor();
    assert.equal(await window.page.locator('.quick-input-widget input[type=password]').count(), 1);
    await window.screenshot('setup-key-own');
    const steps = window.page.locator('.quick-input-title');
    const [, first, count] = /\((\d)\/(\d)\)/.exec(await steps.innerText())!;
    assert.equal(first, '1');
    await window.answerInput('sk-wrong-wrong-wrong', 'Paste your key');
    await dialog(/refused this key/, 'Try Again', 'setup-wrong-key');
    await window.answerInput(TEST_KEY, 'Paste your key');
    await window.pickItem('kimi-k2.6');
    await steps.filter({ hasText: `(3/${count})` }).waitFor();
    await window.screenshot('setup-budget');
    await window.page.locator('.quick-input-widget').getByRole('button', { name: 'Back' }).click();
    await steps.filter({ hasText: `(2/${count})` }).waitFor();
    await window.pickItem('kimi-k2.6');
    await steps.filter({ hasText: `(3/${count})` }).waitFor();
    await window.pickItem('$1');
    await window.page.locator('.quick-input-widget').filter({ hasText: 'What Is Sent Where', visible: true }).waitFor();
    await window.screenshot('setup-privacy');
    await window.pickItem('Ask for Each Repository');
    await dialog(/claude mcp add-json kimi-agent/, 'Connect', 'setup-connect');
    await dialog(/\+ mcp_\s?_kimi-agent_\s?_implement_feature/, 'Add the Rules', 'setup-permissions');
    assert.ok(existsSync(state('bin/kimi-agent')));
    await window.pickItem('Nothing More');
    await window.waitForNotification('Kimi Delegate is ready');
    await window.screenshot('setup-ready');
    assert.match(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /"kimi-agent"/);
    assert.equal(
      JSON.parse(readFileSync(path.join(host.home, '.claude/settings.json'), 'utf8')).permissions.allow.length,
      ALLOW_RULES.length,
    );
  });

  it('checks the set-up on one page, without the key', async () => {
    await window.dismissNotifications();
    // The picture is for everybody, and must not show where this machine keeps its Node.
    symlinkSync(process.execPath, path.join(host.home, '.local/bin/node'));
    writeFileSync(state('bin/runtime'), `node\n${path.join(host.home, '.local/bin/node')}\n`);
    await window.runCommand('Kimi Delegate: Check Setup');
    const page = await window.previewText('Kimi Delegate');
    await window.screenshot('check-setup');
    assert.match(page, /Everything is ready/);
    await (await window.webPage('Kimi Delegate')).getByText('Settings and where they come from').click();
    const settings = await (await window.webPage('Kimi Delegate')).innerText();
    const links = (await window.webPage('Kimi Delegate')).locator('nav a');
    assert.deepEqual((await links.allInnerTexts()).slice(-1), ['Check Again']);
    await links.last().click();
    await window.webPage('Kimi Delegate');
    assert.match(page, /Agent mode\s+(does not get the tools: \S|gets the tools)/);
    assert.match(settings, /claudeKimi\.baseUrl/);
    assert.ok(!settings.includes(TEST_KEY));
  });

  it('ticks in the walkthrough what is done, and not what is left', async () => {
    await ticksSteps(window, 'Enter a Kimi API Key', 'Decide What Is Sent', 'Try the Sandbox', 'Connect Claude Code');
    await window.screenshot('walkthrough-ticked');
    await window.runCommand('View: Close All Editors');
  });

  it('asks before anything else when the user delegates', async () => {
    await window.runCommand('Kimi Delegate: Delegate Task…');
    await dialog(/May code of .*corner-shop be sent to 127/, 'Cancel', 'consent-own');
    assert.equal(await window.page.locator('.quick-input-widget').filter({ visible: true }).count(), 0);
  });

  it('asks before code goes out, lends key and settings to the server that the real Claude Code starts, and shows its work', async () => {
    const ended = askClaude(host.home, { cwd: shop.repo, api, prompt: 'feature/rate-limit' });
    await window.waitForNotification(`Claude wants to hand over work on ${shop.repo} to Kimi`);
    assert.equal(shop.kimi.requests.length, 0, 'something was sent before the user agreed');
    await window.screenshot('consent');
    await window.clickStatusBar('Kimi: may corner-shop be sent?');
    await dialog(/May code of .*corner-shop be sent to 127/, 'Allow for This Repository');
    await window.dismissNotifications();
    await ended;
    const [report] = api.requests.flatMap(lastResults);
    assert.equal(field(report?.text ?? '', 'outcome'), 'ready', report?.text);
    await window.openView('Delegations');
    await window.treeRow('feature/rate-limit').waitFor();
  });

  it('removes everything again, and keeps the branch', async () => {
    await window.runCommand('Kimi Delegate: Remove Everything…');
    await dialog(/permission rules[\s\S]*settings claudeKimi\.baseUrl[\s\S]*Branches with delegated work stay/, 'Remove', 'setup-remove');
    await window.waitForNotification('Everything is removed');
    assert.doesNotMatch(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /"kimi-agent"/);
    assert.ok(!existsSync(path.join(host.home, '.claude/settings.json')));
    assert.ok(!existsSync(state('bin')));
    const windows = readdirSync(state('windows'));
    await window.reload();
    await until('a new window', () => readdirSync(state('windows')).some((name) => !windows.includes(name)));
    await window.runCommand('Kimi Delegate: Refresh');
    assert.ok(!existsSync(state('bin')), 'the next start of the window brings nothing back');
    assert.ok(shop.git('rev-parse', 'feature/rate-limit'));
  });
});
