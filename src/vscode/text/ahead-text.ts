import type { Translate } from '../../messages/translate.ts';
import type { LookAhead } from '../../workspace/look-ahead.ts';

/** How far the branch that is checked out has moved since work began there. */
export function movedText({ into, commits }: LookAhead, t: Translate): string {
  const name = into ?? 'HEAD';
  if (commits === 0) return t('{0} is where the work began.', name);
  return commits === 1 ? t('{0} has 1 commit that came since.', name) : t('{0} has {1} commits that came since.', name, commits);
}
