import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Consent } from '../../broker/protocol.ts';

/** The setting claudeKimi.repositories: folder (absolute) -> `allow`, `deny` or `ask`; `*` stands for all others. */
export type Repositories = Readonly<Record<string, unknown>>;

const MEANINGS: Readonly<Record<string, Consent>> = { allow: 'granted', deny: 'denied', ask: 'ask' };

/** What the user decided about a repository: the entry of the nearest folder around it counts, then `*`, then asking. */
export function consentFor(repositories: Repositories, repository: string): Consent {
  const nearest = Object.keys(repositories)
    .filter((folder) => path.isAbsolute(folder) && isWithin(repository, folder))
    .sort((a, b) => b.length - a.length)[0];
  const word = nearest === undefined ? repositories['*'] : repositories[nearest];
  // Something that is neither of the three words is no permission.
  return MEANINGS[String(word)] ?? 'ask';
}

/** The setting with one more decision. */
export function withConsent(repositories: Repositories, folder: string, word: 'allow' | 'deny' | 'ask'): Repositories {
  return { ...repositories, [folder]: word };
}

/** The setting when the user is to be asked again: in these repositories, and in all others that nothing was decided about. */
export function withAsking(repositories: Repositories, roots: readonly string[]): Repositories {
  const others = Object.entries(repositories).filter(([folder]) => !roots.includes(folder));
  const next: Record<string, unknown> = { ...Object.fromEntries(others), '*': 'ask' };
  for (const root of roots) if (consentFor(next, root) !== 'ask') next[root] = 'ask';
  return next;
}

/** The working tree that a path lies in, or the path itself when it lies in none. */
export function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (path.dirname(at) === at) return folder;
  }
}

function isWithin(child: string, folder: string): boolean {
  const relative = path.relative(folder, child);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}
