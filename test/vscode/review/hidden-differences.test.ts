import assert from 'node:assert/strict';
import { hiddenDifferences } from '../../../src/vscode/review/hidden-differences.ts';

describe('what a diff of VS Code hides', () => {
  it('is white space around lines that are there before and after', () => {
    const before = 'if ok(user):\n    log(user)\n    grant(user)\n';
    assert.deepEqual(hiddenDifferences(before, 'if ok(user):\n    log(user)\ngrant(user)\n'), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences(before, 'if ok(user):\n    log(user)  \n    grant(user)\n'), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences('all:\n\tbuild\n', 'all:\n        build\n'), ['whiteSpace']);
  });

  it('is the ends of lines, whatever is set', () => {
    assert.deepEqual(hiddenDifferences('#!/bin/sh\na\n', '#!/bin/sh\r\na\r\n'), ['lineEnds']);
    assert.deepEqual(hiddenDifferences('a\nb\n', 'a\nb\r\n'), ['lineEnds']);
  });

  it('is nothing where a line has other words, is new or gone, or is empty, and where a text of one line grows', () => {
    for (const [before, after] of [
      ['a\nb\n', 'a\nc\n'],
      ['a\n', 'a\n  b\n'],
      ['  a\nb\n', 'b\n'],
      ['a\n\nb\n', 'a\n  \nb\n'],
      ['a', 'a\r\nb\r\n'],
      ['a  b\n', 'a b\n'],
      ['', 'a\n'],
    ] as const)
      assert.deepEqual(hiddenDifferences(before, after), [], JSON.stringify([before, after]));
  });
});
