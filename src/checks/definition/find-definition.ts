/** Finds which of the files that an attempt changed say what a check does: whoever changes those can make any check pass. */
import { basename, dirname, relative } from 'node:path';
import { inTimeOr } from '../../common/in-time.ts';
import { isTestHelper, isTestPath } from '../test-files.ts';
import { builtFiles } from './built-files.ts';
import { CHECK_TOOLS, type CheckTool, isNamedAfter, putBackFor } from './check-tools.ts';
import { type Followed, followCommand, isRunByChecks, type Sides } from './follow-command.ts';
import { type PutBack, whole } from './put-back.ts';
import { isEmptyPackage } from './understood.ts';

/** Other attempts wait meanwhile. */
const MOST_MS = 5000;

/** What a script takes when it is there, and is no source. */
const SETTINGS = /\.(env|json5?|ya?ml|xml|properties|conf|txt|opts|args|rsp)$/;

/** A changed file that defines or configures a check. */
export interface DefiningFile {
  readonly path: string;
  /** What stands there when the base's definition is put back; null = nothing; undefined = the base's file as it is. */
  readonly text: string | null | undefined;
}

export interface Definition {
  readonly files: readonly DefiningFile[];
  /** What the command comes to on the base. */
  readonly followed: Followed;
}

/**
 * @param folder where the command runs, relative to the root
 * @param changed the paths that differ between base and result, both ends of renames
 */
export async function findDefinition(command: string, folder: string, changed: readonly string[], sides: Sides): Promise<Definition> {
  const added = changed.filter((path) => !sides.basePaths.has(path));
  const followed = await followCommand(command, folder, sides, added);
  const tools = CHECK_TOOLS.filter(({ words, always }) => always || words.some((word) => followed.words.has(word)));
  const around = foldersAroundTests(sides.basePaths);
  const select = () => {
    const taken = new Set([
      ...followed.taken,
      ...builtFiles(added, sides.basePaths, followed.texts),
      ...changed.filter((path) => isNamedAfter(followed.words, path)),
      ...added.filter(
        (path) => startsOf(path).some((folder) => around.has(folder || '.')) && tools.some(({ aroundTests }) => aroundTests?.test(path)),
      ),
    ]);
    const asked = changed.filter(
      (path) => followed.named.has(path) || taken.has(path) || tools.some((tool) => mayConcern(tool, path, followed)),
    );
    return { taken, asked };
  };
  const { taken, asked } = inTimeOr(MOST_MS, null, select) ?? { taken: new Set(added), asked: changed };
  const [base, result] = await Promise.all([sides.base(asked), sides.result(asked)]);
  const packages = packagesIn(followed.texts);
  const defining = (path: string): DefiningFile[] => {
    const [before, now] = [base.get(path) ?? null, result.get(path) ?? null];
    const put = putBackOf(path, before, now, tools, followed) ?? (taken.has(path) ? whole : null);
    if (!put || isEmptyPackage(path, now, sides.basePaths)) return [];
    // What cannot be read as text counts as a whole.
    const isReadable = (before !== null || !sides.basePaths.has(path)) && put !== whole;
    if (!isReadable) return [{ path, text: undefined }];
    const text = put(before, now, { reached: followed.scripts, asked: followed.asked, packages });
    if (text === now) return [];
    return [{ path, text: text === before ? undefined : text }];
  };
  // Where it takes too long each of them counts as a whole.
  const asWholes = () => asked.map((path): DefiningFile => ({ path, text: undefined }));
  const files = inTimeOr(MOST_MS, null, () => asked.flatMap(defining)) ?? asWholes();
  return { files, followed };
}

export function packagesIn(texts: Followed['texts']): Set<string> {
  const manifests = [...texts].flatMap(([path, text]) => (basename(path) === 'package.json' ? [text] : []));
  const lists = manifests.flatMap((text) => text.match(/"\w*[dD]ependencies"\s*:\s*\{[^}]*\}?/g) ?? []);
  return new Set(lists.flatMap((list) => [...list.matchAll(/"([^"]+)"\s*:\s*"/g)].map(([, name]) => name!)));
}

/** As `dirname` names them. */
function foldersAroundTests(paths: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  for (const path of paths) {
    if (!isTestPath(path)) continue;
    for (let folder = dirname(path); !found.has(folder); folder = dirname(folder)) found.add(folder);
  }
  return found;
}

function mayConcern(tool: CheckTool, path: string, followed: Followed): boolean {
  return putBackFor(tool, path) !== null || isShadow(tool, path, followed) || (tool.runsTests === true && isTestPath(path));
}

/** Whether it stands in the place of the tool, or of what that loads. */
function isShadow({ shadows, modules }: CheckTool, path: string, { folders }: Followed): boolean {
  if (shadows?.test(path)) return true;
  const isSearched = (folder: string) => folder === '' || folders.has(folder) || isTestPath(`${folder}/`);
  return modules !== undefined && startsOf(path).some((folder) => isSearched(folder) && modules.test(relative(folder, path)));
}

/** The folders that a module may be looked for from, where its path is `a/b/c.py`: `a/b` and, for a package, `a`. */
function startsOf(path: string): string[] {
  const around = dirname(path) === '.' ? '' : dirname(path);
  const above = dirname(around) === '.' ? '' : dirname(around);
  return [...new Set([around, above])];
}

/** @returns null where the file has no say */
function putBackOf(
  path: string,
  before: string | null,
  now: string | null,
  tools: readonly CheckTool[],
  followed: Followed,
): PutBack | null {
  for (const tool of tools) {
    const put = putBackFor(tool, path);
    if (put) return put;
    if (isShadow(tool, path, followed)) return whole;
    if (tool.decides && isTestPath(path) && now !== null && tool.decides.test(now) && !(before !== null && tool.decides.test(before)))
      return whole;
  }
  if (followed.named.has(path) && (isRunByChecks(path, before ?? now ?? '') || (before === null && SETTINGS.test(path)))) return whole;
  return before !== null && tools.some(({ runsTests }) => runsTests) && isTestHelper(path, before) ? whole : null;
}
