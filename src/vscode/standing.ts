import type { Outcome } from '../delegation/outcome.ts';
import { isResumable } from '../delegation/plan.ts';
import type { AttemptResult } from '../delegation/result.ts';
import type { AttemptView, DelegationView } from './delegation-reader.ts';
import type { BranchFacts } from './repositories.ts';

/** The four groups of the view. */
export type GroupName = 'running' | 'ready' | 'attention' | 'done';

/** Why a delegation is done. `merged`: the work is in HEAD, whoever merged it. `gone`: somebody removed the branch by hand. */
export type Ending = 'merged' | 'discarded' | 'gone';

/** Where a delegation stands for the user, and what can be done about it. */
export interface Standing {
  readonly view: DelegationView;
  readonly last: AttemptView | null;
  readonly result: AttemptResult | null;
  readonly group: GroupName;
  readonly ending: Ending | null;
  readonly actions: ReadonlySet<Action>;
}

/** As in the context value of a row: `merge` is offered where the word stands. */
export type Action = 'review' | 'steps' | 'merge' | 'apply' | 'resume' | 'retry' | 'cancel' | 'discard' | 'undo' | 'name';

const REVIEWABLE: ReadonlySet<Outcome> = new Set(['ready', 'unverified']);

/** @param facts of the delegation's repository; null = not known, and then nothing is concluded from them */
export function standingOf(view: DelegationView, facts: BranchFacts | null): Standing {
  const last = view.attempts.at(-1) ?? null;
  const result = view.state === 'ended' ? (last?.result ?? null) : null;
  const ending = endingOf(view, result, facts);
  const group = groupOf(view, result, ending);
  return { view, last, result, group, ending, actions: actionsOf(view, last, result, group, ending) };
}

function endingOf(view: DelegationView, result: AttemptResult | null, facts: BranchFacts | null): Ending | null {
  if (view.state === 'running') return null;
  if (view.disposition) return view.disposition.state;
  if (!facts || !result?.tip) return null;
  const branch = result.keptAt ?? result.branch;
  if (!facts.branches.has(branch)) return 'gone';
  return facts.merged.has(branch) ? 'merged' : null;
}

function groupOf(view: DelegationView, result: AttemptResult | null, ending: Ending | null): GroupName {
  if (view.state === 'running') return 'running';
  if (ending) return 'done';
  return result?.tip && REVIEWABLE.has(result.outcome) ? 'ready' : 'attention';
}

function actionsOf(
  view: DelegationView,
  last: AttemptView | null,
  result: AttemptResult | null,
  group: GroupName,
  ending: Ending | null,
): Set<Action> {
  const actions = new Set<Action>(['steps', 'name']);
  const add = (...more: Action[]) => {
    for (const action of more) actions.add(action);
  };
  if (result?.tip && result.base && result.change) add('review');
  if (group === 'running') add('cancel');
  else if (ending) {
    if (view.disposition) add('undo');
  } else {
    if (result?.tip) add('merge', 'apply');
    if (last) add('discard');
    if (last && isResumable(last)) add('resume');
    else if (last) add('retry');
  }
  return actions;
}

/** The newest attempt that handed something back; what a row shows while a later attempt runs. */
export function lastChange(view: DelegationView): AttemptResult | null {
  return view.attempts.findLast((attempt) => attempt.result?.change)?.result ?? null;
}
