import { type FolderTree, folderTree } from '../../agent/prompt/folder-tree.ts';
import { indexPaths, type PathIndex } from '../../agent/prompt/path-index.ts';
import { type Listing, listing } from '../../checks/detect/project.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';

/** What the list of a repository's files says by itself. */
export interface FileList {
  readonly files: readonly TreeFile[];
  readonly paths: readonly string[];
  readonly index: PathIndex;
  readonly tree: FolderTree;
  /** What lies in a folder. */
  readonly listing: Listing;
}

const known = new WeakMap<readonly TreeFile[], FileList>();

/** Made once for each list: most calls are about the commit that was looked at before, and 20,000 files take some milliseconds. */
export function fileList(files: readonly TreeFile[]): FileList {
  const before = known.get(files);
  if (before) return before;
  const paths = files.map((file) => file.path);
  const index = indexPaths(paths);
  const list = { files, paths, index, tree: folderTree(paths), listing: listing(paths, index.all) };
  known.set(files, list);
  return list;
}
