/** The processes of this machine, where no namespace holds those of a command together. */

import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { namesIn } from '../common/list-names.ts';
import { hasNoFirst, isEnded, statFields, tellingNumber } from './living-task.ts';
import { readStart, readText } from './read-text.ts';

const run = promisify(execFile);

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** When it was started, in whatever form: with the number it names a process for good. */
  readonly started: string;
}

export async function processTable(platform: NodeJS.Platform = process.platform): Promise<ProcessEntry[]> {
  if (platform === 'linux') return linuxProcesses();
  return parseProcessTable(await psOutput(['-axo', 'pid=,ppid=,lstart=']));
}

/** What each holds in memory; pages that several share count for each of them. */
export async function processMemory(): Promise<{ pid: number; parent: number; residentBytes: number }[]> {
  const text = await psOutput(['-axo', 'pid=,ppid=,rss=']);
  return [...text.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/gm)].map(([, pid, parent, kilobytes]) => ({
    pid: Number(pid),
    parent: Number(parent),
    residentBytes: 1024 * Number(kilobytes),
  }));
}

/** What names a process for good. */
export function processKey({ pid, started }: ProcessEntry): string {
  return `${pid} ${started}`;
}

/** The processes under (and including) some, by what a table says. Never this one, which a hostile table of parents could name. */
export function descendantsOf<Entry extends Pick<ProcessEntry, 'pid' | 'parent'>>(
  roots: readonly number[],
  table: readonly Entry[],
): Entry[] {
  const children = new Map<number, Entry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const found = new Set(table.filter(({ pid }) => roots.includes(pid)));
  for (const { pid } of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found].filter(({ pid }) => pid !== process.pid && pid > 1);
}

/** An environment can be six megabytes, and those who have such a one many: everything else goes on meanwhile. */
const MOST_MS_AT_ONCE = 20;

/** Those in whose environment a text stands. macOS does not tell the environment of its own programs. */
export async function processesWithVariable(text: string, platform: NodeJS.Platform = process.platform): Promise<number[]> {
  if (platform === 'linux') {
    const bytes = Buffer.from(text).toString('latin1');
    const found: number[] = [];
    let since = performance.now();
    for (const pid of linuxPids()) {
      if (performance.now() - since > MOST_MS_AT_ONCE) {
        await nextTurn();
        since = performance.now();
      }
      if (environmentOf(pid).split('\0').includes(bytes)) found.push(pid);
    }
    return found;
  }
  return parseEnvironments(await psOutput(['-axEww', '-o', 'pid=,command=']), text);
}

function environmentOf(pid: number): string {
  const text = readText(`/proc/${pid}/environ`);
  if (text !== '') return text;
  const telling = tellingNumber(pid);
  return telling === pid ? '' : readText(`/proc/${telling}/environ`);
}

/** Of Linux (`PF_KTHREAD` in include/linux/sched.h). */
const KERNEL_THREAD = 0x00200000;

/** Those on Linux that are just about to be another program: for that moment the kernel tells neither their words nor their environment. */
export function changingPrograms(): number[] {
  return linuxPids().filter((pid) => {
    if (readStart(`/proc/${pid}/environ`, 1) !== '' || readStart(`/proc/${pid}/cmdline`, 1) !== '') return false;
    const fields = statFields(pid);
    return fields.length >= 20 && !hasNoFirst(fields) && (Number(fields[6]) & KERNEL_THREAD) === 0;
  });
}

/** Lines of `ps -o pid=,ppid=,lstart=`. */
export function parseProcessTable(text: string): ProcessEntry[] {
  return [...text.matchAll(/^[ \t]*(\d+)[ \t]+(\d+)[ \t]+(\S.*)$/gm)].map(([, pid, parent, started = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    started: started.trimEnd(),
  }));
}

/** Lines of `ps -E -o pid=,command=`, where the environment stands behind the arguments. */
export function parseEnvironments(output: string, text: string): number[] {
  const lines = output.split('\n').filter((line) => ` ${line} `.includes(` ${text} `));
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 0);
}

function linuxProcesses(): ProcessEntry[] {
  return linuxPids().flatMap((pid) => {
    const fields = statFields(pid);
    return fields.length < 20 || isEnded(fields) ? [] : [{ pid, parent: Number(fields[1]), started: fields[19] ?? '' }];
  });
}

export function linuxPids(): number[] {
  return namesIn('/proc').map(Number).filter(Number.isInteger);
}

async function psOutput(args: readonly string[]): Promise<string> {
  try {
    return (await run('/bin/ps', args, { env: { LC_ALL: 'C' }, maxBuffer: 64 * 2 ** 20, timeout: 5000 })).stdout;
  } catch {
    return '';
  }
}
