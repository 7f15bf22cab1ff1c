import { type Document, listTree, readDocuments, type TreeFile } from '../../workspace/read-objects.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import type { DelegateRequest } from '../delegate-request.ts';
import { namedUncommitted } from '../start/unseen-changes.ts';
import { type FilesToShow, filesToShow } from './files-to-show.ts';

/**
 * What a new attempt asks of git before its first request leaves. Most begin at HEAD with the text of the call, and for these the
 * processes run while the rest of the call is still being looked at; for others it is asked when it is needed.
 */
export interface Prefetch {
  /** The files of a commit or tree. */
  files(where: ObjectSource, tree: string): Promise<readonly TreeFile[]>;
  /** The files that a text wants to see of these (see `filesToShow`), and their contents in a commit or tree. */
  filesToShow(text: string, folder: string, where: ObjectSource, tree: string, files: readonly TreeFile[]): Promise<ReadFiles>;
  /** See `namedUncommitted`. */
  named(): Promise<string[]>;
}

export type ReadFiles = FilesToShow & { readonly documents: ReadonlyMap<string, Document> };

/** Begins at once. What fails is told to whoever asks for it. */
export function prefetch(repository: Repository, request: DelegateRequest, wholeRepositoryKb: number): Prefetch {
  const head = repository.head.commit;
  const task = request.task ?? '';
  const folder = repository.prefix;
  const files = quiet(listTree(repository, head));
  const named = quiet(namedUncommitted(repository, task));
  const wanted = quiet(files.then((all) => readFilesToShow(task, folder, repository, head, all, wholeRepositoryKb)));
  return {
    files: (where, tree) => (tree === head ? files : listTree(where, tree)),
    filesToShow: (text, from, where, tree, all) =>
      tree === head && text === task && from === folder ? wanted : readFilesToShow(text, from, where, tree, all, wholeRepositoryKb),
    named: () => named,
  };
}

/** Nothing was asked before: everything is asked when it is needed. */
export function noPrefetch(wholeRepositoryKb: number): Pick<Prefetch, 'filesToShow'> {
  return { filesToShow: (text, folder, where, tree, files) => readFilesToShow(text, folder, where, tree, files, wholeRepositoryKb) };
}

async function readFilesToShow(
  text: string,
  folder: string,
  where: ObjectSource,
  tree: string,
  files: readonly TreeFile[],
  wholeRepositoryKb: number,
): Promise<ReadFiles> {
  const wanted = filesToShow(text, folder, files, wholeRepositoryKb);
  return { ...wanted, documents: await readDocuments(where, tree, wanted.paths, wanted.maxBytesEach) };
}

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
