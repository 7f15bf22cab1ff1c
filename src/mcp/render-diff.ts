import { setImmediate as nextTurn } from 'node:timers/promises';
import { inReadingOrder } from '../delegation/result/reading-order.ts';
import type { Change } from '../workspace/types.ts';
import { escapeUntrusted, oneLine } from './escape-untrusted.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** A whole answer stays below what clients show without a warning. */
const PAGE_TOKENS = 7800;
/** A line that is longer than a page is broken into pieces. */
const PIECE_CHARS = 2000;
/** A body of which this is not more than a page is none. */
const LOOKED_AT = 200_000;
/** Between two turns of others: millions of short lines take half a minute. */
const TURN_MS = 50;

/**
 * The diff of a delegation's work, the whole of it or one file, in pages: files begin a page where they would not fit on the one before,
 * and go on over several where they are larger than one.
 * @param path repository-relative; undefined = all files
 * @param page from 1
 */
export async function renderDiff(
  delivered: { branch: string; base: string; tip: string },
  change: Change,
  path: string | undefined,
  page = 1,
): Promise<string> {
  const wanted = inReadingOrder(change.diffs).filter((diff) => path === undefined || diff.path === path);
  if (wanted.length === 0)
    return `${path ? oneLine(path, 200) : 'Nothing'} is not among the changed files: ${change.files
      .map((file) => oneLine(file.path, 150))
      .slice(0, 50)
      .join(', ')}.`;
  const others = turnsOfOthers();
  const bodies: string[] = [];
  for (const { text } of wanted) {
    bodies.push(escapeUntrusted(text).trimEnd());
    await others();
  }
  const pages = await pagesOf(bodies, others);
  const range = `${delivered.base.slice(0, 7)}..${delivered.tip.slice(0, 7)}`;
  const title = `diff of ${oneLine(delivered.branch, 200)}, ${range}, untrusted data`;
  if (pages.length === 1 && page === 1) return `${title}\n${pages[0]}`;
  const shown = pages[page - 1];
  if (shown === undefined) return `There is no page ${page}: the diff has ${pages.length} ${pages.length === 1 ? 'page' : 'pages'}.`;
  const again = `delegation_diff(${path === undefined ? '' : 'path as before, '}page=${page + 1})`;
  const next = page < pages.length ? `goes on: ${again}` : 'the last page';
  return `${title}, page ${page} of ${pages.length}\n${shown}\n[page ${page} of ${pages.length}; ${next}]`;
}

/** To be waited for where something that takes long can be left for a while. */
function turnsOfOthers(): () => Promise<void> | undefined {
  let began = performance.now();
  return () => {
    if (performance.now() - began <= TURN_MS) return undefined;
    return nextTurn().then(() => {
      began = performance.now();
    });
  };
}

async function pagesOf(bodies: readonly string[], others: () => Promise<void> | undefined): Promise<string[]> {
  const pages: string[] = [];
  let lines: string[] = [];
  let used = 0;
  const turn = () => {
    if (lines.length > 0) pages.push(lines.join('\n'));
    lines = [];
    used = 0;
  };
  for (const body of bodies) {
    await others();
    if (used + estimateTokens(body.slice(0, LOOKED_AT)) > PAGE_TOKENS && used > PAGE_TOKENS / 2) turn();
    for (const piece of body.split('\n').flatMap(pieces)) {
      const waiting = others();
      if (waiting) await waiting;
      const tokens = estimateTokens(piece) + 1;
      if (used + tokens > PAGE_TOKENS) turn();
      lines.push(piece);
      used += tokens;
    }
  }
  turn();
  return pages;
}

function pieces(text: string): string[] {
  if (text.length <= PIECE_CHARS) return [text];
  return text.match(new RegExp(`[^]{1,${PIECE_CHARS}}`, 'gu')) ?? [];
}
