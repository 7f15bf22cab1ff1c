import { errorText } from '../../common/caught-error.ts';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import { message } from '../../messages/message.ts';
import { explainGit } from '../../workspace/explain-git.ts';
import { mergedRef } from '../../workspace/hidden-refs.ts';
import { type MergeResult, mergeIntoCheckout } from '../../workspace/merge-into-checkout.ts';
import { isAncestor } from '../../workspace/open-repository.ts';
import { readChange } from '../../workspace/read-change.ts';
import { retireBranch } from '../../workspace/retire-branch.ts';
import type { Repository } from '../../workspace/types.ts';
import { identityOf } from '../attempt/prepare-workspace.ts';
import { type Disposition, readDisposition } from '../store/delegation-folder.ts';
import { branchesAndKept, closeDelegation, type Decision, type DecisionContext, refuse, tipBefore, underLease } from './decision.ts';
import { type DeliveredWork, deliveredWork } from './delivered-work.ts';

/**
 * Merges the branch into the user's checkout and retires it (restore_delegation brings it back), unless it was there before the delegation.
 * @param options.expectedTip what was reviewed (7 characters or more); another tip is refused, so that nothing unseen gets in
 * @param options.into the branch that must be checked out (`HEAD` = none), so that nothing gets into another one; null = whichever is
 */
export async function mergeDelegation(
  context: DecisionContext,
  options: { expectedTip: string; squash: boolean; message: string | null; into: string | null },
): Promise<Decision> {
  return underLease(context, async (folder, attempts) => {
    const { repository } = context;
    const branches = await branchesAndKept(repository, attempts);
    const delivered = deliveredWork(attempts, (name) => branches.has(name));
    if (!delivered) return refuse(message('merge.noBranch', { branch: context.branch }));
    const { branch } = delivered;
    const tip = branches.get(branch)!;
    if (!tip.startsWith(options.expectedTip))
      return refuse(message('merge.tipMoved', { branch, tip: tip.slice(0, 7), expected: options.expectedTip }));
    const into = repository.head.branch ?? 'HEAD';
    if (branch === into) return refuse(message('merge.ownBranch', { branch }));
    if (options.into !== null && options.into !== into) return refuse(message('merge.otherHead', { head: into, wanted: options.into }));
    const commitMessage = options.message?.trim() || mergeMessage(delivered, options.squash);
    const identity = identityOf(repository, context.now());
    const before = readDisposition(folder);
    const at = new Date(context.now()).toISOString();
    const plan = { repository, tip, squash: options.squash, message: commitMessage, identity, mark: mergedRef(folder.id) };
    const merged = await orMadeBefore(await mergeIntoCheckout(plan), repository, before);
    if (!merged.ok) return merged;
    const wasTheirs = tipBefore(context, attempts, branch, delivered) !== null;
    // The merge is made: a branch that cannot be retired does not unmake it.
    const retired = wasTheirs
      ? null
      : await retireBranch(repository, folder.id, branch, tip).catch((error) =>
          refuse(explainGit(error, repository.root) ?? message('text', { text: errorText(error) })),
        );
    await closeDelegation(context, folder, { state: 'merged', at, branch, tip: retired?.ok ? tip : null, commit: merged.commit, into });
    const branchNow =
      retired === null
        ? message('merge.branchFound', { branch })
        : retired.ok
          ? message('merge.branchAside', { branch })
          : message('merge.branchStays', { branch, why: retired.reason });
    const files = merged.files === 1 ? message('merge.filesOne') : message('merge.filesMany', { count: merged.files });
    return { ok: true, text: message('merge.done', { files, into, commit: merged.commit.slice(0, 7), branch: branchNow }) };
  });
}

/** A merge that was killed when it was made, and not yet all that follows from it, is finished by the next one. */
async function orMadeBefore(result: MergeResult, repository: Repository, before: Disposition | null): Promise<MergeResult> {
  if (result.ok || result.reason.code !== 'merge.nothingNew' || before?.state !== 'merged' || !before.commit) return result;
  if (!(await isAncestor(repository, before.commit, 'HEAD'))) return result;
  const { files } = await readChange(repository, `${before.commit}^`, before.commit);
  return { ok: true, commit: before.commit, files: files.length };
}

function mergeMessage({ result, branch }: DeliveredWork, squash: boolean): string {
  if (!squash) return `Merge branch '${branch}'`;
  const first = cutText(firstLine(result.task), 72) || branch;
  return result.commitMessage?.trim() || [first, result.summary.trim()].filter(Boolean).join('\n\n');
}
