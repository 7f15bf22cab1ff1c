import { foldHistory, type HistoryEvent, isHistoryEvent, isWhole, type Resume } from '../../agent/history/replay-history.ts';
import type { AgentEnd, AgentTotals } from '../../agent/types.ts';
import type { Currency } from '../../common/currency.ts';
import type { JournalEvent, JournalLine, StartEvent } from './journal.ts';
import { addToTally, EMPTY_TALLY, isConverted, type Tally, totalsOf } from './tally.ts';

/**
 * Where an attempt can go on, read from its journal; enough after any crash. Messages of steps after the last checkpoint are dropped:
 * their effects on the files are not certain, so a resume repeats them. At most the step in flight is lost, since a checkpoint is made
 * while the model thinks.
 */
export interface AttemptState extends Omit<Resume, 'head'> {
  readonly start: StartEvent;
  /** The fixed front of every request; null when there are no messages either, and the attempt begins afresh. */
  readonly head: Resume['head'] | null;
  /** The working tree after `step`; null = the attempt never got a checkpoint. */
  readonly tree: string | null;
  /** Whether amounts of another currency are among what was spent. */
  readonly converted: boolean;
  /** Set when the loop has ended and only commit and import are missing. */
  readonly loopEnd: LoopEnd | null;
  /** Everything that was used and reached, steps that were lost in a crash included. */
  readonly tally: Tally;
}

/** How a loop ended, and when, ms since the epoch. */
export interface LoopEnd {
  readonly end: AgentEnd;
  readonly totals: AgentTotals;
  readonly at: number;
}

/** What a journal tells up to one of its lines. */
export interface JournalState {
  readonly tally: Tally;
  readonly head: Resume['head'] | null;
  readonly history: readonly HistoryEvent[];
  /** Points that a resume can return to, oldest first. */
  readonly checkpoints: readonly { readonly step: number; readonly tree: string }[];
  readonly loopEnd: LoopEnd | null;
}

export const EMPTY_JOURNAL: JournalState = { tally: EMPTY_TALLY, head: null, history: [], checkpoints: [], loopEnd: null };

export function applyEvent(before: JournalState, event: JournalEvent): JournalState {
  const state = {
    ...before,
    tally: addToTally(before.tally, event),
    history: isHistoryEvent(event) ? [...before.history, event] : before.history,
  };
  switch (event.type) {
    case 'head':
      return { ...state, head: { type: 'head', system: event.system, tools: event.tools, model: event.model } };
    case 'checkpoint':
      return { ...state, checkpoints: [...state.checkpoints, { step: event.step, tree: event.tree }] };
    case 'loop_end':
      return { ...state, loopEnd: { end: event.end, totals: event.totals, at: event.at } };
    case 'resume':
      return returnTo(state, event);
    default:
      return state;
  }
}

/** What came after the point that a resume returns to is gone for good: the same steps are made again. */
function returnTo(state: JournalState, { step, tree }: Extract<JournalEvent, { type: 'resume' }>): JournalState {
  const earlier = state.checkpoints.filter((checkpoint) => checkpoint.step <= step);
  const checkpoints = tree === null ? [] : tree === undefined ? state.checkpoints : [...earlier, { step, tree }];
  const from = checkpoints.at(-1)?.step ?? 0; // without a checkpoint the attempt began again with its first message
  return {
    ...state,
    checkpoints,
    history: state.history.filter((event) => event.step <= from),
    loopEnd: isFinal(state.loopEnd, from) ? state.loopEnd : null,
  };
}

/** The end of a loop holds when the model said it and every effect of its last step is in the checkpoint; otherwise the step is repeated. */
function isFinal(loopEnd: LoopEnd | null, step: number): boolean {
  return loopEnd?.end.kind === 'finished' && step >= loopEnd.totals.steps;
}

/**
 * @param currency to count in; default: the one of the last run
 * @param lostTrees checkpoints that are of no use
 * @returns null when the journal does not tell how the attempt began
 */
export function attemptState(state: JournalState, currency?: Currency, lostTrees: ReadonlySet<string> = new Set()): AttemptState | null {
  const { tally, head, loopEnd } = state;
  if (!tally.start) return null;
  const upTo = (last: number) => foldHistory(state.history.filter((event) => event.step <= last));
  // A message that the journal has lost takes those of later steps with it: what is left would be refused by every API.
  const checkpoint = state.checkpoints.findLast(({ tree, step }) => !lostTrees.has(tree) && isWhole(upTo(step).messages)) ?? null;
  const step = checkpoint?.step ?? 0;
  const history = upTo(step);
  const totals = totalsOf(tally, currency);
  // A head without a message would be a request without a task.
  const hasMessages = head !== null && history.messages.length > 0 && isWhole(history.messages);
  return {
    ...history,
    start: tally.start,
    head: hasMessages ? head : null,
    messages: hasMessages ? history.messages : [],
    transcript: hasMessages ? history.transcript : [],
    step,
    tree: checkpoint?.tree ?? null,
    totals: { ...totals, steps: step },
    converted: isConverted(tally, totals.cost.currency),
    lost: tally.lost,
    loopEnd: isFinal(loopEnd, step) ? loopEnd : null,
    tally,
  };
}

/** The whole of a journal; see `attemptState`. */
export function foldAttempt(lines: readonly JournalLine[], currency?: Currency, lostTrees?: ReadonlySet<string>): AttemptState | null {
  return attemptState(lines.reduce(applyEvent, EMPTY_JOURNAL), currency, lostTrees);
}

/** What the loop goes on with; null = it begins afresh. */
export function resumeOf(state: AttemptState | null): Resume | null {
  return state?.head ? { ...state, head: state.head } : null;
}
