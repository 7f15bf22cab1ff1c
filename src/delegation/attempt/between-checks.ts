/**
 * Code of the attempt runs in its checks, so what one of them leaves must not decide about the next: files of the commit are put back, and
 * what a runner would take by itself goes, where the same check did not leave it on the base. What was built stays, as checks build on it.
 */
import { join, relative } from 'node:path';
import { findDefinition } from '../../checks/definition/find-definition.ts';
import { findProgram, foldersOnPath } from '../../common/find-program.ts';
import { namesIn } from '../../common/list-names.ts';
import { contains } from '../../common/path-contains.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { SYSTEM_PROGRAM_FOLDERS } from '../../sandbox/host-folders.ts';
import { makePrivateHome } from '../../sandbox/private-home.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { layerChanges } from '../../sandbox/replaced-files.ts';
import { shadowing } from '../../sandbox/shadowing-packages.ts';
import type { SandboxSpec } from '../../sandbox/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { emptyFolder, removeTree } from '../../workspace/remove-tree.ts';
import { git } from '../../workspace/run-git.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import { sidesOf } from './check-definitions.ts';

/** Folders that a build makes; what lies there is found by nobody who was not told. */
const BUILT = /^(build|cmake-build[\w-]*|builddir|out|target|dist|_build|obj|coverage|node_modules|\.?venv|vendor|deps)\//;
/** What says how git writes files, and what shells and tools read in any folder. */
const SETTINGS = /(^|\/)(\.gitattributes|\.env(\.[^/]+)?|\.envrc)$/;
/** A file of more decides nothing. */
const MOST_BYTES = 64 * 1024;
const MOST_FILES = 2000;

export interface BetweenChecks {
  /**
   * To be called while no command lives.
   * @param index of the check that has run; what it installs stays
   */
  tidy(spec: SandboxSpec, check: { index: number; on: 'base' | 'result' }, privateGit: PrivateGit): Promise<void>;
}

/**
 * @param commands all checks
 * @param cwd where they begin, relative to the root
 * @param base the commit that says what they do
 */
export function betweenChecks(commands: readonly string[], cwd: string, base: string): BetweenChecks {
  const leftOnBase = new Map<number, ReadonlySet<string>>();
  return {
    async tidy(spec, { index, on }, privateGit) {
      const { splitInstalls } = await import('../../sandbox/find-installs.ts'); // with a parser that most starts of the server do not need
      const installs = splitInstalls(commands[index] ?? '').install !== null;
      emptyHome(spec, installs);
      if (installs) return;
      const inTemp = namesIn(spec.temp).filter((name) => name !== 'home');
      const outside = [...inTemp.map((name) => join(spec.temp, name)), ...ofPackages(spec)];
      const left = new Set([...(await addedFiles(spec.workspace, privateGit)), ...outside]);
      const known = leftOnBase.get(index);
      if (on === 'base') leftOnBase.set(index, new Set([...(known ?? []), ...left]));
      if (on === 'base' || !known) return;
      const fresh = [...left].filter((file) => !known.has(file));
      const added = fresh.filter((file) => contains(spec.workspace, file)).map((file) => relative(spec.workspace, file));
      const deciding = await decidingAmong(added.slice(0, MOST_FILES), spec.workspace, privateGit, commands.slice(index + 1));
      for (const file of fresh) if (!contains(spec.workspace, file)) removeTree(file);
      for (const file of deciding) removeTree(join(spec.workspace, file));
    },
  };

  /** As for files of the branch: those by which the next checks would be others. */
  async function decidingAmong(
    paths: readonly string[],
    workTree: string,
    privateGit: PrivateGit,
    next: readonly string[],
  ): Promise<Set<string>> {
    const deciding = new Set(paths.filter((path) => SETTINGS.test(path)));
    if (paths.length === 0) return deciding;
    const sides = {
      ...sidesOf(privateGit, base, base),
      basePaths: new Set((await listTree(privateGit, base)).map(({ path }) => path)),
      result: async (asked: readonly string[]) => new Map(asked.map((path) => [path, textOf(join(workTree, path))])),
    };
    for (const command of next) for (const { path } of (await findDefinition(command, cwd, paths, sides)).files) deciding.add(path);
    return deciding;
  }
}

function textOf(file: string): string {
  return readPlainFile(file, MOST_BYTES, 'refused')?.toString('utf8') ?? 'test';
}

/** An installation keeps what it downloads there. */
function emptyHome(spec: SandboxSpec, installs: boolean): void {
  const home = join(spec.temp, 'home');
  if (!installs) emptyFolder(home);
  else for (const name of namesIn(home)) if (/rc$|config$|^\.env|profile$|\.toml$|\.ya?ml$/.test(name)) removeTree(join(home, name));
  makePrivateHome(spec);
}

async function addedFiles(workTree: string, { gitDir }: PrivateGit): Promise<string[]> {
  const listed = await git(['ls-files', '--others', '-z'], { gitDir, workTree });
  const paths = listed.toString('utf8').split('\0');
  return paths.filter((path) => path !== '' && !BUILT.test(path)).map((path) => join(workTree, path));
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
