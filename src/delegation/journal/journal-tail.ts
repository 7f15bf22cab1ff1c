import { type FileHandle, open } from 'node:fs/promises';
import { isJson, type JournalLine, parseLine } from './journal.ts';

/** Reads what was added to a journal since the last time, whoever writes it. */
export interface JournalTail {
  /**
   * The lines that are complete by now and were not given before. `restarted`: the file is shorter than what was read, so it is
   * another one and was read from its beginning. `damaged`: the numbers of the lines among the new ones that are no JSON.
   */
  read(): Promise<NewJournalLines>;
  /** Bytes read so far, with the line that is not complete yet. */
  position(): number;
  /** The number of the line that is not complete yet; null = there is none. */
  incomplete(): number | null;
}

interface NewJournalLines {
  readonly lines: JournalLine[];
  readonly damaged: number[];
  readonly restarted: boolean;
}

const CHUNK_BYTES = 1024 * 1024;
/** Conversation content is most of a journal, and nothing that a screen shows. Our writer puts `at` and `type` first. */
const NOT_SHOWN = /^\{"at":\d+,"type":"(?:message|head)"/;

/**
 * @param file a journal that may not exist yet
 * @param whole also what was said
 */
export function tailJournal(file: string, whole = false): JournalTail {
  let offset = 0;
  let incomplete: Buffer[] = [];
  let complete = 0;
  let reading: Promise<unknown> = Promise.resolve();

  async function readOn(): Promise<NewJournalLines> {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!handle) return { lines: [], damaged: [], restarted: false };
    try {
      const restarted = (await handle.stat()).size < offset;
      if (restarted) {
        offset = 0;
        complete = 0;
        incomplete = [];
      }
      return { ...(await readLines(handle)), restarted };
    } finally {
      await handle.close();
    }
  }

  async function readLines(handle: FileHandle): Promise<Omit<NewJournalLines, 'restarted'>> {
    const lines: JournalLine[] = [];
    const damaged: number[] = [];
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
      if (bytesRead === 0) return { lines, damaged };
      offset += bytesRead;
      const read = buffer.subarray(0, bytesRead);
      // a long line is put together once
      if (!read.includes(0x0a)) {
        incomplete.push(read);
        continue;
      }
      const text = Buffer.concat([...incomplete, read]);
      const end = text.lastIndexOf(0x0a) + 1;
      incomplete = end < text.length ? [text.subarray(end)] : [];
      for (const line of text.toString('utf8', 0, end).split('\n').slice(0, -1)) {
        complete++;
        if (!whole && NOT_SHOWN.test(line) && line.endsWith('}')) continue;
        const parsed = parseLine(line);
        if (parsed) lines.push(parsed);
        else if (line !== '' && !isJson(line)) damaged.push(complete);
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
    incomplete: () => (incomplete.length > 0 ? complete + 1 : null),
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
