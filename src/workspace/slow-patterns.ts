/** Patterns of ignore and attributes files that git would match for minutes: it tries each way to match several `**`. */
import { readRules } from '../common/read-plain-file.ts';

/** In one pattern. Each multiplies the time for a path by its depth: a fifth makes seconds of one that is 60 folders deep. */
const MOST_STARRED = 4;

/** Whether git would match a line for minutes. */
export function isSlowPattern(line: string): boolean {
  return line.includes('**') && line.split(/[/\s"\\]+/).filter((part) => /^\*\*+$/.test(part)).length > MOST_STARRED;
}

/** Whether a file holds such a line. */
export function isSlow(path: string | Buffer): boolean {
  return readRules(path, 'latin1').split('\n').some(isSlowPattern);
}
