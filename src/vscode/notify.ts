import * as vscode from 'vscode';
import { escapeUntrusted } from '../mcp/escape-untrusted.ts';
import { withoutLinks } from './text/without-links.ts';

type Show = typeof vscode.window.showInformationMessage;

/** Messages of VS Code; the one place that shows any, since names and words of others stand in most of them. */
export const notify = {
  info: safely(() => vscode.window.showInformationMessage),
  warning: safely(() => vscode.window.showWarningMessage),
  error: safely(() => vscode.window.showErrorMessage),
};

function safely(show: () => Show): Show {
  return ((text: string, ...rest: (string | vscode.MessageOptions)[]) =>
    show()(withoutLinks(text), ...(rest.map(safe) as string[]))) as Show;
}

/** What stands in a question below its first line. */
function safe(more: string | vscode.MessageOptions): string | vscode.MessageOptions {
  return typeof more === 'object' && more.detail ? { ...more, detail: escapeUntrusted(more.detail) } : more;
}

/** Of a row, page or question that somebody acts on when it is out of date. */
export function tellChanged(): void {
  void notify.info(vscode.l10n.t('This is not possible any more: the delegation changed meanwhile.'));
}
