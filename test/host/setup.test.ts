import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { provisionClaude } from '../claude/provision.ts';
import { lastResults, type ScriptedClaude, startClaudeApi } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import { packExtension } from './packed-extension.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { type Host, startHost } from './vscode-server.ts';
import { type HostWindow, openWindow } from './window.ts';

const FAKE_KEY = 'sk-ant-api03-not-a-real-key-0123456789abcdef';
const MARK = 'KIMI-TEST';

/** Set Up… in a real VS Code, with the real Claude Code, from an empty HOME to a delegation with the window's key. */
describe('Set Up… in a real VS Code', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let shop: Shop;
  let host: Host;
  let window: HostWindow;
  let api: ScriptedClaude;
  let claude: string;
  let vsix: ReturnType<typeof packExtension>;

  before(async () => {
    const install = await provisionHost({ log: (line) => console.error(line) });
    claude = await provisionClaude((line) => console.error(line));
    shop = await openShop();
    vsix = packExtension();
    api = await startClaudeApi((request) => {
      if (!JSON.stringify(request.messages).includes(MARK)) return null;
      if (lastResults(request).length > 0) return { text: 'The work is done.' };
      const input = {
        repo_path: shop.repo,
        branch_name: 'feature/rate-limit',
        task_spec: 'Add a rate limit (limit).',
        checks: ['node --test test/rate-limit.test.js'],
      };
      return { calls: [{ name: 'mcp__kimi-agent__implement_feature', input }] };
    });
    host = await startHost({
      install,
      smokeDriver: false,
      vsix: [vsix.file],
      userSettings: { 'claudeKimi.baseUrl': shop.kimi.baseUrl },
      env: { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    });
    mkdirSync(path.join(host.home, '.local/bin'), { recursive: true });
    symlinkSync(claude, path.join(host.home, '.local/bin/claude'));
    writeFileSync(
      path.join(host.home, '.claude.json'),
      JSON.stringify({ hasCompletedOnboarding: true, customApiKeyResponses: { approved: [FAKE_KEY.slice(-20)], rejected: [] } }),
    );
    window = await openWindow(host, { folder: shop.repo });
  });
  after(async () => {
    await window?.close();
    await host?.close();
    await api?.close();
    await shop?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  const dialog = async (text: RegExp, button: string, picture?: string) => {
    await window.dialog(text).waitFor();
    if (picture) await window.screenshot(picture);
    await window.clickDialogButton(button);
  };
  const state = (...names: string[]) => path.join(host.home, '.claude-kimi-mcp', ...names);

  it('makes the launcher ready at activation, and nothing of Claude Code', async () => {
    await window.runCommand('Kimi Delegate: Refresh');
    await until(() => existsSync(state('bin/kimi-agent')));
    assert.ok(!existsSync(path.join(host.home, '.claude/settings.json')));
    assert.doesNotMatch(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /kimi-agent/);
  });

  it('leads from a key to a connected Claude Code', async () => {
    await window.runCommand('Kimi Delegate: Set Up…');
    await window.page.locator('.quick-input-widget').filter({ hasText: 'Paste your key', visible: true }).waitFor();
    assert.equal(await window.page.locator('.quick-input-widget input[type=password]').count(), 1);
    await window.screenshot('setup-key');
    await window.answerInput('sk-wrong-wrong-wrong', 'Paste your key');
    await dialog(/refused this key/, 'Try Again', 'setup-wrong-key');
    await window.answerInput(TEST_KEY, 'Paste your key');
    await window.pickItem('kimi-k2.6');
    await window.screenshot('setup-budget');
    await window.pickItem('$1');
    await window.page.locator('.quick-input-widget').filter({ hasText: 'What Is Sent Where', visible: true }).waitFor();
    await window.screenshot('setup-privacy');
    await window.pickItem('Ask for Each Repository');
    await dialog(/claude mcp add-json kimi-agent/, 'Connect', 'setup-connect');
    await dialog(/\+ mcp__kimi-agent__implement_feature/, 'Add the Rules', 'setup-permissions');
    await window.pickItem('Nothing More');
    await window.waitForNotification('Kimi Delegate is ready');
    await window.screenshot('setup-ready');
    assert.match(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /"kimi-agent"/);
    assert.equal(JSON.parse(readFileSync(path.join(host.home, '.claude/settings.json'), 'utf8')).permissions.allow.length, 5);
  });

  it('checks the set-up on one page, without the key', async () => {
    await window.dismissNotifications();
    // The picture is for everybody, and must not show where this machine keeps its Node.
    symlinkSync(process.execPath, path.join(host.home, '.local/bin/node'));
    writeFileSync(state('bin/runtime'), `node\n${path.join(host.home, '.local/bin/node')}\n`);
    await window.runCommand('Kimi Delegate: Check Setup');
    const page = await previewText(window);
    await window.screenshot('check-setup');
    assert.match(page, /Everything is ready/);
    assert.match(page, /claudeKimi\.baseUrl/);
    assert.ok(!page.includes(TEST_KEY));
  });

  it('asks before code goes out, lends key and settings to the server that the real Claude Code starts, and shows its work', async () => {
    const env = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: host.home,
      LANG: 'C.UTF-8',
      ANTHROPIC_BASE_URL: api.baseUrl,
      ANTHROPIC_API_KEY: FAKE_KEY,
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    };
    const child = spawn(claude, ['-p', `${MARK} Add a rate limit.`], { cwd: shop.repo, env, stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(child, 'close');
    await window.waitForNotification(`Claude wants to hand work in ${shop.repo} to Kimi`);
    assert.equal(shop.kimi.requests.length, 0, 'something was sent before the user agreed');
    await window.screenshot('consent');
    await window.clickNotificationAction('Allow for This Repository', 'Claude wants');
    await ended;
    const [report] = api.requests.flatMap(lastResults);
    assert.equal(field(report?.text ?? '', 'outcome'), 'ready', report?.text);
    await window.openView('Delegations');
    await window.treeRow('feature/rate-limit').waitFor();
  });

  it('removes everything again, and keeps the branch', async () => {
    await window.runCommand('Kimi Delegate: Remove Everything…');
    await dialog(/permission rules[\s\S]*Branches with delegated work stay/, 'Remove', 'setup-remove');
    await window.waitForNotification('Everything is removed');
    assert.doesNotMatch(readFileSync(path.join(host.home, '.claude.json'), 'utf8'), /"kimi-agent"/);
    assert.ok(!existsSync(path.join(host.home, '.claude/settings.json')));
    assert.ok(!existsSync(state('bin')));
    assert.ok(shop.git('rev-parse', 'feature/rate-limit'));
  });
});

/** The Markdown preview lives in a frame in a frame. */
async function previewText(window: HostWindow): Promise<string> {
  const body = window.page
    .frameLocator('iframe.webview.ready')
    .frameLocator('iframe#active-frame')
    .locator('body', { hasText: 'Kimi Delegate' });
  await body.waitFor();
  return body.innerText();
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('It did not happen in 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
