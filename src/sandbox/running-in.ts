/** What a shell is running: which part of a chain of commands it was that took so long. */
import { readStart } from './read-text.ts';
import { childrenByParent, readTree } from './watch-resources.ts';

/** More are not looked at, since everything else waits meanwhile. */
const MOST_TASKS = 500;
const MOST_NAMED = 5;
/** Of the arguments of one; a shell of the script has this much beside it. */
const MOST_BYTES = 4096;

/**
 * The commands that the shell of a script runs now, as they were started, each once; null where it runs none of its own.
 * @param rootPid a process above the shell, or the shell
 * @param script the last argument of the shell; parts of it that run in shells of their own have the same
 */
export function runningIn(rootPid: number, script: string): string | null {
  const children = childrenByParent();
  const shells = readTree([rootPid], MOST_TASKS).pids.filter((pid) => argumentsOf(pid, MOST_BYTES + script.length).at(-1) === script);
  const below = shells.flatMap((shell) => (children.get(shell) ?? []).filter((pid) => !shells.includes(pid)));
  const named = new Set<string>();
  for (const pid of below.slice(0, MOST_TASKS)) {
    const command = argumentsOf(pid).join(' ');
    if (command !== '') named.add(named.size < MOST_NAMED ? command : '…');
    if (named.has('…')) break;
  }
  return named.size > 0 ? [...named].join(' | ') : null;
}

/** Whole ones only, but for the first. */
function argumentsOf(pid: number, most = MOST_BYTES): string[] {
  const parts = readStart(`/proc/${pid}/cmdline`, most).split('\0');
  return parts.length > 1 ? parts.slice(0, -1) : parts;
}
