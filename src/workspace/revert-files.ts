/** Undoes a checkout that failed half way: a content filter that failed, a full disk. Git itself leaves the files as they are then. */
import { lstat, mkdtemp, rm, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GitCall, git, runGit, splitNul } from './run-git.ts';

/**
 * Takes the files between two trees back, where they are as the second tree has them. What else was done to a file stays.
 * @param call the user's checkout; its index is still that of `before`
 */
export async function revertFiles(call: GitCall & { readonly workTree: string }, before: string, after: string): Promise<void> {
  const changes = parseChanges(await git(['diff-tree', '-r', '-z', '--no-renames', before, after], call));
  const undone = await alreadyAs(call, changes);
  for (const { path, written } of undone) if (written) await removeFile(call.workTree, path);
  const lost = undone.flatMap(({ path, existed }) => (existed ? [path] : []));
  await git(['checkout-index', '-u', '-z', '--stdin'], { ...call, stdin: joinNul(lost) });
}

interface Change {
  /** Bytes as latin1. */
  readonly path: string;
  readonly existed: boolean;
  /** Mode and object of what comes to its place; null when it goes. */
  readonly written: string | null;
}

function parseChanges(output: Buffer): Change[] {
  const parts = splitNul(output);
  return parts.flatMap((raw, index) => {
    if (index % 2 === 1) return [];
    const [before, mode, , object] = raw.slice(1).split(' ');
    return [{ path: parts[index + 1]!, existed: !/^0+$/.test(before!), written: /^0+$/.test(mode!) ? null : `${mode} ${object}` }];
  });
}

/** Those that were made already. An index that holds nothing else tells, with the user's filters and line endings. */
async function alreadyAs(call: GitCall & { readonly workTree: string }, changes: readonly Change[]): Promise<Change[]> {
  const folder = await mkdtemp(join(tmpdir(), 'claude-kimi-merge-'));
  const scratch = { ...call, indexFile: join(folder, 'index') };
  try {
    const entries = changes.flatMap(({ path, written }) => (written ? [`${written}\t${path}`] : []));
    await git(['update-index', '-z', '--index-info'], { ...scratch, stdin: joinNul(entries) });
    await runGit(['update-index', '-q', '--refresh'], scratch); // answers 1 when something differs
    const different = new Set(splitNul(await git(['diff-files', '--name-only', '-z'], scratch)));
    const made = await Promise.all(
      changes.map(({ path, written }) => (written ? !different.has(path) : isGone(absolute(call.workTree, path)))),
    );
    return changes.filter((_, index) => made[index]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function isGone(path: Buffer): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats === null || stats.isDirectory(); // a folder came to the place of the file
}

/** Folders that it leaves empty go too, or a file could not come back to their place. */
async function removeFile(root: string, path: string): Promise<void> {
  await unlink(absolute(root, path));
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const wasEmpty = await rmdir(absolute(root, path.slice(0, end))).then(
      () => true,
      () => false,
    );
    if (!wasEmpty) return;
  }
}

function absolute(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

function joinNul(parts: readonly string[]): Buffer {
  return Buffer.from(parts.map((part) => `${part}\0`).join(''), 'latin1');
}
