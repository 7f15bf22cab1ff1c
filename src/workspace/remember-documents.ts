/** What was read of commits: an id never means anything else, and an attempt asks for the same files of the same two commits again and again. */

export interface Document {
  readonly size: number;
  /** null when it is larger than was asked for. */
  readonly bytes: Buffer | null;
}

/** All of it together, in bytes. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_BYTES_EACH = 1024 * 1024;
const MOST_DOCUMENTS = 10_000;

/** The oldest first. */
const remembered = new Map<string, Document>();
let bytesHeld = 0;

/** Where something is read: of several git dirs, each may hold its own bytes under an id, as nobody has compared them. */
export interface ReadFrom {
  readonly gitDir?: string | undefined;
  /** null: the questions are ids themselves. */
  readonly commit: string | null;
  readonly options: readonly string[];
}

/**
 * Answers what is remembered, and asks for the rest. Files that are missing, or were not read whole, are asked for each time: they may come.
 * Of a ref nothing is remembered, as it moves.
 */
export async function readRemembered(
  { gitDir, commit, options }: ReadFrom,
  paths: readonly string[],
  maxBytesEach: number,
  ask: (paths: readonly string[]) => Promise<Map<string, Document>>,
): Promise<Map<string, Document>> {
  if (!gitDir || (commit !== null && !/^[0-9a-f]{40,64}$/.test(commit))) return ask(paths);
  const keyOf = (path: string) => [gitDir, commit ?? '', ...options, path].join('\0');
  const answers = new Map<string, Document>();
  for (const path of paths) {
    const known = remembered.get(keyOf(path));
    if (known) answers.set(path, known.size > maxBytesEach ? { size: known.size, bytes: null } : known);
  }
  for (const [path, document] of await ask(paths.filter((path) => !answers.has(path)))) {
    hold(keyOf(path), document);
    answers.set(path, document);
  }
  // In the order of the questions, as without a memory.
  return new Map(paths.flatMap((path) => (answers.has(path) ? [[path, answers.get(path)!]] : [])));
}

function hold(key: string, { size, bytes }: Document): void {
  if (bytes === null || size > MOST_BYTES_EACH || remembered.has(key)) return;
  // A copy, since it is a part of all that git said.
  remembered.set(key, { size, bytes: Buffer.from(bytes) });
  bytesHeld += size;
  for (const oldest of remembered.keys()) {
    if (bytesHeld <= MOST_BYTES && remembered.size <= MOST_DOCUMENTS) return;
    drop(oldest);
  }
}

/** Nobody asks for what git dirs below a folder hold any more. */
export function forgetDocuments(folder: string): void {
  for (const key of remembered.keys()) if (key.startsWith(`${folder}/`)) drop(key);
}

function drop(key: string): void {
  bytesHeld -= remembered.get(key)?.size ?? 0;
  remembered.delete(key);
}
