import { lstatSync } from 'node:fs';
import path from 'node:path';
import { uncommittedAmong } from '../workspace/snapshot.ts';
import type { Repository } from '../workspace/types.ts';

/** At most so many words of a task are looked up on disk. */
const MOST_WORDS = 400;

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
  const words = task.match(/[\p{L}\p{N}_@.+~\-/\\]+/gu) ?? [];
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
