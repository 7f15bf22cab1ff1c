import assert from 'node:assert/strict';
import { packageScripts } from '../../src/common/package-scripts.ts';

describe('the scripts of a package', () => {
  it('are those that are texts, by name', () => {
    const found = packageScripts('{"scripts":{"test":"mocha","odd":1,"__proto__":"x"}}');
    assert.deepEqual(Object.entries(found), [
      ['test', 'mocha'],
      ['__proto__', 'x'],
    ]);
    assert.equal(packageScripts('{"scripts":{}}')['constructor'], undefined);
  });

  for (const manifest of [null, undefined, '', '{', '[]', 'null', '{"scripts":null}', '{"scripts":"test"}', '{"scripts":[1]}'])
    it(`are none in ${manifest}`, () => {
      const names = Object.keys(packageScripts(manifest));
      assert.deepEqual(names, []);
    });
});
