/** Journals around the small world of `harness.ts`, kept and read as in production: what a resume gets comes out of the fold that users run. */
import assert from 'node:assert/strict';
import type { Resume } from '../../src/agent/history/replay-history.ts';
import type { AgentEvent, AgentTotals } from '../../src/agent/types.ts';
import { foldAttempt, resumeOf } from '../../src/delegation/journal/fold-journal.ts';
import type { JournalEvent, JournalLine } from '../../src/delegation/journal/journal.ts';
import { sampleStart } from '../delegation/sample-result.ts';
import type { Ran } from './harness.ts';

const START: JournalEvent = { ...sampleStart(), currency: 'USD' };

/** What goes on after runs that each came to their end, with the checkpoint that is made then. */
export function resumeAfter(...runs: Pick<Ran, 'events' | 'totals'>[]): Resume {
  const events: JournalEvent[] = [START];
  for (const [index, { events: some, totals }] of runs.entries()) {
    if (index > 0) events.push({ type: 'resume', step: runs[index - 1]!.totals.steps, tree: `tree-${index - 1}` });
    events.push(...some, { type: 'checkpoint', step: totals.steps, tree: `tree-${index}` });
  }
  const resume = resumeOf(foldAttempt(events.map((event, at) => ({ at, ...event }))));
  assert.ok(resume);
  return resume;
}

/** The journal of an attempt that may die at any event, with checkpoints of its files. */
export class CrashJournal {
  readonly lines: JournalLine[] = [{ at: 0, ...START }];
  readonly #files: Map<string, string>;
  readonly #every: number;
  readonly #trees = new Map<string, ReadonlyMap<string, string>>();

  /** @param every a checkpoint is made at each request, or at each so many steps: a model that answers at once leaves no time for more */
  constructor(files: Map<string, string>, every = 1) {
    this.#files = files;
    this.#every = every;
  }

  get events(): AgentEvent[] {
    return this.lines.filter((line): line is JournalLine & AgentEvent => !['start', 'resume', 'checkpoint'].includes(line.type));
  }

  /** The loop's events that still count: those of steps that were made again are left out. */
  get kept(): AgentEvent[] {
    const kept: JournalLine[] = [];
    for (const line of this.lines) {
      if (line.type !== 'resume') kept.push(line);
      else kept.splice(0, kept.length, ...kept.filter((before) => !('step' in before) || before.step <= line.step));
    }
    return kept.filter((line): line is JournalLine & AgentEvent => line.type !== 'start' && line.type !== 'checkpoint');
  }

  append(event: AgentEvent): void {
    this.#write(event);
    if (event.type === 'request' && event.step % this.#every === 0) this.checkpoint(event.step - 1);
  }

  checkpoint(step: number): void {
    const tree = `tree-${this.#trees.size}`;
    this.#trees.set(tree, new Map(this.#files));
    this.#write({ type: 'checkpoint', step, tree });
  }

  /** Another process goes on: the files are those of the last checkpoint. */
  resume(first: ReadonlyMap<string, string>): Resume | null {
    const state = foldAttempt(this.lines);
    assert.ok(state);
    if (this.lines.length > 1) this.#write({ type: 'resume', step: state.step, tree: state.tree });
    this.#files.clear();
    for (const [name, content] of (state.tree && this.#trees.get(state.tree)) || first) this.#files.set(name, content);
    return resumeOf(state);
  }

  /** What the journal adds up to, once the loop has ended and its last step is in a checkpoint. */
  totals({ steps }: AgentTotals): AgentTotals {
    this.checkpoint(steps);
    return foldAttempt(this.lines)!.totals;
  }

  #write(event: JournalEvent): void {
    this.lines.push({ at: this.lines.length, ...event });
  }
}
