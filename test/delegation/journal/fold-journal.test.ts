import assert from 'node:assert/strict';
import fc from 'fast-check';
import { missingMessages } from '../../../src/agent/history/replay-history.ts';
import type { AgentTotals, ChatMessage } from '../../../src/agent/types.ts';
import { foldAttempt } from '../../../src/delegation/journal/fold-journal.ts';
import { type JournalEvent, type JournalLine, parseLine } from '../../../src/delegation/journal/journal.ts';
import type { Outcome } from '../../../src/delegation/result/outcomes.ts';
import { inWords } from '../../messages/english.ts';
import { sampleStart } from '../sample-result.ts';

const at = (events: JournalEvent[]): JournalLine[] => events.map((event, index) => ({ at: index, ...event }));
const HEAD: JournalEvent = { type: 'head', system: 'You are.', tools: '[]', model: 'kimi-k2.6' };
const user = (step: number, content: string): JournalEvent => ({
  type: 'message',
  step,
  role: 'user',
  json: JSON.stringify({ role: 'user', content }),
});
const ask = (step: number, ...ids: string[]): JournalEvent => {
  const calls = ids.map((id) => ({ id, type: 'function', function: { name: 'run_command', arguments: '{}' } }));
  return { type: 'message', step, role: 'assistant', json: JSON.stringify({ role: 'assistant', tool_calls: calls }) };
};
const answer = (step: number, id: string): JournalEvent => ({
  type: 'message',
  step,
  role: 'tool',
  json: JSON.stringify({ role: 'tool', tool_call_id: id, content: 'ok' }),
});
const reply = (step: number, output = 10, cost: number | null = 0.01): JournalEvent => ({
  type: 'reply',
  step,
  finishReason: 'tool_calls',
  usage: { input: 100, cached: 50, output },
  ms: 5,
  cost,
});
const checkpoint = (step: number): JournalEvent => ({ type: 'checkpoint', step, tree: `tree-${step}` });
const totals = (steps: number): AgentTotals => ({
  steps,
  usage: { input: 0, cached: 0, output: 0 },
  cost: { amount: 0, currency: 'USD' },
  retries: 0,
});
const finished = (steps: number): JournalEvent => ({
  type: 'loop_end',
  at: 0,
  end: { kind: 'finished', summary: 'Done.', commitMessage: 'Do it' },
  totals: totals(steps),
});
const stopped = (steps: number): JournalEvent => ({
  type: 'loop_end',
  at: 0,
  end: { kind: 'stopped', outcome: 'cancelled', reason: inWords('r') },
  totals: totals(steps),
});
const BEGIN: JournalEvent[] = [sampleStart(), HEAD, user(0, 'the task')];
const step = (n: number): JournalEvent[] => [{ type: 'request', step: n, bytes: 1 }, reply(n), ask(n, `c${n}`), answer(n, `c${n}`)];

function fold(...events: JournalEvent[]) {
  const state = foldAttempt(at(events));
  assert.ok(state);
  return state;
}
const contents = (messages: readonly string[]) => messages.map((json) => (JSON.parse(json) as ChatMessage).role);

