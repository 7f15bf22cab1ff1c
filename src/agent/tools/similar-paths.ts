/** Which existing paths may have been meant by one that does not exist. */
import path from 'node:path';

const MOST_COMPARED = 50_000;
const LIKENESS_NEEDED = 0.55;

/** The most likely first; at most `most`. */
export function similarPaths(wanted: string, existing: readonly string[], most: number): string[] {
  const name = path.posix.basename(wanted).toLowerCase();
  const pattern = pairs(name);
  const scored: { path: string; score: number }[] = [];
  for (const candidate of existing.slice(0, MOST_COMPARED)) {
    const score = likeness(pattern, pairs(path.posix.basename(candidate).toLowerCase())) + sharedFolders(wanted, candidate) / 100;
    if (score >= LIKENESS_NEEDED) scored.push({ path: candidate, score });
  }
  scored.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  return scored.slice(0, most).map((one) => one.path);
}

function sharedFolders(a: string, b: string): number {
  const folders = new Set(path.posix.dirname(a).toLowerCase().split('/'));
  return path.posix
    .dirname(b)
    .toLowerCase()
    .split('/')
    .filter((folder) => folders.has(folder)).length;
}

function pairs(name: string): string[] {
  return Array.from({ length: name.length + 1 }, (_, at) => ` ${name} `.slice(at, at + 2));
}

function likeness(a: readonly string[], b: readonly string[]): number {
  const left = [...b];
  let common = 0;
  for (const pair of a) {
    const at = left.indexOf(pair);
    if (at === -1) continue;
    left.splice(at, 1);
    common += 1;
  }
  return (2 * common) / (a.length + b.length);
}
