/** The one door for every path that a model gives: what it means, and whether it may be touched. */
import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../../common/caught-error.ts';
import { cutText } from '../../../common/cut-text.ts';
import { findEntry } from '../../../common/list-names.ts';
import { contains } from '../../../common/path-contains.ts';
import type { NeverSend } from '../../never-send/never-send.ts';
import type { ToolWorkspace } from '../../types.ts';
import { showName } from '../text-limits.ts';
import { isGitFolderName, portabilityProblem } from './forbidden-names.ts';
import { explainSystemError } from './system-errors.ts';

export interface ResolvedPath {
  readonly ok: true;
  /** Host path without a symbolic link in it (as of now). */
  readonly host: string;
  /** The same, relative to `root`, with `/`; '' = the root itself. */
  readonly relative: string;
  /** The folder that it must stay in: the working tree, or the private temp folder (reading only). */
  readonly root: string;
  readonly area: 'workspace' | 'temp';
  readonly exists: boolean;
  /** How to name it to the model. */
  readonly shown: string;
  /** Decides whether its content may be shown; whoever opens the file asks it (open-safely.ts). */
  readonly neverSend: NeverSend;
}

export interface PathRefusal {
  readonly ok: false;
  readonly message: string;
}

type Location = { area: ResolvedPath['area']; root: string; relative: string };

/**
 * Turns a path as the model gives it (relative to the folder that it works in, or absolute as it or commands show it) into a host path.
 * Symbolic links are followed only while they stay inside; for `write` the last component must not be one.
 * The answer is a check, not a hold: open it with open-safely.ts, which notices what changed since.
 */
export function resolvePath(workspace: ToolWorkspace, given: string, use: 'read' | 'write' = 'read'): ResolvedPath | PathRefusal {
  const name = showName(cutText(given, 200));
  const location = locate(workspace, given);
  if (typeof location === 'string') return refuse(`${name} ${location}`);
  if (location.area === 'temp' && use === 'write') {
    return refuse(`${name} is in the temp folder: file tools write only in the repository; write there with run_command`);
  }
  const parts = location.relative.split(/[\\/]/);
  if (parts.includes('..')) return refuse(`${name} leads out of the repository; give a path inside it, such as src/app.ts`);
  if (parts.some(isGitFolderName))
    return refuse(`${name} is git's own folder, which tools do not touch; your work is committed for you at the end`);

  const real = followLinks({ ...location, relative: asStored(location) }, use);
  if (typeof real === 'string') return refuse(`${name} ${real}`);
  const relative = path.relative(location.root, real.host).split(path.sep).join('/');
  if (relative.split('/').some(isGitFolderName)) return refuse(`${name} leads into git's own folder, which tools do not touch`);
  const submodule = use === 'write' ? workspace.submodules.find((one) => relative === one || relative.startsWith(`${one}/`)) : undefined;
  if (submodule !== undefined && location.area === 'workspace') {
    const shown = showName(shownPath(workspace, submodule));
    return refuse(
      `${name} is in the submodule ${shown}, a repository of its own: what is written there cannot be a part of this work. Solve it in files outside of ${shown}; where that cannot be, say in the summary what must change there`,
    );
  }
  if (!real.exists || process.platform === 'win32') {
    for (const part of location.relative.split('/')) {
      const problem = portabilityProblem(part);
      if (problem !== null) return refuse(`${name}: the name ${JSON.stringify(part)} ${problem}; choose another name`);
    }
  }
  const shown = location.area === 'workspace' ? shownPath(workspace, relative) : path.posix.join(workspace.temp.shown, relative);
  return { ok: true, ...real, relative, root: location.root, area: location.area, shown: showName(shown), neverSend: workspace.neverSend };
}

/** A repository-relative path as the model gives it and is shown it: from the folder that it works in. */
export function shownPath({ folder }: Pick<ToolWorkspace, 'folder'>, relative: string): string {
  return (folder === '' ? relative : path.posix.relative(folder, relative)) || '.';
}

