import assert from 'node:assert/strict';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { command, finish, longText, outcomeOf, play, playOn, read, serverCount, texts, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

/** What servers other than the platform refuse although they host the same models. */
describe('another server', () => {
  const script = [read(), write('1'), command(), finish()];
  const api = { cacheKey: 'delegation' };

  for (const field of ['thinking', 'stream_options', 'prompt_cache_key'] as const) {
    it(`that does not know ${field} is asked without it from then on, and the log says so`, async () => {
      const { end, kimi, events, totals } = await play(script, { api, kimi: { unknownFields: [field] } });
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
      assert.deepEqual(
        kimi.requests.map(({ status }) => status),
        [400, 200, 200, 200, 200],
        'refused once',
      );
      assert.ok(kimi.requests.slice(1).every(({ body }) => !(field in JSON.parse(body.toString()))));
      assert.match(texts(events, 'notice').join(), new RegExp(`does not take ${field}`));
      assert.equal(totals.retries, 0);
      if (field !== 'stream_options') assert.deepEqual(totals.usage, serverCount(kimi.requests));
    });
  }

  it('that knows none of them is asked without any', async () => {
    const unknownFields = ['thinking', 'stream_options', 'prompt_cache_key'];
    const { end, kimi } = await play(script, { api, kimi: { unknownFields } });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.equal(kimi.requests.length, 3 + script.length);
  });

  it('that allows only short answers gets them, also after a cut and for a note', async () => {
    let at = 0;
    const { end, kimi, events } = await play(
      ({ messages }) => {
        if (messages.at(-1)?.content === NOTE_REQUEST) return { text: `Done: some of it. ${longText(60)}` };
        at++;
        if (at === 3) return write('cut', { fault: 'length_cut' });
        return at > 30 ? finish() : write(`${at} ${longText(5000, at * 5000)}`);
      },
      { kimi: { longestAnswer: 4000, window: 32_768 }, api: { contextWindow: 32_768 }, limits: { maxSteps: 60 } },
    );
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.deepEqual(
      kimi.requests.filter(({ status }) => status !== 200).map(({ status }) => status),
      [400],
    );
    assert.ok(kimi.requests.slice(1).every(({ maxOutput }) => maxOutput <= 4000));
    assert.ok(events.some((event) => event.type === 'compacted' && event.by === 'model'));
  });

  for (const [how, usage] of [
    ['of zeros', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ['that is negative', { prompt_tokens: -1, completion_tokens: 5 }],
    ['of one token', { prompt_tokens: 1, completion_tokens: 1 }],
    ['of everything since the morning', { prompt_tokens: 4_000_000, completion_tokens: 900_000 }],
    ['with a fraction', { prompt_tokens: 120.5, completion_tokens: 3 }],
    ['of which more was cached than was sent', { prompt_tokens: 300, completion_tokens: 40, cached_tokens: 9000 }],
    ['with no answer in it', { prompt_tokens: 300, completion_tokens: 0 }],
  ] as const) {
    it(`with a count ${how} is counted by size, the budget holds, and the log says so`, async () => {
      const long = 'A long thought about counters. '.repeat(30);
      const dishonest: typeof fetch = async () => {
        const call = { index: 0, id: 'a', type: 'function', function: { name: 'write_file', arguments: '{"path":"a","content":"b"}' } };
        const choices = [{ index: 0, delta: { reasoning_content: long, tool_calls: [call] }, finish_reason: 'tool_calls' }];
        return new Response(`data: ${JSON.stringify({ choices, usage })}\n\ndata: [DONE]\n\n`, {
          headers: { 'content-type': 'text/event-stream' },
        });
      };
      const { end, totals, events } = await play(script, { fetch: dishonest, limits: { budget: 0.02 } });
      assert.equal(outcomeOf(end), 'budget_exhausted', JSON.stringify(end));
      assert.ok(totals.usage.input > 100 && totals.usage.output > 100, JSON.stringify(totals.usage));
      assert.match(texts(events, 'notice').join(), /token count that cannot be right/);
      assert.doesNotMatch(texts(events, 'notice').join(), /sent no token count/);
    });
  }

  it('gets its thinking back under the name it came by, also after a resume; the platform gets it under its own', async () => {
    const sent: { role: string; reasoning?: string; reasoning_content?: string }[][] = [];
    const server = (baseUrl: string, name: string): typeof fetch => {
      return async (input, init) => {
        const body = Buffer.from(init!.body as Uint8Array).toString();
        sent.push((JSON.parse(body) as { messages: (typeof sent)[number] }).messages);
        const answer = await fetch(String(input).replace('https://api.moonshot.ai/v1', baseUrl), {
          ...init,
          body: body.replaceAll('"reasoning":', '"reasoning_content":'),
        });
        return new Response((await answer.text()).replaceAll('"reasoning_content":', `"${name}":`), answer);
      };
    };
    const thought = (turns: readonly object[]) => turns.map((turn, at) => ({ ...turn, reasoning: `Thought ${at}.` }));
    const named = () =>
      sent.at(-1)!.flatMap(({ role, ...rest }) => (role === 'assistant' ? [[rest.reasoning, rest.reasoning_content]] : []));
    const kimi = await startKimi({ scenario: thought([read(), write('1'), command(), { ...command(), fault: '401' }]) });
    const own = { fetch: server(kimi.baseUrl, 'reasoning') };
    const stopped = await playOn(kimi, own);
    const before = [0, 1, 2].map((at) => [`Thought ${at}.`, undefined]);
    assert.deepEqual(named(), before);
    const rest = { resume: resumeAfter(stopped), firstMessages: [] };
    await playOn(kimi, { ...own, ...rest });
    assert.deepEqual(named().slice(0, 3), before);
    await playOn(kimi, { ...rest, fetch: server(kimi.baseUrl, 'reasoning_content'), api: { baseUrl: 'https://api.moonshot.ai/v1' } });
    assert.deepEqual(
      named().slice(0, 3),
      before.map(([text]) => [undefined, text]),
    );
    await kimi.close();
  });

  it('that refuses something else, or the same again, ends the attempt with its words', async () => {
    for (const kimi of [{ unknownFields: ['max_completion_tokens'] }, { longestAnswer: 100 }]) {
      const { end, kimi: server } = await play(script, { kimi });
      assert.equal(outcomeOf(end), 'api_unreachable');
      assert.match(end.kind === 'stopped' ? english(end.reason) : '', /max_completion_tokens/);
      assert.equal(server.requests.length, 1);
    }
    const stubborn: typeof fetch = async () =>
      Response.json({ error: { message: 'thinking is not supported here', type: 'invalid_request_error' } }, { status: 400 });
    const { end } = await play(script, { fetch: stubborn });
    assert.equal(outcomeOf(end), 'api_unreachable');
  });
});
