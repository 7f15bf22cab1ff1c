/**
 * What all sandboxes of an attempt share: its own, and that of each run of its checks. They hold the same /etc, and the same services of
 * the host are covered in them; to copy hundreds of small files and to search every folder of programs anew took longer than many a check.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type EtcOptions, makeEtcFolder } from './etc-folder.ts';
import { searchEndpoints } from './find-endpoints.ts';
import type { Mount } from './mounts.ts';

export interface SharedParts {
  readonly etc: readonly Mount[];
  /** As {@link searchEndpoints}; the same folders are searched again after a while, as services start, and those in containers are found by nothing else. */
  endpoints(dependencies: readonly string[]): Promise<string[]>;
  /** To be called at the end: with its last user, the folder goes. */
  give(): void;
}

interface Kept {
  users: number;
  readonly etc: readonly Mount[];
  readonly searches: Map<string, Search>;
}

interface Search {
  readonly found: Promise<string[]>;
  /** From when on the next one is made. */
  again: number;
}

/** Between two searches: so long, and so many times as long as one takes, or large folders would cost each command seconds. */
const GOOD_MS = 3000;
const TIMES_AS_LONG = 20;

const kept = new Map<string, Kept>();

/**
 * Made by the first user, as the host is then; a sandbox that runs for hours has no newer ones either.
 * @param beside where the folder for /etc is to lie: one attempt's place, which no command can write
 * @param now milliseconds that only grow
 */
export function shareParts(beside: string, options: EtcOptions, now: () => number = () => performance.now()): SharedParts {
  const folder = join(beside, `sandbox-etc-${markOf(options)}`);
  const parts = kept.get(folder) ?? { users: 0, etc: makeEtcFolder(folder, options), searches: new Map() };
  kept.set(folder, parts);
  parts.users++;
  let isGiven = false;
  return {
    etc: parts.etc,
    endpoints(dependencies) {
      const key = JSON.stringify(dependencies);
      const last = parts.searches.get(key);
      if (last && now() < last.again) return last.found;
      const next = searchAnew(dependencies, last, now);
      parts.searches.set(key, next);
      return next.found;
    },
    give() {
      if (isGiven) return;
      isGiven = true;
      if (--parts.users > 0) return;
      kept.delete(folder);
      rmSync(folder, { recursive: true, force: true }); // a megabyte with some toolchains, and each delegation would keep one
    },
  };
}

/** What was found before counts on: a search that runs out of time finds a part. */
function searchAnew(dependencies: readonly string[], last: Search | undefined, now: () => number): Search {
  const begin = now();
  const found = searchEndpoints(dependencies).then(async (paths) => {
    search.again = now() + Math.max(GOOD_MS, TIMES_AS_LONG * (now() - begin));
    return [...new Set([...((await last?.found) ?? []), ...paths])];
  });
  const search: Search = { found, again: Number.POSITIVE_INFINITY };
  return search;
}

/** What differs with it has a folder of its own. */
function markOf({ home, shell, hostEtc }: EtcOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([home, shell, hostEtc]))
    .digest('hex')
    .slice(0, 8);
}
