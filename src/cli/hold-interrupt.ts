/** While a command must not be cut off: the first Ctrl-C only tells it, a second one ends the process. */
export async function holding<T>(act: (interrupted: AbortSignal) => Promise<T>): Promise<{ value: T; interrupted: boolean }> {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort('interrupted');
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return { value: await act(controller.signal), interrupted: controller.signal.aborted };
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

export const INTERRUPTED = 130;
