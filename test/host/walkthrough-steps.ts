import assert from 'node:assert/strict';
import type { HostWindow } from './host-window.ts';

/** Opens the walkthrough, and waits until these of its steps are ticked, as a screen reader hears it, and no others. */
export async function ticksSteps(window: HostWindow, ...done: readonly string[]): Promise<void> {
  await window.runCommand('Welcome: Open Walkthrough...');
  await window.pickItem('Get Started with Kimi Delegate');
  const steps = window.page.locator('.getting-started-step');
  for (const step of done) await steps.getByRole('checkbox', { name: `${step}: Completed`, exact: true }).waitFor();
  assert.equal(await steps.getByRole('checkbox', { checked: true }).count(), done.length);
}
