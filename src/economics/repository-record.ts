/**
 * How attempts in a repository ended, one line each in a small file that is read when a server starts: whoever may delegate is told what
 * came of it here so far. Journals and results say the same, but take too long to read then.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../common/json-file.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { readRules } from '../common/read-plain-file.ts';
import { TASK_KINDS } from '../common/task-kind.ts';

const endSchema = z.object({
  /** The attempt; a later line of the same one replaces the earlier. */
  of: z.string(),
  /** ms since the epoch. */
  at: z.number(),
  kind: z.enum(TASK_KINDS),
  attempt: z.number(),
  /** Changed files. */
  files: z.number(),
  /** null = it says nothing of the worker: it was cancelled, or nothing could prove its work. */
  proven: z.boolean().nullable(),
});
export type RecordedEnd = z.infer<typeof endSchema>;

/** The newest five hundred lines or so; what was longer ago says little. */
const READ_BYTES = 64 * 1024;
/** Older ones do not count: who once was told to do such work alone would otherwise never try again. */
const COUNT_DAYS = 90;
/** Fewer say nothing. */
const LEAST_ATTEMPTS = 8;
const LEAST_OF_A_GROUP = 4;
const MANY_FILES = 10;

export const recordsFolder = (stateDir: string) => path.join(stateDir, 'records');

function recordFile(stateDir: string, commonDir: string): string {
  return path.join(recordsFolder(stateDir), `${createHash('sha256').update(commonDir).digest('hex').slice(0, 16)}.jsonl`);
}

export function recordEnd(stateDir: string, commonDir: string, end: RecordedEnd): void {
  makePrivateFolder(recordsFolder(stateDir));
  appendFileSync(recordFile(stateDir, commonDir), `${JSON.stringify(end)}\n`, { mode: 0o600 });
}

/**
 * One line for whoever may delegate, or '' while there is too little to say. Synchronous and bounded: a client waits for it.
 * @param folder of the repository, or in it
 */
export function recordLine(stateDir: string, folder: string, now: number): string {
  try {
    const commonDir = commonDirOf(folder);
    return commonDir === null ? '' : lineOf(readEnds(recordFile(stateDir, commonDir)), now);
  } catch {
    return ''; // no record yet, or none that can be read
  }
}

function readEnds(file: string): RecordedEnd[] {
  const fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, READ_BYTES));
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, size - bytes.length));
    const ends = new Map<string, RecordedEnd>();
    for (const line of text.split('\n')) {
      const end = parseJson(endSchema, line);
      if (end) ends.set(end.of, end);
    }
    return [...ends.values()];
  } finally {
    closeSync(fd);
  }
}

/** `Record here, proven at the first attempt: 12 of 14 bug fixes, 6 of 8 features; 1 of 4 features over 10 files: do those yourself.` */
export function lineOf(ends: readonly RecordedEnd[], now: number): string {
  const counted = ends.filter(({ proven, at }) => proven !== null && at > now - COUNT_DAYS * 86_400_000);
  if (counted.length < LEAST_ATTEMPTS) return '';
  const first = counted.filter(({ attempt }) => attempt === 1);
  const groups = [
    { name: 'bug fixes', ends: first.filter(({ kind }) => kind === 'bug') },
    { name: 'test tasks', ends: first.filter(({ kind }) => kind === 'tests') },
    { name: 'features', ends: first.filter(({ kind, files }) => kind === 'feature' && files <= MANY_FILES) },
    { name: `features over ${MANY_FILES} files`, ends: first.filter(({ kind, files }) => kind === 'feature' && files > MANY_FILES) },
  ].flatMap(({ name, ends: all }) => {
    const proven = all.filter((end) => end.proven).length;
    const isPoor = all.length >= LEAST_OF_A_GROUP && proven * 3 <= all.length;
    return all.length === 0 ? [] : [{ text: `${proven} of ${all.length} ${name}`, isPoor }];
  });
  const good = groups.filter(({ isPoor }) => !isPoor).map(({ text }) => text);
  const poor = groups.filter(({ isPoor }) => isPoor).map(({ text }) => text);
  const parts = [...(good.length > 0 ? [good.join(', ')] : []), ...(poor.length > 0 ? [`${poor.join(', ')}: do those yourself`] : [])];
  return parts.length === 0 ? '' : `Record here, proven at the first attempt: ${parts.join('; ')}.`;
}

/** The git folder that all working trees of a repository share, as git names it, without asking git: that takes longer than a start may. */
export function commonDirOf(folder: string): string | null {
  for (let at = realpathSync.native(folder); ; at = path.dirname(at)) {
    const found = lstatSync(path.join(at, '.git'), { throwIfNoEntry: false });
    if (found?.isDirectory()) return path.join(at, '.git');
    if (found?.isFile()) return linkedCommonDir(at);
    if (path.dirname(at) === at) return null;
  }
}

/** A linked worktree or a submodule has a file that names its git folder; the one of a worktree names the shared one. */
function linkedCommonDir(at: string): string | null {
  const pointer = /^gitdir: (.+)/.exec(readRules(path.join(at, '.git')))?.[1]?.trimEnd();
  if (!pointer) return null;
  const gitDir = path.resolve(at, pointer);
  const shared = readRules(path.join(gitDir, 'commondir')).trim() || '.';
  return realpathSync.native(path.resolve(gitDir, shared));
}
