/** Watches what a command's whole process tree uses, since resource limits of the kernel bound neither root's processes nor memory. */
import { readFileSync } from 'node:fs';
import { namesIn } from '../common/list-names.ts';
import type { SandboxLimits } from './types.ts';

/** Short commands end before the first look and pay nothing. */
const INTERVAL_MS = 250;

export interface TreeUse {
  /** Threads of all processes: a bomb of threads hurts as much as one of processes. */
  readonly tasks: number;
  /** Sum of resident memory, bytes; memory that processes share counts in each of them. */
  readonly memoryBytes: number;
  readonly pids: readonly number[];
}

/**
 * Calls `exceeded` once when the tree under `rootPid` uses more than the limits allow. Returns the function that ends the
 * watch. Systems without /proc are not watched.
 */
export function watchTree(
  rootPid: number,
  limits: Pick<SandboxLimits, 'memoryBytes' | 'processes'>,
  exceeded: (reason: 'memory' | 'processes') => void,
): () => void {
  const timer = setInterval(() => {
    const use = readTree(rootPid);
    const reason = excess(use, limits);
    if (!reason) return;
    clearInterval(timer);
    exceeded(reason);
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function excess(use: TreeUse, limits: Pick<SandboxLimits, 'memoryBytes' | 'processes'>): 'memory' | 'processes' | null {
  if (use.tasks > limits.processes) return 'processes';
  if (use.memoryBytes > limits.memoryBytes && proportionalMemory(use.pids) > limits.memoryBytes) return 'memory';
  return null;
}

/** What the processes under (and including) a process use now. */
export function readTree(rootPid: number): TreeUse {
  const children = childrenByParent();
  const pids: number[] = [];
  const queue = [rootPid];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    pids.push(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  let tasks = 0;
  let memoryBytes = 0;
  for (const pid of pids) {
    const status = readText(`/proc/${pid}/status`);
    tasks += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    memoryBytes += 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  }
  return { tasks, memoryBytes, pids };
}

function childrenByParent(): Map<number, number[]> {
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
  const stat = readText(`/proc/${pid}/stat`);
  // The program's name stands in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.length > 1 ? Number(fields[1]) : null;
}

/** Memory with shared pages divided among those who share them, bytes; slow, so asked only when the plain sum is over. */
function proportionalMemory(pids: readonly number[]): number {
  let sum = 0;
  for (const pid of pids) {
    const rollup = readText(`/proc/${pid}/smaps_rollup`);
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1];
    sum += 1024 * Number(kilobytes ?? 0);
  }
  return sum;
}

/** Whether a process is gone; one that only waits to be reaped counts as gone. */
export function isGone(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
