/** A check may write sources anew and test those: what it says then is nothing about what is on the branch. */
import { isTestLanguage, isTestPath } from '../../checks/test-files.ts';
import { BUILD_FOLDERS, isGeneratedName, isLockFile } from '../../common/tool-made-files.ts';
import { decodeName, runGit, splitNul } from '../../workspace/run-git.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import { workTreeCall } from '../../workspace/work-tree-call.ts';

/** So many are kept. */
const MOST = 20;
const BUILT = new RegExp(`(^|/)(${BUILD_FOLDERS}|vendor|node_modules|generated|__generated__)/`);

/**
 * Sources and tests that were written since the tree was filled, but for what tools make; to be called while no command lives. One that is as it was
 * again counts, too: the kernel tells when a file was changed last, whatever a program says.
 */
export async function rewrittenSources(privateGit: PrivateGit, workTree: string): Promise<string[]> {
  const call = { ...workTreeCall(privateGit, workTree), config: privateGit.filters.settings };
  const { code, stdout } = await runGit(['diff-files', '--name-only', '--ignore-submodules=all', '-z'], call);
  if (code !== 0) return [];
  const paths = [...new Set(splitNul(stdout).map(decodeName))];
  const isMade = (path: string) => BUILT.test(path) || isLockFile(path) || isGeneratedName(path);
  return paths.filter((path) => (isTestLanguage(path) || isTestPath(path)) && !isMade(path)).slice(0, MOST);
}
