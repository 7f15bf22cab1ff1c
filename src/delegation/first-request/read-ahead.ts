import { type Document, listTree, readDocuments, type TreeFile } from '../../workspace/read-objects.ts';
import type { ObjectSource, Repository } from '../../workspace/types.ts';
import type { DelegateRequest } from '../types.ts';
import { namedUncommitted } from '../uncommitted.ts';
import { wantedFiles } from './wanted-files.ts';

/**
 * What a new attempt asks of git before its first request leaves. Most begin at HEAD with the text of the call, and for these the
 * processes run while the rest of the call is still being looked at; for others it is asked when it is needed.
 */
export interface ReadAhead {
  /** The files of a commit or tree. */
  files(where: ObjectSource, tree: string): Promise<readonly TreeFile[]>;
  /** See `readDocuments`. */
  documents(where: ObjectSource, tree: string, paths: readonly string[], maxBytesEach: number): Promise<Map<string, Document>>;
  /** See `namedUncommitted`. */
  named(): Promise<string[]>;
}

/** Begins at once. What fails is told to whoever asks for it. */
export function readAhead(repository: Repository, request: DelegateRequest, wholeRepositoryKb: number): ReadAhead {
  const head = repository.head.commit;
  const task = request.task ?? '';
  const files = quiet(listTree(repository, head));
  const named = quiet(namedUncommitted(repository, task));
  const documents = quiet(
    files.then(async (all) => {
      const { paths, maxBytesEach } = wantedFiles(task, all, wholeRepositoryKb);
      return { key: keyOf(head, paths, maxBytesEach), found: await readDocuments(repository, head, paths, maxBytesEach) };
    }),
  );
  return {
    files: (where, tree) => (tree === head ? files : listTree(where, tree)),
    documents: async (where, tree, paths, maxBytesEach) => {
      const begun = tree === head ? await documents : null;
      return begun?.key === keyOf(tree, paths, maxBytesEach) ? begun.found : readDocuments(where, tree, paths, maxBytesEach);
    },
    named: () => named,
  };
}

/** Nothing begun: everything is asked when it is needed. */
export const noReadAhead: Pick<ReadAhead, 'files' | 'documents'> = { files: listTree, documents: readDocuments };

const keyOf = (tree: string, paths: readonly string[], maxBytesEach: number) => [tree, maxBytesEach, ...paths].join('\0');

function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
