import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageWords } from '../../messages/translate.ts';
import type { Action, Standing } from '../delegations/delegation-item.ts';
import { offer } from '../task/run-task.ts';
import { costWords, outcomeWords, runWords, sizeWords } from '../text/result-text.ts';
import { filesWords } from '../tree/rows.ts';
import type { Session } from '../window-context.ts';
import { refusalWords } from './refusal-text.ts';

/** Takes the work into the branch that is checked out, after a summary and a confirmation. */
export async function merge(session: Session, shown: Standing): Promise<void> {
  const t = vscode.l10n.t;
  const standing = await asOfNow(session, shown, 'merge');
  if (!standing) return;
  const { work, handed, tip } = standing;
  if (!work || !handed || !tip) return;
  const head = session.headOf(standing);
  const into = head && head !== 'detached' ? head.branch : null;
  const { branch } = work;
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
    { expected_tip: tip, squash: chosen === squash, ...(head && { into: into ?? 'HEAD' }) },
    {
      text: into ? t('{0} was merged into {1}.', branch, into) : t('{0} was merged.', branch),
      offers: [],
    },
  );
}

/** A question must not rest on what was true when the row was drawn. */
async function asOfNow(session: Session, shown: Standing, action: Action): Promise<Standing | null> {
  await session.refresh();
  const standing = session.find(shown.view.identity.id);
  if (standing?.actions.has(action)) return standing;
  void vscode.window.showInformationMessage(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
  return null;
}

/** What a decision rests on, in a few lines. */
export function summary(standing: Standing): string[] {
  const t = vscode.l10n.t;
  const { handed: result, result: last, tip } = standing;
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
          `⚠ ${t('Outcome:')} ${outcomeWords(result.outcome, t)}${result.reason ? ` (${oneLine(messageWords(result.reason, t), 300)})` : ''}`,
        ]),
    ...blocking.slice(0, 5).map(({ text }) => `⚠ ${oneLine(messageWords(text, t), 200)}`),
    ...(last && last !== result ? [`⚠ ${t('A later attempt brought nothing: {0}', outcomeWords(last.outcome, t))}`] : []),
    ...(tip && tip !== result.tip
      ? [`⚠ ${t('The branch has commits that came after the work of Kimi and are not in this summary.')}`]
      : []),
  ];
}

export async function discard(session: Session, shown: Standing): Promise<void> {
  const t = vscode.l10n.t;
  const standing = await asOfNow(session, shown, 'discard');
  if (!standing) return;
  const { work, tip } = standing;
  const branch = work?.branch ?? standing.view.identity.branch;
  const button = t('Discard');
  const found = work && !work.result.keptAt ? work.result.found : null;
  const what = found
    ? t('The branch goes back to {0}, where Kimi found it. Undo Discard brings the work back.', found.slice(0, 7))
    : work
      ? t('The branch is removed. Undo Discard brings it back.')
      : t('The unfinished work is put aside. Undo Discard brings it back.');
  const detail = [...summary(standing), '', what].join('\n').trim();
  const chosen = await vscode.window.showWarningMessage(t('Discard {0}?', branch), { modal: true, detail }, button);
  if (chosen !== button) return;
  await act(session, standing, 'discard_delegation', tip ? { expected_tip: tip } : {}, {
    text: t('{0} was discarded.', branch),
    offers: ['undoDiscard'],
  });
}

export async function undoDiscard(session: Session, standing: Standing): Promise<void> {
  await restore(session, standing, vscode.l10n.t('{0} is back.', branchOf(standing)));
}

/** Brings the branch of a merged delegation back; the merge stays. */
export async function restoreBranch(session: Session, standing: Standing): Promise<void> {
  await restore(session, standing, vscode.l10n.t('{0} is back. What was merged stays merged.', branchOf(standing)));
}

async function restore(session: Session, standing: Standing, text: string): Promise<void> {
  await act(session, standing, 'restore_delegation', {}, { text, offers: ['reviewChanges'] });
}

function branchOf({ view }: Standing): string {
  return view.disposition?.branch ?? view.identity.branch;
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
  const answer = await server.call(tool, { repo_path: session.rootOf(standing), branch_name: identity.branch, ...args });
  await session.refresh();
  const now = session.find(identity.id);
  if (!/^(merged|discarded|restored)$/.test(answer.data?.outcome ?? '')) {
    const head = session.headOf(standing);
    const place = {
      branch: standing.work?.branch ?? identity.branch,
      into: head === 'detached' ? null : head,
      base: standing.handed?.base ?? null,
    };
    const { text, offers, feedback } = refusalWords(answer, place, vscode.l10n.t);
    if (feedback) session.drafts.set(identity.id, feedback);
    await offer('error', text, now, offers);
    return;
  }
  void offer('info', done.text, now, done.offers);
}
