/** Looks at what can be mounted before a command, and makes the places for it. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expandNames } from '../common/list-names.ts';
import { isThere } from '../common/real-path.ts';
import { holdsSilentMount } from '../common/silent-mounts.ts';
import { type HostParts, planMounts } from './bubblewrap-arguments.ts';
import { coverEndpoints } from './find-endpoints.ts';
import { cover, type HostFolders } from './host-folders.ts';
import {
  isObjectFolder,
  isPlainFile,
  isReachedWithoutLinks,
  type MountPoint,
  placeLink,
  prepareMountPoint,
  prepareMountPointForFile,
} from './mount-points.ts';
import { deepestAround, isWithin, type Mount, mount } from './mounts.ts';
import { isReachedInLayer, ownFolder, prepareLayers } from './private-layers.ts';
import type { SandboxSpec } from './types.ts';

/**
 * Looks at what can be mounted now, and makes the mount points that lie in folders which commands can write.
 * @returns one line for the model when something that it made is in the way
 */
export function prepareHostParts(
  spec: SandboxSpec,
  fixed: Pick<HostParts, 'features' | 'emptyFolder' | 'blank'>,
  layers: string | null,
  host: HostFolders,
  { endpoints, remote }: { readonly endpoints: readonly string[]; readonly remote: readonly string[] },
): HostParts | string {
  const pointer = join(spec.workspace, '.git');
  const gitPointer = isPlainFile(pointer);
  if (!gitPointer && existsSync(pointer)) return 'The .git file of the working tree was replaced; nothing can run here. Put the file back.';
  const { covers } = host;
  // The mounts of a folder are mounted with it, and one that does not answer can be neither shown nor covered; others may have removed it.
  const canBeShown = (source: string) => source === '/usr' || (!holdsSilentMount(source) && existsSync(source));
  const lent = host.lent.filter(({ kind, source }) => kind !== 'read-only' || canBeShown(source));
  const installed = prepareLent(spec, layers);
  const shown = [
    ...lent.flatMap(({ kind, source, at }) => (kind === 'read-only' ? [{ host: source, at }] : [])),
    ...spec.lent.flatMap(({ at, from }) => from.map((host) => ({ host, at }))),
  ];
  const inPackages = [...hiddenFiles(spec, layers), ...coverEndpoints(endpoints, remote, shown).filter(({ at }) => isThere(at))];
  const parts: HostParts = {
    ...fixed,
    lent,
    covers: [...covers, ...inPackages.filter((entry) => canStand(entry, spec, layers))],
    gitPointer,
    installed: installed.filter((entry) => canStand(entry, spec, layers)),
    objectDirs: spec.objectDirs.flatMap((folder, index) => (isObjectFolder(folder) ? [index] : [])),
    alternates: isPlainFile(join(spec.gitDir, 'sandbox-alternates')) && isPlainFile(join(spec.gitDir, 'objects/info/alternates')),
    borrowing: spec.objectDirs.flatMap((folder, index) => (existsSync(join(folder, 'info/alternates')) ? [index] : [])),
  };
  prepareMountPoint(spec.temp, 'home', true);
  const mounts = planMounts(spec, parts);
  const done = new Set(installed.flatMap(({ at }) => (isWithin(at, spec.mountAt) ? [at] : [])).concat(join(spec.mountAt, '.git')));
  for (const entry of mounts) {
    const around = deepestAround(entry.at, mounts);
    if (around?.kind !== 'writable' || done.has(entry.at)) continue;
    if (makePlace(entry, around, isWithin(around.source, spec.temp)) === 'unsafe') {
      return `A file or symlink is in the way of the folder ${entry.at}; remove it, nothing can run before.`;
    }
  }
  return parts;
}

/** What is lent and can be mounted now: where the model put something of its own, that stays. */
function prepareLent(spec: SandboxSpec, layers: string | null): Mount[] {
  const lent = spec.lent.flatMap(({ at, from }) => {
    const there = from.filter((folder) => isReachedWithoutLinks(folder) && !holdsSilentMount(folder));
    const isWanted = there.length > 0 || (layers !== null && from.length === 0);
    return isWanted && isFree(spec, at) ? [{ at, from: there }] : [];
  });
  if (layers) return prepareLayers(layers, lent).map(({ at, source }) => mount('layered', source, at));
  return lent.map(({ at, from }) => mount('read-only', from[0]!, at));
}

function hiddenFiles({ lent }: SandboxSpec, layers: string | null): Mount[] {
  const notesAt = (at: string) => (layers === null ? mount('empty', '', at) : mount('layered', ownFolder(layers, at), at));
  const madeSince = (from: readonly string[], never: readonly string[]) =>
    from.flatMap((folder) => never.flatMap((pattern) => expandNames(folder, pattern)));
  return lent.flatMap(({ at, from, hidden = [], never = [], notes = [] }) => [
    ...[...new Set([...hidden, ...madeSince(from, never)])].map((name) => ({ ...coverOf(from, name), at: join(at, name) })),
    ...notes.map((name) => notesAt(join(at, name))),
  ]);
}

function coverOf(from: readonly string[], name: string): Mount {
  return cover(from.map((folder) => join(folder, name)).find((path) => lstatSync(path, { throwIfNoEntry: false })) ?? '');
}

/** Whether no link that a command wrote over packages is in the way of a mount. */
function canStand(entry: Mount, { lent }: SandboxSpec, layers: string | null): boolean {
  if (!layers) return true;
  return lent.every((folder) => entry.at === folder.at || !isWithin(entry.at, folder.at) || isReachedInLayer(layers, folder, entry.at));
}

function isFree({ workspace, mountAt }: SandboxSpec, at: string): boolean {
  return !isWithin(at, mountAt) || prepareMountPoint(workspace, at.slice(mountAt.length + 1), false) === 'ready';
}

function makePlace({ kind, source, at }: Mount, around: Mount, isScratch: boolean): MountPoint {
  const relative = at.slice(around.at.length + 1);
  if (kind === 'link' && isScratch) placeLink(around.source, relative, source);
  else if (kind === 'read-only' && isScratch && !statSync(source).isDirectory()) prepareMountPointForFile(around.source, relative);
  else return prepareMountPoint(around.source, relative, isScratch);
  return 'ready';
}
