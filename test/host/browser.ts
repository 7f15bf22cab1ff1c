import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import type { Host } from './vscode-server.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // nothing but this machine: a test must not depend on a marketplace or a sign-in page
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** VS Code asks for `system-ui`; on a bare Debian that is a wide font which no user's desktop shows. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>sans-serif</string></test><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>`;

/** A headless Chromium with the host's own HOME, so that it leaves nothing behind. */
export async function launchBrowser(host: Host): Promise<Browser> {
  const fontconfig = path.join(host.dataDir, 'fonts.conf');
  await writeFile(fontconfig, FONTS);
  const env = { PATH: process.env['PATH'] ?? '', HOME: host.home, LANG: 'C.UTF-8', FONTCONFIG_FILE: fontconfig };
  return chromium.launch({ executablePath: host.install.chromium, args: FLAGS, env });
}

/**
 * A browser profile whose windows speak a language. VS Code takes its language from the language pack that the server sends; none can be
 * downloaded here, so the page says itself what a pack would say: extensions are translated, VS Code's own words stay English. Nothing moves
 * in it: icons that turn while work runs cost a tenth of a window's time where no graphics card draws them.
 */
export async function newContext(browser: Browser, locale: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options, locale });
  if (locale !== 'en') await context.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = ${JSON.stringify(locale)};`);
  return context;
}
