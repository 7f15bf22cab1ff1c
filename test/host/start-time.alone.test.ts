import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { until } from '../until.ts';
import { tellWindowsOnFailure } from './failure-report.ts';
import type { HostWindow } from './host-window.ts';
import { withWindow } from './open-window.ts';
import { packExtension } from './packed-extension.ts';
import { provisionHost } from './provision.ts';
import { openShop, type Shop } from './shop.ts';
import { MARKS, packThrowaway } from './throwaway-extension.ts';
import { type Host, startHost } from './vscode-server.ts';

const OURS = 'claude-kimi.claude-kimi-mcp';

describe('our extension in a window', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let shop: Shop;
  let host: Host;
  let vsix: ReturnType<typeof packExtension>;

  before(async () => {
    vsix = packExtension();
    shop = await openShop();
    const install = await provisionHost({ log: (line) => console.error(line) });
    const throwaway = await packThrowaway(install, path.join(path.dirname(vsix.file), 'throwaway.vsix'));
    host = await startHost({ install, smokeDriver: false, vsix: [vsix.file, throwaway], userSettings: shop.userSettings });
    shop.saveKey(host.home);
    await shop.delegate(host.home, 'feature/rate-limiting', 'Add a rate limit.');
  });
  after(async () => {
    await host?.close();
    await shop?.close();
    vsix?.remove();
  });
  tellWindowsOnFailure();

  /** The newest log or file of that name that an extension has written. */
  const written = (name: string): string | undefined =>
    readdirSync(host.dataDir, { recursive: true, encoding: 'utf8' })
      .filter((file) => path.basename(file) === name)
      .map((file) => path.join(host.dataDir, file))
      .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
      .at(-1);

  /**
   * How long VS Code was at our code, and nothing else: what it shows among the running extensions counts also how long it loads those that start
   * in the same moment, before it comes to ours.
   */
  async function startMs(window: HostWindow): Promise<{ loading: number; activating: number; shown: number }> {
    const shown = await window.activationMs('Kimi Delegate for Claude Code'); // it is active then
    const old = written(MARKS);
    if (old) rmSync(old);
    await window.runCommand('Throwaway: Write Down Marks');
    const marks = await until('the marks', () => readMarks(written(MARKS)));
    const at = (what: string) => marks.find(({ name }) => name === `code/extHost/${what}/${OURS}`)?.startTime ?? Number.NaN;
    const log = readFileSync(written('Kimi Delegate.log') ?? '', 'utf8');
    const activating = Number([...log.matchAll(/activated in ([\d.]+) ms/g)].at(-1)?.[1]);
    return { loading: at('didLoadExtensionCode') - at('willLoadExtensionCode'), activating, shown };
  }

  it('starts in less than 100 ms', () =>
    withWindow(host, { folder: shop.repo }, async (window) => {
      const measured: Awaited<ReturnType<typeof startMs>>[] = [];
      const isQuick = () => measured.some(({ loading, activating }) => loading + activating < 100);
      // the best of three: what else the machine does at that moment counts too
      for (let start = 1; start <= 3 && !isQuick(); start++) {
        if (start > 1) await window.reload();
        measured.push(await startMs(window));
      }
      assert.ok(isQuick(), JSON.stringify(measured));
    }));
});

function readMarks(file: string | undefined): { name: string; startTime: number }[] | null {
  try {
    return file === undefined ? null : JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null; // half written
  }
}
