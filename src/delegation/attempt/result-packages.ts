import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { replacedFiles } from '../../sandbox/replaced-files.ts';
import type { LentFolder, SandboxSpec } from '../../sandbox/types.ts';

export interface ResultPackages {
  /** What the checks of the result are lent. */
  readonly lent: readonly LentFolder[];
  /** The same, but where something was there before, that wins over what commands of the attempt made of it. */
  readonly lentOfBase: readonly LentFolder[];
  /** Places of packages, relative to the root, that are as commands of the attempt left them. */
  readonly own: readonly string[];
  /** Files of packages that were there before, and that commands of the attempt replaced. */
  readonly replaced: readonly string[];
}

/**
 * What the attempt installed counts only where it changed what is to be installed, or where there was nothing: it could hold anything.
 * @param layers what commands of the attempt wrote over what is lent
 * @param installed folders of packages that the attempt has in its working tree
 */
export function resultPackages(
  { lent, mountAt }: Pick<SandboxSpec, 'lent' | 'mountAt'>,
  layers: string,
  installed: readonly LentFolder[],
  changed: readonly string[],
): ResultPackages {
  const isOwn = changesDependencies(changed);
  const ofBase = new Map(lent.map((folder) => [folder.at, folder]));
  const inTree = installed.filter(({ at }) => isOwn || !ofBase.has(at));
  const layered = lent.flatMap((folder) => {
    const layer = layerOver(layers, folder.at);
    return namesIn(layer).length > 0 && (isOwn || folder.from.length === 0) ? [{ folder, layer }] : [];
  });
  const shown = (at: string) => path.relative(mountAt, at);
  const laid = (combine: (folder: LentFolder, layer: string) => readonly string[]) => {
    const over = new Map(layered.map(({ folder, layer }) => [folder.at, { ...folder, from: combine(folder, layer) }]));
    return lent.map((folder) => over.get(folder.at) ?? folder);
  };
  const places = new Set(inTree.map(({ at }) => at));
  const replaced = [
    ...layered.flatMap(({ folder, layer }) => replacedFiles(layer, folder.from).map((file) => path.join(shown(folder.at), file))),
    ...inTree.flatMap(({ at, from: [host = ''] }) =>
      replacedFiles(host, ofBase.get(at)?.from ?? []).map((file) => path.join(shown(at), file)),
    ),
  ];
  return {
    lent: [...laid((folder, layer) => [layer, ...folder.from]).filter(({ at }) => !places.has(at)), ...inTree],
    lentOfBase: [...laid((folder, layer) => [...folder.from, layer]), ...inTree.filter(({ at }) => !ofBase.has(at))],
    own: [...layered.map(({ folder }) => folder), ...inTree].map(({ at }) => shown(at)),
    replaced,
  };
}
