import type { DelegationRecord } from './delegation-reader.ts';

/** Whether what is known of branches is newer than how a delegation stands. */
export interface ReadSince {
  /** Called when branches begin to be read. @returns what to call when that is done */
  begin(records: readonly DelegationRecord[]): () => void;
  /** False where an attempt ended, or somebody decided, after the reading began: its branch may be there, or gone, and nobody knows yet. */
  covers(record: DelegationRecord): boolean;
}

export function createReadSince(): ReadSince {
  let read = new Map<string, string>();
  return {
    begin(records) {
      const now = new Map(records.map((record) => [record.identity.id, standing(record)]));
      return () => {
        read = now;
      };
    },
    covers: (record) => read.get(record.identity.id) === standing(record),
  };
}

/** It changes where an attempt comes or ends, and with a decision; not with the lines of a journal. */
export const standing = ({ identity, state, attempts, disposition }: DelegationRecord): string =>
  JSON.stringify([identity.id, state, attempts.length, disposition]);
