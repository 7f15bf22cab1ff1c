import type { LostRequest } from '../../agent/history/replay-history.ts';
import type { AgentTotals, TokenUsage } from '../../agent/types.ts';
import { type Currency, convert } from '../../common/currency.ts';
import { addRequest, NO_WORK, type Work } from '../../economics/saving.ts';
import { OUTCOME_RULES } from '../result/outcomes.ts';
import type { JournalEvent, StartEvent } from './journal.ts';
import { addToTrace, type Trace } from './seen-runs.ts';
import { addToAccount, NOTHING_SENT, type SentAccount } from './sent-account.ts';

/** What an attempt has used and reached, added up event by event: while it runs, and when its journal is read back. */
export interface Tally {
  /** The first line of the journal, when it was written. */
  readonly start: StartEvent | null;
  /** The currency of the costs that come next; null = the journal does not tell. */
  readonly billed: Currency | null;
  /** By currency; null = a price was unknown. */
  readonly spent: Readonly<Partial<Record<Currency | 'unknown', number | null>>>;
  readonly usage: TokenUsage;
  /** The answers that came, as another model would have given them. */
  readonly work: Work;
  readonly retries: number;
  /** The last step whose answer was received. */
  readonly steps: number;
  /** The step that runs. */
  readonly currentStep: number;
  /** Whether a request was about to leave: a sandbox was open for the worker by then. */
  readonly requested: boolean;
  /** A request that nothing was heard of since: it was under way when the process died, or is now. */
  readonly lost: LostRequest | null;
  /** Commits that the branch was, or was about to be, moved to. */
  readonly tips: readonly string[];
  /**
   * How often the attempt ended in a way that counts as failed and went on by itself since. An end that the caller has dealt with (more
   * steps, other checks) does not count: the attempt goes on and is judged by how it ends.
   */
  readonly failedEnds: number;
  /** What left the machine; steps that were lost in a crash did too. */
  readonly sent: SentAccount;
  /** The most that commands had written and left at a time, in bytes; 0 = never worth a word. */
  readonly disk: number;
  /** What may have changed files, with what the worker tested. */
  readonly trace: Trace;
}

export const EMPTY_TALLY: Tally = {
  start: null,
  billed: null,
  spent: {},
  usage: { input: 0, cached: 0, output: 0 },
  work: NO_WORK,
  retries: 0,
  steps: 0,
  currentStep: 0,
  requested: false,
  lost: null,
  tips: [],
  failedEnds: 0,
  sent: NOTHING_SENT,
  disk: 0,
  trace: [],
};

export function addToTally(before: Tally, event: JournalEvent): Tally {
  // A checkpoint tells of the step before the one that runs.
  const currentStep = 'step' in event ? Math.max(before.currentStep, event.step) : before.currentStep;
  const tally = { ...before, currentStep, sent: addToAccount(before.sent, event), trace: addToTrace(before.trace, event) };
  switch (event.type) {
    case 'start':
      return { ...tally, start: tally.start ?? event, billed: event.currency ?? null };
    case 'resume':
      return { ...tally, billed: event.currency ?? tally.billed, steps: event.step, currentStep: event.step };
    case 'request':
      return { ...tally, requested: true, lost: { step: event.step, bytes: event.bytes } };
    case 'reply':
      return { ...addUse(tally, event), steps: event.step, work: event.usage ? addRequest(tally.work, event.usage) : tally.work };
    case 'spent':
      return addUse(tally, event);
    case 'retry':
      return { ...tally, lost: null, retries: tally.retries + 1 };
    case 'tool_end':
      return { ...tally, disk: Math.max(tally.disk, event.use?.disk ?? 0) };
    case 'loop_end':
      return { ...tally, lost: null };
    case 'hand_back':
      return { ...tally, tips: [...tally.tips, event.tip] };
    case 'end': {
      const { kind, goesOn } = OUTCOME_RULES[event.outcome];
      const failed = kind === 'failed' && goesOn;
      return { ...tally, lost: null, failedEnds: tally.failedEnds + (failed ? 1 : 0) };
    }
    default:
      return tally;
  }
}

function addUse(tally: Tally, { usage, cost }: { usage: TokenUsage | null; cost: number | null }): Tally {
  const currency = tally.billed ?? 'unknown';
  const spent = tally.spent[currency];
  return {
    ...tally,
    lost: null,
    usage: {
      input: tally.usage.input + (usage?.input ?? 0),
      cached: tally.usage.cached + (usage?.cached ?? 0),
      output: tally.usage.output + (usage?.output ?? 0),
    },
    spent: { ...tally.spent, [currency]: spent === null || cost === null ? null : (spent ?? 0) + cost },
  };
}

/** @param currency to count in; default: the one of the last run */
export function totalsOf(tally: Tally, currency: Currency = tally.billed ?? 'USD'): AgentTotals {
  const { steps, usage, retries } = tally;
  let amount: number | null = 0;
  for (const [billed, spent] of Object.entries(tally.spent))
    amount =
      amount === null || spent === null ? null : amount + convert(spent, billed === 'unknown' ? currency : (billed as Currency), currency);
  return { steps, usage: { ...usage }, cost: { amount, currency }, retries };
}

/** Whether amounts of another currency are among what was spent. */
export function isConverted(tally: Tally, currency: Currency): boolean {
  return Object.keys(tally.spent).some((billed) => billed !== 'unknown' && billed !== currency);
}
