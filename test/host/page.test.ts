import assert from 'node:assert/strict';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow, withWindow } from './open-window.ts';
import { packExtension } from './packed-extension.ts';
import { type HostInstall, provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { type Host, startHost } from './vscode-server.ts';
import { webPageWith } from './web-pages.ts';

const VIEW = 'Delegations';
const SIZE = { width: 1280, height: 900 };

describe('the page of a delegation in a window', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it

  let install: HostInstall;
  let vsix: ReturnType<typeof packExtension>;
  let shop: Shop;
  let host: Host;
  let window: HostWindow;

  before(async () => {
    install = await provisionHost({ log: (line) => console.error(line) });
    vsix = packExtension();
    shop = await openShop();
    host = await startHost({ install, smokeDriver: false, vsix: [vsix.file], userSettings: shop.userSettings });
    shop.saveKey(host.home);
    await shop.delegate(host.home, 'feature/discount', 'Move the discount to 500.00.', { checks: ['npm test'] });
    await shop.delegate(host.home, 'fix/cart-quantities', 'npm test fails: the cart forgets quantities', { checks: ['npm test'] });
    window = await openWindow(host, { folder: shop.repo, theme: 'dark', size: SIZE });
    await window.openView(VIEW);
  });
  after(async () => {
    await window?.close();
    await host?.close();
    await shop?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  const tab = (text: string) => window.page.locator('.tab', { hasText: text }).first();
  const openPage = async (branch: string) => {
    // not its tab: those of its files have its branch in their names
    await window.clickRow(branch, webPageWith(window.page, branch));
    return window.webPage(branch);
  };

  it('says which tests fail, and opens their line', async () => {
    const page = await openPage('feature/discount');
    assert.match(await page.locator('.verdict').innerText(), /checks failed: 1 test fails that did not before: /);
    // the page does not wait for git to say so
    await page.getByText('main is where the work began. The work merges without a conflict.').waitFor();
    assert.match(await page.innerText(), /Meanwhile/);
    await window.screenshot('page-failed');
    const test = page.locator('table li a').first();
    const name = (await test.innerText()).trim();
    await test.click();
    await tab('cart.test.js').waitFor();
    await window.page
      .locator('.view-line', { hasText: new RegExp(name.replaceAll(' ', '\\s')) })
      .first()
      .waitFor();
    await window.page.locator('.part.statusbar', { hasText: 'Ln 13, Col 1' }).waitFor();
    await window.screenshot('page-failing-test');
  });

  it('opens outputs, thoughts and diffs from the page', async () => {
    let page = await openPage('feature/discount');
    await page.getByRole('link', { name: 'Output of npm test after' }).click();
    await tab('npm test, after').waitFor();
    await window.page.locator('.view-line', { hasText: 'fail' }).first().waitFor();
    page = await openPage('feature/discount');
    await page.getByRole('link', { name: 'Thought and output of step 1' }).first().click();
    await tab('Step 1').waitFor();
    await window.page.locator('.view-line', { hasText: 'edit_file' }).first().waitFor();
    await window.screenshot('page-step');
    page = await openPage('feature/discount');
    await page.getByRole('link', { name: 'src/cart.js', exact: true }).click();
    await tab('cart.js (feature/discount)').waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('takes one file, and no other', async () => {
    await window.chooseInRowMenu('fix/cart-quantities', 'Show Delegation');
    const page = await window.webPage('fix/cart-quantities');
    await window.screenshot('page-ready');
    await page.getByRole('link', { name: 'Apply src/cart.js…' }).click();
    await window.dialog(/Apply src\/cart\.js to your working tree/).waitFor();
    await window.clickDialogButton('Apply');
    await window.waitForNotification('src/cart.js was applied to your working tree');
    assert.equal(shop.git('status', '--short'), 'M  src/cart.js');
    shop.git('reset', '-q', '--hard');
    await window.dismissNotifications();
  });

  it('says what came since, and in what it conflicts', async () => {
    shop.write('src/cart.js', shop.git('show', 'HEAD:src/cart.js').replace('cents >= 5000', 'cents >= 6000'));
    shop.git('commit', '-q', '-a', '-m', 'Move the discount by hand');
    const page = await openPage('feature/discount');
    await page.getByText('main has 1 commit that came since. It conflicts in src/cart.js').waitFor();
    await window.runCommand('View: Close All Editors');
  });

  it('follows an attempt that runs, and keeps each attempt apart', async () => {
    const server = await shop.server(host.home);
    const call = { repo_path: shop.repo, branch_name: 'feature/slow', task_spec: 'Take your time and build everything.' };
    const report = server.call('implement_feature', call);
    const page = await openPage('feature/slow');
    await page.locator('.verdict', { hasText: /Running · step 3\/50 · npm run build/ }).waitFor();
    await page.locator('td', { hasText: 'run_command npm test' }).waitFor();
    await window.screenshot('page-running');
    await page.locator('.actions').getByRole('link', { name: 'Cancel' }).click();
    await page.locator('.verdict', { hasText: 'Cancelled. The work so far is kept.' }).waitFor();
    await page.locator('.actions').getByRole('link', { name: 'Resume' }).waitFor();
    await report;
    await server.close();
    await window.expandRow('feature/discount');
    await window.expandRow('Attempts');
    await window.clickRow('Attempt 1', webPageWith(window.page, 'feature/discount'));
    await window.webPage('feature/discount');
    await window.runCommand('View: Close All Editors');
  });

  it('reads well light, in Chinese, narrow and without the picture', async () => {
    await withWindow(host, { folder: shop.repo, theme: 'light', locale: 'zh-cn', size: SIZE }, async (chinese) => {
      await chinese.runCommand('Kimi Delegate: 刷新');
      await chinese.openView('委派');
      await chinese.clickRow('feature/discount', webPageWith(chinese.page, 'feature/discount'));
      const page = await chinese.webPage('feature/discount');
      assert.match(await page.innerText(), /1 个测试未通过，此前没有失败/);
      await chinese.screenshot('page-zh-light');
      const spoken = await page.ariaSnapshot();
      for (const heading of ['依据', '文件', '步骤', '费用']) assert.match(spoken, new RegExp(`heading "${heading}[^"]*" \\[level=2\\]`));
      await chinese.page.setViewportSize({ width: 620, height: 900 });
      await chinese.screenshot('page-narrow');
    });
  });

  it('has the actions in the title of the review, and leads to the next delegation', async () => {
    await window.openReview('fix/cart-quantities', ['cart.js', 'cart.test.js']);
    const title = window.page.locator('.editor-actions');
    for (const name of ['Merge…', 'Retry with Feedback…', 'Discard…', 'Show Delegation'])
      await title.getByRole('button', { name }).waitFor();
    await window.screenshot('review-title');
    await title.getByRole('button', { name: 'Previous Delegation' }).click();
    await window.webPage('feature/discount');
    await title.getByRole('button', { name: 'Next Delegation' }).click();
    await window.waitForReview(['cart.test.js']);
    await title.getByRole('button', { name: 'Merge…' }).click();
    await window
      .dialog(/Merge fix\/cart-quantities into main\?[\s\S]*main has 1 commit that came since\. It merges without a conflict\./)
      .waitFor();
    await window.screenshot('merge-ahead');
    await window.clickDialogButton('Cancel');
    await window.runCommand('View: Close All Editors');
  });

  it('says what a merge would meet before it asks, and never merges by Enter what failed', async () => {
    const head = shop.git('reset', '-q', '--hard', 'HEAD~1') || shop.git('rev-parse', 'HEAD');
    await window.chooseInRowMenu('feature/discount', 'Merge…');
    await window.dialog(/Merge feature\/discount into main\?/).waitFor();
    await window.screenshot('merge-failed');
    await window.page.keyboard.press('Enter');
    await window.waitForReview(['cart.js']);
    assert.equal(shop.git('rev-parse', 'HEAD'), head);
    await window.runCommand('View: Close All Editors');
  });

  it('turns a comment on a line into feedback that survives a reload, and sends it as one attempt', async () => {
    await window.expandRow('feature/discount');
    await window.expandRow('Files');
    await window.clickRow('cart.js', tab('cart.js (feature/discount)'));
    await window.page.locator('.modified-in-monaco-diff-editor .view-line', { hasText: /50000/ }).first().click();
    await window.runCommand('Comments: Add Comment on Current Selection');
    const widget = window.page.locator('.review-widget');
    await widget.locator('.monaco-editor').first().click();
    await window.page.keyboard.type('It shall begin at 40.00.');
    await widget.getByRole('button', { name: 'Add to Feedback' }).click();
    await widget.getByText('not sent yet').first().waitFor();
    await window.screenshot('comment');
    await window.reload();
    await window.openView(VIEW);
    const page = await openPage('feature/discount');
    await page.getByText('Feedback that is not sent yet').waitFor();
    assert.match(await page.innerText(), /src\/cart\.js:\d+ It shall begin at 40\.00\./);
    await window.screenshot('page-comments');
    await page.getByRole('link', { name: 'Send to Kimi' }).click();
    await window.answerInput('', 'What else is to be said');
    await window.waitForNotification(/feature\/discount: not verified/);
    await page.getByText('src/cart.js:12: It shall begin at 40.00.').waitFor();
    await page.getByText('Feedback that is not sent yet').waitFor({ state: 'detached' });
    await window.dismissNotifications();
    await window.runCommand('View: Close All Editors');
  });

  it('finds delegations by their task, and decides about several at once', async () => {
    await window.runCommand('Kimi Delegate: Filter…');
    await window.answerInput('forgets quantities', 'Words of the branch');
    await window.treeRow('feature/discount').waitFor({ state: 'detached' });
    await window.treeRow('fix/cart-quantities').waitFor();
    await window.screenshot('filtered');
    await window.runCommand('Kimi Delegate: Clear Filter');
    await window.treeRow('feature/discount').waitFor();
    const row = (await window.treeRows()).find(({ label }) => label === 'feature/discount')!;
    assert.match(row.ariaLabel, /^(not verified|checks failed), feature\/discount/); // before the second attempt or after it
    await openPage('feature/slow');
    await window.treeRow('feature/discount').click({ modifiers: ['ControlOrMeta'] });
    await window.page.keyboard.press('Delete');
    await window.dialog(/Discard 2 delegations\?/).waitFor();
    await window.screenshot('discard-many');
    await window.clickDialogButton('Discard');
    await window.waitForNotification('2 delegations were discarded');
    await window.treeRow('feature/discount').waitFor({ state: 'detached' });
    await window.runCommand('Kimi Delegate: Clear Done…');
    await window.dialog(/Clear 2 delegations that are over\?/).waitFor();
    await window.clickDialogButton('Clear');
    await window.treeRow('Done').waitFor({ state: 'detached' });
  });
});
