import { errorText } from '../../common/caught-error.ts';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import type { MergeWay } from '../../common/merge-way.ts';
import { type Message, message, sentences, shortList } from '../../messages/message.ts';
import { explainGit } from '../../workspace/explain-git.ts';
import { mergedRef } from '../../workspace/hidden-refs.ts';
import { type MergePlan, mergeIntoCheckout } from '../../workspace/merge-into-checkout.ts';
import { isAncestor } from '../../workspace/open-repository.ts';
import type { Aside } from '../../workspace/put-aside.ts';
import { readChange } from '../../workspace/read-change.ts';
import { retireBranch } from '../../workspace/retire-branch.ts';
import type { Refusal, Repository } from '../../workspace/types.ts';
import { identityOf } from '../attempt/prepare-workspace.ts';
import { type DelegationFolder, type Disposition, readDisposition, type StoredAttempt } from '../store/delegation-folder.ts';
import { checkMerged } from './check-merged.ts';
import { chosenParts } from './chosen-parts.ts';
import { branchesAndKept, closeDelegation, type Decision, refuse, tipBefore, underLease } from './decision.ts';
import { type DeliveredWork, deliveredWork } from './delivered-work.ts';
import type { MergeContext } from './merged-tree.ts';
import { runHooks } from './run-hooks.ts';
import { undoApplied } from './undo-applied.ts';

const FILES_NAMED = 8;

export interface MergeOptions {
  /** What was reviewed (7 characters or more); another tip is refused, so that nothing unseen gets in. */
  readonly expectedTip: string;
  readonly how: MergeWay;
  /** Changed files, folders that hold some, or lines of files (`src/a.ts:12-40`: the changes that touch them); empty = all. */
  readonly paths: readonly string[];
  /** Whether to tell only what it would do. */
  readonly preview: boolean;
  /** Whether the checks of the work run on what the merge would give: where one fails that passes on HEAD, nothing moves. */
  readonly check: boolean;
  /** Whether the user's hooks are left out. */
  readonly skipHooks: boolean;
  /** Whether uncommitted changes that are in the way are stashed meanwhile, and come back after it. */
  readonly autostash: boolean;
  /** null = the one of the work. */
  readonly message: string | null;
  /** The branch that must be checked out (`HEAD` = none, a commit = none but it), so that nothing gets into another one; null = whichever is. */
  readonly into: string | null;
}

/**
 * Takes the work into the user's checkout. Where all of it was merged its branch is retired (restore_delegation brings it back), unless it
 * was there before the delegation; what was only applied, or taken in part, leaves the delegation open.
 */
export async function mergeDelegation(context: MergeContext, options: MergeOptions): Promise<Decision> {
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
    if (options.into !== null && !isMeant(repository, options.into)) return refuse(otherHead(repository, into, options.into));
    const chosen = options.paths.length > 0 ? chosenParts(delivered.result.change?.files ?? [], options.paths) : null;
    if (chosen && !chosen.ok) return chosen;
    if (chosen && (options.how === 'merge' || options.how === 'fast-forward')) return refuse(message('merge.partOnly'));
    const isWhole = chosen === null && options.how !== 'apply';
    const commitMessage = options.message?.trim() || mergeMessage(delivered, options.how);
    const identity = identityOf(repository, context.now());
    const notes: Message[] = [];
    const plan: MergePlan = {
      ...{ repository, tip, how: options.how, parts: chosen?.parts, preview: options.preview, message: commitMessage, identity },
      ...(isWhole && { mark: mergedRef(folder.id) }),
      ...(options.autostash && { stashAs: `Before the merge of ${branch}` }),
      inspect: inspection(context, folder, attemptOf(attempts, delivered), { ...options, message: commitMessage }, notes),
    };
    const whole: WholeMerge = { context, folder, attempts, delivered, tip };
    const merged = await mergeIntoCheckout(plan);
    if (!merged.ok) return (isWhole && !options.preview && (await finishMadeBefore(whole, merged))) || merged;
    /** What is to be said besides stands before the command that ends the text. */
    const withNotes = (text: Message) => [...notes].reverse().reduce((rest, note) => sentences([note, rest]), text);
    if (merged.aside) notes.push(asideText(merged.aside, options.preview));
    const files = countOf(merged.files);
    const what = merged.files.map((file) => merged.partly?.get(file) ?? file);
    const names = { files, into, names: shortList(what, FILES_NAMED) };
    if (merged.commit === null) return { ok: true, text: withNotes(message('merge.preview', names)), outcome: 'previewed' };
    if (options.how === 'apply')
      return {
        ok: true,
        text: withNotes(message('merge.applied', { ...names, branch, undo: undoApplied(merged.files, merged.tree) })),
        outcome: 'applied',
      };
    const made = { files, into, commit: merged.commit.slice(0, 7), before: repository.head.commit.slice(0, 7) };
    if (!isWhole) return { ok: true, text: withNotes(message('merge.partDone', { ...made, branch, names: names.names })) };
    const at = new Date(context.now()).toISOString();
    return {
      ok: true,
      text: withNotes(
        message('merge.done', {
          ...made,
          branch: await closeMerged(whole, { at, commit: merged.commit, into, before: repository.head.commit }),
        }),
      ),
    };
  });
}

