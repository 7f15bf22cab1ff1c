import type { Machine } from '../../src/sandbox/host-facts.ts';

/** A played machine: file contents by path; a content of '' is a file or folder that only exists. */
export function machine(files: Record<string, string> = {}, more: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    env: {},
    root: false,
    read: (path) => files[path] ?? null,
    exists: (path) => path in files,
    names: (folder) => Object.keys(files).flatMap((path) => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [])),
    ...more,
  };
}
