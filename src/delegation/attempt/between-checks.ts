/**
 * Code of the attempt runs in its checks, so what one of them leaves must not decide about the next: files of the commit are put back, and
 * what a runner would take by itself goes, where the same check did not leave it on the base. What was built stays, as checks build on it.
 */
import { join } from 'node:path';
import { CHECK_TOOLS, putBackFor } from '../../checks/definition/check-tools.ts';
import { findProgram, foldersOnPath } from '../../common/find-program.ts';
import { namesIn } from '../../common/list-names.ts';
import { SYSTEM_PROGRAM_FOLDERS } from '../../sandbox/host-folders.ts';
import { makePrivateHome } from '../../sandbox/private-home.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { layerChanges } from '../../sandbox/replaced-files.ts';
import { shadowing } from '../../sandbox/shadowing-packages.ts';
import type { SandboxSpec } from '../../sandbox/types.ts';
import { emptyFolder, removeTree } from '../../workspace/remove-tree.ts';
import { git } from '../../workspace/run-git.ts';
import type { PrivateGit } from '../../workspace/types.ts';

/** Folders that a build makes; what lies there is found by nobody who was not told. */
const BUILT = /^(build|cmake-build[\w-]*|builddir|out|target|dist|_build|obj|coverage|node_modules|\.?venv|vendor|deps)\//;
/** What says how git writes files, and what shells and tools read in any folder. */
const SETTINGS = /(^|\/)(\.gitattributes|\.env(\.[^/]+)?|\.envrc)$/;

export interface BetweenChecks {
  /**
   * To be called while no command lives.
   * @param check the one that has run; what it installs stays
   */
  tidy(spec: SandboxSpec, check: { index: number; on: 'base' | 'result'; command: string }, privateGit: PrivateGit): Promise<void>;
}

export function betweenChecks(): BetweenChecks {
  const leftOnBase = new Map<number, ReadonlySet<string>>();
  return {
    async tidy(spec, { index, on, command }, privateGit) {
      const { splitInstalls } = await import('../../sandbox/find-installs.ts'); // with a parser that most starts of the server do not need
      const installs = splitInstalls(command).install !== null;
      emptyHome(spec, installs);
      if (installs) return;
      const left = new Set([...(await startFiles(spec.workspace, privateGit)), ...ofPackages(spec)]);
      const known = leftOnBase.get(index);
      if (on === 'base') leftOnBase.set(index, new Set([...(known ?? []), ...left]));
      else if (known) for (const path of left) if (!known.has(path)) removeTree(path);
    },
  };
}

/** An installation keeps what it downloads there. */
function emptyHome(spec: SandboxSpec, installs: boolean): void {
  const home = join(spec.temp, 'home');
  if (!installs) emptyFolder(home);
  else for (const name of namesIn(home)) if (/rc$|config$|^\.env|profile$|\.toml$|\.ya?ml$/.test(name)) removeTree(join(home, name));
  makePrivateHome(spec);
}

async function startFiles(workTree: string, { gitDir }: PrivateGit): Promise<string[]> {
  const listed = await git(['ls-files', '--others', '-z'], { gitDir, workTree });
  const paths = listed.toString('utf8').split('\0');
  return paths.filter((path) => path !== '' && !BUILT.test(path) && isTakenByItself(path)).map((path) => join(workTree, path));
}

function isTakenByItself(path: string): boolean {
  if (SETTINGS.test(path)) return true;
  return CHECK_TOOLS.some((tool) => putBackFor(tool, path) !== null || tool.shadows?.test(path) || tool.modules?.test(path));
}

/** In the layers over packages: what was replaced there, and what stands in for others. */
function ofPackages({ lent, layers, env }: SandboxSpec): string[] {
  const isProgram = (name: string) => findProgram(name, [...foldersOnPath(env, process.platform), ...SYSTEM_PROGRAM_FOLDERS]) !== null;
  const known = { isProgram, isTool: isProgram, isSaid: () => false };
  return lent.flatMap(({ at, from }) => {
    const top = layers === null ? '' : layerOver(layers, at);
    if (namesIn(top).length === 0) return [];
    const { replaced, added } = layerChanges(top, from);
    return [...replaced, ...shadowing({ place: at, top, from, paths: added }, known)].map((path) => join(top, path));
  });
}