describe('resume: an attempt folded from its journal', () => {
  it('a journal without a start is no attempt', () => assert.equal(foldAttempt(at([HEAD, user(0, 'x')])), null));

  it('that has not sent anything begins afresh', () => {
    const state = fold(sampleStart());
    assert.deepEqual([state.head, state.messages, state.step, state.tree, state.loopEnd], [null, [], 0, null, null]);
    assert.equal(fold(sampleStart(), HEAD).head, null, 'a head without a message would be a request without a task');
  });

  it('that was killed in its first step keeps the task, and what was spent', () => {
    const state = fold(...BEGIN, { type: 'request', step: 1, bytes: 1 }, reply(1), ask(1, 'a'), answer(1, 'a'));
    assert.deepEqual(contents(state.messages), ['user']);
    assert.deepEqual([state.step, state.tree, state.head?.system], [0, null, 'You are.']);
    assert.deepEqual(state.totals.usage, { input: 100, cached: 50, output: 10 });
    const again = fold(...BEGIN, ...step(1), { type: 'resume', step: 0 }, ...step(1), checkpoint(1));
    assert.deepEqual(contents(again.messages), ['user', 'assistant', 'tool']);
  });

  it('goes on before a message that the journal has lost, whichever it is', () => {
    const whole = [...BEGIN, ...step(1), checkpoint(1), ...step(2), checkpoint(2), ...step(3), checkpoint(3)];
    const kept = (lost: JournalEvent) => {
      const state = fold(...whole.filter((event) => event !== lost));
      return [state.step, state.tree, contents(state.messages).join(' '), state.totals.usage.input];
    };
    const messageOf = (n: number, role: string) =>
      whole.find((event) => event.type === 'message' && event.step === n && event.role === role)!;
    assert.deepEqual(kept(messageOf(1, 'assistant')), [0, null, 'user', 300]);
    assert.deepEqual(kept(messageOf(2, 'assistant')), [1, 'tree-1', 'user assistant tool', 300]);
    assert.deepEqual(kept(messageOf(1, 'tool')), [1, 'tree-1', 'user assistant', 300], 'a call without a result is answered by the resume');
    assert.deepEqual(kept(messageOf(3, 'assistant')), [2, 'tree-2', 'user assistant tool assistant tool', 300]);
    assert.deepEqual(kept(messageOf(3, 'tool'))[0], 3);
    assert.deepEqual(kept(messageOf(0, 'user')), [0, null, '', 300], 'without the task it begins afresh');
  });

  it('knows the request that was under way, until it is counted', () => {
    const request: JournalEvent = { type: 'request', step: 2, bytes: 700 };
    const resume: JournalEvent = { type: 'resume', step: 1 };
    const lost = (...events: JournalEvent[]) => fold(...BEGIN, ...step(1), checkpoint(1), ...events).lost;
    assert.deepEqual(lost(request), { step: 2, bytes: 700 });
    assert.deepEqual(lost(request, resume), { step: 2, bytes: 700 }, 'killed again before it was counted');
    assert.equal(lost(), null);
    assert.equal(lost(request, reply(2)), null);
    assert.equal(lost(request, resume, { type: 'spent', step: 2, usage: { input: 1, cached: 0, output: 1 }, cost: 1 }), null);
    assert.equal(lost(request, { type: 'retry', step: 2, reason: inWords('r'), delayMs: 1, tries: 1 }), null);
    assert.equal(lost(request, stopped(1)), null, 'the process lived on and knew what became of it');
  });

  it('never adds amounts of two currencies: those of the other are converted', () => {
    const began: JournalEvent[] = [{ ...sampleStart(), currency: 'CNY' }, HEAD, user(0, 'the task')];
    const journal = [...began, ...step(1), checkpoint(1), { type: 'resume', step: 1, currency: 'USD' } as const, ...step(2)];
    const inUsd = foldAttempt(at(journal), 'USD');
    assert.ok(Math.abs(inUsd!.totals.cost.amount! - (0.01 / 7 + 0.01)) < 1e-12);
    assert.deepEqual([inUsd!.totals.cost.currency, inUsd!.converted], ['USD', true]);
    assert.equal(foldAttempt(at(journal))!.totals.cost.currency, 'USD', 'by default that of the last run');
    const one = foldAttempt(at([...began, ...step(1)]));
    assert.deepEqual([one!.totals.cost, one!.converted], [{ amount: 0.01, currency: 'CNY' }, false]);
    const old = foldAttempt(at([...BEGIN, ...step(1)]), 'CNY');
    assert.deepEqual([old!.totals.cost, old!.converted], [{ amount: 0.01, currency: 'CNY' }, false], 'a journal that does not tell');
  });

  it('drops the messages after the last checkpoint', () => {
    const state = fold(...BEGIN, ...step(1), { type: 'request', step: 2, bytes: 1 }, checkpoint(1), reply(2), ask(2, 'b'));
    assert.deepEqual(contents(state.messages), ['user', 'assistant', 'tool']);
    assert.deepEqual([state.step, state.tree], [1, 'tree-1']);
  });

  it('a resume drops the steps that it goes back behind, for good', () => {
    const state = fold(
      ...BEGIN,
      ...step(1),
      checkpoint(1),
      ...step(2),
      { type: 'resume', step: 1 },
      { type: 'request', step: 2, bytes: 1 },
      reply(2),
      ask(2, 'again'),
      answer(2, 'again'),
      checkpoint(2),
    );
    assert.deepEqual(
      state.messages.slice(3).map((json) => json.includes('again')),
      [true, true],
    );
    assert.equal(state.messages.length, 5);
  });

  it('keeps a compaction of a step that it keeps, and undoes one that comes later', () => {
    const note = JSON.stringify({ role: 'user', content: 'the note' });
    const compacted = (step: number): JournalEvent => ({
      type: 'compacted',
      step,
      why: 'window',
      by: 'model',
      from: 1,
      to: 3,
      insert: [note],
    });
    const twoSteps = [...BEGIN, ...step(1), ...step(2), checkpoint(2)];
    const kept = fold(...twoSteps, compacted(2), { type: 'request', step: 3, bytes: 1 }, reply(3), ask(3, 'c'));
    assert.deepEqual(contents(kept.messages), ['user', 'user', 'assistant', 'tool']);
    assert.equal(kept.messages[1], note);
    assert.deepEqual(contents(kept.transcript), ['user', 'assistant', 'tool', 'assistant', 'tool'], 'the guards saw all of it');
    assert.equal(kept.measured, null, 'the last count was of a longer history');
    const undone = fold(...twoSteps, ...step(3), compacted(3), { type: 'resume', step: 2 }, ...step(3), checkpoint(3));
    assert.deepEqual(contents(undone.messages), ['user', ...['assistant', 'tool', 'assistant', 'tool', 'assistant', 'tool']]);
    assert.deepEqual(undone.measured, { bytes: 1, usage: { input: 100, cached: 50, output: 10 } });
    const twice = fold(...twoSteps, compacted(2), { type: 'resume', step: 2 }, ...step(3), checkpoint(3));
    assert.deepEqual(contents(twice.messages), ['user', 'user', 'assistant', 'tool', 'assistant', 'tool']);
  });

  it('counts everything that was spent, lost steps and broken answers included', () => {
    const spent: JournalEvent = { type: 'spent', step: 3, usage: { input: 7, cached: 0, output: 3 }, cost: 0.5 };
    const retry: JournalEvent = { type: 'retry', step: 3, reason: inWords('rate limit'), delayMs: 5, tries: 1 };
    const state = fold(...BEGIN, ...step(1), checkpoint(1), ...step(2), { type: 'resume', step: 1 }, ...step(2), retry, spent);
    assert.deepEqual(state.totals.usage, { input: 307, cached: 150, output: 33 });
    assert.ok(Math.abs((state.totals.cost.amount ?? 0) - 0.53) < 1e-9);
    assert.equal(state.totals.retries, 1);
    assert.equal(state.totals.steps, 1);
  });

  it('an unknown price makes the sum unknown, never 0', () => {
    assert.equal(fold(...BEGIN, reply(1, 10, null), reply(2, 10, 0.5)).totals.cost.amount, null);
    assert.equal(foldAttempt(at(BEGIN), 'CNY')?.totals.cost.currency, 'CNY');
  });

  it('only commit and import are missing when the model ended and its last step is in the checkpoint', () => {
    const state = fold(...BEGIN, ...step(1), finished(1), checkpoint(1));
    assert.equal(state.loopEnd?.end.kind, 'finished');
    const twice = fold(...BEGIN, ...step(1), finished(1), checkpoint(1), { type: 'resume', step: 1 });
    assert.equal(twice.loopEnd?.end.kind, 'finished', 'a second crash must not cost the model another answer');
  });

  it('an end whose last step is in no checkpoint does not stand: its edits would be missing', () => {
    const state = fold(...BEGIN, ...step(1), checkpoint(1), ...step(2), finished(2));
    assert.deepEqual([state.loopEnd, state.step], [null, 1]);
    assert.equal(fold(...BEGIN, ...step(1), finished(1)).loopEnd, null);
  });

  it('an end from outside never stands', () => {
    assert.equal(fold(...BEGIN, ...step(1), stopped(1), checkpoint(1)).loopEnd, null);
    assert.equal(
      fold(...BEGIN, ...step(1), finished(1), checkpoint(1), { type: 'resume', step: 1 }, ...step(2), stopped(2), checkpoint(2)).loopEnd,
      null,
    );
  });

  it('counts how often it ended as failed; cancelled and interrupted never count', () => {
    const end = (outcome: Outcome): JournalEvent => ({ type: 'end', outcome, reason: null });
    assert.equal(fold(...BEGIN, end('cancelled'), end('rate_limited'), end('interrupted'), end('rate_limited')).tally.failedEnds, 2);
    assert.equal(
      fold(...BEGIN, end('step_limit'), end('budget_exhausted'), end('checks_failed')).tally.failedEnds,
      0,
      'the caller dealt with it',
    );
  });
});

