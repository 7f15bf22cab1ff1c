import assert from 'node:assert/strict';
import { findAgain } from '../../src/common/find-again.ts';

describe('what is found once', () => {
  it('is looked for again after a while where it was not the best, and nobody waits for that', async () => {
    let [clock, looks] = [0, 0];
    const answers = ['none', 'half', 'whole', 'never asked'];
    let hold: Promise<void> = Promise.resolve();
    const find = findAgain(
      async () => {
        const answer = answers[looks++]!;
        await hold;
        return answer;
      },
      (found) => found === 'whole',
      1000,
      () => clock,
    );
    assert.deepEqual(await Promise.all([find(), find()]), ['none', 'none']);
    clock = 999;
    assert.equal(await find(), 'none');
    assert.equal(looks, 1);

    clock = 1000;
    let goOn = () => {};
    hold = new Promise((resolve) => (goOn = resolve));
    assert.deepEqual(await Promise.all([find(), find()]), ['none', 'none'], 'while it is looked for');
    assert.equal(looks, 2);
    goOn();
    await hold;
    await new Promise(setImmediate);
    assert.equal(await find(), 'half');
    clock = 2000;
    assert.equal(await find(), 'half');
    await new Promise(setImmediate);
    assert.equal(await find(), 'whole');
    clock = 1e9;
    assert.equal(await find(), 'whole');
    assert.equal(looks, 3);
  });
});
