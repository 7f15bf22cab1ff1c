import assert from 'node:assert/strict';
import { paysOff, stepsToPayBack } from '../../src/agent/history/compaction-rule.ts';
import { NOTE_REQUEST } from '../../src/agent/history/hand-over.ts';
import { parseLimit } from '../../src/agent/model/error-words.ts';
import { priceOf } from '../../src/agent/prices.ts';
import type { AgentEvent, ChatMessage, Tool } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi } from '../fakes/kimi/server.ts';
import { commonPrefix } from '../fakes/kimi/tokens.ts';
import {
  command,
  finish,
  longText,
  memoryTools,
  ourFaults,
  outcomeOf,
  play,
  playOn,
  type Ran,
  read,
  serverCount,
  write,
} from './harness.ts';
import { CrashJournal, resumeAfter } from './journal-world.ts';

const WINDOW = 32_768;
const SMALL = { api: { contextWindow: WINDOW }, kimi: { window: WINDOW } };
const NOTE = 'Done: a.txt counts. Checked: npm test, exit 0. Unknown: nothing. Plan: count on, then finish.';

const asksForNote = ({ messages }: Pick<RequestView, 'messages'>) => messages.at(-1)?.content === NOTE_REQUEST;

/** Long reads, writes and commands, each different from all before; a note whenever one is asked for. */
function long(steps: number, note: Turn = { text: NOTE }, size = 4000): (view: RequestView) => Turn {
  let done = 0;
  return (view) => {
    if (asksForNote(view)) return note;
    const at = done++;
    if (at >= steps) return finish();
    const text = `${at} ${at} ${longText(size, at * size)}`.slice(0, size);
    return [write(text), read(), command(`test ${text.slice(0, size / 2)}`)][at % 3]!;
  };
}

function messagesIn(body: Buffer): ChatMessage[] {
  return (JSON.parse(body.toString()) as { messages: ChatMessage[] }).messages;
}

/** The requests of steps, each with whether the history was rewritten just before it. */
function stepRequests({ events, kimi }: Pick<Ran, 'events' | 'kimi'>): { body: Buffer; rewritten: boolean }[] {
  const steps: { body: Buffer; rewritten: boolean }[] = [];
  let rewritten = false;
  let at = 0;
  for (const event of events) {
    if (event.type === 'compacted' || event.type === 'rolled_back') rewritten = true;
    if (event.type !== 'request') continue;
    const { body } = kimi.requests[at++]!;
    if (messagesIn(body).at(-1)?.content === NOTE_REQUEST) continue;
    steps.push({ body, rewritten });
    rewritten = false;
  }
  return steps;
}

const withoutTail = (body: Buffer) => body.subarray(0, body.lastIndexOf('],"max_completion_tokens"'));
const compactions = (events: readonly AgentEvent[]) => events.filter((event) => event.type === 'compacted');

function assertPrefixes(ran: Pick<Ran, 'events' | 'kimi'>): void {
  const steps = stepRequests(ran);
  for (let i = 1; i < steps.length; i++) {
    const before = withoutTail(steps[i - 1]!.body);
    if (!steps[i]!.rewritten) assert.ok(commonPrefix(before, steps[i]!.body) === before.length, `request ${i} changes its prefix`);
  }
}

/** Compares each request of a step with the one before it, without keeping more than that. */
function prefixWatch() {
  let before: Buffer | null = null;
  let [kept, broken] = [0, 0];
  return {
    kept: () => kept,
    broken: () => broken,
    note: (event: AgentEvent) => {
      if (event.type === 'compacted') before = null;
    },
    fetch: ((url, init) => {
      if (init?.body instanceof Uint8Array && !Buffer.from(init.body).includes(JSON.stringify(NOTE_REQUEST).slice(1, -1))) {
        const messages = withoutTail(Buffer.from(init.body));
        if (before) commonPrefix(before, messages) === before.length ? kept++ : broken++;
        before = messages;
      }
      return fetch(url, init);
    }) as typeof fetch,
  };
}

/** Bytes of all messages that ever stood in the history. */
function appendedBytes(events: readonly AgentEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'message' ? Buffer.byteLength(event.json) : 0), 0);
}

