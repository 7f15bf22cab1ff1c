import path from 'node:path';
import * as vscode from 'vscode';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { sizeText } from '../../delegation/result/result-text.ts';
import type { DelegationItem, ReviewableResult } from '../delegations/delegation-item.ts';
import type { CommitFile, CommitFiles } from './commit-file-system.ts';

type ChangedFile = NonNullable<AttemptResult['change']>['files'][number];

/** All changes in one editor, base against tip, by commit: what is shown stays right whatever happens to the branch. */
export async function reviewChanges(delegation: DelegationItem, files: CommitFiles): Promise<void> {
  const result = delegation.reviewable;
  if (!result) return;
  const { commonDir, repository } = delegation.identity;
  await preload(delegation, result, files);
  const resources = result.change.files.map((file) => {
    const { left, right } = sides(commonDir, result, file);
    return [vscode.Uri.file(path.join(repository, file.path)), left && files.uri(left), right && files.uri(right)];
  });
  const title = `${result.branch}: ${sizeText(result.change)} (${result.base.slice(0, 7)} → ${result.tip.slice(0, 7)})`;
  await vscode.commands.executeCommand('vscode.changes', title, resources);
}

/**
 * One file: a diff, or the file itself when it has only one side.
 * @param line of the result, from 1
 */
export async function reviewFile(delegation: DelegationItem, file: string, files: CommitFiles, line?: number): Promise<void> {
  const result = delegation.reviewable;
  const changed = result?.change.files.find((candidate) => candidate.path === file);
  if (!result || !changed) return;
  const { left, right } = sides(delegation.identity.commonDir, result, changed);
  const selection = line === undefined ? {} : { selection: new vscode.Range(line - 1, 0, line - 1, 0) };
  const options: vscode.TextDocumentShowOptions = { preview: true, ...selection };
  if (left && right) {
    const title = vscode.l10n.t('{0} ({1})', path.posix.basename(file), result.branch);
    await vscode.commands.executeCommand('vscode.diff', files.uri(left), files.uri(right), title, options);
    return;
  }
  const only = right ?? left;
  const what = right ? vscode.l10n.t('added by {0}', result.branch) : vscode.l10n.t('deleted by {0}', result.branch);
  if (only) await vscode.commands.executeCommand('vscode.open', files.uri(only), options, `${path.posix.basename(file)} (${what})`);
}

function sides(
  gitDir: string,
  result: ReviewableResult,
  file: ChangedFile,
): { left: CommitFile | undefined; right: CommitFile | undefined } {
  return {
    left: file.status === 'A' ? undefined : { gitDir, commit: result.base, path: file.from ?? file.path },
    right: file.status === 'D' ? undefined : { gitDir, commit: result.tip, path: file.path },
  };
}

async function preload(delegation: DelegationItem, result: ReviewableResult, files: CommitFiles): Promise<void> {
  const { commonDir } = delegation.identity;
  const compared = result.change.files.map((file) => sides(commonDir, result, file));
  const paths = (side: 'left' | 'right') => compared.flatMap((both) => both[side]?.path ?? []);
  await Promise.all([files.preload(commonDir, result.base, paths('left')), files.preload(commonDir, result.tip, paths('right'))]);
}
