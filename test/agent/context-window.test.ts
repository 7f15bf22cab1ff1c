import assert from 'node:assert/strict';
import type { AgentEvent } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi } from '../fakes/kimi/server.ts';
import { command, finish, longText, type Overrides, ourFaults, outcomeOf, play, playOn, read, texts, write } from './harness.ts';

/** Large enough for the usual cap on an answer, so that a window that is not known is noticed only later. */
const WINDOW = 65_536;
const OTHER = { api: { model: 'kimi-next' }, kimi: { models: ['kimi-next'], window: WINDOW } };
const SHORT = [read(), write('1'), command(), finish()];

/** Fills a small window several times; a note whenever one is asked for. */
function long(steps: number): (view: RequestView) => Turn {
  let at = 0;
  return ({ messages }) => {
    if (String(messages.at(-1)?.content).startsWith('[note] The conversation has become long'))
      return { text: `Done: some. ${longText(90)}` };
    return at++ >= steps ? finish() : write(`${at} ${longText(12_000, at * 12_000)}`);
  };
}

const windowNotices = (events: readonly AgentEvent[]) => texts(events, 'notice').filter((text) => / takes \d+ tokens/.test(text));
/** The third answer takes its time, so that the list of models is surely there before the fourth request. */
const thinkMs = ({ index }: RequestView) => (index % 4 === 2 ? 300 : 0);

/** As if the server were the platform itself. */
function asPlatform(kimi: ScriptedKimi, api: Overrides['api'] = {}): Overrides {
  const base = 'https://api.moonshot.ai/v1';
  return { api: { baseUrl: base, ...api }, fetch: (url, init) => fetch(String(url).replace(base, kimi.baseUrl), init) };
}

describe('the context window', () => {
  it('is asked for once, when the first answer is there, and taken for what follows', async () => {
    const { end, kimi, events } = await play(long(40), { ...OTHER, limits: { maxSteps: 60 } });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.deepEqual(
      kimi.lists.map(({ after }) => after > 0),
      [true],
      'once, and never before the first request',
    );
    assert.deepEqual(ourFaults(kimi), [], 'so that no request was too large');
    assert.ok(events.filter((event) => event.type === 'compacted' && event.why === 'window').length > 1);
    assert.match(windowNotices(events).join(), /kimi-next takes 65536 tokens/);
  });

  it('is that of the setting when there is one, and nobody is asked', async () => {
    const { end, kimi } = await play(long(40), { ...OTHER, api: { ...OTHER.api, contextWindow: WINDOW }, limits: { maxSteps: 60 } });
    assert.equal(outcomeOf(end), 'finished');
    assert.deepEqual([kimi.lists, ourFaults(kimi)], [[], []]);
    assert.equal(windowNotices((await play(SHORT, { api: { contextWindow: 9000 } })).events).length, 0);
  });

  it('is that of the table for a model that the platform itself serves; another model is asked for', async () => {
    const kimi = await startKimi({ scenario: [...SHORT, ...SHORT], models: ['kimi-k2.6', 'kimi-next'], window: 1_048_576, thinkMs });
    await playOn(kimi, asPlatform(kimi));
    assert.deepEqual(kimi.lists, []);
    const { events } = await playOn(kimi, asPlatform(kimi, { model: 'kimi-next' }));
    assert.equal(kimi.lists.length, 1);
    assert.match(windowNotices(events).join(), /kimi-next takes 1048576 tokens/, 'a larger one counts too');
    await kimi.close();
  });

  it('is found where other servers name it', async () => {
    for (const field of ['max_model_len', 'context_window']) {
      const body = { data: [{ id: 'another' }, { id: 'kimi-next', [field]: WINDOW }] };
      const { events } = await play(SHORT, { ...OTHER, kimi: { ...OTHER.kimi, thinkMs, listAnswer: { status: 200, body } } });
      assert.match(windowNotices(events).join(), /kimi-next takes 65536 tokens/, field);
    }
  });

  for (const [what, listAnswer] of [
    ['silent', 'silent'],
    ['an error', { status: 500, body: { error: { message: 'no' } } }],
    ['no list', { status: 200, body: 'nothing here' }],
    ['a list without windows', { status: 200, body: { data: [{ id: 'kimi-next' }, null] } }],
    ['a window that cannot be', { status: 200, body: { data: [{ id: 'kimi-next', context_length: -1 }] } }],
    ['a window too small to work in', { status: 200, body: { data: [{ id: 'kimi-next', context_length: 512 }] } }],
    ['a text as the window', { status: 200, body: { data: [{ id: 'kimi-next', context_length: 'large' }] } }],
    ['another model', { status: 200, body: { data: [{ id: 'kimi-k2.6', context_length: 99_999 }] } }],
  ] as const) {
    it(`stays as assumed when the answer is ${what}`, async () => {
      const kimi = await startKimi({ scenario: SHORT, models: ['kimi-next'], listAnswer, thinkMs: 30 });
      const { end, events } = await playOn(kimi, { api: { model: 'kimi-next' } });
      assert.equal(outcomeOf(end), 'finished');
      assert.equal(kimi.lists.length, 1);
      assert.deepEqual(texts(events, 'notice'), []);
      await kimi.close();
    });
  }

  it('is not asked for any more when the attempt has ended', async () => {
    const kimi = await startKimi({ scenario: SHORT, models: ['kimi-next'], listAnswer: 'silent' });
    await playOn(kimi, { api: { model: 'kimi-next' } });
    while (!kimi.lists[0]?.gone) await new Promise((resolve) => setImmediate(resolve));
    await kimi.close();
  });

  it('that a refusal taught stays when the list says more', async () => {
    const body = { data: [{ id: 'kimi-next', context_length: 262_144 }] };
    const { end, kimi, events } = await play(long(40), {
      ...OTHER,
      kimi: { ...OTHER.kimi, listAnswer: { status: 200, body } },
      limits: { maxSteps: 60 },
    });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.equal(ourFaults(kimi).length, 1, 'refused once, and never again');
    assert.match(windowNotices(events).join(), /The server takes 65536 tokens in a request/);
  });
});
