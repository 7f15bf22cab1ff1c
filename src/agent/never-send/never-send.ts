/**
 * What is never sent to the model: files by their names, secrets by their form, and what stood in such a file wherever it turns up
 * (a command prints it, another file repeats it). One for each attempt; everything that is sent goes through `mask`.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { findSecrets, privateKeys } from '../../common/secret-forms.ts';
import { decodeText } from '../../common/text-codec.ts';
import { ValueFinder } from './find-values.ts';
import { LargeFiles } from './large-files.ts';
import { isDecidedByContent, isHarmless, type NameRules, nameRules } from './name-rules.ts';
import { secretValues } from './secret-values.ts';

/** What stands in the place of what is not sent. */
export const MASK = '[withheld]';

/** Why something was held back: a file by its name, content of such a file, or a secret by its form (then the key is its kind). */
export const WITHHELD_BY = ['name', 'content', 'form'] as const;
export type WithheldBy = (typeof WITHHELD_BY)[number];
export type Withheld = Readonly<Record<string, WithheldBy>>;

/** Of one file and of all, bytes: each value is learned, which takes a second for some megabytes. What comes behind is learned by its lines. */
const LARGEST_IN_FULL = 2 ** 20;
const MOST_IN_FULL = 4 * 2 ** 20;
const MOST_LARGE = 128 * 2 ** 20;
/** A copy of less is no copy. */
const LEAST_COPY = 8;

export interface NeverSend {
  readonly rules: NameRules;
  /** Files that are known to be withheld, in the order in which they became known. */
  files(): readonly string[];
  /** A file of the repository that may be withheld; what it holds is masked from now on. */
  learn(path: string, bytes: Buffer): void;
  /**
   * The same, bounded: of files that are large, or behind many others, only the lines, the words that look secret and what stands behind names
   * such as `password`. Others have their turn meanwhile.
   * @param where `elsewhere`: on another branch, so that nobody finds it here by its name; `given`: one that the user named as such, whatever its name
   */
  learnBounded(path: string, bytes: Buffer, where?: 'here' | 'elsewhere' | 'given'): Promise<void>;
  /** A file that holds a secret beside other things: its keys are masked also where only a part of one is shown. */
  learnKeysOf(path: string, bytes: Buffer): void;
  /** The model wrote this content: it may see that again. */
  wrote(path: string, bytes: Buffer): void;
  /** The withheld file that this is, by its name or as a copy of it; null = it may be sent, its secrets masked. */
  withheld(path: string, bytes: Buffer): string | null;
  /** The text as it may be sent. The same text gives the same, and what was masked stays as it is. */
  mask(text: string): string;
  /** The same for a part, by what stands around it: what the part has of a secret is masked as well. */
  maskPart(text: string, from: number, to: number): string;
  /** For the account: a file was held back. */
  heldBack(path: string, by: WithheldBy): void;
  /** What was held back since the last call, or undefined. */
  takeWithheld(): Withheld | undefined;
}

export function neverSend(rules: NameRules = nameRules()): NeverSend {
  const finder = new ValueFinder();
  const known = new Set<string>();
  const contents = new Map<string, string>();
  const own = new Set<string>();
  const large = new LargeFiles();
  const left = { full: MOST_IN_FULL, large: MOST_LARGE };
  const pending = new Map<string, WithheldBy>();

  const isWithheld = (path: string, bytes: Buffer) =>
    rules.isWithheld(path) && !(isDecidedByContent(path) && isHarmless(path, decodeText(bytes)?.text ?? ''));

  const maskPart = (text: string, from: number, to: number): string => {
    const spans = [
      ...findSecrets(text).map(({ start, end, kind }) => ({ start, end, what: kind, by: 'form' as const })),
      ...[...finder.find(text), ...large.find(text)].map(({ start, end, from: file }) => ({
        start,
        end,
        what: file,
        by: 'content' as const,
      })),
    ].filter(({ start, end }) => end > from && start < to);
    let out = '';
    let at = from;
    for (const { start, end, what, by } of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
      if (!pending.has(what)) pending.set(what, by);
      const [begin, behind] = [Math.max(start, from), Math.min(end, to)];
      // With its line breaks, so that the numbers of the lines behind it stay.
      if (begin >= at) out += text.slice(at, begin) + MASK + '\n'.repeat(text.slice(begin, behind).split('\n').length - 1);
      at = Math.max(at, behind);
    }
    return out + text.slice(at, to);
  };

  /** Whether there is something in it that is not known. */
  const isNew = (path: string, bytes: Buffer, where: 'here' | 'elsewhere' | 'given' = 'here'): boolean => {
    if (where !== 'given' && !isWithheld(path, bytes)) return false;
    if (where === 'here') known.add(path);
    const content = hash(bytes);
    if (bytes.length < LEAST_COPY || contents.has(content)) return false;
    contents.set(content, path);
    return true;
  };
  const add = (path: string) => (text: string, isLine?: boolean) => {
    if (!MASK.includes(text)) finder.add(text, path, isLine);
  };

  return {
    rules,
    files: () => [...known],
    learn(path, bytes) {
      if (isNew(path, bytes)) for (const { text, isLine } of secretValues(bytes)) add(path)(text, isLine);
    },
    async learnBounded(path, bytes, where) {
      if (!isNew(path, bytes, where)) return;
      const inFull = bytes.length <= Math.min(LARGEST_IN_FULL, left.full);
      if (!inFull && bytes.length > left.large) return;
      left[inFull ? 'full' : 'large'] -= bytes.length;
      if (!inFull) return large.learn(path, bytes, add(path));
      for (const { text, isLine } of secretValues(bytes)) add(path)(text, isLine);
      await setImmediate();
    },
    learnKeysOf(path, bytes) {
      const text = decodeText(bytes)?.text ?? '';
      for (const { start, end } of privateKeys(text)) {
        for (const [line] of text.slice(start, end).matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)) finder.add(line, path);
      }
    },
    wrote(path, bytes) {
      if (rules.isWithheld(path)) own.add(hash(bytes));
    },
    withheld(path, bytes) {
      const isByName = isWithheld(path, bytes);
      if (!isByName && contents.size === 0) return null;
      const content = hash(bytes);
      if (isByName) return own.has(content) ? null : path;
      return contents.get(content) ?? null;
    },
    mask: (text) => maskPart(text, 0, text.length),
    maskPart,
    heldBack: (path, by) => void pending.set(path, by),
    takeWithheld() {
      const taken = Object.fromEntries(pending);
      pending.clear();
      return Object.keys(taken).length > 0 ? taken : undefined;
    },
  };
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}
