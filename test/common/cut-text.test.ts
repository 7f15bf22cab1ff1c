import assert from 'node:assert/strict';
import { cutText } from '../../src/common/cut-text.ts';

describe('cutText', () => {
  it('leaves what fits', () => {
    assert.equal(cutText('', 0), '');
    assert.equal(cutText('abcd', 4), 'abcd');
    assert.equal(cutText('ab🎉', 4), 'ab🎉');
  });

  it('marks what is missing, within the same length', () => {
    assert.equal(cutText('abcde', 4), 'abc…');
    assert.equal(cutText('abcde', 1), '…');
    assert.equal(cutText('abcde', 0), '…');
  });

  it('takes no half of a character', () => {
    assert.equal(cutText('ab🎉c', 4), 'ab…');
    assert.equal(cutText('a🎉cd', 4), 'a🎉…');
    assert.equal(cutText('🎉🎉', 2), '…');
  });
});