describe('compaction', () => {
  it('lets 300 steps end well in a window of 32K, with the prefix intact in between', async () => {
    const ran = await play(long(299), { ...SMALL, limits: { maxSteps: 300 } });
    const { end, events, kimi, totals } = ran;
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.equal(totals.steps, 300);
    assert.deepEqual(ourFaults(kimi), [], 'never over the window');
    assert.deepEqual(totals.usage, serverCount(kimi.requests), 'notes are counted too');
    const made = compactions(events);
    assert.ok(made.length >= 10 && made.length <= 40, `${made.length} compactions`);
    assert.ok(made.every((event) => event.why === 'window' && event.by === 'model'));
    assertPrefixes(ran);
    const front = withoutTail(kimi.requests[0]!.body);
    for (const { body } of kimi.requests) assert.ok(commonPrefix(front, body) === front.length, 'system, tools and task never change');
    assert.equal(kimi.requests.filter(({ thinking }) => thinking === 'disabled').length, made.length, 'one request for each note');
  });

  for (const [what, price, why] of [
    ['by what it costs, long before the window is full', undefined, 'cost'],
    ['when the window is nearly full, where tokens cost nothing', { hit: 0, miss: 0, out: 0 }, 'window'],
  ] as const) {
    it(`lets 300 steps of 600,000 tokens and more end well in a window of 262,144: compacts ${what}`, async () => {
      const scenario = long(299, { text: NOTE }, 12_000);
      const prefixes = prefixWatch();
      const ran = await play(scenario, {
        limits: { maxSteps: 300 },
        kimi: { forgetBodies: true },
        api: { contextWindow: 262_144, ...(price && { price }) },
        fetch: prefixes.fetch,
        onEvent: prefixes.note,
      });
      const { end, events, kimi, totals } = ran;
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
      assert.equal(totals.steps, 300);
      assert.ok(appendedBytes(events) / 4 > 600_000, 'without compaction the history would hold so many tokens');
      assert.deepEqual(
        kimi.requests.filter(({ status }) => status !== 200),
        [],
        'nothing is refused',
      );
      assert.deepEqual(totals.usage, serverCount(kimi.requests), 'to the token');
      const made = compactions(events);
      assert.ok(made.length >= 3 && made.length <= 20, `${made.length} compactions`);
      assert.ok(made.every((event) => event.why === why && event.by === 'model'));
      const largest = Math.max(...kimi.requests.map(({ usage }) => usage!.input));
      if (why === 'window') assert.ok(largest > 0.8 * 262_144 && largest < 0.9 * 262_144, `${largest}`);
      else assert.ok(largest > 96_000 && largest < 0.6 * 262_144, `${largest}`);
      assert.equal(prefixes.broken(), 0);
      assert.equal(prefixes.kept(), 300 - made.length - 1);
    });
  }

  it('replaces the older steps by the note and keeps task, feedback and the last steps', async () => {
    const first = [
      { role: 'user', content: 'Make it count.' },
      { role: 'user', content: 'Reviewer: by two.' },
    ] as const;
    const ran = await play(long(40), { ...SMALL, firstMessages: first });
    const at = stepRequests(ran).find(({ rewritten }) => rewritten)!;
    const messages = messagesIn(at.body);
    assert.deepEqual(
      messages.slice(1, 3).map(({ content }) => content),
      first.map(({ content }) => content),
    );
    assert.match(messages[3]!.content!, /^\[note\] Hand-over\.[\s\S]*Plan: count on/);
    assert.equal(messages[4]!.role, 'assistant', 'whole steps follow');
    assert.ok(messages.length > 6);
  });

  it('forgets which files were read, and so does a resume behind it', async () => {
    const files = new Map([['a.txt', 'count 0']]);
    const known: number[] = [];
    const tools = memoryTools(files).map(
      (tool): Tool => ({
        ...tool,
        run: (args, context) => {
          known.push(context.seen.size);
          if (tool.effect !== 'finish') context.seen.set(`file ${known.length}`, 'hash');
          return tool.run(args, context);
        },
      }),
    );
    const kimi = await startKimi({ scenario: long(60), window: WINDOW });
    const until = { files, tools, api: { contextWindow: WINDOW } };
    const first = await playOn(kimi, { ...until, limits: { maxSteps: 30 } });
    assert.equal(compactions(first.events).length, 1);
    const forgotten = known.lastIndexOf(0);
    assert.ok(forgotten > 10);
    const resume = resumeAfter(first);
    assert.equal(resume.seen!.size, 30 - forgotten);
    await playOn(kimi, { ...until, resume, firstMessages: [], limits: { maxSteps: 31 } });
    assert.equal(known.at(-1), 30 - forgotten);
    await kimi.close();
  });

  it('asks for a note only with what a shared budget leaves, at each try', async () => {
    let left = 10;
    const long60 = long(60);
    const shared = { left: () => left, hold: () => true, settle: () => {}, describe: () => 'The daily budget is used up' };
    const ran = await play(
      (view) => {
        if (!asksForNote(view)) return long60(view);
        left = 0.037;
        return { fault: '503' };
      },
      { ...SMALL, limits: { maxSteps: 100, shared } },
    );
    const notes = ran.kimi.requests.filter(({ body }) => messagesIn(body).at(-1)?.content === NOTE_REQUEST);
    assert.equal(notes[0]!.maxOutput, 4096);
    assert.ok(notes.length > 1 && notes[1]!.maxOutput < 4096, `${notes.map(({ maxOutput }) => maxOutput)}`);
  });

  it('is left when the attempt is cancelled meanwhile, and the history stays as it was', async () => {
    for (const fault of ['stall_before_headers', 'stall_mid_stream', '503'] as const) {
      const stop = new AbortController();
      const files = new Map([['a.txt', 'count 0']]);
      const kimi = await startKimi({ scenario: long(60, { text: NOTE, fault }), window: WINDOW });
      const until = (async () => {
        for (let count = 1; !kimi.requests.some(({ fault: played }) => played === fault); count++) await kimi.arrived(count);
        stop.abort();
      })();
      const ran = await playOn(kimi, { files, signal: stop.signal, api: { contextWindow: WINDOW }, limits: { maxSteps: 100 } });
      const { end, events } = ran;
      await until;
      assert.equal(outcomeOf(end), 'cancelled', fault);
      assert.deepEqual(compactions(events), []);
      assert.equal(kimi.requests.length, events.filter(({ type }) => type === 'request').length, 'nothing is sent after it');
      const resume = resumeAfter(ran);
      const again = await playOn(kimi, { files, resume, firstMessages: [], api: { contextWindow: WINDOW }, limits: { maxSteps: 20 } });
      assert.deepEqual(ourFaults(kimi), []);
      assert.notEqual(outcomeOf(again.end), 'cancelled');
      await kimi.close();
    }
  });

  it('never passes a budget with its notes', async () => {
    for (const budget of [0.2, 0.25, 0.3, 0.45]) {
      const { end, kimi, events } = await play(long(200), { ...SMALL, limits: { maxSteps: 300, budget } });
      assert.equal(outcomeOf(end), 'budget_exhausted', JSON.stringify(end));
      assert.ok(compactions(events).length > 0);
      const { input, cached, output } = serverCount(kimi.requests);
      const billed = ((input - cached) * 0.95 + cached * 0.16 + output * 4) / 1e6;
      assert.ok(billed <= budget && billed > 0.6 * budget, `${billed} of ${budget}`);
    }
  });

  it('keeps what the caller said later', async () => {
    const kimi = await startKimi({ scenario: long(60), window: WINDOW });
    const before = await playOn(kimi, { api: { contextWindow: WINDOW }, limits: { maxSteps: 5 } });
    const resume = resumeAfter(before);
    const firstMessages = [{ role: 'user', content: 'Reviewer: by three.' }] as const;
    const { events, end } = await playOn(kimi, { resume, firstMessages, api: { contextWindow: WINDOW }, limits: { maxSteps: 100 } });
    assert.equal(outcomeOf(end), 'finished');
    assert.ok(compactions(events).length >= 2);
    const words = messagesIn(kimi.requests.at(-1)!.body).map(({ content }) => content);
    assert.equal(words.filter((word) => word === 'Reviewer: by three.').length, 1);
    assert.equal(words[2], 'Reviewer: by three.', 'behind the task, before the note');
    await kimi.close();
  });

  for (const [what, note] of [
    ['says nothing', { reasoning: 'Hm.' }],
    ['calls a tool', read()],
    ['leaks markup', { text: `<|tool_call_begin|>${'x'.repeat(100)}` }],
    ['only repeats itself', { text: 'Done: nothing. '.repeat(400) }],
    ['is refused', { fault: '400_content_filter' }],
    ['breaks off', { text: NOTE, fault: 'reset_mid_stream' }],
    ['is filtered', { text: NOTE, fault: 'content_filter_finish' }],
    ['is too large after all', { fault: '400_overflow' }],
  ] as const) {
    it(`makes the note from the record when the model's answer ${what}`, async () => {
      const ran = await play(long(40, note), SMALL);
      assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
      assert.ok(compactions(ran.events).every((event) => event.by === 'record'));
      const at = stepRequests(ran).find(({ rewritten }) => rewritten)!;
      const text = messagesIn(at.body).find(({ content }) => content?.startsWith('[note] Hand-over'))!.content!;
      assert.match(text, /Files changed: a\.txt\nFiles read: a\.txt\nLast commands.*\n- test 2 2 .*\n {2}exit 0 in 0\.1s/s);
      assert.deepEqual(ourFaults(ran.kimi), []);
    });
  }

  it('carries an earlier note over when the next one comes from the record', async () => {
    let notes = 0;
    const steps = long(60);
    const ran = await play((view) => (asksForNote(view) && notes++ > 0 ? {} : steps(view)), { ...SMALL, limits: { maxSteps: 100 } });
    assert.deepEqual(
      compactions(ran.events)
        .map(({ by }) => by)
        .slice(0, 2),
      ['model', 'record'],
    );
    const last = messagesIn(ran.kimi.requests.at(-1)!.body).find(({ content }) => content?.startsWith('[note] Hand-over'))!;
    assert.match(last.content!, /Plan: count on, then finish\.[\s\S]*From the record/);
  });

  it('shortens results that alone would fill the window', async () => {
    const files = new Map([['big', 'x'.repeat(58_000)]]);
    const reads = [read('big'), read('big', { calls: [...read('big').calls!, ...read('a.txt').calls!] }), command(), finish()];
    let at = 0;
    const { end, kimi, events } = await play((view) => (asksForNote(view) ? { text: NOTE } : reads[at++]!), { ...SMALL, files });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.deepEqual(ourFaults(kimi), []);
    assert.equal(compactions(events).length, 1);
    assert.match(kimi.requests.at(-1)!.body.toString(), /bytes left out to make room/);
  });

  it('learns a window that is smaller than assumed', async () => {
    const ran = await play(long(120), { kimi: { window: WINDOW }, limits: { maxSteps: 200 } });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    assert.match(ourFaults(ran.kimi).join(), /^Invalid request: Your request exceeded model token limit: 32768 \(requested: \d+\)$/);
    assert.ok(compactions(ran.events).length > 2);
    assert.ok(
      compactions(ran.events).every(({ why }) => why === 'window'),
      'the limit was told before anything had to be cut',
    );
    assert.deepEqual(ran.totals.usage, serverCount(ran.kimi.requests));
    assertPrefixes(ran);
  });

  it('learns it again after a resume, by one refusal that costs nothing', async () => {
    const kimi = await startKimi({ scenario: long(120), window: WINDOW, listAnswer: { status: 404, body: {} } });
    const files = new Map([['a.txt', 'count 0']]);
    const runs: Ran[] = [];
    for (const maxSteps of [22, 50, 90, 200]) {
      const resume = runs.length > 0 ? { resume: resumeAfter(...runs), firstMessages: [] } : {};
      const ran = await playOn(kimi, { files, ...resume, limits: { maxSteps } });
      assert.equal(outcomeOf(ran.end), maxSteps === 200 ? 'finished' : 'step_limit', JSON.stringify(ran.end));
      runs.push(ran);
    }
    assert.equal(ourFaults(kimi).length, 4, 'one in each life');
    assertPrefixes({ events: runs.flatMap(({ events }) => events), kimi });
    await kimi.close();
  });

  it('compacts at once when the server refuses the history without telling its window', async () => {
    let refused = false;
    const steps = long(20);
    const ran = await play((view) => {
      if (view.messages.length < 30 || refused) return steps(view);
      refused = true;
      return { fault: '400_overflow' };
    });
    assert.equal(outcomeOf(ran.end), 'finished');
    assert.deepEqual(
      compactions(ran.events).map(({ why }) => why),
      ['overflow'],
    );
  });

  it('gives up when even a short history is refused', async () => {
    const { end, kimi } = await play(({ index }) => (index < 5 ? write(`${index}`.repeat(9000)) : { fault: '400_overflow' }));
    assert.equal(outcomeOf(end), 'step_limit');
    assert.match(end.kind === 'stopped' ? end.reason : '', /context window is full.*token limit/);
    assert.ok(kimi.requests.length < 12);
  });

  it('makes room for an answer that the window cut', async () => {
    // At 70 % of the window nothing is due yet, but the answer of 12,000 tokens does not fit.
    const answers = [...Array.from({ length: 12 }, (_, i) => write(`${i}`.repeat(7000))), write(longText(48_000)), command(), finish()];
    let at = 0;
    const ran = await play((view) => (asksForNote(view) ? { text: NOTE } : answers[Math.min(at, 14)]!), {
      ...SMALL,
      onEvent: (event) => {
        if (event.type === 'reply' && event.finishReason === 'tool_calls') at++;
      },
    });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    assert.equal(ran.files.get('a.txt')?.length, 48_000);
    assert.equal(compactions(ran.events).length, 1);
  });

  it('saves money in a large window', async () => {
    const scenario = long(100, { text: NOTE }, 24_000);
    const ran = await play(scenario, { limits: { maxSteps: 200 }, kimi: { forgetBodies: false } });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    const made = compactions(ran.events);
    assert.ok(made.length > 0 && made.every(({ why }) => why === 'cost'));
    assertPrefixes(ran);
  });
});

