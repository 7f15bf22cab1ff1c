import assert from 'node:assert/strict';
import { count } from '../../src/common/count-noun.ts';

it('count says how many there are', () => {
  assert.equal(count(1, 'line'), '1 line');
  assert.equal(count(0, 'line'), '0 lines');
  assert.equal(count(2, 'uncommitted file'), '2 uncommitted files');
});
