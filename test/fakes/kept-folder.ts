/** A folder that many tests begin with, made once and then written: a thousand times, the processes that make it take minutes. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What is in it, folders before what they hold; without links. */
type KeptFolder = readonly { readonly at: string; readonly content: Buffer | null; readonly mode: number }[];

export function keepFolder(folder: string): KeptFolder {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((at) => {
    const file = path.join(folder, at);
    const stat = statSync(file);
    return { at, content: stat.isDirectory() ? null : readFileSync(file), mode: stat.mode & 0o777 };
  });
}

/** Into an empty one. */
export function putFolder(kept: KeptFolder, folder: string): void {
  for (const { at, content, mode } of kept) {
    if (content === null) mkdirSync(path.join(folder, at));
    else writeFileSync(path.join(folder, at), content, { mode });
  }
}

/** Makes a folder with a repository as `make` does the first time. `refresh` has git learn the times of its files, which are others than the first one's. */
export function keptRepository(make: (repo: string) => void, refresh: (repo: string) => void): (repo: string) => void {
  let kept: KeptFolder | null = null;
  return (repo) => {
    mkdirSync(repo, { recursive: true });
    const isEmpty = readdirSync(repo).length === 0;
    if (kept !== null && isEmpty) {
      putFolder(kept, repo);
      refresh(repo);
      return;
    }
    make(repo);
    if (isEmpty) kept = keepFolder(repo);
  };
}
