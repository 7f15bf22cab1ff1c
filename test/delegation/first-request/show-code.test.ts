import assert from 'node:assert/strict';
import { neverSend } from '../../../src/agent/never-send/never-send.ts';
import { showCode } from '../../../src/delegation/first-request/show-code.ts';

describe('shown code', () => {
  it('is known as an excerpt where it is not the whole file', () => {
    const part = (name: string) => `function ${name}() {\n${'  work();\n'.repeat(150)}}\n`;
    const tests = (count: number) => "it('works', () => {\n  assert.ok(true);\n});\n".repeat(count);
    const texts = new Map([
      ['a.js', { content: part('one') }],
      ['b.js', { content: ['one', 'two', 'three', 'four'].map(part).join('\n') }],
      ['a.test.js', { content: tests(2) }],
      ['b.test.js', { content: tests(100) }],
    ]);
    const named = [...texts.keys()];
    const documents = new Map(named.map((path) => [path, { size: 1, bytes: Buffer.from('x') }]));
    const read = { named, found: [], tests: [], likelyTests: [], all: [], terms: [], lines: new Map([['b.js', [2]]]), documents };
    const { code, tests: shown } = showCode('Mend it.', read, texts, neverSend());
    assert.deepEqual(
      [...code, ...shown].map(({ path, isExcerpt }) => [path, isExcerpt]),
      [
        ['a.js', false],
        ['b.js', true],
        ['a.test.js', false],
        ['b.test.js', true],
      ],
    );
  });
});
