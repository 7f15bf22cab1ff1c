import assert from 'node:assert/strict';
import { parseLimit } from '../../src/agent/model/parse-error-text.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { assertPrefixes, compactions, long, WINDOW } from './compaction-world.ts';
import { ourFaults, outcomeOf, play, playOn, type Ran, serverCount, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

describe('a history that the server refuses as too large', () => {
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
    assert.match(english(end.kind === 'stopped' ? end.reason : null), /context window is full.*token limit/);
    assert.ok(kimi.requests.length < 12);
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
