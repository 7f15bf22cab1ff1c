/**
 * Lets commands change what is lent without touching it: overlayfs lays a folder of ours over the host's, and what is written goes there.
 * The kernel allows that to users in a namespace of their own from 5.11 on (overlayfs.rst, "userxattr"). Nothing in such a folder of ours
 * is trusted: it is only ever laid over again, or removed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import type { LentFolder } from './types.ts';

const TABLE = 'fstab';
const TRIAL_MS = 10_000;
/** A path that neither the table nor the kernel's list of options reads otherwise. */
const PLAIN = /^[\w/.@+-]+$/;
/** Works in the folder of the layers, since the kernel reads `,` and `:` in paths of an overlay as its own. */
const MOUNT_ALL = 'cd "$1" && "$2" -a -T "$3" || exit 126; cd /; shift 3; exec "$@"';

export interface LayeredFolder {
  readonly at: string;
  /** Host path of what commands see there. The folder is filled only where the layers are mounted. */
  readonly source: string;
}

/** Where the files are that commands wrote over `at`: what lies below them may be seen through it only together with what was lent. */
export function layerOver(layers: string, at: string): string {
  return join(folderOf(layers, at), 'upper');
}

function folderOf(layers: string, at: string): string {
  return join(layers, nameOf(at));
}

/** A folder of the commands' own in the place of one that is lent. */
export function ownFolder(layers: string, at: string): string {
  const own = join(layers, `own-${nameOf(at)}`);
  mkdirSync(own, { recursive: true });
  return own;
}

const nameOf = (at: string) => createHash('sha256').update(at).digest('hex').slice(0, 16);

/**
 * Whether a path in a layered folder is reached through folders, as commands see it: a link of theirs would lead bubblewrap, when it mounts
 * something there, out of the sandbox. Behind one, nothing of the host's shows that would have to be covered.
 */
export function isReachedInLayer(layers: string, { at, from }: LentFolder, path: string): boolean {
  const stack = [layerOver(layers, at), ...from];
  const names = path.slice(at.length + 1).split('/');
  return names.every((_name, index) => {
    const way = names.slice(0, index + 1).join('/');
    const top = stack.flatMap((folder) => lstatSync(join(folder, way), { throwIfNoEntry: false }) ?? [])[0];
    return top === undefined || (index < names.length - 1 ? top.isDirectory() : !top.isSymbolicLink());
  });
}

/** Makes the folders, and the table of mounts that `mountingCommand` reads. */
export function prepareLayers(layers: string, lent: readonly LentFolder[]): LayeredFolder[] {
  const lines: string[] = [];
  const folders = lent.map(({ at, from }) => {
    const folder = folderOf(layers, at);
    const upper = layerOver(layers, at);
    mkdirSync(upper, { recursive: true });
    if (from.length === 0) return { at, source: upper };
    const merged = join(folder, 'merged');
    for (const needed of [merged, join(folder, 'work')]) mkdirSync(needed, { recursive: true });
    const name = nameOf(at);
    const lowers = from.map((host, index) => {
      if (PLAIN.test(host)) return host;
      const plain = join(folder, `lower-${index}`);
      mkdirSync(plain, { recursive: true });
      lines.push(`${escapeField(host)} ${escapeField(plain)} none rbind 0 0`);
      return `${name}/lower-${index}`;
    });
    lines.push(
      `overlay ${escapeField(merged)} overlay lowerdir=${lowers.join(':')},upperdir=${name}/upper,workdir=${name}/work,userxattr 0 0`,
    );
    return { at, source: merged };
  });
  writeWhenChanged(join(layers, TABLE), `${lines.join('\n')}\n`);
  return folders;
}

/**
 * What mounts the layers before a program starts; for a process that may mount in a namespace of its own.
 * @returns null where the system has no `mount`
 */
export function mountingCommand(layers: string): string[] | null {
  const mount = findProgram('mount', SYSTEM_PROGRAM_FOLDERS);
  return mount === null ? null : ['/bin/sh', '-c', MOUNT_ALL, 'sh', layers, mount, join(layers, TABLE)];
}

const trials = new Map<number, Promise<boolean>>();

/**
 * Whether layers can be mounted here, found by doing it, once for each file system: overlayfs wants one that keeps extended attributes.
 * @param stage starts a program in a namespace of its own
 */
export function canLayer(layers: string, stage: readonly string[]): Promise<boolean> {
  mkdirSync(layers, { recursive: true });
  const { dev } = statSync(layers);
  const known = trials.get(dev) ?? tryLayer(join(layers, 'trial'), stage);
  trials.set(dev, known);
  return known;
}

function tryLayer(folder: string, stage: readonly string[]): Promise<boolean> {
  const lower = join(folder, 'below');
  mkdirSync(lower, { recursive: true });
  writeFileSync(join(lower, 'file'), '');
  const [layered] = prepareLayers(folder, [{ at: '/trial', from: [lower] }]);
  const mounting = mountingCommand(folder);
  if (!mounting) return Promise.resolve(false);
  const [program = '', ...args] = [...stage, ...mounting, '/bin/sh', '-c', 'cd "$0" && : > new && rm file && test ! -e file'];
  const options = { timeout: TRIAL_MS, env: { PATH: '/usr/bin:/bin' }, cwd: '/' };
  return new Promise((resolve) => {
    execFile(program, [...args, layered!.source], options, (error) => resolve(error === null)).stdin?.end();
  });
}

/**
 * In that table blanks and backslashes are written as octal numbers (fstab(5)), of three digits: one of more, of a blank beyond ASCII, would
 * be read as another path, which a repository could have made into a link.
 */
function escapeField(path: string): string {
  return path.replaceAll(/[ \t\n\v\f\r\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function writeWhenChanged(file: string, text: string): void {
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {}
  writeFileSync(file, text);
}
