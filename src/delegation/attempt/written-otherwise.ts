/** Runs tests on the same code, written otherwise: one that fails there looks at the text of the code, and shows nothing of what it does. */
import { sameCode } from '../../checks/proof/same-code.ts';
import type { CheckRun } from '../../checks/types.ts';
import { listTree, readBlobs, type TreeFile } from '../../workspace/read-objects.ts';
import { type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import type { ProofParts } from './proof-runs.ts';

const MOST_BYTES = 1024 * 1024;

/** Each with the lines whose comments go. */
export type Rewritten = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * @param expected what the tests say on the result
 * @param more what else stands otherwise in the tree
 * @returns null where nothing can be written otherwise, or the tests say the same
 */
export async function readTexts(
  { runs, result }: ProofParts,
  rewritten: Rewritten,
  way: { readonly commands: readonly string[]; readonly timeoutMs: number },
  expected: Pick<CheckRun, 'exitCode' | 'counts'>,
  more: readonly Replacement[] = [],
): Promise<'by_text' | 'stopped' | null> {
  const modes = new Map((await listTree(runs.git, result)).map(({ path, mode }) => [path, mode]));
  const texts = await readBlobs(runs.git, result, [...rewritten.keys()], MOST_BYTES);
  const sources = [...texts].flatMap(([path, bytes]): { path: string; text: string; mode: TreeFile['mode'] }[] => {
    const text = sameCode(path, bytes.toString(), rewritten.get(path));
    return text === null ? [] : [{ path, text, mode: modes.get(path) ?? '100644' }];
  });
  if (sources.length + more.length === 0) return null;
  const tree = await treeWithFiles(runs.git, result, [...sources, ...more]);
  const ran = await runs.run({ ...way, tree, how: 'the same code, written otherwise' });
  if (!ran || ran.run.killed !== null) return 'stopped';
  const failed = (run: Pick<CheckRun, 'counts'>) => run.counts?.failed ?? 0;
  return ran.run.exitCode === expected.exitCode && failed(ran.run) === failed(expected) ? null : 'by_text';
}
