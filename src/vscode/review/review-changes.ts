import path from 'node:path';
import * as vscode from 'vscode';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { ReviewableResult } from '../delegations/reviewable-result.ts';
import { notify } from '../notify.ts';
import type { CommitFile, CommitFiles } from './commit-file-system.ts';
import { reviewTitle } from './review-title.ts';
import { tellHidden } from './tell-hidden.ts';

type ChangedFile = Pick<NonNullable<AttemptResult['change']>['files'][number], 'path' | 'from' | 'status'>;

/** All changes in one editor, base against tip, by commit: what is shown stays right whatever happens to the branch. */
export async function reviewChanges({ identity }: DelegationItem, result: ReviewableResult, files: CommitFiles): Promise<void> {
  await showChanges(identity, reviewTitle(result), result, result.change.files, files);
}

/** What an attempt changed of what the one before it had left. */
export async function compareAttempts(
  { identity, attempts }: DelegationItem,
  before: string,
  after: string,
  files: CommitFiles,
): Promise<void> {
  const { readChange } = await import('../../workspace/read-change.ts');
  const change = await readChange({ gitDir: identity.commonDir }, before, after);
  const name = (tip: string) => {
    const index = attempts.findIndex(({ result }) => result?.tip === tip);
    return index < 0 ? tip.slice(0, 7) : vscode.l10n.t('Attempt {0}', index + 1);
  };
  const title = `${oneLine(identity.branch, 200)}: ${name(before)} → ${name(after)}`;
  await showChanges(identity, title, { base: before, tip: after }, change.files, files);
}

/** What the merge has brought to the branch that it went into. */
export async function showMergeCommit({ identity, disposition }: DelegationItem, files: CommitFiles): Promise<void> {
  const commit = disposition?.commit;
  if (!commit) return;
  const where = { gitDir: identity.commonDir };
  const [{ readChange }, { git }] = await Promise.all([import('../../workspace/read-change.ts'), import('../../workspace/run-git.ts')]);
  const before = (await git(['rev-parse', '--verify', `${commit}^1`], where)).toString('latin1').trim();
  const change = await readChange(where, before, commit);
  const title = `${oneLine(disposition?.into ?? identity.branch, 200)}: ${before.slice(0, 7)} → ${commit.slice(0, 7)}`;
  await showChanges(identity, title, { base: before, tip: commit }, change.files, files);
}

type Range = Pick<ReviewableResult, 'base' | 'tip'>;

/** VS Code opens both sides of each, whatever is seen of them: 20,000 take it a minute. */
const FILES_SHOWN = 1000;

async function showChanges(
  { commonDir, repository }: DelegationItem['identity'],
  title: string,
  range: Range,
  changed: readonly ChangedFile[],
  files: CommitFiles,
): Promise<void> {
  const compared = changed.slice(0, FILES_SHOWN).map((file) => ({ file, ...sides(commonDir, range, file) }));
  const paths = (side: 'left' | 'right') => compared.flatMap((both) => both[side]?.path ?? []);
  await Promise.all([files.preload(commonDir, range.base, paths('left')), files.preload(commonDir, range.tip, paths('right'))]);
  const resources = compared.map(({ file, left, right }) => [
    vscode.Uri.file(path.join(repository, file.path)),
    left && files.uri(left),
    right && files.uri(right),
  ]);
  await vscode.commands.executeCommand('vscode.changes', title, resources);
  void tellHidden(compared, files).catch(() => {}); // nothing to tell where git could not read it
  if (changed.length <= FILES_SHOWN) return;
  const { base, tip } = range;
  void notify.warning(
    vscode.l10n.t(
      'Only the first {0} of {1} files are shown. All of them: git diff {2} {3}',
      FILES_SHOWN,
      changed.length,
      base.slice(0, 12),
      tip.slice(0, 12),
    ),
  );
}

/**
 * One file: a diff, or the file itself when it has only one side, or was not changed.
 * @param line of the result, from 1
 */
export async function reviewFile(gitDir: string, result: ReviewableResult, file: string, files: CommitFiles, line?: number): Promise<void> {
  const changed = result.change.files.find((candidate) => candidate.path === file);
  const { left, right } = changed ? sides(gitDir, result, changed) : { right: { gitDir, commit: result.tip, path: file } };
  const selection = line === undefined ? {} : { selection: new vscode.Range(line - 1, 0, line - 1, 0) };
  const options = { preview: true, ...selection, ...(isPicture(file, changed) ? {} : AS_TEXT) } satisfies vscode.TextDocumentShowOptions;
  const [name, branch] = [oneLine(path.posix.basename(file), 200), oneLine(result.branch, 200)];
  if (left && right) {
    const title = vscode.l10n.t('{0} ({1})', name, branch);
    await vscode.commands.executeCommand('vscode.diff', files.uri(left), files.uri(right), title, options);
    void tellHidden([{ left, right }], files).catch(() => {});
    return;
  }
  const only = right ?? left;
  const what = !changed ? branch : right ? vscode.l10n.t('added by {0}', branch) : vscode.l10n.t('deleted by {0}', branch);
  if (only) await vscode.commands.executeCommand('vscode.open', files.uri(only), options, `${name} (${what})`);
}

/** In the text editor, whatever else would show such a file: VS Code takes it, though its types do not tell. */
const AS_TEXT = { override: true };

/** Its own editor shows what is no text. That of a notebook runs the scripts of its outputs, and loads what they name. */
function isPicture(file: string, changed: ReviewableResult['change']['files'][number] | undefined): boolean {
  return changed?.added === null && !/\.ipynb$/i.test(file);
}

function sides(gitDir: string, result: Range, file: ChangedFile): { left: CommitFile | undefined; right: CommitFile | undefined } {
  return {
    left: file.status === 'A' ? undefined : { gitDir, commit: result.base, path: file.from ?? file.path },
    right: file.status === 'D' ? undefined : { gitDir, commit: result.tip, path: file.path },
  };
}
