/** Which existing paths may have been meant by one that does not exist. */
import path from 'node:path';
import { similarityTo } from '../edit/similarity.ts';

const MOST_COMPARED = 50_000;
const SIMILARITY_NEEDED = 0.55;
/** More folders in common do not make a path more likely. */
const MOST_SHARED = 10;

interface Scored {
  readonly path: string;
  readonly score: number;
}

/** The most likely first; at most `most`. */
export function similarPaths(wanted: string, existing: readonly string[], most: number): string[] {
  const name = nameOf(wanted);
  const similarity = similarityTo(name);
  const shared = sharedWith(wanted);
  const best: Scored[] = [];
  for (const candidate of existing.slice(0, MOST_COMPARED)) {
    const other = nameOf(candidate);
    const alike = similarity(other) - Math.abs(other.length - name.length) / 1000;
    // Folders decide between names that are nearly alike; only there are they looked at.
    const least = best.length < most ? SIMILARITY_NEEDED : best.at(-1)!.score;
    if (alike < least - MOST_SHARED / 100) continue;
    const score = alike + Math.min(shared(candidate), MOST_SHARED) / 100;
    if (score < least) continue;
    best.push({ path: candidate, score });
    best.sort(byScore);
    best.length = Math.min(best.length, most);
  }
  return best.map((one) => one.path);
}

function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || (a.path < b.path ? -1 : 1);
}

/** With a mark at both ends, so that names which begin or end alike are more alike. */
function nameOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return `/${/[^\x00-\x7f]/.test(name) ? name.normalize('NFC') : name}/`;
}

/** How many folders two paths have in common; known already for other files of the same folder. */
function sharedWith(wanted: string): (candidate: string) => number {
  const folders = new Set(foldersOf(path.posix.dirname(wanted)));
  const known = new Map<string, number>();
  return (candidate) => {
    const folder = path.posix.dirname(candidate);
    const count = known.get(folder) ?? foldersOf(folder).filter((one) => folders.has(one)).length;
    known.set(folder, count);
    return count;
  };
}

function foldersOf(folder: string): string[] {
  return folder.toLowerCase().split('/');
}
