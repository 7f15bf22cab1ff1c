import assert from 'node:assert/strict';
import { type ClaudePrice, claudeCost, claudePriceOf } from '../../src/economics/claude-prices.ts';
import {
  type AttemptCost,
  addRequest,
  type Caller,
  callerSum,
  NO_WORK,
  netOf,
  type Saving,
  savingOf,
  type Work,
} from '../../src/economics/saving.ts';

const near = (actual: number, wanted: number, within = 1e-9) => assert.ok(Math.abs(actual - wanted) <= within, `${actual}, not ${wanted}`);
const priceOf = (model: string): ClaudePrice => claudePriceOf(model) ?? assert.fail(model);
const work = (...requests: [input: number, cached: number, output: number][]): Work =>
  requests.reduce((sum, [input, cached, output]) => addRequest(sum, { input, cached, output }), NO_WORK);
const FREE: Omit<Caller, 'model'> = { requests: [], told: 0, carried: { requests: 0, fromStart: false }, report: 0, polls: 0 };
const saved = (model: string, attempts: AttemptCost[], more: Partial<Caller> = {}): Saving =>
  savingOf(attempts, { ...FREE, model, ...more }, null) ?? assert.fail('no saving');

describe('the prices of Claude', () => {
  it('are found by the model as a session names it, with or without its day', () => {
    assert.equal(priceOf('claude-opus-5-5').name, 'Opus 5.5');
    assert.equal(priceOf('claude-haiku-4-5-20251001').name, 'Haiku 4.5');
  });

  for (const model of [
    'claude-opus-6',
    'claude-opus-5-5[1m]',
    'us.anthropic.claude-opus-5-5',
    'kimi-k2.6',
    '',
    'constructor',
    '<synthetic>',
  ])
    it(`are not guessed for "${model}"`, () => {
      assert.equal(claudePriceOf(model), null);
      assert.equal(savingOf([{ work: work([1000, 0, 10]), delivered: true, cost: 0.1 }], { ...FREE, model }, null), null);
    });

  it('are those of the four models that are told in the README, by class', () => {
    const classes = (model: string) => {
      const { input, output, write5m, write1h, read } = priceOf(model);
      return [input, output, write5m, write1h, read];
    };
    assert.deepEqual(classes('claude-fable-5-2'), [8, 40, 10, 16, 0.2]);
    assert.deepEqual(classes('claude-opus-5-5'), [4, 20, 5, 8, 0.2]);
    assert.deepEqual(classes('claude-sonnet-5-5'), [2, 10, 2.5, 4, 0.1]);
    assert.deepEqual(classes('claude-haiku-5-5'), [0.1, 0.5, 0.125, 0.2, 0.01]);
  });

  it('of Haiku 5.5 are five times as high for a long prompt, and no others', () => {
    const usage = { input: 1e6, output: 1e6, write5m: 1e6, write1h: 1e6, read: 1e6 };
    const haiku = priceOf('claude-haiku-5-5');
    near(claudeCost(usage, haiku, 100_000), 0.935);
    near(claudeCost(usage, haiku, 100_001), 5 * 0.935);
    const opus = priceOf('claude-opus-5-5');
    near(claudeCost(usage, opus, 100_001), claudeCost(usage, opus, 1));
  });
});

