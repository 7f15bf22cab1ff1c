import { errorText } from '../../common/caught-error.ts';
import { type Message, message } from '../../messages/message.ts';
import { GitUnusable } from '../../workspace/run-git.ts';
import type { Outcome } from './outcomes.ts';

const STORAGE_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'EMFILE',
  'EIO',
  'ENOENT',
  'EEXIST',
  'ELOOP',
  'ENAMETOOLONG',
]);
const STORAGE_WORDS = /No space left on device|Disk quota exceeded|Read-only file system/i;

/** Sorts what was thrown: faults of git and of the disk are reported as such, everything else is a fault of ours. */
export function errorOutcome(error: unknown, stateDir: string): { outcome: Outcome; reason: Message } {
  if (error instanceof GitUnusable) return { outcome: 'environment_broken', reason: error.reason };
  const text = errorText(error).trim();
  if (isFileError(error) || STORAGE_WORDS.test(text)) {
    return { outcome: 'storage_error', reason: message('end.storage', { said: text, folder: stateDir }) };
  }
  return {
    outcome: 'internal_error',
    reason: message('end.unexpected', { kind: error instanceof Error ? error.name : 'error', said: text }),
  };
}

/** Errors of the file system carry a code and the call that failed; a program that is missing (`spawn git ENOENT`) is no fault of the disk. */
function isFileError(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    'syscall' in error &&
    !/^(spawn|kill)/.test(String(error.syscall)) &&
    STORAGE_CODES.has(String(error.code))
  );
}
