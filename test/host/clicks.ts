import type { Locator } from 'playwright-core';

/**
 * A click on what is being redrawn in that moment reaches nobody. What it shall bring stands within this time even on a busy machine; if
 * not, it is clicked again.
 */
export const REACTION_MS = 5_000;
const MOST_CLICKS = 5;

/** Clicks, and again, until what it brings stands on screen. A first click that did work shows before the second. */
export async function clickUntil(click: () => Promise<void>, brings: Locator, what: string): Promise<void> {
  for (let attempt = 1; attempt <= MOST_CLICKS; attempt += 1) {
    const problem = await click().then(
      () => null,
      (error: unknown) => error,
    );
    if (await appears(brings.first(), REACTION_MS)) return;
    if (problem) throw problem;
  }
  throw new Error(`${what} was clicked ${MOST_CLICKS} times, and this did not come: ${brings}`);
}

/** Clicks, and again, until something that the click puts away is gone. */
export async function clickUntilGone(target: Locator, thing: Locator, reactionMs: number = REACTION_MS): Promise<void> {
  await target.click();
  await clickAgainUntilGone(target, thing, reactionMs);
}

/** Clicks an entry of a list that may be closed by others. @returns whether there was a click */
export async function clickIfThere(target: Locator): Promise<boolean> {
  if (!(await succeeds(target.click({ timeout: REACTION_MS })))) return false;
  await clickAgainUntilGone(target, target, REACTION_MS);
  return true;
}

async function clickAgainUntilGone(target: Locator, thing: Locator, reactionMs: number): Promise<void> {
  for (let attempt = 1; !(await disappears(thing, reactionMs)); attempt += 1) {
    if (attempt === MOST_CLICKS) throw new Error(`It was clicked ${MOST_CLICKS} times, and this did not go away: ${thing}`);
    await target.click({ timeout: reactionMs }).catch(() => {}); // it may be on its way out since the last click
  }
}

/** Fills an input that may be closed by others. @returns whether the text stands in it */
export function fillIfThere(input: Locator, text: string): Promise<boolean> {
  return succeeds(input.fill(text, { timeout: REACTION_MS }));
}

export function appears(thing: Locator, timeoutMs: number): Promise<boolean> {
  return succeeds(thing.waitFor({ timeout: timeoutMs }));
}

function disappears(thing: Locator, timeoutMs: number): Promise<boolean> {
  return succeeds(thing.waitFor({ state: 'hidden', timeout: timeoutMs }));
}

function succeeds(action: Promise<unknown>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
