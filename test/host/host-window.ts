import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { appears, clickIfThere, clickUntil, clickUntilGone, fillIfThere, REACTION_MS } from './clicks.ts';
import { tellWindows, watchPage } from './failure-report.ts';
import { screenshotFolder } from './pictures.ts';
import type { Host } from './vscode-server.ts';
import { webPageWith } from './web-pages.ts';
import { windowUrl } from './window-url.ts';

/** A new window on a busy machine of two cores takes up to 20 s until extensions answer. */
const READY_MS = 60_000;
/** Two cores may be shared with other tests. */
const ACTION_MS = 60_000;

export interface TreeRow {
  readonly label: string;
  readonly description: string;
  /** What a screen reader says; with tooltip and state, if the extension gave any. */
  readonly ariaLabel: string;
  /** 1 for rows at the top. */
  readonly level: number;
  /** Undefined for a row without children. */
  readonly expanded: boolean | undefined;
}

/** Does some work in a window and closes it after. When the work fails, it first tells what all open windows show. */
export async function usingWindow(window: HostWindow, work: (window: HostWindow) => Promise<void>): Promise<void> {
  try {
    await work(window);
  } catch (error) {
    await tellWindows('A window fails');
    throw error;
  } finally {
    await window.close();
  }
}

/** What a user does in a window of VS Code, and what they see. Every action waits for what it needs, and says so when it does not come. */
export class HostWindow {
  readonly page: Page;
  readonly #host: Host;
  readonly #context: BrowserContext;
  readonly #browser: Browser | undefined;

  constructor(host: Host, context: BrowserContext, page: Page, browser?: Browser) {
    this.#host = host;
    this.#context = context;
    this.page = page;
    this.#browser = browser;
    page.setDefaultTimeout(ACTION_MS);
  }

