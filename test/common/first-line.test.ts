import assert from 'node:assert/strict';
import { firstLine } from '../../src/common/first-line.ts';

it('firstLine passes over empty lines and blanks', () => {
  assert.equal(firstLine('one'), 'one');
  assert.equal(firstLine('\n \n\t one \r\ntwo\n'), 'one');
  assert.equal(firstLine(' \n'), '');
  assert.equal(firstLine(''), '');
});
