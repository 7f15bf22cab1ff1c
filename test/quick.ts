import assert from 'node:assert/strict';

/** What is made for these tests takes minutes where work grows with the square of its input, and a fraction of this where it does not. */
const MOST_SECONDS = 4;

/** Runs what must not take long whatever its input is. Counts processor time of this process, which other programs do not lengthen. */
export function quick<T>(work: () => Promise<T>, what?: string): Promise<T>;
export function quick<T>(work: () => T, what?: string): T;
export function quick<T>(work: () => T | Promise<T>, what = 'it'): T | Promise<T> {
  const before = process.cpuUsage();
  const done = work();
  if (done instanceof Promise) return done.finally(() => check(before, what));
  check(before, what);
  return done;
}

function check(before: NodeJS.CpuUsage, what: string): void {
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  assert.ok(seconds < MOST_SECONDS, `${what} took ${seconds.toFixed(1)} s of processor time`);
}
