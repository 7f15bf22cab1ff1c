import path from 'node:path';
import { findProgram, foldersOnPath } from '../../common/find-program.ts';
import { namesIn } from '../../common/list-names.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { SYSTEM_PROGRAM_FOLDERS } from '../../sandbox/host-folders.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { layerChanges } from '../../sandbox/replaced-files.ts';
import { shadowing } from '../../sandbox/shadowing-packages.ts';
import type { LentFolder, SandboxSpec } from '../../sandbox/types.ts';

/** Each is a mount for every command. */
const MOST_HIDDEN = 100;

export interface ResultPackages {
  /** What the checks of the result are lent. */
  readonly lent: readonly LentFolder[];
  /** The same, but what was there before wins over what commands of the attempt made of it, or put before it. */
  readonly lentOfBase: readonly LentFolder[];
  /** Places of packages, relative to the root, that are as commands of the attempt left them. */
  readonly own: readonly string[];
  /** Files of packages that were there before and that commands of the attempt replaced, or put others before. */
  readonly replaced: readonly string[];
}

/**
 * What the attempt installed counts only where it changed what is to be installed, or where there was nothing: it could hold anything.
 * @param layers what commands of the attempt wrote over what is lent
 * @param installed folders of packages that the attempt has in its working tree
 */
export function resultPackages(
  { lent, mountAt, env }: Pick<SandboxSpec, 'lent' | 'mountAt' | 'env'>,
  layers: string,
  installed: readonly LentFolder[],
  changed: readonly string[],
): ResultPackages {
  const isOwn = changesDependencies(changed);
  const ofBase = new Map(lent.map((folder) => [folder.at, folder]));
  const inTree = installed.filter(({ at }) => isOwn || !ofBase.has(at));
  const isProgram = (name: string) => findProgram(name, [...foldersOnPath(env, process.platform), ...SYSTEM_PROGRAM_FOLDERS]) !== null;
  const layered = lent.flatMap((folder) => {
    const layer = layerOver(layers, folder.at);
    if (namesIn(layer).length === 0 || !(isOwn || folder.from.length === 0)) return [];
    const { replaced, added } = layerChanges(layer, folder.from);
    return [{ folder, layer, replaced, shadows: folder.from.length > 0 ? shadowing(folder.at, added, isProgram) : [] }];
  });
  const shown = (at: string) => path.relative(mountAt, at);
  const laid = (combine: (one: (typeof layered)[number]) => Partial<LentFolder>) => {
    const over = new Map(layered.map((one) => [one.folder.at, { ...one.folder, ...combine(one) }]));
    return lent.map((folder) => over.get(folder.at) ?? folder);
  };
  const places = new Set(inTree.map(({ at }) => at));
  const replaced = [
    ...layered.flatMap(({ folder, replaced: files, shadows }) => [...files, ...shadows].map((file) => path.join(shown(folder.at), file))),
    ...inTree.flatMap(({ at, from: [host = ''] }) =>
      layerChanges(host, ofBase.get(at)?.from ?? []).replaced.map((file) => path.join(shown(at), file)),
    ),
  ];
  return {
    lent: [...laid(({ folder, layer }) => ({ from: [layer, ...folder.from] })).filter(({ at }) => !places.has(at)), ...inTree],
    lentOfBase: [...laid(withoutShadows), ...inTree.filter(({ at }) => !ofBase.has(at))],
    own: [...layered.map(({ folder }) => folder), ...inTree].map(({ at }) => shown(at)),
    replaced,
  };
}

/** With many of them, without anything that was added. */
function withoutShadows({
  folder,
  layer,
  shadows,
}: {
  folder: LentFolder;
  layer: string;
  shadows: readonly string[];
}): Partial<LentFolder> {
  if (shadows.length > MOST_HIDDEN) return {};
  return { from: [...folder.from, layer], hidden: [...(folder.hidden ?? []), ...shadows] };
}
