/** Words for what the file system can answer, each with what to do next. */
import { errorCode } from '../../../common/caught-error.ts';

const MEANING: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; look at its mode with run_command `ls -la`, or leave it alone',
  EPERM: 'the system does not permit it; leave this file alone',
  EROFS: 'this place is read-only; change files of the repository instead',
  ENOSPC: 'the disk is full; delete what you made and do not need (build output), then try again',
  EDQUOT: 'the disk quota is used up; delete what you made and do not need, then try again',
  EMFILE: 'too many open files; try again',
  ENFILE: 'too many open files; try again',
  ENOENT: 'no such file or folder; list_files shows what exists',
  ENOTDIR: 'a part of the path is a file, not a folder; list_files shows what exists',
  EISDIR: 'it is a folder, not a file; list_files shows what is in it',
  EEXIST: 'something of this name appeared meanwhile; look with list_files, then try again',
  ENOTEMPTY: 'the folder is not empty',
  ENAMETOOLONG: 'the name is too long (255 bytes a part); choose a shorter one',
  EILSEQ: 'the name holds characters that the file system refuses; choose a plainer one',
  EINVAL: 'the system does not accept this name or file; choose another',
  ELOOP: 'it leads through a symbolic link that this tool does not follow; give the real path',
  EIO: 'the disk reports an error; try again, and go on without this file if it stays',
  EBUSY: 'it is in use; try again',
  ETXTBSY: 'it is a program that runs right now; try again',
};

/** `null` when the error is not one that the file system can be expected to give, that is: a bug. */
export function explainSystemError(error: unknown): string | null {
  const code = errorCode(error);
  return code === null ? null : (MEANING[code] ?? null);
}