describe('the economics of a compaction', () => {
  const price = priceOf('kimi-k2.6', 'https://api.moonshot.ai/v1')!;

  it('pays back after 4.9 S/R steps, beside the note itself', () => {
    const free = { ...price, out: 0 };
    const steps = stepsToPayBack({ input: 0, dropped: 50_000, rewritten: 10_000 }, free);
    assert.ok(Math.abs(steps - (4.9375 * 10_000) / 50_000) < 1e-9);
    assert.ok(stepsToPayBack({ input: 60_000, dropped: 50_000, rewritten: 10_000 }, price) > steps + 1);
  });

  it('is not made for a short history, for few steps, or without a price for hits', () => {
    const tokens = { input: 120_000, dropped: 100_000, rewritten: 10_000 };
    assert.equal(paysOff(tokens, { done: 40, left: 40 }, price), true);
    assert.equal(paysOff(tokens, { done: 40, left: 4 }, price), false);
    assert.equal(paysOff(tokens, { done: 3, left: 100 }, price), false);
    assert.equal(paysOff({ ...tokens, input: 50_000 }, { done: 100, left: 100 }, price), false);
    assert.equal(paysOff(tokens, { done: 100, left: 100 }, { hit: 0, miss: 0, out: 0 }), false);
  });
});

describe('limits in error messages', () => {
  for (const [text, tokens, bytes] of [
    ['Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)', 131_072, null],
    ["This model's maximum context length is 32768 tokens. However, you requested 40000 tokens", 32_768, null],
    ['total message size 2100000 exceeds limit 2097152', null, 2_097_152],
    ['Input token length too long', null, null],
  ] as const) {
    it(text, () => assert.deepEqual(parseLimit(text), { tokens, bytes }));
  }
});

