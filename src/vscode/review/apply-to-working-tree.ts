import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { cutText } from '../../common/cut-text.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import { openRepository } from '../../workspace/open-repository.ts';
import { git } from '../../workspace/run-git.ts';
import type { Repository } from '../../workspace/types.ts';
import { uncommittedAmong } from '../../workspace/uncommitted.ts';
import { untrackedConflicts } from '../../workspace/untracked-conflicts.ts';
import type { DelegationItem, ReviewableResult } from '../delegations/delegation-item.ts';
import { notify } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';
import { decisionSummary } from './decision-summary.ts';

/** The part of the built-in git extension that is used here. */
interface GitExtension {
  getAPI(version: 1): { getRepository(uri: vscode.Uri): GitRepository | null };
}
interface GitRepository {
  apply(patchFile: string, reverse?: boolean): Promise<void>;
}

/**
 * Puts the changes into the user's files as uncommitted changes, by the user's own git in VS Code; all of them or none. Refused
 * where it would mix with uncommitted changes, as nobody could take it back then.
 */
export async function applyToWorkingTree(window: WindowContext, delegation: DelegationItem): Promise<void> {
  const t = vscode.l10n.t;
  const result = delegation.reviewable;
  if (!result) return;
  const worktree = window.worktreeOf(delegation);
  const opened = await openRepository(worktree);
  if (!opened.ok) return problem(messageText(opened.reason, t));
  const mixed = await whatWouldMix(opened.repository, result.change.files, t);
  if (mixed) return problem(mixed);
  if (!(await confirmApply(delegation, result.branch, t))) return;
  const repository = await findRepository(worktree);
  if (!repository) return problem(t('The built-in Git extension of VS Code does not know {0}. Enable it, or use Merge instead.', worktree));
  try {
    await applyChanges(repository, result, delegation.identity.commonDir);
  } catch (error) {
    const why = (error as { stderr?: string }).stderr?.trim() || String(error);
    return problem(
      t(
        'The changes do not fit your working tree any more: {0}. Nothing was changed. Use Merge, or Retry with Feedback.',
        cutText(why, 300),
      ),
    );
  }
  void notify.info(t('{0} was applied to your working tree as uncommitted changes.', result.branch));
}

/** What of the user's own the changes would mix with; null = nothing. */
async function whatWouldMix(repository: Repository, files: ReviewableResult['change']['files'], t: Translate): Promise<string | null> {
  const touched = files.flatMap((file) => [file.path, ...(file.from ? [file.from] : [])]);
  const dirty = await uncommittedAmong(repository, touched);
  if (dirty.length > 0) {
    return t(
      'These files have uncommitted changes of yours: {0}. Commit or stash them first, then apply again. Nothing was changed.',
      dirty.slice(0, 8).join(', '),
    );
  }
  const made = files.flatMap((file) => (file.status === 'A' || file.status === 'R' ? [file.path] : []));
  const inTheWay = await untrackedConflicts(repository, made);
  if (inTheWay.length === 0) return null;
  return t(
    'These files of yours, which git does not track, stand where new ones would come: {0}. Move them away, then apply again. Nothing was changed.',
    inTheWay.slice(0, 8).join(', '),
  );
}

async function confirmApply(delegation: DelegationItem, branch: string, t: Translate): Promise<boolean> {
  const button = t('Apply');
  const detail = [
    ...decisionSummary(delegation),
    '',
    t('The changes appear as uncommitted changes in your files. No commit is made.'),
  ].join('\n');
  const chosen = await notify.info(t('Apply {0} to your working tree?', branch), { modal: true, detail }, button);
  return chosen === button;
}

async function applyChanges(repository: GitRepository, { base, tip }: ReviewableResult, gitDir: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kimi-delegate-'));
  try {
    const patch = path.join(folder, 'changes.patch');
    const form = ['--binary', '--full-index', '--no-ext-diff', '--no-textconv', '--no-color'];
    await writeFile(patch, await git(['diff-tree', '-r', '-p', ...form, base, tip], { gitDir }), { mode: 0o600 });
    await repository.apply(patch);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findRepository(root: string) {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (!extension) return null;
  return (await extension.activate()).getAPI(1).getRepository(vscode.Uri.file(root));
}

function problem(text: string): void {
  void notify.error(text);
}
