import { type FSWatcher, watch } from 'node:fs';
import { errorCode } from '../../common/caught-error.ts';

/** Watches single folders, without their subfolders: workspaces may hold a hundred thousand files. */
export interface FolderWatch {
  /** From now on exactly these folders are watched; those that do not exist (yet) are left out and tried again by the next call. */
  set(folders: Iterable<string>): void;
  /** False when some folder could not be watched although it exists: then only polling notices. */
  complete(): boolean;
  close(): void;
}

export function watchFolders(onChange: (folder: string, name: string | null) => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let failed = false;

  function add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => onChange(folder, name));
      watcher.on('error', () => remove(folder));
      watchers.set(folder, watcher);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') failed = true; // no watches left, or a file system without them
    }
  }

  function remove(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  return {
    set(folders) {
      const watched = new Set(folders);
      failed = false;
      for (const folder of [...watchers.keys()]) if (!watched.has(folder)) remove(folder);
      for (const folder of watched) if (!watchers.has(folder)) add(folder);
    },
    complete: () => !failed,
    close() {
      for (const folder of [...watchers.keys()]) remove(folder);
    },
  };
}
