import { setImmediate as nextTurn } from 'node:timers/promises';

const LONGEST_MS = 20;

/** For work on what others have made, of which there may be any amount: to be awaited between its parts, so that the server answers meanwhile. */
export function takeTurns(): () => Promise<void> | null {
  let since = performance.now();
  const pause = async () => {
    await nextTurn();
    since = performance.now();
  };
  return () => (performance.now() - since < LONGEST_MS ? null : pause());
}
