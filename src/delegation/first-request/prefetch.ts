import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findTests } from '../../agent/prompt/find-tests.ts';
import { ASIDE } from '../../agent/prompt/folder-tree.ts';
import { isCode } from '../../agent/prompt/outline.ts';
import { type Found, findChecks, manifestsToRead } from '../../checks/detect/find-checks.ts';
import { isTestPath } from '../../checks/test-files.ts';
import { findProgram, foldersOnPath } from '../../common/find-program.ts';
import { ENVIRONMENT_VARIABLES } from '../../sandbox/find-environment.ts';
import { listTree, readDocuments, type TreeFile } from '../../workspace/read-objects.ts';
import type { Document } from '../../workspace/remember-documents.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import type { DelegateRequest } from '../delegate-request.ts';
import { namedUncommitted } from '../start/unseen-changes.ts';
import { conventionFiles } from './conventions.ts';
import { fileList } from './file-list.ts';
import { findCode, NO_CODE } from './find-code.ts';
import { MOST_FILE_BYTES, pointersOf, type TextPointers } from './text-pointers.ts';

/**
 * What a new attempt asks of git before its first request leaves. Most begin at HEAD with the text of the call, and for these the
 * processes run while the rest of the call is still being looked at; for others it is asked when it is needed.
 */
export interface Prefetch {
  /** The files of a commit or tree. */
  files(where: ObjectSource, tree: string): Promise<readonly TreeFile[]>;
  /** The files that a text points at among these, and their contents in a commit or tree. */
  filesToShow(text: string, folder: string, where: ObjectSource, tree: string, files: readonly TreeFile[]): Promise<ReadFiles>;
  /** The checks of a task that names none, in a commit with these files. */
  checks(text: string, folder: string, where: ObjectSource, tree: string, files: readonly TreeFile[]): Promise<Found>;
  /** See `namedUncommitted`. */
  named(): Promise<string[]>;
}

export type ReadFiles = TextPointers & {
  /** Files that hold what the text says, or are called alike, where it names no code. */
  readonly found: readonly string[];
  /** The tests of named and found files, by name. */
  readonly tests: readonly string[];
  /** Other tests that hold what the text says. */
  readonly likelyTests: readonly string[];
  readonly documents: ReadonlyMap<string, Document>;
};

/** In more files it takes longer than it is worth beside the files that the task names. */
const MOST_FILES_SEARCHED = 5000;

/** Begins at once. What fails is told to whoever asks for it. */
export function prefetch(repository: Repository, request: DelegateRequest): Prefetch {
  const head = repository.head.commit;
  const task = request.task ?? '';
  const folder = repository.prefix;
  const files = quiet(listTree(repository, head));
  const named = quiet(namedUncommitted(repository, task));
  const reading = quiet(files.then((all) => beginReading(task, folder, repository, head, all)));
  const wanted = quiet(reading.then(filesToShow));
  const isKnown = (text: string, from: string, tree: string) => tree === head && text === task && from === folder;
  return {
    files: (where, tree) => (tree === head ? files : listTree(where, tree)),
    filesToShow: (text, from, where, tree, all) =>
      isKnown(text, from, tree) ? wanted : filesToShow(beginReading(text, from, where, tree, all)),
    checks: async (text, from, where, tree, all) =>
      checksOf(isKnown(text, from, tree) ? await reading : beginReading(text, from, where, tree, all), repository.root),
    named: () => named,
  };
}

/** The checks of a task that names none, at HEAD. */
export async function checksAtHead(repository: Repository, task: string): Promise<Found> {
  const { commit } = repository.head;
  return checksOf(beginReading(task, repository.prefix, repository, commit, await listTree(repository, commit)), repository.root);
}

/** Nothing was asked before: everything is asked when it is needed. */
export const noPrefetch: Pick<Prefetch, 'filesToShow'> = { filesToShow: (...what) => filesToShow(beginReading(...what)) };

/** What a text is about, in a commit or tree, and the first files of it, which are being read. */
interface Reading {
  readonly text: string;
  readonly folder: string;
  readonly where: ObjectSource;
  readonly tree: string;
  readonly files: readonly TreeFile[];
  readonly pointers: TextPointers;
  readonly first: Promise<ReadonlyMap<string, Document>>;
}

function beginReading(text: string, folder: string, where: ObjectSource, tree: string, files: readonly TreeFile[]): Reading {
  const { index, listing } = fileList(files);
  const pointers = pointersOf(text, folder, files);
  const ownTests = findTests(pointers.named, index);
  const manifests = manifestsToRead({ files: listing, folder, named: pointers.named });
  const wanted = [...conventionFiles(index, folder), ...manifests, ...pointers.named, ...ownTests, ...pointers.all];
  const first = quiet(readDocuments(where, tree, wanted, MOST_FILE_BYTES));
  return { text, folder, where, tree, files, pointers, first };
}

async function checksOf({ text, folder, files, pointers, first }: Reading, checkout: string): Promise<Found> {
  const documents = await first;
  const texts = { get: (path: string) => documents.get(path)?.bytes?.toString('utf8') };
  const onPath = foldersOnPath(process.env, process.platform);
  const installed = {
    pythonIn: (at: string) => pythonOf(join(checkout, at)),
    hasProgram: (name: string) => findProgram(name, onPath) !== null,
  };
  return findChecks(text, { files: fileList(files).listing, folder, named: pointers.named }, texts, installed);
}

/** An environment that git does not know: it says with which packages tests are run, not which tests. */
function pythonOf(folder: string): string | null {
  const own = ['.venv', 'venv'].find((name) => existsSync(join(folder, name, 'bin', 'python')));
  if (own !== undefined) return `${own}/bin/python`;
  return ENVIRONMENT_VARIABLES.some((name) => process.env[name]) ? 'python3' : null;
}

async function filesToShow(reading: Reading): Promise<ReadFiles> {
  const { text, where, tree, files, pointers } = reading;
  const { index } = fileList(files);
  const namesCode = pointers.named.some((path) => isCode(path) && !isTestPath(path));
  const isSearched = files.length <= MOST_FILES_SEARCHED;
  const searches = pointers.terms.length > 0 ? !namesCode || isSearched : !namesCode && isSearched;
  const [first, code] = await Promise.all([
    reading.first,
    searches ? findCode(where, tree, { task: text, terms: pointers.terms }, isSearched ? codePaths(files) : [], MOST_FILE_BYTES) : NO_CODE,
  ]);
  const found = namesCode ? [] : code.code.filter((path) => !pointers.named.includes(path));
  const tests = findTests([...pointers.named, ...found], index);
  const more = tests.filter((path) => !first.has(path));
  const likelyTests = code.tests.filter((path) => !tests.includes(path) && !pointers.named.includes(path));
  const documents = new Map([...code.documents, ...first, ...(await readDocuments(where, tree, more, MOST_FILE_BYTES))]);
  return { ...pointers, found, tests, likelyTests, documents };
}

function codePaths(files: readonly TreeFile[]): string[] {
  return files.flatMap(({ path }) => (isCode(path) && !isTestPath(path) && !ASIDE.test(path) ? [path] : []));
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