function refuse(message: string): PathRefusal {
  return { ok: false, message };
}

function locate(workspace: ToolWorkspace, given: string): Location | string {
  if (given.includes('\0')) return 'contains a NUL character; give a plain path';
  if (/^~([\\/]|$)/.test(given)) return 'is in a home folder, which tools do not see; give a path inside the repository';
  if (!path.isAbsolute(given) && !given.startsWith('/'))
    return { area: 'workspace', root: workspace.root, relative: normal(path.join(workspace.folder, normal(given))) };
  const known = [
    { area: 'workspace' as const, at: workspace.shownRoot, root: workspace.root },
    { area: 'workspace' as const, at: workspace.root, root: workspace.root },
    { area: 'temp' as const, at: workspace.temp.shown, root: workspace.temp.host },
    { area: 'temp' as const, at: workspace.temp.host, root: workspace.temp.host },
  ];
  const full = normal(given);
  const best = known.filter((one) => contains(normal(one.at), full)).sort((a, b) => b.at.length - a.at.length)[0];
  if (best === undefined) return `is outside the repository (${workspace.shownRoot}); give a path inside it, such as src/app.ts`;
  const root = best.area === 'temp' ? realpathSync.native(best.root) : best.root;
  return { area: best.area, root, relative: normal(path.relative(normal(best.at), full)) };
}

function normal(given: string): string {
  const joined = path.normalize(given === '' ? '.' : given);
  const slashes = path.sep === '\\' ? joined.replaceAll('\\', '/') : joined;
  const short = slashes.length > 1 ? slashes.replace(/(?<!\/)\/+$/, '') : slashes;
  return short === '.' ? '' : short;
}

/**
 * The path in the form in which its names are stored: é is one character or two, and both are the same name to a reader. Only plain
 * folders are looked into.
 */
function asStored({ root, relative }: Location): string {
  if (!/[^\x00-\x7f]/.test(relative)) return relative;
  let stored = '';
  for (const part of relative.split('/')) {
    const folder = path.join(root, stored);
    const isAlike = /[^\x00-\x7f]/.test(part) && !isThere(path.join(folder, part)) && isFolder(folder);
    const name = isAlike ? findEntry(folder, (one) => one.normalize('NFC') === part.normalize('NFC')) : undefined;
    stored = path.posix.join(stored, name ?? part);
  }
  return stored;
}

function isFolder(at: string): boolean {
  try {
    return lstatSync(at).isDirectory();
  } catch {
    return false; // a name that is too long, or a folder that may not be entered
  }
}

function followLinks(location: Location, use: 'read' | 'write'): { host: string; exists: boolean } | string {
  const full = path.join(location.root, location.relative);
  if (use === 'write') {
    const target = linkTarget(full);
    if (target !== null)
      return `is a symbolic link to ${showName(cutText(target, 200))}, and links are not written through; name the file itself`;
  }
  const missing: string[] = [];
  let at = full;
  for (;;) {
    try {
      lstatSync(at); // one call, where the next walks the whole way at each of thousands of missing levels
      const real = realpathSync.native(at);
      if (!contains(location.root, real)) return 'leads out of the repository through a symbolic link; give a path inside it';
      return { host: path.join(real, ...missing), exists: missing.length === 0 };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return `cannot be used: ${explainSystemError(error) ?? 'it is not a usable path'}`;
      if (isThere(at)) return 'is a symbolic link to something that does not exist; give a path without it';
      if (at === location.root) throw error;
      missing.unshift(path.basename(at));
      at = path.dirname(at);
    }
  }
}

function linkTarget(at: string): string | null {
  try {
    return readlinkSync(at);
  } catch {
    return null; // no link, or nothing at all
  }
}

function isThere(at: string): boolean {
  try {
    return lstatSync(at, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
