import type * as vscode from 'vscode';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import type { DelegationIdentity } from '../../delegation/store/delegation-folder.ts';
import type { NewLines } from '../feed/delegation-reader.ts';
import { createStepLines, type StepLine } from './journal-to-lines.ts';

/** An attempt that runs when the window opens is logged from here on; what came before stays in its journal. */
const CATCH_UP_LINES = 200;

export interface StepsLog {
  add(newLines: NewLines): void;
}

/** The log channel "Kimi Delegate": every step as it happens, whoever started the server that does it. One delegation's alone: steps-documents.ts. */
export function createStepsLog(
  log: Pick<vscode.LogOutputChannel, StepLine['level']>,
  nameOf: (identity: DelegationIdentity) => string,
): StepsLog {
  const formatters = new Map<string, ReturnType<typeof createStepLines>>();

  function write(identity: DelegationIdentity, attempt: number, lines: readonly JournalLine[]): void {
    const key = `${identity.id}:${identity.createdAt}:${attempt}`;
    const known = formatters.has(key);
    const format = formatters.get(key) ?? createStepLines(nameOf(identity));
    formatters.set(key, format);
    const formatted = lines.flatMap((line) => format(line) ?? []);
    const left = known ? 0 : Math.max(0, formatted.length - CATCH_UP_LINES);
    if (left > 0) log.info(`[${nameOf(identity)}] ${left} earlier lines are left out`);
    for (const { level, text } of formatted.slice(left)) log[level](text);
  }

  return {
    add: ({ identity, attempt, lines }) => write(identity, attempt, lines),
  };
}
