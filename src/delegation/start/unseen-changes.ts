import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { type Message, message, shortList } from '../../messages/message.ts';
import { differingFromAll } from '../../workspace/compare-with-disk.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import { uncommittedAmong, uncommittedPaths } from '../../workspace/uncommitted.ts';
import type { DelegateRequest } from '../delegate-request.ts';
import type { StartEvent } from '../journal/journal.ts';

/** At most so many words of a task are looked up on disk. */
const MOST_WORDS = 400;
/** A report that does not name uncommitted files is better than one that comes much later. */
const LOOKING_MS = 120_000;
/** Of a list of files, as many are named. */
const FILES_NAMED = 8;

type Start = Pick<StartEvent, 'base' | 'parent'>;

/**
 * The uncommitted paths that the worker does not see as they are in the user's checkout. A base that was made of uncommitted changes
 * holds many of them, and the branch may hold others by now.
 */
export async function unseenPaths(repository: Repository, source: ObjectSource, start: Start): Promise<string[]> {
  return unseenAmong(await uncommittedPaths(repository, { limitMs: LOOKING_MS }), repository, source, start);
}

async function unseenAmong(paths: string[], repository: Repository, source: ObjectSource, { base, parent }: Start): Promise<string[]> {
  const head = repository.head.commit;
  if (base === head && parent === head) return paths; // they differ from HEAD, or they would not be uncommitted
  return differingFromAll(repository, source, [base, parent], paths);
}

/**
 * Why an attempt should not begin without the user's uncommitted changes, or null: the task names such files, or all of them were
 * asked for where they cannot be given.
 */
export async function whyUnseen(
  request: DelegateRequest,
  repository: Repository,
  folder: { readonly git: string },
  { event: start, snapshot }: { event: Start; snapshot: boolean },
  named: () => Promise<string[]>,
): Promise<Message | null> {
  if (snapshot) return null;
  // The private git dir of the attempts before knows their base; where there is none, the base is a commit of the user's.
  const source = existsSync(path.join(folder.git, 'HEAD')) ? { gitDir: folder.git } : repository;
  const unseen = async (paths: string[]) => unseenAmong(paths, repository, source, start).catch(() => paths);
  if (request.includeUncommitted) {
    const all = await unseen(await uncommittedPaths(repository));
    if (all.length === 0) return null;
    return message('call.uncommittedNotAtHead', { commit: start.parent.slice(0, 7), files: shortList(all, FILES_NAMED) });
  }
  const hidden = request.task === null ? [] : await unseen(await named());
  if (hidden.length === 0) return null;
  const code = start.parent === repository.head.commit ? 'call.uncommittedNamed' : 'call.uncommittedNamedElsewhere';
  return message(code, { files: shortList(hidden, FILES_NAMED) });
}

/**
 * The files that a task names by path and that have uncommitted changes: the worker would see an older version of them, or none.
 * Asks git only about these paths, which is quick in a repository of any size.
 */
export async function namedUncommitted(repository: Repository, task: string): Promise<string[]> {
  const named = new Set<string>();
  for (const word of pathWords(task)) {
    for (const from of new Set([repository.prefix, ''])) {
      const relative = inRepository(repository, from, word);
      if (relative !== null && isFile(path.join(repository.root, relative))) named.add(relative);
    }
  }
  return named.size > 0 ? uncommittedAmong(repository, [...named]) : [];
}

/**
 * Words that look like paths: what stands in quotes (it may hold blanks), words of any script, and the ASCII part of a word, since
 * Chinese prose puts no blanks around a path. Every pattern takes a text of any size in one go.
 */
function pathWords(task: string): string[] {
  const quoted = [...task.matchAll(/[`"']([^`"'\n]{1,300})(?=[`"'])/g)].map(([, inside]) => inside ?? '');
  const words = task.match(/[\p{L}\p{N}\p{M}_@.+~\-/\\]+/gu) ?? [];
  const ascii = task.match(/[\w@.+~\-/\\]+/g) ?? [];
  const cleaned = [...quoted, ...words, ...ascii]
    .filter((word) => word.length <= 1000)
    .map((word) => word.replaceAll('\\', '/').replace(/[.:]+$/, ''));
  return [...new Set(cleaned)].filter((word) => /[./]/.test(word) || /^[A-Z][a-z]+file$/.test(word)).slice(0, MOST_WORDS);
}

/** A stack trace names files by their whole path; prose by the path in the repository or in the folder where the caller stands. */
function inRepository(repository: Repository, from: string, word: string): string | null {
  const relative = path.posix.isAbsolute(word) ? path.posix.relative(repository.root, word) : path.posix.join(from, word);
  return relative === '' || relative === '..' || relative.startsWith('../') ? null : relative;
}

function isFile(file: string): boolean {
  try {
    return lstatSync(file).isFile();
  } catch {
    return false;
  }
}
