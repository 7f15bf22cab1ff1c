import { findMentionedFiles, mentionedLines } from '../../agent/prompt/find-mentioned-files.ts';
import { indexPaths, type PathIndex } from '../../agent/prompt/path-index.ts';
import { type Term, termsOf } from '../../agent/prompt/task-terms.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';
import { ruleFiles } from './conventions.ts';
import { fileList } from './file-list.ts';

/** A larger file is only named. */
export const MOST_FILE_BYTES = 512 * 1024;
/** A repository of so few files is shown whole when their texts fit; see `prefetch.ts`. */
const MOST_TINY_FILES = 12;
/** Nobody reads these to understand the code. */
const NOT_READ =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb|go\.sum|LICEN[CS]E(\.\w+)?|COPYING|[\w.-]+\.(lock|map|min\.js|min\.css|svg|png|jpe?g|gif|ico|webp|avif|pdf|zip|t?gz|bz2|xz|7z|jar|war|class|so|dll|exe|wasm|woff2?|ttf|otf|mp[34]|mov|wav|ogg|sqlite|db|bin|pyc|DS_Store))$/i;

/** What a text says of the files of a repository, before any of them is read. */
export interface TextPointers {
  /** The most important first; no rule files. */
  readonly named: readonly string[];
  readonly lines: ReadonlyMap<string, readonly number[]>;
  readonly terms: readonly Term[];
  /** All files that may be read, of a repository that has very few. */
  readonly all: readonly string[];
}

/** @param folder the one that the task is about; files are named from there or from the root */
export function pointersOf(text: string, folder: string, files: readonly TreeFile[]): TextPointers {
  const { index, paths } = fileList(files);
  const rules = ruleFiles(index, folder);
  const readable = files.length > 4 * MOST_TINY_FILES ? [] : files.filter(({ path, mode }) => mode.startsWith('100') && isRead(path));
  const all = readable.map(({ path }) => path).filter((path) => !rules.includes(path));
  return {
    named: mentionedFrom(folder, text, paths, index).filter((path) => !rules.includes(path)),
    lines: mentionedLines(text, (name) => mentionedFrom(folder, name, paths, index)[0]),
    terms: termsOf(text),
    all: all.length <= MOST_TINY_FILES ? all : [],
  };
}

export const isRead = (path: string): boolean => !NOT_READ.test(path);

function mentionedFrom(folder: string, text: string, paths: readonly string[], index: PathIndex): string[] {
  const found = findMentionedFiles(text, index);
  if (folder === '') return found;
  const own = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  // `packages/web/src/x.ts` does not mean the `src/x.ts` of this folder.
  const named = findMentionedFiles(text, indexPaths(own)).filter((path) => !found.some((other) => other.endsWith(`/${path}`)));
  return [...new Set([...named.map((path) => `${folder}/${path}`), ...found])];
}
