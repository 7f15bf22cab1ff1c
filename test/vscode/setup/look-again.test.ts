import assert from 'node:assert/strict';
import { lookAgain } from '../../../src/vscode/setup/look-again.ts';

describe('what somebody looks at', () => {
  let seen: boolean;
  let looks: PromiseWithResolvers<void>[];
  let faults: unknown[];
  let following: ReturnType<typeof lookAgain>;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  beforeEach(() => {
    [seen, looks, faults] = [true, [], []];
    following = lookAgain({
      isSeen: () => seen,
      look() {
        looks.push(Promise.withResolvers<void>());
        return looks.at(-1)!.promise;
      },
      onFault: (error) => faults.push(error),
    });
  });

  it('is looked at again once for all that changed during a look', async () => {
    for (let change = 0; change < 4; change++) following.changed();
    assert.equal(looks.length, 1);
    looks[0]!.resolve();
    await settled();
    assert.equal(looks.length, 2);
    looks[1]!.resolve();
    await settled();
    assert.equal(looks.length, 2);
    following.changed();
    assert.equal(looks.length, 3);
  });

  it('is not looked at for nobody, but when it comes into sight', async () => {
    seen = false;
    following.changed();
    assert.equal(looks.length, 0);
    seen = true;
    following.seen();
    assert.equal(looks.length, 1);
    looks[0]!.resolve();
    await settled();
    following.seen();
    assert.equal(looks.length, 1, 'nothing has changed');
  });

  it('is looked at again after a look that went wrong', async () => {
    following.changed();
    looks[0]!.reject(new Error('no network'));
    await settled();
    assert.deepEqual(faults.map(String), ['Error: no network']);
    following.changed();
    assert.equal(looks.length, 2);
  });
});
