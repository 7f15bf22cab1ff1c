import { foldedName } from './folded-name.ts';
import { compileRootGlob } from './glob.ts';

/**
 * What a pattern of files says of those below some folders, where it is meant from the folder around them: what is left of it behind the way there, from
 * the end of that; everything (`**`), where it names a folder on the way.
 * @param way folders, the first one first, with slashes between them
 * @param isInAll whether it is one for names in any folder
 */
export function behindFolders(way: string, pattern: string, isInAll: boolean): string[] {
  const [folders = [], parts = []] = [way.split(/[\\/]/), pattern.replace(/(?<!\/)\/+$/, '').split('/')].map((names) =>
    names.map(foldedName),
  );
  if (isInAll) return folders.some((folder) => isNamed(folder, parts[0]!)) ? ['**'] : [];
  // How many parts of the pattern the folders so far can have taken; `**` takes any number, none as well.
  const besides = (taken: readonly number[]) => {
    const all = new Set(taken);
    for (const at of all) if (parts[at] === '**') all.add(at + 1);
    return [...all];
  };
  let taken = besides([0]);
  for (const folder of folders) {
    if (taken.includes(parts.length)) return ['**'];
    taken = besides(taken.flatMap((at) => (parts[at] === '**' ? [at] : isNamed(folder, parts[at]!) ? [at + 1] : [])));
  }
  const end = pattern.endsWith('/') ? '/' : '';
  return taken.map((at) => (at === parts.length ? '**' : `/${parts.slice(at).join('/')}${end}`));
}

/** One that is too long to be read may name any. */
const isNamed = (folder: string, part: string) => compileRootGlob(part)?.(folder) ?? true;
