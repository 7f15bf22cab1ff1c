import { behindFolders } from '../common/behind-folders.ts';
import { patternReadings } from '../common/pattern-readings.ts';

/** Of a folder's settings, what goes to servers: they read all of it at each call, and those of older versions no more than 64 KB. */

const MOST_BYTES = 4096;
/** Of a list that only forbids, which may well have some hundreds of entries. */
const MOST_LIST_BYTES = 16 * 1024;

/** A value as a folder sets it, unless it is larger than any folder has to say. */
export function soundValue(brought: unknown): unknown {
  return brought !== undefined && sizeOf(brought) > MOST_BYTES ? undefined : brought;
}

/** Lists that forbid, and what stands between their entries where they are one text. */
const DIVIDERS = { neverSend: /[,\n]+/, protectedBranches: /[,\s;|]+/ };

/**
 * The entries of such a list, by whatever form it is written in. One that is a list by itself, as variables have it, counts as what it says and as its
 * parts, which take nothing back.
 */
export function entriesOf(name: keyof typeof DIVIDERS, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  const partsOf = (text: string) =>
    text
      .split(DIVIDERS[name])
      .map((part) => part.trim())
      .filter(Boolean);
  if (typeof value === 'string') return partsOf(value);
  if (!Array.isArray(value)) return [value];
  return value.flatMap((one: unknown) => {
    const parts = typeof one === 'string' ? partsOf(one) : [];
    return parts.length > 1 ? [one, ...parts.filter((part) => !part.startsWith('!'))] : [one];
  });
}

/**
 * The entries of a list that adds to what is forbidden. One that is too long for the way, or that nobody can read, is not left out, as then
 * nothing of it would be: it forbids everything.
 */
export function forbiddenBy(name: keyof typeof DIVIDERS, brought: unknown): string[] {
  const entries = entriesOf(name, brought);
  const texts = entries.filter((one) => typeof one === 'string');
  return texts.length < entries.length || sizeOf(texts) > MOST_LIST_BYTES ? ['**'] : texts;
}

/** On its way it is a text within a text. */
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(value)));

/** The longest that servers take. */
const MOST_PATTERN = 200;

/** Where a folder and the repository that is asked about lie to each other. */
export interface Place {
  /** Where the folder lies in it; '' = it is the whole, or neither lies in the other. */
  readonly below: string;
  /** Where, in the folder, its working trees lie; none where the folder does not lie around it. */
  readonly within: readonly string[];
}

export const WHOLE: Place = { below: '', within: [] };

/**
 * A pattern in the settings of a folder that is another one than the repository: meant from that folder, as in a `.gitignore` there, or from the
 * root, as servers take it. It counts in both ways.
 */
export function seenFrom(place: Place, pattern: string): string[] {
  // What a server makes of a pattern it does itself, but for one that is another one by then.
  const isSame = place.below === '' && place.within.length === 0;
  return isSame ? seenAs(place, pattern) : [...new Set(patternReadings(pattern).flatMap((one) => seenAs(place, one)))];
}

function seenAs({ below, within }: Place, pattern: string): string[] {
  const path = pattern.replaceAll('\\', '/').replace(/^\.?\//, '');
  const isInAll = !path.replace(/(?<!\/)\/+$/, '').includes('/') && path === pattern;
  const inside = within.flatMap((way) => behindFolders(way, path, isInAll));
  return [...new Set([...seenFromBelow(below, path, pattern, isInAll), ...inside])];
}

/** Where the folder has no name for a pattern, in every folder. */
function seenFromBelow(below: string, path: string, pattern: string, isInAll: boolean): string[] {
  if (below === '' || isInAll || pattern.startsWith('!')) return [pattern];
  const exact = `${below.replaceAll('\\', '/')}/${path}`;
  return [pattern, /[*?[\]{}!\0]/.test(below) || exact.length > MOST_PATTERN ? `**/${path}` : exact];
}
