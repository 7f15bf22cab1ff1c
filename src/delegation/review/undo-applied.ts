import { shellWord } from '../../common/shell-word.ts';

/** So many files are named. */
const MOST_NAMED = 8;

/** What git takes for more than one name, however a shell quotes it. */
const IS_PATTERN = /^:|[*?[\\]/;

/** The command that takes back what was only applied, and leaves all else as it is, whatever the files are called. */
export function undoApplied(files: readonly string[], tree: string): string {
  if (files.length > MOST_NAMED) return `git diff --binary HEAD ${tree.slice(0, 12)} | git apply -R --index`;
  const literally = files.some((file) => IS_PATTERN.test(file)) ? '--literal-pathspecs ' : '';
  return `git ${literally}restore --staged --worktree -- ${files.map(shellWord).join(' ')}`;
}
