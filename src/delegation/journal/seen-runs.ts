/** What the worker itself tested, as its journal tells it: each command's last run, and what it was before the first edit. */
import type { TestRun } from '../../agent/types.ts';
import type { JournalEvent } from './journal.ts';

/** What may have changed the working tree, and what it was in between, in order. */
export type Trace = readonly (Act | { readonly step: number; readonly tree: string })[];
interface Act {
  readonly step: number;
  readonly may: 'write' | 'command';
  readonly run?: TestRun | undefined;
}

export interface SeenRun extends TestRun {
  /** null = commands behind it may have changed files; no file tool did. */
  readonly afterLastEdit: boolean | null;
  /** The same command before the first edit. */
  readonly before: Pick<TestRun, 'exitCode' | 'counts'> | null;
}

export function addToTrace(trace: Trace, event: JournalEvent): Trace {
  switch (event.type) {
    case 'tool_end':
      return event.may && !isKnown(trace, event) ? [...trace, { step: event.step, may: event.may, run: event.run }] : trace;
    case 'checkpoint':
      return [...trace, { step: event.step, tree: event.tree }];
    case 'resume': {
      const from = event.tree === null ? 0 : event.step; // what came after is made again
      return trace.filter(({ step }) => step <= from);
    }
    default:
      return trace;
  }
}

/** The second of two changes of one kind in a step says no more than the first: an answer may hold a thousand, and each would copy those before it. */
function isKnown(trace: Trace, { step, may, run }: Extract<JournalEvent, { type: 'tool_end' }>): boolean {
  if (run) return false;
  const before = trace.findLastIndex((one) => !('may' in one) || one.run !== undefined || one.step !== step);
  return trace.slice(before + 1).some((one) => 'may' in one && one.may === may);
}

/** What happened between two looks at the tree; null = nobody looked. */
interface Span {
  readonly before: string | null;
  readonly acts: readonly Act[];
  readonly after: string | null;
}

const MOST = 5;

/** The latest first; those that tell of the work as it was left in front of the others. */
export function seenRuns(trace: Trace): SeenRun[] {
  const spans = spansOf(trace);
  const runs = spans.flatMap((span) => span.acts.flatMap((act) => (act.run ? [{ run: act.run, act, span }] : [])));
  const last = new Map(runs.map((one) => [one.run.command, one]));
  const seen = [...last.values()].map(({ run, act, span }) => {
    const before = runs.findLast((one) => one.act !== act && one.run.command === run.command && isBeforeEdits(spans, one.span, one.act));
    return {
      ...run,
      afterLastEdit: isAfterEdits(spans, span, act),
      before: before ? { exitCode: before.run.exitCode, counts: before.run.counts } : null,
      at: runs.findIndex((one) => one.act === act),
    };
  });
  const rank = ({ afterLastEdit }: SeenRun) => (afterLastEdit === true ? 0 : afterLastEdit === null ? 1 : 2);
  return seen
    .sort((a, b) => rank(a) - rank(b) || b.at - a.at)
    .slice(0, MOST)
    .map(({ at: _, ...run }) => run);
}

function spansOf(trace: Trace): Span[] {
  const spans: Span[] = [];
  let before: string | null = null;
  let acts: Act[] = [];
  for (const one of trace) {
    if ('may' in one) acts.push(one);
    else {
      spans.push({ before, acts, after: one.tree });
      before = one.tree;
      acts = [];
    }
  }
  return acts.length > 0 ? [...spans, { before, acts, after: null }] : spans;
}

const isUnchanged = ({ before, after, acts }: Span) => before !== null && before === after && acts.every(({ may }) => may !== 'write');

/** By the trees where they tell; a tool that wrote behind the run is an edit, a command may be one. */
function isAfterEdits(spans: readonly Span[], span: Span, act: Act): boolean | null {
  const behind = span.acts.slice(span.acts.indexOf(act) + 1);
  if (span.after === null) return behind.some(({ may }) => may === 'write') ? false : null;
  if (span.after !== spans.at(-1)!.after) return false;
  if (isUnchanged(span)) return true;
  if (behind.length > 0) return behind.some(({ may }) => may === 'write') ? false : null;
  // Alone between two looks that differ, it changed files itself.
  return span.acts.length === 1 && span.before !== null && span.before !== span.after ? null : true;
}

function isBeforeEdits(spans: readonly Span[], span: Span, act: Act): boolean {
  const earlier = spans.slice(0, spans.indexOf(span));
  const inFront = span.acts.slice(0, span.acts.indexOf(act));
  const trees = [...earlier.map(({ after }) => after), ...(earlier.length > 0 ? [] : [span.before])];
  const acts = [...earlier.filter((one) => !isUnchanged(one)).flatMap((one) => one.acts), ...(isUnchanged(span) ? [] : inFront)];
  return new Set(trees).size <= 1 && acts.every(({ may, run }) => may !== 'write' && run !== undefined);
}
