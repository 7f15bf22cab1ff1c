/** Which of the programs that git starts for its user are the user's own: a repository may have come with its git dir, and name any. */
import { disarm, settingsIn } from './git-config.ts';
import type { Setting } from './run-git.ts';
import type { Repository } from './types.ts';

export interface UserTools {
  /** What is to be set for a call. */
  readonly settings: readonly Setting[];
  /** Options of `git diff`. */
  readonly words: readonly string[];
}

/** What the repository alone says of the programs that `git diff` starts is left out; what the user says everywhere stays. */
export async function userTools(repository: Repository, pager: string | undefined): Promise<UserTools> {
  const [all, own] = await Promise.all([settingsIn(repository, 'files'), settingsIn(repository, 'user')]);
  const foreign = new Map([...all].filter(([key, value]) => own.get(key) !== value));
  const names = (pattern: RegExp) => [...foreign.keys()].some((key) => pattern.test(key));
  const settings: Setting[] = [];
  const usual = own.get('core.pager') ?? pager ?? 'less';
  if (foreign.has('core.pager')) settings.push(['core.pager', usual]);
  if (foreign.has('pager.diff')) settings.push(['pager.diff', pagerOfDiff(own.get('pager.diff'), usual)]);
  // In a submodule its own configuration counts.
  if (foreign.has('diff.submodule')) settings.push(['diff.submodule', own.get('diff.submodule') ?? 'short']);
  return {
    settings: [...settings, ...disarm(foreign)],
    words: [
      ...(names(/^diff\.(external|.*\.command)$/s) ? ['--no-ext-diff'] : []),
      ...(names(/^diff\..*\.textconv$/s) ? ['--no-textconv'] : []),
    ],
  };
}

/** Always a program: where git is told "yes" or "no" after a program, the program stays. */
function pagerOfDiff(own: string | undefined, usual: string): string {
  if (own === undefined || /^(true|yes|on|[1-9]\d*)$/i.test(own)) return usual;
  return /^(false|no|off|0|)$/i.test(own) ? 'cat' : own;
}
