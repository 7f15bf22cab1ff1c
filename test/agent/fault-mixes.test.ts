import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NOTE_REQUEST } from '../../src/agent/hand-over.ts';
import { resumeFrom } from '../../src/agent/replay.ts';
import type { AgentEvent } from '../../src/agent/types.ts';
import { BREAKS, type Fault, MODEL_FAULTS, ODDITIES, REFUSALS, type RequestView, type Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { command, finish, longText, ourFaults, outcomeOf, playOn, type Ran, read, write } from './harness.ts';

const RUNS = 1000;
const THOUGHT = 'Think about the counter and how it counts. '.repeat(8);
/** Refusals that end an attempt, and how. */
const FINAL: Partial<Record<Fault, string>> = {
  '429_tpd': 'rate_limited',
  '429_quota': 'quota_exhausted',
  '400_content_filter': 'content_refused',
  '401': 'auth_failed',
  '402': 'quota_exhausted',
  '403': 'auth_failed',
  content_filter_finish: 'content_refused',
};
/** A stall takes real time until the watchdog bites, so those have a test of their own. */
const STALLS = BREAKS.filter((fault) => fault.startsWith('stall'));
const PASSING: readonly Fault[] = [...REFUSALS, ...BREAKS, ...ODDITIES, ...MODEL_FAULTS].filter(
  (fault) => !FINAL[fault] && fault !== '400_overflow' && !STALLS.includes(fault as (typeof STALLS)[number]),
);
/** Small enough for a few long results to fill it. */
const SMALL_WINDOW = 16_000;

interface Step {
  act: 'read' | 'write' | 'command' | 'think' | 'say' | 'unknown' | 'two';
  fault: Fault | undefined;
}

const step = (faults: readonly Fault[]) =>
  fc.record({
    act: fc.constantFrom('read', 'write', 'command', 'think', 'say', 'unknown', 'two') as fc.Arbitrary<Step['act']>,
    fault: fc.option(fc.constantFrom(...faults), { nil: undefined }),
  });

const contentOf = (at: number, size: number) => `count ${at} ${longText(size, at * size)}`;

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

/** Whether the calls of an answer with this fault reach their tools. */
function delivers(fault: Fault | undefined): boolean {
  return !fault || (ODDITIES as readonly Fault[]).includes(fault);
}

/** Every request that the provider counted in full stands in the ledger to the token; what it did not count is there as an estimate. */
function assertCounted({ events, kimi }: Pick<Ran, 'events' | 'kimi'>): void {
  let at = -1;
  for (const event of events) {
    if (event.type === 'request') at++;
    if (event.type !== 'reply' && event.type !== 'spent') continue;
    const { usage, usageSent } = kimi.requests[at]!;
    if (usageSent) assert.deepEqual(event.usage, usage);
    else assert.ok(event.usage && event.usage.input > 0);
  }
  assert.equal(kimi.requests.length, at + 1, 'nothing is sent that is not journalled, and nothing after the end');
}

class Crash extends Error {}

/** Plays to the end, dying and going on where `crashes` say so (in events since the last start). */
async function live(kimi: ScriptedKimi, crashes: readonly number[], overrides: Parameters<typeof playOn>[1]): Promise<Ran> {
  const files = new Map([['a.txt', 'count 0']]);
  const journal: AgentEvent[] = [];
  for (const crash of [...crashes, Number.POSITIVE_INFINITY]) {
    const resume = resumeFrom(journal, 'USD');
    let left = crash;
    const onEvent = (event: AgentEvent) => {
      if (left-- <= 0) throw new Crash();
      journal.push(event);
    };
    const more = resume ? { resume, firstMessages: [] } : {};
    try {
      const ran = await playOn(kimi, { ...overrides, ...more, files, onEvent });
      assert.deepEqual(resumeFrom(journal, 'USD')?.totals, ran.totals, 'the journal adds up to the ledger');
      return { ...ran, events: journal };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
  throw new Error('unreachable');
}

function play(steps: readonly Step[], size: number): { scenario: (view: RequestView) => Turn; last: () => string } {
  let at = 0;
  let last = '';
  const scenario = (view: RequestView): Turn => {
    if (view.messages.at(-1)?.content === NOTE_REQUEST)
      return at % 3 === 0 ? {} : { text: 'Done: some. Plan: the rest of it, then finish.' };
    const now = steps[at++];
    if (!now) return finish();
    if ((now.act === 'write' || now.act === 'two') && delivers(now.fault)) last = contentOf(at - 1, size);
    return turnOf(now, at - 1, size);
  };
  return { scenario, last: () => last };
}

describe('faults, mixed', () => {
  it(`${RUNS} attempts with random faults, crashes and window sizes all end right`, async function () {
    this.timeout(120_000);
    const seen = new Set<string>();
    const script = fc.record({
      steps: fc.array(step(PASSING), { minLength: 1, maxLength: 12 }),
      crashes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(fc.nat(30), { maxLength: 3 }) }),
      small: fc.boolean(),
      final: fc.option(fc.constantFrom(...(Object.keys(FINAL) as Fault[])), { freq: 5, nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(script, async ({ steps, crashes, small, final }) => {
        const all = final ? [...steps, { act: 'read', fault: final } as const] : steps;
        const { scenario, last } = play(all, small ? 6000 : 40);
        const kimi = await startKimi({ scenario, ...(small && { window: SMALL_WINDOW }) });
        try {
          const ran = await live(kimi, crashes, { ...(small && { api: { contextWindow: SMALL_WINDOW } }) });
          const outcome = outcomeOf(ran.end);
          assert.deepEqual(ourFaults(kimi), [], 'the strict server never finds fault with a request');
          const allowed = ['finished', 'loop_detected', ...(final ? [FINAL[final]!] : [])];
          assert.ok(allowed.includes(outcome), JSON.stringify(ran.end));
          if (outcome === 'finished' && crashes.length === 0 && last()) assert.equal(ran.files.get('a.txt'), last());
          assert.ok(!JSON.stringify(ran.events).includes(TEST_KEY));
          assertCounted(ran);
          seen.add(outcome);
          for (const event of ran.events) seen.add(event.type);
        } finally {
          await kimi.close();
        }
      }),
      { seed: 20261122, numRuns: RUNS },
    );
    for (const what of ['finished', 'loop_detected', 'auth_failed', 'quota_exhausted', 'compacted', 'retry', 'spent'])
      assert.ok(seen.has(what), `the mixes never led to ${what}`);
  });

  it('20 attempts with stalls among the faults all end right', async () => {
    const script = fc.tuple(
      fc.array(step(PASSING), { maxLength: 4 }),
      fc.constantFrom(...STALLS),
      fc.array(step(PASSING), { maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(script, async ([before, fault, after]) => {
        const { scenario, last } = play([...before, { act: 'write', fault }, ...after], 400);
        const kimi = await startKimi({ scenario });
        const ran = await live(kimi, [], { limits: { stallSeconds: 0.25 } });
        assert.ok(['finished', 'loop_detected'].includes(outcomeOf(ran.end)), JSON.stringify(ran.end));
        assert.deepEqual(ourFaults(kimi), []);
        if (ran.end.kind === 'finished' && last()) assert.equal(ran.files.get('a.txt'), last());
        await kimi.close();
      }),
      { seed: 20261122, numRuns: 20 },
    );
  });
});
