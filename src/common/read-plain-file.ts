import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { wouldWait } from './real-path.ts';

/** More than any file holds that people or git write by lines: lists, rules, pointers. */
export const MOST_RULE_BYTES = 4 * 2 ** 20;

/**
 * The bytes of a file that somebody else may have laid; null for what is absent, larger, or no regular file: a pipe would never answer, a
 * device never end. Synchronous, as a read in the pool of threads that never ends would take a thread away for good.
 * @param links whether they are followed
 */
export function readPlainFile(path: string | Buffer, most: number, links: 'followed' | 'refused' = 'followed'): Buffer | null {
  if (typeof path === 'string' && wouldWait(path)) return null;
  const noLinks = links === 'refused' ? (constants.O_NOFOLLOW ?? 0) : 0;
  try {
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noLinks);
    try {
      const stats = fstatSync(file);
      return stats.isFile() && stats.size <= most ? readFileSync(file) : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** Rules and the like as text; '' where there is none that can be read. */
export function readRules(path: string | Buffer, encoding: BufferEncoding = 'utf8'): string {
  return readPlainFile(path, MOST_RULE_BYTES)?.toString(encoding) ?? '';
}
