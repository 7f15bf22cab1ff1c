import { bringBack, putAside } from '../workspace/branches.ts';
import { pinBase, unpinBase } from '../workspace/handback.ts';
import { mergeIntoCheckout } from '../workspace/merge.ts';
import { removeTree } from '../workspace/remove-tree.ts';
import type { Repository } from '../workspace/types.ts';
import { acquireLease } from './lease.ts';
import { isResumable } from './plan.ts';
import { identityOf } from './prepare.ts';
import {
  type DelegationFolder,
  type Disposition,
  delegationFolder,
  delegationId,
  readAttempts,
  readDisposition,
  type StoredAttempt,
  writeDisposition,
} from './store.ts';

/** What came of a decision about a delegation; a refusal says what to do next and has changed nothing. */
export type Decision = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

export interface DecisionContext {
  readonly repository: Repository;
  readonly stateDir: string;
  readonly branch: string;
  now(): number;
}

/**
 * Merges the branch into the user's checkout and puts it aside (restore_delegation brings the branch back).
 * @param expectedTip what was reviewed (7 characters or more); another tip is refused, so that nothing unseen gets in
 */
export async function mergeDelegation(
  context: DecisionContext,
  options: { expectedTip: string; squash: boolean; message: string | null },
): Promise<Decision> {
  return decide(context, async (folder, last) => {
    const { repository, branch } = context;
    const tip = repository.branches.get(branch);
    if (!tip) return no(`there is no branch ${branch} to merge. get_delegation lists what exists.`);
    if (!tip.startsWith(options.expectedTip)) {
      return no(
        `${branch} is at ${tip.slice(0, 7)} now, not at ${options.expectedTip}. Review what was added, then merge with that expected_tip.`,
      );
    }
    if (branch === repository.head.branch)
      return no(`${branch} is checked out itself. Switch to the branch that it should go into, then merge.`);
    const message = options.message?.trim() || mergeMessage(branch, last, options.squash);
    const identity = identityOf(repository, context.now());
    const merged = await mergeIntoCheckout({ repository, tip, squash: options.squash, message, identity });
    if (!merged.ok) return merged;
    const into = repository.head.branch ?? 'HEAD';
    const aside = await putAside(repository, folder.id, branch, tip);
    await close(context, folder, { state: 'merged', at: new Date(context.now()).toISOString(), tip, commit: merged.commit, into });
    const rest = aside.ok ? `${branch} was put aside (restore_delegation brings it back)` : `${branch} stays: ${aside.reason}`;
    return {
      ok: true,
      text: `${merged.files} ${merged.files === 1 ? 'file' : 'files'} merged into ${into} as ${merged.commit.slice(0, 7)}; ${rest}`,
    };
  });
}

/** Deletes the branch and the workspace; the commit is kept, so that restore can bring the branch back. */
export async function discardDelegation(context: DecisionContext, options: { expectedTip: string | null }): Promise<Decision> {
  return decide(context, async (folder) => {
    const { repository, branch } = context;
    const tip = repository.branches.get(branch) ?? null;
    if (tip && options.expectedTip && !tip.startsWith(options.expectedTip)) {
      return no(`${branch} is at ${tip.slice(0, 7)} now, not at ${options.expectedTip}. Look at what was added, then decide again.`);
    }
    if (tip) {
      const aside = await putAside(repository, folder.id, branch, tip);
      if (!aside.ok) return aside;
    }
    await close(context, folder, { state: 'discarded', at: new Date(context.now()).toISOString(), tip, commit: null, into: null });
    return {
      ok: true,
      text: tip
        ? `${branch} is gone; its commit ${tip.slice(0, 7)} is kept, and restore_delegation brings it back`
        : `the unfinished work on ${branch} is set aside; restore_delegation brings it back`,
    };
  });
}

/** Undoes a discard, or brings the branch of a merged delegation back (the merge itself stays). */
export async function restoreDelegation(context: DecisionContext): Promise<Decision> {
  return decide(context, async (folder, last) => {
    const { repository, branch } = context;
    const disposition = readDisposition(folder);
    if (!disposition) return no(`${branch} was neither discarded nor merged, so there is nothing to restore.`);
    if (disposition.tip) {
      const back = await bringBack(repository, folder.id, branch, disposition.tip);
      if (!back.ok) return back;
    }
    if (isResumable(last)) await pinBase(repository, folder.id, last.start.head.commit).catch(() => {});
    writeDisposition(folder, null);
    return {
      ok: true,
      text: disposition.tip
        ? `${branch} is back at ${disposition.tip.slice(0, 7)}`
        : `the unfinished work on ${branch} can be resumed again`,
    };
  });
}

/** Nobody decides about a delegation that is running; nobody starts one while it is being decided. */
async function decide(
  context: DecisionContext,
  act: (folder: DelegationFolder, last: StoredAttempt) => Promise<Decision>,
): Promise<Decision> {
  const folder = delegationFolder(context.stateDir, delegationId(context.repository.commonDir, context.branch));
  const last = readAttempts(folder).at(-1);
  if (!last) return no(`${context.branch} is no delegation of this repository. get_delegation without branch_name lists those that exist.`);
  const acquired = await acquireLease(folder.leases, last.number, context.now);
  if (!acquired.ok)
    return no(
      `an attempt runs on ${context.branch} (since ${acquired.holder.since}). Cancel it first (cancel_delegation), or wait for its end.`,
    );
  try {
    return await act(folder, last);
  } finally {
    acquired.lease.release();
  }
}

/** The copy of the files and the guard of the base are not needed any more; the private git dir keeps what a restore may need. */
async function close(context: DecisionContext, folder: DelegationFolder, disposition: Disposition): Promise<void> {
  writeDisposition(folder, disposition);
  await unpinBase(context.repository, folder.id).catch(() => {});
  try {
    removeTree(folder.workTree);
  } catch {} // the decision stands; a later attempt on the name begins with removing what is left
}

function mergeMessage(branch: string, last: StoredAttempt, squash: boolean): string {
  if (!squash) return `Merge branch '${branch}'`;
  const summary = last.result?.summary.trim();
  const first =
    last.start.task
      .split('\n')
      .find((line) => line.trim())
      ?.trim()
      .slice(0, 72) ?? branch;
  return last.result?.commitMessage?.trim() || [first, summary].filter(Boolean).join('\n\n');
}

const no = (reason: string): Decision => ({ ok: false, reason });
