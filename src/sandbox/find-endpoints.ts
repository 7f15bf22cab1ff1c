/**
 * Doors to the host in what is lent: a read-only mount stops neither `connect()` to a socket nor writing into a FIFO, and what is
 * mounted below a folder is mounted with it.
 */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { cover } from './host-folders.ts';
import { isWithin, type Mount, mount } from './mounts.ts';
import { readText } from './read-text.ts';

const SEARCH_MS = 5000;
/** Where services live, beside programs. */
const SERVICES = ['/opt', '/usr/local'];
/** Folders of packages themselves, which no program writes while it runs. */
const PACKAGES = new Set(['.bin', '.pnpm', '.store']);

type Folders = readonly { readonly host: string; readonly at: string }[];

/** Sockets and FIFOs where they can be expected: of services, and of helpers (caches, daemons) in installed packages. */
export function searchEndpoints(dependencies: readonly string[]): Promise<string[]> {
  const helpers = dependencies.flatMap((host) =>
    namesIn(host).flatMap((name) => (name.startsWith('.') && !PACKAGES.has(name) ? [`${host}/${name}`] : [])),
  );
  const args = ['-H', ...SERVICES, ...helpers, '-xdev', '(', '-type', 's', '-o', '-type', 'p', ')', '-print0'];
  return new Promise((resolve) => {
    const options = { timeout: SEARCH_MS, maxBuffer: 2 ** 24, env: { PATH: '/usr/bin:/bin' }, cwd: '/' };
    execFile('find', args, options, (_error, found) => resolve(found.split('\0').filter((path) => path !== '')));
  });
}

/** Sockets that listen now, by the paths that they were given. */
export function listeningSockets(): string[] {
  return readText('/proc/net/unix')
    .split('\n')
    .flatMap((line) => /^\S+(?: +\S+){6} (\/.*)$/.exec(line)?.[1] ?? []);
}

/**
 * What covers these paths where they are shown. A socket's whole folder, which belongs to a program that runs, so that one that is
 * made anew is covered as well.
 */
export function coverEndpoints(endpoints: readonly string[], mounts: readonly string[], lent: Folders): Mount[] {
  const covers = endpoints.flatMap((path) =>
    lent.flatMap(({ host, at }) => {
      if (!isWithin(path, host)) return [];
      const folder = dirname(path);
      return [
        folder === host || folder === dirname(host)
          ? mount('unreadable', '', moved(path, host, at))
          : mount('empty', '', moved(folder, host, at)),
      ];
    }),
  );
  const others = mounts.flatMap((path) =>
    lent.flatMap(({ host, at }) =>
      path !== host && isWithin(path, host) && host !== '/usr' ? [{ ...cover(path), at: moved(path, host, at) }] : [],
    ),
  );
  return [...covers, ...others];
}

function moved(path: string, host: string, at: string): string {
  return at + path.slice(host.length);
}
