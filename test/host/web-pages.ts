import type { Locator, Page } from 'playwright-core';

/** What a page of ours holds, to wait for and find in: it lives in a frame in a frame. @param title its heading */
export function webPageWith(page: Page, title: string): Locator {
  return page
    .locator('iframe.webview.ready:visible')
    .contentFrame()
    .locator('iframe#active-frame')
    .contentFrame()
    .locator('body', { has: page.locator('h1', { hasText: title }) });
}
