import { OUTCOME_RULES } from '../../delegation/result/outcomes.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { type StandingWork, standingWork } from '../../delegation/review/delivered-work.ts';
import { isResumable } from '../../delegation/start/plan-call.ts';
import type { AttemptView, DelegationView } from '../feed/delegation-reader.ts';
import type { BranchFacts } from './repositories.ts';

/** The four groups of the view. */
export type GroupName = 'running' | 'ready' | 'attention' | 'done';

/** Why a delegation is done. `merged`: the work is in HEAD, whoever merged it. `gone`: somebody removed the branch by hand. */
export type Ending = 'merged' | 'discarded' | 'gone';

/** A result with a commit on both sides: it can be reviewed. */
export type Handed = AttemptResult & { base: string; tip: string; change: NonNullable<AttemptResult['change']> };

/** Where a delegation stands for the user, and what can be done about it. */
export interface Standing {
  readonly view: DelegationView;
  readonly last: AttemptView | null;
  /** Of the last attempt; null while it runs, and after a crash. */
  readonly result: AttemptResult | null;
  /** The work that merge, apply and discard are about; a later attempt that brought nothing does not hide it. */
  readonly work: StandingWork | null;
  /** The work that can be looked at; when its branch is gone, the last that there was. */
  readonly handed: Handed | null;
  /** Where the branch of the work stands now; somebody may have added to it. */
  readonly tip: string | null;
  /** Whether the branch of the work is the one that is checked out. */
  readonly checkedOut: boolean;
  readonly group: GroupName;
  readonly ending: Ending | null;
  readonly actions: ReadonlySet<Action>;
}

/** As in the context value of a row: `merge` is offered where the word stands. */
export type Action = 'review' | 'steps' | 'merge' | 'apply' | 'resume' | 'retry' | 'cancel' | 'discard' | 'undo' | 'restore' | 'name';

/** @param facts of the delegation's repository; null = not known, and then nothing is concluded from them */
export function standingOf(view: DelegationView, facts: BranchFacts | null): Standing {
  const last = view.attempts.at(-1) ?? null;
  const result = view.state === 'ended' ? (last?.result ?? null) : null;
  const work = standingWork(view.attempts, (branch) => facts?.branches.has(branch) ?? true);
  const handed = handedOf(work?.result ?? view.attempts.findLast((attempt) => attempt.result?.tip)?.result ?? null);
  const known = {
    view,
    last,
    result,
    work,
    handed,
    tip: work && (facts?.branches.get(work.branch) ?? work.result.tip),
    checkedOut: work !== null && facts?.head === work.branch,
  };
  const ending = endingOf(known, facts);
  const group = groupOf(known, ending);
  return { ...known, group, ending, actions: actionsOf(known, ending, facts) };
}

type Known = Omit<Standing, 'group' | 'ending' | 'actions'>;

function handedOf(result: AttemptResult | null): Handed | null {
  return result?.base && result.tip && result.change ? (result as Handed) : null;
}

function endingOf({ view, work, checkedOut }: Known, facts: BranchFacts | null): Ending | null {
  if (view.state === 'running') return null;
  if (view.disposition) return view.disposition.state;
  if (!facts) return null;
  if (!work) return view.attempts.some((attempt) => attempt.result?.tip) ? 'gone' : null;
  // The branch that is checked out is in HEAD because it is HEAD.
  return facts.merged.has(work.branch) && !checkedOut ? 'merged' : null;
}

function groupOf({ view, result }: Known, ending: Ending | null): GroupName {
  if (view.state === 'running') return 'running';
  if (ending) return 'done';
  return result?.tip && OUTCOME_RULES[result.outcome].mergeable ? 'ready' : 'attention';
}

/** Only what would not be refused. */
function actionsOf(known: Known, ending: Ending | null, facts: BranchFacts | null): Set<Action> {
  const { view, last, result, work, handed, checkedOut } = known;
  const actions = new Set<Action>(['steps', 'name']);
  const add = (...more: Action[]) => {
    for (const action of more) actions.add(action);
  };
  if (handed) add('review');
  if (view.state === 'running') {
    add('cancel');
    return actions;
  }
  if (view.disposition) {
    if (view.disposition.state === 'discarded') add('undo');
    else if (view.disposition.tip) add('restore');
    return actions;
  }
  const resumable = last !== null && isResumable(last);
  if (ending) {
    // The work before was merged by hand; what came after it can still go on.
    if (ending === 'merged' && resumable && result?.tip == null) add('resume');
    return actions;
  }
  if (work && !checkedOut) add('merge', 'apply');
  if (last && !checkedOut) add('discard');
  if (last && facts?.head !== view.identity.branch) add(resumable ? 'resume' : 'retry');
  return actions;
}
