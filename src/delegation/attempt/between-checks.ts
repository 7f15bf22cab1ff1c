/**
 * Code of the attempt runs in its checks, so what one of them leaves must not decide about the next: files of the commit are put back, and
 * what a runner would take by itself goes, where the same check did not leave it on the base. What was built stays, as checks build on it.
 *
 * What stood after an installation stays for the rest of the run, as it was then: a raised version is not on the base, and without it the next
 * checks would fail, through no fault of the work. Scripts of packages run in it, and what they lay cannot be told from packages. Of a line that installs
 * and goes on (`npm ci && npm test`) only packages stay so, whoever of the two laid them; its other leavings are treated as any check's.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findDefinition } from '../../checks/definition/find-definition.ts';
import { isMoreOf, notUnderstood } from '../../checks/definition/understood.ts';
import { isTestLanguage, isTestPath } from '../../checks/test-files.ts';
import { holdsEntry, namesIn } from '../../common/list-names.ts';
import { contains } from '../../common/path-contains.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { BUILD_FOLDERS } from '../../common/tool-made-files.ts';
import { prepareMountPoint } from '../../sandbox/mount-points.ts';
import { makePrivateHome } from '../../sandbox/private-home.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { layerChanges } from '../../sandbox/replaced-files.ts';
import { programsOf, shadowing } from '../../sandbox/shadowing-packages.ts';
import type { SandboxSpec } from '../../sandbox/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { removeInTime } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import { git } from '../../workspace/run-git.ts';
import type { PrivateGit } from '../../workspace/types.ts';
import { workTreeCall } from '../../workspace/work-tree-call.ts';
import { sidesOf } from './sides.ts';
import { packagesWritten } from './written-packages.ts';

/** What builds and installations make at the root stays: it is too much to be listed, and packages are looked at by themselves. */
const BUILT = new RegExp(`^(${BUILD_FOLDERS}|cmake-build|node_modules|\\.?venv|vendor)/`);
/** What says how git writes files, and what shells and tools read in any folder. */
const SETTINGS = /(^|\/)(\.gitattributes|\.env(\.[^/]+)?|\.envrc)$/;
/** A file of more decides nothing. */
const MOST_BYTES = 64 * 1024;

/** What a check has laid, relative to the root. */
interface Laid {
  readonly paths: readonly string[];
  /** Those that git does not ignore: what is built is ignored, mostly. */
  readonly open: ReadonlySet<string>;
  /** What it laid on the base. */
  readonly onBase: readonly string[];
}

export interface BetweenChecks {
  /**
   * To be called while no command lives.
   * @param index of the check that has run; a run begins with the first one
   */
  tidy(spec: SandboxSpec, check: { index: number; on: 'base' | 'result' }, privateGit: PrivateGit): Promise<void>;
  /**
   * The same, behind each check.
   * @returns sources that it laid by which it may itself be another one, and did not lay on the base
   */
  standingIn(workTree: string, check: { index: number; on: 'base' | 'result' }, privateGit: PrivateGit): Promise<string[]>;
}

/**
 * @param commands all checks
 * @param cwd where they begin, relative to the root
 * @param base the commit that says what they do
 */
