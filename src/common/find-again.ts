/**
 * Finds something once. What is less than all that could be found stands until it is looked for again: behind a call of later, so that nobody
 * waits for it a second time.
 * @param find never rejects
 * @param afterMs how long an answer that is not `isBest` stands, in milliseconds
 */
export function findAgain<T>(
  find: () => Promise<T>,
  isBest: (found: T) => boolean,
  afterMs: number,
  now: () => number = () => performance.now(),
): () => Promise<T> {
  let current: Promise<T> | null = null;
  /** When it is looked for again; null = it is being looked for, or found. */
  let again: number | null = null;

  function look(): Promise<T> {
    again = null;
    return find().then((found) => {
      if (!isBest(found)) again = now() + afterMs;
      return found;
    });
  }

  return () => {
    if (current === null) current = look();
    else if (again !== null && now() >= again) {
      const [before, next] = [current, look()];
      void next.then(() => (current = next));
      return before;
    }
    return current;
  };
}
