import { createHash } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import { makePrivateFolder } from '../../common/private-folder.ts';
import { writeWhole } from '../../common/write-atomic.ts';
import type { AttemptResult } from '../result/result-schema.ts';

/** All of an attempt together; what comes behind is known by its last lines alone. */
const MOST_BYTES = 16 * 1024 * 1024;

const folderOf = (attemptFolder: string) => path.join(attemptFolder, 'outputs');

/**
 * Keeps an output with its attempt, with which it goes. Its name is made of what it says, so the same twice is one file.
 * @returns the name of the file; null = there is no room for it, which costs nothing but the look at it
 */
export function keepOutput(attemptFolder: string, text: string): string | null {
  const folder = folderOf(attemptFolder);
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 24)}.txt`;
  try {
    makePrivateFolder(folder);
    const names = namesIn(folder);
    if (names.includes(name)) return name;
    const kept = names.reduce((sum, other) => sum + statSync(path.join(folder, other)).size, 0);
    if (kept + Buffer.byteLength(text) > MOST_BYTES) return null;
    writeWhole(path.join(folder, name), text);
    return name;
  } catch {
    return null;
  }
}

/** @returns null when it is not there any more */
export function readOutput(attemptFolder: string, name: string): string | null {
  try {
    return readFileSync(path.join(folderOf(attemptFolder), path.basename(name)), 'utf8');
  } catch {
    return null;
  }
}

/** Removes what no run of the result names: those that were repeated, and those of a run that was stopped. */
export function forgetOutputs(attemptFolder: string, { checks }: Pick<AttemptResult, 'checks'>): void {
  const runs = checks.flatMap(({ base, result, definition }) => [base, result, definition?.run]);
  const named = new Set(runs.map((run) => run?.output?.file));
  const folder = folderOf(attemptFolder);
  for (const name of namesIn(folder)) if (!named.has(name)) tryToRemove(path.join(folder, name));
}

function tryToRemove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {} // it goes with the delegation
}
