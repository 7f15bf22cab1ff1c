import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeMenus, describeWindows, tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow, withWindow } from './open-window.ts';
import { screenshotFolder } from './pictures.ts';
import { type HostInstall, provisionHost } from './provision.ts';
import { runTestsInHost } from './run-tests.ts';
import { packThrowaway, writeThrowaway } from './throwaway-extension.ts';
import { type Host, startHost } from './vscode-server.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));

describe('a real VS Code', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it

  let install: HostInstall;
  let temp: string;
  let folder: string;
  let vsix: string;

  before(async () => {
    install = await provisionHost({ log: (line) => console.error(line) });
    temp = await mkdtemp(path.join(tmpdir(), 'kimi-smoke-'));
    folder = path.join(temp, 'project 项目');
    await mkdir(folder);
    await writeFile(path.join(folder, 'readme.txt'), 'hello\n');
    vsix = await packThrowaway(install, path.join(temp, 'throwaway.vsix'));
  });

  after(() => rm(temp, { recursive: true, force: true }));
  tellWindowsOnFailure();

  it('is provisioned once', async () => {
    const { ino } = await stat(install.serverMain);
    assert.deepEqual(await provisionHost(), install);
    assert.equal((await stat(install.serverMain)).ino, ino);
    assert.ok(install.logsWork, 'the logging library was not built; see the messages above');
  });

  describe('with tests inside', () => {
    let host: Host;
    let extensionDevelopmentPath: string;

    before(async () => {
      extensionDevelopmentPath = await writeThrowaway(path.join(temp, 'throwaway'));
      host = await startHost({ install, smokeDriver: true });
    });

    after(() => host?.close());

    it('runs them in its extension host', async () => {
      const { exitCode, output } = await runTestsInHost(host, {
        folder,
        extensionDevelopmentPath,
        testsPath: path.join(HERE, 'smoke.inside.ts'),
      });
      assert.equal(exitCode, 0, output);
      assert.match(output, /^5 passed, 0 failed, 0 skipped$/m);
    });

    it('chooses tests by title, and tells the line of a failure', async () => {
      const failing = path.join(temp, 'failing.inside.ts');
      await writeFile(failing, "\nit('works', () => {});\nit('breaks', () => {\n  throw new Error('on purpose');\n});\n");
      const { exitCode, output } = await runTestsInHost(host, { folder, extensionDevelopmentPath, testsPath: failing, grep: '^breaks$' });
      assert.equal(exitCode, 1);
      assert.match(output, /✘ breaks\nError: on purpose\n.*failing\.inside\.ts:4:/);
      assert.match(output, /^0 passed, 1 failed, 0 skipped$/m);
    });
  });

  describe('with windows', () => {
    let host: Host;
    let window: HostWindow;

    before(async () => {
      host = await startHost({ install, smokeDriver: false, vsix: [vsix] });
      window = await openWindow(host, { folder, theme: 'dark' });
    });

    after(async () => {
      await window?.close();
      await host?.close();
    });

    it('answers to the palette, notifications, boxes and dialogs', async () => {
      await window.runCommand('Throwaway: Say Hello');
      assert.equal(await window.waitForNotification('Hello'), 'Hello (trusted)');
      await window.clickNotificationAction('Ask');
      await window.answerInput('Ada', 'Your name');
      await window.pickItem('Large');
      assert.equal(await window.dialogText(), 'Really greet Ada?');
      await window.clickDialogButton('Greet');
      await window.waitForNotification('Greet Ada Large');
      assert.deepEqual(await window.notificationTexts(), ['Greet Ada Large']);
      await window.dismissNotifications();
      assert.deepEqual(await window.notificationTexts(), []);
    });

    it('shows trees, with actions on rows', async () => {
      await window.openView('Fruits');
      await window.treeRow('Seed', 'Fruits').waitFor();
      assert.deepEqual(
        (await window.treeRows('Fruits')).map(({ label, description, level, expanded }) => [label, description, level, expanded]),
        [
          ['Apple', 'red', 1, true],
          ['Seed', '', 2, undefined],
          ['Banana', 'yellow', 1, undefined],
        ],
      );
      await window.clickRowAction('Banana', 'Open', window.notification('Opened Banana'), 'Fruits');
    });

    it('clicks again when a click got lost', async () => {
      await window.dismissNotifications();
      const lose = "addEventListener('click', (event) => event.stopImmediatePropagation(), { capture: true, once: true })";
      await window.page.evaluate(lose);
      await window.clickRowAction('Banana', 'Open', window.notification('Opened Banana'), 'Fruits');
      await window.page.evaluate(lose);
      await window.collapseRow('Apple', 'Fruits');
      await window.treeRow('Seed', 'Fruits').waitFor({ state: 'detached' });
      await window.expandRow('Apple', 'Fruits');
      await window.treeRow('Seed', 'Fruits').waitFor();
    });

    it('tells after a failure what it shows', async () => {
      const [told, ...others] = await describeWindows('A failure on purpose');
      assert.match(told!, /^--- A failure on purpose: the dark window in en shows \(.+\.png\)\n[\s\S]*\nBananayellow\n/);
      assert.deepEqual(others, []);
    });

    it('leaves no menu open after a failure', async () => {
      const menu = window.page.locator('.monaco-menu');
      await window.treeRow('Banana', 'Fruits').click({ button: 'right' });
      await menu.waitFor();
      await closeMenus();
      await menu.waitFor({ state: 'detached' });
      await window.clickRowAction('Banana', 'Open', window.notification('Opened Banana'), 'Fruits');
    });

    it('tells how long an extension took to activate', async () => {
      const ms = await window.activationMs('Throwaway');
      assert.ok(ms >= 0 && ms < 5_000, `${ms} ms`);
      assert.deepEqual(window.page.viewportSize(), { width: 1440, height: 900 });
    });

    it('is photographed, and replaces no picture in git unless it is asked to', async () => {
      assert.match(screenshotFolder({}), /[\\/]\.cache[\\/]screenshots$/);
      assert.match(screenshotFolder({ UPDATE_SCREENSHOTS: '1' }), /[\\/]media[\\/]screenshots$/);
      assert.equal(await window.theme(), 'dark');
      await assertPicture(await window.screenshot('dark', temp), 1440, 900);
    });

    it('has a second window with an extension host of its own, and survives a reload', async () => {
      const before = await extensionHosts(host);
      await window.withAnother({ folder }, async (second) => {
        await second.runCommand('Throwaway: Say Hello');
        await second.waitForNotification('Hello');
        await second.reload();
        await second.runCommand('Throwaway: Say Hello');
        await second.waitForNotification('Hello');
      });
      assert.equal(await extensionHosts(host), before + 2);
    });

    it('updates an installed extension', async () => {
      await host.installVsix(await packThrowaway(install, path.join(temp, 'newer.vsix'), { version: '0.0.2' }));
      const installed = await readFile(path.join(host.dataDir, 'extensions', 'extensions.json'), 'utf8');
      assert.deepEqual(
        (JSON.parse(installed) as { version: string }[]).map(({ version }) => version),
        ['0.0.2'],
      );
    });

    it('says what it offered when there is no such command', async () => {
      await assert.rejects(window.runCommand('Throwaway: Nonsense', 2_000), /knows no "Throwaway: Nonsense".*offered: .*/);
    });
  });

  it('has a Restricted Mode, speaks Chinese and is light', async () => {
    const host = await startHost({ install, smokeDriver: false, vsix: [vsix], trust: false, locale: 'zh-cn' });
    try {
      await withWindow(host, { folder, theme: 'light', size: { width: 1000, height: 600 }, scale: 2 }, async (window) => {
        await window.runCommand('Throwaway: 打招呼');
        assert.equal(await window.waitForNotification('你好'), '你好 (restricted)');
        assert.equal(await window.theme(), 'light');
        await assertPicture(await window.screenshot('light', temp), 2000, 1200);
      });
    } finally {
      await host.close();
    }
  });

  it('leaves no process and no folder behind', async () => {
    const host = await startHost({ install, smokeDriver: false });
    const { pid, dataDir } = host;
    await host.close();
    assert.throws(() => process.kill(-pid, 0), { code: 'ESRCH' });
    await assert.rejects(stat(dataDir), { code: 'ENOENT' });
  });

  it('refuses a broken package, and work that needs the driver', async () => {
    const broken = path.join(temp, 'broken.vsix');
    await writeFile(broken, 'not a zip');
    await assert.rejects(startHost({ install, smokeDriver: false, vsix: [broken] }), /did not accept the extension/);
    const host = await startHost({ install, smokeDriver: false });
    try {
      const options = { folder, extensionDevelopmentPath: temp, testsPath: HERE };
      await assert.rejects(runTestsInHost(host, options), /smokeDriver: true/);
      await assert.rejects(openWindow(host, options), /smokeDriver: true/);
    } finally {
      await host.close();
    }
  });
});

/** Width and height stand at a fixed place in a PNG. */
async function assertPicture(file: string, width: number, height: number): Promise<void> {
  const png = await readFile(file);
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [width, height]);
}

async function extensionHosts(host: Host): Promise<number> {
  return (await readdir(host.logsDir, { recursive: true })).filter((name) => /exthost\d+$/.test(name)).length;
}