describe('resume after a compaction', () => {
  class Crash extends Error {}

  /** Decides by what the files say, which outlive a crash and a compaction alike. */
  const byFile = (files: Map<string, string>): ((view: RequestView) => Turn) => {
    return (view) => {
      if (asksForNote(view)) return { text: NOTE };
      const count = Number(files.get('a.txt')!.split(' ')[1]);
      return count >= 45 ? finish() : write(`count ${count + 1} ${'x'.repeat(5000)}`);
    };
  };

  async function run(kimi: ScriptedKimi, files: Map<string, string>, more: Parameters<typeof playOn>[1]): Promise<Ran> {
    return playOn(kimi, { files, api: { contextWindow: 20_000 }, ...more });
  }

  it('sends the same bytes, whenever the crash was', async () => {
    const start = () => new Map([['a.txt', 'count 0']]);
    const all = start();
    const first = await startKimi({ scenario: byFile(all), window: 20_000 });
    const undisturbed = await run(first, all, {});
    await first.close();
    assert.ok(compactions(undisturbed.events).length >= 3);
    const end = undisturbed.files.get('a.txt');
    for (let count = 3; count < undisturbed.events.length; count += 11) {
      const files = start();
      const kimi = await startKimi({ scenario: byFile(files), window: 20_000 });
      const journal = new CrashJournal(files);
      const onEvent = (event: AgentEvent) => {
        if (journal.events.length === count) throw new Crash();
        journal.append(event);
      };
      await run(kimi, files, { onEvent }).catch((error: unknown) => assert.ok(error instanceof Crash));
      const resume = journal.resume(start())!;
      const resumed = await run(kimi, files, { resume, firstMessages: [], onEvent: (event) => journal.append(event) });
      assert.equal(outcomeOf(resumed.end), 'finished', `crash after ${count} events`);
      assert.equal(resumed.files.get('a.txt'), end);
      assert.deepEqual(ourFaults(kimi), []);
      assertPrefixes({ events: journal.events, kimi });
      assert.deepEqual(journal.totals(resumed.totals), resumed.totals);
      await kimi.close();
    }
  });
});
