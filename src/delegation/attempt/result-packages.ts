import path from 'node:path';
import { TOOL_WORDS } from '../../checks/definition/check-tools.ts';
import { namedIn, unexplained } from '../../checks/definition/upgraded-packages.ts';
import { holdsEntry } from '../../common/list-names.ts';
import { changesDependencies } from '../../sandbox/ecosystems.ts';
import { hiddenBelow } from '../../sandbox/lend-copies.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { layerChanges } from '../../sandbox/replaced-files.ts';
import { type Ecosystem, type Known, programsOf, shadowing, startsPlugins } from '../../sandbox/shadowing-packages.ts';
import type { LentFolder, SandboxSpec } from '../../sandbox/types.ts';
import { removeInTime } from '../../workspace/remove-tree.ts';

/** Each is a mount for every command. */
const MOST_HIDDEN = 100;
/** Caches among packages, which tools make of sources and run: they are not carried at all. */
const SCRATCH = ['.cache', '.vite', '.vite-temp'];
const scratchIn = (at: string) => (at.endsWith('/node_modules') ? SCRATCH : []);

export interface ResultPackages {
  /** What checks are lent. own: as the attempt left it. base: what was there before wins. before: only that. */
  readonly lent: Readonly<Record<'own' | 'base' | 'before', readonly LentFolder[]>>;
  /** Places of packages, relative to the root, that are as commands of the attempt left them. */
  readonly own: readonly string[];
  /** What commands of the attempt replaced of packages that were there before, put before them or made to run by itself. */
  readonly replaced: readonly string[];
  /** Places that only the attempt has filled although it changed nothing of what is to be installed: a base that ran did without. */
  readonly begun: readonly string[];
}

/** A place of packages that commands of the attempt have filled. */
export interface OwnPlace {
  readonly folder: LentFolder;
  /** Host folder of what they left there. */
  readonly top: string;
  /** Whether that lies in the attempt's working tree, and not over what is lent. */
  readonly isInTree: boolean;
}

/**
 * What the attempt installed counts only where it changed what is to be installed, or where there was nothing: it could hold anything.
 * @param layers what commands of the attempt wrote over what is lent
 * @param installed folders of packages that the attempt has in its working tree
 */
export function ownPlaces(
  { lent, mountAt }: Pick<SandboxSpec, 'lent' | 'mountAt'>,
  layers: string,
  installed: readonly LentFolder[],
  changed: readonly string[],
): OwnPlace[] {
  const isOwn = changesDependencies(changed);
  const known = new Set(lent.map(({ at }) => at));
  const isCarried = (at: string) => changed.some((file) => file.startsWith(`${path.relative(mountAt, at)}/`));
  const layered = lent.filter(({ from, scratch }) => !scratch && (isOwn || from.length === 0));
  const inTree = installed.filter(({ at }) => (isOwn || !known.has(at)) && !isCarried(at));
  return [
    ...layered.map((folder) => ({ folder, top: layerOver(layers, folder.at), isInTree: false })),
    ...inTree.map((folder) => ({ folder, top: folder.from[0] ?? '', isInTree: true })),
  ].filter(({ folder, top }) => holdsEntry(top, (name) => !scratchIn(folder.at).includes(name)));
}

/** Takes the caches out of what is carried. To be called while no command runs, with places that no link leads to. */
export async function removeScratch(places: readonly OwnPlace[]): Promise<void> {
  for (const { folder, top } of places) for (const name of scratchIn(folder.at)) await removeInTime(path.join(top, name));
}

/** A place that holds something of the attempt's. */
interface Carried {
  readonly folder: LentFolder;
  readonly from: readonly string[];
  /** Files that were there and are others now. */
  readonly replaced: readonly string[];
  /** What was added and stands in for something. */
  readonly shadows: readonly string[];
  readonly touched: readonly string[];
}

/** Modules of the project that its code imports by a bare name -> the folder of each that is a package of its own, which may be linked among those that are installed; '' = it is none. */
export type OwnModules = Readonly<Record<Ecosystem, ReadonlyMap<string, string>>>;

export const NO_MODULES: OwnModules = { node: new Map(), python: new Map() };

/**
 * See `ownPlaces`, whose caches are gone by now.
 * @param said lines of manifests and lock files that it wrote
 */
