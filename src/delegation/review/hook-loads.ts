/** Whether a branch changes what the user's hooks load: then they would be its hooks. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { findMentionedFiles } from '../../agent/prompt/find-mentioned-files.ts';
import { indexPaths } from '../../agent/prompt/path-index.ts';
import { isHookFile } from '../../checks/integrity/guarded-files.ts';
import { HOOK_SETTINGS } from '../../checks/integrity/install-scripts.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { realPathOf } from '../../common/real-path.ts';
import type { HookFolder } from '../../workspace/find-hooks.ts';
import { listTree, readBlobs } from '../../workspace/read-objects.ts';
import type { Repository } from '../../workspace/types.ts';

const MOST_BYTES = 256 * 1024;
/** A hook that starts a script that starts a script: so far is looked. */
const DEPTH = 3;
/** What tools of hooks are told, beside what `isHookFile` knows. */
const SETTINGS = /(^|\/)(commitlint\.config\.\w+|\.commitlintrc[^/]*|\.gitlint|\.czrc|\.cz\.(json|toml)|captainhook\.json|grumphp\.ya?ml)$/;
const MAKEFILES = /(^|\/)((GNU)?[Mm]akefile|[^/]+\.mk|\.?[Jj]ustfile|Taskfile\.ya?ml|Rakefile)$/;

/**
 * @param names the hooks that are to run
 * @param tree what the merge gives
 * @param changed the files that it changes
 * @returns those of them that hooks load
 */
export async function changedLoads(
  repository: Repository,
  folder: HookFolder,
  names: readonly string[],
  { tree, files: changed }: { readonly tree: string; readonly files: readonly string[] },
): Promise<string[]> {
  const head = repository.head.commit;
  const tracked = indexPaths((await listTree(repository, head)).map((file) => file.path));
  const changes = indexPaths(changed);
  const texts = hookTexts(folder, names);
  const links = new Set(names.map((name) => path.relative(repository.root, realPathOf(path.join(folder.path, name)) ?? '')));
  const loaded = new Set(changed.filter((file) => links.has(file) || isHookFile(file) || SETTINGS.test(file) || isBelow(file, folder)));
  const seen = new Set<string>();
  for (let depth = 0, all = texts.join('\n'); depth < DEPTH && all !== ''; depth++) {
    for (const file of findMentionedFiles(all, changes)) loaded.add(file);
    if (/\b(make|just|task|rake)\b/.test(all)) for (const file of changed) if (MAKEFILES.test(file)) loaded.add(file);
    const named = findMentionedFiles(all, tracked).filter((file) => !seen.has(file));
    for (const file of named) seen.add(file);
    all = [...(await readBlobs(repository, head, named, MOST_BYTES)).values()].map((bytes) => bytes.toString('utf8')).join('\n');
  }
  for (const file of changed.filter((one) => path.posix.basename(one) === 'package.json'))
    if (await runsOtherwise(repository, head, tree, file)) loaded.add(file);
  return [...loaded].sort();
}

function isBelow(file: string, { inTree, starts }: HookFolder): boolean {
  return inTree !== null && file.startsWith(`${starts === null ? inTree : path.posix.dirname(inTree)}/`);
}

/** The hooks, and what lies beside them: parts that they share. */
function hookTexts({ path: at, starts }: HookFolder, names: readonly string[]): string[] {
  const around = starts === null ? [at] : [at, starts];
  const files = around.flatMap((folder) => [
    ...names.map((name) => path.join(folder, name)),
    ...readdirSync(folder).flatMap((name) => (/\.(sh|js|cjs|mjs|py)$/.test(name) ? [path.join(folder, name)] : [])),
  ]);
  return files.flatMap((file) => readPlainFile(file, MOST_BYTES)?.toString('utf8') ?? []);
}

/** Its scripts, and what it tells tools of hooks. Packages are those that are installed, whatever it says of them. */
async function runsOtherwise(repository: Repository, before: string, after: string, file: string): Promise<boolean> {
  const [old, now] = await Promise.all(
    [before, after].map(async (tree) => (await readBlobs(repository, tree, [file], MOST_BYTES)).get(file)?.toString('utf8')),
  );
  const read = (text: string | undefined): string => {
    const manifest: unknown = text === undefined ? {} : JSON.parse(text);
    const fields = ['scripts', 'commitlint', 'config', ...HOOK_SETTINGS];
    return JSON.stringify(fields.map((name) => (manifest as Record<string, unknown> | null)?.[name]));
  };
  try {
    return read(old) !== read(now);
  } catch {
    return true;
  }
}
