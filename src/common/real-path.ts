import { realpathSync } from 'node:fs';

/** A path with every symbolic link on it followed, or null when there is nothing or it cannot be reached. */
export function realPathOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
