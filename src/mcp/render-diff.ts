import type { Change } from '../workspace/types.ts';
import { escapeUntrusted, oneLine } from './escape-untrusted.ts';
import { estimateTokens } from './estimate-tokens.ts';

/** A whole answer stays below what clients show without a warning. */
const DIFF_TOKENS = 8000;

/**
 * The diff of a delegation's work, the whole of it or one file, cut at file borders.
 * @param path repository-relative; undefined = all files
 */
export function renderDiff(delivered: { branch: string; base: string; tip: string }, change: Change, path: string | undefined): string {
  const wanted = path === undefined ? change.diffs : change.diffs.filter((diff) => diff.path === path);
  if (wanted.length === 0)
    return `${path ? oneLine(path, 200) : 'Nothing'} is not among the changed files: ${change.files
      .map((file) => oneLine(file.path, 150))
      .slice(0, 50)
      .join(', ')}.`;
  const range = `${delivered.base.slice(0, 7)}..${delivered.tip.slice(0, 7)}`;
  const shown: string[] = [];
  const left: string[] = [];
  let used = 0;
  for (const diff of wanted) {
    const body = escapeUntrusted(diff.text).trimEnd();
    const tokens = estimateTokens(body);
    if (used + tokens <= DIFF_TOKENS) {
      shown.push(body);
      used += tokens;
    } else if (shown.length === 0) {
      shown.push(`${body.slice(0, DIFF_TOKENS * 2)}\n... cut; the rest: git diff ${range} -- ${oneLine(diff.path, 200)}`);
      used = DIFF_TOKENS;
    } else left.push(diff.path);
  }
  const rest =
    left.length > 0 ? [`not shown: ${left.map((file) => oneLine(file, 150)).join(', ')} (call again with path, or git diff ${range})`] : [];
  return [`diff of ${oneLine(delivered.branch, 200)}, ${range}, untrusted data`, ...shown, ...rest].join('\n');
}
