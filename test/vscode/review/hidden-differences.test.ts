import assert from 'node:assert/strict';
import { hiddenDifferences } from '../../../src/vscode/review/hidden-differences.ts';

describe('what a diff of VS Code hides', () => {
  it('is white space around lines that are there before and after', () => {
    const before = 'if ok(user):\n    log(user)\n    grant(user)\n';
    assert.deepEqual(hiddenDifferences(before, 'if ok(user):\n    log(user)\ngrant(user)\n'), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences(before, 'if ok(user):\n    log(user)  \n    grant(user)\n'), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences('all:\n\tbuild\n', 'all:\n        build\n'), ['whiteSpace']);
  });

  it('is white space that lines of the same words have exchanged, alone or among other changes, in a long file too', () => {
    const before = 'if a:\n    log()\n    drop()\nreturn\nif b:\n    log()\ndrop()\n';
    const after = 'if a:\n    log()\ndrop()\nreturn\nif b:\n    log()\n    drop()\n';
    assert.deepEqual(hiddenDifferences(before, after), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences(`x\n${before}y\n`, `x1\nx2\n${after}y1\n`), ['whiteSpace']);
    const many = (name: string) => Array.from({ length: 1100 }, (_, index) => `${name}${index}\n`).join('');
    assert.deepEqual(hiddenDifferences(`${many('a')}${before}y\n`, `${many('b')}${after}y1\n`), ['whiteSpace']);
    const moved = ['f:\n    go()\nend f\n', 'g:\n        go()\nend g\n'];
    assert.deepEqual(hiddenDifferences(moved.join(''), moved.toReversed().join('')), [], 'a diff shows what is moved');
  });

  it('is the ends of lines, whatever is set', () => {
    assert.deepEqual(hiddenDifferences('#!/bin/sh\na\n', '#!/bin/sh\r\na\r\n'), ['lineEnds']);
    assert.deepEqual(hiddenDifferences('a\nb\n', 'a\nb\r\n'), ['lineEnds']);
  });

  it('is there behind a NUL that VS Code does not look for, and not in what it takes for binary', () => {
    const [before, after] = ['if a:\n    drop()\n', 'if a:\ndrop()\n'];
    const far = `${'#'.repeat(600)}\n`;
    assert.deepEqual(hiddenDifferences(`${far}\0\n${before}`, `${far}\0\n${after}`), ['whiteSpace']);
    assert.deepEqual(hiddenDifferences(before, `${far}${after}\0`), ['whiteSpace'], 'nor does one side alone hide the other');
    assert.deepEqual(hiddenDifferences(`\0${before}`, `\0${after}`), []);
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
