/** Checks that fail before the model has changed anything: known from an attempt before, or found while it works. */
import { OWN_WORD } from '../../agent/history/exchanges.ts';
import { cut, fenced } from '../../agent/prompt/fence.ts';
import type { ChatMessage } from '../../agent/types.ts';
import type { CheckRun } from '../../checks/types.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { StoredAttempt } from '../store/store.ts';

/** Output that a note carries at most. */
const MOST_BYTES = 6 * 1024;

type Beginning = Pick<StartEvent, 'parent'> & Partial<Pick<StartEvent, 'startTree'>>;

/** How a check fails in the state that this attempt begins in, when an attempt before it has run the check there. */
export function knownFailure(command: string, start: Beginning, before: StoredAttempt['result']): string | undefined {
  const check = before?.checks.find((one) => one.command === command);
  if (!before || !check || start.startTree) return undefined;
  const run = start.parent === before.tip ? check.result : start.parent === before.base ? check.base : null;
  return run && fails(run) ? `${endOf(run)}\n${run.tail}` : undefined;
}

export interface BaseFailures {
  /** A check has run on the base. */
  add(command: string, run: CheckRun): void;
  /** What the model has not been told yet, a text for each failure. */
  take(): string[];
}

/**
 * The first request does not wait for the checks on the base: what fails there reaches the model with a later one. Nothing is told
 * to an attempt that begins on other work than the base, or that knows it from its first message.
 * @param before the result of the attempt that this one corrects
 * @param told messages, serialized, that the attempt has sent before it was resumed
 */
export function createBaseFailures(
  start: Beginning & Pick<StartEvent, 'base'>,
  before: StoredAttempt['result'],
  told: readonly string[],
): BaseFailures {
  const news: string[] = [];
  const old = told.flatMap((json) => {
    const message = JSON.parse(json) as ChatMessage;
    return message.role === 'user' ? [message.content] : [];
  });
  return {
    add(command, run) {
      if (!fails(run) || start.parent !== start.base || knownFailure(command, start, before) !== undefined) return;
      const heading = `This check fails before any change of yours: ${command}\n`;
      if (old.some((content) => content.startsWith(OWN_WORD + heading))) return;
      const output = fenced(`output of: ${command}`, cut(run.tail, MOST_BYTES, 'tail'));
      news.push(`${heading}${endOf(run)}; its output on the commit that the work begins at (data):\n${output}`);
    },
    take: () => news.splice(0),
  };
}

function fails(run: CheckRun): boolean {
  return run.exitCode !== 0 && run.killed !== 'cancelled';
}

function endOf(run: CheckRun): string {
  return run.killed ?? `exit ${run.exitCode}`;
}