  /** @internal */
  async load(options: { folder: string; extensionDevelopmentPath?: string }): Promise<void> {
    await this.page.goto(windowUrl(this.#host, options));
    await this.#waitUntilDrawn();
  }

  /** A second window beside this one: same browser and user, its own extension host. Closed with the first. */
  async openAnother(options: { folder: string; extensionDevelopmentPath?: string }): Promise<HostWindow> {
    const window = new HostWindow(this.#host, this.#context, await this.#context.newPage());
    watchPage(window.page, 'another window');
    await window.load(options);
    return window;
  }

  /** Like `openAnother`, for some work and closed after. */
  async withAnother(options: { folder: string }, work: (window: HostWindow) => Promise<void>): Promise<void> {
    await usingWindow(await this.openAnother(options), work);
  }

  /** A new extension host, as `Developer: Reload Window` does. SecretStorage starts empty here. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#waitUntilDrawn();
  }

  /** Chooses a command in the palette by its whole title, with category: `Git: Fetch`. Waits until its extension is known. */
  async runCommand(title: string, timeoutMs: number = READY_MS): Promise<void> {
    await this.#chooseByPrefix(`>${title}`, title, timeoutMs);
  }

  /** Titles that the palette offers for a search, in order. It does not wait for extensions that are still starting. */
  async commandTitles(search: string): Promise<string[]> {
    await this.#openQuickInput(`>${search}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    const titles = await rows.locator('.label-name').allInnerTexts();
    await this.#closeQuickInput();
    return titles;
  }

  /** Shows a view by its name, wherever it lives, and gives it the focus. */
  async openView(name: string): Promise<void> {
    await this.#chooseByPrefix(`view ${name}`, name);
  }

  /** Types into the input box that an extension opened, and accepts. `prompt`: words of that box, for when one box follows another. */
  async answerInput(text: string, prompt: string | RegExp = ''): Promise<void> {
    await this.page.locator('.quick-input-widget').filter({ hasText: prompt, visible: true }).waitFor();
    await this.#quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The title, prompt or validation message of the open input box or list. */
  async quickInputText(): Promise<string> {
    return (await this.page.locator('.quick-input-widget').innerText()).trim();
  }

  /** Picks an item of the list that an extension opened, by its label; the list goes away by that. */
  async pickItem(label: string): Promise<void> {
    const row = this.#quickPickRow(label);
    await clickUntilGone(row, row);
  }

  /** Texts of the notifications that are on screen, newest first. A host with the smoke driver shows none. */
  notificationTexts(): Promise<string[]> {
    return this.#toasts().locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification that contains the text. @returns its whole text */
  async waitForNotification(text: string | RegExp): Promise<string> {
    const message = this.notification(text);
    await message.waitFor();
    return message.innerText();
  }

  /** The text of a notification, to wait for. */
  notification(text: string | RegExp): Locator {
    return this.#toasts().locator('.notification-list-item-message').filter({ hasText: text }).first();
  }

  /** Clicks a button of a notification, which goes away by that; `text` chooses among several. */
  async clickNotificationAction(label: string, text: string | RegExp = ''): Promise<void> {
    const button = this.#toasts().filter({ hasText: text }).getByRole('button', { name: label, exact: true }).first();
    // VS Code puts a toast away after some seconds; it stays in the list
    if (!(await appears(button, REACTION_MS))) await this.runCommand('Notifications: Show Notifications');
    await clickUntilGone(button, button);
  }

  async dismissNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** The modal dialog, to wait for. */
  dialog(text: string | RegExp = ''): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** Text of the modal dialog, when one is open; without the thin spaces that only keep signs apart. */
  async dialogText(): Promise<string> {
    return (await this.dialog().locator('.dialog-message-row').innerText()).replaceAll('\u2009', '').trim();
  }

  /** Answers the open dialog; another one may follow. */
  async clickDialogButton(label: string): Promise<void> {
    const message = this.dialog().locator('.dialog-message-row');
    const before = (await message.textContent()) ?? '';
    const button = this.dialog().getByRole('button', { name: label, exact: true });
    await clickUntilGone(button, message.and(this.page.locator('.dialog-message-row', { hasText: before })));
  }

  /** Rows of a tree view as drawn, top to bottom. @param view name of the view; absent = the first tree in the side bar */
  async treeRows(view?: string): Promise<TreeRow[]> {
    return this.#tree(view)
      .locator('.monaco-list-row')
      .evaluateAll((rows) => {
        const text = (row: (typeof rows)[number], selector: string) => row.querySelector(selector)?.textContent?.trim() ?? '';
        const read = (row: (typeof rows)[number]) => ({
          index: Number(row.getAttribute('data-index')),
          label: text(row, '.label-name'),
          description: text(row, '.label-description'),
          ariaLabel: row.getAttribute('aria-label') ?? '',
          level: Number(row.getAttribute('aria-level')),
          expanded: row.hasAttribute('aria-expanded') ? row.getAttribute('aria-expanded') === 'true' : undefined,
        });
        return rows
          .map(read)
          .sort((a, b) => a.index - b.index)
          .map(({ index: _, ...row }) => row);
      });
  }

  /** The row with this label, to click, hover or wait for. */
  treeRow(label: string, view?: string): Locator {
    return this.#tree(view)
      .locator('.monaco-list-row', { has: this.page.locator('.label-name', { hasText: exactly(label) }) })
      .first();
  }

  /** Clicks a row until what the click brings stands on screen. */
  async clickRow(label: string, brings: Locator, view?: string): Promise<void> {
    await clickUntil(() => this.treeRow(label, view).click(), brings, `The row "${label}"`);
  }

  /** Clicks an inline action of a row (the icons at its right) until what it brings stands on screen. */
  async clickRowAction(label: string, action: string, brings: Locator, view?: string): Promise<void> {
    const row = this.treeRow(label, view);
    const click = async () => {
      await row.hover();
      await row.locator(`.actions [aria-label^="${action}"]`).first().click();
    };
    await clickUntil(click, brings, `The action "${action}" of the row "${label}"`);
  }

  /** Opens a row so that its children show; does nothing when it is open. */
  async expandRow(label: string, view?: string): Promise<void> {
    await this.#setExpanded(label, true, view);
  }

  async collapseRow(label: string, view?: string): Promise<void> {
    await this.#setExpanded(label, false, view);
  }

  /** Points at a row until its hover stands. */
  async hoverRow(label: string, view?: string): Promise<void> {
    const point = async () => {
      await this.page.mouse.move(0, 0);
      await this.treeRow(label, view).hover();
    };
    await clickUntil(point, this.page.locator('.monaco-hover:not(.hidden)').first(), `The hover of the row "${label}"`);
  }

  /** Chooses in the context menu of a row. */
  async chooseInRowMenu(label: string, item: string, view?: string): Promise<void> {
    const menuItem = this.page
      .locator('.monaco-menu .action-item', { has: this.page.locator('.action-label', { hasText: exactly(item) }) })
      .first();
    const open = async () => {
      await this.page.keyboard.press('Escape'); // a menu of what stood there before
      await this.treeRow(label, view).click({ button: 'right' });
    };
    await clickUntil(open, menuItem, `The menu of the row "${label}"`);
    // a menu takes no click in the moment in which it opens
    await clickUntilGone(menuItem, menuItem, 2_000);
  }

  /**
   * Opens the review of a delegation by a click on its row, as users do.
   * @param files names of files whose headers must stand in the editor
   */
  async openReview(branch: string, files: readonly string[], view?: string): Promise<void> {
    await this.clickRow(branch, this.#reviewed(files[0]!), view);
    await this.waitForReview(files);
  }

  /** Waits for the editor with all changes, and in it for the headers of files. */
  async waitForReview(files: readonly string[]): Promise<void> {
    for (const file of files) await this.#reviewed(file).waitFor();
  }

  /** Text of a view without rows: its welcome message with buttons. */
  async welcomeText(view?: string): Promise<string> {
    return (await this.#pane(view).locator('.welcome-view-content').first().innerText()).trim();
  }

  /** Clicks the item of the status bar that contains the text. */
  async clickStatusBar(text: string): Promise<void> {
    await this.page.locator('.part.statusbar .statusbar-item', { hasText: text }).first().click();
  }

  /** Text of the Markdown preview that is open; it lives in a frame in a frame. @param title words of it, to wait for */
  async previewText(title: string): Promise<string> {
    const body = this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame').locator('body', { hasText: title });
    await body.waitFor();
    return body.innerText();
  }

  /** What a page of ours holds, to find and click in: it lives in a frame in a frame. @param title its heading */
  async webPage(title: string): Promise<Locator> {
    const body = webPageWith(this.page, title);
    await body.waitFor();
    return body;
  }

  async statusBarTexts(): Promise<string[]> {
    const texts = await this.page.locator('.part.statusbar .statusbar-item').allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => text !== '');
  }

  /**
   * Milliseconds from the start of loading an extension to the end of its `activate`, as VS Code measured them.
   * @param displayName the extension's; it must be active
   */
  async activationMs(displayName: string): Promise<number> {
    const size = this.page.viewportSize()!;
    // only rows on screen exist, and the slowest extensions come first
    await this.page.setViewportSize({ ...size, height: 6_000 });
    await this.runCommand('Developer: Show Running Extensions');
    const row = this.page.locator('.runtime-extensions-editor .monaco-list-row', {
      has: this.page.locator('.name', { hasText: exactly(displayName) }),
    });
    const time = await row.locator('.activation-time', { hasText: /\d+ms/ }).innerText();
    await this.runCommand('View: Close Editor');
    await this.page.setViewportSize(size);
    return Number(/(\d+)ms/.exec(time)?.[1]);
  }

  /** What VS Code draws with; it follows the `theme` that the window was opened with. */
  async theme(): Promise<'dark' | 'light'> {
    const classes = (await this.page.locator('.monaco-workbench').getAttribute('class')) ?? '';
    return classes.split(' ').includes('vs-dark') ? 'dark' : 'light';
  }

  /** Writes `<name>.png` where the pictures of this run go, or into another folder. @returns its path */
  async screenshot(name: string, folder: string = screenshotFolder()): Promise<string> {
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    // the caret blinks and tooltips fade: neither belongs in a picture that is compared by eye
    await this.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
    return file;
  }

  /** Closes this window, and its browser if `openWindow` made it. */
  async close(): Promise<void> {
    await this.page.close();
    await this.#browser?.close();
  }

  /** What a window opens while it starts takes the focus, and closes a palette by that. */
  async #waitUntilDrawn(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor({ timeout: READY_MS });
    const restored = `performance.getEntriesByName('code/LifecyclePhase/Restored').length > 0`;
    await this.page.waitForFunction(restored, undefined, { timeout: READY_MS });
  }

  /**
   * Opens the quick input with a prefix search and takes the entry with the label. Extensions register while a window starts, and an open
   * list does not learn of them; so it is opened again until the entry is there.
   */
  async #chooseByPrefix(search: string, label: string, timeoutMs: number = READY_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const row = this.#quickPickRow(label);
    for (;;) {
      await this.#openQuickInput(search);
      if ((await appears(row, 1_500)) && (await clickIfThere(row))) return;
      const offered = await this.page.locator('.quick-input-list .label-name').allInnerTexts();
      await this.#closeQuickInput();
      if (Date.now() > deadline)
        throw new Error(`VS Code knows no "${label}". For "${search}" it offered: ${offered.join(' | ') || 'nothing'}.`);
    }
  }

  async #setExpanded(label: string, expanded: boolean, view: string | undefined): Promise<void> {
    const row = this.treeRow(label, view);
    const done = row.and(this.page.locator(`[aria-expanded="${expanded}"]`));
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === String(expanded)) return;
    const toggle = async () => {
      if ((await row.getAttribute('aria-expanded')) !== String(expanded)) await row.locator('.monaco-tl-twistie').click();
    };
    await clickUntil(toggle, done, `The row "${label}"`);
  }

  /** F1 opens the palette from everywhere, editors and terminals included; who takes the focus before the text stands there closes it. */
  async #openQuickInput(text: string): Promise<void> {
    const input = this.#quickInput();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await this.page.keyboard.press('F1');
      if ((await appears(input, 3_000)) && (await fillIfThere(input, text))) return;
    }
    throw new Error('VS Code does not open its palette. Is a dialog in front? Take a screenshot() to see.');
  }

  async #closeQuickInput(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  #quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }

  #quickPickRow(label: string): Locator {
    return this.page
      .locator('.quick-input-list .monaco-list-row', { has: this.page.locator('.label-name', { hasText: exactly(label) }) })
      .first();
  }

  /** Those that came just now, and those in the list of all when it is open. */
  #toasts(): Locator {
    return this.page.locator('.notification-toast, .notifications-center .notification-list-item');
  }

  #reviewed(file: string): Locator {
    return this.page.locator('.multiDiffEntry .file-path', { hasText: file }).filter({ visible: true }).first();
  }

  #pane(view: string | undefined): Locator {
    const panes = this.page.locator('.pane');
    return view === undefined
      ? this.page.locator('.part.sidebar .pane').first()
      : panes.filter({ has: this.page.locator('.pane-header', { hasText: exactly(view) }) }).first();
  }

  #tree(view: string | undefined): Locator {
    return this.#pane(view).locator('.monaco-list').first();
  }
}

/** The whole text and nothing else. */
function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\s*$`);
}
