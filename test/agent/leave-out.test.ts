import assert from 'node:assert/strict';
import { leavingOutPaysOff } from '../../src/agent/history/when-to-compact.ts';
import { priceOf } from '../../src/agent/prices.ts';
import type { ChatMessage, ToolContext } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { asksForNote, assertPrefixes, compactions, messagesIn, NOTE, SMALL } from './compaction-world.ts';
import { command, finish, longText, memoryTools, ourFaults, outcomeOf, play, playOn, read, serverCount } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

const FILES = () => new Map(Array.from({ length: 40 }, (_, n) => [`f${n}.txt`, longText(3_000, n * 3_000)]));

/** Reads a file, changes it, runs something; each time another file, and now and then a long output. */
function work(cycles: number): (view: RequestView) => Turn {
  let done = 0;
  return () => {
    const at = done++;
    const cycle = Math.floor(at / 3);
    if (cycle >= cycles) return finish();
    const path = `f${cycle}.txt`;
    const change: Turn = { calls: [{ name: 'write_file', args: { path, content: `${cycle}` } }] };
    const output = `test ${cycle}\n${cycle % 4 === 0 ? longText(3_000, cycle).replaceAll(' ', '\n') : ''}\n${cycle} passed`;
    return [read(path), change, command(output)][at % 3]!;
  };
}

const resultsIn = (body: Buffer) =>
  messagesIn(body).flatMap((message) => (message.role === 'tool' ? [(message as ChatMessage & { content: string }).content] : []));

