/**
 * Watches what a git holds in memory. A file of 49 MB that is nothing but line ends, changed by both sides of a merge, takes 10 GB. A limit of
 * the kernel's would need a shell around each git, which costs as much as a short git does.
 */
import { machineMemory } from '../common/machine-memory.ts';
import { readText } from '../sandbox/read-text.ts';

const MB = 2 ** 20;
/** A checkout of a very large repository takes several hundred MB. */
export const MOST_MEMORY = Math.min(4096 * MB, Math.max(1024 * MB, machineMemory() / 4));
const LOOK_EVERY_MS = 100;

/** Calls `exceeded` once. Where there is no /proc nothing is watched. @returns what ends the watch */
export function watchMemory(pid: number, most: number, exceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (memoryOf(pid) <= most) return;
    clearInterval(timer);
    exceeded();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** Of a process and those that it started. Without mapped files: the kernel takes their pages back whenever somebody needs them. */
function memoryOf(pid: number): number {
  const status = readText(`/proc/${pid}/status`);
  const kilobytes = [...status.matchAll(/^(?:RssAnon|RssShmem|VmSwap):\s+(\d+)/gm)].map(([, held]) => Number(held));
  const children = readText(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return kilobytes.reduce((sum, held) => sum + 1024 * held, 0) + children.reduce((sum, child) => sum + memoryOf(Number(child)), 0);
}
