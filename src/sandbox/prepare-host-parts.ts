/** Looks at what can be mounted before a command, and makes the places for it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type HostParts, planMounts } from './bubblewrap-arguments.ts';
import { coverEndpoints } from './find-endpoints.ts';
import type { HostFolders } from './host-folders.ts';
import {
  isObjectFolder,
  isPlainFile,
  isReachedWithoutLinks,
  type MountPoint,
  placeLink,
  prepareMountPoint,
  prepareMountPointForFile,
} from './mount-points.ts';
import { deepestAround, isWithin, type Mount } from './mounts.ts';
import type { SandboxSpec } from './types.ts';

/**
 * Looks at what can be mounted now, and makes the mount points that lie in folders which commands can write.
 * @returns one line for the model when something that it made is in the way
 */
export function prepareHostParts(
  spec: SandboxSpec,
  fixed: Pick<HostParts, 'features' | 'emptyFolder'>,
  { lent, covers }: HostFolders,
  { endpoints, remote }: { readonly endpoints: readonly string[]; readonly remote: readonly string[] },
): HostParts | string {
  const pointer = join(spec.workspace, '.git');
  const gitPointer = isPlainFile(pointer);
  if (!gitPointer && existsSync(pointer)) return 'The .git file of the working tree was replaced; nothing can run here. Put the file back.';
  const dependencies = spec.dependencies.filter(
    ({ host, at }) => isReachedWithoutLinks(host) && prepareMountPoint(spec.workspace, at, false) === 'ready',
  );
  const shown = [
    ...lent.flatMap(({ kind, source, at }) => (kind === 'read-only' ? [{ host: source, at }] : [])),
    ...dependencies.map(({ host, at }) => ({ host, at: join(spec.mountAt, at) })),
  ];
  const parts: HostParts = {
    ...fixed,
    lent,
    covers: [...covers, ...coverEndpoints(endpoints, remote, shown).filter(({ at }) => existsSync(at))],
    gitPointer,
    dependencies,
    objectDirs: spec.objectDirs.flatMap((folder, index) => (isObjectFolder(folder) ? [index] : [])),
    alternates: isPlainFile(join(spec.gitDir, 'sandbox-alternates')) && isPlainFile(join(spec.gitDir, 'objects/info/alternates')),
    borrowing: spec.objectDirs.flatMap((folder, index) => (existsSync(join(folder, 'info/alternates')) ? [index] : [])),
  };
  prepareMountPoint(spec.temp, 'home', true);
  const mounts = planMounts(spec, parts);
  const done = new Set(parts.dependencies.map(({ at }) => join(spec.mountAt, at)).concat(join(spec.mountAt, '.git')));
  for (const entry of mounts) {
    const around = deepestAround(entry.at, mounts);
    if (around?.kind !== 'writable' || done.has(entry.at)) continue;
    if (makePlace(entry, around, isWithin(around.source, spec.temp)) === 'unsafe') {
      return `A file or symlink is in the way of the folder ${entry.at}; remove it, nothing can run before.`;
    }
  }
  return parts;
}

function makePlace({ kind, source, at }: Mount, around: Mount, isScratch: boolean): MountPoint {
  const relative = at.slice(around.at.length + 1);
  if (kind === 'link' && isScratch) placeLink(around.source, relative, source);
  else if (kind === 'read-only' && isScratch && !statSync(source).isDirectory()) prepareMountPointForFile(around.source, relative);
  else return prepareMountPoint(around.source, relative, isScratch);
  return 'ready';
}
