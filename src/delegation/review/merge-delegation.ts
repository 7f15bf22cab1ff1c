import { errorText } from '../../common/caught-error.ts';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import type { MergeWay } from '../../common/merge-way.ts';
import { message, shortList } from '../../messages/message.ts';
import { explainGit } from '../../workspace/explain-git.ts';
import { mergedRef } from '../../workspace/hidden-refs.ts';
import { type MergeResult, mergeIntoCheckout } from '../../workspace/merge-into-checkout.ts';
import { isAncestor } from '../../workspace/open-repository.ts';
import { readChange } from '../../workspace/read-change.ts';
import { retireBranch } from '../../workspace/retire-branch.ts';
import type { Refusal, Repository } from '../../workspace/types.ts';
import { identityOf } from '../attempt/prepare-workspace.ts';
import { type Disposition, readDisposition } from '../store/delegation-folder.ts';
import { branchesAndKept, closeDelegation, type Decision, type DecisionContext, refuse, tipBefore, underLease } from './decision.ts';
import { type DeliveredWork, deliveredWork } from './delivered-work.ts';

const FILES_NAMED = 8;

export interface MergeOptions {
  /** What was reviewed (7 characters or more); another tip is refused, so that nothing unseen gets in. */
  readonly expectedTip: string;
  readonly how: MergeWay;
  /** Changed files, or folders that hold some; empty = all. */
  readonly paths: readonly string[];
  /** Whether to tell only what it would do. */
  readonly preview: boolean;
  /** null = the one of the work. */
  readonly message: string | null;
  /** The branch that must be checked out (`HEAD` = none), so that nothing gets into another one; null = whichever is. */
  readonly into: string | null;
}

/**
 * Takes the work into the user's checkout. Where all of it was merged its branch is retired (restore_delegation brings it back), unless it
 * was there before the delegation; what was only applied, or taken in part, leaves the delegation open.
 */
export async function mergeDelegation(context: DecisionContext, options: MergeOptions): Promise<Decision> {
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
    const chosen = options.paths.length > 0 ? chosenPaths(delivered, options.paths) : null;
    if (chosen && !chosen.ok) return chosen;
    if (chosen && (options.how === 'merge' || options.how === 'fast-forward')) return refuse(message('merge.partOnly'));
    const isWhole = chosen === null && options.how !== 'apply';
    const commitMessage = options.message?.trim() || mergeMessage(delivered, options.how);
    const identity = identityOf(repository, context.now());
    const before = readDisposition(folder);
    const at = new Date(context.now()).toISOString();
    const plan = {
      ...{ repository, tip, how: options.how, paths: chosen?.paths, preview: options.preview, message: commitMessage, identity },
      ...(isWhole && { mark: mergedRef(folder.id) }),
    };
    const merged = await orMadeBefore(await mergeIntoCheckout(plan), repository, before);
    if (!merged.ok) return merged;
    const files = merged.files.length === 1 ? message('merge.filesOne') : message('merge.filesMany', { count: merged.files.length });
    const names = { files, into, names: shortList(merged.files, FILES_NAMED) };
    if (merged.commit === null) return { ok: true, text: message('merge.preview', names), outcome: 'previewed' };
    if (options.how === 'apply') return { ok: true, text: message('merge.applied', { ...names, branch }), outcome: 'applied' };
    const made = { files, into, commit: merged.commit.slice(0, 7), before: repository.head.commit.slice(0, 7) };
    if (!isWhole) return { ok: true, text: message('merge.partDone', { ...made, branch }) };
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
    return { ok: true, text: message('merge.done', { ...made, branch: branchNow }) };
  });
}

/** A merge that was killed when it was made, and not yet all that follows from it, is finished by the next one. */
async function orMadeBefore(result: MergeResult, repository: Repository, before: Disposition | null): Promise<MergeResult> {
  if (result.ok || result.reason.code !== 'merge.nothingNew' || before?.state !== 'merged' || !before.commit) return result;
  if (!(await isAncestor(repository, before.commit, 'HEAD'))) return result;
  const { files } = await readChange(repository, `${before.commit}^`, before.commit);
  return { ok: true, commit: before.commit, files: files.map(({ path }) => path) };
}

/** A file of the change, or all that a folder holds of it; of a renamed one the old name goes with the new one. */
function chosenPaths({ result }: DeliveredWork, wanted: readonly string[]): { ok: true; paths: string[] } | Refusal {
  const files = result.change?.files ?? [];
  const isIn = (folder: string) => (path: string | undefined) => path === folder || path?.startsWith(`${folder}/`);
  const found = wanted.map((path) => {
    const holds = isIn(path.replace(/\/+$/, ''));
    return files.filter((file) => holds(file.path) || holds(file.from));
  });
  const unknown = wanted.filter((_, index) => found[index]!.length === 0);
  const named = shortList(
    files.map(({ path }) => path),
    FILES_NAMED,
  );
  if (unknown.length > 0) return refuse(message('merge.notChanged', { paths: shortList(unknown, FILES_NAMED), files: named }));
  return { ok: true, paths: [...new Set(found.flat().flatMap(({ path, from }) => (from ? [path, from] : [path])))] };
}

function mergeMessage({ result, branch }: DeliveredWork, how: MergeWay): string {
  if (how === 'merge') return `Merge branch '${branch}'`;
  const first = cutText(firstLine(result.task), 72) || branch;
  return result.commitMessage?.trim() || [first, result.summary.trim()].filter(Boolean).join('\n\n');
}
