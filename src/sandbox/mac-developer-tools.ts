/**
 * Apple's developer tools (git, make, clang, python3). Their namesakes in /usr/bin only look for them, note what they found in a folder
 * that commands cannot write, and complain of that at each call; so the real ones stand before them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { realPathOf } from '../common/real-path.ts';

export interface DeveloperTools {
  /** What must be readable. */
  readonly folder: string;
  readonly programs: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The choice of xcode-select, or what it takes where nobody has chosen; null where none is installed. */
export function findDeveloperTools(
  exists: (path: string) => boolean = existsSync,
  real: (path: string) => string | null = realPathOf,
): DeveloperTools | null {
  const candidates = [
    real('/var/db/xcode_select_link'),
    '/Applications/Xcode.app/Contents/Developer',
    '/Library/Developer/CommandLineTools',
  ];
  const folder = candidates.find((path) => path && exists(join(path, 'usr/bin/git')));
  if (!folder) return null;
  const kit = ['SDKs/MacOSX.sdk', 'Platforms/MacOSX.platform/Developer/SDKs/MacOSX.sdk'].map((name) => join(folder, name)).find(exists);
  return {
    // Xcode's programs load what lies beside their folder.
    folder: folder.replace(/(\.app\/Contents)\/Developer$/, '$1'),
    programs: join(folder, 'usr/bin'),
    variables: { DEVELOPER_DIR: folder, ...(kit && { SDKROOT: kit }) },
  };
}

/** An environment in which they come before their namesakes, and behind whatever else PATH names. */
export function withDeveloperTools(env: Readonly<Record<string, string>>, tools: DeveloperTools | null): Record<string, string> {
  if (!tools) return { ...env };
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder !== tools.programs);
  const place = folders.indexOf('/usr/bin');
  folders.splice(place < 0 ? folders.length : place, 0, tools.programs);
  return { ...env, ...tools.variables, PATH: folders.join(':') };
}
