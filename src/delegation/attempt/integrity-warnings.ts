/** Reads what a change did to its files, once, and has it judged. */
import { isDecidedByContent, nameRules } from '../../agent/never-send/name-rules.ts';
import { askedBy } from '../../checks/integrity/asked.ts';
import { type ChangedText, changedText } from '../../checks/integrity/changed-text.ts';
import { judgeChange } from '../../checks/integrity/judge-change.ts';
import { type Asked, blocking, type Finding } from '../../checks/integrity/rule.ts';
import { isTestPath } from '../../checks/test-files.ts';
import { decodeText } from '../../common/text-codec.ts';
import { message } from '../../messages/message.ts';
import { readSizedBlobs } from '../../workspace/read-objects.ts';
import type { Document } from '../../workspace/remember-documents.ts';
import { isLossy } from '../../workspace/run-git.ts';
import type { ChangedFile, ObjectSource } from '../../workspace/types.ts';
import type { OpenAttempt } from './open-attempt.ts';
import { linesIn } from './sides.ts';

const HOLDS_SECRETS = nameRules();

/** Whoever fills a change with junk so that the rest is not looked at is told of. */
const LIMITS = { fileBytes: 1024 * 1024, allBytes: 12 * 1024 * 1024, files: 4000, lines: 600_000, fileLines: 200_000, ms: 5000 };
const AT_ONCE = 16;

/** What the caller wrote, for this attempt and for those that it corrects. */
export const tasksIn = ({ start, input }: Pick<OpenAttempt, 'start' | 'input'>): string[] => [
  start.task,
  ...input.before.earlier.map((earlier) => earlier.start.task),
];

/** What that asks for. */
export const askedIn = (attempt: Pick<OpenAttempt, 'start' | 'input'>): Asked => askedBy(tasksIn(attempt), attempt.start.scope);

export function integrityWarnings(attempt: OpenAttempt, tip: string, files: readonly ChangedFile[]): Promise<Finding[]> {
  return judgeCommit(attempt.privateGit, attempt.start.base, tip, files, askedIn(attempt));
}

export async function judgeCommit(
  where: ObjectSource,
  base: string,
  tip: string,
  files: readonly ChangedFile[],
  asked: Asked,
): Promise<Finding[]> {
  const secretFiles = files.filter(({ path, status }) => status === 'A' && HOLDS_SECRETS.isWithheld(path) && !isDecidedByContent(path));
  return [
    ...secretFiles.slice(0, 3).map(({ path }) => blocking(message('integrity.secretFile'), path)),
    ...judgeChange(await readSides(where, base, tip, files), asked),
  ];
}

async function readSides(where: ObjectSource, base: string, tip: string, files: readonly ChangedFile[]): Promise<ChangedText[]> {
  const began = Date.now();
  const waiting = [...files].sort((a, b) => urgency(a) - urgency(b));
  const sides: ChangedText[] = [];
  let [bytes, lines] = [0, 0];
  const hasRoom = () => bytes < LIMITS.allBytes && lines < LIMITS.lines && sides.length < LIMITS.files && Date.now() - began < LIMITS.ms;
  while (waiting.length > 0 && hasRoom()) {
    const some = waiting.splice(0, AT_ONCE);
    const [old, now] = await Promise.all([
      readSizedBlobs(
        where,
        base,
        some.flatMap(({ path, from, status }) => (status === 'A' ? [] : [from ?? path])),
        LIMITS.fileBytes,
      ),
      readSizedBlobs(
        where,
        tip,
        some.flatMap(({ path, status }) => (status === 'D' ? [] : [path])),
        LIMITS.fileBytes,
      ),
    ]);
    for (const file of some) {
      const both = [old.get(file.from ?? file.path), now.get(file.path)] as const;
      const counts = both.map((one) => (one?.bytes ? linesIn(one.bytes, LIMITS.fileLines + 1) : 0));
      const isTooLong = Math.max(...counts) > LIMITS.fileLines || !hasRoom();
      sides.push(isTooLong ? unread(file) : sideOf(file, ...both));
      if (isTooLong) continue;
      for (const one of both) bytes += one?.bytes?.length ?? 0;
      for (const count of counts) lines += count;
    }
  }
  return [...sides, ...waiting.map(unread)];
}

const unread = ({ path, from = path }: ChangedFile): ChangedText => changedText({ path, from, before: null, after: null, kind: 'unread' });

/** What the base had says most when it changes, and of that its tests. */
function urgency({ path, from, status }: ChangedFile): number {
  return (status === 'A' ? 2 : 0) + (isTestPath(from ?? path) ? 0 : 1);
}

function sideOf({ path, from = path, status, added }: ChangedFile, old: Document | undefined, now: Document | undefined): ChangedText {
  const before = textOf(old);
  const after = textOf(now);
  const size = now?.size ?? 0;
  const isHidden = (name: string) => /[\n\0]/.test(name) || isLossy(name);
  const isMissing = (!now && status !== 'D' && isHidden(path)) || (!old && status !== 'A' && isHidden(from));
  const isUnread = now?.bytes === null || old?.bytes === null || isMissing;
  const kind = isUnread ? 'unread' : !now ? 'gone' : after === null ? 'binary' : 'text';
  const isScript = now?.bytes?.subarray(0, 2).toString('latin1') === '#!';
  return changedText({ path, from, before, after, kind, size, isScript, isShown: added !== null });
}

const textOf = (document: Document | undefined): string | null => (document?.bytes ? (decodeText(document.bytes)?.text ?? null) : null);
