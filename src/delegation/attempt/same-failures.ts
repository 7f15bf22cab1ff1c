/** Whether what fails on both sides is the same, as far as names of tests tell. */
import { mayHoldTests } from '../../checks/definition/inline-tests.ts';
import { tellApart } from '../../checks/same-names.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import { readerOf } from './sides.ts';

/** What more files hold is not looked at, and then names tell nothing. */
const MOST_FILES = 4000;

/** Where two tests of the base have the name of one that fails, nobody knows whether it is the same one. */
export async function sameFailures(comparisons: readonly CheckComparison[], git: PrivateGit, base: string): Promise<CheckComparison[]> {
  const isOpen = ({ verdict, newFailures, result }: CheckComparison) =>
    verdict === 'still_failing' && newFailures === 0 && (result?.failing.length ?? 0) > 0;
  if (!comparisons.some(isOpen)) return [...comparisons];
  const paths = (await listTree(git, base)).map(({ path }) => path).filter(mayHoldTests);
  const texts = await readerOf(git, base)(paths.slice(0, MOST_FILES));
  return comparisons.map((one) => {
    const isKnown = paths.length <= MOST_FILES && tellApart(one.result?.failing ?? [], texts);
    return isOpen(one) && !isKnown ? { ...one, newFailures: null } : one;
  });
}
