/**
 * A control group for the commands of a sandbox, where the user's own systemd makes one: the kernel then bounds memory and processes
 * itself, and what ends programs of a machine that is short of memory (systemd-oomd) takes the commands and not the editor around them.
 * Made once for a sandbox beside everything else, by a process that waits for our end; a command joins it before it starts. Where
 * anything of this fails, the watch is alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../common/find-program.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { readText } from './read-text.ts';
import type { SandboxLimits } from './types.ts';

const ROOT = '/sys/fs/cgroup';
const MOST_MS = 1000;
const LOOK_EVERY_MS = 5;
/** The watch, which can say why, comes first. */
const ABOVE_THE_WATCH = 1.1;

type Limits = Pick<SandboxLimits, 'memoryBytes' | 'processes'>;

export interface CommandCgroup {
  /** Its folder; null = there is none. */
  folder(): Promise<string | null>;
  close(): void;
}

export interface CgroupOptions {
  /** Where control groups are mounted, and the program that makes one; tests play both. */
  readonly root?: string;
  readonly program?: string | null;
  /** How long a first command waits for it at most, in ms. */
  readonly mostMs?: number;
}

export function openCgroup(
  limits: Limits,
  env: Readonly<Record<string, string | undefined>>,
  { root = ROOT, program = systemdRun(root), mostMs = MOST_MS }: CgroupOptions = {},
): CommandCgroup {
  const runtime = env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.()}`;
  if (!program || !existsSync(runtime)) return { folder: async () => null, close: () => {} };
  const unit = `claude-kimi-${randomUUID()}.scope`;
  const bus = env['DBUS_SESSION_BUS_ADDRESS'] ?? `unix:path=${runtime}/bus`;
  const keeper = spawn(program, keeperArguments(unit, limits), {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: runtime, DBUS_SESSION_BUS_ADDRESS: bus },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keeper.on('error', () => {}).unref();
  (keeper.stdin as Socket | null)?.on('error', () => {}).unref();
  const found = findFolder(keeper, unit, root, mostMs);
  return { folder: () => found, close: () => void keeper.stdin?.end() };
}

/** For `systemd-run`: a scope that lives as long as its first process, which ends with its input, and so with us. */
export function keeperArguments(unit: string, { memoryBytes, processes }: Limits): string[] {
  const memory = Math.ceil(memoryBytes * ABOVE_THE_WATCH);
  // As a whole they get half of what the editor beside them does, be they two thousand: each with a session of its own would count as one program else.
  const properties = [`MemoryMax=${memory}`, `MemorySwapMax=${memory}`, `TasksMax=${processes * 2}`, 'CPUWeight=50'];
  return ['--user', '--scope', '--quiet', '--collect', `--unit=${unit}`, ...properties.map((one) => `--property=${one}`), '--', 'cat'];
}

/** What starts a program in the group; a program that may not join runs all the same. */
export function joinCommand(folder: string): string[] {
  return ['/bin/sh', '-c', '{ echo $$ >"$0"; } 2>/dev/null; exec "$@"', `${folder}/cgroup.procs`];
}

/** Whether the kernel has ended a process of the group for want of memory since it was made. */
export function oomKills(folder: string, read = readText): number {
  return Number(/^oom_kill (\d+)$/m.exec(read(`${folder}/memory.events`))?.[1] ?? 0);
}

/** Where systemd has put the process; null when it is elsewhere. */
export function folderOf(cgroups: string, unit: string, root: string): string | null {
  const path = /^0::(\/.*)$/m.exec(cgroups)?.[1];
  return path?.endsWith(`/${unit}`) ? `${root}${path}` : null;
}

async function findFolder(keeper: ChildProcess, unit: string, root: string, mostMs: number): Promise<string | null> {
  const deadline = performance.now() + mostMs;
  while (keeper.pid && keeper.exitCode === null && keeper.signalCode === null && performance.now() < deadline) {
    const folder = folderOf(readText(`/proc/${keeper.pid}/cgroup`), unit, root);
    if (folder) return existsSync(`${folder}/cgroup.procs`) ? folder : null;
    await sleep(LOOK_EVERY_MS, undefined, { ref: false });
  }
  keeper.kill();
  return null;
}

/** Only where the second version of control groups bounds memory. */
function systemdRun(root: string): string | null {
  const controllers = readText(`${root}/cgroup.controllers`).split(/\s+/);
  return controllers.includes('memory') ? findProgram('systemd-run', SYSTEM_PROGRAM_FOLDERS) : null;
}
