import { launchBrowser, newContext } from './browser.ts';
import { tellWindows, watchPage } from './failure-report.ts';
import { HostWindow, usingWindow } from './host-window.ts';
import type { Host } from './vscode-server.ts';

export interface WindowOptions {
  /** Folder that the window opens, or a `.code-workspace` of several. */
  readonly folder: string;
  /** Loads an extension from its folder; only on a host with the smoke driver (which hides notification toasts). */
  readonly extensionDevelopmentPath?: string;
  /** Language of the extensions, such as `zh-cn`; default: the host's. */
  readonly locale?: string;
  readonly theme?: 'dark' | 'light';
  /** CSS pixels; default 1440 x 900. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel in screenshots; default 1. */
  readonly scale?: number;
}

/**
 * Opens a window of VS Code in a browser of its own.
 * @returns when its workbench is drawn; extensions may still be starting, which every helper waits for
 */
export async function openWindow(host: Host, options: WindowOptions): Promise<HostWindow> {
  if (options.extensionDevelopmentPath && !host.smokeDriver) {
    throw new Error(
      'Start this host with smokeDriver: true, or install the extension as a VSIX: VS Code ignores extensionDevelopmentPath otherwise.',
    );
  }
  const browser = await launchBrowser(host);
  try {
    const { theme = 'dark', size = { width: 1440, height: 900 }, scale = 1, locale = host.locale } = options;
    const context = await newContext(browser, locale, { colorScheme: theme, viewport: size, deviceScaleFactor: scale });
    const window = new HostWindow(host, context, await context.newPage(), browser);
    watchPage(window.page, `the ${theme} window in ${locale}`);
    await window.load(options);
    return window;
  } catch (error) {
    await tellWindows('A window does not open');
    await browser.close();
    throw error;
  }
}

/** Opens a window for some work and closes it after. When the work fails, it first tells what all open windows show. */
export async function withWindow(host: Host, options: WindowOptions, work: (window: HostWindow) => Promise<void>): Promise<void> {
  const window = await openWindow(host, options);
  await usingWindow(window, work);
}
