import { findMentionedFiles } from '../../agent/prompt/find-mentioned-files.ts';
import { findTests } from '../../agent/prompt/find-tests.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';
import { conventionFiles, RULE_FILES } from './conventions.ts';
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

export function filesToShow(text: string, files: readonly TreeFile[], wholeRepositoryKb: number): FilesToShow {
  const { index } = fileList(files);
  const mentioned = findMentionedFiles(text, index).filter((path) => !RULE_FILES.includes(path));
  const named = [...mentioned, ...findTests(mentioned, index)];
  const all = readableFiles(files, wholeRepositoryKb).filter((path) => !RULE_FILES.includes(path));
  const wholeBytes = wholeRepositoryKb * 1024;
  const wanted = [...conventionFiles(index), ...named, ...all];
  return { named, all, wholeBytes, paths: wanted, maxBytesEach: Math.max(MOST_FILE_BYTES, wholeBytes) };
}
