/** Keeps what somebody looks at up to date. */
export interface LookAgain {
  /** Something that it tells of is different now. */
  changed(): void;
  /** It came into sight, maybe: what changed meanwhile is looked at now. */
  seen(): void;
}

/**
 * One look at a time, and one more for all that changed during it. Nothing is looked at for nobody.
 * @param look finds out and shows; what goes wrong is told to `onFault`, and the next change looks again
 */
export function lookAgain(options: { isSeen(): boolean; look(): Promise<void>; onFault(error: unknown): void }): LookAgain {
  let isStale = false;
  let isLooking = false;
  async function follow(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    while (isStale && options.isSeen()) {
      isStale = false;
      await options.look().catch(options.onFault);
    }
    isLooking = false;
  }
  return {
    changed() {
      isStale = true;
      void follow();
    },
    seen: () => void follow(),
  };
}
