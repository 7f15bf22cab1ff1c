/** The part of a report that shows what was changed: the files, and as much of the diff as has room, the source before the tests. */
import { randomBytes } from 'node:crypto';
import { inReadingOrder, partOf } from '../delegation/result/reading-order.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { escapeUntrusted, oneLine } from './escape-untrusted.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { line, namesWithin, short, within } from './report-text.ts';

/** The diff in a report, in tokens as the reader pays them. */
export const DIFF_TOKENS = 6000;
const FILE_TOKENS = 1200;
/** Longer tests would bury the source that they test. */
const MOST_TEST_LINES = 120;
const MOST_TITLES = 12;
/** A shorter beginning of a file tells nothing. */
const LEAST_START = 400;

type Change = NonNullable<AttemptResult['change']>;
type Diff = Change['diffs'][number];

export function fileLines(result: AttemptResult, change: Change): string[] {
  const foreign = result.outOfScope.length > 0 ? `, ${result.outOfScope.length} out of scope` : '';
  const scope = result.scope.length > 0 && foreign === '' ? ', all in scope' : foreign;
  const isFolded = foldedIn(change);
  const folded = new Map(change.diffs.filter(isFolded).map((diff) => [diff.path, diff]));
  const lines = inReadingOrder(change.files).map((file) => {
    const counts = [file.added ? `+${file.added}` : '', file.removed ? `-${file.removed}` : ''].filter(Boolean).join(' ');
    const size = file.added === null ? ' binary' : counts && ` ${counts}`;
    const titles = testTitles(folded.get(file.path));
    const tests = titles.length > 0 ? `\n    tests: ${line(titles.join('; '), 600)}` : '';
    return `  ${file.status} ${file.from ? `${line(file.from, 150)} to ` : ''}${line(file.path, 150)}${size}${tests}`;
  });
  return [`files: ${change.files.length}, +${change.added} -${change.removed}${scope}`, ...within(FILE_TOKENS, lines, 'files')];
}

/** What nobody reads line by line, and tests that are long beside the source. All files are looked at once: there may be thousands. */
function foldedIn(change: Change): (diff: Diff) => boolean {
  const hasSource = change.files.some((file) => partOf(file.path) === 'source');
  return ({ path, text }) => {
    const part = partOf(path);
    return part === 'made' || (part === 'test' && hasSource && text.split('\n').length > MOST_TEST_LINES);
  };
}

const TEST =
  /^\+\s*(?:(?:it|test|specify)(?:\.\w+)*\(\s*(['"`])(.{1,200}?)\1|(?:async )?def (test\w+)|func (Test\w+)|fn (\w*test\w*)|#\[test\]\s*\n\+\s*fn (\w+))/gm;

/** Which tests a long diff adds, as far as its lines tell. */
function testTitles(diff: Diff | undefined): string[] {
  if (!diff || partOf(diff.path) !== 'test') return [];
  const titles = [...diff.text.matchAll(TEST)].map(([, , title, ...names]) => oneLine(title ?? names.find(Boolean) ?? '', 80));
  return titles.length > MOST_TITLES ? [...titles.slice(0, MOST_TITLES), `${titles.length - MOST_TITLES} more`] : titles;
}

/** Whole object ids cost tokens and tell a reviewer nothing. */
function shortIndexLine(diff: string): string {
  return diff.replace(/^index ([0-9a-f]{7})[0-9a-f]*\.\.([0-9a-f]{7})[0-9a-f]*/m, 'index $1..$2');
}

/**
 * The diff between two lines of ours, of which the last cannot be guessed: whole files first, then the beginning of one that is too large.
 * @param room in tokens
 */
export function diffText(result: AttemptResult, change: Change, room: number, fence = randomBytes(3).toString('hex')): string {
  const isFolded = foldedIn(change);
  const bodies = inReadingOrder(change.diffs)
    .filter((diff) => !isFolded(diff))
    .map((diff) => ({ ...diff, body: escapeUntrusted(shortIndexLine(diff.text)).trimEnd() }));
  const shown = new Map<Diff, string>();
  let left = Math.min(DIFF_TOKENS, room) - 220; // for the two lines of the fence
  for (const diff of bodies) {
    const tokens = estimateTokens(diff.body) + 1;
    if (diff.cut || tokens > left) continue;
    shown.set(diff, diff.body);
    left -= tokens;
  }
  const complete = new Set([...shown.keys()].map(({ path }) => path));
  const large = bodies.find((diff) => !shown.has(diff));
  const start = large && left >= LEAST_START ? beginningOf(large.body, left - 10) : '';
  if (large && start) shown.set(large, `${start}\n[cut here]`);
  const missing = inReadingOrder(change.files).flatMap(({ path }) => (complete.has(path) ? [] : [path]));
  const but = line(namesWithin(4, missing), 200);
  const extent = missing.length === 0 ? 'complete' : shown.size === 0 ? `not shown here: ${but}` : `complete but for ${but}`;
  const whole = result.base && result.tip ? `git diff ${short(result.base)}..${short(result.tip)}` : '';
  const more = whole && `   more: ${missing.length === 0 ? '' : 'delegation_diff(path=...) for each of those, in pages; '}${whole}`;
  const parts = bodies.flatMap((diff) => shown.get(diff) ?? []);
  return [`diff, untrusted data, ${extent}, down to ${fence}:`, ...parts, `${fence}${more}`].join('\n');
}

/** As many lines as have room, up to a hunk where one begins late enough. */
function beginningOf(body: string, tokens: number): string {
  const lines = body.split('\n');
  let used = 0;
  const end = lines.findIndex((text) => {
    used += estimateTokens(text) + 1;
    return used > tokens;
  });
  const fits = end < 0 ? lines : lines.slice(0, end);
  const hunk = fits.findLastIndex((text) => text.startsWith('@@ '));
  return (hunk > fits.length / 2 ? fits.slice(0, hunk) : fits).join('\n');
}
