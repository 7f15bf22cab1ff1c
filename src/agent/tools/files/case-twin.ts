import path from 'node:path';
import { foldedName } from '../../../common/folded-name.ts';
import { findEntry, isEntry } from '../../../common/list-names.ts';
import { showName } from '../text-limits.ts';
import { type ResolvedPath, shownPath } from './resolve-path.ts';

/**
 * Said of a file that was new: that something beside it has its name in other capitals, which is seldom meant. To be asked before it is written.
 * A file system that sees no difference has found that other file, and nothing is new.
 */
export function caseTwinNote(target: ResolvedPath, folder: string): string {
  const parts = target.relative.split('/');
  for (const [at, part] of parts.entries()) {
    const parent = parts.slice(0, at).join('/');
    const around = path.join(target.root, parent);
    if (isEntry(path.join(around, part))) continue;
    const twin = findEntry(around, (name) => foldedName(name) === foldedName(part));
    if (twin === undefined) return '';
    const shown = showName(shownPath({ folder }, path.posix.join(parent, twin)));
    return ` But ${shown} is there, which differs from it in capitals only: macOS and Windows hold but one of the two. If it was meant, move it there.`;
  }
  return '';
}
