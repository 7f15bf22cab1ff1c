import { type FileHandle, open } from 'node:fs/promises';
import { type JournalLine, parseLine } from './journal.ts';

/** Reads what was added to a journal since the last time, whoever writes it. */
export interface JournalTail {
  /**
   * The lines that are complete by now and were not given before. `restarted`: the file is shorter than what was read, so it is
   * another one and was read from its beginning.
   */
  read(): Promise<{ lines: JournalLine[]; restarted: boolean }>;
  /** Bytes read so far, with the line that is not complete yet. */
  position(): number;
}

const CHUNK_BYTES = 1024 * 1024;
/** Conversation content is most of a journal, and nothing that a screen shows. Our writer puts `at` and `type` first. */
const NOT_SHOWN = /^\{"at":\d+,"type":"(?:message|head)"/;

/** @param file a journal that may not exist yet */
export function tailJournal(file: string): JournalTail {
  let offset = 0;
  let incomplete: Buffer = Buffer.alloc(0);
  let reading: Promise<unknown> = Promise.resolve();

  async function readOn(): Promise<{ lines: JournalLine[]; restarted: boolean }> {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!handle) return { lines: [], restarted: false };
    try {
      const restarted = (await handle.stat()).size < offset;
      if (restarted) {
        offset = 0;
        incomplete = Buffer.alloc(0);
      }
      return { lines: await readLines(handle), restarted };
    } finally {
      await handle.close();
    }
  }

  async function readLines(handle: FileHandle): Promise<JournalLine[]> {
    const lines: JournalLine[] = [];
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) return lines;
      offset += bytesRead;
      const text = Buffer.concat([incomplete, buffer.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(0x0a) + 1;
      incomplete = text.subarray(end);
      for (const line of text.toString('utf8', 0, end).split('\n')) {
        const parsed = NOT_SHOWN.test(line) ? null : parseLine(line);
        if (parsed) lines.push(parsed);
      }
    }
  }

  return {
    read() {
      const next = reading.then(readOn);
      reading = next.catch(() => {});
      return next;
    },
    position: () => offset,
  };
}

/** Whether the last complete line of a journal says that the attempt ended. Reads the end of the file only. */
export async function endsWithEnd(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return false;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 16 * 1024);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const last = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').at(-1) ?? '';
    return parseLine(last)?.type === 'end';
  } finally {
    await handle.close();
  }
}
