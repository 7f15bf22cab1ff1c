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

/** What a journal tells up to one of its lines. It grows in place: to copy what there is at each of 100,000 lines takes a minute. */
interface JournalState {
  tally: Tally;
  head: Resume['head'] | null;
  history: HistoryEvent[];
  /** Points that a resume can return to, oldest first. */
  checkpoints: { readonly step: number; readonly tree: string }[];
  loopEnd: LoopEnd | null;
}

function applyEvent(state: JournalState, event: JournalEvent): void {
  state.tally = addToTally(state.tally, event);
  if (isHistoryEvent(event)) state.history.push(event);
  if (event.type === 'head') state.head = { type: 'head', system: event.system, tools: event.tools, model: event.model };
  else if (event.type === 'checkpoint') state.checkpoints.push({ step: event.step, tree: event.tree });
  else if (event.type === 'loop_end') state.loopEnd = { end: event.end, totals: event.totals, at: event.at };
  else if (event.type === 'resume') returnTo(state, event);
}

/** What came after the point that a resume returns to is gone for good: the same steps are made again. */
function returnTo(state: JournalState, { step, tree }: Extract<JournalEvent, { type: 'resume' }>): void {
  const earlier = state.checkpoints.filter((checkpoint) => checkpoint.step <= step);
  if (tree !== undefined) state.checkpoints = tree === null ? [] : [...earlier, { step, tree }];
  const from = state.checkpoints.at(-1)?.step ?? 0; // without a checkpoint the attempt began again with its first message
  state.history = state.history.filter((event) => event.step <= from);
  state.loopEnd = isFinal(state.loopEnd, from) ? state.loopEnd : null;
}

/** The end of a loop holds when the model said it and every effect of its last step is in the checkpoint; otherwise the step is repeated. */
function isFinal(loopEnd: LoopEnd | null, step: number): boolean {
  return loopEnd?.end.kind === 'finished' && step >= loopEnd.totals.steps;
}

/**
 * The whole of a journal.
 * @param currency to count in; default: the one of the last run
 * @param lostTrees checkpoints that are of no use
 * @returns null when the journal does not tell how the attempt began
 */
export function foldAttempt(
  lines: readonly JournalLine[],
  currency?: Currency,
  lostTrees: ReadonlySet<string> = new Set(),
): AttemptState | null {
  const state: JournalState = { tally: EMPTY_TALLY, head: null, history: [], checkpoints: [], loopEnd: null };
  for (const line of lines) applyEvent(state, line);
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

/** What the loop goes on with; null = it begins afresh. */
export function resumeOf(state: AttemptState | null): Resume | null {
  return state?.head ? { ...state, head: state.head } : null;
}
