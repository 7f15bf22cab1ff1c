/** Looks for words in all files of a commit. */
import { runGit } from './run-git.ts';
import type { ObjectSource } from './types.ts';

const MOST_BYTES = 8 * 1024 * 1024;
/** `<commit>:<path>\0<word>`, whatever the configuration of the repository says of how hits are shown. */
const FORM = ['-z', '-o', '-I', '-F', '-w', '--full-name', '--no-color', '--no-line-number', '--no-column', '--no-recurse-submodules'];

/**
 * How often each word stands in each file, as a word of its own. Nothing where git fails or takes too long, and only a part of it where
 * there is very much: who asks can do without.
 */
export async function countWords(
  where: ObjectSource,
  commit: string,
  words: readonly string[],
  limitMs: number,
): Promise<Map<string, Map<string, number>>> {
  const counts = new Map<string, Map<string, number>>();
  const asked = words.filter((word) => !/[\n\0]/.test(word));
  if (asked.length === 0) return counts;
  const args = ['grep', ...FORM, ...asked.flatMap((word) => ['-e', word]), commit];
  const signal = AbortSignal.timeout(limitMs);
  const found = await runGit(args, { gitDir: where.gitDir, signal, maxBytes: MOST_BYTES }).catch(() => null);
  if (!found || found.code > 1) return counts;
  for (const [, path, word] of found.stdout.toString('utf8').matchAll(/^[^:\n]*:([^\0]*)\0(.*)$/gm)) {
    const inFile = counts.get(path!) ?? new Map<string, number>();
    inFile.set(word!, (inFile.get(word!) ?? 0) + 1);
    counts.set(path!, inFile);
  }
  return counts;
}
