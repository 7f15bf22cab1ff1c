import assert from 'node:assert/strict';
import { nameRules } from '../../src/agent/never-send/name-rules.ts';
import { forbiddenBy, soundValue } from '../../src/vscode/brought-values.ts';

describe('what the settings of a folder say to servers', () => {
  const patterns = (count: number) => Array.from({ length: count }, (_, n) => `packages/part-${n}/fixtures/customers.json`);

  it('is left out where it is larger than anybody has to say', () => {
    assert.deepEqual(soundValue(['npm test']), ['npm test']);
    assert.equal(soundValue('x'.repeat(5000)), undefined);
    assert.equal(soundValue(undefined), undefined);
  });

  it('forbids what it says, however much that is: nothing is sent because a list is long', () => {
    for (const count of [1, 100, 300, 5000]) {
      const rules = nameRules(forbiddenBy('neverSend', patterns(count)));
      assert.ok(
        patterns(count).every((path) => rules.isWithheld(path)),
        `${count} patterns`,
      );
      assert.equal(rules.isWithheld('src/a.ts'), count === 5000);
    }
    assert.ok(JSON.stringify(forbiddenBy('neverSend', patterns(5000))).length < 100);
    assert.deepEqual(forbiddenBy('neverSend', 'a b, c'), ['a b', 'c']);
    assert.deepEqual(forbiddenBy('protectedBranches', 'a b, c'), ['a', 'b', 'c']);
    assert.deepEqual(forbiddenBy('neverSend', undefined), []);
    for (const unread of [['a', 7], { a: true }, false]) assert.deepEqual(forbiddenBy('neverSend', unread), ['**']);
  });
});
