/** Keeps what goes to the model short and on its line. */
import { count } from '../../common/count-noun.ts';

/** Files that are edited or overwritten are held in memory; this bounds them. */
export const MOST_EDITED_BYTES = 8 * 1024 * 1024;

/** Outputs of commands of so many bytes are kept in a file until the end of the attempt: of what is shorter only repeats are. */
export const KEPT_FROM = 1_500;

/** A file name as it can stand in a line: names with control or direction-changing characters are written as JSON strings. */
export function showName(name: string): string {
  if (!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(name)) return name;
  return JSON.stringify(name).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `512 bytes`, `1.5 KB`, `10.0 GB`. */
export function showSize(bytes: number): string {
  if (bytes < 1024) return count(bytes, 'byte');
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/**
 * As many lines as fit.
 * @param maxBytes UTF-8 bytes, line ends counted; the first line is always taken
 */
export function linesThatFit(lines: readonly string[], maxLines: number, maxBytes: number): readonly string[] {
  let bytes = 0;
  let taken = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (taken > 0 && (taken >= maxLines || bytes > maxBytes)) break;
    taken += 1;
  }
  return lines.slice(0, taken);
}
