/** How plumbing commands reach the user's repository: its own configuration in force, and everything that it could start disarmed. */
import type { GitCall } from './run-git.ts';
import type { Repository } from './types.ts';
import { disarm } from './user-config.ts';

export function userCall(repository: Repository): GitCall {
  return { gitDir: repository.gitDir, cwd: repository.root, user: repository.user, config: disarm(repository.config) };
}
