import { oneLine } from '../../mcp/escape-untrusted.ts';

/** Names for rows, of folders: as short as it takes to tell them apart, since a decision about one must not be taken for one about its namesake. */
export function repositoryNames(folders: readonly string[]): ReadonlyMap<string, string> {
  const all = [...new Set(folders)];
  const end = (folder: string, parts: number) => folder.split(/[\\/]/).filter(Boolean).slice(-parts).join('/');
  const isTelling = (folder: string, parts: number) => all.filter((other) => end(other, parts) === end(folder, parts)).length === 1;
  const nameOf = (folder: string) => {
    const parts = [1, 2, 3].find((count) => isTelling(folder, count));
    return oneLine(parts === undefined ? folder : end(folder, parts), 100);
  };
  return new Map(all.map((folder) => [folder, nameOf(folder)]));
}
