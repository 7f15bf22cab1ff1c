import * as vscode from 'vscode';
import { type Html, html, trustedHtml } from './html.ts';

/** A page in an editor: no script, nothing from elsewhere; what can be done are links to named commands. */
export interface WebPage extends vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  /** VS Code keeps the place to which the reader has scrolled. */
  show(content: Html): void;
}

/** The kinds of pages, by which VS Code asks for one again after a reload. */
export type PageKind = 'kimiDelegatePage' | 'kimiDelegateSetup';

/**
 * @param commands those that its links may run
 * @param again a panel that VS Code has kept over a reload, without what it showed
 */
export function openWebPage(kind: PageKind, title: string, commands: readonly string[], again?: vscode.WebviewPanel): WebPage {
  const options = { enableScripts: false, enableCommandUris: [...commands], localResourceRoots: [] };
  const panel = again ?? vscode.window.createWebviewPanel(kind, title, vscode.ViewColumn.Active, { ...options, enableFindWidget: true });
  if (again) again.webview.options = options;
  let shown = '';
  return {
    panel,
    show(content) {
      const next = pageAround(title, content);
      if (next !== shown) panel.webview.html = next;
      shown = next;
    },
    dispose: () => panel.dispose(),
  };
}

/** Colours and type are those of the window, in every theme. */
function pageAround(title: string, content: Html): string {
  return `<!DOCTYPE html>
${
  html`<html lang="${vscode.env.language}"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${trustedHtml(STYLE)}</style></head><body><main>${content}</main></body></html>`.html
}`;
}

const STYLE = `
body { max-width: 76em; padding: 0.5em 2em 2em; line-height: 1.5; }
h1 { font-size: 1.6em; font-weight: 600; margin-bottom: 0.2em; overflow-wrap: anywhere; }
h2 { font-size: 1.2em; font-weight: 600; margin: 1.8em 0 0.4em; }
h3 { font-size: 1em; font-weight: 600; margin: 1em 0 0.2em; }
p, ul { margin: 0.4em 0; }
ul { padding-left: 1.4em; }
a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
code, pre { font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; margin: 0.5em 0 1em; }
th, td { text-align: left; vertical-align: top; padding: 0.35em 1em 0.35em 0; overflow-wrap: anywhere; }
thead th { overflow-wrap: normal; }
td, tbody th { border-top: 1px solid var(--vscode-panel-border, #8884); font-weight: normal; }
.narrow { white-space: nowrap; width: 1%; }
.muted { color: var(--vscode-descriptionForeground); }
.verdict { font-size: 1.15em; padding: 0.5em 0.8em; margin: 0.8em 0; border-left: 4px solid var(--vscode-descriptionForeground); }
.verdict.good { border-color: var(--vscode-testing-iconPassed, green); }
.verdict.bad { border-color: var(--vscode-list-errorForeground, red); }
.verdict.warning { border-color: var(--vscode-list-warningForeground, orange); }
.actions { display: flex; flex-wrap: wrap; gap: 0.5em; padding: 0; margin: 0.8em 0; list-style: none; }
.actions a { display: block; padding: 0.2em 0.9em; border-radius: 2px; text-decoration: none;
  border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent));
  background: var(--vscode-button-secondaryBackground); color: var(--vscode-button-secondaryForeground); }
.actions a:hover { background: var(--vscode-button-secondaryHoverBackground); }
.actions .first a { background: var(--vscode-button-background); color: var(--vscode-button-foreground); }
.actions .first a:hover { background: var(--vscode-button-hoverBackground); }
blockquote { margin: 0.4em 0; padding: 0.2em 0 0.2em 0.9em; border-left: 3px solid var(--vscode-panel-border, #8884); white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; margin: 1.2em 0 0.4em; font-weight: 600; }
summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
td.bad, td.bad + th { color: var(--vscode-errorForeground); }
@media (max-width: 28em) { body { padding: 0.2em 0.6em 1em; } th, td { padding-right: 0.5em; }
  .stacked thead { position: absolute; left: -9999px; }
  .stacked tr { display: grid; grid-template-columns: auto 1fr; border-top: 1px solid var(--vscode-panel-border, #8884); }
  .stacked td, .stacked tbody th { border-top: none; width: auto; }
  .stacked td:nth-child(n + 3) { grid-column: 1 / -1; padding-top: 0; }
  .stacked td:nth-child(n + 3):empty { display: none; } }
`;
