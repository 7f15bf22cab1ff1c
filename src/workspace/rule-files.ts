/**
 * Files that git reads for their rules, by their names: it waits for ever for a pipe in their place, takes a file of any size into memory,
 * and tries each way to match several `**`. In a workspace a command may have laid them; a repository may have come with them.
 */
import { type Dirent, lstatSync, statSync } from 'node:fs';
import { chmod, lstat, opendir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MOST_RULE_BYTES } from '../common/read-plain-file.ts';
import { type Message, message } from '../messages/message.ts';
import { type Looking, lookAtNested, oddInNestedGit } from './odd-git-entries.ts';
import { isSlow } from './slow-patterns.ts';

/** In any folder of a working tree. */
const NAMES = ['.gitignore', '.gitattributes', '.gitmodules', '.mailmap', '.kimiignore', '.lfsconfig'];
const SLASH = Buffer.from('/');

/**
 * One of the files at their usual places in a checkout that git could not read to its end; null = there is none. Deeper in the working tree,
 * its time limit stops git.
 * @param named other files that its configuration names
 */
export function findOddFile(root: string, named: readonly string[]): string | null {
  const inTree = NAMES.map((name) => join(root, name)).filter((path) => !lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink());
  return [...inTree, ...named].find(isOddPath) ?? null;
}

function isOddPath(path: string): boolean {
  try {
    const stats = statSync(path);
    return !stats.isDirectory() && (!stats.isFile() || stats.size > MOST_RULE_BYTES || isSlow(path));
  } catch {
    return false;
  }
}

/** Whether git reads a file of that name for its rules, in any folder of a working tree. */
export const isRuleFile = (path: string) => NAMES.includes(basename(path).toLowerCase());

/**
 * Removes those that are not plain, not small, or slow to match, and what git could not read of repositories within the working tree. Links
 * stay: git does not follow them. @returns what was removed
 */
export async function removeOddRuleFiles(workTree: string): Promise<Message[]> {
  const removed: Message[] = [];
  const tell = (path: Buffer) =>
    removed.push(message('leftOut.ruleFile', { file: JSON.stringify(path.subarray(Buffer.byteLength(workTree) + 1).toString()) }));
  const queue = [Buffer.from(workTree)];
  const looking = lookAtNested();
  for (let folder = queue.pop(); folder; folder = queue.pop()) {
    for (const { name, isFolder, isGit, mayBeOdd } of await entriesOf(folder)) {
      const path = Buffer.concat([folder, SLASH, name]);
      if (isGit && folder.length > Buffer.byteLength(workTree)) {
        for (const odd of oddInGit(path, looking)) {
          await remove(odd);
          tell(odd);
        }
      } else if (mayBeOdd && (await isOdd(path))) {
        await remove(path);
        tell(path);
      } else if (isFolder) queue.push(path);
    }
  }
  return removed;
}

/** A name that is no UTF-8 cannot be looked into. */
function oddInGit(path: Buffer, looking: Looking): Buffer[] {
  const text = path.toString();
  return Buffer.from(text).equals(path) ? oddInNestedGit(text, looking).map((odd) => Buffer.from(odd)) : [path];
}

interface Entry {
  readonly name: Buffer<ArrayBuffer>;
  readonly isGit: boolean;
  readonly isFolder: boolean;
  readonly mayBeOdd: boolean;
}

/** Some at a time: a folder may hold millions. */
async function entriesOf(folder: Buffer): Promise<Entry[]> {
  const found: Entry[] = [];
  const open = await opendir(folder, { encoding: 'buffer' as BufferEncoding, bufferSize: 256 }).catch(() => null);
  if (open === null) return found;
  for await (const entry of open as unknown as AsyncIterable<Dirent<Buffer<ArrayBuffer>>>) {
    const name = Buffer.from(entry.name);
    const mayBeOdd = isRuleFile(name.toString('latin1'));
    const isGit = name.toString('latin1') === '.git';
    const isFolder = entry.isDirectory() && !isGit;
    if (isFolder || isGit || mayBeOdd) found.push({ name, isFolder, isGit, mayBeOdd });
  }
  return found;
}

async function isOdd(path: Buffer): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null || stats.isSymbolicLink() || stats.isDirectory()) return false;
  return !stats.isFile() || stats.size > MOST_RULE_BYTES || isSlow(path);
}

async function remove(path: Buffer): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async () => {
    await chmod(path.subarray(0, path.lastIndexOf(SLASH)), 0o700); // the folder may have been made read-only
    await rm(path, { recursive: true, force: true });
  });
}
