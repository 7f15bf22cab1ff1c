import assert from 'node:assert/strict';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import { paysOff, stepsToPayBack } from '../../src/agent/history/when-to-compact.ts';
import { priceOf } from '../../src/agent/prices.ts';
import type { Tool } from '../../src/agent/types.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { commonPrefix } from '../fakes/kimi/tokens.ts';
import { inWords } from '../messages/english.ts';
import {
  appendedBytes,
  asksForNote,
  assertPrefixes,
  compactions,
  long,
  messagesIn,
  NOTE,
  prefixWatch,
  SMALL,
  stepRequests,
  WINDOW,
  withoutTail,
} from './compaction-world.ts';
import { command, finish, longText, memoryTools, ourFaults, outcomeOf, play, playOn, read, serverCount, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

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
    const shared = { left: () => left, hold: () => true, settle: () => {}, usedUp: () => inWords('The daily budget is used up.') };
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
