import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const CHROMIUM_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that draws VS Code: the one that CHROMIUM names, else the usual places. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return [env['CHROMIUM'], ...CHROMIUM_PLACES].find((file) => file && existsSync(file));
}

/**
 * Installs what is missing, on Debian and as root; does nothing when all is there.
 * @param wanted file, folder or name of a program -> the Debian package that brings it
 * @throws Error that names the packages when they are missing and cannot be installed
 */
export async function installDebianPackages(wanted: Readonly<Record<string, string>>, log: (line: string) => void): Promise<void> {
  const missing = Object.entries(wanted)
    .filter(([thing]) => !isThere(thing))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`Missing: ${missing.join(', ')}. Install them first (Debian: sudo ${command}).`);
  log(`Installing ${missing.join(', ')} (once)...`);
  if (!(apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...missing)))
    throw new Error(`apt-get could not install ${missing.join(', ')}. Run by hand: ${command}`);
}

function isThere(thing: string): boolean {
  if (path.isAbsolute(thing)) return existsSync(thing);
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => existsSync(path.join(folder, thing)));
}

function apt(...words: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('/usr/bin/apt-get', words, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}
