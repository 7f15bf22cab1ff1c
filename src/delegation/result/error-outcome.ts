import { errorText } from '../../common/caught-error.ts';
import { isDiskFull } from '../../common/disk-room.ts';
import { contains } from '../../common/path-contains.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { type Code, type Message, message } from '../../messages/message.ts';
import { couldNotWrite, explainGit } from '../../workspace/explain-git.ts';
import { GitError, GitUnusable } from '../../workspace/run-git.ts';
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

/** Where git says no because of the disk, or of the machine; a lock or an unknown reason may be gone at the next call. */
const GIT_OUTCOMES: Readonly<Partial<Record<Code, Outcome>>> = {
  'git.full': 'storage_error',
  'git.readOnly': 'storage_error',
  'git.deviceFails': 'storage_error',
  'git.notAllowed': 'environment_broken',
  'git.foreignOwner': 'environment_broken',
  'git.vanished': 'environment_broken',
  'git.newerFormat': 'environment_broken',
  'git.badConfig': 'environment_broken',
  'git.damaged': 'environment_broken',
  'git.filterFailed': 'environment_broken',
  'git.tooLong': 'environment_broken',
  'git.tooMuch': 'environment_broken',
  'git.tooMuchMemory': 'environment_broken',
  'git.unwanted': 'cancelled',
};

/** Something that was thrown elsewhere and is sorted already. */
export class ErrorWithOutcome extends ErrorWithReason {
  readonly outcome: Outcome;
  constructor(outcome: Outcome, reason: Message) {
    super(reason);
    this.outcome = outcome;
  }
}

/**
 * Sorts what was thrown: faults of git and of the disk are reported as such, everything else is a fault of ours.
 * @param repository its folder, where one is known
 */
export function errorOutcome(error: unknown, stateDir: string, repository?: string): { outcome: Outcome; reason: Message } {
  if (error instanceof ErrorWithOutcome) return { outcome: error.outcome, reason: error.reason };
  if (error instanceof GitUnusable) return { outcome: 'environment_broken', reason: error.reason };
  const text = errorText(error).trim();
  const explained = isAboutState(error, text, stateDir) ? null : explainGit(error, repository ?? message('git.someRepository'));
  if (explained) return { outcome: GIT_OUTCOMES[explained.code] ?? 'internal_error', reason: explained };
  if (isFileError(error) || STORAGE_WORDS.test(text) || couldNotWrite(error)) {
    return { outcome: 'storage_error', reason: message('end.storage', { said: text, folder: stateDir }) };
  }
  return {
    outcome: 'internal_error',
    reason: message('end.unexpected', { kind: error instanceof Error ? error.name : 'error', said: text }),
  };
}

/** Files of the state directory are named by their path; where git writes, its folder or a full disk tells whose it is. */
function isAboutState(error: unknown, text: string, stateDir: string): boolean {
  const path = error instanceof Error && 'path' in error ? String(error.path) : null;
  if (path !== null) return !/[\\/]\.git([\\/]|$)/.test(path);
  // Through a descriptor this program writes its journals only; how full the disk was then may not be seen any more.
  if (!(error instanceof GitError) && isFileError(error)) return true;
  const isOurs = error instanceof GitError && error.gitDir !== null && contains(stateDir, error.gitDir);
  const isOfDisk = STORAGE_WORDS.test(text) || couldNotWrite(error);
  return text.includes(stateDir) || (isOfDisk && (isOurs || isDiskFull(stateDir)));
}

/** A worker that could write nothing, as it was told each time, ends without a change; then the disk is to blame and not the worker. */
export function fullDiskOutcome(stateDir: string): { outcome: Outcome; reason: Message } | null {
  if (!isDiskFull(stateDir)) return null;
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