export async function resultPackages(
  { lent, mountAt, env }: Pick<SandboxSpec, 'lent' | 'mountAt' | 'env'>,
  layers: string,
  installed: readonly LentFolder[],
  changed: readonly string[],
  said: readonly string[],
  own: OwnModules = NO_MODULES,
): Promise<ResultPackages> {
  const ofBase = new Map(lent.map((folder) => [folder.at, folder]));
  const known = knownOf(env, mountAt, said, own);
  const shown = (at: string) => path.relative(mountAt, at);
  const places = ownPlaces({ lent, mountAt }, layers, installed, changed);
  const carried = async (isInTree: boolean) => {
    const found: Carried[] = [];
    for (const place of places.filter((one) => one.isInTree === isInTree))
      found.push(await carriedIn(place, ofBase.get(place.folder.at)?.from ?? [], known, hiddenBelow(lent, place.folder.at)));
    return found;
  };
  const [layered, inTree] = [await carried(false), await carried(true)];

  const over = (made: readonly (readonly [Carried, Partial<LentFolder>])[]) => {
    const byPlace = new Map(made.map(([{ folder }, parts]) => [folder.at, { ...folder, ...parts }]));
    return lent.map((folder) => byPlace.get(folder.at) ?? folder);
  };
  const onTop = layered.map((one) => [one, { from: [layerOver(layers, one.folder.at), ...one.from] }] as const);
  const below = layered.map((one) => [one, { ...hiding(one), from: [...one.from, layerOver(layers, one.folder.at)] }] as const);
  const replacing = new Set(inTree.map(({ folder }) => folder.at));
  const all = [...layered, ...inTree];
  return {
    lent: {
      own: [...over(onTop).filter(({ at }) => !replacing.has(at)), ...inTree.map(({ folder }) => folder)],
      base: [
        ...over(below),
        ...inTree.filter((one) => one.from.length === 0 && !isPlugin(one)).map((one) => ({ ...one.folder, ...hiding(one) })),
      ],
      before: lent,
    },
    own: all.map(({ folder }) => shown(folder.at)),
    replaced: await replacedIn(all, shown, said, (name, ecosystem) => own[ecosystem].has(name)),
    begun: changesDependencies(changed) ? [] : all.filter(({ from }) => from.length === 0).map(({ folder }) => shown(folder.at)),
  };
}

function knownOf(env: SandboxSpec['env'], root: string, said: readonly string[], own: OwnModules): Known {
  const isProgram = programsOf(env);
  const isTool = (name: string) => TOOL_WORDS.has(name) && isProgram(name);
  return {
    isProgram,
    isTool,
    isSaid: namedIn(said),
    isOwn: (name, link, ecosystem) => own[ecosystem].has(name) && (link === null || path.relative(root, link) !== own[ecosystem].get(name)),
  };
}

/** @param hidden what a copy was made without */
async function carriedIn(
  { folder, top, isInTree }: OwnPlace,
  from: readonly string[],
  known: Known,
  hidden: readonly string[],
): Promise<Carried> {
  const { replaced, added, touched } = await layerChanges(top, from, { isCopy: isInTree && from.length > 0, hidden });
  return { folder, from, replaced, touched, shadows: await shadowing({ place: folder.at, top, from, paths: added }, known) };
}

/** Metadata that an editable installation leaves beside its sources. */
const isPlugin = ({ folder: { at, from } }: Carried) => at.endsWith('.egg-info') && startsPlugins(from[0] ?? '');

/** Where nothing else tells that packages were changed, folders in which something may be hidden do. */
async function replacedIn(
  all: readonly Carried[],
  shown: (at: string) => string,
  said: readonly string[],
  isOwn: (name: string, ecosystem: Ecosystem) => boolean,
): Promise<string[]> {
  const found = all.flatMap((one) => {
    const files = [...one.replaced, ...one.shadows].map((file) => path.join(shown(one.folder.at), file));
    return one.from.length === 0 && isPlugin(one) ? [...files, shown(one.folder.at)] : files;
  });
  const replaced = await unexplained(found, said, isOwn);
  if (replaced.length > 0) return replaced;
  const touched = all.flatMap(({ folder, touched: folders }) => folders.map((file) => path.join(shown(folder.at), file)));
  return touched.filter((file) => !file.startsWith('..')).slice(0, 1);
}

/** With many of them, without anything that was added. */
function hiding({ folder, from, shadows }: Carried): Partial<LentFolder> {
  if (shadows.length > MOST_HIDDEN) return { from: from.length > 0 ? from : [] };
  return { hidden: [...(folder.hidden ?? []), ...shadows] };
}
