import { readdirSync } from 'node:fs';

/** The names of what is in a folder; none when there is no such folder or it cannot be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
