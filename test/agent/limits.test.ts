import assert from 'node:assert/strict';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { english, inWords } from '../messages/english.ts';
import { command, finish, longText, ourFaults, outcomeOf, play, playOn, serverCount, texts, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

describe('time limit', () => {
  for (const [when, type] of [
    ['the model answers', 'request'],
    ['a tool runs', 'tool_start'],
  ] as const) {
    it(`ends the loop while ${when}, as a limit and not as a cancel`, async () => {
      const up = new AbortController();
      let seen = 0;
      const { end, totals, kimi } = await play([write('1'), write('2'), write('3'), finish()], {
        limits: { time: { minutes: 90, up: up.signal } },
        onEvent: (event) => event.type === type && ++seen === 3 && up.abort(),
      });
      assert.equal(outcomeOf(end), 'step_limit');
      assert.match(english(end.kind === 'stopped' ? end.reason : null), /time limit of 90 minutes .* kept: other text .* KIMI_MAX_MINUTES/);
      assert.ok(totals.steps >= 2 && kimi.requests.length <= 3);
    });
  }

  it('a cancel before it stays a cancel', async () => {
    const [up, stop] = [new AbortController(), new AbortController()];
    const { end } = await play([write('1'), finish()], {
      limits: { time: { minutes: 1, up: up.signal } },
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== 'tool_start') return;
        stop.abort();
        up.abort();
      },
    });
    assert.equal(outcomeOf(end), 'cancelled');
  });

  it('time that is up when the work is finished takes nothing away', async () => {
    const up = new AbortController();
    const { end } = await play([write('1'), finish()], { limits: { time: { minutes: 1, up: up.signal } } });
    up.abort();
    assert.equal(outcomeOf(end), 'finished');
  });
});

describe('limits of what is said', () => {
  const notRun = (kimi: { requests: { body: Buffer }[] }) =>
    kimi.requests
      .at(-1)!
      .body.toString()
      .match(/not run: the results before this call/g)?.length ?? 0;

  it('one answer gets results up to half of what a window holds; calls behind them did not run, and it may make them again', async () => {
    const files = new Map(Array.from({ length: 400 }, (_, at) => [`${at}.txt`, longText(2000, at)]));
    const calls = [...files.keys()].map((path) => ({ name: 'read_file', args: { path } }));
    const { end, kimi } = await play(({ step }) => [{ calls }, write('1')][step] ?? finish(), { files });
    assert.equal(outcomeOf(end), 'finished');
    assert.deepEqual(ourFaults(kimi), []);
    const left = notRun(kimi);
    assert.ok(left > 130 && left < 160, `${left} were left out`);
  });

  it('an attempt ends that has said more than any work takes, and one that is continued behind that', async () => {
    const before = await play([write('1')], { limits: { maxSteps: 1 } });
    const resume = { ...resumeAfter(before), transcript: [JSON.stringify({ role: 'user', content: 'x'.repeat(65 * 2 ** 20) })] };
    const { end, kimi } = await play([finish()], { resume, firstMessages: [] });
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.match(english(end.kind === 'stopped' ? end.reason : null), /longer than any work needs/);
    assert.equal(kimi.requests.length, 0);
  });
});

