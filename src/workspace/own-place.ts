import path from 'node:path';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import type { PrivateGit } from './types.ts';

/**
 * Whether a file of a checkout is this program's own: a key, records of all repositories, what windows listen by. The state directory lies in a
 * checkout where a whole home is one, and where somebody has put it there. A private git dir is `<state>/delegations/<id>/git`.
 */
export function isOurs({ gitDir }: Pick<PrivateGit, 'gitDir'>, file: string): boolean {
  const delegations = path.resolve(gitDir, '../..');
  if (path.basename(delegations) !== 'delegations') return false;
  const state = path.dirname(delegations);
  return contains(state, file) || contains(realPathOf(state) ?? state, file);
}
