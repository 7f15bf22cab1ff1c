/** How long a tool may take to clean up after a cancellation before the loop leaves without it, ms. */
const GRACE_MS = 300;

/** Waits for a promise, but not beyond a short grace after the signal: a tool that ignores its signal must not hold the loop. */
export async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | 'stopped'> {
  let onAbort = () => {};
  let timer: NodeJS.Timeout | undefined;
  const stopping = new Promise<'stopped'>((resolve) => {
    onAbort = () => {
      timer = setTimeout(() => resolve('stopped'), GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const result = await Promise.race([promise, stopping]);
    return signal.aborted ? 'stopped' : result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    promise.catch(() => {});
  }
}