/** A merge of the whole work. */
interface WholeMerge {
  readonly context: MergeContext;
  readonly folder: DelegationFolder;
  readonly attempts: readonly StoredAttempt[];
  readonly delivered: DeliveredWork;
  readonly tip: string;
}

/**
 * What follows from a merge that is made: a branch that cannot be retired does not unmake it.
 * @returns what became of the branch
 */
async function closeMerged(
  { context, folder, attempts, delivered, tip }: WholeMerge,
  made: Pick<Disposition, 'at' | 'commit' | 'into' | 'before'>,
): Promise<Message> {
  const { repository } = context;
  const { branch } = delivered;
  const wasTheirs = tipBefore(context, attempts, branch, delivered) !== null;
  const retired = wasTheirs
    ? null
    : await retireBranch(repository, folder.id, branch, tip).catch((error) =>
        refuse(explainGit(error, repository.root) ?? message('text', { text: errorText(error) })),
      );
  const noted = { state: 'merged' as const, ...made, branch, tip: retired?.ok ? tip : null };
  const notNoted = await closeDelegation(context, folder, noted).then(() => null, errorText);
  const what = retired === null ? message('merge.branchFound', { branch }) : ofRetired(branch, retired);
  return notNoted === null ? what : message('merge.notNoted', { what, folder: folder.root, said: notNoted });
}

const ofRetired = (branch: string, retired: { ok: true } | Refusal) =>
  retired.ok ? message('merge.branchAside', { branch }) : message('merge.branchStays', { branch, why: retired.reason });

/** A merge that was killed when it was made, and not yet all that follows from it, is finished by the next one; nothing of it is made or dated anew. */
async function finishMadeBefore(merge: WholeMerge, { reason }: Refusal): Promise<Decision | null> {
  const { context, folder, attempts, delivered, tip } = merge;
  const before = reason.code === 'merge.nothingNew' ? readDisposition(folder) : null;
  if (before?.state !== 'merged' || !before.commit) return null;
  const { at, commit, into, before: head } = before;
  if (!(await isAncestor(context.repository, commit, 'HEAD'))) return null;
  const from = commit === tip ? attemptOf(attempts, delivered).start.base : `${commit}^`;
  const { files } = await readChange(context.repository, from, commit);
  const made = { files: countOf(files), into: into ?? 'HEAD', commit: commit.slice(0, 7) };
  return {
    ok: true,
    text: message('merge.doneBefore', { ...made, branch: await closeMerged(merge, { at, commit, into, ...(head && { before: head }) }) }),
  };
}

const countOf = ({ length: count }: readonly unknown[]) =>
  count === 1 ? message('merge.filesOne') : message('merge.filesMany', { count });

/** Without a branch, another commit may be checked out since it was asked. */
const isMeant = ({ head }: Repository, into: string) => into === (head.branch ?? 'HEAD') || (head.branch === null && into === head.commit);

/** A branch that another working tree has checked out cannot be switched to: it is merged into there. */
function otherHead({ checkedOut }: Repository, head: string, wanted: string): Message {
  const folder = checkedOut.get(wanted);
  return folder === undefined ? message('merge.otherHead', { head, wanted }) : message('merge.headElsewhere', { head, wanted, folder });
}

const attemptOf = (attempts: readonly StoredAttempt[], { result }: DeliveredWork) => attempts.find((one) => one.result === result)!;

/** What must pass before anything moves. @param notes gets what is to be said of it afterwards */
function inspection(
  context: MergeContext,
  folder: DelegationFolder,
  attempt: StoredAttempt,
  { how, check, preview, skipHooks, message: text }: Pick<MergeOptions, 'how' | 'check' | 'preview' | 'skipHooks'> & { message: string },
  notes: Message[],
): NonNullable<MergePlan['inspect']> {
  return async (merging) => {
    if (check) {
      const checked = await checkMerged(context, folder, attempt, merging);
      if (!checked.ok) return checked;
      notes.push(checked.note);
    }
    const isHooked = (how === 'squash' || how === 'merge') && !preview && !skipHooks;
    if (!isHooked) return { ok: true, message: text };
    const hooked = await runHooks(context, folder, attempt, { ...merging, how, message: text });
    if (hooked.ok) notes.push(...hooked.notes);
    return hooked;
  };
}

const ASIDE = { back: 'merge.stashed', conflict: 'merge.stashKept', stash: 'merge.stashOnly' } as const;

function asideText({ files, where }: Aside, preview: boolean): Message {
  const code = preview ? 'merge.wouldStash' : ASIDE[where];
  return message(code, { files: shortList(files, FILES_NAMED) });
}

function mergeMessage({ result, branch }: DeliveredWork, how: MergeWay): string {
  if (how === 'merge') return `Merge branch '${branch}'`;
  const first = cutText(firstLine(result.task), 72) || branch;
  return result.commitMessage?.trim() || [first, result.summary.trim()].filter(Boolean).join('\n\n');
}
