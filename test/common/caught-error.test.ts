import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCode, errorText } from '../../src/common/caught-error.ts';

describe('what was caught', () => {
  const caught = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };

  it('is told by its message, or by itself when it is no error', () => {
    assert.equal(errorText(new TypeError('no such thing')), 'no such thing');
    assert.equal(errorText('just text'), 'just text');
    assert.equal(errorText(undefined), 'undefined');
    assert.equal(errorText(null), 'null');
    assert.equal(errorText({ toString: () => 'an object' }), 'an object');
  });

  it('has a code when the system gave one', () => {
    assert.equal(errorCode(caught(() => readFileSync('/no/such/file'))), 'ENOENT');
    assert.equal(errorCode(new Error('none')), null);
    assert.equal(errorCode(Object.assign(new Error('a number'), { code: 404 })), null);
    assert.equal(errorCode({ code: 'ENOENT' }), null);
    assert.equal(errorCode(null), null);
  });
});
