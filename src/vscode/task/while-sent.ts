import type { WatchedBranches } from './wait-for-end.ts';

/** What the user has written for Kimi, and a call brings. */
export interface Written {
  /** As the attempt gets it. */
  readonly text: string;
  /** Takes it from what is still to be sent. */
  sent(): void;
}

/**
 * Works, and counts what was written as sent in the moment in which an attempt begins with it. Until then it is kept, so a busy branch, a
 * server that dies or a reload loses nothing; from then on nobody is offered to send it again.
 * @param work its outcome; null = nobody answered
 */
export async function whileSent<T extends { readonly outcome: string | null }>(
  window: WatchedBranches,
  { repository, branch }: { readonly repository: string; readonly branch: string },
  { text, sent }: Written,
  work: () => Promise<T>,
): Promise<T> {
  const calledAt = Date.now();
  let isSent = false;
  const look = (words: string | null) => {
    const attempt = window.findByBranch(repository, branch)?.lastAttempt;
    const isOurs = attempt && attempt.lastAt >= calledAt && (words === null || attempt.start?.task === words);
    if (!isOurs || isSent) return;
    isSent = true;
    sent();
  };
  const listener = window.onDidChange(() => look(text));
  try {
    const done = await work();
    // What runs behind `busy` is somebody else's. Otherwise words that the server changed, as it does with a key in them, count too.
    if (done.outcome !== null && done.outcome !== 'busy') look(null);
    return done;
  } finally {
    await window.refresh().catch(() => {});
    look(text);
    listener.dispose();
  }
}
