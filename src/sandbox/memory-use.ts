/**
 * How much memory the processes of a command hold, each page once, and how short of it the machine is. Shared memory (files of a tmpfs,
 * memfds, SysV segments, mappings of several processes) belongs to no process and need not be mapped or held open by one, so it is read
 * off the machine: what that has more of than before, less what others began to map meanwhile.
 */
import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { namesIn } from '../common/list-names.ts';
import { readText } from './read-text.ts';

export interface MachineMemory {
  readonly totalBytes: number;
  /** What programs can still get, with caches that the kernel would drop. */
  readonly availableBytes: number;
  readonly sharedBytes: number;
}

/** Below this share of its memory the machine is short of it, and whoever took as much lately is ended. */
const SHORT = 0.1;
/** Others are looked at only where shared memory has grown by this share of the limit. */
const GROWTH = 0.25;
/** Exact figures are slow to read; between two readings this much time passes, unless the rough figure has grown by what was left. */
const EXACT_EVERY_MS = 1000;
/**
 * What sockets hold has a limit for all programs of the machine together, in whatever namespace: beyond it nobody's connections go on. So do those that
 * were closed before all was sent, and open files. So much of it is a command's, where it has sockets.
 */
const SHARE = 0.5;
const SOCKET_LIMITS = [
  { name: 'TCP', figure: 'mem', limit: '/proc/sys/net/ipv4/tcp_mem' },
  { name: 'TCP', figure: 'orphan', limit: '/proc/sys/net/ipv4/tcp_max_orphans' },
  { name: 'UDP', figure: 'mem', limit: '/proc/sys/net/ipv4/udp_mem' },
];
/**
 * Looks at descriptors (epoll) have a limit for all programs of a user together: beyond it every program of Node's that asks for one more ends. They are
 * counted nowhere. So many take this share of the machine's memory as the kernel's own, half of what it lets them; a program with so many descriptors
 * has a quarter of their square at most, and what is on its way through sockets is seen by nobody.
 */
const LOOKS_MEMORY = 0.02;
const LOOKS_SHARE = 0.125;
const LOOKS_LIMIT = '/proc/sys/fs/epoll/max_user_watches';
/** Of a process with tens of thousands of mappings one alone takes 20 ms to read, and there may be hundreds: everything else goes on meanwhile. */
const MOST_MS_AT_ONCE = 20;

/** @returns null where the system does not tell */
export function machineMemory(read = readText): MachineMemory | null {
  const text = read('/proc/meminfo');
  const [totalBytes, availableBytes, sharedBytes] = [
    kilobytes(text, 'MemTotal'),
    kilobytes(text, 'MemAvailable'),
    kilobytes(text, 'Shmem'),
  ];
  return totalBytes === null || availableBytes === null ? null : { totalBytes, availableBytes, sharedBytes: sharedBytes ?? 0 };
}

/** How many descriptors a process has open. Kernels before 6.2 tell by names only. */
function openFilesOf(pid: number): number {
  try {
    const { size } = statSync(`/proc/${pid}/fd`);
    if (size > 0) return size;
  } catch {
    // It ended, or is not to be looked at.
  }
  return namesIn(`/proc/${pid}/fd`).length;
}

/**
 * Watches one command.
 * @param read the text of a file of /proc, '' when there is none
 */
