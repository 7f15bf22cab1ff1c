import { ECOSYSTEMS } from '../sandbox/ecosystems.ts';

/** Node's package managers other than npm, each by its lock file. */
const MANAGER_BY_LOCK: ReadonlyMap<string, string> = new Map(
  ECOSYSTEMS.flatMap(({ manifests, install = [] }) => (manifests.includes('package.json') ? install : []))
    .map(({ file, command }): [string, string] => [file, command.split(' ')[0]!])
    .filter(([, manager]) => manager !== 'npm'),
);

export const isLockOfManager = (name: string): boolean => MANAGER_BY_LOCK.has(name);

/**
 * @param has whether there is a file by that name
 * @param manifest the text of a `package.json`, which may name it too
 */
export function packageManager(has: (name: string) => boolean, manifest: string | undefined): string {
  const byLock = [...MANAGER_BY_LOCK].find(([lock]) => has(lock))?.[1];
  return byLock ?? /"packageManager"\s*:\s*"(npm|pnpm|yarn|bun)@/.exec(manifest ?? '')?.[1] ?? 'npm';
}
