import { totalmem } from 'node:os';

/** Bytes that this process and what it starts can have at most. */
export function usableMemory(): number {
  // Node gives 0 or more than there is where this process's group has no limit.
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}
