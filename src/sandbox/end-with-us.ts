/**
 * Ends the commands of sandboxes when this process is killed, from outside of them: what waits inside for that, a program there can end or stop, and
 * the first process of their namespace can be made to forget that it ends with whoever started it, by a debugger or by what is written into its memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { readText } from './read-text.ts';

/**
 * Reads `+ process start` and `- process`, and ends those that are left once nobody writes any more. A number may be another's by then, the time when it
 * began is not. Everybody may read that; what else names a process, one that was changed from within can keep from its own user.
 */
const WATCH = [
  'set -f; all=',
  'without() { rest=; for one in $all; do [ "${one%%=*}" = "$1" ] || rest="$rest $one"; done; all=$rest; }',
  'while read -r what pid of; do without "$pid"; [ "$what" = + ] && all="$all $pid=$of"; done',
  'for one in $all; do pid=${one%%=*}; stat=$(cat "/proc/$pid/stat"); set -- ${stat##*) }; [ "${20-${one#*=}}" = "${one#*=}" ] && kill -9 "$pid"; done',
].join('\n');
/** bubblewrap tells of its namespace within some milliseconds; a command that is over by then needs nobody. */
const LOOK_EVERY_MS = 10;
/** Which of the fields of /proc/PID/stat behind the name it is, proc(5). */
const STARTED = 19;

/** What lives, as it was told to the watcher. */
const living = new Map<number, string>();
let watcher: ChildProcess | null = null;

/**
 * @param pidOf the first process of a command's namespace, as the host numbers it; null = not known yet
 * @returns to be called when it has been ended
 */
export function endWithUs(pidOf: () => number | null): () => void {
  let pid: number | null = null;
  const look = () => {
    pid = pidOf();
    if (pid === null) timer.refresh();
    else add(pid);
  };
  const timer = setTimeout(look, LOOK_EVERY_MS).unref();
  return () => {
    clearTimeout(timer);
    if (pid !== null && living.delete(pid)) tell(`- ${pid}`);
  };
}

function add(pid: number): void {
  const stat = readText(`/proc/${pid}/stat`);
  const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTED];
  if (began === undefined) return; // it ended
  living.set(pid, `+ ${pid} ${began}`);
  if (watcher) tell(living.get(pid)!);
  else start();
}

function start(): void {
  const child = spawn('/bin/sh', ['-c', WATCH], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    detached: true, // whoever ends our group leaves it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = () => {
    if (watcher === child) watcher = null;
  };
  child.once('error', gone).once('exit', gone);
  child.stdin.on('error', gone);
  child.unref();
  (child.stdin as Socket).unref();
  watcher = child;
  for (const line of living.values()) tell(line);
}

function tell(line: string): void {
  watcher?.stdin?.write(`${line}\n`);
}
