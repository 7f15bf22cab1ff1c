/** What git's own words, and those of the disk below it, mean for the user: a closed set of reasons, each with what to do. */
import { errorCode, errorText } from '../common/caught-error.ts';
import { isDiskFull } from '../common/disk-room.ts';
import { firstLine } from '../common/first-line.ts';
import { type Message, message } from '../messages/message.ts';
import { GitStopped } from './limit-git.ts';
import { GitError } from './run-git.ts';

type Reason =
  | 'git.locked'
  | 'git.full'
  | 'git.readOnly'
  | 'git.notAllowed'
  | 'git.tooManyOpen'
  | 'git.deviceFails'
  | 'git.foreignOwner'
  | 'git.vanished'
  | 'git.newerFormat'
  | 'git.badConfig'
  | 'git.damaged'
  | 'git.killed'
  | 'git.filterFailed';

const FILTER_FAILED = /(clean|smudge|external) filter .*failed|filter '.*' failed/i;

/** Git does not always tell why it could not write. */
const WRITE_FAILED =
  /could(n't| not) (write|flush|close)|unable to (write|append|flush)|failed to (write|flush)|write (error|failure)|short write/i;

/** The first that fits; causes stand before what follows from them. */
const WORDS: readonly (readonly [RegExp, Reason])[] = [
  [/No space left on device|Disk quota exceeded|Out of diskspace|ENOSPC|EDQUOT/, 'git.full'],
  [/Read-only file system|EROFS/, 'git.readOnly'],
  [/Too many open files|EMFILE|ENFILE/, 'git.tooManyOpen'],
  [/Input\/output error|EIO\b/, 'git.deviceFails'],
  [/Permission denied|Operation not permitted|insufficient permission|EACCES|EPERM/, 'git.notAllowed'],
  [/\.lock': File exists|unable to lock|Another git process/i, 'git.locked'],
  [/dubious ownership|safe\.directory/, 'git.foreignOwner'],
  [/not a git repository|cannot change to|Unable to read current working directory|ENOENT/i, 'git.vanished'],
  [
    /unknown repository extension|Expected git repo version|unknown index entry format|index uses .* extension, which we do not understand|unsupported (?!file type)/i,
    'git.newerFormat',
  ],
  [/bad (config|numeric|boolean)|unable to parse .*config|invalid .*config|config file/i, 'git.badConfig'],
  [FILTER_FAILED, 'git.filterFailed'],
  [
    /bad (object|tree|sha1|signature|index)|missing (blob|tree|commit|object)|unable to read (tree|sha1|[0-9a-f]{40})|unable to unpack|corrupt|loose object|inflate|packfile|could not (read|parse)|index file|not our ref|invalid object|unknown revision/i,
    'git.damaged',
  ],
];

/**
 * @param folder of the repository
 * @returns null when the error is neither git's nor the disk's
 */
export function explainGit(error: unknown, folder: string | Message): Message | null {
  if (error instanceof GitStopped) return error.reason;
  if (!(error instanceof GitError) && !isOfTheDisk(error)) return null;
  const text = error instanceof GitError ? error.stderr : errorText(error);
  const said = firstLine(mostTelling(text)) || firstLine(errorText(error));
  const reason = WORDS.find(([words]) => words.test(text))?.[1];
  if (reason) return message(reason, { folder, said });
  if (WRITE_FAILED.test(text) && typeof folder === 'string' && isDiskFull(folder)) return message('git.full', { folder, said });
  if (error instanceof GitError && error.code === -1) return message('git.killed', { folder, said });
  return message('git.failed', { folder, said });
}

/** Whether git could not write, as it says without saying why. */
export const couldNotWrite = (error: unknown): boolean => error instanceof GitError && WRITE_FAILED.test(error.stderr);

/** A program that is missing is no fault of the disk. */
const isOfTheDisk = (error: unknown) =>
  error instanceof Error && 'syscall' in error && errorCode(error) !== null && !/^(spawn|kill|connect)/.test(String(error.syscall));

/** The words of a content filter that failed, or of git about it; null when something else did. */
export function filterFailure(error: unknown): string | null {
  if (!(error instanceof GitError) || !FILTER_FAILED.test(error.stderr)) return null;
  const [own = ''] = error.stderr.split(/^(?:error|fatal): /m); // behind it git speaks, and repeats the whole command
  return firstLine(own.trim()) || firstLine(mostTelling(error.stderr));
}

/** Git begins its last word with `fatal:`; hints stand around it. */
function mostTelling(text: string): string {
  return /^(?:fatal|error): (.*)$/m.exec(text)?.[1] ?? text.trim();
}
