import { message } from '../../messages/message.ts';
import { pinBase } from '../../workspace/hidden-refs.ts';
import { restoreBranch } from '../../workspace/retire-branch.ts';
import { needsBase } from '../start/plan-call.ts';
import { readDisposition, writeDisposition } from '../store/delegation-folder.ts';
import { type Decision, type DecisionContext, refuse, underLease } from './decision.ts';

/** Undoes a discard, or brings the branch of a merged delegation back (the merge itself stays, and the delegation is over as before). */
export async function restoreDelegation(context: DecisionContext): Promise<Decision> {
  return underLease(context, async (folder, attempts) => {
    const { repository } = context;
    const disposition = readDisposition(folder);
    if (!disposition) return refuse(message('restore.undecided', { branch: context.branch }));
    const { state, tip, branch = context.branch, back = null } = disposition;
    if (state === 'merged' && !tip) return refuse(message('restore.alreadyBack', { branch }));
    if (tip) {
      const restored = await restoreBranch(repository, folder.id, branch, tip, back);
      if (!restored.ok) return restored;
    }
    const last = attempts.at(-1);
    if (last && state === 'discarded' && needsBase(last)) {
      await pinBase(repository, folder.id, last.start.head.commit).catch(() => {});
    }
    writeDisposition(folder, state === 'merged' ? { ...disposition, tip: null } : null);
    if (!tip) return { ok: true, text: message('restore.open', { branch }) };
    const code = state === 'merged' ? 'restore.doneMergeStays' : 'restore.done';
    return { ok: true, text: message(code, { branch, tip: tip.slice(0, 7) }) };
  });
}
