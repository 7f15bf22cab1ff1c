import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ScriptedKimi, startKimi } from '../fakes/kimi/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow } from './open-window.ts';
import { copyExtension } from './packed-extension.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { type Host, startHost } from './vscode-server.ts';

/** Where Claude Code is looked for beside HOME and PATH. */
const SYSTEM_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

/**
 * What keeps a set-up from working, as a user meets it. The extension runs from its folder: only then it lets tests play both platforms of
 * Moonshot on this machine.
 */
describe('a set-up with a problem', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let shop: Shop;
  let other: ScriptedKimi;
  let host: Host;
  let window: HostWindow;
  let extension: ReturnType<typeof copyExtension>;

  before(async () => {
    extension = copyExtension();
    const install = await provisionHost({ log: (line) => console.error(line) });
    shop = await openShop();
    other = await startKimi({ scenario: () => ({ text: '' }), key: 'sk-key-of-the-other-platform' });
    host = await startHost({
      install,
      smokeDriver: true,
      userSettings: {
        ...shop.userSettings,
        'claudeKimi.baseUrl': shop.kimi.baseUrl,
      },
      // no `claude` on PATH, whatever this machine has
      env: { CLAUDE_KIMI_TEST_REGIONS: `${shop.kimi.baseUrl},${other.baseUrl}`, PATH: `${path.dirname(install.node)}:/usr/bin:/bin` },
    });
    window = await openWindow(host, { folder: shop.repo, extensionDevelopmentPath: extension.folder });
  });
  after(async () => {
    await window?.close();
    await host?.close();
    await other?.close();
    await shop?.close();
    extension?.remove();
  });
  tellWindowsOnFailure();

  // VS Code empties the file before it writes it.
  const settings = () => JSON.parse(readFileSync(path.join(host.dataDir, 'server', 'data', 'User', 'settings.json'), 'utf8') || '{}');
  const leaveDialog = async () => {
    await window.page.keyboard.press('Escape');
    await window.dialog().waitFor({ state: 'hidden' });
  };

  it('the key belongs to the other platform: says so, and changes the address only after a yes', async () => {
    await window.runCommand('Kimi Delegate: Set API Key…');
    await window.answerInput('sk-key-of-the-other-platform', 'Paste your key');
    await window.dialog('This key belongs to').waitFor();
    assert.match(await window.dialogText(), new RegExp(`belongs to ${hostOf(other.baseUrl)}, not to ${hostOf(shop.kimi.baseUrl)}`));
    assert.equal(settings()['claudeKimi.baseUrl'], shop.kimi.baseUrl);
    await window.screenshot('setup-wrong-region');
    await window.clickDialogButton(`Use ${hostOf(other.baseUrl)}`);
    await until('the other address in the settings', () => settings()['claudeKimi.baseUrl'] === other.baseUrl);
  });

  it('no network: says what was tried, and saves the key unchecked when asked to', async () => {
    await other.close();
    await window.runCommand('Kimi Delegate: Set API Key…');
    await window.pickItem('Enter Another Key…');
    await window.answerInput('sk-key-that-nobody-can-try', 'Paste your key');
    await window.dialog('Kimi could not be reached').waitFor();
    assert.match(await window.dialogText(), /127\.0\.0\.1:\d+ does not answer \(.*Check the network/s);
    await window.screenshot('setup-no-network');
    await window.clickDialogButton('Save Without Checking');
    await window.runCommand('Kimi Delegate: Check Setup');
    assert.match(await window.previewText('cannot be reached'), /\d problems? to fix before Claude Code can hand over work/);
    await window.runCommand('View: Close All Editors');
  });

  it('no Claude Code: says where it was looked for, and goes on as soon as it is there', async function () {
    if (SYSTEM_FOLDERS.some((folder) => existsSync(path.join(folder, 'claude')))) this.skip(); // this machine has one for everybody
    await window.runCommand('Kimi Delegate: Connect Claude Code');
    await window.dialog('Claude Code was not found').waitFor();
    assert.match(await window.dialogText(), /on PATH, in the usual folders and with your login shell/);
    await window.screenshot('setup-no-claude');
    writeProgram(path.join(host.home, '.local', 'bin', 'claude'), "echo '2.1.330 (Claude Code)'");
    await window.clickDialogButton('Try Again');
    await window.dialog('Connect Claude Code to Kimi Delegate?').waitFor();
    await leaveDialog();
  });

  it('no sandbox: the row tells it, and the status bar is loud until it works', async () => {
    shop.saveKey(host.home);
    const server = await shop.server(host.home, { KIMI_SANDBOX_PROGRAM: '/nonexistent/bwrap' });
    const report = await server.call('implement_feature', {
      repo_path: shop.repo,
      branch_name: 'feature/rate-limit',
      task_spec: 'Add a rate limit.',
    });
    await server.close();
    assert.equal(field(report, 'outcome'), 'sandbox_unavailable');
    await window.openView('Delegations');
    await window.treeRow('feature/rate-limit').filter({ hasText: 'no sandbox' }).waitFor();
    await window.hoverRow('feature/rate-limit');
    await window.page.locator('.monaco-hover').getByText('/nonexistent/bwrap').first().waitFor();
    await window.screenshot('no-sandbox');
    assert.ok((await window.statusBarTexts()).some((text) => text.includes('Kimi does not work')));
    assert.equal(shop.kimi.requests.length, 0, 'nothing was sent');
  });
});

const hostOf = (url: string) => new URL(url).host;

function writeProgram(file: string, script: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}
