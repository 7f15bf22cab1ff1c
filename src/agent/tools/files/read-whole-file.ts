/** Reads a whole file of bounded size. */

import { MOST_EDITED_BYTES, showSize } from '../text-limits.ts';
import { type FileTarget, type OpenedFile, openForReading } from './open-safely.ts';
import type { PathRefusal } from './resolve-path.ts';

export function readWholeFile(target: FileTarget): { ok: true; bytes: Buffer } | PathRefusal {
  const opened = openForReading(target);
  if (!opened.ok) return opened;
  try {
    if (opened.size > MOST_EDITED_BYTES) {
      const limit = showSize(MOST_EDITED_BYTES);
      return {
        ok: false,
        message: `${target.shown} is too big for this tool (${showSize(opened.size)}, limit ${limit}); use run_command with sed or a script`,
      };
    }
    return { ok: true, bytes: readAtMost(opened, MOST_EDITED_BYTES) };
  } finally {
    opened.close();
  }
}

/** Reads to the end or to the limit: the size that was announced may be a lie (a file that grows, or of /proc). */
function readAtMost(file: OpenedFile, most: number): Buffer {
  const pieces: Buffer[] = [];
  let total = 0;
  while (total < most) {
    const piece = Buffer.allocUnsafe(Math.min(256 * 1024, most - total));
    const bytes = file.read(piece, total);
    if (bytes === 0) break;
    pieces.push(piece.subarray(0, bytes));
    total += bytes;
  }
  return Buffer.concat(pieces, total);
}
