/** Takes the work of a branch into the user's checkout: the one place that changes it, and only when the user asks. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../common/caught-error.ts';
import { foldedName } from '../common/folded-name.ts';
import { type Message, message, shortList } from '../messages/message.ts';
import { writtenByPrograms } from './content-filters.ts';
import { explainGit, filterFailure } from './explain-git.ts';
import { finishBrokenMerge } from './finish-merge.ts';
import { disarmedCall, OWN_ATTRIBUTES, ownMergeDrivers } from './git-config.ts';
import { placesOfGitDir } from './git-places.ts';
import { canMergeTrees } from './git-version.ts';
import type { GitLimits } from './limit-git.ts';
import { commitOf, type MergeCommit } from './merge-commit.ts';
import {
  absolute,
  ChangedMeanwhile,
  IndexLocked,
  type MergeCommits,
  type MergeJournal,
  type Move,
  makeMergeFolder,
  makeMoves,
  mergeFolder,
  NotTakenBack,
  OnOtherFileSystem,
  parentsOf,
  removeMergeFolder,
  stampOf,
  undoMoves,
  writeMergeJournal,
} from './merge-journal.ts';
import { mergeInScratchTree, type TreesMerged } from './merge-with-old-git.ts';
import { isAncestor, resolveCommit } from './open-repository.ts';
import { type Aside, bringBack, canPutAside, putAside } from './put-aside.ts';
import { listTree, treeOf } from './read-objects.ts';
import { decodeName, GitError, git, isLossy, runGit, splitNul } from './run-git.ts';
import { NotSigned } from './sign-commit.ts';
import { ABSENT, LINK, type MergeChange, overlookedFiles, readMergeChanges, stageMerge, stampsOf } from './stage-merge.ts';
import { type ChosenPart, commitOfParts } from './take-parts.ts';
import type { Refusal, Repository } from './types.ts';
import { uncommittedAmong } from './uncommitted.ts';
import { untrackedConflicts } from './untracked-conflicts.ts';
import { HeadUnknown, type PreparedUpdate, prepareHead } from './update-head.ts';

const FILES_NAMED = 8;

export interface MergePlan extends MergeCommit {
  readonly repository: Repository;
  /** Only these files, or changes of them. Default: all that the branch changed. */
  readonly parts?: readonly ChosenPart[] | undefined;
  /** Whether to look only at what it would do: nothing is changed. */
  readonly preview?: boolean | undefined;
  /** Under which name uncommitted changes that are in the way are stashed meanwhile. Default: they refuse the merge. */
  readonly stashAs?: string | undefined;
  /**
   * Looks at what the merge would give, once nothing of the user's is in its way and before anything moves.
   * @returns why nothing may, or the message of the commit
   */
  inspect?(merging: Merging): Promise<{ readonly ok: true; readonly message: string } | Refusal>;
  /** A ref of ours that comes with the move of HEAD, and leads to the commit that the merge made. */
  readonly mark?: string;
}

/** What a merge would give. */
export interface Merging {
  readonly tree: string;
  /** The paths that change. */
  readonly files: readonly string[];
}

/** What a merge has done, or would do. */
export interface Merged extends Merging {
  readonly ok: true;
  /** Where HEAD is then; null = of a preview. */
  readonly commit: string | null;
  /** What was taken of those of which not all was. */
  readonly partly?: ReadonlyMap<string, Message>;
  /** Uncommitted changes that were, or would be, stashed meanwhile. */
  readonly aside?: Aside;
}

export type MergeResult = Merged | Refusal;

/** States in which git itself refuses to begin something else, by the file or folder that tells them. */
const UNFINISHED = [
  ['MERGE_HEAD', 'merge.unfinished.merge'],
  ['rebase-merge', 'merge.unfinished.rebase'],
  ['rebase-apply', 'merge.unfinished.rebase'],
  ['CHERRY_PICK_HEAD', 'merge.unfinished.cherryPick'],
  ['REVERT_HEAD', 'merge.unfinished.revert'],
] as const;

/**
 * Merges a commit into HEAD of the user's checkout: index, files and branch move together or not at all. Uncommitted changes stay
 * where they are, ignored files too; when the merge would touch one of them it is refused and names it. No hook of git's runs here.
 * Where it makes no commit (`apply`), index and files move, and HEAD is only held.
 */
export async function mergeIntoCheckout(plan: MergePlan): Promise<MergeResult> {
  return whenNothingIsUnfinished(plan.repository, () => merge(plan));
}

/**
 * Takes the checkout back to the commit that a merge began on, under the same conditions: nothing uncommitted is overwritten, and files,
 * index and HEAD move together or not at all.
 */
