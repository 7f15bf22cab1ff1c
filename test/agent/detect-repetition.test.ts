import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RepetitionWatch } from '../../src/agent/model/detect-repetition.ts';
import { quick } from '../quick.ts';
import { command, finish, ourFaults, outcomeOf, play, serverCount, texts, write } from './harness.ts';

function repeats(text: string, least?: number, piece = 24): boolean {
  const watch = new RepetitionWatch(least);
  for (let at = 0; at < text.length && !watch.repeats; at += piece) watch.add(text.slice(at, at + piece));
  return watch.repeats;
}

const PARAGRAPH = Array.from({ length: 40 }, (_, i) => `Perhaps the counter of part ${i} counts wrongly.`).join(' ');
const table = (rows: number) => Array.from({ length: rows }, (_, i) => `  [${i}, ${(i * 7919) % 1000}, 0, 0, 0, 0],\n`).join('');

describe('repetition in a stream', () => {
  for (const [what, text] of [
    ['one character', '!'.repeat(8000)],
    ['a line', 'Wait, let me look at the file again.\n'.repeat(200)],
    ['a line of 300 characters', `${PARAGRAPH.slice(0, 300)}\n`.repeat(60)],
    ['a paragraph', `${PARAGRAPH.slice(0, 1900)}\n`.repeat(12)],
    ['a line, after much that was good', table(2000) + 'Hm.\n'.repeat(2000)],
  ] as const) {
    it(`is noticed: ${what}`, () => assert.ok(repeats(text)));
  }

  for (const [what, text] of [
    ['a table', table(3000)],
    ['a ruler', `${'-'.repeat(3000)}\n`],
    ['500 zeros', `[${'0, '.repeat(500)}]`],
    ['30 equal lines of a hundred characters', `${'x'.repeat(99)}\n`.repeat(30)],
    ['a paragraph four times', PARAGRAPH.repeat(4)],
    ['counting', Array.from({ length: 5000 }, (_, i) => `case ${i}: return ${i};\n`).join('')],
  ] as const) {
    it(`passes: ${what}`, () => assert.ok(!repeats(text)));
  }

  it('passes more in arguments, where data stands', () => {
    const zeros = '0x00, '.repeat(2000);
    assert.ok(repeats(zeros));
    assert.ok(!repeats(zeros, 16_000));
    assert.ok(repeats('0x00, '.repeat(4000), 16_000));
  });

  it('is never found in text that has none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3000, maxLength: 9000 }),
        fc.integer({ min: 1, max: 4000 }),
        (digits, piece) => {
          assert.ok(!repeats(digits.map((digit) => `${digit} or `).join('') + digits.join(''), undefined, piece));
        },
      ),
      { seed: 20261125, numRuns: 20 },
    );
  });

  it('costs little', () => {
    const megabyte = table(30_000);
    assert.ok(!quick(() => repeats(megabyte)));
  });
});

describe('a runaway answer', () => {
  const line = 'I should look at the file again.\n';

  it('is given up early, told, and asked for again', async () => {
    const { end, kimi, events, files } = await play([{ reasoning: line.repeat(20_000) }, write('1'), command(), finish()]);
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(files.get('a.txt'), '1');
    assert.match(kimi.requests[1]!.body.toString(), /repeated the same text again and again.*one tool call/);
    assert.match(texts(events, 'notice').join(), /only repeated itself and was stopped \(1 in a row\)/);
    assert.deepEqual(ourFaults(kimi), []);
  });

  it('keeps its complete calls', async () => {
    const calls = [...write('1').calls!, { name: 'write_file', args: { path: 'b.txt', content: 'ab'.repeat(60_000) } }];
    const { end, kimi, files } = await play([{ calls }, command(), finish()]);
    assert.equal(outcomeOf(end), 'finished');
    assert.deepEqual([...files], [['a.txt', '1']]);
    assert.match(kimi.requests[1]!.body.toString(), /only repeated itself and was stopped here/);
  });

  it('ends the attempt at the fourth, at a hundredth of what four full answers cost', async () => {
    const { end, kimi, totals } = await play(() => ({ reasoning: line.repeat(20_000) }));
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(kimi.requests.length, 4);
    assert.ok(totals.usage.output < 0.1 * serverCount(kimi.requests).output, `${totals.usage.output}`);
  });
});
