/** Files of /proc, which may be gone before they are read. */
import { readFileSync } from 'node:fs';

/** '' when it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
