/** The environment (of Python or conda) that is activated where the server was started: its programs come first for commands as well. */
import { lstatSync } from 'node:fs';
import { isAbsolute, join, normalize, relative } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { lend } from './find-lent.ts';
import { SETTINGS_OF_INSTALLATION } from './toolchains.ts';
import type { LentFolder, SandboxSpec } from './types.ts';

/** Which variables name one. */
export const ENVIRONMENT_VARIABLES: readonly string[] = ['VIRTUAL_ENV', 'CONDA_PREFIX'];
const MARKS: readonly string[] = ['pyvenv.cfg', 'conda-meta'];

/**
 * @param paths the files of the base commit; one that the commit itself carries is left out
 * @param lent what is lent already
 */
export function findActive(
  { env, mountAt, hidden }: Pick<SandboxSpec, 'env' | 'mountAt' | 'hidden'>,
  paths: readonly string[],
  lent: readonly LentFolder[],
): LentFolder[] {
  const found = new Map<string, LentFolder>();
  for (const at of ENVIRONMENT_VARIABLES.map((name) => normalize(env[name] ?? '').replace(/(.)\/$/, '$1'))) {
    if (!isAbsolute(at) || lent.some((folder) => contains(folder.at, at))) continue;
    const real = realPathOf(at);
    if (real === null || !isEnvironment(real) || hidden.some((folder) => contains(real, folder))) continue;
    const inside = contains(mountAt, at) ? relative(mountAt, at) : null;
    if (inside !== null && paths.some((file) => file === inside || file.startsWith(`${inside}/`))) continue;
    for (const folder of lentEnvironment(at, real)) found.set(folder.at, folder);
  }
  return [...found.values()];
}

/** An environment at its place, and where a link leads there at its own as well: that is written into its scripts. */
export function lentEnvironment(at: string, real: string): LentFolder[] {
  // One of conda's that holds others has their variables, and a cache that notes addresses.
  const within = ['', 'envs/*/'].flatMap((folder) => SETTINGS_OF_INSTALLATION.map((name) => `${folder}${name}`));
  const lent = lend(at, real, {
    settings: [...within, 'envs/*/.env*'],
    addresses: ['pkgs/urls', 'pkgs/urls.txt'],
    environments: ['', 'envs/*'],
  });
  return lent ? [...new Set([at, real])].map((place) => ({ ...lent, at: place })) : [];
}

export function isEnvironment(folder: string): boolean {
  return lstatSync(folder).isDirectory() && namesIn(folder).some((name) => MARKS.includes(name)) && namesIn(join(folder, 'bin')).length > 0;
}
