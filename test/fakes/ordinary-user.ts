import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** Root may write everywhere, so what an ordinary user meets is tested under this id. */
export const ORDINARY_ID = 65534;

const isRoot = process.getuid?.() === 0;

/** The words that stand before a command so that an ordinary user runs it; none when the tester is one. Null = not possible here. */
export function asOrdinaryUser(program: string = process.execPath): readonly string[] | null {
  if (!isRoot) return process.platform === 'linux' ? [] : null;
  const words = ['setpriv', `--reuid=${ORDINARY_ID}`, `--regid=${ORDINARY_ID}`, '--clear-groups', '--'];
  try {
    accessSync('/usr/bin/setpriv', constants.X_OK);
  } catch {
    return null;
  }
  // The program may lie in a folder that only root can enter.
  return spawnSync(words[0]!, [...words.slice(1), 'test', '-x', program]).status === 0 ? words : null;
}

/** Gives a folder to the ordinary user. */
export function giveAway(folder: string): void {
  if (isRoot) spawnSync('chown', ['-R', `${ORDINARY_ID}:${ORDINARY_ID}`, folder]);
}
