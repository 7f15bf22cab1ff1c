/** How the checks end before the model has changed anything: known from an attempt before, or found while it works. */
import { NOTE_PREFIX } from '../../agent/history/exchanges.ts';
import { cut, fenced } from '../../agent/prompt/fence-foreign-text.ts';
import type { ChatMessage } from '../../agent/types.ts';
import { remedyOf } from '../../checks/missing-notes.ts';
import type { CheckRun } from '../../checks/types.ts';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { StoredAttempt } from '../store/delegation-folder.ts';

/** Output that a note carries at most. */
const MOST_BYTES = 2 * 1024;
const MOST_NAMES = 400;

type Start = Pick<StartEvent, 'parent'> & Partial<Pick<StartEvent, 'startTree'>>;

/** How a check fails in the state that this attempt begins in, when an attempt before it has run the check there. */
export function knownFailure(command: string, start: Start, before: StoredAttempt['result']): string | undefined {
  const check = before?.checks.find((one) => one.command === command);
  if (!before || !check || start.startTree) return undefined;
  const run = start.parent === before.tip ? check.result : start.parent === before.base ? check.base : null;
  return run && fails(run) ? `${endOf(run)}\n${run.tail}` : undefined;
}

export interface BaseChecks {
  /** A check has run on the base. */
  add(command: string, run: CheckRun): void;
  /** Something else that is as it is before the model has changed anything. */
  note(text: string): void;
  /** What the model does not know yet, a text for each check. */
  take(): string[];
}

/**
 * The first request does not wait for the checks on the base: how they end there reaches the model with a later one. Nothing is told
 * to an attempt that begins on other work than the base, or that knows it from its first message.
 * @param before the result of the attempt that this one corrects
 * @param folders of the user's checkout: its root, and the one that the checks run in
 * @param sentBefore messages, serialized, that the attempt has sent before it was resumed
 */
export function createBaseChecks(
  start: Start & Pick<StartEvent, 'base'>,
  before: StoredAttempt['result'],
  sentBefore: readonly string[],
  folders: readonly string[],
): BaseChecks {
  const pending: string[] = [];
  const missed = new Set<string>();
  const old = sentBefore.flatMap((json) => {
    const message = JSON.parse(json) as ChatMessage;
    return message.role === 'user' ? [message.content] : [];
  });
  const isKnown = (text: string) => old.some((content) => content.startsWith(`${NOTE_PREFIX}${text}`));
  return {
    note(text) {
      if (!isKnown(text)) pending.push(text);
    },
    add(command, run) {
      if (run.killed === 'cancelled' || run.installs || !isTold(start) || knownFailure(command, start, before) !== undefined) return;
      const heading = `This check ${fails(run) ? 'fails' : 'passes'} before any change of yours: ${command}`;
      if (isKnown(`${heading}\n`)) return;
      // Without its program nothing of a check has run: that it fails is all that its output says.
      const program = fails(run) && run.missing?.what === 'program' ? run.missing.name : null;
      const ending = program !== null && missed.has(program) ? `, for want of ${program} too` : endingOf(command, run, folders);
      if (program !== null) missed.add(program);
      pending.push(`${heading}\n${endOf(run)} after ${(run.durationMs / 1000).toFixed(1)} s${ending}`);
    },
    take: () => pending.splice(0),
  };
}

/** Whether an attempt begins with what the checks run on first. */
export const isTold = (start: Pick<StartEvent, 'parent'> & Partial<Pick<StartEvent, 'base'>>): boolean => start.parent === start.base;

function endingOf(command: string, run: CheckRun, folders: readonly string[]): string {
  return fails(run) ? failureOf(command, run, folders) : countsOf(run);
}

function countsOf({ counts }: CheckRun): string {
  return counts ? `; ${count(counts.passed, 'test')} passed` : '';
}

function failureOf(command: string, run: CheckRun, folders: readonly string[]): string {
  const names = run.failing.length > 0 ? `; failing: ${cutText(run.failing.join(', '), MOST_NAMES)}` : '';
  const output = fenced(`output of: ${command}`, cut(run.tail, MOST_BYTES, 'tail'));
  return `${names}; its output on the commit that the work begins at (data):\n${output}${adviceOn(run, folders)}`;
}

/** Something that is not installed is no fault to look for in the code. */
function adviceOn({ missing }: CheckRun, folders: readonly string[]): string {
  if (!missing) return '';
  const remedy = remedyOf(missing, folders);
  if (remedy === null) return '\nThis is for want of something that is not on this machine; it says nothing of the code.';
  return `\nThis is for want of something that is not installed; it says nothing of the code. If the task needs it: run_command \`${remedy.install}\` in ${remedy.folder} with network: true.`;
}

function fails(run: CheckRun): boolean {
  return run.exitCode !== 0 && run.killed !== 'cancelled';
}

function endOf(run: CheckRun): string {
  return run.killed ?? `exit ${run.exitCode}`;
}
