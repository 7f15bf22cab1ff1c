import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import type { AgentEvent } from '../../src/agent/types.ts';
import { BREAKS, type Fault, MODEL_FAULTS, ODDITIES, REFUSALS, type RequestView, type Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { command, finish, longText, ourFaults, outcomeOf, playOn, type Ran, read, serverCount, write } from './harness.ts';
import { CrashJournal } from './journal-world.ts';
import { contentOf, expectedOf, FINAL, type Step } from './mix-rules.ts';

/** `npm run campaign` plays 1,000. */
const RUNS = Number(process.env.MIXES ?? 300);
const THOUGHT = 'Think about the counter 计数器 and how it counts 🧮. '.repeat(8);
const BUDGETS = Math.ceil(RUNS * 0.3);
/** A stall takes real time until the watchdog bites, so those have a test of their own. */
const STALLS = BREAKS.filter((fault) => fault.startsWith('stall'));
const PASSING: readonly Fault[] = [...REFUSALS, ...BREAKS, ...ODDITIES, ...MODEL_FAULTS].filter(
  (fault) => !FINAL[fault] && !STALLS.includes(fault as (typeof STALLS)[number]),
);
/** Small enough for a few long results to fill it. */
const SMALL_WINDOW = 16_000;

const step = (faults: readonly Fault[]) =>
  fc.record({
    act: fc.constantFrom('read', 'write', 'command', 'think', 'say', 'unknown', 'two') as fc.Arbitrary<Step['act']>,
    fault: fc.option(fc.constantFrom(...faults), { nil: undefined }),
  });

function turnOf({ act, fault }: Step, at: number, size: number): Turn {
  const text = contentOf(at, size);
  const turns: Record<Step['act'], Turn> = {
    read: read(),
    write: write(text, { reasoning: THOUGHT }),
    command: command(`step ${text}`),
    think: { reasoning: THOUGHT },
    say: { text: 'I think that it counts.' },
    unknown: { calls: [{ name: 'no_such_tool', args: { at } }] },
    two: { calls: [...read().calls!, ...write(text).calls!] },
  };
  return { ...turns[act], fault };
}

/** Every request that the provider counted in full stands in the ledger to the token; what it did not count is there as an estimate. */
function assertCounted({ events, kimi, lost }: Lived, crashes: number): void {
  const counted = new Set<number>();
  let at = -1;
  for (const event of events) {
    if (event.type === 'request') at++;
    if (event.type !== 'reply' && event.type !== 'spent') continue;
    const { usage, usageSent } = kimi.requests[at]!;
    // Whoever died before the answer came never saw its count.
    const estimated = event.type === 'spent' && lost.has(event);
    counted.add(at);
    if (usageSent && !estimated) assert.deepEqual(event.usage, usage);
    else assert.ok(event.usage && event.usage.input > 0);
  }
  // A reset may overtake what was written before it, so that the client saw nothing of the answer.
  const produced = kimi.requests.flatMap(({ usage, fault }, i) => (usage && fault !== 'reset_mid_stream' ? [i] : []));
  if (crashes === 0)
    assert.deepEqual(
      produced.filter((i) => !counted.has(i)),
      [],
      'what was produced is counted, broken off or not',
    );
  assert.equal(kimi.requests.length, at + 1, 'nothing is sent that is not journalled, and nothing after the end');
}

class Crash extends Error {}

interface Lived extends Ran {
  /** The events that still count, when what was made again after a crash is left out. */
  readonly kept: readonly AgentEvent[];
  /** Counts of requests that were under way at a crash. */
  readonly lost: ReadonlySet<AgentEvent>;
}

/**
 * Plays to the end, dying and going on where `crashes` say so (in events since the last start).
 * @param every how many steps lie between two checkpoints
 */
async function live(kimi: ScriptedKimi, crashes: readonly number[], overrides: Parameters<typeof playOn>[1], every = 1): Promise<Lived> {
  const first = new Map([['a.txt', 'count 0']]);
  const files = new Map(first);
  const journal = new CrashJournal(files, every);
  const lost = new Set<AgentEvent>();
  for (const crash of [...crashes, Number.POSITIVE_INFINITY]) {
    const resume = journal.resume(first);
    let left = crash;
    let owed = Boolean(resume?.lost);
    const last = journal.events.findLast(({ type }) => ['request', 'reply', 'spent', 'retry'].includes(type));
    if (resume) assert.equal(owed, last?.type === 'request', 'a request that was under way is counted');
    const onEvent = (event: AgentEvent) => {
      if (left-- <= 0) throw new Crash();
      journal.append(event);
      if (owed && event.type === 'spent') lost.add(journal.events.at(-1)!);
      if (event.type === 'spent' || event.type === 'request') owed = false;
    };
    const more = resume ? { resume, firstMessages: [] } : {};
    try {
      const ran = await playOn(kimi, { ...overrides, ...more, files, onEvent });
      assert.deepEqual(journal.totals(ran.totals), ran.totals, 'the journal adds up to the ledger');
      return { ...ran, events: journal.events, kept: journal.kept, lost };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
  throw new Error('unreachable');
}

/** @param reached gets what the model was made to do, as far as the attempt came */
function play(steps: readonly Step[], size: number, reached = new Set<string>()): (view: RequestView) => Turn {
  let at = 0;
  return (view) => {
    if (view.messages.at(-1)?.content === NOTE_REQUEST)
      return at % 3 === 0 ? {} : { text: 'Done: some. Plan: the rest of it, then finish.' };
    const now = steps[at++];
    if (now) reached.add(now.act);
    return now ? turnOf(now, at - 1, size) : finish();
  };
}

/** Whether an answer was cut that the script did not cut: the window or the budget left no room for it. */
function wasCutForRoom({ events, kimi }: Pick<Ran, 'events' | 'kimi'>): boolean {
  const cuts = events.filter((event) => event.type === 'reply' && event.finishReason === 'length').length;
  return cuts !== kimi.requests.filter(({ fault }) => fault === 'length_cut').length;
}

function assertEnd(ran: Lived, steps: readonly Step[], size: number, crashes: number): void {
  const outcome = outcomeOf(ran.end);
  const expected = expectedOf(steps, size);
  const content = ran.files.get('a.txt');
  if (crashes === 0 && !wasCutForRoom(ran)) {
    assert.ok(expected.outcomes.has(outcome), `${[...expected.outcomes]} expected: ${JSON.stringify(ran.end)}`);
    if (outcome === 'finished') assert.equal(content, expected.content);
    return;
  }
  // A crash may lose an answer, and forgets what was counted in a row; what cannot come of the faults still must not come.
  const faults = steps.map(({ fault }) => fault);
  const allowed = new Set(['finished', 'loop_detected', ...faults.flatMap((fault) => (fault && FINAL[fault]) ?? [])]);
  if (faults.includes('400_overflow') || faults.includes('413')) allowed.add('step_limit');
  assert.ok(allowed.has(outcome), JSON.stringify(ran.end));
  const written = steps.flatMap(({ act }, at) => (act === 'write' || act === 'two' ? [contentOf(at, size)] : []));
  const told = ran.kept.filter((event) => event.type === 'tool_end' && event.name === 'write_file' && event.ok).length;
  if (content === 'count 0') assert.equal(told, 0, 'a change that was told is there');
  else assert.ok(written.includes(content!), 'nothing stands in the file that was not asked for');
}

describe('faults, mixed', () => {
  it(`${RUNS} attempts with random faults, crashes and window sizes all end right`, async function () {
    this.timeout(120_000);
    const seen = new Set<string>();
    const script = fc.record({
      steps: fc.array(step(PASSING), { minLength: 1, maxLength: 12 }),
      crashes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(fc.nat(30), { maxLength: 3 }) }),
      every: fc.constantFrom(1, 1, 3),
      small: fc.boolean(),
      final: fc.option(fc.constantFrom(...(Object.keys(FINAL) as Fault[])), { freq: 5, nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ steps, crashes, every, small, final }) => {
        const all = final ? [...steps, { act: 'read', fault: final } as const] : steps;
        const size = small ? 6000 : 40;
        const kimi = await startKimi({ scenario: play(all, size, seen), ...(small && { window: SMALL_WINDOW }) });
        try {
          const ran = await live(kimi, crashes, { ...(small && { api: { contextWindow: SMALL_WINDOW } }) }, every);
          assert.deepEqual(ourFaults(kimi), [], 'the strict server never finds fault with a request');
          assertEnd(ran, all, size, crashes.length);
          assert.ok(!JSON.stringify(ran.events).includes(TEST_KEY));
          assertCounted(ran, crashes.length);
          seen.add(outcomeOf(ran.end));
          for (const { fault } of kimi.requests) if (fault) seen.add(fault);
          for (const event of ran.events) seen.add(event.type);
        } finally {
          await kimi.close();
        }
      }),
      { seed: 20261122, numRuns: RUNS },
    );
    const outcomes = ['finished', 'loop_detected', 'step_limit', ...Object.values(FINAL)];
    const acts: Step['act'][] = ['read', 'write', 'command', 'think', 'say', 'unknown', 'two'];
    for (const what of [...outcomes, ...acts, ...PASSING, ...Object.keys(FINAL), 'compacted', 'retry', 'spent'])
      assert.ok(seen.has(what), `the mixes never led to ${what}`);
  });

  it(`${BUDGETS} attempts with random faults never cost more than their budget, by the count of the server`, async () => {
    // None that ends the work: the budget shall.
    const ends: readonly Fault[] = ['400_overflow', '413', 'length_cut', ...MODEL_FAULTS];
    const steps = fc.array(
      fc.record({
        act: fc.constantFrom('write', 'command', 'two') as fc.Arbitrary<Step['act']>,
        fault: fc.option(fc.constantFrom(...PASSING.filter((fault) => !ends.includes(fault))), { nil: undefined }),
      }),
      { minLength: 40, maxLength: 40 },
    );
    const script = fc.record({
      steps,
      size: fc.integer({ min: 500, max: 9000 }),
      task: fc.integer({ min: 100, max: 60_000 }),
      budget: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
      small: fc.boolean(),
      cold: fc.integer({ min: 2, max: 30 }),
    });
    let [stopped, most] = [0, 0];
    await fc.assert(
      fc.asyncProperty(script, async ({ steps, size, task, budget, small, cold }) => {
        const window = small ? 24_000 : 262_144;
        const kimi = await startKimi({ scenario: play(steps, size), window, cold: ({ index }) => index % cold === 0 });
        const firstMessages = [{ role: 'user', content: longText(task) }] as const;
        const ran = await live(kimi, [], { firstMessages, api: { contextWindow: window }, limits: { budget, maxSteps: 60 } });
        await kimi.close();
        const { input, cached, output } = serverCount(kimi.requests);
        const billed = ((input - cached) * 0.95 + cached * 0.16 + output * 4) / 1e6;
        assert.ok(billed <= budget, `${billed} of ${budget}`);
        if (outcomeOf(ran.end) !== 'budget_exhausted') return;
        stopped++;
        most = Math.max(most, billed / budget);
      }),
      { seed: 20261125, numRuns: BUDGETS },
    );
    assert.ok(stopped > BUDGETS / 2 && most > 0.9, `${stopped} came to their budget, at most to ${most} of it`);
  }).timeout(120_000);

  it('30 attempts with stalls among the faults all end right', async () => {
    const seen = new Set<string | null>();
    const script = fc.tuple(
      fc.array(step(PASSING), { maxLength: 4 }),
      fc.constantFrom(...STALLS),
      fc.array(step(PASSING), { maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(script, async ([before, fault, after]) => {
        const steps: Step[] = [...before, { act: 'write', fault }, ...after];
        const kimi = await startKimi({ scenario: play(steps, 400) });
        const ran = await live(kimi, [], { limits: { stallSeconds: 0.25 } });
        assert.deepEqual(ourFaults(kimi), []);
        assertEnd(ran, steps, 400, 0);
        for (const { fault } of kimi.requests) seen.add(fault);
        await kimi.close();
      }),
      { seed: 20261122, numRuns: 30 },
    );
    for (const stall of STALLS) assert.ok(seen.has(stall), `the mixes never led to ${stall}`);
  });
});
