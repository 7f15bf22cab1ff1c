/** Folders among packages and caches in which tools note more than they made: what they ran with, and what they sent to be answered. */
import { spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expandNames } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';

const LOOK_MS = 3000;
/** Behind an answer's own bytes, or beside them. */
const END_BYTES = 64 * 1024;
const LOOK = `find "$1" -type f ! -name '*.body' -exec tail -q -c ${END_BYTES} -- {} + | grep -qaiE 'authorization.{0,8}(basic|bearer|token|digest) '`;

/**
 * Those that commands must not read, relative to the folder. tox writes each variable that it passes on into its logs. npm, pip and Poetry keep
 * an answer with the headers of the request that it depends on, and a server may say that it depends on the login (`Vary: Authorization`).
 * @returns null where it cannot be told which
 */
export function foldersOfNotes(
  folder: string,
  { notes = [], answers = [] }: { readonly notes?: readonly string[]; readonly answers?: readonly string[] },
): string[] | null {
  const root = realPathOf(folder) ?? folder;
  let isCut = false;
  const named = (patterns: readonly string[]) =>
    patterns.flatMap((pattern) =>
      expandNames(root, pattern, () => {
        isCut = true;
      }).flatMap((path) => realFolder(root, path)),
    );
  const found = [...named(notes), ...named(answers).filter((path) => holdsLogin(join(root, path)))];
  return isCut ? null : [...new Set(found)];
}

/** By where it really lies: over what only a link leads to nothing can be mounted. */
function realFolder(root: string, path: string): string[] {
  const real = realPathOf(join(root, path));
  return real !== null && real !== root && contains(root, real) && lstatSync(real).isDirectory() ? [relative(root, real)] : [];
}

/** Whether one of the answers stands beside a login; where that is not known in time it counts as so. */
function holdsLogin(folder: string): boolean {
  const options = { timeout: LOOK_MS, stdio: 'ignore', cwd: '/', env: { PATH: SYSTEM_PROGRAM_FOLDERS.join(':'), LC_ALL: 'C' } } as const;
  return spawnSync('/bin/sh', ['-c', LOOK, 'sh', folder], options).status !== 1;
}
