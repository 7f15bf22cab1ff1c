/** Watches what a command's processes use where there is no /proc: by `ps`, and so seldom. Threads are not told there. */
import type { DiskGuard } from './guard-disk.ts';
import { descendantsOf, processMemory } from './process-table.ts';
import type { SandboxLimits } from './types.ts';
import type { Excess, Watchable } from './watch-resources.ts';

const FIRST_LOOK_MS = 250;
const LOOK_EVERY_MS = 1000;

/**
 * Calls `exceeded` once when the tree under `rootPid` uses more than the limits allow. Returns the function that ends the watch.
 * @param list the processes of the machine; tests play them
 */
export function watchByPs(
  rootPid: number,
  { limits, disk, strays }: Watchable,
  exceeded: (reason: Excess) => void,
  list = processMemory,
): () => null {
  let timer: NodeJS.Timeout | null = null;
  const look = async () => {
    const reason = excess(descendantsOf([rootPid, ...(strays?.() ?? [])], await list()), limits, disk);
    if (timer === null) return;
    if (reason) exceeded(reason);
    else again(LOOK_EVERY_MS);
  };
  const again = (milliseconds: number) => {
    timer = setTimeout(() => void look(), milliseconds).unref();
  };
  again(FIRST_LOOK_MS);
  return () => {
    if (timer) clearTimeout(timer);
    timer = null;
    return null;
  };
}

type Process = Awaited<ReturnType<typeof processMemory>>[number];

function excess(tree: readonly Process[], limits: Pick<SandboxLimits, 'memoryBytes' | 'processes'>, disk: DiskGuard): Excess | null {
  if (tree.length > limits.processes) return 'processes';
  if (tree.reduce((sum, { residentBytes }) => sum + residentBytes, 0) > limits.memoryBytes) return 'memory';
  return disk.isExceeded(tree.map(({ pid }) => pid)) ? 'disk' : null;
}
