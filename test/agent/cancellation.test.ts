import assert from 'node:assert/strict';
import { startKimi } from '../fakes/kimi/server.ts';
import { command, finish, memoryTools, outcomeOf, play, playOn, read } from './harness.ts';

describe('cancellation', () => {
  for (const [name, fault] of [
    ['before the headers', 'stall_before_headers'],
    ['in mid-stream', 'stall_mid_stream'],
  ] as const) {
    it(`ends at once ${name}`, async () => {
      const kimi = await startKimi({ scenario: [read(), { ...read(), fault }] });
      const stop = new AbortController();
      void kimi.arrived(2).then(() => stop.abort());
      const { end, events, clock } = await playOn(kimi, { signal: stop.signal, limits: { stallSeconds: 600 } });
      assert.equal(outcomeOf(end), 'cancelled');
      assert.deepEqual(clock.slept, []);
      assert.equal(kimi.requests.length, 2);
      assert.equal(events.filter(({ type }) => type === 'retry').length, 0);
      await kimi.close();
    });
  }

  it('ends at once in a tool that ignores its signal', async () => {
    const stop = new AbortController();
    const run = () => {
      stop.abort();
      return new Promise<never>(() => {});
    };
    const tools = memoryTools(new Map()).map((tool) => (tool.name === 'run_command' ? { ...tool, run } : tool));
    const { end, events, clock } = await play([command(), finish()], { tools, signal: stop.signal });
    assert.equal(outcomeOf(end), 'cancelled');
    assert.deepEqual(clock.slept, []);
    assert.equal(events.at(-1)!.type, 'tool_start');
  });

  it('ends at once while it is looked whether anything changed', async () => {
    const stop = new AbortController();
    const hasChanges = () => {
      stop.abort();
      return new Promise<never>(() => {});
    };
    const { end, clock } = await play([{ text: 'Done.' }], { hasChanges, signal: stop.signal });
    assert.equal(outcomeOf(end), 'cancelled');
    assert.deepEqual(clock.slept, []);
  });

  it('ends during a wait between tries, and before the first request', async () => {
    const stop = new AbortController();
    const { end, kimi } = await play(() => ({ fault: '503' }), {
      signal: stop.signal,
      onEvent: (event) => event.type === 'retry' && stop.abort(),
    });
    assert.equal(outcomeOf(end), 'cancelled');
    assert.equal(kimi.requests.length, 1);
    const never = await play([finish()], { signal: AbortSignal.abort() });
    assert.equal(outcomeOf(never.end), 'cancelled');
    assert.equal(never.kimi.requests.length, 0);
  });
});
