import type { ObjectSource } from '../../workspace/types.ts';
import type { StartEvent } from '../journal/journal.ts';
import { readerOf } from './sides.ts';

/** Which of some checks pass whatever the code is, as the base says. */
export async function findIdle(commands: readonly string[], start: StartEvent, git: ObjectSource): Promise<ReadonlySet<string>> {
  if (commands.length === 0) return new Set();
  const { idleChecks } = await import('../../checks/idle-checks.ts'); // with a parser that most starts of the server do not need
  return idleChecks(commands, start.folder ?? '', readerOf(git, start.base));
}
