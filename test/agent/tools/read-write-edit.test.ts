import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { replaceFile } from '../../../src/agent/tools/files/replace-file.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

let ws: TempWorkspace;
beforeEach(() => {
  ws = tempWorkspace();
});
afterEach(() => ws.remove());

const numbered = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');

describe('read_file', () => {
  const read = (args: unknown) => ws.call(readFile, args);

  it('gives numbered lines', async () => {
    ws.put('a.txt', 'one\ntwo\n');
    assert.deepEqual(await read({ path: 'a.txt' }), { ok: true, sent: { 'a.txt': 8 }, text: '1\tone\n2\ttwo', summary: '2 lines' });
  });

  it('gives a range, also in strings and under other names, and says how to go on', async () => {
    ws.put('a.txt', numbered(1000));
    assert.equal(
      (await read({ path: 'a.txt', offset: 3, limit: 2 })).text,
      '3\tline 3\n4\tline 4\n[996 more lines: read_file with "offset": 5]',
    );
    assert.match((await read({ file_path: 'a.txt', start_line: '999' })).text, /^999\tline 999\n1000\tline 1000$/);
    assert.match((await read({ path: 'a.txt', start_line: 5, end_line: 6 })).text, /^5\tline 5\n6\tline 6\n\[/);
    const first = await read({ path: 'a.txt' });
    assert.match(first.text, /400\tline 400\n\[600 more lines: read_file with "offset": 401\]$/);
    assert.match((await read({ path: 'a.txt', offset: 2000 })).text, /a\.txt has 1000 lines; offset 2000 is past its end/);
    assert.match((await read({ path: 'a.txt', offset: -4, limit: 1 })).text, /^1\tline 1/);
  });

  it('reads a file to its end by the offsets that it names', async () => {
    const lines = Array.from({ length: 700 }, (_, i) => `${i} ${'x'.repeat((i * 37) % 200)}`);
    ws.put('a.txt', lines.join('\n'));
    const collected: string[] = [];
    for (let offset: number | null = 1; offset !== null; ) {
      const { text } = await read({ path: 'a.txt', offset });
      assert.ok(Buffer.byteLength(text) <= 25 * 1024);
      const shown = text.split('\n');
      const more = /"offset": (\d+)/.exec(shown.at(-1)!);
      collected.push(...(more ? shown.slice(0, -1) : shown).map((line) => line.replace(/^\d+\t/, '')));
      offset = more ? Number(more[1]) : null;
    }
    assert.deepEqual(collected, lines);
  });

  it('cuts long lines and says so', async () => {
    ws.put('min.js', `${'x'.repeat(5000)}\nshort\n`);
    const { text } = await read({ path: 'min.js' });
    assert.match(text, /^1\tx{999}…\n2\tshort\n\[1 line cut at 1000 characters/);
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
    assert.equal((await read({ path: 'bom' })).text, '1\thello');
    assert.equal((await read({ path: 'le' })).text, '[encoding: utf-16le; edits keep it]\n1\thé\n2\tyou');
    assert.equal((await read({ path: 'be' })).text, '[encoding: utf-16be; edits keep it]\n1\thé');
    assert.match((await read({ path: 'latin' })).text, /^\[encoding: iso-8859-1; edits keep it\]\n1\tcafé/);
    ws.put('crlf', 'a\r\nb\r\n');
    assert.equal((await read({ path: 'crlf' })).text, '1\ta\n2\tb');
  });

  it('finds a range in a file that is too big to hold', async () => {
    const body = Array.from({ length: 200_000 }, (_, i) => `row ${i + 1} ${'é'.repeat(40)}\n`).join('');
    ws.put('big.log', body);
    assert.ok(body.length > 9_000_000);
    assert.match(
      (await read({ path: 'big.log', offset: 150_000, limit: 2 })).text,
      /^150000\trow 150000 é+\n150001\trow 150001 é+\n\[49999 more lines/,
    );
    writeFileSync(path.join(ws.root, 'line.log'), 'z'.repeat(20_000_000));
    assert.match((await read({ path: 'line.log' })).text, /^1\tz{999}…\n\[1 line cut/);
  });
});

describe('write_file', () => {
  const write = (args: unknown) => ws.call(writeFile, args);

  it('creates a file with its folders', async () => {
    const result = await write({ path: 'a/b/c.txt', content: 'one\ntwo\n' });
    assert.deepEqual(result, { ok: true, text: 'Created a/b/c.txt (2 lines).', summary: 'created, 2 lines' });
    assert.equal(ws.text('a/b/c.txt'), 'one\ntwo\n');
    assert.deepEqual(ws.touched, ['a/b/c.txt']);
    assert.deepEqual(readdirSync(ws.temp), []);
  });

  it('writes beside the target when the temp folder is on another disk', async function () {
    if (!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(ws.root).dev) return this.skip();
    const elsewhere = mkdtempSync('/dev/shm/agent-tools-');
    try {
      const target = {
        root: ws.root,
        host: path.join(ws.root, 'a/b.txt'),
        shown: 'a/b.txt',
        relative: 'a/b.txt',
        neverSend: ws.context.workspace.neverSend,
      };
      assert.ok(replaceFile(target, Buffer.from('v1'), elsewhere).ok);
      assert.ok(replaceFile(target, Buffer.from('v2'), elsewhere).ok);
      assert.equal(ws.text('a/b.txt'), 'v2');
      assert.deepEqual([readdirSync(path.join(ws.root, 'a')), readdirSync(elsewhere)], [['b.txt'], []]);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('protects a file that was not read, once', async () => {
    ws.put('a.txt', 'precious\n');
    const refused = await write({ path: 'a.txt', content: 'new\n' });
    assert.equal(refused.ok, false);
    assert.match(refused.text, /exists and you do not have its whole text before you .*Nothing was written. Read it first/);
    assert.equal(ws.text('a.txt'), 'precious\n');
    assert.deepEqual(ws.touched, []);
    assert.match((await write({ path: 'a.txt', content: 'new\n' })).text, /^Overwrote a\.txt \(1 line\)/);
    assert.equal(ws.text('a.txt'), 'new\n');
  });

  it('overwrites what was read, written or edited in this attempt, unless it changed since', async () => {
    ws.put('a.txt', 'v1\n');
    await ws.call(readFile, { path: 'a.txt' });
    assert.ok((await write({ path: 'a.txt', content: 'v2\n' })).ok);
    assert.ok((await write({ path: 'a.txt', content: 'v3\n' })).ok);
    await ws.call(editFile, { path: 'a.txt', edits: [{ old_text: 'v3', new_text: 'v4' }] });
    assert.ok((await write({ path: 'a.txt', content: 'v5\n' })).ok);
    ws.put('a.txt', 'formatted\n');
    const changed = await write({ path: 'a.txt', content: 'v6\n' });
    assert.match(changed.text, /has changed since you saw it/);
    assert.equal(ws.text('a.txt'), 'formatted\n');
  });

  it('protects a file of which only a part was read, however often', async () => {
    const replace = () => write({ path: 'a.txt', content: 'new\n' });
    const read = (args: object) => ws.call(readFile, { path: 'a.txt', ...args });
    ws.put('a.txt', numbered(1000));
    await read({ offset: 5, limit: 1 });
    await read({});
    await read({ offset: 500, limit: 2000 });
    const refused = await replace();
    assert.match(refused.text, /do not have its whole text before you/);
    assert.equal(ws.text('a.txt'), numbered(1000));

    ws.put('a.txt', numbered(1001));
    for (const offset of [1, 401, 801]) await read({ offset });
    assert.ok((await replace()).ok, 'read from its beginning to its end');

    ws.put('a.txt', `${'x'.repeat(5000)}\n`);
    await read({});
    assert.equal((await replace()).ok, false, 'a line was cut');
  });

  it('is not let in by an edit of one place', async () => {
    const edits = [{ old_text: 'line 5\n', new_text: 'five\n' }];
    ws.put('a.txt', numbered(1000));
    await ws.call(readFile, { path: 'a.txt', limit: 10 });
    assert.ok((await ws.call(editFile, { path: 'a.txt', edits })).ok);
    assert.match((await write({ path: 'a.txt', content: 'new\n' })).text, /do not have its whole text before you/);
    ws.put('b.txt', numbered(10));
    assert.ok((await ws.call(editFile, { path: 'b.txt', edits })).ok);
    assert.match((await write({ path: 'b.txt', content: 'new\n' })).text, /do not have its whole text before you/);
  });

  it('says when nothing changes', async () => {
    ws.put('a.txt', 'same\n');
    assert.deepEqual((await write({ path: 'a.txt', content: 'same\n' })).summary, 'unchanged');
    assert.deepEqual(ws.touched, []);
  });

  it('keeps mode, line ends, byte order mark and encoding of what it replaces', async () => {
    const script = ws.put('run.sh', '#!/bin/sh\n');
    chmodSync(script, 0o755);
    await ws.call(readFile, { path: 'run.sh' });
    await write({ path: 'run.sh', content: '#!/bin/sh\necho\n' });
    assert.equal(statSync(script).mode & 0o777, 0o755);

    ws.put('dos.txt', '\ufeffa\r\nb\r\n');
    await ws.call(readFile, { path: 'dos.txt' });
    assert.match((await write({ path: 'dos.txt', content: 'x\ny\n' })).text, /kept its byte order mark and CRLF line ends/);
    assert.equal(ws.text('dos.txt'), '\ufeffx\r\ny\r\n');

    ws.put('wide.txt', Buffer.from('\ufeffa\n', 'utf16le'));
    await ws.call(readFile, { path: 'wide.txt' });
    await write({ path: 'wide.txt', content: 'b\n' });
    assert.deepEqual(ws.bytes('wide.txt'), Buffer.from('\ufeffb\n', 'utf16le'));
  });

  it('refuses a folder and more than 1 MB', async () => {
    ws.put('dir/x', 'x');
    assert.match((await write({ path: 'dir', content: 'x' })).text, /is a folder/);
    assert.match((await write({ path: 'new/', content: 'x' })).text, /is a folder; give the path of a file/);
    assert.match((await write({ path: '.', content: 'x' })).text, /is a folder/);
    assert.match((await write({ path: 'big', content: 'é'.repeat(600_000) })).text, /too long \(1\.1 MB, limit 1 MB\)/);
  });

  it('refuses half of a character instead of writing another one', async () => {
    const half = String.fromCharCode(0xd83c);
    assert.match((await ws.call(writeFile, { path: 'new.txt', content: `a${half}b` })).text, /`content` holds half of a character/);
    assert.ok(!existsSync(path.join(ws.root, 'new.txt')));
    ws.put('a.txt', 'party\n');
    const edits = [{ old_text: 'party', new_text: `party ${half}` }];
    assert.match((await ws.call(editFile, { path: 'a.txt', edits })).text, /new_text` holds half of a character/);
    assert.equal(ws.text('a.txt'), 'party\n');
    assert.ok((await ws.call(writeFile, { path: 'new.txt', content: '\ud83c\udf89\n' })).ok);
  });

  it('teaches when the arguments are wrong', async () => {
    assert.match((await write({ path: 'a.txt' })).text, /`content` is missing \(given: path\)\. Right form: \{"path"/);
    assert.match((await write({ path: 'package.json', content: { a: 1 } })).text, /`content` must be a string/);
    assert.match((await write('nonsense')).text, /must be one JSON object, for example/);
    assert.match((await write(null)).text, /`path` is missing \(given: nothing\)/);
  });
});

describe('edit_file', () => {
  const edit = (path: string, ...edits: object[]) => ws.call(editFile, { path, edits });

  it('shows what stands there now', async () => {
    ws.put('a.txt', numbered(20));
    const result = await edit('a.txt', { old_text: 'line 10\n', new_text: 'ten\nand more\n' });
    assert.equal(
      result.text,
      'Edited a.txt in 1 place. Now:\n8\tline 8\n9\tline 9\n10\tten\n11\tand more\n12\tline 11\n13\tline 12\n14\tline 13',
    );
    assert.equal(result.summary, '1 place, +2 -1 lines');
    assert.deepEqual(ws.touched, ['a.txt']);
  });

  it('bounds what it shows', async () => {
    ws.put('a.txt', numbered(5000));
    const many = await edit('a.txt', { old_text: 'line', new_text: 'row', replace_all: true });
    assert.ok(many.ok && many.text.length < 3_500);
    assert.match(many.text, /more place/);
    const long = await edit('a.txt', { old_text: 'row 1\n', new_text: numbered(300) });
    assert.match(long.text, /6\tline 6\n\.\.\. \d+ more lines \.\.\.\n/);
    assert.ok(long.text.length < 3_500);
  });

  it('keeps bytes, byte order mark, mode and final newline', async () => {
    const file = ws.put('a.sh', '\ufeffone \r\ntwo\t\r\nthree');
    chmodSync(file, 0o750);
    assert.ok((await edit('a.sh', { old_text: 'two', new_text: 'TWO\n2' })).ok);
    assert.equal(ws.text('a.sh'), '\ufeffone \r\nTWO\r\n2\t\r\nthree');
    assert.equal(statSync(file).mode & 0o777, 0o750);
  });

  it('edits UTF-16, and Latin-1 byte for byte', async () => {
    ws.put('wide', Buffer.from('\ufeffhello\r\nworld\r\n', 'utf16le'));
    assert.ok((await edit('wide', { old_text: 'hello\nworld', new_text: 'hallo\nWelt' })).ok);
    assert.deepEqual(ws.bytes('wide'), Buffer.from('\ufeffhallo\r\nWelt\r\n', 'utf16le'));
    ws.put('latin', Buffer.from('caf\xe9 \xff\nx = 1\n', 'latin1'));
    assert.ok((await edit('latin', { old_text: 'x = 1', new_text: 'x = é' })).ok);
    assert.deepEqual(ws.bytes('latin'), Buffer.from('caf\xe9 \xff\nx = \xe9\n', 'latin1'));
    assert.match((await edit('latin', { old_text: 'x', new_text: '中' })).text, /"中" cannot be put in: the file is iso-8859-1/);
  });

  it('changes nothing when one of several edits fails', async () => {
    ws.put('a.txt', 'a\nb\n');
    const result = await edit('a.txt', { old_text: 'a', new_text: 'A' }, { old_text: 'nope', new_text: 'x' });
    assert.equal(result.ok, false);
    assert.match(result.text, /^a\.txt: Edit 2 of 2: old_text was not found\. Nothing was changed/);
    assert.equal(ws.text('a.txt'), 'a\nb\n');
    assert.deepEqual(ws.touched, []);
  });

  it('says which rule matched', async () => {
    ws.put('a.py', 'def f():\n\treturn 1\n');
    const result = await edit('a.py', { old_text: '    return 1', new_text: '    return 2' });
    assert.match(result.text, /Note: the edit was matched with the indentation shifted\.$/);
    assert.equal(ws.text('a.py'), 'def f():\n\treturn 2\n');
  });

  it('understands the forms that models write', async () => {
    const forms: [string, object][] = [
      ['beside the path', { path: 'a.txt', old_text: 'v', new_text: 'w' }],
      ['old_str and new_str', { file_path: 'a.txt', old_str: 'v', new_str: 'w' }],
      ['camel case', { filePath: 'a.txt', edits: [{ oldText: 'v', newText: 'w' }] }],
      ['old_string in the list', { path: 'a.txt', edits: [{ old_string: 'v', new_string: 'w', replaceAll: 'false' }] }],
      ['a list as JSON text', { path: 'a.txt', edits: '[{"old_text": "v", "new_text": "w"}]' }],
      ['one edit instead of a list', { path: 'a.txt', edits: { old_text: 'v', new_text: 'w' } }],
      [
        'all as JSON text',
        JSON.parse(JSON.stringify({ path: 'a.txt', edits: [{ old_text: 'v', new_text: 'w', note: 'ignored' }], reason: 'x' })),
      ],
    ];
    for (const [name, args] of forms) {
      ws.put('a.txt', 'v\n');
      const result = await ws.call(editFile, args);
      assert.ok(result.ok, `${name}: ${result.text}`);
      assert.equal(ws.text('a.txt'), 'w\n', name);
    }
  });

  it('teaches when the arguments are wrong', async () => {
    ws.put('a.txt', 'v\n');
    assert.match((await ws.call(editFile, { path: 'a.txt' })).text, /`edits` is missing.*Right form: \{"path": .*"edits": \[\{"old_text"/);
    assert.match((await edit('a.txt')).text, /`edits` must hold at least one edit/);
    assert.match((await edit('a.txt', { old_text: 'v' })).text, /`edits\.0\.new_text` must be a string/);
    assert.match((await ws.call(editFile, { path: 'a.txt', edits: ['v'] })).text, /must be an object with old_text and new_text/);
    assert.equal(ws.text('a.txt'), 'v\n');
  });

  it('refuses what it cannot edit', async () => {
    ws.put('src/a.txt', 'v\n');
    ws.put('a.bin', Buffer.from([0, 1, 2]));
    ws.put('huge.txt', `${'x'.repeat(99)}\n`.repeat(90_000));
    const one = { old_text: 'v', new_text: 'w' };
    assert.match((await edit('a.txt', one)).text, /does not exist. Did you mean src\/a\.txt\? To create a file use write_file/);
    assert.match((await edit('a.bin', one)).text, /is a binary file/);
    assert.match((await edit('huge.txt', one)).text, /too big for this tool \(8\.6 MB, limit 8\.0 MB\); use run_command with sed/);
    assert.match((await edit('src', one)).text, /is a folder/);
  });
});
