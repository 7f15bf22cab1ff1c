/**
 * Installed dependencies where nothing can be mounted: copied into the working tree before its first command, so that nothing of the user's
 * can be changed through them. By `cp`, which shares blocks between the copies where the file system can (APFS, btrfs, XFS).
 */
import { execFile } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_RULE_BYTES, readPlainFile } from '../common/read-plain-file.ts';
import { ENVIRONMENT_VARIABLES } from './find-environment.ts';
import { isReachedWithoutLinks, prepareMountPoint } from './mount-points.ts';
import { isWithin } from './mounts.ts';
import type { SandboxSpec } from './types.ts';

/** Of one folder of packages. */
const COPY_MS = 10 * 60_000;

interface Copy {
  readonly host: string;
  readonly at: string;
  /** Files in it that nobody may read. */
  readonly hidden: readonly string[];
}

type Lending = Pick<SandboxSpec, 'workspace' | 'mountAt' | 'gitDir' | 'lent'>;

/**
 * @returns makes the copies, once for a working tree; gives a line for the model where one is not whole, else ''. A call that is
 * cancelled leaves none half made, and the next one goes on.
 */
export function lendCopies(spec: Lending, platform: NodeJS.Platform = process.platform): (signal: AbortSignal) => Promise<string> {
  let missing: Copy[] | null = null;
  let queue = Promise.resolve('');
  const copyMissing = async (signal: AbortSignal) => {
    missing ??= folders(spec);
    let said = '';
    for (let next = missing[0]; next && !signal.aborted; next = missing[0]) {
      const problem = await copyInto(spec, next, { signal, platform });
      if (signal.aborted) break;
      if (problem) said += `[the installed dependencies in ${next.at} are not whole here (${problem}): install what is missing]\n`;
      missing.shift();
    }
    return said;
  };
  return (signal) => {
    queue = queue.then(() => copyMissing(signal));
    return queue;
  };
}

/** What is lent in the working tree, by its place there. */
function folders({ lent, mountAt }: Lending): Copy[] {
  return lent.flatMap(({ at, from: [host] }) => {
    if (!host || !isWithin(at, mountAt) || !isReachedWithoutLinks(host)) return [];
    return [{ host, at: at.slice(mountAt.length + 1), hidden: hiddenBelow(lent, at) }];
  });
}

/** What a copy that is seen at `at` is made without, relative to it. */
export function hiddenBelow(lent: SandboxSpec['lent'], at: string): string[] {
  const all = lent.flatMap(({ at, hidden = [], notes = [] }) => [...hidden, ...notes].map((name) => join(at, name)));
  return all.flatMap((file) => (isWithin(file, at) ? [file.slice(at.length + 1)] : []));
}

/**
 * The environment that commands begin with where the copies are: what is activated in the user's checkout is its copy for them.
 * @returns the places of the copies as well, whose programs may be found by name
 */
export function environmentOfCopies(spec: Lending & Pick<SandboxSpec, 'env'>): { env: SandboxSpec['env']; lent: string[] } {
  const copies = folders(spec).map(({ at }) => ({ from: join(spec.mountAt, at), to: join(spec.workspace, at) }));
  const turned = (path: string) => {
    const copy = copies.find(({ from }) => isWithin(path, from));
    return copy ? copy.to + path.slice(copy.from.length) : path;
  };
  const named = ['PATH', ...ENVIRONMENT_VARIABLES].flatMap((name) => {
    const value = spec.env[name];
    return value ? [[name, value.split(':').map(turned).join(':')] as const] : [];
  });
  return { env: { ...spec.env, ...Object.fromEntries(named) }, lent: copies.map(({ to }) => to) };
}

/** @returns what went wrong, on one line, or '' */
async function copyInto(
  { workspace, gitDir }: Lending,
  { host, at, hidden }: Copy,
  { signal, platform }: { readonly signal: AbortSignal; readonly platform: NodeJS.Platform },
): Promise<string> {
  const unfinished = join(gitDir, 'sandbox-copy'); // out of the reach of commands
  rmSync(unfinished, { recursive: true, force: true });
  try {
    if (prepareMountPoint(workspace, at, false) !== 'ready') return '';
    const problem = await copyFolder(host, unfinished, { signal, platform });
    if (signal.aborted) return '';
    for (const name of hidden) rmSync(join(unfinished, name), { recursive: true, force: true });
    keepOutOfCommits(unfinished);
    renameSync(unfinished, join(workspace, at));
    return problem;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function copyFolder(
  from: string,
  to: string,
  { signal, platform }: { readonly signal: AbortSignal; readonly platform: NodeJS.Platform },
): Promise<string> {
  const how = platform === 'darwin' ? ['-cRp'] : ['-a'];
  return new Promise((resolve) => {
    execFile('/bin/cp', [...how, from, to], { signal, timeout: COPY_MS, env: { LC_ALL: 'C' }, maxBuffer: 2 ** 20 }, (error, _, said) => {
      const first = said.trim().split('\n')[0] || error?.message.split('\n')[0];
      resolve(error ? (first ?? 'unknown') : '');
    });
  });
}

/**
 * Git ignores most such folders by itself, but not where the repository forgot to say so. `layerChanges` passes over this file. A link in
 * its place, which came with the copy, would lead our writing into a file of the user's.
 */
function keepOutOfCommits(folder: string): void {
  const file = join(folder, '.gitignore');
  const rules = readPlainFile(file, MOST_RULE_BYTES, 'refused')?.toString('latin1') ?? '';
  if (rules.split('\n').includes('*')) return;
  rmSync(file, { recursive: true, force: true });
  writeFileSync(file, `${rules}\n*\n`, { encoding: 'latin1', flag: 'wx' });
}
