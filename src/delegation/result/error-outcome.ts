import { statfsSync } from 'node:fs';
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

/** Less than this, and the files of a step have no room. */
const ROOM_BYTES = 1024 * 1024;

/** A worker that could write nothing, as it was told each time, ends without a change; then the disk is to blame and not the worker. */
export function fullDiskOutcome(stateDir: string): { outcome: Outcome; reason: Message } | null {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(stateDir);
    const hasRoom = bavail * bsize >= ROOM_BYTES && (files === 0 || ffree > 0);
    if (hasRoom) return null;
  } catch {
    return null; // it cannot be asked everywhere
  }
  return { outcome: 'storage_error', reason: message('end.storage', { said: message('end.diskFull'), folder: stateDir }) };
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
