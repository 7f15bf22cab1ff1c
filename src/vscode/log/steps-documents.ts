import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { ifShaped, isText, tupleOf } from '../kept-shape.ts';
import type { Story } from '../page/story.ts';
import { timesIn } from '../text/times.ts';
import type { WindowContext } from '../window-context.ts';

/** The steps of a delegation, a document for each: its own story only, in its own times, as long as it is. */
export interface StepsDocuments extends vscode.Disposable {
  show(delegation: DelegationItem): Promise<void>;
  /** Shows or hides what stands behind each step, in the document in front. */
  setDetails(shown: boolean): void;
}

const SCHEME = 'kimi-delegate-steps';
/** Oftener than this nobody can read what is new. */
const EVERY_MS = 1000;
/** The documents that show all, for the menus. */
const DETAILED = 'claudeKimi.detailedSteps';

export function createStepsDocuments(window: WindowContext): StepsDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const detailed = new Set<string>();
  /** The journals that were read so far, by the delegation: each look reads on. */
  const stories = new Map<string, Map<string, Story>>();
  const lengths = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const documents = () => vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === SCHEME);
  const isSeen = (document: vscode.TextDocument) => vscode.window.visibleTextEditors.some((editor) => editor.document === document);

  async function textOf(uri: vscode.Uri): Promise<string> {
    await window.ready;
    const id = idOf(uri);
    const delegation = id === null ? undefined : window.find(id);
    const { t } = vscode.l10n;
    if (!delegation) return t('There is nothing of it on the disk any more.');
    const [{ stepsText }, { createStory }] = await Promise.all([import('./steps-text.ts'), import('../page/story.ts')]);
    const details = detailed.has(String(uri));
    const key = `${delegation.identity.id} ${details}`;
    const own = stories.get(key) ?? new Map<string, Story>();
    stories.set(key, own);
    const attempts = await Promise.all(
      delegation.attempts.map(async ({ journal }, index) => {
        const story = own.get(journal) ?? createStory(details);
        own.set(journal, story);
        return { number: index + 1, lines: await story.read(journal) };
      }),
    );
    const currency = delegation.lastAttempt?.cost.currency ?? 'USD';
    return stepsText(attempts, { t, branch: delegation.identity.branch, details, currency, ...timesIn(vscode.env.language) });
  }

  /** Only what somebody sees; the others are read when they are looked at. */
  function update(): void {
    timer = undefined;
    for (const document of documents()) if (isSeen(document)) changed.fire(document.uri);
  }
  const updateSoon = () => {
    timer ??= setTimeout(update, EVERY_MS);
  };

  /** Whoever reads the end is kept there. */
  function followEnd({ document }: vscode.TextDocumentChangeEvent): void {
    if (document.uri.scheme !== SCHEME) return;
    const before = lengths.get(String(document.uri)) ?? 0;
    lengths.set(String(document.uri), document.lineCount);
    for (const editor of vscode.window.visibleTextEditors) {
      const end = editor.visibleRanges.at(-1)?.end.line ?? 0;
      if (editor.document === document && end >= before - 2) revealEnd(editor);
    }
  }

  function forget({ uri }: vscode.TextDocument): void {
    if (uri.scheme !== SCHEME) return;
    for (const details of [true, false]) stories.delete(`${idOf(uri)} ${details}`);
    lengths.delete(String(uri));
  }

  const disposables = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, { onDidChange: changed.event, provideTextDocumentContent: textOf }),
    window.onDidChange(updateSoon),
    vscode.window.onDidChangeVisibleTextEditors(updateSoon),
    vscode.workspace.onDidChangeTextDocument(followEnd),
    vscode.workspace.onDidCloseTextDocument(forget),
  );
  return {
    async show({ identity }) {
      const name = vscode.l10n.t('Steps of {0}', oneLine(identity.branch, 200)).replaceAll('/', '∕');
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: JSON.stringify([identity.id]) });
      const opened = await vscode.workspace.openTextDocument(uri);
      const document = await vscode.languages.setTextDocumentLanguage(opened, 'log').then(
        (coloured) => coloured,
        () => opened, // an editor without that language
      );
      lengths.set(String(uri), document.lineCount);
      revealEnd(await vscode.window.showTextDocument(document, { preview: false }));
    },
    setDetails(shown) {
      const uri = vscode.window.activeTextEditor?.document.uri;
      if (uri?.scheme !== SCHEME) return;
      if (shown) detailed.add(String(uri));
      else detailed.delete(String(uri));
      void vscode.commands.executeCommand('setContext', DETAILED, [...detailed]);
      changed.fire(uri);
    },
    dispose() {
      clearTimeout(timer);
      disposables.dispose();
    },
  };
}

function idOf({ query }: vscode.Uri): string | null {
  try {
    return ifShaped(tupleOf<[string]>(isText), JSON.parse(query))?.[0] ?? null;
  } catch {
    return null;
  }
}

function revealEnd(editor: vscode.TextEditor): void {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range;
  editor.revealRange(end);
}
