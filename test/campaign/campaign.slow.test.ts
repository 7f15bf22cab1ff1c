import assert from 'node:assert/strict';
import { keptTooMuch, memoryOver, races } from './crowd.ts';
import { blankTally, endure } from './endure.ts';

/** The short form of `npm run campaign`; many at once are in `test/e2e/many.test.ts`. */
describe('campaign', function () {
  this.timeout(240_000);

  it('4 kills and 8 faults at seeded moments: nothing is lost, corrupt or left behind, and the next call goes on', async () => {
    const tally = blankTally();
    const [first, ...others] = (await Promise.all([endure(4, 2, 4, tally), endure(5, 2, 4, tally)])).flat();
    if (first) throw Object.assign(first, { message: `${others.length + 1} did not hold; the first: ${first.message}` });
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, n) => all + n, 0);
    assert.deepEqual([sum(tally.kills), sum(tally.faults)], [4, 8]);
  });

  it('two servers that race for a branch: one works, the other is told', () => races(2));

  it('a server that has made many attempts holds no more than one that has made a few', async () => {
    const few = keptTooMuch(10, await memoryOver(15, 5));
    // What is loaded once, late, weighs on ten attempts and not on forty.
    if (few !== null) assert.equal(keptTooMuch(40, await memoryOver(50, 10)), null, few);
  });
});
