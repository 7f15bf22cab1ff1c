import { message } from '../../messages/message.ts';
import { keptTipRef } from '../../workspace/hidden-refs.ts';
import { resolveCommit } from '../../workspace/open-repository.ts';
import { restoreBranch } from '../../workspace/retire-branch.ts';
import { type Disposition, hasImported, readDisposition, type StoredAttempt, writeDisposition } from '../store/delegation-folder.ts';
import { type Decision, type DecisionContext, refuse, underLease } from './decision.ts';
import { tipBeforeDelegation } from './delivered-work.ts';

/** Undoes a discard, or brings the branch of a merged delegation back (the merge itself stays, and the delegation is over as before). */
export async function restoreDelegation(context: DecisionContext): Promise<Decision> {
  return underLease(context, async (folder, attempts) => {
    const { repository } = context;
    const disposition = readDisposition(folder) ?? (await unrecordedDiscard(context, folder.id, attempts));
    if (!disposition) return refuse(message('restore.undecided', { branch: context.branch }));
    const { state, tip, branch = context.branch, back = null } = disposition;
    if (state === 'merged' && !tip) return refuse(message('restore.alreadyBack', { branch }));
    if (tip) {
      const restored = await restoreBranch(repository, folder.id, branch, tip, back);
      if (!restored.ok) return restored;
    }
    writeDisposition(folder, state === 'merged' ? { ...disposition, tip: null } : null);
    if (!tip) return { ok: true, text: message('restore.open', { branch }) };
    const code = state === 'merged' ? 'restore.doneMergeStays' : 'restore.done';
    return { ok: true, text: message(code, { branch, tip: tip.slice(0, 7) }) };
  });
}

/** A discard that was killed when the branch was away and not yet noted as such: the ref that keeps its commit tells of it. */
async function unrecordedDiscard(
  { repository, branch: name, now }: DecisionContext,
  id: string,
  attempts: readonly StoredAttempt[],
): Promise<Disposition | null> {
  const tip = await resolveCommit(repository, keptTipRef(id));
  const attempt = tip ? attempts.findLast((one) => hasImported(one, tip)) : undefined;
  if (!attempt) return null;
  const branch = attempt.result?.keptAt ?? name;
  const back = branch === name ? tipBeforeDelegation(attempts, attempt.start) : null;
  return { state: 'discarded', at: new Date(now()).toISOString(), branch, tip, ...(back && { back }), commit: null, into: null };
}
