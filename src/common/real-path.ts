import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/**
 * A path with every symbolic link on it followed, or null when there is nothing or it cannot be reached. By the system: Node's own way takes
 * `link/..` for the folder around the link, where the system goes up from where it leads, and so do all who open the path.
 */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}

/** What a link or a file in a folder names, with each `..` left in it: it leads up from where the links before it lead. */
export const namedFrom = (folder: string, named: string): string => (isAbsolute(named) ? named : `${folder}/${named}`);