export function watchMemory(limitBytes: number, read = readText, openFiles = openFilesOf) {
  const start = machineMemory(read);
  let leastShared = start?.sharedBytes ?? 0;
  let mostAvailable = start?.availableBytes ?? 0;
  /** What others mapped when shared memory began to grow. */
  let others: number | null = null;
  const leastHeld = new Map<string, number>();
  let last = { at: Number.NEGATIVE_INFINITY, rough: 0, exact: 0 };

  /** What kernel and programs took: pages of no process at all too, such as the buffers of sockets. */
  const isMachineShort = ({ totalBytes, availableBytes }: MachineMemory) =>
    availableBytes < SHORT * totalBytes && mostAvailable - availableBytes > SHORT * totalBytes;
  const sharedGrowth = (machine: MachineMemory | null) => Math.max(0, (machine?.sharedBytes ?? 0) - leastShared);

  const fillsSockets = (pids: readonly number[]): boolean => {
    const now = read('/proc/net/sockstat');
    return SOCKET_LIMITS.some(({ name, figure, limit }) => {
      const isFull = takesMuch(limit, socketFigure(now, name, figure), Number(read(limit).trim().split(/\s+/).at(-1)));
      return isFull && socketFigure(inNamespaceOf(pids), name, 'inuse') > 0;
    });
  };
  /** The last ones are within the namespace of the command, if it has one; of those that have ended there is nothing to read. */
  const inNamespaceOf = (pids: readonly number[]): string => {
    for (const pid of pids.toReversed()) {
      const text = read(`/proc/${pid}/net/sockstat`);
      if (text) return text;
    }
    return '';
  };
  const takesMuch = (of: string, held: number, most: number): boolean => {
    const least = Math.min(held, leastHeld.get(of) ?? held);
    leastHeld.set(of, least);
    return most > 0 && held - least > SHARE * most;
  };
  const fillsLooks = (pids: readonly number[]): boolean => {
    const now = read('/proc/meminfo');
    const most = (LOOKS_MEMORY / SHARE) * (kilobytes(now, 'MemTotal') ?? 0);
    if (!takesMuch('looks', kilobytes(now, 'SUnreclaim') ?? 0, most)) return false;
    let left = LOOKS_SHARE * Number(read(LOOKS_LIMIT));
    return pids.some((pid) => {
      left -= openFiles(pid) ** 2 / 4;
      return left < 0;
    });
  };
  /** Nobody else has that many at once. */
  const fillsFiles = (): boolean => {
    const [held = 0, , most = 0] = read('/proc/sys/fs/file-nr').trim().split(/\s+/).map(Number);
    return takesMuch('files', held, most);
  };

  /** What was found by the last reading, while the next one is made. */
  let reading: Promise<boolean> | null = null;

  const readExactly = async (pids: readonly number[], rough: number, growth: number): Promise<boolean> => {
    const own = await exactMemory(pids, read);
    const unknown = () => growth - Math.max(0, sharedOfOthers(pids, read) - (others ?? 0));
    const shared = growth > own.shared ? Math.max(own.shared, unknown()) : own.shared;
    last = { ...last, rough, exact: own.ownBytes + shared };
    return last.exact > limitBytes;
  };

  return {
    /** Cheap, to be called often: whether the tree must be looked at now. */
    pulse(): boolean {
      const machine = machineMemory(read);
      if (!machine) return false;
      leastShared = Math.min(leastShared, machine.sharedBytes);
      mostAvailable = Math.max(mostAvailable, machine.availableBytes);
      return mostAvailable - machine.availableBytes > limitBytes || isMachineShort(machine);
    },
    /** Whether the processes of the command hold too much; null = nobody knows yet: one reading after the other. */
    async isExceeded(pids: readonly number[], now = performance.now()): Promise<boolean | null> {
      const machine = machineMemory(read);
      if ((machine && isMachineShort(machine)) || fillsSockets(pids) || fillsFiles() || fillsLooks(pids)) return true;
      const growth = sharedGrowth(machine);
      if (growth > GROWTH * limitBytes) others ??= sharedOfOthers(pids, read);
      const rough = sum(pids, (pid) => roughMemory(read(`/proc/${pid}/status`))) + growth;
      if (rough <= limitBytes) return false;
      if (reading) return null;
      if (now - last.at < EXACT_EVERY_MS && rough - last.rough < limitBytes - last.exact) return false;
      last = { ...last, at: now };
      reading = readExactly(pids, rough, growth).finally(() => (reading = null));
      return reading;
    },
  };
}

/** Never less than the process alone holds; file pages, which the kernel drops when it needs them, do not count. */
export function roughMemory(status: string): number {
  const anonymous = kilobytes(status, 'RssAnon');
  const resident = anonymous === null ? kilobytes(status, 'VmRSS') : anonymous + (kilobytes(status, 'RssShmem') ?? 0);
  return (resident ?? 0) + (kilobytes(status, 'VmSwap') ?? 0);
}

/** Pages that several processes hold are divided among them. */
async function exactMemory(pids: readonly number[], read: (path: string) => string): Promise<{ ownBytes: number; shared: number }> {
  let [ownBytes, shared, since] = [0, 0, performance.now()];
  for (const pid of pids) {
    if (performance.now() - since > MOST_MS_AT_ONCE) {
      await nextTurn();
      since = performance.now();
    }
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    const anonymous = kilobytes(rollup, 'Pss_Anon') ?? kilobytes(rollup, 'Pss');
    shared += kilobytes(rollup, 'Pss_Shmem') ?? 0;
    ownBytes += anonymous ?? roughMemory(read(`/proc/${pid}/status`));
    for (const name of ['SwapPss', 'Private_Hugetlb', 'Shared_Hugetlb']) ownBytes += kilobytes(rollup, name) ?? 0;
  }
  return { ownBytes, shared };
}

function sharedOfOthers(pids: readonly number[], read: (path: string) => string): number {
  const others = namesIn('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && !pids.includes(pid));
  return sum(others, (pid) => kilobytes(read(`/proc/${pid}/status`), 'RssShmem') ?? 0);
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + of(pid), 0);
}

/** Of a line such as `TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 39163`. */
const socketFigure = (text: string, name: string, figure: string): number =>
  Number(new RegExp(`^${name}: .*\\b${figure} (\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** A line such as `Shmem:   123 kB`, in bytes; null when there is none. */
function kilobytes(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return found === undefined ? null : 1024 * Number(found);
}
