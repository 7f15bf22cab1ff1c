import { OUTCOME_RULES } from '../../delegation/result/outcomes.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { type DeliveredWork, deliveredWork, type Ending, endingOf } from '../../delegation/review/delivered-work.ts';
import { isResumable } from '../../delegation/start/plan-call.ts';
import type { RepositoryBranches } from '../../workspace/repository-branches.ts';
import type { AttemptRecord, DelegationRecord } from '../feed/delegation-reader.ts';
import { type ReviewableResult, reviewableOf } from './reviewable-result.ts';

/** The four groups of the view. */
export type GroupName = 'running' | 'ready' | 'attention' | 'done';

/** A delegation as every part of the window sees it: its record, what git tells of its branch, and what can be done about it. */
export interface DelegationItem extends DelegationRecord {
  readonly lastAttempt: AttemptRecord | null;
  /** Of the last attempt; null while it runs, and after a crash. */
  readonly result: AttemptResult | null;
  /** What merge, apply and discard are about; a later attempt that brought nothing does not hide it. */
  readonly delivered: DeliveredWork | null;
  /** What can be reviewed; when its branch is gone, the last that there was. */
  readonly reviewable: ReviewableResult | null;
  /** The commit that the delivered branch points to now; somebody may have added to it. */
  readonly tip: string | null;
  /** Whether the delivered branch is the one that is checked out. */
  readonly checkedOut: boolean;
  readonly group: GroupName;
  readonly ending: Ending | null;
  readonly actions: ReadonlySet<Action>;
}

/** As in the context value of a row: `merge` is offered where the word stands. */
export type Action =
  | 'review'
  | 'steps'
  | 'merge'
  | 'apply'
  | 'checkOut'
  | 'worktree'
  | 'pullRequest'
  | 'resume'
  | 'retry'
  | 'cancel'
  | 'discard'
  | 'undo'
  | 'undoMerge'
  | 'commit'
  | 'restore'
  | 'name';

/** @param branches of the delegation's repository; null = not known, and then nothing is concluded from them */
export function delegationItem(record: DelegationRecord, branches: RepositoryBranches | null): DelegationItem {
  const lastAttempt = record.attempts.at(-1) ?? null;
  const result = record.state === 'ended' ? (lastAttempt?.result ?? null) : null;
  const delivered = deliveredWork(record.attempts, (branch) => branches?.tips.has(branch) ?? true);
  const reviewable = reviewableOf(delivered?.result ?? record.attempts.findLast((attempt) => attempt.result?.tip)?.result ?? null);
  const known = {
    ...record,
    lastAttempt,
    result,
    delivered,
    reviewable,
    tip: delivered && (branches?.tips.get(delivered.branch) ?? delivered.result.tip),
    checkedOut: delivered !== null && branches?.head === delivered.branch,
  };
  const ending = record.state === 'running' ? null : endingOf(record.identity.id, record, branches);
  const group = groupOf(known, ending);
  return { ...known, group, ending, actions: actionsOf(known, ending, branches) };
}

type Known = Omit<DelegationItem, 'group' | 'ending' | 'actions'>;

function groupOf({ state, result }: Known, ending: Ending | null): GroupName {
  if (state === 'running') return 'running';
  if (ending) return 'done';
  return result?.tip && OUTCOME_RULES[result.outcome].mergeable ? 'ready' : 'attention';
}

/** Only what would not be refused. */
function actionsOf(known: Known, ending: Ending | null, branches: RepositoryBranches | null): Set<Action> {
  const { identity, state, disposition, lastAttempt, result, delivered, reviewable, checkedOut } = known;
  const actions = new Set<Action>(['steps', 'name']);
  const add = (...more: Action[]) => {
    for (const action of more) actions.add(action);
  };
  if (reviewable) add('review');
  if (state === 'running') {
    add('cancel');
    return actions;
  }
  if (disposition) {
    if (disposition.state === 'discarded') add('undo');
    else if (disposition.tip) add('restore');
    if (disposition.state === 'merged' && disposition.commit) add('commit');
    if (disposition.state === 'merged' && isMergeAtHead(disposition, branches)) add('undoMerge');
    return actions;
  }
  const resumable = lastAttempt !== null && isResumable(lastAttempt);
  if (ending) {
    // The work before was merged by hand; what came after it can still go on.
    if (ending === 'merged' && resumable && result?.tip == null) add('resume');
    return actions;
  }
  if (delivered && !checkedOut) add('merge', 'apply');
  // Work for which no branch name was free is on a ref of ours.
  if (delivered && branches?.tips.has(delivered.branch) && !delivered.branch.startsWith('refs/')) {
    add('pullRequest');
    if (!checkedOut) add('checkOut', 'worktree');
  }
  if (lastAttempt && !checkedOut) add('discard');
  if (lastAttempt && branches?.head !== identity.branch) add(resumable ? 'resume' : 'retry');
  return actions;
}

/** Nothing was built on it where HEAD is still the commit that it made. */
function isMergeAtHead({ commit, into }: NonNullable<Known['disposition']>, branches: RepositoryBranches | null): boolean {
  if (!commit || !branches || into !== (branches.head ?? 'HEAD')) return false;
  return commit === (branches.head === null ? branches.detachedAt : branches.tips.get(branches.head));
}
