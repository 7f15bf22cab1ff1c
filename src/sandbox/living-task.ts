/**
 * A process whose first thread has ended and others go on: the kernel calls it a zombie, and shows under its number neither what it holds nor
 * its environment, descriptors and mounts. Under the number of a thread that lives it shows them all.
 */
import { namesIn } from '../common/list-names.ts';
import { readText } from './read-text.ts';

/** Of the fields behind the name in /proc/<pid>/stat. */
const STATE = 0;
const THREADS = 17;

/** What the kernel says of a process behind its name, which stands in parentheses and may hold spaces and parentheses itself. */
export function statFields(pid: number): string[] {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

export const isEnded = (fields: readonly string[]): boolean => hasNoFirst(fields) && !(Number(fields[THREADS]) > 1);

/** Whether its first thread has ended. */
export const hasNoFirst = (fields: readonly string[]): boolean => fields[STATE] === 'Z' || fields[STATE] === 'X';

/** The number under which the kernel tells what a process has. */
export function tellingNumber(pid: number, fields: readonly string[] = statFields(pid)): number {
  if (!hasNoFirst(fields) || isEnded(fields)) return pid;
  const others = namesIn(`/proc/${pid}/task`).map(Number);
  return others.find((task) => task !== pid && !hasNoFirst(statFields(task))) ?? pid;
}