describe('leaving out what is no longer needed', () => {
  it('shortens reads of files edited since and old outputs, in few cuts, and nothing else', async () => {
    const ran = await play(work(40), { files: FILES(), limits: { maxSteps: 300 } });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    assert.deepEqual(ourFaults(ran.kimi), []);
    assert.deepEqual(ran.totals.usage, serverCount(ran.kimi.requests));
    const made = compactions(ran.events);
    assert.ok(made.length >= 2 && made.length <= 6, `${made.length} cuts`);
    assert.ok(made.every(({ why, by }) => why === 'cost' && by === 'leaving_out'));
    assertPrefixes(ran);

    const { body } = ran.kimi.requests.at(-1)!;
    const calls = messagesIn(body).flatMap((message) => (message.role === 'assistant' ? (message.tool_calls ?? []) : []));
    assert.equal(calls.length, 120, 'every call stays');
    const results = resultsIn(body);
    assert.equal(results[0], '[left out to save room: 1 line; you have edited f0.txt since, read again what you need]');
    assert.equal(results[1], 'wrote f0.txt');
    assert.match(results[2]!, /^exit 0 in 0\.1s\ntest 0\n\d+\n\[\d+ lines left out to save room\]\n(\d+\n)+0 passed$/);
    assert.ok(results[2]!.length < 200);
    assert.equal(results.at(-3), longText(3_000, 39 * 3_000), 'the last steps stay');
    assert.match(results.at(-4)!, /^exit 0/);
    assert.ok(ran.events.some((event) => event.type === 'notice' && event.text.code === 'log.leftOut'));
  });

  it('knows a file by whatever name it was read and edited', async () => {
    const files = FILES();
    const plainName = (args: Record<string, string>) => ({
      ...args,
      path: (args['path'] ?? args['file_path'])!.replace(/^(\.|\/nowhere)\//, ''),
    });
    const tools = memoryTools(files).map((tool) =>
      tool.effect === 'command' || tool.effect === 'finish'
        ? tool
        : { ...tool, run: (args: unknown, context: ToolContext) => tool.run(plainName(args as Record<string, string>), context) },
    );
    const plain = work(40);
    const otherwise = (view: RequestView): Turn => {
      const turn = plain(view);
      const { name, args } = turn.calls?.[0] ?? {};
      if (name === 'read_file') return read(`/nowhere/${(args as { path: string }).path}`);
      if (name !== 'write_file') return turn;
      const { path, content } = args as { path: string; content: string };
      return { calls: [{ name, args: { file_path: `./${path}`, content } }] };
    };
    const ran = await play(otherwise, { files, tools, limits: { maxSteps: 300 } });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    const results = resultsIn(ran.kimi.requests.at(-1)!.body);
    assert.equal(results[0], '[left out to save room: 1 line; you have edited /nowhere/f0.txt since, read again what you need]');
  });

  it('leaves a read of a file that was not edited since, and all of it where it would not pay', async () => {
    const reads = (count: number) => {
      let at = 0;
      return () => (at < count ? read(`f${at++}.txt`) : finish());
    };
    const unedited = await play(reads(40), { files: FILES(), limits: { maxSteps: 300 } });
    assert.deepEqual(compactions(unedited.events), []);
    const short = await play(work(6), { files: FILES(), limits: { maxSteps: 300 } });
    assert.deepEqual(compactions(short.events), []);
    const free = await play(work(40), { files: FILES(), limits: { maxSteps: 300 }, api: { price: { hit: 0, miss: 0, out: 0 } } });
    assert.deepEqual(compactions(free.events), []);
    const atTheEnd = await play(work(20), { files: FILES(), limits: { maxSteps: 61 } });
    assert.ok(compactions(atTheEnd.events).length <= 1);
  });

  it('looks again soon behind a compaction', async () => {
    const working = work(40);
    let reads = 0;
    const scenario = (view: RequestView): Turn => {
      if (asksForNote(view)) return { text: NOTE };
      return reads < 40 && !view.messages.some(({ content }) => typeof content === 'string' && content.includes(NOTE))
        ? read(`f${reads++}.txt`)
        : working(view);
    };
    const ran = await play(scenario, {
      ...SMALL,
      api: { ...SMALL.api, price: { hit: 1, miss: 2, out: 4 } },
      files: FILES(),
      limits: { maxSteps: 300 },
    });
    assert.equal(outcomeOf(ran.end), 'finished', JSON.stringify(ran.end));
    const made = compactions(ran.events).map(({ by }) => by);
    assert.equal(made[0], 'model');
    assert.ok(made.includes('leaving_out'), 'long before the history has its old size again');
    assert.deepEqual(ourFaults(ran.kimi), []);
  });

  it('looks again soon behind a roll-back', async () => {
    const cutAt = async (repeats: number) => {
      const working = work(40);
      let done = 0;
      const scenario = (view: RequestView) => (done++ < repeats ? read('f39.txt') : working(view));
      const { events, end } = await play(scenario, { files: FILES().set('f39.txt', longText(30_000)), limits: { maxSteps: 300 } });
      assert.equal(outcomeOf(end), 'finished');
      return { steps: compactions(events)[0]!.step - repeats, rolledBack: events.some(({ type }) => type === 'rolled_back') };
    };
    const [one, many] = [await cutAt(1), await cutAt(8)];
    assert.deepEqual([one.rolledBack, many.rolledBack], [false, true]);
    assert.equal(many.steps, one.steps);
  });

  it('is the same after a resume', async () => {
    const files = FILES();
    const kimi = await startKimi({ scenario: work(40) });
    const first = await playOn(kimi, { files, limits: { maxSteps: 80 } });
    assert.ok(compactions(first.events).length > 0);
    const resume = resumeAfter(first);
    const sent = messagesIn(kimi.requests.at(-1)!.body).slice(1);
    assert.deepEqual(
      resume.messages.slice(0, sent.length).map((json) => JSON.parse(json)),
      sent,
    );
    const second = await playOn(kimi, { files, resume, firstMessages: [], limits: { maxSteps: 300 } });
    assert.equal(outcomeOf(second.end), 'finished');
    assertPrefixes({ events: second.events, kimi: { ...kimi, requests: kimi.requests.slice(80) } });
    assert.deepEqual(ourFaults(kimi), []);
    await kimi.close();
  });

  it('pays by the price of the model', () => {
    const pays = (model: string, dropped: number, rewritten: number, done: number) =>
      leavingOutPaysOff({ dropped, rewritten }, { done, left: 200 }, priceOf(model, 'https://api.moonshot.ai/v1')!);
    // kimi-k2.6: 4.94 * rewritten/dropped steps, three times over; kimi-k3: 9.
    assert.ok(!pays('kimi-k2.6', 10_000, 10_000, 14) && pays('kimi-k2.6', 10_000, 10_000, 15));
    assert.ok(!pays('kimi-k3', 10_000, 10_000, 26) && pays('kimi-k3', 10_000, 10_000, 27));
    assert.ok(!pays('kimi-k2.6', 5_000, 1_000, 100), 'too little');
    assert.ok(!leavingOutPaysOff({ dropped: 10_000, rewritten: 0 }, { done: 50, left: 50 }, { hit: 0, miss: 0, out: 0 }));
  });
});
