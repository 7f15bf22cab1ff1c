/** Trees of texts of our own, for git to compare: in objects of a folder that goes again, so that nobody's repository grows. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type GitCall, git } from './run-git.ts';
import type { ObjectSource } from './types.ts';

/** A file of a tree: a text, or an object that the repository has. */
export interface TreeEntry {
  /** As latin1, one character a byte, so that any name survives. */
  readonly path: string;
  readonly mode: string;
  readonly content: { readonly text: string } | { readonly id: string };
}

export interface TextTrees {
  readonly before: string;
  readonly after: string;
  /** With which git finds them. */
  readonly env: Readonly<Record<string, string>>;
}

/** @param borrowed object directories of the entries that have an id */
export async function withTextTrees<T>(
  where: ObjectSource,
  sides: { readonly before: readonly TreeEntry[]; readonly after: readonly TreeEntry[] },
  use: (trees: TextTrees) => Promise<T>,
  { borrowed = [], signal }: { borrowed?: readonly string[]; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ckm-diff-'));
  try {
    const objects = join(folder, 'objects');
    await mkdir(objects);
    const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: borrowed.map(quoted).join(delimiter) };
    const call: GitCall = { gitDir: where.gitDir, indexFile: join(folder, 'index'), env, signal, writes: [folder] };
    const ids = await writeTexts([...sides.before, ...sides.after], folder, call);
    const trees = [];
    for (const side of [sides.before, sides.after]) {
      const entries = side.map((entry) => `${entry.mode} ${idOf(entry, ids)}\t${entry.path}\0`).join('');
      await git(['read-tree', '--empty'], call);
      await git(['update-index', '--add', '-z', '--index-info'], { ...call, stdin: Buffer.from(entries, 'latin1') });
      trees.push((await git(['write-tree', '--missing-ok'], call)).toString('latin1').trim());
    }
    const [before = '', after = ''] = trees;
    return await use({ before, after, env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The object of each text, all written by one process. */
async function writeTexts(entries: readonly TreeEntry[], folder: string, call: GitCall): Promise<ReadonlyMap<string, string>> {
  const texts = [...new Set(entries.flatMap(({ content }) => ('text' in content ? [content.text] : [])))];
  if (texts.length === 0) return new Map();
  for (const [at, text] of texts.entries()) await writeFile(join(folder, `${at}`), text);
  const stdin = texts.map((_, at) => `${join(folder, `${at}`)}\n`).join('');
  const ids = (await git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { ...call, stdin })).toString('latin1').split('\n');
  return new Map(texts.map((text, at) => [text, ids[at]!]));
}

function idOf({ content }: TreeEntry, ids: ReadonlyMap<string, string>): string {
  return 'id' in content ? content.id : ids.get(content.text)!;
}

/** git divides the list by colons, and reads a quoted path like a C string. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
