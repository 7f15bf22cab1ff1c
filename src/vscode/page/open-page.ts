import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { LookAhead } from '../../workspace/look-ahead.ts';
import { actionCommands } from '../delegations/action-commands.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { CommitFiles } from '../review/commit-file-system.ts';
import type { LineComments } from '../review/line-comments.ts';
import type { WindowContext } from '../window-context.ts';
import type { PageData } from './delegation-page.ts';
import type { KeptPages } from './kept-pages.ts';
import type { PageLink } from './page-link.ts';
import type { Story } from './story.ts';
import type { WebPage } from './web-page.ts';

/** A page for each delegation that the user looks at. */
export interface Pages extends vscode.Disposable {
  /** @param attempt its number; absent = the newest, whichever that is */
  show(delegation: DelegationItem, attempt?: number): Promise<void>;
  /** What a link of a page leads to. */
  follow(link: unknown): Promise<void>;
  /** The id of the delegation whose page is in front. */
  inFront(): string | undefined;
  readonly onDidChangeFront: vscode.Event<void>;
}

/** A page is drawn as a whole: more often than this nobody can read it, nor keep the focus on a link. */
const REDRAW_MS = 1500;
/** Documents with outputs and thoughts, made anew from the disk whenever they are asked for. */
const KIND = 'kimiDelegatePage';
const TEXT_SCHEME = 'kimi-delegate-text';

interface OpenPage {
  readonly page: WebPage;
  attempt: number | undefined;
  /** null = nothing was read yet. */
  story: Story | null;
  /** What is asked of git, with the answer when it is there. */
  ahead: { readonly of: string; look: LookAhead | null } | null;
  /** By a clock that nobody sets. */
  drawnAt: number;
  timer: NodeJS.Timeout | undefined;
  /** What is drawn now: the next draw begins behind it, and this one never fails. */
  drawing: Promise<void>;
}

export function createPages(window: WindowContext, files: CommitFiles, comments: LineComments, kept: KeptPages): Pages {
  const open = new Map<string, OpenPage>();
  const frontChanged = new vscode.EventEmitter<void>();
  const keep = () => kept.set([...open].map(([id, { page, attempt }]) => ({ id, title: page.panel.title, attempt })));
  let closing = false;

  async function draw(id: string, shown: OpenPage): Promise<void> {
    const delegation = window.find(id);
    if (open.get(id) !== shown || !delegation) return;
    shown.drawnAt = performance.now();
    const [{ delegationPage }, data] = await Promise.all([
      import('./delegation-page.ts'),
      readPageData(window, delegation, shown, () => void drawNext(id, shown).catch(() => {})),
    ]);
    const draft = { comments: comments.of(delegation), text: window.drafts.get(id) ?? '' };
    if (open.get(id) === shown) shown.page.show(delegationPage({ ...data, draft }, { t: vscode.l10n.t, time: timeText }));
  }

  /** One after the other: of two at once, the older one could be shown last. */
  function drawNext(id: string, shown: OpenPage): Promise<void> {
    const drawn = shown.drawing.then(() => draw(id, shown));
    shown.drawing = drawn.catch((error) => window.log.warn(String(error)));
    return drawn;
  }

  /** Only what somebody sees. */
  function drawSoon(id: string): void {
    const shown = open.get(id);
    if (!shown?.page.panel.visible || shown.timer) return;
    shown.timer = setTimeout(
      () => {
        shown.timer = undefined;
        void drawNext(id, shown);
      },
      Math.max(0, shown.drawnAt + REDRAW_MS - performance.now()),
    );
  }

  function keepOpen(id: string, page: WebPage): OpenPage {
    const made: OpenPage = { page, attempt: undefined, story: null, ahead: null, drawnAt: 0, timer: undefined, drawing: Promise.resolve() };
    open.set(id, made);
    page.panel.onDidDispose(() => {
      clearTimeout(made.timer);
      open.delete(id);
      if (closing) return;
      keep();
      frontChanged.fire();
    });
    page.panel.onDidChangeViewState(() => {
      drawSoon(id);
      frontChanged.fire();
    });
    return made;
  }

  async function showIn(id: string, title: string, attempt: number | undefined, again?: vscode.WebviewPanel): Promise<void> {
    const [{ PAGE_COMMANDS }, { openWebPage }] = await Promise.all([import('./delegation-page.ts'), import('./web-page.ts')]);
    const commands = [...PAGE_COMMANDS, ...actionCommands(vscode.l10n.t).map(([, command]) => `claudeKimi.${command}`)];
    // Nothing is awaited in between: a second click finds the page of the first.
    const shown = Object.assign(open.get(id) ?? keepOpen(id, openWebPage(KIND, title, commands, again)), { attempt });
    keep();
    if (!again) shown.page.panel.reveal(undefined, false);
    await drawNext(id, shown);
  }

  const restoring = vscode.window.registerWebviewPanelSerializer(KIND, {
    async deserializeWebviewPanel(panel) {
      const page = kept.take(panel.title);
      await window.ready;
      if (!page || open.has(page.id) || !window.find(page.id)) panel.dispose();
      else await showIn(page.id, page.title, page.attempt, panel);
    },
  });

  const texts = vscode.workspace.registerTextDocumentContentProvider(TEXT_SCHEME, {
    provideTextDocumentContent: async ({ query }) => (await import('./page-texts.ts')).textOf(window, query),
  });
  const drawAll = () => {
    for (const id of open.keys()) drawSoon(id);
  };
  const watching = vscode.Disposable.from(window.onDidChange(drawAll), comments.onDidChange(drawAll));
  return {
    show: ({ identity }, attempt) => showIn(identity.id, oneLine(identity.branch, 200), attempt),
    inFront: () => [...open].find(([, { page }]) => page.panel.active)?.[0],
    onDidChangeFront: frontChanged.event,
    async follow(link) {
      const { followLink } = await import('./follow-link.ts');
      await followLink(link, { window, files, textUri });
    },
    dispose() {
      closing = true;
      for (const { timer } of open.values()) clearTimeout(timer);
      // The pages stay: VS Code brings them back when the window was only reloaded.
      vscode.Disposable.from(texts, watching, restoring, frontChanged).dispose();
    },
  };
}

