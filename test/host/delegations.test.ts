import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow, withWindow } from './open-window.ts';
import { packExtension } from './packed-extension.ts';
import { type HostInstall, provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { type Host, startHost } from './vscode-server.ts';

const VIEW = 'Delegations';
const SIZE = { width: 1280, height: 800 };

describe('delegations in a window', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it

  let install: HostInstall;
  let vsix: ReturnType<typeof packExtension>;
  before(async () => {
    install = await provisionHost({ log: (line) => console.error(line) });
    vsix = packExtension();
  });
  after(() => vsix?.remove());
  tellWindowsOnFailure();

  describe('from the first start to a merge', () => {
    let shop: Shop;
    let host: Host;
    let window: HostWindow;

    before(async () => {
      shop = await openShop({ waitsAt: 1 });
      host = await startHost({ install, smokeDriver: false, vsix: [vsix.file], userSettings: shop.userSettings });
      window = await openWindow(host, { folder: shop.repo, theme: 'dark', size: SIZE });
    });
    after(async () => {
      await window?.close();
      await host?.close();
      await shop?.close();
    });

    const row = (label: string, description: RegExp) => window.treeRow(label).filter({ hasText: description });
    const rowIs = (label: string, description: RegExp) => row(label, description).waitFor();
    /** What stands one level below a row, with the description. */
    const rowsBelow = async (label: string) => {
      const rows = await window.treeRows();
      const [row, ...later] = rows.slice(rows.findIndex((one) => one.label === label));
      const end = later.findIndex(({ level }) => level <= row!.level);
      return later.slice(0, end < 0 ? undefined : end).map((one) => `${one.label} ${one.description}`.trim());
    };
    const groups = async () => (await window.treeRows()).filter(({ level }) => level === 1).map(({ label }) => label);

    /** As a user does to read the rows. */
    const widen = async ({ page }: HostWindow) => {
      await page.mouse.move(349, 500);
      await page.mouse.down();
      await page.mouse.move(440, 500, { steps: 4 });
      await page.mouse.up();
    };

    it('says what to do when nothing is set up', async () => {
      await window.openView(VIEW);
      await window.page.getByText('Setting up takes two minutes').waitFor();
      await widen(window);
      assert.match(await window.welcomeText(), /Set Up…/);
      await window.screenshot('not-set-up');
      const offers = async (title: string) =>
        (await window.commandTitles(`Kimi Delegate: ${title}`)).some((one) => one.includes(`Kimi Delegate: ${title}`));
      for (const title of ['Set Up…', 'Set API Key…', 'Check Setup']) assert.ok(await offers(title), title);
      for (const title of ['Merge…', 'Discard…', 'Delegate Task…', 'Filter…']) assert.ok(!(await offers(title)), title);
      await window.page.locator('.part.sidebar').getByRole('button', { name: 'Delegate Task…' }).first().click();
      await window.page.locator('.monaco-dialog-box').waitFor();
      assert.match(await window.dialogText(), /not set up yet/);
      await window.clickDialogButton('Cancel');
      await window.clickStatusBar('Kimi: not set up');
      await window.page.locator('.quick-input-widget').filter({ hasText: 'Paste your key', visible: true }).waitFor();
      await window.screenshot('setup-key');
      await window.page.keyboard.press('Escape');
      await window.waitForNotification('not set up completely');
      await window.dismissNotifications();
    });

    it('says what to do when Claude Code is not connected', async () => {
      shop.saveKey(host.home);
      await window.runCommand('Kimi Delegate: Refresh');
      await window.page.getByText('Claude Code is not connected yet').waitFor();
      assert.match(await window.welcomeText(), /Connect Claude Code/);
      await window.screenshot('not-connected');
    });

    it('says what to do when nothing was delegated yet', async () => {
      writeFileSync(path.join(host.home, '.claude.json'), JSON.stringify({ mcpServers: { 'kimi-agent': { command: '/opt/kimi' } } }));
      await window.runCommand('Kimi Delegate: Refresh');
      await window.page.getByText('Nothing has been delegated').waitFor();
      await window.screenshot('empty');
    });

    it('keeps a text that was left, and takes a longer one from an editor', async () => {
      await window.runCommand('Kimi Delegate: Delegate Task…');
      await window.pickItem('Fix a bug');
      await window.answerInput('The cart is wrong', 'Which bug?');
      await window.page.getByText('Branch that the work comes back on').first().waitFor();
      await window.page.keyboard.press('Escape');
      await window.runCommand('Kimi Delegate: Delegate Task…');
      await window.pickItem('Fix a bug');
      await window.page.locator('.quick-input-widget').filter({ hasText: 'Which bug?', visible: true }).waitFor();
      assert.equal(await window.page.locator('.quick-input-widget .quick-input-box input').inputValue(), 'The cart is wrong');
      await window.page.locator('.quick-input-widget').getByRole('button', { name: 'Write in an Editor' }).click();
      await window.page.locator('.view-line', { hasText: 'The cart is wrong' }).waitFor();
      await window.page.getByText('Activating Extensions').waitFor({ state: 'hidden' });
      await window.screenshot('task-editor');
      assert.ok((await window.statusBarTexts()).some((text) => text.includes('Continue: Delegate Task')));
      await window.page.locator('.editor-actions').getByRole('button', { name: 'Continue with This Text' }).click();
      await window.page.getByText('Branch that the work comes back on').first().waitFor();
      await window.page.keyboard.press('Escape');
      assert.ok(!(await window.statusBarTexts()).some((text) => text.includes('Continue:')));
      await window.page.locator('.tab', { hasText: 'Untitled' }).waitFor({ state: 'detached' });
      await window.dismissNotifications();
    });

    it('delegates a task, shows each step, and tells the end', async () => {
      await window.runCommand('Kimi Delegate: Delegate Task…');
      await window.page.getByText('What is to be done?').or(window.page.getByPlaceholder('What is to be done?')).first().waitFor();
      await window.pickItem('Fix a bug');
      await window.answerInput('');
      await window.page.getByText('Say what is to be done').waitFor();
      await window.answerInput('npm test fails: the cart forgets quantities');
      await window.page.getByText('Branch that the work comes back on').first().waitFor();
      await window.answerInput('main');
      await window.page.getByText('is a default branch').waitFor();
      await window.answerInput('fix/cart-quantities');
      await window.page.getByText('npm test', { exact: true }).waitFor();
      await window.screenshot('delegate-checks');
      await window.page.keyboard.press('Enter');
      await rowIs('fix/cart-quantities', /step \d+\/50/);
      await until('the status bar', async () =>
        (await window.statusBarTexts()).some((text) => /Kimi: (step \d+\/50|1 running)/.test(text)),
      );
      shop.goOn();
      await window.waitForNotification('fix/cart-quantities: ready: npm test failed before and passes now: 2/3 → 4/4 · +5 −1');
      await rowIs('fix/cart-quantities', /4\/4 · \+5 −1/);
      assert.deepEqual(await groups(), ['Ready to Review']);
      await window.screenshot('dark-ready');
      assert.match(shop.git('status', '--short'), /^$/);
    });

    it('reviews all changes in one editor, and single files', async () => {
      await window.clickNotificationAction('Review Changes');
      await window.waitForReview(['cart.js', 'cart.test.js']);
      await window.page.getByText('a line without a quantity is one piece').first().waitFor();
      await window.screenshot('review');
      await window.expandRow('fix/cart-quantities');
      await window.clickRow('Files', window.treeRow('cart.test.js'));
      assert.deepEqual(await rowsBelow('Files'), ['cart.js +1 −1 · src', 'cart.test.js +4 −0 · test']);
      const warnings = await rowsBelow('Warnings');
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0]!,
        /^`npm test` was run both ways, as test\/cart\.test\.js was changed to say and with the base's version: 4\/4 and 3\/3/,
      );
      await window.clickRow('cart.js', window.page.locator('.tab', { hasText: 'cart.js (fix/cart-quantities)' }));
      await window.runCommand('View: Close All Editors');
    });

    it('merges after a confirmation, as one commit, and keeps what is not committed', async () => {
      shop.write('notes.txt', 'mine\n');
      await window.clickRowAction('fix/cart-quantities', 'Merge…', window.dialog());
      assert.match(await window.dialogText(), /Merge fix\/cart-quantities into main\?[\s\S]*2 files · \+5 −1[\s\S]*npm test: 2\/3 → 4\/4/);
      await window.screenshot('merge');
      await window.clickDialogButton('Squash Merge');
      await window.waitForNotification('was merged into main');
      assert.deepEqual(shop.git('log', '--format=%s').split('\n'), [
        'Count quantities in the cart total',
        'Add a build',
        'Corner shop with a bug in the cart',
      ]);
      assert.equal(shop.git('status', '--short'), '?? notes.txt');
      await window.treeRow('Done').waitFor();
      assert.deepEqual(await groups(), ['Done']);
      await window.dismissNotifications();
    });

    it('writes every step to the log, and no key', async () => {
      const log = stepsLog(host);
      assert.match(log, /\[fix\/cart-quantities\] step 1: run_command npm test -> failed: exit 1/);
      assert.match(log, /\[fix\/cart-quantities\] check on result: npm test -> pass/);
      assert.equal(log.match(/ended: ready/g)?.length, 1);
      assert.doesNotMatch(log, /sk-test-key/);
    });

    it('shows what another server does, live, and goes on after a reload', async () => {
      const server = await shop.server(host.home);
      const report = server.call('implement_feature', {
        repo_path: shop.repo,
        branch_name: 'feature/slow',
        task_spec: 'Take your time and build everything.',
      });
      await rowIs('feature/slow', /npm run build/);
      assert.deepEqual(await groups(), ['Running', 'Done']);
      await window.reload();
      await window.openView(VIEW);
      await rowIs('feature/slow', /step 3\/50 · npm run build/);
      await window.chooseInRowMenu('feature/slow', 'Show Steps');
      await window.page
        .locator('.view-line', { hasText: /run_command\snpm\srun\sbuild\s→\sruns\snow/ })
        .first()
        .waitFor();
      // VS Code tells late after a reload whether a folder is trusted
      await window.page.locator('.part.sidebar').getByRole('button', { name: 'Delegate Task…' }).first().waitFor();
      await window.screenshot('dark-running');
      await window.clickRowAction('feature/slow', 'Cancel', row('feature/slow', /cancelled/));
      assert.equal(field(await report, 'outcome'), 'cancelled');
      await server.close();
      await window.page
        .locator('.view-line', { hasText: /ended:\scancelled/ })
        .first()
        .waitFor();
      await window.runCommand('View: Close All Editors');
    });

    it('discards after a confirmation, and takes it back', async () => {
      await shop.delegate(host.home, 'feature/rate-limiting', 'Add a rate limit: so many calls a minute for each key.', {
        checks: ['npm test'],
      });
      await rowIs('feature/rate-limiting', /5\/5 · \+\d+ −0/);
      await window.clickRowAction('feature/rate-limiting', 'Discard…', window.dialog());
      assert.match(await window.dialogText(), /Discard feature\/rate-limiting\?/);
      await window.clickDialogButton('Discard');
      await window.waitForNotification('feature/rate-limiting was discarded');
      assert.equal(shop.git('branch', '--list', 'feature/*'), '');
      await window.clickNotificationAction('Undo Discard');
      await window.waitForNotification('feature/rate-limiting is back');
      assert.match(shop.git('branch', '--list', 'feature/*'), /feature\/rate-limiting/);
      await rowIs('feature/rate-limiting', /5\/5/);
      await window.dismissNotifications();
    });

    it('copies the name of a branch', async () => {
      await window.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await window.chooseInRowMenu('feature/rate-limiting', 'Copy Branch Name');
      await window.page.waitForFunction("navigator.clipboard.readText().then((text) => text === 'feature/rate-limiting')");
    });

    it('applies to the working tree without a commit, unless it would mix with changes', async () => {
      const head = shop.git('rev-parse', 'HEAD');
      await window.chooseInRowMenu('feature/rate-limiting', 'Apply to Working Tree');
      await window.dialog().waitFor();
      await window.clickDialogButton('Apply');
      await window.waitForNotification('was applied to your working tree');
      assert.equal(shop.git('rev-parse', 'HEAD'), head);
      assert.deepEqual(shop.git('status', '--short').split('\n'), ['A  src/rate-limit.js', 'A  test/rate-limit.test.js', '?? notes.txt']);
      await window.dismissNotifications();
      await window.chooseInRowMenu('feature/rate-limiting', 'Apply to Working Tree');
      await window.clickDialogButton('Apply');
      await window.waitForNotification('src/rate-limit.js');
      await window.dismissNotifications();
      shop.git('reset', '-q', '--hard');
      shop.git('clean', '-fdq');
    });

    it('is resumed without a message that stays, and cancelled', async () => {
      await window.chooseInRowMenu('feature/slow', 'Resume');
      await rowIs('feature/slow', /npm run build/);
      assert.deepEqual(await window.notificationTexts(), []);
      await window.clickRowAction('feature/slow', 'Cancel', row('feature/slow', /cancelled/));
      await window.waitForNotification('feature/slow was cancelled');
      await rowIs('feature/slow', /cancelled/);
      await window.clickNotificationAction('Discard…', /feature\/slow was cancelled/);
      await window.clickDialogButton('Discard');
      await window.waitForNotification('feature/slow was discarded');
      await window.dismissNotifications();
    });

    it('tells a failing attempt, and takes feedback', async () => {
      await shop.delegate(host.home, 'feature/discount', 'Move the discount to 500.00.', { checks: ['npm test'] });
      await window.waitForNotification(
        'feature/discount: checks failed: 1 test fails that did not before: a large order gets its discount',
      );
      await window.dismissNotifications();
      await window.hoverRow('feature/discount');
      await window.screenshot('failing');
      await window.chooseInRowMenu('feature/discount', 'Retry with Feedback…');
      await window.answerInput('500.00 is far too much. It shall begin at 40.00.');
      await window.waitForNotification('feature/discount: ready');
      await rowIs('feature/discount', /4\/4 · \+1 −1/);
      await window.expandRow('feature/discount');
      await window.clickRow('Attempts', row('Attempt 2', /ready/));
      await window.collapseRow('feature/discount');
      await window.dismissNotifications();
    });

    it('says why a merge is refused, and begins the feedback for Kimi', async () => {
      const cart = path.join(shop.repo, 'src/cart.js');
      shop.write('src/cart.js', readFileSync(cart, 'utf8').replace('cents >= 5000', 'cents >= 6000'));
      shop.git('commit', '-q', '-a', '-m', 'Move the discount by hand');
      const refusal = window.notification('feature/discount and main both changed src/cart.js');
      await window.clickRowAction('feature/discount', 'Merge…', refusal);
      await window.clickNotificationAction('Retry with Feedback…', /both changed/);
      const input = window.page.locator('.quick-input-widget input[type="text"]').first();
      await input.waitFor();
      assert.match(await input.inputValue(), /conflicts with what is on main now, in src\/cart\.js/);
      await window.page.keyboard.press('Escape');
      shop.git('reset', '-q', '--hard', 'HEAD~1');
      await window.dismissNotifications();
    });

    it('knows a branch that is checked out from one that is merged', async () => {
      shop.git('switch', '-q', 'feature/discount');
      await rowIs('feature/discount', /checked out · 4\/4 · \+1 −1/);
      shop.git('switch', '-q', 'main');
      await rowIs('feature/discount', /4\/4 · \+1 −1 · [^·]+ · [^·]+$/);
    });

    it('shows renamed, deleted and binary files', async () => {
      await shop.delegate(host.home, 'feature/basket', 'Rename the cart to basket, without the readme.', { checks: ['false'] });
      await rowIs('feature/basket', /not verified/);
      await window.openReview('feature/basket', ['basket.js', 'README.md']);
      await window.screenshot('review-renamed');
      await window.runCommand('View: Close All Editors');
    });

    it('shows the same in a second window', async () => {
      await window.withAnother({ folder: shop.repo }, async (second) => {
        await second.openView(VIEW);
        await second.treeRow('feature/basket').waitFor();
        await window.clickRowAction('feature/basket', 'Discard…', window.dialog());
        await window.clickDialogButton('Discard');
        await second.treeRow('feature/basket').waitFor({ state: 'detached' });
        await second.expandRow('Done');
        await second.chooseInRowMenu('fix/cart-quantities', 'Restore Branch');
        await second.waitForNotification('What was merged stays merged');
        assert.notEqual(shop.git('branch', '--list', 'fix/cart-quantities'), '');
        await second.clickRowAction('feature/basket', 'Undo Discard', second.notification('feature/basket is back'));
        await rowIs('feature/basket', /not verified/);
      });
      await window.dismissNotifications();
    });

    it('is drawn light, and in Chinese', async () => {
      await withWindow(host, { folder: shop.repo, theme: 'light', size: SIZE }, async (light) => {
        await light.openView(VIEW);
        await widen(light);
        await light.openReview('feature/rate-limiting', ['rate-limit.js', 'rate-limit.test.js']);
        await light.page.getByText('Activating Extensions').waitFor({ state: 'hidden' });
        await light.screenshot('light-ready');
      });
      await withWindow(host, { folder: shop.repo, theme: 'dark', locale: 'zh-cn', size: SIZE }, async (chinese) => {
        await chinese.runCommand('Kimi Delegate: 刷新');
        await chinese.openView('委派');
        await chinese.treeRow('待评审').waitFor();
        await widen(chinese);
        await chinese.page.getByText('正在激活扩展').or(chinese.page.getByText('Activating Extensions')).waitFor({ state: 'hidden' });
        await chinese.hoverRow('feature/rate-limiting');
        await chinese.screenshot('zh-cn');
        await chinese.hoverRow('feature/basket');
        await chinese.page.locator('.monaco-hover').getByText('与基线上一样未通过').first().waitFor();
      });
    });

    it('leaves nothing outside of its places', () => {
      assert.deepEqual(
        readdirSync(host.home).filter((name) => !['.claude-kimi-mcp', '.claude.json', '.cache', '.config', '.npm'].includes(name)),
        [],
      );
      assert.equal(shop.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi').includes('refs/heads'), false);
      assert.ok(existsSync(path.join(host.home, '.claude-kimi-mcp', 'delegations')));
    });
  });

  it('waits in Restricted Mode', async () => {
    const shop = await openShop();
    const host = await startHost({ install, smokeDriver: false, vsix: [vsix.file], trust: false, userSettings: shop.userSettings });
    try {
      shop.saveKey(host.home);
      await withWindow(host, { folder: shop.repo, size: SIZE }, async (window) => {
        await window.openView(VIEW);
        await window.page.getByText('Restricted Mode').first().waitFor();
        assert.match(await window.welcomeText(), /Manage Workspace Trust/);
        await window.page.getByText('Activating Extensions').waitFor({ state: 'hidden' });
        await window.screenshot('untrusted');
        const offered = await window.commandTitles('>Kimi Delegate: ');
        assert.ok(!offered.some((title) => title.includes('Delegate Task')), offered.join());
        await until('the log', () => /agent mode does not get the tools: the window is in Restricted Mode/.test(stepsLog(host)));
      });
    } finally {
      await host.close();
      await shop.close();
    }
  });
});

/** What the channel "Kimi Delegate" holds on disk, of all windows so far. */
function stepsLog(host: Host): string {
  const files = readdirSync(host.logsDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('Kimi Delegate.log'));
  return files.map((file) => readFileSync(path.join(host.logsDir, file), 'utf8')).join('\n');
}
