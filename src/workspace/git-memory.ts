/**
 * Watches what a git holds in memory. A file of 49 MB that is nothing but line ends, changed by both sides of a merge, takes 10 GB. A limit of
 * the kernel's would need a shell around each git, which costs as much as a short git does.
 */
import { usableMemory } from '../common/usable-memory.ts';
import { roughMemory } from '../sandbox/memory-use.ts';
import { readText } from '../sandbox/read-text.ts';

const MB = 2 ** 20;
/** A checkout of a very large repository takes several hundred MB. */
export const MOST_MEMORY = Math.min(4096 * MB, Math.max(1024 * MB, usableMemory() / 4));
const LOOK_EVERY_MS = 100;

/** Calls `exceeded` once. Where there is no /proc nothing is watched. @returns what ends the watch */
export function watchGitMemory(pid: number, most: number, exceeded: () => void): () => void {
  const timer = setInterval(() => {
    if (memoryOf(pid) <= most) return;
    clearInterval(timer);
    exceeded();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** Of a process and those that it started. */
function memoryOf(pid: number): number {
  const children = readText(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + memoryOf(Number(child)), roughMemory(readText(`/proc/${pid}/status`)));
}
