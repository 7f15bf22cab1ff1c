import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gitIn } from '../e2e/world.ts';
import { startServer } from '../fakes/mcp-client.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow } from './open-window.ts';
import { packExtension } from './packed-extension.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { packThrowaway } from './throwaway-extension.ts';
import { type Host, startHost } from './vscode-server.ts';
import { webPageWith } from './web-pages.ts';

const VIEW = 'Delegations';
const SIZE = { width: 1280, height: 900 };

describe('a window with two repositories of one name, and attempts that go on', function () {
  this.timeout(400_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it

  let vsix: ReturnType<typeof packExtension>;
  let shop: Shop;
  let host: Host;
  let window: HostWindow;

  before(async () => {
    const install = await provisionHost({ log: (line) => console.error(line) });
    vsix = packExtension();
    shop = await openShop();
    const github = await packThrowaway(install, path.join(shop.folder, 'github.vsix'), {
      publisher: 'GitHub',
      name: 'vscode-pull-request-github',
    });
    host = await startHost({ install, smokeDriver: false, vsix: [vsix.file, github], userSettings: shop.userSettings });
    shop.saveKey(host.home);
    const discount = (task: string) => shop.delegate(host.home, 'feature/discount', task, { checks: ['npm test'] });
    await discount('Move the discount to 500.00.');
    await discount('Let it begin at 40.00.');
    const twin = path.join(shop.folder, 'twin', 'corner-shop');
    mkdirSync(path.dirname(twin));
    execFileSync('git', ['clone', '-q', shop.repo, twin]);
    const server = await startServer({ home: host.home, cwd: twin });
    const call = { repo_path: twin, branch_name: 'fix/cart-quantities', bug_description: 'npm test fails: the cart forgets quantities' };
    await server.call('fix_bug', call);
    await server.close();
    const both = path.join(shop.folder, 'both.code-workspace');
    writeFileSync(both, JSON.stringify({ folders: [{ path: 'corner-shop' }, { path: 'twin/corner-shop' }] }));
    window = await openWindow(host, { folder: both, size: SIZE });
    await window.openView(VIEW);
    await window.treeRow('fix/cart-quantities').waitFor();
  });
  after(async () => {
    await window?.close();
    await host?.close();
    await shop?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  const spoken = async (label: string) => (await window.treeRows()).find((row) => row.label === label)?.ariaLabel ?? '';

  it('tells the repositories apart in the rows', async () => {
    assert.match(await spoken('fix/cart-quantities'), /, twin\/corner-shop · 4\/4 /);
    assert.match(await spoken('feature/discount'), new RegExp(`, ${path.basename(shop.folder)}/corner-shop · not verified `));
    await window.screenshot('two-folders');
  });

  it('names the repository in the question, and where it asks which delegation is meant', async () => {
    await window.clickRowAction('fix/cart-quantities', 'Merge…', window.dialog(/In .*\/twin\/corner-shop/));
    await window.screenshot('two-folders-question');
    await window.clickDialogButton('Cancel');
    await window.runCommand('Kimi Delegate: Copy Branch Name');
    const list = window.page.locator('.quick-input-widget');
    await list.getByText('twin/corner-shop').first().waitFor();
    await list
      .getByText(`${path.basename(shop.folder)}/corner-shop`)
      .first()
      .waitFor();
    await window.page.keyboard.press('Escape');
  });

  it("pushes to the remote of that repository, and leaves the pull request to GitHub's extension, or to the page where that fails", async () => {
    const at = 'https://github.com/acme/corner-shop.git';
    const twin = path.join(shop.folder, 'twin', 'corner-shop');
    const bare = path.join(shop.folder, 'origin.git');
    gitIn(shop.folder, 'init', '-q', '--bare', bare);
    gitIn(twin, 'remote', 'set-url', 'origin', at);
    gitIn(twin, 'config', `url.${bare}.insteadOf`, at);
    const push = async () => {
      await window.chooseInRowMenu('fix/cart-quantities', 'Create Pull Request…');
      await window.dialog(/Push fix\/cart-quantities to origin and create a pull request\?/).waitFor();
      await window.clickDialogButton('Push');
    };
    await push();
    await window.waitForNotification(`A pull request of fix/cart-quantities in ${twin}`);
    assert.equal(gitIn(bare, 'branch', '--format=%(refname:short)'), 'fix/cart-quantities');
    await window.dismissNotifications();
    writeFileSync(path.join(host.home, 'signed-out'), '');
    await push();
    await window.dialog(/github\.com\/acme\/corner-shop\/compare\/fix\/cart-quantities/).waitFor();
    await window.clickDialogButton('Cancel');
    await window.dismissNotifications();
  });

  it('shows what an attempt changed, and what of the one before it', async () => {
    await window.expandRow('feature/discount');
    await window.expandRow('Attempts');
    await window.chooseInRowMenu('Attempt 2', 'Review Changes of This Attempt');
    await window.waitForReview(['cart.js']);
    await window.page.locator('.view-line', { hasText: /4000/ }).first().waitFor();
    await window.runCommand('View: Close All Editors');
    await window.chooseInRowMenu('Attempt 2', 'Compare with the Attempt Before');
    await window.waitForReview(['cart.js']);
    await window.page.locator('.tab', { hasText: 'feature/discount: Attempt 1 → Attempt 2' }).waitFor();
    // both sides are work of Kimi
    for (const text of [/50000/, /4000\b/]) await window.page.locator('.view-line', { hasText: text }).first().waitFor();
    await window.screenshot('compare-attempts');
    await window.runCommand('View: Close All Editors');
    await window.collapseRow('feature/discount');
  });

  it('is gone through by the keyboard alone, to the page of an attempt', async () => {
    const { keyboard } = window.page;
    const focused = () =>
      window.page.locator('.part.sidebar .monaco-list-row.focused').first().getAttribute('aria-label', { timeout: 5000 });
    const until = (text: string) => window.page.locator(`.part.sidebar .monaco-list-row.focused[aria-label*="${text}"]`).first().waitFor();
    await window.page.locator('.part.sidebar .monaco-list').first().focus();
    await keyboard.press('Home');
    for (let n = 0; n < 20 && !(await focused())?.includes('feature/discount'); n++) await keyboard.press('ArrowDown');
    await until('feature/discount');
    await keyboard.press('ArrowRight');
    for (let n = 0; n < 20 && !(await focused())?.includes('Attempts'); n++) await keyboard.press('ArrowDown');
    await until('Attempts');
    await keyboard.press('ArrowRight');
    for (let n = 0; n < 20 && !(await focused())?.includes('Attempt 1'); n++) await keyboard.press('ArrowDown');
    await until('Attempt 1');
    await keyboard.press('Enter');
    await webPageWith(window.page, 'feature/discount').waitFor();
    await window.screenshot('keyboard-attempt');
    await window.runCommand('View: Close All Editors');
  });

  it('says after a reload what it stopped, and resumes it by one click', async () => {
    const server = await shop.server(host.home);
    const report = server.call('implement_feature', {
      repo_path: shop.repo,
      branch_name: 'feature/slow',
      task_spec: 'Take your time and build everything.',
    });
    const is = (state: RegExp) =>
      window.page.locator('.part.sidebar .monaco-list-row', { hasText: 'feature/slow' }).filter({ hasText: state }).first();
    await is(/npm run build/).waitFor();
    await window.clickRowAction('feature/slow', 'Cancel', is(/cancelled/));
    await report;
    await server.close();
    await window.chooseInRowMenu('feature/slow', 'Resume');
    await is(/npm run build/).waitFor();
    await window.reload();
    await window.openView(VIEW);
    await window.waitForNotification(/^feature\/slow: VS Code was closed or reloaded\. Resume continues after step \d+\./);
    await window.screenshot('reload-stopped');
    await window.clickNotificationAction('Resume', /feature\/slow/);
    // the played model has nothing left but to end
    await window.waitForNotification(/^feature\/slow: nothing changed/);
  });
});
