import assert from 'node:assert/strict';
import { indexPaths } from '../../../src/agent/prompt/path-index.ts';
import { conventions } from '../../../src/delegation/first-request/conventions.ts';

describe('conventions', () => {
  it('know a rule file that lost our block, and what is no file, as excerpts', () => {
    const texts = new Map([
      ['AGENTS.md', { content: 'Use tabs.\n' }],
      ['CLAUDE.md', { content: '<!-- claude-kimi-mcp:begin -->\nDelegate.\n<!-- claude-kimi-mcp:end -->\nUse spaces.\n' }],
    ]);
    const rules = conventions(indexPaths([...texts.keys()]), '', texts, 'npx mocha one.test.ts');
    assert.deepEqual(
      rules.map(({ content, isExcerpt }) => [content, isExcerpt]),
      [
        ['One test file: npx mocha one.test.ts', true],
        ['Use tabs.\n', false],
        ['Use spaces.\n', true],
      ],
    );
  });
});
