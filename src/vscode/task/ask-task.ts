import * as vscode from 'vscode';
import type { TaskKind } from '../../common/task-kind.ts';
import { shownPrompt } from '../text/without-links.ts';
import type { Drafts } from './stored-drafts.ts';
import { writeInEditor } from './task-editor.ts';

/** Where a text is kept that was left, or written and not sent yet. */
export interface DraftPlace {
  readonly drafts: Drafts;
  readonly key: string;
}

/** Asks for the task: a line for short ones, an editor for those that need more. */
export async function askTask(kind: TaskKind, draft: DraftPlace): Promise<string | null> {
  const t = vscode.l10n.t;
  const prompts: Record<TaskKind, string> = {
    feature: t('What is to be built? Goal, files, constraints, and how to see that it works.'),
    tests: t('What is to be tested? Module or function, behaviours, edge cases.'),
    bug: t('Which bug? The exact error, how to reproduce it, what was expected.'),
  };
  return askText(t('Delegate Task'), prompts[kind], draft);
}

export async function askFeedback(branch: string, draft: DraftPlace): Promise<string | null> {
  return askText(
    vscode.l10n.t('Retry with Feedback'),
    vscode.l10n.t('What is wrong with {0}, and what is right? The work so far is kept.', branch),
    draft,
  );
}

/** What is to be said besides comments on lines: maybe nothing. */
export async function askMore(branch: string, comments: number, draft: DraftPlace): Promise<string | null> {
  const { t } = vscode.l10n;
  return askText(
    comments === 1 ? t('Send 1 Comment to Kimi') : t('Send {0} Comments to Kimi', comments),
    t('What else is to be said of {0}? Enter sends, with or without it.', branch),
    draft,
    { mayBeEmpty: true },
  );
}

/** A text that was sent is no draft any more, unless it was written anew meanwhile. */
export function forgetDraft({ drafts, key }: DraftPlace, sent: string): void {
  if (drafts.get(key) === sent) drafts.delete(key);
}

/** Whatever was written is kept as a draft, also when it is the answer: a later question may be left. */
async function askText(title: string, prompt: string, { drafts, key }: DraftPlace, { mayBeEmpty = false } = {}): Promise<string | null> {
  const draftText = drafts.get(key) ?? '';
  const line = draftText.includes('\n')
    ? ({ kind: 'editor', text: draftText } as const)
    : await askLine(title, prompt, draftText, mayBeEmpty);
  const keep = (text: string) => (text.trim() ? drafts.set(key, text.trim()) : drafts.delete(key));
  if (line.kind === 'editor') {
    const { text, done } = await writeInEditor(title, prompt, line.text, mayBeEmpty, keep);
    return done ? text.trim() : null;
  }
  keep(line.text);
  return line.kind === 'line' ? line.text.trim() : null;
}

interface Line {
  readonly kind: 'line' | 'editor' | 'left';
  readonly text: string;
}

function askLine(title: string, prompt: string, draftText: string, mayBeEmpty: boolean): Promise<Line> {
  const box = vscode.window.createInputBox();
  const toEditor: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Write in an Editor') };
  box.title = title;
  box.prompt = shownPrompt(prompt);
  box.value = draftText;
  box.placeholder = vscode.l10n.t('The pencil above opens an editor for longer texts');
  box.ignoreFocusOut = true;
  box.buttons = [toEditor];
  return new Promise((resolve) => {
    const done = (line: Line) => {
      resolve(line);
      box.dispose();
    };
    box.onDidTriggerButton(() => done({ kind: 'editor', text: box.value }));
    box.onDidAccept(() => {
      const text = box.value.trim();
      if (text || mayBeEmpty) done({ kind: 'line', text });
      else box.validationMessage = vscode.l10n.t('Say what is to be done, or press Escape to leave.');
    });
    box.onDidChangeValue(() => {
      box.validationMessage = undefined;
    });
    box.onDidHide(() => done({ kind: 'left', text: box.value }));
    box.show();
  });
}