export function betweenChecks(commands: readonly string[], cwd: string, base: string): BetweenChecks {
  const leftOnBase = new Map<number, ReadonlySet<string>>();
  /** What installations of this run have left. */
  const standing = new Set<string>();
  /** When the tree was tidied last since an installation of this run; null = there was none. */
  let installedBy: number | null = null;
  const writtenOnBase = new Map<number, Set<string>>();
  const openOnBase = new Map<number, Set<string>>();

  /** Packages that an installation of this run has laid are the run's own: no other check may change them, where it did not do so on the base. */
  async function tidyPackages({ workspace }: SandboxSpec, index: number, on: 'base' | 'result'): Promise<void> {
    if (installedBy === null) return;
    const written = await packagesWritten(workspace, installedBy);
    const known = writtenOnBase.get(index) ?? new Set();
    if (on === 'base') writtenOnBase.set(index, new Set([...known, ...written.values()]));
    else for (const [file, one] of written) if (!known.has(one)) await removeInTime(join(workspace, file));
  }

  return {
    async standingIn(workTree, { index, on }, privateGit) {
      const { open } = await addedFiles(workTree, privateGit);
      const known = openOnBase.get(index);
      if (on === 'base') openOnBase.set(index, new Set([...(known ?? []), ...open]));
      if (on === 'base' || !known) return [];
      const paths = [...open].filter((path) => !known.has(path));
      const deciding = await decidingAmong({ paths, open, onBase: [...known] }, workTree, privateGit, commands.slice(index, index + 1));
      return [...deciding].filter(isTestLanguage);
    },
    async tidy(spec, { index, on }, privateGit) {
      await removeOddRuleFiles(spec.workspace); // git would wait for a pipe that a check laid there
      const { splitInstalls } = await import('../../sandbox/find-installs.ts'); // with a parser that most starts of the server do not need
      const { install, rest } = splitInstalls(commands[index] ?? '');
      if (index === 0) {
        standing.clear();
        installedBy = null;
      }
      if (install === null) await tidyPackages(spec, index, on);
      if (install !== null || installedBy !== null) installedBy = Date.now();
      await emptyHome(spec, install !== null);
      const inTemp = namesIn(spec.temp).filter((name) => name !== 'home');
      const packages = await ofPackages(spec);
      const inTree = await addedFiles(spec.workspace, privateGit);
      const left = new Set([...inTree.all, ...inTemp.map((name) => join(spec.temp, name)), ...packages]);
      if (install !== null) for (const file of rest === null ? left : packages) standing.add(file);
      const known = leftOnBase.get(index);
      if (on === 'base') leftOnBase.set(index, new Set([...(known ?? []), ...left]));
      if (on === 'base' || !known) return;
      const fresh = [...left].filter((file) => !known.has(file) && !standing.has(file));
      const inside = (files: Iterable<string>) =>
        [...files].filter((file) => contains(spec.workspace, file)).map((file) => file.slice(spec.workspace.length + 1));
      const laid = { paths: inside(fresh), open: inTree.open, onBase: inside(known) };
      const deciding = await decidingAmong(laid, spec.workspace, privateGit, commands.slice(index + 1));
      for (const file of fresh) if (!contains(spec.workspace, file)) await removeInTime(file);
      for (const file of deciding) await removeInTime(join(spec.workspace, file));
    },
  };

  /**
   * As for files of the branch: those by which the next checks would be others. What a check builds of more sources is more of what it built.
   */
  async function decidingAmong(
    { paths, open, onBase }: Laid,
    workTree: string,
    privateGit: PrivateGit,
    next: readonly string[],
  ): Promise<Set<string>> {
    const deciding = new Set(paths.filter((path) => SETTINGS.test(path) || isRepository(path)));
    if (paths.length === 0) return deciding;
    const sides = {
      ...sidesOf(privateGit, base, base),
      basePaths: new Set((await listTree(privateGit, base)).map(({ path }) => path)),
      result: async (asked: readonly string[]) => new Map(asked.map((path) => [path, textOf(join(workTree, path))])),
    };
    const texts = await sides.result(paths.filter((path) => open.has(path) && isTestPath(path)));
    const known = { basePaths: sides.basePaths, odd: new Set<string>(), texts };
    const all = new Set(paths);
    const isMore = isMoreOf(onBase, sides.basePaths, (path) => !all.has(path) && existsSync(join(workTree, path)));
    const unknownIn = notUnderstood(
      paths.filter((one) => open.has(one) && !isMore(one)),
      known,
    );
    for (const path of unknownIn(new Set())) deciding.add(path);
    for (const command of next) for (const { path } of (await findDefinition(command, cwd, paths, sides)).files) deciding.add(path);
    return deciding;
  }
}

/** One of its own, into which git does not look: it may hold anything. */
const isRepository = (path: string) => path.endsWith('/');

function textOf(file: string): string {
  return readPlainFile(file, MOST_BYTES, 'refused')?.toString('utf8') ?? 'test';
}

/** An installation keeps what it downloads there. */
async function emptyHome(spec: SandboxSpec, installs: boolean): Promise<void> {
  const home = join(spec.temp, 'home');
  prepareMountPoint(spec.temp, 'home', true); // a command may have put a link there, to a folder of the user's
  const isSetting = (name: string) => /rc$|config$|^\.env|profile$|\.toml$|\.ya?ml$/.test(name);
  if (!installs) await removeInTime(home);
  else for (const name of namesIn(home)) if (isSetting(name)) await removeInTime(join(home, name));
  makePrivateHome(spec);
}

/** @returns all of them as the host sees them, and those that git does not ignore relative to the root */
async function addedFiles(workTree: string, privateGit: PrivateGit): Promise<{ all: string[]; open: ReadonlySet<string> }> {
  const list = async (...words: string[]) => {
    const listed = await git(['ls-files', '--others', '-z', ...words], workTreeCall(privateGit, workTree));
    return listed
      .toString('utf8')
      .split('\0')
      .filter((path) => path !== '' && !BUILT.test(path));
  };
  const all = await list();
  return { all: all.map((path) => join(workTree, path)), open: new Set(all.length > 0 ? await list('--exclude-standard') : []) };
}

/** In the layers over packages: what was replaced there, and what stands in for others. */
async function ofPackages({ lent, layers, env }: SandboxSpec): Promise<string[]> {
  const isProgram = programsOf(env);
  const known = { isProgram, isTool: isProgram, isSaid: () => false, isOwn: () => false };
  const found: string[] = [];
  for (const { at, from } of lent) {
    const top = layers === null ? '' : layerOver(layers, at);
    if (!holdsEntry(top)) continue;
    const { replaced, added } = await layerChanges(top, from);
    const standing = await shadowing({ place: at, top, from, paths: added }, known);
    for (const path of [...replaced, ...standing]) found.push(join(top, path));
  }
  return found;
}
