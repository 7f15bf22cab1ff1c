import { createContext, Script } from 'node:vm';

/** What was to be read takes longer than whoever waits is to be kept waiting. */
export class TookTooLong extends Error {}

const call = new Script('act()');
let context: { act: (() => unknown) | null } | null = null;

/**
 * Ends work on texts that others have written once it takes too long, a search by an expression in the middle of it, too: nobody knows for every expression
 * on which text it takes hours. For what only computes.
 * @throws TookTooLong
 */
export function inTime<T>(ms: number, act: () => T): T {
  context ??= createContext({ act: null }) as { act: (() => unknown) | null };
  const around = context.act;
  context.act = act;
  try {
    return call.runInContext(context, { timeout: Math.max(1, Math.ceil(ms)) }) as T;
  } catch (error) {
    // An error of the other context is of no class of this one.
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new TookTooLong();
    throw error;
  } finally {
    context.act = around;
  }
}

/** The same, where something else does. */
export function inTimeOr<T>(ms: number, otherwise: T, act: () => T): T {
  try {
    return inTime(ms, act);
  } catch (error) {
    if (error instanceof TookTooLong) return otherwise;
    throw error;
  }
}
