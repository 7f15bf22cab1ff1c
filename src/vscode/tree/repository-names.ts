import { oneLine } from '../../mcp/escape-untrusted.ts';

/** Names for rows, of folders: as short as it takes to tell them apart, since a decision about one must not be taken for one about its namesake. */
export function repositoryNames(folders: readonly string[]): ReadonlyMap<string, string> {
  const all = [...new Set(folders)];
  const end = (folder: string, parts: number) => folder.split(/[\\/]/).filter(Boolean).slice(-parts).join('/');
  const counts = [1, 2, 3].map((parts) => {
    const known = new Map<string, number>();
    for (const folder of all) known.set(end(folder, parts), (known.get(end(folder, parts)) ?? 0) + 1);
    return known;
  });
  const nameOf = (folder: string) => {
    const parts = [1, 2, 3].find((count) => counts[count - 1]!.get(end(folder, count)) === 1);
    return oneLine(parts === undefined ? folder : end(folder, parts), 100);
  };
  return new Map(all.map((folder) => [folder, nameOf(folder)]));
}
