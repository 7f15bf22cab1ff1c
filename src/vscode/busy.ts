import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { withoutLinks } from './text/without-links.ts';

/** What is over sooner needs no message: it would only flash. */
const QUIET_MS = 500;
/** VS Code shows a progress message at least 800 ms; the next question comes after it is gone. */
const SHOWN_MS = 1000;

/**
 * Says that something is under way when it takes longer than a moment.
 * @param cancellable whether the user can stop it there; the work gets the signal
 */
export async function busy<T>(title: string, work: (signal: AbortSignal) => Promise<T>, { cancellable = false } = {}): Promise<T> {
  const stop = new AbortController();
  const working = work(stop.signal);
  const quick = await Promise.race([working.then(() => true), setTimeout(QUIET_MS, false)]);
  if (quick) return working;
  const shown = setTimeout(SHOWN_MS);
  // A message like any other: names of others stand in it.
  const options = { location: vscode.ProgressLocation.Notification, title: withoutLinks(title), cancellable };
  await vscode.window.withProgress(options, (_, token) => {
    token.onCancellationRequested(() => stop.abort());
    return working.catch(() => {});
  });
  await shown;
  return working;
}