describe('limits in steps, money and tokens', () => {
  it('stops at the step limit, having warned', async () => {
    const { end, kimi } = await play(() => write(String(Math.random())), { limits: { maxSteps: 10 } });
    assert.equal(outcomeOf(end), 'step_limit');
    assert.equal(kimi.requests.length, 10);
    assert.match(kimi.requests[9]!.body.toString(), /2 steps are left/);
  });

  it('stops before the budget is passed', async () => {
    const { end, totals, kimi } = await play(({ index }) => write(`${index}`.padEnd(4000, 'x')), { limits: { budget: 0.02 } });
    assert.equal(outcomeOf(end), 'budget_exhausted');
    assert.ok(totals.cost.amount! <= 0.02 && totals.cost.amount! > 0.01, `${totals.cost.amount}`);
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
  });

  it('never passes a budget, however long the answers are', async () => {
    const long = ({ index }: RequestView): Turn => write(longText(9000 * ((index % 3) + 1), index));
    for (const budget of [0.006, 0.011, 0.03, 0.07, 0.15]) {
      const { end, totals, kimi } = await play(long, { limits: { budget } });
      assert.equal(outcomeOf(end), 'budget_exhausted');
      const { input, cached, output } = serverCount(kimi.requests);
      const billed = ((input - cached) * 0.95 + cached * 0.16 + output * 4) / 1e6;
      assert.ok(billed <= budget, `${billed} of ${budget}`);
      assert.ok(Math.abs(billed - totals.cost.amount!) < 1e-9);
    }
  });

  it('never passes a budget when the cache goes cold, whenever that is', async () => {
    const turn = ({ index }: RequestView): Turn => write(`${index}`.repeat(3000));
    for (let at = 8; at < 24; at++) {
      const { end, totals } = await play(turn, { limits: { budget: 0.12 }, kimi: { cold: ({ index }) => index === at } });
      assert.equal(outcomeOf(end), 'budget_exhausted');
      assert.ok(totals.cost.amount! <= 0.12 && totals.cost.amount! > 0.08, `${totals.cost.amount} (cold at ${at})`);
    }
  });

  it('stops before a budget is passed that others share, whoever spends it', async () => {
    let left = 1;
    const acts: string[] = [];
    const shared = {
      left: () => left,
      hold: (most: number) => acts.push(`hold ${most > 0.1}`) > 0,
      settle: (cost: number) => {
        acts.push('settle');
        left -= cost + 0.2; // and others
      },
      usedUp: () => inWords('The daily budget is used up.'),
    };
    const { end, kimi } = await play(({ index }) => (index === 1 ? { fault: '503' } : command(`${index}`)), {
      limits: { budget: 50, shared },
    });
    assert.equal(outcomeOf(end), 'budget_exhausted');
    assert.ok(end.kind === 'stopped' && end.resumable);
    assert.match(english(end.reason), /^The daily budget is used up\.$/);
    assert.equal(kimi.requests.length, 5);
    assert.deepEqual(acts.slice(0, 4), ['hold true', 'settle', 'hold true', 'settle'], 'a request that failed holds nothing any more');
  });

  it('sends nothing when others take what is left of a shared budget at that moment', async () => {
    let left = 1;
    const tried: number[] = [];
    const shared = {
      left: () => left,
      hold: (most: number) => {
        tried.push(most);
        if (tried.length > 1) return true;
        left = 0.05; // others were quicker
        return false;
      },
      settle: () => {},
      usedUp: () => inWords('The daily budget is used up.'),
    };
    const { kimi, end } = await play([finish()], { limits: { budget: 50, shared } });
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(kimi.requests.length, 1);
    assert.ok(tried[1]! <= 0.05 && kimi.requests[0]!.maxOutput < 32_768, 'a shorter answer');
    const never = await play([finish()], { limits: { budget: 50, shared: { ...shared, left: () => 1, hold: () => false } } });
    assert.equal(outcomeOf(never.end), 'budget_exhausted');
    assert.equal(never.kimi.requests.length, 0);
  });

  it('counts a budget at the price of k2.6 when the price is unknown, and says so', async () => {
    const overrides = { limits: { budget: 0.02 }, api: { model: 'kimi-next' }, kimi: { models: ['kimi-next'] } };
    const { end, totals } = await play(({ index }) => write(`${index}`.padEnd(4000, 'x')), overrides);
    assert.equal(outcomeOf(end), 'budget_exhausted');
    assert.match(english(end.kind === 'stopped' ? end.reason : null), /price of kimi-next is unknown/);
    assert.equal(totals.cost.amount, null);
  });

  it('counts tokens on the Chinese platform for a model whose price in CNY is unknown, and never shows its price in USD', async () => {
    const kimi = await startKimi({ scenario: ({ index }) => write(`${index}`.padEnd(4000, 'x')), models: ['kimi-k3.1-pro'] });
    const toLoopback: typeof fetch = (url, init) => fetch(String(url).replace('https://api.moonshot.cn/v1', kimi.baseUrl), init);
    const api = { baseUrl: 'https://api.moonshot.cn/v1', model: 'kimi-k3.1-pro' };
    const { end, totals, events } = await playOn(kimi, { api, fetch: toLoopback, limits: { budget: 0.14 } });
    await kimi.close();
    assert.equal(outcomeOf(end), 'budget_exhausted');
    assert.match(english(end.kind === 'stopped' ? end.reason : null), /0\.14 CNY .*price of kimi-k3\.1-pro is unknown/);
    assert.deepEqual(totals.cost, { amount: null, currency: 'CNY' });
    assert.ok(texts(events, 'reply').every((text) => text.includes('"cost":null')));
    const { input, cached, output } = totals.usage;
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
    const counted = ((input - cached) * 6.5 + cached * 1.1 + output * 27) / 1e6;
    assert.ok(counted <= 0.14 && counted > 0.07, `${counted}: at the price of k2.6 in CNY`);
  });

  it('stops when the context window is full and nothing in it can give way', async () => {
    const { end, kimi } = await play(({ index }) => write(`${index}`.padEnd(8000, 'x')), {
      firstMessages: [{ role: 'user', content: 'A long task. '.repeat(5400) }],
      api: { contextWindow: 20_000 },
      kimi: { window: 20_000 },
    });
    assert.equal(outcomeOf(end), 'step_limit');
    assert.match(english(end.kind === 'stopped' ? end.reason : null), /context window is full/);
    assert.deepEqual(ourFaults(kimi), []);
  });
});