describe('the saving', () => {
  // The sample attempt of the README: 412k in, 93 % of them from the cache, 9k out.
  const sample = work(
    [28_840, 0, 9_000],
    ...Array.from({ length: 13 }, () => [28_840, 28_840, 0] as [number, number, number]),
    [8_240, 8_240, 0],
  );
  const attempt = { work: sample, delivered: true, cost: 0.125 };

  it('of the sample attempt is what the README says of it', () => {
    const high = (model: string) => saved(model, [attempt]).same.high;
    near(high('claude-opus-5-5'), 0.4, 0.005);
    near(high('claude-sonnet-5-5'), 0.2, 0.005);
    near(high('claude-haiku-5-5'), 0.012, 0.001);
    const opus = saved('claude-opus-5-5', [attempt]);
    near(opus.same.low, (28_840 * 4 + 9_000 * 20) / 1e6);
    near(netOf(opus).high, opus.same.high - 0.125);
    assert.ok(netOf(saved('claude-haiku-5-5', [attempt])).high < 0, 'dearer than Haiku');
  });

  it('does not depend on what the endpoint says of its cache: one that tells nothing would look dear to Claude', () => {
    const [told, untold] = [work([5000, 0, 100], [6000, 5000, 100]), work([5000, 0, 100], [6000, 0, 100])];
    assert.deepEqual(told, untold);
    assert.deepEqual(told.short, { fresh: 6000, again: 5000, output: 200 });
  });

  it('counts long requests by their own prices, and each token once by the lowest', () => {
    const long = work([90_000, 0, 10], [110_000, 90_000, 10]);
    assert.deepEqual([long.short.fresh, long.long.fresh, long.long.again], [90_000, 20_000, 90_000]);
    const { same } = saved('claude-haiku-5-5', [{ work: long, delivered: true, cost: 0 }]);
    near(same.high, (90_000 * 0.125 + 10 * 0.5 + 20_000 * 0.625 + 90_000 * 0.05 + 10 * 2.5) / 1e6);
    near(same.low, (110_000 * 0.1 + 20 * 0.5) / 1e6);
  });

  it('counts the cost of attempts that failed, and their tokens not: Claude would not have paid for those', () => {
    const failed = { work: sample, delivered: false, cost: 0.3 };
    const both = saved('claude-opus-5-5', [failed, attempt]);
    near(both.worker, 0.425);
    assert.deepEqual(both.same, saved('claude-opus-5-5', [attempt]).same);
    const none = saved('claude-opus-5-5', [failed]);
    assert.deepEqual(
      [none.same, netOf(none)],
      [
        { low: 0, high: 0 },
        { low: -0.3, high: -0.3 },
      ],
    );
  });

  it('is not told where a price of the worker is unknown', () => {
    assert.equal(savingOf([attempt, { ...attempt, cost: null }], { ...FREE, model: 'claude-opus-5-5' }, null), null);
  });

  it('takes off what delegating cost the caller: looking, the task, what the server tells, the report, the waiting', () => {
    const first = { input: 10, output: 100, write5m: 20_000, write1h: 0, read: 0 };
    const second = { input: 10, output: 300, write5m: 1_000, write1h: 0, read: 20_000 };
    const { caller } = saved('claude-opus-5-5', [attempt], {
      requests: [first, second],
      told: 1_400,
      carried: { requests: 5, fromStart: true },
      report: 2_000,
      polls: 3,
    });
    // The first request would have been made in any case; its answer was not.
    near(caller.before, (100 * 20 + 10 * 4 + 300 * 20 + 1_000 * 5 + 20_000 * 0.2) / 1e6);
    near(caller.told, (1_400 * 5 * 0.2 + 1_400 * 5) / 1e6);
    near(caller.report, (2_000 * 5) / 1e6);
    near(caller.waiting, ((10 + 1_000 + 20_000 + 300) * 3 * 0.2) / 1e6);
    const net = netOf(saved('claude-opus-5-5', [attempt], { report: 2_000 }));
    near(net.high, netOf(saved('claude-opus-5-5', [attempt])).high - 0.01);
  });

  it('counts a report that is kept for an hour by the price of that', () => {
    const hour = { input: 0, output: 1, write5m: 0, write1h: 500, read: 0 };
    near(saved('claude-opus-5-5', [attempt], { requests: [hour], report: 1_000 }).caller.report, (1_000 * 8) / 1e6);
  });

  it('counts the calls of all attempts', () => {
    const before = { ...saved('claude-opus-5-5', [attempt]), caller: { before: 0.01, told: 0.02, report: 0.03, waiting: 0.04 } };
    const caller = { ...FREE, model: 'claude-opus-5-5', report: 1_000 };
    near(callerSum(savingOf([attempt], caller, before)?.caller ?? assert.fail()), 0.105);
  });

  it('goes on against the same model where a person goes on with the work', () => {
    const before = { ...saved('claude-opus-5-5', [attempt]), caller: { before: 0.1, told: 0, report: 0, waiting: 0 } };
    const after = savingOf([attempt, attempt], null, before);
    assert.deepEqual([after?.model, after?.caller], ['claude-opus-5-5', before.caller]);
    near(after?.same.low ?? 0, 2 * before.same.low);
    assert.equal(savingOf([attempt], null, null), null);
  });
});
