import { readdir, readFile, stat } from 'node:fs/promises';
import { type DelegationIdentity, delegationFolder, delegationsFolder, newestFirst, parseIdentity } from '../../delegation/store/store.ts';
import { type DelegationReader, type DelegationRecord, readDelegation, type Steps } from './delegation-reader.ts';

/** The delegations that lie in the state directory and belong to the window, as far as they were looked at. */
export interface DelegationIndex {
  /** Finds out which there are. @returns whether one that was shown is gone; one that came shows with the `look` at it */
  list(): Promise<boolean>;
  /** What is new about one; @returns null when it is not of this window */
  look(id: string): Promise<{ steps: readonly Steps[]; changed: boolean } | null>;
  ids(): readonly string[];
  /** Newest first. */
  views(): readonly DelegationRecord[];
  isRunning(id: string): boolean;
  /** Folders whose changes mean that it is worth to look again. */
  folders(): readonly string[];
}

interface Entry {
  readonly stamp: string;
  readonly identity: DelegationIdentity | null;
  /** null = not of this window. */
  reader: DelegationReader | null;
  view: DelegationRecord | null;
}

/** @param isMine asked again by each `list` */
export function createDelegationIndex(stateDir: string, isMine: (identity: DelegationIdentity) => boolean): DelegationIndex {
  const entries = new Map<string, Entry>();

  /** Reads who a delegation is, once; the same name can come to stand for another one. */
  async function meet(id: string): Promise<void> {
    const file = delegationFolder(stateDir, id).identity;
    const found = await stat(file, { bigint: true }).catch(() => null);
    if (!found) return;
    const stamp = `${found.ino}:${found.mtimeNs}`;
    let entry = entries.get(id);
    if (entry?.stamp !== stamp) {
      const identity = parseIdentity(await readFile(file, 'utf8').catch(() => ''));
      entry = { stamp, identity: identity?.id === id ? identity : null, reader: null, view: null };
      entries.set(id, entry);
    }
    if (entry.identity && isMine(entry.identity)) entry.reader ??= readDelegation(stateDir, entry.identity);
    else Object.assign(entry, { reader: null, view: null });
  }

  return {
    async list() {
      const ids: string[] = await readdir(delegationsFolder(stateDir)).catch(() => []);
      const gone = [...entries.keys()].filter((id) => !ids.includes(id));
      const shown = gone.some((id) => entries.get(id)?.view);
      for (const id of gone) entries.delete(id);
      await Promise.all(ids.map(meet));
      return shown;
    },
    async look(id) {
      const entry = entries.get(id);
      if (!entry?.reader) return null;
      const { view, steps, changed } = await entry.reader.look();
      entry.view = view;
      return { steps, changed };
    },
    ids: () => [...entries.keys()],
    views: () => [...entries.values()].flatMap(({ view }) => view ?? []).sort((a, b) => newestFirst(a.identity, b.identity)),
    isRunning: (id) => entries.get(id)?.view?.state === 'running',
    folders: () => [...entries.values()].flatMap(({ reader }) => reader?.folders() ?? []),
  };
}
