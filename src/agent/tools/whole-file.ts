/** Reads a whole file of bounded size. */
import { openForReading, type SafeTarget } from './open-safely.ts';
import type { PathRefusal } from './paths.ts';
import { showSize } from './text-limits.ts';

/** Files that are edited or overwritten are held in memory; this bounds them. */
export const MOST_EDITED_BYTES = 8 * 1024 * 1024;

export async function readWholeFile(target: SafeTarget): Promise<{ ok: true; bytes: Buffer } | PathRefusal> {
  const opened = await openForReading(target);
  if (!opened.ok) return opened;
  try {
    if (opened.size > MOST_EDITED_BYTES) {
      const limit = showSize(MOST_EDITED_BYTES);
      return {
        ok: false,
        message: `${target.shown} is too big for this tool (${showSize(opened.size)}, limit ${limit}); use run_command with sed or a script`,
      };
    }
    return { ok: true, bytes: await readAtMost(opened.handle, MOST_EDITED_BYTES) };
  } finally {
    await opened.handle.close();
  }
}

/** Reads to the end or to the limit: the size that was announced may be a lie (a file that grows, or of /proc). */
async function readAtMost(
  handle: { read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number }> },
  most: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  while (total < most) {
    const piece = Buffer.allocUnsafe(Math.min(256 * 1024, most - total));
    const { bytesRead } = await handle.read(piece, 0, piece.length);
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    total += bytesRead;
  }
  return Buffer.concat(pieces, total);
}
