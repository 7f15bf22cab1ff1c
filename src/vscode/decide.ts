import * as vscode from 'vscode';
import { oneLine } from '../mcp/escape.ts';
import { reasonWords } from './reasons.ts';
import { readAnswer } from './report-fields.ts';
import { handedBack } from './review.ts';
import { offer } from './run-work.ts';
import type { Session } from './session.ts';
import type { Standing } from './standing.ts';
import { filesWords } from './tree-model.ts';
import { costWords, outcomeWords, runWords, sizeWords } from './wording.ts';

/** Takes the work into the branch that is checked out, after a summary and a confirmation. */
export async function merge(session: Session, standing: Standing): Promise<void> {
  const t = vscode.l10n.t;
  const result = handedBack(standing);
  if (!result) return;
  const into = session.headOf(standing);
  const branch = result.keptAt ?? result.branch;
  const squash = t('Squash Merge');
  const whole = t('Merge Commit');
  const question = into ? t('Merge {0} into {1}?', branch, into) : t('Merge {0} into the current commit?', branch);
  const detail = [...summary(standing), '', t('Squash Merge makes one commit. Files with uncommitted changes are never overwritten.')].join(
    '\n',
  );
  const chosen = await vscode.window.showInformationMessage(question, { modal: true, detail }, squash, whole);
  if (!chosen) return;
  await act(
    session,
    standing,
    'merge_delegation',
    { expected_tip: result.tip, squash: chosen === squash },
    {
      text: into ? t('{0} was merged into {1}.', branch, into) : t('{0} was merged.', branch),
      offers: [],
    },
  );
}

/** What a decision rests on, in a few lines. */
export function summary(standing: Standing): string[] {
  const t = vscode.l10n.t;
  const result = handedBack(standing);
  if (!result) return [];
  const facts = [filesWords(result.change, t), sizeWords(result.change), costWords(result.cost, t)];
  const checks = result.checks
    .slice(0, 4)
    .map((check) => `${oneLine(check.command, 60)}: ${runWords(check.base, t)} → ${runWords(check.result, t)}`);
  const blocking = result.warnings.filter(({ level }) => level === 'blocking');
  return [
    facts.join(' · '),
    ...checks,
    ...(result.outcome === 'ready'
      ? []
      : [
          `⚠ ${t('Outcome:')} ${outcomeWords(result.outcome, t)}${result.reason ? ` (${oneLine(reasonWords(result.reason, t), 300)})` : ''}`,
        ]),
    ...blocking.slice(0, 5).map(({ text }) => `⚠ ${oneLine(text, 200)}`),
  ];
}

export async function discard(session: Session, standing: Standing): Promise<void> {
  const t = vscode.l10n.t;
  const { branch } = standing.view.identity;
  const button = t('Discard');
  const detail = [...summary(standing), '', t('The branch is removed. Undo Discard brings it back.')].join('\n').trim();
  const chosen = await vscode.window.showWarningMessage(t('Discard {0}?', branch), { modal: true, detail }, button);
  if (chosen !== button) return;
  const tip = standing.result && !standing.result.keptAt ? standing.result.tip : null;
  await act(session, standing, 'discard_delegation', tip ? { expected_tip: tip } : {}, {
    text: t('{0} was discarded.', branch),
    offers: ['undoDiscard'],
  });
}

export async function undoDiscard(session: Session, standing: Standing): Promise<void> {
  const { branch } = standing.view.identity;
  await act(session, standing, 'restore_delegation', {}, { text: vscode.l10n.t('{0} is back.', branch), offers: ['reviewChanges'] });
}

export async function cancel(session: Session, standing: Standing): Promise<void> {
  const server = await session.server();
  await server.call('cancel_delegation', { repo_path: session.rootOf(standing), branch_name: standing.view.identity.branch });
  await session.refresh();
}

interface Told {
  readonly text: string;
  readonly offers: Parameters<typeof offer>[3];
}

async function act(session: Session, standing: Standing, tool: string, args: Record<string, unknown>, done: Told): Promise<void> {
  const { identity } = standing.view;
  const server = await session.server();
  const answer = readAnswer(await server.call(tool, { repo_path: session.rootOf(standing), branch_name: identity.branch, ...args }));
  await session.refresh();
  const now = session.find(identity.id);
  if (!/^(merged|discarded|restored)$/.test(answer.outcome)) {
    await offer('error', reasonWords(answer.reason, vscode.l10n.t) || answer.text.slice(0, 500), now, []);
    return;
  }
  void offer('info', done.text, now, done.offers);
}
