/**
 * Whether what stands in the place of a merge that broke off is one of ours. A repository may have come with it, from an archive or another
 * machine: then its paths and links would have us move, make and remove files of the user's anywhere.
 */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { absolute, IN_CHECKOUT, type MergeJournal, mergeFolder, parentsOf } from './merge-journal.ts';
import { decodeName } from './run-git.ts';

const COMMIT = /^[0-9a-f]{40,64}$/;

/** @throws when it is not as we make it: nothing in it may be moved or removed then */
export function assertOwnMergeFolder({ gitDir, root }: { readonly gitDir: string; readonly root: string }): void {
  const folder = mergeFolder(gitDir);
  if (!look(folder.root)?.isDirectory()) throw new Error(`${folder.root} is no folder`);
  for (const place of [folder.staged, folder.aside]) {
    const stats = look(place);
    if (stats && !stats.isDirectory() && !isInCheckout(place, root)) throw new Error(`${place} leads elsewhere`);
  }
}

/** @throws when it names what no merge of ours does: it is acted on for none of its files then */
export function assertOwnJournal({ before, after, moves, folders, made }: MergeJournal, root: string): void {
  for (const commit of [before, after]) if (!COMMIT.test(commit)) throw new Error(`${JSON.stringify(commit.slice(0, 80))} is no commit`);
  const paths = [...moves.map(({ path }) => path), ...folders.map(([path]) => path), ...made];
  const around = new Set([...paths.flatMap(parentsOf), ...folders.map(([path]) => path), ...made]);
  for (const path of paths) if (!isOfTree(path)) throw new Error(`${JSON.stringify(decodeName(path))} is no path of a working tree`);
  for (const path of around) if (look(absolute(root, path))?.isSymbolicLink()) throw new Error(`${decodeName(path)} is a link`);
}

/** A path as git keeps them: from the root downwards, and into no git dir. */
function isOfTree(path: string): boolean {
  return !path.includes('\0') && path.split('/').every((name) => !['', '.', '..'].includes(name) && !/^(\.git|git~\d+)[. ]*$/i.test(name));
}

/** A link to the folder that we make in the checkout, where that is another file system. */
function isInCheckout(place: string, root: string): boolean {
  if (!look(place)?.isSymbolicLink()) return false;
  const target = readlinkSync(place);
  const inside = dirname(target);
  const isOurs = IN_CHECKOUT.test(basename(inside)) && target === join(root, basename(inside), basename(place));
  return isOurs && [inside, target].every((path) => look(path)?.isDirectory() ?? true);
}

function look(path: string | Buffer): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