/** @param name what the tab says, which shows only what stands behind the last slash */
function textUri(name: string, id: string, attempt: number, link: PageLink): vscode.Uri {
  return vscode.Uri.from({ scheme: TEXT_SCHEME, path: `/${name.replaceAll('/', '∕')}`, query: JSON.stringify([id, attempt, link]) });
}

async function readPageData(
  window: WindowContext,
  delegation: DelegationItem,
  shown: OpenPage,
  drawAgain: () => void,
): Promise<Omit<PageData, 'draft'>> {
  const [{ timelineOf }, { spentToday }, { createStory }] = await Promise.all([
    import('./timeline.ts'),
    import('../../delegation/store/daily-spending.ts'),
    import('./story.ts'),
  ]);
  const attempt = delegation.attempts.find(({ number }) => number === shown.attempt) ?? delegation.lastAttempt;
  shown.story ??= createStory();
  const lines = attempt ? await shown.story.read(attempt.journal) : [];
  const currency = attempt?.result?.cost.currency ?? attempt?.cost.currency ?? 'USD';
  return {
    delegation,
    attempt,
    timeline: timelineOf(lines, vscode.l10n.t),
    today: spentToday(window.stateDir, currency, Date.now()),
    ahead: aheadOf(window, delegation, shown, drawAgain),
  };
}

/** Asked of git only when one of both sides has moved; the page does not wait for the answer, it is drawn again with it. */
function aheadOf(window: WindowContext, delegation: DelegationItem, shown: OpenPage, drawAgain: () => void): LookAhead | null {
  const { tip, reviewable, ending, group } = delegation;
  const head = window.headOf(delegation);
  if (!tip || !reviewable || ending || group === 'running' || !head || delegation.checkedOut) return null;
  const of = JSON.stringify([head, tip]);
  if (shown.ahead?.of !== of) {
    const asked = { of, look: null as LookAhead | null };
    shown.ahead = asked;
    void import('../../workspace/look-ahead.ts')
      .then(({ lookAhead }) => lookAhead(window.worktreeOf(delegation), reviewable.base, tip))
      .catch(() => null)
      .then((look) => {
        asked.look = look;
        if (look && shown.ahead === asked) drawAgain();
      });
  }
  return shown.ahead.look;
}

function timeText(at: number): string {
  const date = new Date(at);
  const language = vscode.env.language;
  const time = date.toLocaleTimeString(language);
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString(language)} ${time}`;
}
