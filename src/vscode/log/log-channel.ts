import type * as vscode from 'vscode';
import type { JournalLine } from '../../delegation/journal/journal.ts';
import { tailJournal } from '../../delegation/journal/journal-tail.ts';
import type { DelegationIdentity } from '../../delegation/store/delegation-folder.ts';
import type { NewLines } from '../feed/delegation-reader.ts';
import { createStepLines, type StepLine } from './journal-to-lines.ts';

/** An attempt that runs when the window opens is logged from here on; what came before stays in its journal. */
const CATCH_UP_LINES = 200;

export interface StepsLog {
  add(newLines: NewLines): void;
  /** Writes the steps of an attempt that ended before this window read it; once. */
  replay(identity: DelegationIdentity, attempt: number, journal: string): Promise<void>;
}

/** The log channel "Kimi Delegate": every step as it happens, whoever started the server that does it. */
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
    async replay(identity, attempt, journal) {
      if (formatters.has(`${identity.id}:${identity.createdAt}:${attempt}`)) return;
      const { lines } = await tailJournal(journal).read();
      write(identity, attempt, lines);
    },
  };
}
