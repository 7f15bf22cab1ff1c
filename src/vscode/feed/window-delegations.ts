import { readdir, readFile, stat } from 'node:fs/promises';
import {
  type DelegationFolder,
  type DelegationIdentity,
  delegationFolder,
  delegationsFolder,
  newestFirst,
  parseIdentity,
} from '../../delegation/store/delegation-folder.ts';
import { createDelegationReader, type DelegationReader, type DelegationRecord, type NewLines } from './delegation-reader.ts';

/** The delegations that lie in the state directory and belong to the window, as far as they were read. */
export interface DelegationIndex {
  /** Finds out which there are. @returns whether one that was shown is gone, or another one is unreadable; a new one shows once it is read */
  scan(): Promise<boolean>;
  /** Reads what is new of one. @returns null when it is not of this window */
  read(id: string): Promise<{ newLines: readonly NewLines[]; changed: boolean } | null>;
  ids(): readonly string[];
  /** Newest first. */
  records(): readonly DelegationRecord[];
  /** Those whose `delegation.json` cannot be read, so that nobody knows which repository they belong to. */
  unreadable(): readonly DelegationFolder[];
  isRunning(id: string): boolean;
  /** Folders whose changes mean that it is worth to read again. */
  folders(): readonly string[];
}

interface Entry {
  readonly stamp: string;
  readonly identity: DelegationIdentity | null;
  /** null = not of this window. */
  reader: DelegationReader | null;
  record: DelegationRecord | null;
}

/** @param belongsToWindow asked again by each `scan` */
export function createDelegationIndex(stateDir: string, belongsToWindow: (identity: DelegationIdentity) => boolean): DelegationIndex {
  const entries = new Map<string, Entry>();

  /** Reads who a delegation is, once; the same name can come to stand for another one. */
  async function identify(id: string): Promise<void> {
    const file = delegationFolder(stateDir, id).identity;
    const stats = await stat(file, { bigint: true }).catch(() => null);
    if (!stats) return;
    const stamp = `${stats.ino}:${stats.mtimeNs}`;
    let entry = entries.get(id);
    if (entry?.stamp !== stamp) {
      const identity = parseIdentity(await readFile(file, 'utf8').catch(() => ''));
      entry = { stamp, identity: identity?.id === id ? identity : null, reader: null, record: null };
      entries.set(id, entry);
    }
    if (entry.identity && belongsToWindow(entry.identity)) entry.reader ??= createDelegationReader(stateDir, entry.identity);
    else Object.assign(entry, { reader: null, record: null });
  }

  const unreadable = () => [...entries].flatMap(([id, { identity }]) => (identity ? [] : [id]));

  return {
    async scan() {
      const ids: string[] = await readdir(delegationsFolder(stateDir)).catch(() => []);
      const gone = [...entries.keys()].filter((id) => !ids.includes(id));
      const shown = gone.some((id) => entries.get(id)?.record);
      const before = unreadable().join();
      for (const id of gone) entries.delete(id);
      await Promise.all(ids.map(identify));
      return shown || unreadable().join() !== before;
    },
    async read(id) {
      const entry = entries.get(id);
      if (!entry?.reader) return null;
      const { record, newLines, changed } = await entry.reader.read();
      if (changed || !entry.record) entry.record = record;
      return { newLines, changed };
    },
    ids: () => [...entries.keys()],
    records: () => [...entries.values()].flatMap(({ record }) => record ?? []).sort((a, b) => newestFirst(a.identity, b.identity)),
    unreadable: () => unreadable().map((id) => delegationFolder(stateDir, id)),
    isRunning: (id) => entries.get(id)?.record?.state === 'running',
    folders: () => [
      ...[...entries.values()].flatMap(({ reader }) => reader?.folders() ?? []),
      ...unreadable().map((id) => delegationFolder(stateDir, id).root),
    ],
  };
}
