/**
 * Ends what lives on of commands whose server was killed. The kernel ends those of a sandbox with us, but takes its time, and a kill in
 * the wrong moment leaves some; where there is no namespace, whatever began a session of its own stays.
 */
import { readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { unescapeOctal } from './host-mounts.ts';
import { tellingNumber } from './living-task.ts';
import { isWithin } from './mounts.ts';
import { linuxPids, processesWithVariable } from './process-table.ts';
import { readText } from './read-text.ts';

/** In the environment of commands that no namespace holds: the working tree that they were started in. */
export const WORKSPACE_VARIABLE = 'CLAUDE_KIMI_WORKSPACE';
const LOOK_EVERY_MS = 5;

/**
 * Kills every process that has one of these working trees, or was started in one. To be called only when nobody else runs commands there.
 * @returns whether none is left; what waits for a dead drive cannot be killed
 */
export async function endLeftCommands(workspaces: readonly string[], withinMs = 5000, kill = killProcess): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const left = await commandsIn(workspaces);
    if (left.length === 0) return true;
    if (performance.now() > deadline) return false;
    for (const pid of left) kill(pid);
    await wait(LOOK_EVERY_MS);
  }
}

async function commandsIn(workspaces: readonly string[]): Promise<number[]> {
  const marked = await Promise.all(workspaces.map((workspace) => processesWithVariable(`${WORKSPACE_VARIABLE}=${workspace}`)));
  const all = [...marked.flat(), ...(process.platform === 'linux' ? processesThatMount(workspaces) : [])];
  return [...new Set(all)].filter((pid) => pid !== process.pid && pid > 1);
}

/** A command can change neither its mounts nor leave them (see seccomp-filter), so they tell for certain whose it is. */
function processesThatMount(workspaces: readonly string[]): number[] {
  const own = readText('/proc/self/mountinfo');
  const places = workspaces.flatMap((workspace) => placeOf(Buffer.from(workspace).toString('latin1'), own) ?? []);
  const known = new Map([[namespaceOf('self'), false]]);
  return linuxPids().filter((pid) => {
    const telling = namespaceOf(pid) === '' ? tellingNumber(pid) : pid;
    const namespace = namespaceOf(telling);
    const holds = known.get(namespace) ?? mountsOf(readText(`/proc/${telling}/mountinfo`)).some(({ place }) => places.includes(place));
    if (namespace !== '') known.set(namespace, holds);
    return holds;
  });
}

/** Device and path on it, which a mount of the folder has in every namespace. */
export function placeOf(folder: string, table: string): string | null {
  const around = mountsOf(table).filter(({ at }) => isWithin(folder, at));
  // Of several at one place the last covers the others.
  const mount = around.reduce<Mount | null>((best, one) => (best && best.at.length > one.at.length ? best : one), null);
  return mount && `${mount.device} ${join(mount.root, relative(mount.at, folder))}`;
}

interface Mount {
  readonly device: string;
  readonly root: string;
  readonly at: string;
  readonly place: string;
}

/** Lines of a mountinfo file, proc(5): `36 35 98:0 /root /at ...`. */
function mountsOf(table: string): Mount[] {
  return table.split('\n').flatMap((line) => {
    const [, , device, root, at] = line.split(' ').map(unescapeOctal);
    return device && root && at ? [{ device, root, at, place: `${device} ${root}` }] : [];
  });
}

/** '' = it ended, or is not ours to look at. */
function namespaceOf(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return '';
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
