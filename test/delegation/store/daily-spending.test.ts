import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { dayOf, openSpending, spentAltogether } from '../../../src/delegation/store/daily-spending.ts';
import { english } from '../../messages/english.ts';

const NOON = new Date(2026, 10, 22, 12).getTime();
const HOUR = 3_600_000;

describe('spending of a day', () => {
  let stateDir: string;
  let at: number;
  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'ckm-spending-'));
    at = NOON;
  });
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

  const open = (by: string, budget: number | null = 10, currency: 'USD' | 'CNY' = 'USD') =>
    openSpending({ stateDir, by, currency, budget, now: () => at });
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);

  it('adds up over everybody, and over restarts', () => {
    const [one, two] = [open('one'), open('two')];
    assert.equal(one.left(), 10);
    one.settle(2);
    near(two.left(), 8);
    two.settle(3);
    near(one.left(), 5);
    near(open('three').left(), 5);
  });

  it('counts what others have under way with the most that it can cost, until it is settled', () => {
    const [one, two] = [open('one'), open('two')];
    one.hold(4);
    near(two.left(), 6);
    assert.equal(one.left(), 10, 'not its own: it asks before the next request');
    one.settle(1);
    near(two.left(), 9);
    one.hold(4);
    one.hold(2);
    near(two.left(), 7);
  });

  it('tells what all days cost, and what may come on top', () => {
    assert.deepEqual(spentAltogether(stateDir, 'USD'), { settled: 0, held: 0 });
    open('one').settle(2);
    at += 24 * HOUR;
    open('two').settle(1);
    open('three').hold(4);
    assert.deepEqual(spentAltogether(stateDir, 'USD'), { settled: 3, held: 4 });
    assert.deepEqual(spentAltogether(stateDir, 'CNY'), { settled: 21, held: 28 });
  });

  it('lets only the first of two pass that ask at the same moment', () => {
    const [one, two, three] = [open('one'), open('two'), open('three')];
    for (const each of [one, two, three]) assert.equal(each.left(), 10);
    assert.equal(one.hold(6), true);
    assert.equal(two.hold(6), false, 'the one before it takes the room');
    assert.equal(three.hold(4), true, 'what was refused holds nothing');
    near(two.left(), 0);
    one.settle(1);
    three.settle(1);
    assert.equal(two.hold(8), true);
    assert.equal(two.hold(9), false, 'its own old hold does not count, but what was settled');
  });

  it('never passes the budget, however looks, holds and answers of several processes fall', () => {
    const act = fc.record({ by: fc.constantFrom('a', 'b', 'c'), act: fc.constantFrom('look', 'hold', 'settle') });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        rmSync(path.join(stateDir, 'spending'), { recursive: true, force: true });
        const all = { a: open('a'), b: open('b'), c: open('c') };
        const seen = { a: 0, b: 0, c: 0 };
        const held = { a: 0, b: 0, c: 0 };
        let settled = 0;
        for (const { by, act: what } of acts) {
          const who = by as 'a' | 'b' | 'c';
          if (what === 'look') seen[who] = Math.max(0, all[who].left() / 2);
          else if (what === 'hold' && held[who] === 0 && all[who].hold(seen[who])) held[who] = seen[who];
          else if (what === 'settle') {
            all[who].settle(held[who]);
            settled += held[who];
            held[who] = 0;
          }
          assert.ok(settled + held.a + held.b + held.c <= 10 + 1e-9);
        }
      }),
      { seed: 23, numRuns: 200 },
    );
  });

  it('counts what a process held that died when its delegation goes on: as that says, else in full', () => {
    open('one').hold(4);
    const again = open('one');
    near(again.left(), 6);
    at += 2 * HOUR;
    near(again.left(), 6);
    again.hold(1);
    const third = open('one');
    third.settle(0.5);
    near(third.left(), 5.5);
    near(open('two').left(), 5.5);
  });

  it('counts what a process held that died, with a budget of its own or without, as long as its delegation does not go on', () => {
    open('dead', null).hold(3);
    open('dead too').hold(4);
    const one = open('one');
    near(one.left(), 3);
    at += 5 * HOUR;
    near(one.left(), 3);
    open('dead', null).settle(1);
    near(one.left(), 5);
  });

  it('begins anew at midnight where the user is', () => {
    const one = open('one');
    at = new Date(2026, 10, 22, 23, 59, 59).getTime();
    one.settle(9);
    near(one.left(), 1);
    at += 1000;
    assert.equal(one.left(), 10);
    one.settle(1);
    assert.deepEqual(readdirSync(path.join(stateDir, 'spending')).sort(), ['2026-11-22.jsonl', '2026-11-23.jsonl']);
    assert.match(
      english(one.usedUp()),
      /daily budget of 10 USD \(KIMI_BUDGET_PER_DAY\) for 2026-11-23.*used 1\.0000 USD.*resume_delegation goes on with it tomorrow/,
    );
  });

  it('converts between currencies as the default budgets do', () => {
    open('one', null, 'CNY').settle(14);
    near(open('two').left(), 8);
    open('two').settle(1);
    near(open('three', 30, 'CNY').left(), 9);
  });

  it('records without a budget too, for one that is set later in the day, and refuses nothing then', () => {
    const one = open('one', null);
    assert.equal(one.left(), Number.POSITIVE_INFINITY);
    assert.equal(one.hold(500), true);
    one.settle(2);
    const file = path.join(stateDir, 'spending', `${dayOf(at)}.jsonl`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    near(open('two').left(), 8);
  });

  it('reads past lines that make no sense, and a line that is not yet complete', () => {
    const one = open('one');
    one.settle(1);
    const file = path.join(stateDir, 'spending', `${dayOf(at)}.jsonl`);
    appendFileSync(file, 'not json\n{"at":1}\n{"at":1,"by":"x","currency":"USD",');
    near(one.left(), 9);
    appendFileSync(file, '"cost":2}\n');
    near(one.left(), 7);
  });

  it('gives every reader the same sum, however their reads fall', () => {
    const act = fc.record({
      by: fc.constantFrom('a', 'b', 'c'),
      act: fc.constantFrom('hold', 'settle', 'read'),
      amount: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        rmSync(path.join(stateDir, 'spending'), { recursive: true, force: true });
        const all = { a: open('a', 1000), b: open('b', 1000), c: open('c', 1000) };
        let settled = 0;
        const held = { a: 0, b: 0, c: 0 };
        for (const { by, act: what, amount } of acts) {
          const who = by as 'a' | 'b' | 'c';
          if (what === 'hold') {
            all[who].hold(amount);
            held[who] = amount;
          } else if (what === 'settle') {
            all[who].settle(amount);
            held[who] = 0;
            settled += amount;
          } else {
            const others = Object.entries(held).reduce((sum, [name, value]) => sum + (name === who ? 0 : value), 0);
            near(all[who].left(), 1000 - settled - others);
          }
        }
      }),
      { seed: 22, numRuns: 50 },
    );
  });
});