export async function takeMergeBack(repository: Repository, before: string): Promise<MergeResult> {
  return whenNothingIsUnfinished(repository, async () =>
    moveTo({ repository }, { tree: await treeOf(repository, before) }, () => Promise.resolve(before)),
  );
}

async function whenNothingIsUnfinished(repository: Repository, act: () => Promise<MergeResult>): Promise<MergeResult> {
  const broken = await finishBrokenMerge(repository);
  if (broken) return refuse(broken);
  const busy = await unfinishedIn(repository);
  if (busy) return refuse(message(busy[1], { folder: repository.root }));
  try {
    return await act();
  } catch (error) {
    const reason = whyNotMerged(error, repository);
    if (reason) return refuse(reason, error instanceof ChangedMeanwhile ? [error.file] : undefined);
    throw error;
  }
}

async function unfinishedIn(repository: Repository): Promise<(typeof UNFINISHED)[number] | undefined> {
  const found = UNFINISHED.find(([name]) => existsSync(join(repository.gitDir, name)));
  if (found || !repository.config.has('extensions.refstorage')) return found;
  // In a reftable some of them are no files
  for (const state of UNFINISHED) if (state[0].endsWith('HEAD') && (await resolveCommit(repository, state[0]))) return state;
  return undefined;
}

async function merge(plan: MergePlan): Promise<MergeResult> {
  const { repository, tip } = plan;
  const head = repository.head.commit;
  if (plan.how === 'fast-forward' && !(await isAncestor(repository, head, tip))) return refuse(message('merge.noFastForward'));
  const theirs = plan.parts ? await partsOf(plan, plan.parts) : { ok: true as const, commit: tip, partly: new Map<string, Message>() };
  if (!theirs.ok) return theirs;
  const merged = await mergeTrees(repository, head, theirs.commit, tip);
  if (!merged.ok) return merged;
  if (merged.tree === (await treeOf(repository, head))) return refuse(message('merge.nothingNew'));
  return moveTo(plan, { tree: merged.tree, partly: theirs.partly }, (text) =>
    commitOf({ ...plan, message: text }, repository, merged.tree),
  );
}

type MovePlan = Pick<MergePlan, 'repository' | 'preview' | 'stashAs' | 'inspect' | 'mark'> & { readonly message?: string };
type Target = Pick<Merged, 'tree' | 'partly'>;

/** Moves files, index and HEAD to a tree. @param commitAt the commit where HEAD is then, by its message */
async function moveTo(plan: MovePlan, target: Target, commitAt: (message: string) => Promise<string>): Promise<MergeResult> {
  const { repository } = plan;
  const head = repository.head.commit;
  const changes = await readMergeChanges(disarmedCall(repository), head, target.tree);
  const stamps = stampsOf(repository, changes);
  const way = await whatIsInTheWay(repository, changes, target.tree);
  const stashed = plan.stashAs !== undefined && way.refusal ? await stashable(repository, way.refusal) : [];
  if (way.refusal && stashed.length === 0) return way.refusal;

  const files = changes.map(({ path }) => decodeName(path));
  const done = { ok: true, ...target, files } as const;
  const inspected = (await plan.inspect?.(done)) ?? { ok: true, message: plan.message ?? '' };
  if (!inspected.ok) return inspected;
  if (plan.preview) return { ...done, commit: null, ...(stashed.length > 0 && { aside: { files: stashed, where: 'back' as const } }) };

  const commit = await commitAt(inspected.message);
  const move = { repository, changes, tree: target.tree, commits: { before: head, after: commit, mark: plan.mark } };
  if (stashed.length === 0) return (await moveUnderLock({ ...move, stamps, hidden: way.hidden })) ?? { ...done, commit };

  const stash = await putAside(repository, stashed, plan.stashAs!);
  let refused: Refusal | null;
  try {
    const again = await whatIsInTheWay(repository, changes, target.tree);
    refused = again.refusal ?? (await moveUnderLock({ ...move, stamps: stampsOf(repository, changes), hidden: again.hidden }));
  } catch (error) {
    await bringBack(repository, stash);
    throw error;
  }
  const where = await bringBack(repository, stash);
  return refused ?? { ...done, commit, aside: { files: stashed, where } };
}

async function stashable(repository: Repository, { reason, files = [] }: Refusal): Promise<readonly string[]> {
  return reason.code === 'merge.uncommitted' && (await canPutAside(repository, files)) ? files : [];
}

interface PreparedMove {
  readonly repository: Repository;
  readonly changes: readonly MergeChange[];
  readonly stamps: ReturnType<typeof stampsOf>;
  readonly hidden: readonly string[];
  readonly tree: string;
  readonly commits: MergeCommits;
}

