import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../../src/agent/tools/edit/apply-edits.ts';
import { quick } from '../../quick.ts';
import { toWanted } from './edit-cases.ts';

const BIG_BODY = Array.from({ length: 120_000 }, (_, i) => `const value${i} = compute(${i}, 'some text');`).join('\n');

describe('the cost of an edit', () => {
  it('is quick on a file of 5 MB, found and not found, exact and not', () => {
    const text = `${BIG_BODY}\n`;
    assert.ok(text.length > 5_000_000);
    const edit = (before: string, after: string) => quick(() => applyEdits(text, [toWanted([before, after])]));
    const exact = edit("const value60000 = compute(60000, 'some text');", 'X');
    const shifted = edit("  const value7 = compute(7, 'some text');\n  const value8 = compute(8, 'some text');", '  X');
    const absent = edit('const nothing = compute(nothing);\nlike this', 'X');
    assert.ok(exact.ok && shifted.ok && !absent.ok);
    assert.ok(exact.text.includes('\nX\nconst value60001'));
  });

  it('finds the closest of 20,000 lines without holding everything else up', () => {
    const text = Array.from({ length: 19_999 }, (_, i) => `    const value${i} = compute(${i}, 'some text', options.${i % 7});`).join('\n');
    const wanted = toWanted(["const value4071 := komputte(4071, 'some tekst')", 'X']);
    applyEdits(text, [wanted]);
    const before = process.cpuUsage();
    const result = applyEdits(text, [wanted]);
    assert.ok(process.cpuUsage(before).user < 150_000, `${process.cpuUsage(before).user} us`);
    assert.match(result.ok ? '' : result.message, /Closest is line 4072:/);
  });

  it('does not take quadratic time on blanks, equal lines and equal letters', () => {
    const refused = (text: string, before: string) => assert.ok(!quick(() => applyEdits(text, [toWanted([before, 'w'])])).ok);
    refused(`${' '.repeat(1_000_000)}x\n`, `y${' '.repeat(1000)}\nz`);
    refused('same\n'.repeat(200_000), `${' same\n'.repeat(2_000)}other`);
    refused('a'.repeat(2_000_000), 'a'.repeat(1_000));
  });
});

