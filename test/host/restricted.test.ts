import assert from 'node:assert/strict';
import path from 'node:path';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { openWindow } from './open-window.ts';
import { packExtension } from './packed-extension.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { packThrowaway } from './throwaway-extension.ts';
import { type Host, startHost } from './vscode-server.ts';

describe('what others may start in Restricted Mode', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it

  let vsix: ReturnType<typeof packExtension>;
  let shop: Shop;
  let host: Host;
  let window: HostWindow;

  before(async () => {
    const install = await provisionHost({ log: (line) => console.error(line) });
    vsix = packExtension();
    shop = await openShop();
    const other = await packThrowaway(install, path.join(shop.folder, 'throwaway.vsix'));
    host = await startHost({ install, smokeDriver: false, vsix: [vsix.file, other], trust: false, userSettings: shop.userSettings });
    shop.saveKey(host.home);
    await shop.delegate(host.home, 'feature/discount', 'Move the discount to 500.00.');
    window = await openWindow(host, { folder: shop.repo });
  });
  after(async () => {
    await window?.close();
    await host?.close();
    await shop?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  // menus hide the commands there, but another extension and a link do not ask them
  it('is no command that works on a repository', async () => {
    await window.runCommand('Throwaway: Check Out What Was Delegated');
    await window.waitForNotification('This folder is open in Restricted Mode. Trust it first.');
    assert.equal(shop.git('rev-parse', '--abbrev-ref', 'HEAD'), 'main');
  });
});