async function moveUnderLock({ repository, changes, stamps, hidden, tree, commits }: PreparedMove): Promise<Refusal | null> {
  // From here on nobody else can move HEAD: the files change only under the commit that they were merged with.
  const update = await prepareHead(repository, commits);
  if (update === 'moved') return refuse(message('merge.headMoved'));
  if (update === 'locked') return refuse(lockedReason(repository));
  try {
    const stage = () => stageMerge(repository, { before: commits.before, after: tree }, changes, stamps, hidden);
    await moveCheckout(repository, commits, update, 'git dir', stage).catch((error) => {
      if (error instanceof OnOtherFileSystem) return moveCheckout(repository, commits, update, 'checkout', stage);
      throw error;
    });
  } finally {
    await update.abort(); // does nothing behind a commit
  }
  // Or whoever looks next reads the files again. The merge is made, whatever becomes of this.
  await runGit(['update-index', '-q', '--refresh'], userCall(repository)).catch(() => {});
  return null;
}

/** The user's own content filters run here, as in any merge of theirs. */
const userCall = (repository: Repository) => {
  const { gitDir, root, user } = repository;
  return { gitDir, workTree: root, user, programs: writtenByPrograms(repository) };
};

async function moveCheckout(
  { gitDir, root }: Repository,
  commits: MergeCommits,
  update: PreparedUpdate,
  beside: 'git dir' | 'checkout',
  stage: () => Promise<readonly Move[]>,
): Promise<void> {
  if (!makeMergeFolder({ gitDir, root }, beside)) throw new IndexLocked();
  let journal: MergeJournal | null = null;
  try {
    journal = writeMergeJournal(gitDir, root, commits, await stage());
    makeMoves(gitDir, root, journal);
    await update.commit();
  } catch (error) {
    if (error instanceof HeadUnknown) throw new NotTakenBack(error.message);
    if (journal) takeBack(gitDir, root, journal);
    removeMergeFolder({ gitDir, root });
    throw error;
  }
  removeMergeFolder({ gitDir, root });
}

/** What this cannot take back now, the next call does; until then nothing of it may go. */
function takeBack(gitDir: string, root: string, journal: MergeJournal): void {
  try {
    undoMoves(gitDir, root, journal);
  } catch (error) {
    throw new NotTakenBack(errorText(error));
  }
}

/** Whatever of the user's own stands where something would change. */
async function whatIsInTheWay(
  repository: Repository,
  changes: readonly MergeChange[],
  tree: string,
): Promise<{ refusal: Refusal | null; hidden: readonly string[] }> {
  const refusal = (code: FilesCode, files: readonly string[]) => ({
    refusal: files.length > 0 ? refuse(message(code, { files: shortList(files, FILES_NAMED) }), files) : null,
    hidden: [],
  });
  const names = (some: readonly MergeChange[]) => some.map(({ path }) => decodeName(path));
  const unresolved = await unresolvedFiles(repository);
  if (unresolved.length > 0) return refusal('merge.unresolved', unresolved);
  const dirty = await uncommittedAmong(repository, names(changes), { filters: true });
  if (dirty.length > 0) return refusal('merge.uncommitted', dirty);
  const { edited, hidden } = await overlookedFiles(repository, changes);
  if (edited.length > 0) return refusal('merge.overlooked', edited);
  const isReplaced = ({ path, after }: MergeChange) =>
    after === ABSENT ? changes.some((other) => other.path.startsWith(`${path}/`)) : after !== LINK;
  const submodules = changes.filter((change) => change.before === LINK && isReplaced(change));
  if (submodules.length > 0) return refusal('merge.submodule', names(submodules));
  const coming = changes.filter(({ before }) => before === ABSENT);
  const added = names(coming);
  const unnameable = coming.filter(({ path }) => isLossy(decodeName(path)) && stampOf(absolute(repository.root, path)) !== null);
  const inTheWay = [...(await untrackedConflicts(repository, added)), ...names(unnameable)];
  if (inTheWay.length > 0) return refusal('merge.untracked', inTheWay);
  return { ...refusal('merge.collision', await collisions(repository, added, tree)), hidden };
}

type FilesCode = 'merge.unresolved' | 'merge.uncommitted' | 'merge.overlooked' | 'merge.submodule' | 'merge.untracked' | 'merge.collision';

async function unresolvedFiles(repository: Repository): Promise<string[]> {
  const entries = splitNul(await git(['ls-files', '-z', '--unmerged'], disarmedCall(repository)));
  return [...new Set(entries.map((entry) => decodeName(entry.slice(entry.indexOf('\t') + 1))))];
}

