import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cleanOutput, HeadAndTail, OutputCleaner } from '../../src/sandbox/clean-output.ts';
import { quick } from '../quick.ts';

const clean = (text: string) => cleanOutput(Buffer.from(text));

describe('cleaning output', () => {
  const cases: readonly [string, string, string][] = [
    ['plain text, tabs and newlines stay', 'a\tb\n\nc', 'a\tb\n\nc'],
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['cursor movement', 'a\x1b[2Kb\x1b[?25l', 'ab'],
    ['titles and links', '\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'alink'],
    ['device strings', '\x1bPq...\x1b\\a\x1b_x\x1b\\b\x1b^y\x9cc', 'abc'],
    ['character sets', '\x1b(Ba\x1b=b\x1b7c', 'abc'],
    ['C1 controls', '\u009b31ma\u009d0;t\u009cb\u0085', 'ab'],
    ['bell, NUL, DEL', 'a\x07\x00\x7fb', 'ab'],
    ['backspace', 'abc\b\bd', 'ad'],
    ['windows line ends', 'a\r\nb\r\n', 'a\nb\n'],
    ['progress bars', ' 10%\r 50%\r100%\ndone', '100%\ndone'],
    ['a bar that is the last thing', '10%\r99%\r', '99%'],
    ['a bar with colours', '\x1b[32m10%\x1b[0m\r\x1b[32m99%\x1b[0m\n', '99%\n'],
    ['an escape that never ends', `a\x1b]${'x'.repeat(5000)}b`, `a${'x'.repeat(5000 - 2048)}b`],
    ['a newline inside of an open title', '\x1b]0;title\nb', '\nb'],
    ['a lone escape at the end', 'a\x1b', 'a'],
    ['Chinese and emoji', '中文\x1b[0m😀', '中文😀'],
  ];
  for (const [name, input, expected] of cases) it(name, () => assert.equal(clean(input), expected));

  it('knows each way to begin and to end a string, and takes nothing else for one', () => {
    const begins = { '\u0090': '\x1bP', '\u0098': '\x1bX', '\u009d': '\x1b]', '\u009e': '\x1b^', '\u009f': '\x1b_' };
    for (const [c1, escaped] of Object.entries(begins))
      for (const begin of [c1, escaped])
        for (const end of ['\x1b\\', '\u009c', '\x07']) assert.equal(clean(`a${begin}x${end}b`), 'ab', JSON.stringify([begin, end]));
    for (let code = 0x80; code <= 0x9f; code++) {
      const character = String.fromCharCode(code);
      if (!(character in begins) && code !== 0x9b) assert.equal(clean(`a${character}x`), 'ax', `0x${code.toString(16)}`);
    }
  });

  describe('of programs that print other encodings than UTF-8', () => {
    const GBK = Buffer.from('b1e0d2eb', 'hex'); // 编译
    const diff = (...body: readonly (string | Buffer)[]) => Buffer.concat(body.map((part) => Buffer.from(part as string)));
    const rest = Buffer.from('cec4bcfed6d0b5c4b4edcef3', 'hex'); // 文件中的错误
    const cases: readonly [string, Buffer, string][] = [
      ['lines of a source in GBK', diff('a.c:1: error\n+// ', GBK, ' ', rest, '\nb\n'), 'a.c:1: error\n+// 编译 文件中的错误\nb\n'],
      ['beside lines in UTF-8', diff('// 编译 é\n// ', rest, rest, '\n'), '// 编译 é\n// 文件中的错误文件中的错误\n'],
      ['in colour, without a last line end', diff('\x1b[31m-', rest, GBK, '\x1b[0m'), '-文件中的错误编译'],
      ['Cyrillic in Windows-1251', Buffer.from('cef8e8e1eae020e220f4e0e9ebe50a', 'hex'), 'Ошибка в файле\n'],
      ['Latin-1', Buffer.from('Gr\xf6\xdfe, \xdcbung und \xc4rger\n', 'latin1'), 'Größe, Übung und Ärger\n'],
      ['what is no text stays as it was', Buffer.from('ff00fe01c3280a', 'hex'), '\ufffd\ufffd\ufffd(\n'],
      ['a character that the end cut', Buffer.from('中中中中', 'utf8').subarray(0, 11), '中中中\ufffd'],
      ['a single byte', Buffer.from('caf\xe9\n', 'latin1'), 'caf\ufffd\n'],
    ];
    for (const [name, input, expected] of cases) it(name, () => assert.equal(cleanOutput(input), expected));

    it('the same for any split into chunks, in no time whatever comes', () => {
      const line = fc.constantFrom(...cases.map(([, bytes]) => Buffer.concat([bytes, Buffer.from('\n')])), Buffer.from('plain\n'));
      fc.assert(
        fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(60), { maxLength: 30 }), (lines, cuts) => {
          const bytes = Buffer.concat(lines);
          const cleaner = new OutputCleaner();
          let text = '';
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            text += cleaner.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          assert.equal(text + cleaner.end(), cleanOutput(bytes));
        }),
      );
      quick(() => cleanOutput(Buffer.concat(Array<Buffer>(300_000).fill(diff(GBK, '\xe9\n')))));
    });
  });

  it('gives the same for any split into chunks', () => {
    const piece = fc.constantFrom(
      'a',
      'line\n',
      '\r',
      '\r\n',
      '\x1b[31m',
      '\x1b]0;t\x07',
      '\x1b',
      '[',
      ']',
      '\x07',
      '\\',
      '中',
      '😀',
      '\b',
      '\x9b',
      '\u009b1m',
      'x'.repeat(70_000),
    );
    const input = fc.array(piece, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(input, fc.array(fc.nat(200), { maxLength: 50 }), (bytes, cuts) => {
        const cleaner = new OutputCleaner();
        let at = 0;
        let text = '';
        for (const size of cuts) {
          text += cleaner.push(bytes.subarray(at, at + size));
          at += size;
        }
        text += cleaner.push(bytes.subarray(at)) + cleaner.end();
        // A line longer than what is held back may lose its start to a later `\r` in one split and not in another.
        if (bytes.length < 60_000) assert.equal(text, cleanOutput(bytes));
        assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it('never lets a control character through, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => assert.doesNotMatch(cleanOutput(bytes), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/)),
      { seed: 12, numRuns: 2000 },
    );
  });
});

describe('clean output, hostile', () => {
  it('takes backspaces on a long line without copying it', () => {
    const text = quick(() => cleanOutput(Buffer.from(`${'x'.repeat(60_000)}${'ab\b\b'.repeat(250_000)}${'\b'.repeat(100)}`)));
    assert.equal(text, 'x'.repeat(59_900));
  });

  it('holds a line back up to 64 KiB, and hands a longer one on', () => {
    const held = new OutputCleaner();
    assert.equal(held.push(Buffer.from('x'.repeat(65_536))).length, 0);
    assert.equal(held.push(Buffer.from('\ry')) + held.end(), 'y');
    const long = new OutputCleaner();
    assert.equal(long.push(Buffer.from('x'.repeat(65_537))).length, 65_537);
    assert.equal(long.push(Buffer.from('\ry')) + long.end(), 'y');
  });

  it('erases over pieces of a line', () => {
    const cleaner = new OutputCleaner();
    const out = ['ab', 'c', '\b\b', 'd\n\b', 'e'].map((piece) => cleaner.push(Buffer.from(piece))).join('') + cleaner.end();
    assert.equal(out, 'ad\ne');
  });
});

describe('head and tail', () => {
  it('keeps everything up to the sum, and the two ends beyond it, for any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40, unit: 'binary' }), { maxLength: 60 }), (pieces) => {
        const kept = new HeadAndTail(20, 30);
        for (const piece of pieces) kept.add(piece);
        const all = pieces.join('');
        const { head, tail } = kept.result();
        if (all.length <= 50) return assert.deepEqual([head, tail], [all, '']);
        assert.ok(all.startsWith(head) && head.length >= 19 && head.length <= 20);
        assert.ok(all.endsWith(tail) && tail.length >= 29 && tail.length <= 30);
        assert.equal(`${head}${tail}`.isWellFormed(), true);
      }),
      { seed: 13, numRuns: 1000 },
    );
  });
});
