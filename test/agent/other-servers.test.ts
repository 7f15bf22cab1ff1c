import assert from 'node:assert/strict';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import { english } from '../messages/english.ts';
import { command, finish, longText, outcomeOf, play, read, serverCount, texts, write } from './harness.ts';

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
