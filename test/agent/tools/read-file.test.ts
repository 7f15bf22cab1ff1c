import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { encodeText } from '../../../src/common/text-codec.ts';
import { type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

const numbered = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');

describe('read_file', () => {
  let ws: TempWorkspace;
  beforeEach(() => {
    ws = tempWorkspace();
  });
  afterEach(() => ws.remove());
  const read = (args: unknown) => ws.call(readFile, args);

  it('gives the text', async () => {
    ws.put('a.txt', 'one\ntwo\n');
    assert.deepEqual(await read({ paths: ['a.txt'] }), { ok: true, sent: { 'a.txt': 8 }, text: 'one\ntwo', summary: '2 lines' });
    assert.equal((await read({ path: 'a.txt' })).text, 'one\ntwo');
  });

  it('gives ranges, and says which they are', async () => {
    ws.put('a.txt', numbered(1000));
    const texts: [string, string][] = [
      ['a.txt:3-4', '[lines 3-4 of 1000]\nline 3\nline 4'],
      ['a.txt:999-', '[lines 999-1000 of 1000]\nline 999\nline 1000'],
      ['a.txt#L7-L7', '[line 7 of 1000]\nline 7'],
      ['a.txt:3-4,9-10', '[lines 3-4 of 1000]\nline 3\nline 4\n[lines 9-10 of 1000]\nline 9\nline 10'],
      ['a.txt:9-9, 3-5, 5-6', '[lines 3-6 of 1000]\nline 3\nline 4\nline 5\nline 6\n[line 9 of 1000]\nline 9'],
      ['a.txt:999-1200', '[lines 999-1000 of 1000]\nline 999\nline 1000'],
    ];
    for (const [wanted, text] of texts) assert.equal((await read({ paths: [wanted] })).text, text, wanted);
    assert.match((await read({ paths: ['a.txt:2000-2010'] })).text, /a\.txt has 1000 lines; line 2000 is past its end/);
    assert.match((await read({ paths: ['a.txt'] })).text, /^\[lines 1-400 of 1000, go on with :401-\]\nline 1\n[\s\S]*line 400$/);
  });

  it('gives the ranges in front of one that is past the end, and says that it is', async () => {
    ws.put('a.txt', numbered(100));
    const { ok, text, sent, summary } = await read({ paths: ['a.txt:1-60,200-210,300-310'] });
    const shown = numbered(60);
    assert.equal(text, `[lines 1-60 of 100]\n${shown}[a.txt has 100 lines; line 200 is past its end.]`);
    assert.deepEqual([ok, sent, summary], [true, { 'a.txt': shown.length }, '60 lines']);
    assert.match((await read({ paths: ['a.txt:1-60'] })).text, /unchanged since you read them/);
  });

  it('takes ranges as compilers, slices and people write them, and from the larger to the smaller line', async () => {
    ws.put('a.txt', numbered(1000));
    for (const wanted of ['40..43', '40–43', '43-40', '40-41;42-43', '40-43:']) {
      const { text } = await read({ paths: [`a.txt:${wanted}`] });
      assert.equal(text, '[lines 40-43 of 1000]\nline 40\nline 41\nline 42\nline 43', wanted);
    }
    for (const wanted of ['999-end', '999-$', '999:17']) {
      assert.equal((await read({ paths: [`a.txt:${wanted}`] })).text, '[lines 999-1000 of 1000]\nline 999\nline 1000', wanted);
    }
  });

  it('gives no line twice where ranges without an end overlap others', async () => {
    ws.put('a.txt', numbered(3000));
    const from = (text: string) => text.split('\n').filter((line) => line.startsWith('line '));
    for (const [wanted, ...ranges] of [
      ['40,80', [40, 479]],
      ['40-,60-90,900-901', [40, 439], [900, 901]],
      ['40-,430-500', [40, 500]],
      ['7,7-9', [7, 406]],
    ] as [string, ...[number, number][]][]) {
      ws.context.shown.clear();
      const { text } = await read({ paths: [`a.txt:${wanted}`] });
      const lines = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => `line ${first + i}`));
      assert.deepEqual(from(text), lines, wanted);
    }
  });

  it('stays small and quick with thousands of ranges, and says which it left', async () => {
    ws.put('a.txt', numbered(9000));
    const ranges = (every: number) => Array.from({ length: 3000 }, (_, i) => `${i * every + 1}-${i * every + 1}`).join(',');
    const began = performance.now();
    const { text, ok } = await read({ paths: [`a.txt:${ranges(3)}`, `a.txt:${ranges(2)}`] });
    assert.ok(performance.now() - began < 2000);
    assert.ok(ok && Buffer.byteLength(text) < 8 * 1024, `${text.length}`);
    assert.match(text, /\nline 88\n\[only the first 30 ranges; go on with a\.txt:91-91,94-94,\S+…?\]\n/);
  });

  it('takes ranges in other words', async () => {
    ws.put('a.txt', numbered(1000));
    const same: object[] = [
      { path: 'a.txt', offset: 3, limit: 2 },
      { file_path: 'a.txt', start_line: '3', end_line: '4' },
      { paths: 'a.txt:3-4' },
      { paths: '["a.txt:3-4"]' },
      { files: [{ path: 'a.txt', offset: 3, limit: 2 }] },
      { paths: { path: 'a.txt', start: 3, end: 4 } },
    ];
    for (const args of same) assert.equal((await read(args)).text, '[lines 3-4 of 1000]\nline 3\nline 4', JSON.stringify(args));
    assert.match((await read({ path: 'a.txt', offset: -4, limit: 1 })).text, /^\[line 1 of 1000\]\nline 1$/);
  });

  it('reads several files in one call, and what is not there does not stop the others', async () => {
    ws.put('a.txt', numbered(4));
    ws.put('b/c.txt', 'x\n');
    const { ok, text, sent, summary } = await read({ paths: ['a.txt:2-3', 'b/c.txt'] });
    assert.equal(text, '[a.txt, lines 2-3 of 4]\nline 2\nline 3\n[b/c.txt, 1 line]\nx');
    assert.deepEqual([ok, sent, summary], [true, { 'a.txt': 14, 'b/c.txt': 2 }, '2 files']);
    const some = await read({ paths: ['nope.txt', 'b/c.txt'] });
    assert.match(some.text, /^nope\.txt does not exist\. .*\n\[b\/c\.txt, 1 line\]\nx$/);
    assert.deepEqual([some.ok, some.ran, some.summary], [false, true, '2 files, 1 failed']);
    ws.put('constructor', 'x\n');
    assert.deepEqual((await read({ paths: ['constructor', 'b/c.txt', 'constructor'] })).sent, { constructor: 4, 'b/c.txt': 2 });
    ws.put('long.txt', `${'x'.repeat(99)}\n`.repeat(300));
    ws.put('more.txt', `${'y'.repeat(99)}\n`.repeat(300));
    const many = await read({ paths: ['long.txt', 'more.txt', 'more.txt:240-300', 'a.txt', 'b/c.txt'] });
    assert.ok(Buffer.byteLength(many.text) < 50 * 1024);
    assert.match(many.text, /\[no room left in this answer for: a\.txt, b\/c\.txt; read them in another call\]$/);
  });

  it('takes a file whose name ends like a range', async () => {
    ws.put('a:12', 'odd\n');
    assert.equal((await read({ paths: ['a:12'] })).text, 'odd');
    assert.match((await read({ paths: ['a:12:1-1', 'a:12'] })).text, /^\[a:12, 1 line\]\nodd\n\[a:12, 1 line\]\nodd$/);
  });

  it('does not send again what it sent, once', async () => {
    ws.put('a.txt', numbered(100));
    const all = (await read({ path: 'a.txt' })).text;
    assert.equal((await read({ path: 'a.txt' })).text, '[a.txt, 100 lines, unchanged since you read them, see above]');
    assert.equal((await read({ path: 'a.txt' })).text, all, 'who asks again may have lost sight of it');
    assert.equal((await read({ paths: ['a.txt:10-90'] })).text, '[a.txt, lines 10-90 of 100, unchanged since you read them, see above]');
    assert.match((await read({ paths: ['a.txt:10-20'] })).text, /^\[lines 10-20 of 100\]\nline 10\n/, 'too short to speak of');
    ws.put('a.txt', numbered(101));
    assert.match((await read({ path: 'a.txt' })).text, /line 101$/);
    ws.context.shown.clear();
    assert.match((await read({ path: 'a.txt' })).text, /line 101$/, 'it is not in the conversation any more');
    assert.match((await read({ paths: ['a.txt:1-70'] })).text, /unchanged/);
    await ws.call(editFile, { path: 'a.txt', old_text: 'line 3\n', new_text: 'three\n' });
    assert.match((await read({ paths: ['a.txt:1-70'] })).text, /\nthree\n/);
  });

  it('knows lines that were read in several pieces', async () => {
    ws.put('a.txt', numbered(300));
    await read({ paths: ['a.txt:1-100', 'a.txt:150-250'] });
    assert.match((await read({ paths: ['a.txt:50-200'] })).text, /^\[lines 50-200 of 300\]\nline 50\n/, 'there is a gap');
    assert.equal((await read({ paths: ['a.txt:20-240'] })).text, '[a.txt, lines 20-240 of 300, unchanged since you read them, see above]');
    assert.match((await read({ paths: ['a.txt:20-251'] })).text, /^\[lines 20-251 of 300\]\nline 20\n/);
  });

  it('names the parts behind what it shows of a long file', async () => {
    const functions = (n: number) => Array.from({ length: n }, (_, i) => `function part${i + 1}() {\n  return ${i};\n}\n`).join('');
    ws.put('a.ts', functions(140));
    const { text, sent } = await read({ path: 'a.ts' });
    assert.match(text, /^\[lines 1-400 of 420, go on with :401-\]\n/);
    assert.match(text, /\nfunction part134\(\) \{\n\[further on, by line: 403 part135, 406 part136, .*, 418 part140\]$/s);
    assert.ok(sent!['a.ts']! < text.length - 100, 'names of parts are no lines of it');
    assert.doesNotMatch((await read({ paths: ['a.ts:1-30'] })).text, /further on/, 'lines that were asked for');
    ws.put('b.ts', functions(2000));
    const long = (await read({ path: 'b.ts' })).text;
    const [line = ''] = /\[further on.*\]$/.exec(long) ?? [];
    assert.match(line, /by line: 403 part135, .*, and 18\d\d more\]$/);
    assert.ok(line.length < 700, `${line.length}`);
    ws.put(
      'c.ts',
      `${functions(134)}class Outer {\n${Array.from({ length: 200 }, (_, i) => `  method${i}() {\n  }\n`).join('')}}\n${functions(1)}`,
    );
    assert.match((await read({ path: 'c.ts' })).text, /\[further on, by line: 403 Outer, 805 part1, and 200 more\]$/);
    ws.put('plain.txt', numbered(1000));
    assert.doesNotMatch((await read({ path: 'plain.txt' })).text, /further on/);
  });

  it('reads a file to its end by the lines that it names', async () => {
    const lines = Array.from({ length: 700 }, (_, i) => `${i} ${'x'.repeat((i * 37) % 200)}`);
    ws.put('a.txt', lines.join('\n'));
    const collected: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { text } = await read({ paths: [`a.txt${next}`] });
      assert.ok(Buffer.byteLength(text) <= 25 * 1024);
      const [heading = '', ...shown] = text.split('\n');
      collected.push(...shown);
      next = /go on with (:\d+-)\]$/.exec(heading)?.[1] ?? null;
    }
    assert.deepEqual(collected, lines);
  });

  it('cuts long lines and says so', async () => {
    ws.put('min.js', `${'x'.repeat(5000)}\nshort\n`);
    const { text } = await read({ path: 'min.js' });
    assert.match(text, /^x{999}…\nshort\n\[1 line cut at 1000 characters/);
  });

  it('explains what is not text', async () => {
    ws.put('empty', '');
    ws.put('a.bin', Buffer.from([1, 2, 0, 3]));
    ws.put('pic.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]));
    ws.put('dir/x', 'x');
    assert.deepEqual(await read({ path: 'empty' }), { ok: true, text: 'empty is empty.', summary: 'empty' });
    assert.match((await read({ path: 'a.bin' })).text, /binary file \(bin, 4 bytes\)/);
    assert.match((await read({ path: 'pic.png' })).text, /is an image .* cannot be shown/);
    assert.match((await read({ path: 'dir' })).text, /is a folder; list_files/);
  });

  it('names what exists when the path does not', async () => {
    for (const file of ['src/parser.ts', 'src/printer.ts', 'test/parser.test.ts', 'docs/readme.md']) ws.put(file, 'x');
    assert.match((await read({ path: 'parser.ts' })).text, /does not exist\. Did you mean src\/parser\.ts/);
    assert.match((await read({ path: 'src/Parser.js' })).text, /Did you mean src\/parser\.ts/);
    assert.match((await read({ path: 'zzz.qqq' })).text, /Nothing has a similar name; list_files/);
  });

  it('decodes byte order marks, UTF-16 and what is not UTF-8', async () => {
    ws.put('bom', '\ufeffhello\n');
    ws.put('le', Buffer.from('\ufeffhé\nyou\n', 'utf16le'));
    ws.put('be', Buffer.from('\ufeffhé\n', 'utf16le').swap16());
    ws.put('latin', Buffer.from('caf\xe9\n', 'latin1'));
    assert.equal((await read({ path: 'bom' })).text, 'hello');
    assert.equal((await read({ path: 'le' })).text, '[encoding: utf-16le; edits keep it]\nhé\nyou');
    assert.equal((await read({ path: 'be' })).text, '[encoding: utf-16be; edits keep it]\nhé');
    assert.match((await read({ path: 'latin' })).text, /^\[encoding: iso-8859-1; edits keep it\]\ncafé/);
    ws.put('crlf', 'a\r\nb\r\n');
    assert.equal((await read({ path: 'crlf' })).text, 'a\nb');
  });

  it('finds a range in a file that is too big to hold', async () => {
    const body = Array.from({ length: 200_000 }, (_, i) => `row ${i + 1} ${'é'.repeat(40)}\n`).join('');
    ws.put('big.log', body);
    assert.ok(body.length > 9_000_000);
    assert.match(
      (await read({ path: 'big.log', offset: 150_000, limit: 2 })).text,
      /^\[lines 150000-150001 of 200000\]\nrow 150000 é+\nrow 150001 é+$/,
    );
    const part = body.slice(0, body.indexOf('row 50001 '));
    for (const encoding of ['utf-16le', 'utf-32le', 'utf-32be'] as const) {
      writeFileSync(path.join(ws.root, 'wide.log'), encodeText({ text: part.repeat(2), encoding, bom: true }));
      const { text } = await read({ path: 'wide.log', offset: 40_000, limit: 1 });
      assert.match(text, /row 40000 é+$/, encoding);
    }
    writeFileSync(path.join(ws.root, 'line.log'), 'z'.repeat(20_000_000));
    assert.match((await read({ path: 'line.log' })).text, /^z{999}…\n\[1 line cut/);
  });
});
