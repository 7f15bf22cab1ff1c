import * as vscode from 'vscode';
import type { Kind } from './propose.ts';

/** Asks for the task: a line for short ones, an editor for those that need more. */
export async function askTask(kind: Kind, begun: string): Promise<string | null> {
  const t = vscode.l10n.t;
  const prompts: Record<Kind, string> = {
    feature: t('What is to be built? Goal, files, constraints, and how to see that it works.'),
    tests: t('What is to be tested? Module or function, behaviours, edge cases.'),
    bug: t('Which bug? The exact error, how to reproduce it, what was expected.'),
  };
  return askText(t('Delegate Task'), prompts[kind], begun);
}

/** @param begun what stands there to begin with */
export async function askFeedback(branch: string, begun: string): Promise<string | null> {
  return askText(
    vscode.l10n.t('Retry with Feedback'),
    vscode.l10n.t('What is wrong with {0}, and what is right? The work so far is kept.', branch),
    begun,
  );
}

async function askText(title: string, prompt: string, begun: string): Promise<string | null> {
  if (begun.includes('\n')) return askInEditor(prompt, begun);
  const answer = await askLine(title, prompt, begun);
  if (answer.kind === 'left') return null;
  return answer.kind === 'line' ? answer.text : askInEditor(prompt, answer.text);
}

type Line = { kind: 'line'; text: string } | { kind: 'editor'; text: string } | { kind: 'left' };

function askLine(title: string, prompt: string, begun: string): Promise<Line> {
  const box = vscode.window.createInputBox();
  const toEditor: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Write in an Editor') };
  box.title = title;
  box.prompt = prompt;
  box.value = begun;
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
      if (text) done({ kind: 'line', text });
      else box.validationMessage = vscode.l10n.t('Say what is to be done, or press Escape to leave.');
    });
    box.onDidChangeValue(() => {
      box.validationMessage = undefined;
    });
    box.onDidHide(() => done({ kind: 'left' }));
    box.show();
  });
}

/** An untitled document and a message that waits for it. The document stays, so that nothing that was written gets lost. */
async function askInEditor(prompt: string, begun: string): Promise<string | null> {
  const t = vscode.l10n.t;
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: begun });
  await vscode.window.showTextDocument(document);
  const goOn = t('Continue');
  for (;;) {
    const chosen = await vscode.window.showInformationMessage(
      t('{0} Write it in the editor, then continue here.', prompt),
      goOn,
      t('Leave'),
    );
    if (chosen !== goOn) return null;
    const text = document.getText().trim();
    if (text) return text;
  }
}
