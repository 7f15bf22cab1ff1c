import type { AgentTotals } from '../agent/types.ts';
import type { AttemptState } from './attempt-state.ts';
import type { JournalEvent, StartEvent } from './journal.ts';

/** What an attempt has used and reached by now, added up as its events come: a fault cannot take that away. */
export interface Tally {
  note(event: JournalEvent): void;
  totals(): AgentTotals;
  /** The first line of this run's journal, when it was written. */
  start(): StartEvent | null;
  /** Whether a sandbox was open for the worker. */
  sandboxed(): boolean;
  /** Commits that the branch was, or was about to be, moved to. */
  tips(): readonly string[];
}

/** @param resumed what was used before this run */
export function createTally(resumed: AttemptState | null, currency: 'USD' | 'CNY'): Tally {
  const before = resumed?.totals;
  const usage = { input: 0, cached: 0, output: 0, ...before?.usage };
  let amount = before ? before.cost.amount : 0;
  let steps = Math.max(before?.steps ?? 0, resumed?.loopEnd?.totals.steps ?? 0);
  let retries = before?.retries ?? 0;
  let start: StartEvent | null = null;
  let sandboxed = steps > 0;
  const tips = [...(resumed?.tips ?? [])];

  return {
    note(event) {
      switch (event.type) {
        case 'start':
          start = event;
          break;
        case 'request':
          sandboxed = true;
          break;
        case 'reply':
        case 'spent':
          if (event.type === 'reply') steps = event.step;
          usage.input += event.usage?.input ?? 0;
          usage.cached += event.usage?.cached ?? 0;
          usage.output += event.usage?.output ?? 0;
          amount = amount === null || event.cost === null ? null : amount + event.cost;
          break;
        case 'retry':
          retries++;
          break;
        case 'hand_back':
          tips.push(event.tip);
          break;
      }
    },
    totals: () => ({ steps, usage: { ...usage }, cost: { amount, currency }, retries }),
    start: () => start,
    sandboxed: () => sandboxed,
    tips: () => tips,
  };
}
