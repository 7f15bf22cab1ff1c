import assert from 'node:assert/strict';
import { createStory } from '../../src/cli/attempt-story.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { JournalLine } from '../../src/delegation/journal/journal.ts';
import { say } from '../../src/messages/message.ts';

describe('the story of an attempt on a terminal', () => {
  const toneOf = (text: string) => {
    const terminal = {
      language: 'en',
      columns: 200,
      say: (what) => say(what, 'en'),
      paint: (tone, what) => `[${tone}]${what}`,
    } as Terminal;
    const line: JournalLine = { type: 'check', command: 'npm test', on: 'result', phase: 'end', text, at: 1 };
    return /\[(?!dim)(\w+)\]/.exec(createStory(terminal).add(line).join(''))?.[1];
  };

  it('praises what passes, and is not alarmed by runs that are meant to fail', () => {
    for (const text of ['pass', 'pass once more', 'pass with the definition of the base', 'pass new tests alone'])
      assert.equal(toneOf(text), 'good', text);
    for (const text of ['exit 1', 'timeout', 'exit 1 once more', 'exit 1 new tests alone', 'exit 1 with the definition of the base'])
      assert.equal(toneOf(text), 'warn', text);
    for (const how of ['new tests on the base', 'mutant 1 of 5', 'mutant 1 of 5: is its line run', 'the same code, written otherwise'])
      for (const text of ['pass', 'exit 1']) assert.equal(toneOf(`${text} ${how}`), 'plain', how);
  });
});
