/**
 * Whether a command comes to a `git stash` by way of scripts. Where that cannot write it ends with 1 and not one word, unlike all else of git,
 * so its failure can only be known by the text that called it.
 */
import path from 'node:path';
import type { ToolWorkspace } from '../types.ts';
import { openForReading } from './files/open-safely.ts';
import { resolvePath } from './files/resolve-path.ts';

/** `list` and `show` only look. The second form is that of programs that give words one by one. */
const STASH =
  /\bgit\s+(?:-[cC]\s+[^\s-]\S*\s+|-\S+\s+)*stash\b(?!\s+(?:list|show)\b)|['"]git['"][\s,[\]]*['"]stash['"](?!\s*,\s*['"](?:list|show)['"])/;
/** What tools read that are not told a file. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  gmake: ['GNUmakefile', 'makefile', 'Makefile'],
  just: ['justfile', 'Justfile'],
  ...Object.fromEntries(['npm', 'npx', 'pnpm', 'yarn', 'bun', 'node'].map((name) => [name, ['package.json']])),
};
const MOST_ROUNDS = 4;
const MOST_FILES = 40;
const MOST_WORDS = 500;
const LARGEST_FILE = 64 * 1024;

/**
 * To be called while nothing runs in the workspace.
 * @param folder that the command ran in, relative to the root of the workspace
 */
export function reachesStash(command: string, folder: string, workspace: ToolWorkspace): boolean {
  const read = new Set<string>();
  const shownFolder = path.posix.join(workspace.shownRoot, folder);
  let texts = [command];
  for (let round = 0; round < MOST_ROUNDS && texts.length > 0; round++) {
    if (texts.some((text) => STASH.test(text))) return true;
    const next: string[] = [];
    for (const file of texts.flatMap((text) => filesNamedIn(text, shownFolder))) {
      if (read.has(file) || read.size >= MOST_FILES) continue;
      const text = readText(file, workspace);
      if (text === null) continue;
      read.add(file);
      next.push(text);
    }
    texts = next;
  }
  return false;
}

function filesNamedIn(text: string, folder: string): string[] {
  const words = new Set(text.match(/[\w@+~./-]{1,200}/g)?.slice(0, MOST_WORDS));
  const names = [...words].flatMap((word) => [...(Object.hasOwn(READ_BY, word) ? READ_BY[word]! : []), word]);
  const folders = [
    folder,
    ...[...text.matchAll(/\bcd\s+([\w@+./-]+)/g)].slice(0, MOST_ROUNDS).map(([, to]) => path.posix.resolve(folder, to!)),
  ];
  return folders.flatMap((from) => names.map((name) => path.posix.resolve(from, name)));
}

function readText(file: string, workspace: ToolWorkspace): string | null {
  const resolved = resolvePath(workspace, file);
  if (!resolved.ok || !resolved.exists) return null;
  const opened = openForReading(resolved);
  if (!opened.ok) return null;
  try {
    if (opened.size > LARGEST_FILE) return null;
    const bytes = Buffer.alloc(opened.size);
    return bytes.toString('utf8', 0, opened.read(bytes, 0));
  } finally {
    opened.close();
  }
}
