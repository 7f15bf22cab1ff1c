import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextDelay, retryTime } from '../../src/agent/model/backoff.ts';
import type { Clock } from '../../src/common/clock.ts';
import { english, inWords } from '../messages/english.ts';
import { command, finish, outcomeOf, play, read, texts, write } from './harness.ts';

describe('retry', () => {
  it('never waits beyond its bound, and never less than it was told to', () => {
    const failure = { kind: 'retry', cause: 'rate', reason: inWords(''), delayMs: 7000, maxTries: 40, requestsPerMinute: null } as const;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 39 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 300_000 }),
        (tries, random, elapsedMs) => {
          const delay = nextDelay(failure, { tries, random, elapsedMs, boundMs: 300_000 });
          if (delay === null) return;
          assert.ok(delay >= 7000 && delay + elapsedMs <= 300_001);
        },
      ),
      { seed: 7 },
    );
    assert.equal(nextDelay(failure, { tries: 40, random: 0, elapsedMs: 0, boundMs: 300_000 }), null);
  });
});

describe('the wait before the next try', () => {
  const failure = { kind: 'retry', cause: 'rate', reason: inWords(''), delayMs: null, maxTries: 40, requestsPerMinute: null } as const;
  const delays = (random: number, more: object = {}) =>
    Array.from({ length: 9 }, (_, n) => nextDelay({ ...failure, ...more }, { tries: n + 1, random, elapsedMs: 0, boundMs: 300_000 }));

  it('doubles from one second, and grows to half a minute at most', () => {
    assert.deepEqual(delays(0.5), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('is spread over a half to one and a half times', () => {
    assert.deepEqual(delays(0), [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000, 15_000]);
    assert.deepEqual(delays(1), [1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000, 45_000, 45_000]);
  });

  it('is what the server named and up to a quarter more, unless our own is longer', () => {
    assert.deepEqual(delays(0, { delayMs: 3000 }).slice(0, 5), [3000, 3000, 3000, 4000, 8000]);
    assert.deepEqual(delays(1, { delayMs: 8000 }).slice(0, 4), [10_000, 10_000, 10_000, 12_000]);
    assert.equal(delays(0, { delayMs: 90_000 })[0], 90_000, 'a server may name more than we would wait by ourselves');
  });

  it('is none behind the bound or the last try', () => {
    const at = (elapsedMs: number, tries = 1) => nextDelay(failure, { tries, random: 0.5, elapsedMs, boundMs: 10_000 });
    assert.deepEqual([at(9000), at(9001), at(0, 3), at(0, 4)], [1000, null, 4000, 8000]);
    const few = { ...failure, maxTries: 5 };
    const tried = (tries: number) => nextDelay(few, { tries, random: 0.5, elapsedMs: 0, boundMs: 300_000 });
    assert.deepEqual([tried(4), tried(5), tried(6)], [8000, null, null]);
  });

  it('counts time in vain by what was meant: no try for longer than a silent one, none for less than nothing', () => {
    const vain = retryTime(120_000);
    vain.failed(5000);
    vain.failed(3_600_000);
    vain.failed(-60_000);
    vain.waited(30_000);
    assert.equal(vain.ms(), 155_000);
  });
});

describe('trying again', () => {
  it('waits as long as the server says, with a little more', async () => {
    const { clock } = await play([{ fault: '429_concurrency' }, finish()]);
    assert.equal(clock.slept.length, 1);
    assert.ok(clock.slept[0]! >= 1000 && clock.slept[0]! < 2000);
  });

  it('says that a slow tier makes the attempt slow', async () => {
    const { events } = await play([{ fault: '429_rpm' }, finish()]);
    assert.match(texts(events, 'notice').join(), /3 requests a minute/);
  });

  for (const [fault, outcome] of [
    ['429_rpm', 'rate_limited'],
    ['429_overloaded', 'rate_limited'],
    ['503', 'api_unreachable'],
    ['reset_mid_stream', 'api_unreachable'],
  ] as const) {
    it(`gives up in bounded time when ${fault} does not end`, async () => {
      const { end, clock } = await play(() => read('a.txt', { fault }), { limits: { retrySeconds: 60 } });
      assert.equal(outcomeOf(end), outcome);
      const waited = clock.slept.reduce((a, b) => a + b, 0);
      assert.ok(waited > 10_000 && waited <= 60_000, `${waited}`);
    });
  }

  it('goes on as long as there is time, not by the number of tries', async () => {
    const { clock, kimi } = await play(() => ({ fault: '503' }), { limits: { retrySeconds: 300 } });
    assert.deepEqual(clock.slept, [1000, 2000, 4000, 8000, 16_000, ...Array(8).fill(30_000)]);
    assert.equal(kimi.requests.length, 14);
  });

  describe('time in which nothing was tried in vain', () => {
    const HOUR = 3_600_000;
    /** A clock that a test moves, and that waits move by what they ask for or by more. */
    function clockOf(sleptMs = (ms: number) => ms): Clock & { jump(ms: number): void } {
      let ahead = 0;
      const jump = (ms: number) => {
        ahead += ms;
      };
      return { now: () => Date.now() + ahead, random: () => 0.5, sleep: async (ms) => jump(sleptMs(ms)), jump };
    }
    const attempt = [read(), write('1'), command(), finish()];

    it('does not count: an answer that broke off late, and a machine that slept meanwhile, are tried again', async () => {
      const clock = clockOf();
      const slow: typeof fetch = (url, init) => {
        clock.jump(HOUR);
        return fetch(url, init);
      };
      const { end, totals } = await play([write('lost', { fault: 'reset_mid_stream' }), ...attempt], { clock, fetch: slow });
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
      assert.equal(totals.retries, 1);
    });

    it('does not count when the machine slept during a wait either, and the network needs a moment then', async () => {
      const { end } = await play([{ fault: '503' }, { fault: '503' }, ...attempt], { clock: clockOf((ms) => ms + HOUR) });
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    });

    it('ends all the same when every try stalls', async () => {
      const clock = clockOf();
      const slow: typeof fetch = (url, init) => {
        clock.jump(120_000);
        return fetch(url, init);
      };
      const { end, kimi } = await play(() => ({ fault: '503' }), { clock, fetch: slow, limits: { stallSeconds: 120, retrySeconds: 300 } });
      assert.equal(outcomeOf(end), 'api_unreachable');
      assert.equal(kimi.requests.length, 3);
    });
  });

  it('is patient with a host that answered before, and soon through with one that never did', async () => {
    const offline = Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }) });
    const gone = (from: number, to: number): typeof fetch => {
      let at = 0;
      return (url, init) => {
        at++;
        return at > from && at <= to ? Promise.reject(offline) : fetch(url, init);
      };
    };
    const script = [read(), write('1'), command(), finish()];
    const back = await play(script, { api: { contextWindow: 262_144 }, fetch: gone(1, 9) });
    assert.equal(outcomeOf(back.end), 'finished', 'the Wi-Fi needs a moment after a laptop woke up');
    const never = await play(script, { fetch: gone(0, 99) });
    assert.match(english(never.end.kind === 'stopped' ? never.end.reason : null), /ENOTFOUND.*tried 5 times/);
  });
});
