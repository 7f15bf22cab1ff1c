/** The patterns of a file that only forbids: what of it cannot be read, or is more than anybody has, forbids rather too much than nothing. */
import { expandBraces } from '../../common/glob.ts';
import { patternReadings } from '../../common/pattern-readings.ts';

const MOST_PATTERNS = 1000;
/** What is made of them. */
const MOST_READINGS = 2000;
const LONGEST = 200;
export const EVERYTHING = ['**'];

/** @returns everything, where the file is in an encoding that is not known */
export function patternsIn(bytes: Buffer): string[] {
  return bytes.includes(0) ? EVERYTHING : patternLines(bytes.toString('utf8'));
}

/** The patterns among its lines: no comments, nothing empty, nothing that is taken back. */
export function patternLines(text: string): string[] {
  const lines = text.split(/\r\n?|\n/).map((line) => line.trimEnd());
  const patterns = lines.filter((line) => /^\s*[^\s#!]/.test(line));
  const read = patterns.length > MOST_PATTERNS ? EVERYTHING : [...new Set(patterns.flatMap(readings))];
  return read.length > MOST_READINGS ? EVERYTHING : read;
}

/**
 * A line as it stands, and as somebody may have meant it: in quotes, with a remark behind it, with a choice in braces. git takes blanks in front for a
 * part of the name.
 */
function readings(whole: string): string[] {
  const line = whole.trim();
  const plain = line.replace(/(?<!\s)\s+#.*$/, '').replace(/^(["'`])(.*)\1$/, '$2');
  return [...new Set([line, plain, whole])].filter(Boolean).flatMap(patternReadings).flatMap(asPatterns);
}

function asPatterns(line: string): string[] {
  // A letter that is no UTF-8 stands for any, and so does a brace that is one of the name.
  const known = line.replace(/\ufffd+|\0+/g, '*');
  const plain = known.replace(/[{}]/g, '?');
  const choices = known === plain ? [] : (expandBraces(known) ?? EVERYTHING).map((choice) => choice.replace(/[{}]/g, '?'));
  return [...new Set([plain, ...choices])].map(shortened);
}

/** Of a long one all in the folder that it begins with. */
function shortened(pattern: string): string {
  if (pattern.length <= LONGEST) return pattern;
  const end = pattern.lastIndexOf('/', LONGEST - 3);
  return end > 0 ? `${pattern.slice(0, end)}/**` : '**';
}

/** A pattern of a repository as the one around it reads it. */
export function seenAround(folder: string, pattern: string): string {
  const path = pattern.replaceAll('\\', '/').replace(/^\.\//, '');
  const isFromRoot = path.replace(/\/+$/, '').includes('/');
  return `/${folder.replace(/[*?[\]{}!\\]/g, '?')}/${isFromRoot ? '' : '**/'}${path.replace(/^\/+/, '')}`;
}
