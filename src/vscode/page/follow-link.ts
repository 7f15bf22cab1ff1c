import * as vscode from 'vscode';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { reviewableOf } from '../delegations/reviewable-result.ts';
import { tellChanged } from '../notify.ts';
import type { CommitFiles } from '../review/commit-file-system.ts';
import { applyToWorkingTree } from '../review/merge-discard.ts';
import { reviewFile } from '../review/review-changes.ts';
import type { WindowContext } from '../window-context.ts';
import { findTest } from './find-test.ts';
import { type PageLink, pageLinkSchema } from './page-link.ts';

interface Parts {
  readonly window: WindowContext;
  readonly files: CommitFiles;
  textUri(name: string, id: string, attempt: number, link: PageLink): vscode.Uri;
}

interface Place {
  readonly delegation: DelegationItem;
  readonly number: number;
  readonly result: AttemptResult | null;
}

/** Opens what a link of a page names; of the delegation as it is now. */
export async function followLink(given: unknown, parts: Parts): Promise<void> {
  const parsed = pageLinkSchema.safeParse(given);
  if (!parsed.success) return;
  const [id, number, link] = parsed.data;
  const delegation = parts.window.find(id);
  const attempt = delegation?.attempts.find((one) => one.number === number);
  if (!delegation || !attempt) {
    tellChanged();
    return;
  }
  const place = { delegation, number, result: attempt.result };
  switch (link.kind) {
    case 'file':
      return openFile(place, link.path, link.line, parts);
    case 'test':
      return openTest(place, link, parts);
    case 'output':
    case 'step':
      return openText(place, link, parts);
    case 'apply':
      // A page that was drawn before newer work came.
      if (attempt.result !== delegation.delivered?.result) return tellChanged();
      return applyToWorkingTree(parts.window, delegation, { path: link.path });
  }
}

async function openFile({ delegation, result }: Place, path: string, line: number | undefined, { files }: Parts): Promise<void> {
  const reviewable = reviewableOf(result);
  if (reviewable) await reviewFile(delegation.identity.commonDir, reviewable, path, files, line);
}

/** The test itself; where it cannot be found, what is said of it in the output. */
async function openTest(place: Place, { check, test }: Extract<PageLink, { kind: 'test' }>, parts: Parts): Promise<void> {
  const tip = place.result?.tip;
  const found = tip ? await findTest(place.delegation.identity.commonDir, tip, test) : null;
  if (found) await openFile(place, found.path, found.line, parts);
  else await openText(place, { kind: 'output', check, side: 'result' }, parts, test);
}

async function openText({ delegation, number, result }: Place, link: PageLink, { textUri }: Parts, word?: string): Promise<void> {
  const { id, branch } = delegation.identity;
  const document = await vscode.workspace.openTextDocument(
    textUri(textName(branch, delegation.attempts.findIndex((one) => one.number === number) + 1, link, result), id, number, link),
  );
  const editor = await vscode.window.showTextDocument(document, { preview: true });
  const at = word === undefined ? -1 : document.getText().indexOf(word);
  if (at >= 0) editor.revealRange(new vscode.Range(document.positionAt(at), document.positionAt(at)), vscode.TextEditorRevealType.InCenter);
}

function textName(branch: string, number: number, link: PageLink, result: AttemptResult | null): string {
  const { t } = vscode.l10n;
  const where = oneLine(`${branch}, ${t('Attempt {0}', number)}`, 100);
  if (link.kind === 'step') return `${t('Step {0}', link.step)} (${where})`;
  const command = link.kind === 'output' ? oneLine(result?.checks[link.check]?.command ?? '', 60) : '';
  const side = link.kind === 'output' && link.side === 'base' ? t('before') : t('after');
  return `${command}, ${side} (${where})`;
}