/** New files whose names are one name to the file system of the checkout. */
async function collisions(repository: Repository, added: readonly string[], tree: string): Promise<string[]> {
  if (added.length === 0 || repository.config.get('core.ignorecase') !== 'true') return [];
  const count = new Map<string, number>();
  const folders = new Set<string>();
  for (const { path } of await listTree(repository, tree)) {
    count.set(foldedName(path), (count.get(foldedName(path)) ?? 0) + 1);
    for (const folder of parentsOf(foldedName(path))) folders.add(folder);
  }
  // A link beside a folder of its name is such a pair, too.
  const isFile = (path: string) => count.has(path);
  const collides = (path: string) => (count.get(path) ?? 0) > 1 || folders.has(path) || parentsOf(path).some(isFile);
  return added.filter((path) => collides(foldedName(path))).sort();
}

/** The reasons of git and of the disk, for which everything is as it was; null = a fault of ours. */
function whyNotMerged(error: unknown, repository: Repository): Message | null {
  const { root: folder, gitDir } = repository;
  if (error instanceof NotTakenBack) return message('merge.broken', { folder, kept: mergeFolder(gitDir).root, said: error.message });
  if (error instanceof ChangedMeanwhile) return message('merge.changedMeanwhile', { file: error.file });
  if (error instanceof OnOtherFileSystem) return message('merge.otherFileSystem', { file: error.file });
  if (error instanceof IndexLocked) return lockedReason(repository);
  if (error instanceof NotSigned) return message('merge.notSigned', { said: error.message });
  const filter = filterFailure(error);
  if (filter !== null) return message('merge.filter', { said: filter });
  const explained = explainGit(error, folder);
  return explained && message('merge.failed', { why: explained });
}

const lockedReason = ({ root, gitDir }: Repository) => message('merge.locked', { folder: root, locks: join(gitDir, '*.lock') });

/** Two sides with nothing in common merge as a whole only, and git says why not. */
async function partsOf({ repository, tip, identity }: MergePlan, parts: readonly ChosenPart[]) {
  const { stdout } = await runGit(['merge-base', repository.head.commit, tip], disarmedCall(repository));
  const fork = stdout.toString('latin1').trim();
  if (!fork) return { ok: true, commit: tip, partly: new Map<string, Message>() } as const;
  return commitOfParts(repository, { fork, tip, identity }, parts);
}

/** The files in which a commit conflicts with HEAD. Changes nothing. */
export async function conflictsWithHead(repository: Repository, tip: string, limits: GitLimits = {}): Promise<readonly string[]> {
  const merged = await mergeTrees(repository, repository.head.commit, tip, tip, limits);
  return merged.ok ? [] : (merged.files ?? []);
}

/** @param tip the branch, by which the user would merge by hand */
async function mergeTrees(
  repository: Repository,
  ours: string,
  theirs: string,
  tip: string,
  limits: GitLimits = {},
): Promise<{ ok: true; tree: string } | Refusal> {
  const isNew = await canMergeTrees();
  const merged = await (isNew ? mergeObjects(repository, ours, theirs, limits) : mergeInScratchTree(repository, ours, theirs));
  if ('tree' in merged) return { ok: true, tree: merged.tree };
  const files = merged.conflicts;
  const named = { files: shortList(files, FILES_NAMED), head: repository.head.branch ?? 'HEAD' };
  const own = ownMergeDrivers(repository.config);
  const drivers = own.length > 0 ? message('merge.driversOff', { drivers: shortList(own, FILES_NAMED) }) : '';
  return refuse(message('merge.conflict', { ...named, commit: ours.slice(0, 7), tip: tip.slice(0, 12), drivers }), files);
}

async function mergeObjects(repository: Repository, ours: string, theirs: string, limits: GitLimits): Promise<TreesMerged> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', ours, theirs];
  const usual = disarmedCall(repository);
  // For a merge driver git writes its three files where it works.
  const writes = [...placesOfGitDir(repository.gitDir), repository.root];
  const call = {
    ...usual,
    ...limits,
    writes,
    programs: writtenByPrograms(repository),
    config: [...(usual.config ?? []), ...OWN_ATTRIBUTES],
  };
  const { code, stdout, stderr } = await runGit(args, call);
  const [tree = '', ...conflicts] = splitNul(stdout);
  if (code === 0) return { tree };
  if (code === 1) return { conflicts: conflicts.map(decodeName) };
  throw new GitError(args, code, stderr, repository.gitDir);
}

const refuse = (reason: Message, files?: readonly string[]): Refusal => ({ ok: false, reason, files });
