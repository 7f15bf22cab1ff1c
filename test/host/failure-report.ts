import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { PICTURES } from './pictures.ts';

const MOST_CHARACTERS = 4_000;
/** A page that hangs may be the very failure; it must not take the report with it. */
const ANSWER_MS = 5_000;

/** Pages of the windows that are open now, in the order in which they were opened, with what tells them apart. */
const pages = new Map<Page, string>();

/** From now on until it is closed, a failure tells what this page shows. */
export function watchPage(page: Page, name: string): void {
  pages.set(page, name);
  page.once('close', () => pages.delete(page));
}

/**
 * To be called in a `describe` whose tests open windows: a test that fails tells what each open window shows, and leaves no menu behind in
 * one that the next tests share.
 */
export function tellWindowsOnFailure(): void {
  afterEach(async function () {
    // a test that gets a second try does not count as failed
    if (!this.currentTest || this.currentTest.state === 'passed' || this.currentTest.isPending()) return;
    await tellWindows(this.currentTest.title);
    await closeMenus();
  });
}

/** An open menu takes every click and key of the window. */
export async function closeMenus(): Promise<void> {
  for (const page of pages.keys()) await inTime(closeMenu(page), '');
}

async function closeMenu(page: Page): Promise<string> {
  const menu = page.locator('.context-view.monaco-menu-container').filter({ visible: true });
  if ((await menu.count()) === 0) return '';
  await page.keyboard.press('Escape');
  // One that has lost the keyboard heeds only a click beside it.
  const block = menu.locator('.context-view-block');
  if (await block.isVisible()) await block.click({ position: { x: 1, y: 1 }, timeout: ANSWER_MS }).catch(() => {});
  await menu.waitFor({ state: 'hidden', timeout: ANSWER_MS });
  return '';
}

/** Prints what every open window shows, since a CI keeps the log and not the pictures. */
export async function tellWindows(title: string): Promise<void> {
  for (const text of await describeWindows(title)) console.error(text);
}

/** For each open window the visible text, and where its picture lies. */
export async function describeWindows(title: string): Promise<string[]> {
  const told: string[] = [];
  for (const [page, name] of pages) {
    const file = path.join(PICTURES, 'failed', `${`${title} ${name}`.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 120)}.png`);
    const picture = await inTime(photograph(page, file), 'no picture could be taken');
    told.push(`--- ${title}: ${name} shows (${picture})\n${await visibleText(page)}\n---`);
  }
  return told;
}

async function photograph(page: Page, file: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file, timeout: ANSWER_MS });
  return file;
}

async function visibleText(page: Page): Promise<string> {
  const shown = page.frames().filter((frame) => !/ExtensionHostIframe/i.test(frame.url())); // that one holds nothing but a script
  const texts = await Promise.all(shown.map((frame) => inTime(frame.locator('body').innerText(), '(no answer)')));
  const lines = texts.flatMap((text) => text.split('\n')).map((line) => line.replaceAll(/\s+/g, ' ').trim());
  return lines.filter(Boolean).join('\n').slice(0, MOST_CHARACTERS);
}

function inTime(work: Promise<string>, otherwise: string): Promise<string> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(otherwise), ANSWER_MS);
  return Promise.race([work.catch((error: unknown) => `${otherwise}: ${String(error)}`), late.promise]).finally(() => clearTimeout(timer));
}