describe('edit fuzz', () => {
  const line = fc.constantFrom('', 'a', 'b', '  a', '\ta', '    b', 'a ', '}', '  }', '“q”', '"q"', '1\ta', 'x = 1', '\u00a0a');
  const end = fc.constantFrom('\n', '\n', '\r\n');
  const text = fc.array(fc.tuple(line, end), { maxLength: 14 }).map((pairs) => pairs.map(([body, lineEnd]) => body + lineEnd).join(''));
  const seeded = { seed: 20261122, numRuns: 4_000 };

  it('an accepted edit changes nothing outside its blocks', () => {
    let accepted = 0;
    const edit = fc.record({ oldText: text.filter((t) => t !== ''), newText: text, replaceAll: fc.boolean() });
    fc.assert(
      fc.property(text, fc.array(edit, { minLength: 1, maxLength: 3 }), (before, edits) => {
        const result = applyEdits(before, edits);
        if (!result.ok) return;
        accepted += 1;
        assert.equal(outside(result.text, result.regions), outside(before, result.blocks));
        for (const [at, block] of result.blocks.entries()) {
          assert.ok(block.start <= block.end && block.end <= (result.blocks[at + 1]?.start ?? before.length));
          assert.ok(
            edits.some((one) => loose(one.oldText) === loose(before.slice(block.start, block.end))),
            'a block that no edit asked for',
          );
        }
      }),
      seeded,
    );
    assert.ok(accepted > 50, `only ${accepted} accepted`);
  });

  it('a piece of the file that occurs once is replaced there, whatever it looks like', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.constantFrom('NEW', 'NEW\nLINES\n', ''), (before, a, b, newText) => {
        const [start, stop] = [a % (before.length + 1), b % (before.length + 1)].sort((x, y) => x - y) as [number, number];
        const oldText = before.slice(start, stop);
        const cutsLineEnd = /^\n/.test(oldText) || /\r$/.test(oldText);
        // That has cases of its own: the new lines are indented like the old one.
        const cutsIndentation = newText.includes('\n') && /(^|\n)[ \t\u00a0]+$/.test(before.slice(0, start));
        if (oldText === '' || cutsLineEnd || cutsIndentation || before.indexOf(oldText) !== before.lastIndexOf(oldText)) return;
        const result = applyEdits(before, [{ oldText, newText, replaceAll: false }]);
        assert.ok(result.ok, 'refused');
        assert.equal(
          result.text.replaceAll('\r\n', '\n'),
          (before.slice(0, start) + newText + before.slice(stop)).replaceAll('\r\n', '\n'),
        );
        assert.ok(result.text.startsWith(before.slice(0, start)) && result.text.endsWith(before.slice(stop)));
      }),
      seeded,
    );
  });

  it('an edit that is exact after a CRLF file is taken for LF keeps every CRLF', () => {
    const lfText = fc.array(line, { minLength: 1, maxLength: 10 }).map((lines) => `${lines.join('\n')}\n`);
    fc.assert(
      fc.property(lfText, fc.nat(), fc.nat(), (before, a, b) => {
        const [start, stop] = [a % (before.length + 1), b % (before.length + 1)].sort((x, y) => x - y) as [number, number];
        const oldText = before.slice(start, stop);
        if (oldText === '') return;
        const result = applyEdits(before.replaceAll('\n', '\r\n'), [{ oldText, newText: 'P\nQ', replaceAll: false }]);
        if (!result.ok) return;
        assert.ok(!/(^|[^\r])\n/.test(result.text), JSON.stringify(result.text));
      }),
      seeded,
    );
  });

  /** Lines that occur nowhere else, and how a place may differ from what the model wrote. */
  const block = fc.integer({ min: 1, max: 4 }).map((length) => Array.from({ length }, (_, i) => `call_${i}("it's", ${i});`));
  const DISGUISES: Readonly<Record<string, (lines: readonly string[], seed: number) => string[]>> = {
    'line endings': (lines) => lines.map((one, at) => (at < lines.length - 1 ? `${one}\r` : one)),
    'trailing blanks': (lines, seed) => lines.map((one, at) => one + ' \t '.slice(0, 1 + ((seed + at) % 3))),
    indentation: (lines, seed) => lines.map((one) => ' '.repeat(1 + (seed % 7)) + one),
    tabs: (lines, seed) => lines.map((one) => '\t'.repeat(1 + (seed % 3)) + one),
    'look-alikes': (lines) => lines.map((one) => one.replace("'", '’')),
  };
  const disguise = fc.constantFrom(...Object.keys(DISGUISES));
  const filler = fc.array(fc.constantFrom('', 'x = 1', '  x = 1', '}', 'call_0("its", 0);', 'call_1(“it”, 1);'), { maxLength: 6 });
  const places = fc.tuple(filler, filler, filler);
  const joined = (...parts: (readonly string[])[]) => `${parts.flat().join('\n')}\n`;

  it('of two places that differ in the same way from old_text, neither is taken', () => {
    fc.assert(
      fc.property(block, disguise, fc.nat(20), fc.nat(20), places, (lines, how, a, b, [before, between, after]) => {
        const hide = DISGUISES[how]!;
        if (how === 'line endings' && lines.length === 1) return;
        // A block of one line that is only indented, or has blanks behind it, is found exactly.
        const oldText = lines.join('\n') + (how === 'trailing blanks' ? '\n' : '');
        const text = joined(before, hide(lines, a), between, hide(lines, b), after);
        const result = applyEdits(text, [{ oldText, newText: 'NEW', replaceAll: false }]);
        assert.ok(!result.ok, `taken: ${JSON.stringify(text)} -> ${result.ok && JSON.stringify(result.text)}`);
        assert.match(result.message, /occurs several times/);
        const starts = [before.length + 1, before.length + lines.length + between.length + 1];
        assert.ok(result.message.includes(`lines ${starts.join(', ')}.`), result.message);
      }),
      seeded,
    );
  });

  it('the one place that differs from old_text in a way that is forgiven is taken, and its bytes only', () => {
    fc.assert(
      fc.property(block, disguise, fc.nat(20), places, (lines, how, seed, [before, between, after]) => {
        if (how === 'line endings' && lines.length === 1) return;
        const hidden = DISGUISES[how]!(lines, seed);
        const decoy = lines.map((one, at) => (at === lines.length - 1 ? one.replace(';', ' ;') : one));
        for (const order of [0, 1]) {
          const parts = order === 0 ? [hidden, between, decoy] : [decoy, between, hidden];
          const text = joined(before, ...parts, after);
          const result = applyEdits(text, [{ oldText: `${lines.join('\n')}\n`, newText: 'NEW();\n', replaceAll: false }]);
          assert.ok(result.ok, `refused: ${JSON.stringify(text)}: ${!result.ok && result.message}`);
          const indent = /^[ \t]*/.exec(hidden[0]!)![0];
          const taken = joined(before, ...parts.map((part) => (part === hidden ? [`${indent}NEW();`] : part)), after);
          // Of a block with both line ends, the new line may have either.
          assert.equal(how === 'line endings' ? result.text.replaceAll('\r', '') : result.text, taken);
        }
      }),
      seeded,
    );
  });

  function outside(whole: string, spans: readonly { start: number; end: number }[]): string {
    let at = 0;
    let rest = '';
    for (const span of spans) {
      rest += `${whole.slice(at, span.start)}\0`;
      at = span.end;
    }
    return rest + whole.slice(at);
  }

  /** What all rungs forgive together. */
  function loose(piece: string): string {
    return piece
      .replace(/^ *\d+\t/gm, '')
      .replace(/[\s\u00a0]+/g, '')
      .replace(/[“”]/g, '"');
  }
});
