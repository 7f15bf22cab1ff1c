/** Watches what a command's whole process tree uses, since resource limits of the kernel bound neither root's processes nor memory. */
import { availableParallelism } from 'node:os';
import { namesIn } from '../common/list-names.ts';
import { oomKills } from './command-cgroup.ts';
import type { DiskGuard } from './guard-disk.ts';
import { isEnded, statFields, tellingNumber } from './living-task.ts';
import { watchMemory } from './memory-use.ts';
import { readText } from './read-text.ts';
import type { SandboxLimits } from './types.ts';

/** How often the machine as a whole is asked, which costs next to nothing. Short commands end before and pay nothing. */
const PULSE_MS = 50;
/** Every so many pulses the processes of the command are looked at, whatever the machine says. */
const PULSES_PER_LOOK = 5;

/** Later than this a look at the machine comes only where others have all processors. */
const LATE_MS = 1000;
/** So many programs that want a processor are nobody's build: the server, and the editor, wait for seconds for each step. */
const MOST_RUNNING = 64;

export type Excess = 'memory' | 'processes' | 'disk';

/** What a watch must know of a command. */
export interface Watchable {
  readonly limits: Pick<SandboxLimits, 'memoryBytes' | 'processes'>;
  readonly disk: DiskGuard;
  readonly cgroup?: string | null;
  /** Processes that belong to it though they may have left its tree. */
  readonly strays?: () => readonly number[];
}

export interface TreeUse {
  /** Threads of all processes: a bomb of threads hurts as much as one of processes. */
  readonly tasks: number;
  readonly pids: readonly number[];
}

/**
 * Calls `exceeded` once when the tree under `rootPid` uses more than the limits allow. Returns the function that ends the watch,
 * and tells what the kernel ended meanwhile. What the system does not tell is not watched.
 */
export function watchTree(
  rootPid: number,
  { limits, disk, cgroup, strays }: Watchable,
  exceeded: (reason: Excess) => void,
): () => Excess | null {
  const memory = watchMemory(limits.memoryBytes);
  const killsBefore = cgroup ? oomKills(cgroup) : 0;
  const tasksBefore = tasksOfMachine();
  let pulses = 0;
  let isUrgent = false;
  let hasEnded = false;
  const look = (): Excess | null => {
    const { tasks, pids } = readTree([rootPid, ...(strays?.() ?? [])], limits.processes);
    if (tasks > limits.processes) return 'processes';
    void memory.isExceeded(pids).then((is) => is === true && end('memory'));
    return disk.isExceeded(pids) ? 'disk' : null;
  };
  const end = (reason: Excess): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(timer);
    exceeded(reason);
  };
  const isOutOfMemory = () => cgroup != null && oomKills(cgroup) > killsBefore;
  let pulseAt = performance.now();
  const timer = setInterval(() => {
    const late = performance.now() - pulseAt - PULSE_MS;
    pulseAt = performance.now();
    if (late > LATE_MS && isStarving(readText('/proc/loadavg'), () => readTree([rootPid]).tasks)) end('processes');
    pulses++;
    const wasUrgent = isUrgent;
    isUrgent = memory.pulse() || tasksOfMachine() - tasksBefore > limits.processes;
    // Once: where the machine stays so, it was another program's doing.
    const isDue = (isUrgent && !wasUrgent) || pulses % PULSES_PER_LOOK === 0;
    const reason = isOutOfMemory() ? 'memory' : isDue ? look() : null;
    if (reason) end(reason);
  }, PULSE_MS);
  timer.unref();
  return () => {
    hasEnded = true;
    clearInterval(timer);
    return isOutOfMemory() ? 'memory' : null;
  };
}

/**
 * Whether most of those that want a processor are of a command, and far too many.
 * @param loads what /proc/loadavg says
 * @param tasks how many the command has
 */
export function isStarving(loads: string, tasks: () => number, processors = availableParallelism()): boolean {
  const running = Number(/ (\d+)\/\d+ /.exec(loads)?.[1] ?? 0);
  return running > MOST_RUNNING * processors && 2 * tasks() > running;
}

/** Processes and threads of everybody. */
function tasksOfMachine(): number {
  return Number(/\/(\d+) /.exec(readText('/proc/loadavg'))?.[1] ?? 0);
}

/**
 * The processes under (and including) some now, and of one whose first thread has ended another that tells what it holds.
 * @param most beyond so many tasks nobody is counted any more
 */
export function readTree(roots: readonly number[], most = Number.POSITIVE_INFINITY): TreeUse {
  const children = childrenByParent();
  const pids = new Set<number>();
  let tasks = 0;
  const queue = [...roots];
  for (let pid = queue.pop(); pid !== undefined && tasks <= most; pid = queue.pop()) {
    if (pids.has(pid)) continue;
    pids.add(pid);
    queue.push(...(children.get(pid) ?? []));
    const status = readText(`/proc/${pid}/status`);
    tasks += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    if (/^State:\s+[ZX]/m.test(status)) pids.add(tellingNumber(pid));
  }
  return { tasks, pids: [...pids] };
}

export function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of namesIn('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = parentOf(pid);
    if (parent === null) continue;
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  return children;
}

function parentOf(pid: number): number | null {
  const fields = statFields(pid);
  return fields.length > 1 ? Number(fields[1]) : null;
}

/** Whether a process is gone; one that only waits to be reaped counts as gone. */
export function isGone(pid: number): boolean {
  const fields = statFields(pid);
  return fields.length > 1 ? isEnded(fields) : !isThere(pid);
}

/** Where /proc is mounted with `hidepid`, it does not show what may not be looked at, which a process can make of itself. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
