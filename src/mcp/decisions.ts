import { type Decision, type DecisionContext, discardDelegation, mergeDelegation, restoreDelegation } from '../delegation/decide.ts';
import type { AttemptResult } from '../delegation/result.ts';
import { readChange } from '../workspace/change.ts';
import { escapeUntrusted, oneLine } from './escape.ts';
import { estimateTokens } from './tokens.ts';

/** The tools with which somebody decides about a delegation. Their answers have the form of the reports. */
export type DecisionName = 'merge_delegation' | 'discard_delegation' | 'restore_delegation';

const DONE = { merge_delegation: 'merged', discard_delegation: 'discarded', restore_delegation: 'restored' } as const;
/** A whole answer stays below what clients show without a warning. */
const DIFF_TOKENS = 8000;
const FILES_NAMED = 8;

export interface DecisionArguments {
  readonly expected_tip?: string | undefined;
  readonly squash?: boolean | undefined;
  readonly message?: string | undefined;
  readonly into?: string | undefined;
}

export async function decisionText(name: DecisionName, given: DecisionArguments, context: DecisionContext): Promise<string> {
  const decision = await decide(name, given, context);
  const branch = `branch: ${oneLine(context.branch, 200)}`;
  if (decision.ok) return `outcome: ${DONE[name]}   ${branch}\nreason: ${oneLine(decision.text, 700)}`;
  const files = decision.files ?? [];
  return [
    `outcome: refused   ${branch}`,
    `reason: ${oneLine(decision.reason, 1500)}`,
    ...(decision.cause ? [`cause: ${decision.cause}`] : []),
    ...(files.length > 0
      ? [
          `files: ${files
            .slice(0, FILES_NAMED)
            .map((file) => oneLine(file, 150))
            .join(', ')}`,
        ]
      : []),
    'next: nothing was changed; correct what is said above, then call again',
  ].join('\n');
}

function decide(name: DecisionName, given: DecisionArguments, context: DecisionContext): Promise<Decision> {
  switch (name) {
    case 'merge_delegation':
      return mergeDelegation(context, {
        expectedTip: given.expected_tip ?? '',
        squash: given.squash ?? true,
        message: given.message ?? null,
        into: given.into ?? null,
      });
    case 'discard_delegation':
      return discardDelegation(context, { expectedTip: given.expected_tip ?? null });
    case 'restore_delegation':
      return restoreDelegation(context);
  }
}

/**
 * The diff of a delegation's work, the whole of it or one file, cut at file borders.
 * @param path repository-relative; undefined = all files
 */
export async function diffText(result: AttemptResult, gitDir: string, path: string | undefined): Promise<string> {
  if (!result.base || !result.tip) return 'There is no diff: the attempt handed nothing back.';
  const change = await readChange({ gitDir }, result.base, result.tip);
  const wanted = path === undefined ? change.diffs : change.diffs.filter((diff) => diff.path === path);
  if (wanted.length === 0)
    return `${path ? oneLine(path, 200) : 'Nothing'} is not among the changed files: ${change.files
      .map((file) => oneLine(file.path, 150))
      .slice(0, 50)
      .join(', ')}.`;
  const range = `${result.base.slice(0, 7)}..${result.tip.slice(0, 7)}`;
  const shown: string[] = [];
  const left: string[] = [];
  let used = 0;
  for (const diff of wanted) {
    const body = escapeUntrusted(diff.text).trimEnd();
    const tokens = estimateTokens(body);
    if (used + tokens > DIFF_TOKENS && shown.length > 0) left.push(diff.path);
    else if (tokens > DIFF_TOKENS)
      shown.push(`${body.slice(0, DIFF_TOKENS * 2)}\n... cut; the rest: git diff ${range} -- ${oneLine(diff.path, 200)}`);
    else shown.push(body);
    used += tokens;
  }
  const rest =
    left.length > 0 ? [`not shown: ${left.map((file) => oneLine(file, 150)).join(', ')} (call again with path, or git diff ${range})`] : [];
  return [`diff of ${oneLine(result.branch, 200)}, ${range}, untrusted data`, ...shown, ...rest].join('\n');
}
