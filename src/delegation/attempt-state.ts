import { foldHistory, type HistoryEvent, isHistoryEvent, type LostRequest, type Measured } from '../agent/history/replay.ts';
import type { AgentEnd, AgentEvent, AgentTotals } from '../agent/types.ts';
import type { JournalLine, StartEvent } from './journal.ts';
import { type Currency, convert } from './money.ts';
import { OUTCOME_RULES } from './outcome.ts';
import { goesOn } from './plan.ts';

/** Where an attempt stands, folded from its journal; enough to go on after any crash. */
export interface AttemptState {
  readonly start: StartEvent;
  /** The fixed front of every request; null when there are no messages either, and the attempt begins afresh. */
  readonly head: Extract<AgentEvent, { type: 'head' }> | null;
  /** The messages up to the last checkpoint (without one: those that the attempt began with), serialized exactly as they were sent. */
  readonly messages: readonly string[];
  /** The same with the messages that a rewrite of the history took out. */
  readonly transcript: readonly string[];
  /** The last request up to there of which the provider's count is known. */
  readonly measured: Measured | null;
  /** What the model knows of files by then: path -> hash. */
  readonly seen: ReadonlyMap<string, string>;
  /** The last step whose effects are all in `tree`. */
  readonly step: number;
  /** The working tree at that point; null = the attempt never got a checkpoint. */
  readonly tree: string | null;
  /** Everything that was spent, steps that were lost in a crash included. */
  readonly totals: AgentTotals;
  /** Whether amounts of another currency are among it. */
  readonly converted: boolean;
  /** The request that was under way when the process died, when it was not counted since. */
  readonly lost: LostRequest | null;
  /** Set when the loop has ended and only the hand-back is missing; `at` is when it ended, ms since the epoch. */
  readonly loopEnd: LoopEnd | null;
  /** Commits of this attempt that its branch may stand at: it was handed back, and then went on. */
  readonly tips: readonly string[];
  /**
   * How often this attempt ended in a way that counts as failed and went on by itself since. An end that the caller has dealt with (more
   * steps, other checks) does not count: the attempt goes on and is judged by how it ends.
   */
  readonly failedEnds: number;
  readonly startedAt: number;
}

interface LoopEnd {
  readonly end: AgentEnd;
  readonly totals: AgentTotals;
  readonly at: number;
}

/**
 * Folds a journal. Messages of steps after the last checkpoint are dropped: their effects on the files are not certain, so a
 * resume repeats them. At most the step in flight is lost, since a checkpoint is made while the model thinks.
 * @param wanted the currency to count in; default: the one of the last run
 * @param lostTrees checkpoints that are of no use
 */
export function foldAttempt(
  lines: readonly JournalLine[],
  wanted?: Currency,
  lostTrees: ReadonlySet<string> = new Set(),
): AttemptState | null {
  const start = lines.find((line): line is StartEvent & { at: number } => line.type === 'start');
  if (!start) return null;
  const resumes = lines.filter((line) => line.type === 'resume');
  const currency = wanted ?? resumes.findLast((line) => line.currency)?.currency ?? start.currency ?? 'USD';
  let billed = start.currency ?? currency;
  let converted = false;
  let head: AttemptState['head'] = null;
  let history: HistoryEvent[] = [];
  let checkpoint: { step: number; tree: string } | null = null;
  let loopEnd: LoopEnd | null = null;
  let lost: LostRequest | null = null;
  let spent: number | null = 0;
  let retries = 0;
  let failedEnds = 0;
  const tips: string[] = [];
  const usage = { input: 0, cached: 0, output: 0 };

  for (const line of lines) {
    if (isHistoryEvent(line)) history.push(line);
    switch (line.type) {
      case 'head':
        head = { type: 'head', system: line.system, tools: line.tools, model: line.model };
        break;
      case 'checkpoint':
        if (!lostTrees.has(line.tree)) checkpoint = { step: line.step, tree: line.tree };
        break;
      case 'resume': {
        if (line.tree === null) checkpoint = null;
        else if (line.tree !== undefined && !lostTrees.has(line.tree)) checkpoint = { step: line.step, tree: line.tree };
        const from = checkpoint?.step ?? 0; // without a checkpoint the attempt began again with its first message
        history = history.filter((event) => event.step <= from);
        loopEnd = standing(loopEnd, checkpoint);
        billed = line.currency ?? billed;
        break;
      }
      case 'request':
        lost = { step: line.step, bytes: line.bytes };
        break;
      case 'reply':
      case 'spent':
        lost = null;
        if (line.usage) {
          usage.input += line.usage.input;
          usage.cached += line.usage.cached;
          usage.output += line.usage.output;
        }
        spent = spent === null || line.cost === null ? null : spent + convert(line.cost, billed, currency);
        converted ||= billed !== currency;
        break;
      case 'retry':
        lost = null;
        retries++;
        break;
      case 'loop_end':
        lost = null;
        loopEnd = { end: line.end as AgentEnd, totals: line.totals as AgentTotals, at: line.at };
        break;
      case 'hand_back':
        tips.push(line.tip);
        break;
      case 'end':
        lost = null;
        if (OUTCOME_RULES[line.outcome].kind === 'failed' && goesOn(line.outcome)) failedEnds++;
        break;
    }
  }
  const step = checkpoint?.step ?? 0;
  const { messages, transcript, measured, seen } = foldHistory(history.filter((event) => event.step <= step));
  const begun = head !== null && messages.length > 0;
  return {
    start,
    head: begun ? head : null,
    messages: begun ? messages : [],
    transcript: begun ? transcript : [],
    measured,
    seen,
    step,
    tree: checkpoint?.tree ?? null,
    totals: { steps: step, usage, cost: { amount: spent, currency }, retries },
    converted,
    lost,
    loopEnd: standing(loopEnd, checkpoint),
    tips,
    failedEnds,
    startedAt: start.at,
  };
}

/** An end of the loop stands when the model said it and every effect of its last step is in the checkpoint; otherwise the step is repeated. */
function standing(loopEnd: AttemptState['loopEnd'], checkpoint: { step: number } | null): AttemptState['loopEnd'] {
  return loopEnd?.end.kind === 'finished' && (checkpoint?.step ?? 0) >= loopEnd.totals.steps ? loopEnd : null;
}
