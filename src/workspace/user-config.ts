/** Reads what the user's git configuration says, and disarms the programs that it names. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Repository, UserEnvironment } from './types.ts';

/** Parses `git config --list -z`: `key LF value NUL`; a key without a value means true. The last one wins, as for git. */
export function parseConfig(listing: string): Map<string, string> {
  const config = new Map<string, string>();
  for (const entry of listing.split('\0')) {
    if (entry === '') continue;
    const end = entry.indexOf('\n');
    if (end < 0) config.set(entry, 'true');
    else config.set(entry.slice(0, end), entry.slice(end + 1));
  }
  return config;
}

/** Settings that keep git from running the content filters and configured hooks that the user's configuration names. */
export function disarm(config: ReadonlyMap<string, string>): string[] {
  const filters = new Set<string>();
  const hooks = new Set<string>();
  for (const key of config.keys()) {
    const filter = /^filter\.(.+)\.[^.]+$/s.exec(key)?.[1];
    const hook = /^hook\.(.+)\.[^.]+$/s.exec(key)?.[1];
    if (filter !== undefined) filters.add(filter);
    if (hook !== undefined) hooks.add(hook);
  }
  const settings: string[] = [];
  for (const name of filters) {
    // An empty command counts as none.
    settings.push(`filter.${name}.clean=`, `filter.${name}.smudge=`, `filter.${name}.process=`, `filter.${name}.required=false`);
  }
  for (const name of hooks) settings.push(`hook.${name}.enabled=false`);
  // `git -c` ends the key at the first `=`, so a name that holds one cannot be addressed.
  return settings.filter((setting) => setting.split('=').length === 2);
}

/** user.name and user.email as git would take them for an author, or null when one is missing. */
export function configuredIdentity(config: ReadonlyMap<string, string>): { name: string; email: string } | null {
  const name = config.get('author.name') ?? config.get('user.name');
  const email = config.get('author.email') ?? config.get('user.email');
  return name && email ? { name, email } : null;
}

/**
 * The user's ignore rules (or attributes) from outside the working tree: the global file first, then the repository's own
 * info file, so that the later rule wins as it does for git.
 */
export async function outsideRules(repository: Repository, kind: 'exclude' | 'attributes'): Promise<string> {
  const key = kind === 'exclude' ? 'core.excludesfile' : 'core.attributesfile';
  const standard = kind === 'exclude' ? 'ignore' : 'attributes';
  const configured = repository.config.get(key);
  const globalFile = configured ? expand(configured, repository) : join(configFolder(repository.user), 'git', standard);
  const texts = await Promise.all([globalFile, join(repository.commonDir, 'info', kind)].map(readText));
  return texts
    .filter((text) => text !== '')
    .map((text) => (text.endsWith('\n') ? text : `${text}\n`))
    .join('');
}

function configFolder(user: UserEnvironment): string {
  return user.xdgConfigHome ?? join(user.home, '.config');
}

function expand(path: string, repository: Repository): string {
  if (path.startsWith('~/')) return join(repository.user.home, path.slice(2));
  return isAbsolute(path) ? path : join(repository.root, path);
}

/** latin1 keeps the bytes of rules that are not UTF-8. */
async function readText(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
