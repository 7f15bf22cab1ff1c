import { type Document, listTree, readDocuments, type TreeFile } from '../../workspace/read-objects.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import { namedUncommitted } from '../start/unseen-changes.ts';
import type { DelegateRequest } from '../types.ts';
import { type WantedFiles, wantedFiles } from './files-to-show.ts';

/**
 * What a new attempt asks of git before its first request leaves. Most begin at HEAD with the text of the call, and for these the
 * processes run while the rest of the call is still being looked at; for others it is asked when it is needed.
 */
export interface ReadAhead {
  /** The files of a commit or tree. */
  files(where: ObjectSource, tree: string): Promise<readonly TreeFile[]>;
  /** The files that a text wants to see of these (see `wantedFiles`), and their contents in a commit or tree. */
  wanted(text: string, where: ObjectSource, tree: string, files: readonly TreeFile[]): Promise<Wanted>;
  /** See `namedUncommitted`. */
  named(): Promise<string[]>;
}

export type Wanted = WantedFiles & { readonly documents: ReadonlyMap<string, Document> };

/** Begins at once. What fails is told to whoever asks for it. */
export function readAhead(repository: Repository, request: DelegateRequest, wholeRepositoryKb: number): ReadAhead {
  const head = repository.head.commit;
  const task = request.task ?? '';
  const files = quiet(listTree(repository, head));
  const named = quiet(namedUncommitted(repository, task));
  const wanted = quiet(files.then((all) => readWanted(task, repository, head, all, wholeRepositoryKb)));
  return {
    files: (where, tree) => (tree === head ? files : listTree(where, tree)),
    wanted: (text, where, tree, all) => (tree === head && text === task ? wanted : readWanted(text, where, tree, all, wholeRepositoryKb)),
    named: () => named,
  };
}

/** Nothing begun: everything is asked when it is needed. */
export function noReadAhead(wholeRepositoryKb: number): Pick<ReadAhead, 'wanted'> {
  return { wanted: (text, where, tree, files) => readWanted(text, where, tree, files, wholeRepositoryKb) };
}

async function readWanted(
  text: string,
  where: ObjectSource,
  tree: string,
  files: readonly TreeFile[],
  wholeRepositoryKb: number,
): Promise<Wanted> {
  const wanted = wantedFiles(text, files, wholeRepositoryKb);
  return { ...wanted, documents: await readDocuments(where, tree, wanted.paths, wanted.maxBytesEach) };
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