/** One life of an attempt, from a start or a resume to its end or a kill. */
interface Life {
  steps: { calls: number; checkpoint: boolean; retry: boolean }[];
  ending: 'killed' | 'cancelled' | 'finished';
  /** Calls of the last step that were not answered when it was cancelled. */
  open: number;
  /** Where the journal breaks off, in thousandths of what this life wrote. */
  cut: number;
}

const lives = fc.array(
  fc.record({
    steps: fc.array(fc.record({ calls: fc.integer({ min: 1, max: 3 }), checkpoint: fc.boolean(), retry: fc.boolean() }), { maxLength: 5 }),
    ending: fc.constantFrom<Life['ending']>('killed', 'cancelled', 'finished'),
    open: fc.integer({ min: 0, max: 2 }),
    cut: fc.integer({ min: 0, max: 1000 }),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('resume: random journals, killed at random bytes', () => {
  it('never contradict their checkpoint', () => {
    fc.assert(
      fc.property(lives, (all) => {
        let text = '';
        for (const [index, life] of all.entries()) {
          const written = play(parse(text), life, index)
            .map((event) => `${JSON.stringify({ at: 1, ...event })}\n`)
            .join('');
          for (let cut = 0; cut <= 4; cut++) examine(`${text}${written.slice(0, Math.floor((written.length * cut) / 4))}`);
          text += written.slice(0, Math.floor((written.length * life.cut) / 1000));
          if (text !== '' && !text.endsWith('\n')) text += '\n';
          examine(text);
        }
      }),
      { seed: 2026, numRuns: 300 },
    );
  });

  it('fold at every line of a journal', () => {
    const lines = at([
      ...BEGIN,
      ...step(1),
      checkpoint(1),
      ...step(2),
      { type: 'resume', step: 1 },
      ...step(2),
      checkpoint(2),
      finished(2),
    ]);
    for (let end = 0; end <= lines.length; end++)
      examine(
        lines
          .slice(0, end)
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      );
  });
});

const parse = (text: string) => text.split('\n').flatMap((line) => parseLine(line) ?? []);

/** What the attempt would write in this life, as the loop does: a message before its effect, a checkpoint only of whole steps. */
function play(before: JournalLine[], life: Life, index: number): JournalEvent[] {
  const state = foldAttempt(before);
  const events: JournalEvent[] = state ? [{ type: 'resume', step: state.step }] : [sampleStart()];
  if (state?.loopEnd) return [...events, { type: 'end', outcome: 'ready', reason: null }];
  if (state?.head) for (const message of missingMessages(state.messages)) events.push(said(state.step, message));
  else events.push(HEAD, user(0, 'the task'));
  let now = state?.step ?? 0;
  for (const [i, { calls, checkpoint: taken, retry }] of life.steps.entries()) {
    now++;
    const last = i === life.steps.length - 1;
    events.push({ type: 'request', step: now, bytes: 1 });
    if (taken) events.push({ type: 'checkpoint', step: now - 1, tree: `tree-${now - 1}` });
    if (retry) events.push({ type: 'retry', step: now, reason: inWords('x'), delayMs: 1, tries: 1 });
    const ids = Array.from({ length: calls }, (_, call) => `${index}.${now}.${call}`);
    events.push(reply(now, 1, 1), ask(now, ...ids));
    const answered = last && life.ending === 'cancelled' ? ids.slice(0, Math.max(0, calls - life.open)) : ids;
    for (const id of answered) events.push(answer(now, id));
  }
  if (life.ending === 'killed') return events;
  events.push(life.ending === 'finished' ? finished(now) : stopped(now), { type: 'checkpoint', step: now, tree: `tree-${now}` });
  if (life.ending === 'cancelled') events.push({ type: 'end', outcome: 'cancelled', reason: null });
  return events;
}

const said = (step: number, message: ChatMessage): JournalEvent => ({
  type: 'message',
  step,
  role: message.role,
  json: JSON.stringify(message),
});

function examine(text: string): void {
  const lines = parse(text);
  const state = foldAttempt(lines);
  if (!state) {
    assert.ok(!lines.some(({ type }) => type === 'start'));
    return;
  }
  if (state.tree !== null) assert.equal(state.tree, `tree-${state.step}`, 'the tree is that of the step');
  else assert.equal(state.step, 0);
  assert.equal(state.head === null, state.messages.length === 0);
  assert.equal(
    state.totals.usage.output,
    lines.reduce((sum, line) => sum + (line.type === 'reply' ? (line.usage?.output ?? 0) : 0), 0),
    'what was spent is counted once',
  );
  if (state.loopEnd) assert.ok(state.step >= state.loopEnd.totals.steps);

  const messages = state.messages.map((json) => JSON.parse(json) as ChatMessage);
  if (messages.length > 0) assert.equal(messages[0]?.role, 'user', 'the task comes first');
  let open = new Set<string>();
  let steps = 0;
  for (const message of messages) {
    if (message.role === 'tool') {
      assert.ok(open.delete(message.tool_call_id), 'an answer to a call that is not open');
      continue;
    }
    assert.equal(open.size, 0, 'the next message comes when every call is answered');
    if (message.role !== 'assistant') continue;
    steps++;
    open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  assert.equal(steps, state.step, 'every step up to the checkpoint once, and none behind it');
  assert.equal(missingMessages(state.messages).filter(({ role }) => role === 'tool').length, open.size, 'what is open is answered first');
}
