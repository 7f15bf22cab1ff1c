import { findMentionedFiles } from '../../agent/prompt/find-mentioned-files.ts';
import { findTests } from '../../agent/prompt/find-tests.ts';
import { indexPaths, type PathIndex } from '../../agent/prompt/path-index.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';
import { conventionFiles, ruleFiles } from './conventions.ts';
import { fileList } from './file-list.ts';
import { readableFiles } from './whole-repository.ts';

/** A larger file is not shown, unless the whole repository is. */
export const MOST_FILE_BYTES = 48 * 1024;

/** The files of a repository that a first message may show: conventions, those that the text names, and all of a small one. */
export interface FilesToShow {
  /** With the tests of those behind them. */
  readonly named: readonly string[];
  readonly all: readonly string[];
  readonly wholeBytes: number;
  /** Those and the conventions, with the size up to which they are read. */
  readonly paths: readonly string[];
  readonly maxBytesEach: number;
}

/** @param folder the one that the task is about; files are named from there or from the root */
export function filesToShow(text: string, folder: string, files: readonly TreeFile[], wholeRepositoryKb: number): FilesToShow {
  const { index, paths } = fileList(files);
  const rules = ruleFiles(index, folder);
  const mentioned = mentionedFrom(folder, text, paths, index).filter((path) => !rules.includes(path));
  const named = [...mentioned, ...findTests(mentioned, index)];
  const all = readableFiles(files, wholeRepositoryKb).filter((path) => !rules.includes(path));
  const wholeBytes = wholeRepositoryKb * 1024;
  const wanted = [...conventionFiles(index, folder), ...named, ...all];
  return { named, all, wholeBytes, paths: wanted, maxBytesEach: Math.max(MOST_FILE_BYTES, wholeBytes) };
}

function mentionedFrom(folder: string, text: string, paths: readonly string[], index: PathIndex): string[] {
  const found = findMentionedFiles(text, index);
  if (folder === '') return found;
  const own = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
  // `packages/web/src/x.ts` does not mean the `src/x.ts` of this folder.
  const named = findMentionedFiles(text, indexPaths(own)).filter((path) => !found.some((other) => other.endsWith(`/${path}`)));
  return [...new Set([...named.map((path) => `${folder}/${path}`), ...found])];
}
