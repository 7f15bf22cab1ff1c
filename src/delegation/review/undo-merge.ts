import { type Message, message, shortList } from '../../messages/message.ts';
import { refsThatHold } from '../../workspace/hidden-refs.ts';
import { takeMergeBack } from '../../workspace/merge-into-checkout.ts';
import { isAncestor, resolveCommit } from '../../workspace/open-repository.ts';
import { restoreBranch } from '../../workspace/retire-branch.ts';
import type { Refusal, Repository } from '../../workspace/types.ts';
import { type Disposition, readDisposition, type StoredAttempt, writeDisposition } from '../store/delegation-folder.ts';
import { type Decision, type DecisionContext, refuse, underLease } from './decision.ts';

const NAMED = 8;

/**
 * Takes a merge back while nothing was built on it: the checkout goes to the commit before it, the branch of the work comes back, and the
 * delegation is open again. What is uncommitted stays where it is.
 */
export async function undoMerge(context: DecisionContext): Promise<Decision> {
  return underLease(context, async (folder, attempts) => {
    const { repository } = context;
    const merged = madeMerge(readDisposition(folder));
    if (!merged) return refuse(message('undoMerge.notMerged', { branch: context.branch }));
    const { commit, tip, into, branch = context.branch } = merged;
    const before = await commitBefore(repository, merged, attempts);
    if (!before) return refuse(message('undoMerge.unknown', { branch, commit: commit.slice(0, 7) }));
    const refused = (await whyNot(repository, { commit, before, into, branch })) ?? whyBranchNot(repository, branch, tip);
    if (refused) return refuse(refused);
    // One that was killed when it had taken the checkout back goes on from there.
    if (repository.head.commit === commit) {
      const back = await takeMergeBack(repository, before);
      if (!back.ok) return inTheWay(back);
    }
    if (tip) {
      const restored = await restoreBranch(repository, folder.id, branch, tip);
      if (!restored.ok) return restored;
    }
    writeDisposition(folder, null);
    return { ok: true, text: message('undoMerge.done', { branch, into, before: before.slice(0, 7), commit: commit.slice(0, 7) }) };
  });
}

type MadeMerge = Disposition & { readonly commit: string; readonly into: string };

function madeMerge(disposition: Disposition | null): MadeMerge | null {
  return disposition?.state === 'merged' && disposition.commit && disposition.into ? (disposition as MadeMerge) : null;
}

/** Where HEAD stood; of a fast-forward that was not noted, nobody knows. */
async function commitBefore(
  repository: Repository,
  { before, commit }: MadeMerge,
  attempts: readonly StoredAttempt[],
): Promise<string | null> {
  if (before) return before;
  const isTheWork = attempts.some(({ result }) => result?.tip === commit);
  return isTheWork ? null : resolveCommit(repository, `${commit}^`);
}

async function whyNot(
  repository: Repository,
  { commit, before, into, branch }: { commit: string; before: string; into: string; branch: string },
): Promise<Message | null> {
  const { head } = repository;
  if ((head.branch ?? 'HEAD') !== into) return message('undoMerge.otherHead', { head: head.branch ?? 'HEAD', into });
  if (head.commit === before) return null;
  const shown = { commit: commit.slice(0, 7), into };
  if (head.commit !== commit)
    return message((await isAncestor(repository, commit, 'HEAD')) ? 'undoMerge.builtOn' : 'undoMerge.gone', shown);
  const own = (ref: string) =>
    [into, branch].some((name) => ref === `refs/heads/${name}`) || (/^refs\/remotes\/.+/.test(ref) && ref.endsWith(`/${branch}`));
  const others = (await refsThatHold(repository, commit)).filter((ref) => !own(ref));
  const names = others.map((ref) => ref.replace(/^refs\/(heads|remotes|tags)\//, ''));
  return names.length > 0 ? message('undoMerge.shared', { ...shown, refs: shortList(names, NAMED) }) : null;
}

/** Looked at first: nothing may be left half-way. */
function whyBranchNot({ branches, checkedOut }: Repository, branch: string, tip: string | null): Message | null {
  const now = tip ? branches.get(branch) : undefined;
  if (!tip || !now || now === tip) return null;
  const folder = checkedOut.get(branch);
  return folder ? message('branch.checkedOut', { branch, folder }) : message('branch.notRestored', { branch, tip: tip.slice(0, 7) });
}

/** A merge speaks of itself where it says what is in the way. */
function inTheWay({ reason, files }: Refusal): Refusal {
  return { ok: false, reason: files ? message('undoMerge.inTheWay', { files: shortList(files, NAMED) }) : reason, files };
}
