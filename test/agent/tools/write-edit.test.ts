import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { replaceFile } from '../../../src/agent/tools/files/replace-file.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { otherFileSystem } from '../../scratch.ts';
import { type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

let ws: TempWorkspace;
beforeEach(() => {
  ws = tempWorkspace();
});
afterEach(() => ws.remove());

const numbered = (n: number) => Array.from({ length: n }, (_, i) => `line ${i + 1}\n`).join('');

describe('edits that take long to find', function () {
  this.timeout(60_000);

  it('are given up in time: lines that all look alike but for their indentation', async () => {
    const text = '  a\n'.repeat(200_000);
    ws.put('a.txt', text);
    const edits = Array(50).fill({ old_text: ' a\n'.repeat(40_000), new_text: 'b', replace_all: true });
    const result = await ws.call(editFile, { path: 'a.txt', edits });
    assert.equal(result.summary, 'too big', result.text.slice(0, 300));
    assert.match(result.text, /^a\.txt: to find these edits takes too long\. .* Nothing was changed\.$/);
    assert.equal(ws.text('a.txt'), text);
  });
});

describe('edits by which a file grows', () => {
  const words = 'q1\n'.repeat(9000);
  const at = async (edits: readonly object[]) => (await ws.call(editFile, { path: 'a.txt', edits })).text;

  it('make no file that is too big to be edited again', async () => {
    ws.put('a.txt', words);
    const all = { new_text: 'x'.repeat(50_000), replace_all: true };
    assert.match(await at([{ old_text: 'q1', ...all }]), /new_text would stand there 9000 times, which is too much; use run_command/);
    assert.match(await at([{ old_text: ' q1', ...all }]), /not found|too much/);
    const some = ['q1\nq1\nq1\n'].map((old_text) => ({ old_text, new_text: 'x'.repeat(2700), replace_all: true }));
    assert.match(await at(some), /^Edited a\.txt/);
    const parts = Array.from({ length: 30 }, (_, i) => `p${String.fromCharCode(97 + (i % 26)).repeat(2)}${i}\n`);
    const many = parts.map((part) => part.repeat(300)).join('');
    ws.put('a.txt', many);
    const each = parts.map((part) => ({ old_text: part, new_text: `${'y'.repeat(1000)}\n`, replace_all: true }));
    assert.match(await at(each), /^a\.txt: The file would become too big for this tool \(8\.\d MB, limit 8\.0 MB\)/);
    assert.equal(ws.text('a.txt'), many);
  });

  it('and files that are written add so much in an attempt, and no more', async () => {
    const big = 'z'.repeat(1024 * 1024 - 1) + '\n';
    let refused = 0;
    for (let i = 0; i < 520; i++) {
      const { ok, text } = await ws.call(writeFile, { path: `f${i}.txt`, content: big });
      rmSync(path.join(ws.root, `f${i}.txt`), { force: true });
      if (ok) continue;
      refused++;
      assert.match(
        text,
        /write_file and edit_file have added 512\.0 MB in this attempt, the most that they may; .* Nothing was written\.$/,
      );
    }
    assert.equal(refused, 8);
    assert.equal((await ws.call(writeFile, { path: 'small.txt', content: '' })).ok, true, 'what adds nothing');
  }).timeout(60_000);
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
    const other = otherFileSystem();
    if (!other) return this.skip();
    const elsewhere = mkdtempSync(path.join(other, 'agent-tools-'));
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

  it('says where it is, and repeats nothing that the edit said', async () => {
    ws.put('a.txt', numbered(20));
    const result = await edit('a.txt', { old_text: 'line 10\n', new_text: 'ten\nand more\n' });
    assert.equal(result.text, 'Edited a.txt, lines 10-11.');
    assert.equal(result.summary, '1 place, +2 -1 lines');
    assert.deepEqual(ws.touched, ['a.txt']);
    const two = await edit('a.txt', { old_text: 'line 3', new_text: '3' }, { old_text: 'line 5\nline 6', new_text: '5\n6' });
    assert.equal(two.text, 'Edited a.txt, lines 3 and 5-6.');
  });

  it('shows what stands there now where lines were joined or added by a line end', async () => {
    ws.put('a.txt', numbered(9));
    const joined = await edit('a.txt', { old_text: 'line 4\n', new_text: 'four' });
    assert.equal(joined.text, 'Edited a.txt, line 4.\n[lines 2-6 now]\nline 2\nline 3\nfourline 5\nline 6\nline 7');
  });

  it('bounds what it shows', async () => {
    ws.put('a.txt', numbered(5000));
    const many = await edit('a.txt', { old_text: 'line', new_text: 'row', replace_all: true });
    assert.ok(many.ok && many.text.length < 200, many.text);
    assert.match(many.text, /, 12 and 4988 more places\.$/);
    const long = await edit('a.txt', { old_text: 'row 1\n', new_text: numbered(3000).trimEnd() });
    assert.ok(long.ok, long.text);
    assert.match(long.text, /^Edited a\.txt, lines 1-3000\.\n\[lines 1-3002 now\]\nline 1\n/);
    assert.ok(long.text.length > 5_900 && long.text.length < 6_200, `${long.text.length} characters`);
  });

  it('keeps bytes, byte order mark, mode and final newline', async () => {
    const file = ws.put('a.sh', '\ufeffone \r\ntwo\t\r\nthree');
    chmodSync(file, 0o750);
    assert.ok((await edit('a.sh', { old_text: 'two', new_text: 'TWO\n2' })).ok);
    assert.equal(ws.text('a.sh'), '\ufeffone \r\nTWO\r\n2\t\r\nthree');
    assert.equal(statSync(file).mode & 0o777, 0o750);
  });

  it('keeps the ends of lines of old Macs', async () => {
    for (const [before, old_text, new_text, after] of [
      ['one\rtwo\rthree\r', 'two', 'two\nmore', 'one\rtwo\rmore\rthree\r'],
      ['one\rtwo\rthree', 'two\nthree', '2\n3\n', 'one\r2\r3\r'],
      ['one\rtwo\rthree\r', 'one\rtwo', '1\r\n2', '1\r2\rthree\r'],
      // One alone may be anything.
      ['one\rtwo', 'two', 'two\nmore', 'one\rtwo\nmore'],
      ['one\rtwo\rthree\n', 'three', 'three\nmore', 'one\rtwo\rthree\nmore\n'],
    ] as const) {
      ws.put('mac.txt', before);
      const done = await edit('mac.txt', { old_text, new_text });
      assert.ok(done.ok, done.text);
      assert.equal(ws.text('mac.txt'), after);
    }
    ws.put('mac.txt', 'one\rtwo\r');
    await ws.call(readFile, { path: 'mac.txt' });
    const done = await ws.call(writeFile, { path: 'mac.txt', content: 'one\n2\n' });
    assert.match(done.text, /kept its CR line ends/);
    assert.equal(ws.text('mac.txt'), 'one\r2\r');
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

  it('makes the others when one of several edits fails, and says which', async () => {
    ws.put('a.txt', 'a\nb\n');
    const result = await edit('a.txt', { old_text: 'a', new_text: 'A' }, { old_text: 'nope', new_text: 'x' });
    assert.deepEqual([result.ok, result.ran, result.summary], [false, true, '1 place, +1 -1 lines, 1 not made']);
    assert.match(result.text, /^Edited a\.txt, line 1\.\nEdit 2 of 2: old_text was not found\.\nCopy old_text/);
    assert.equal(ws.text('a.txt'), 'A\nb\n');
    assert.deepEqual(ws.touched, ['a.txt']);
  });

  it('changes nothing when all of them fail', async () => {
    ws.put('a.txt', 'a\nb\n');
    const result = await edit('a.txt', { old_text: 'no', new_text: 'A' }, { old_text: 'nope', new_text: 'x' });
    assert.deepEqual([result.ok, result.ran], [false, undefined]);
    assert.match(result.text, /^a\.txt: Edit 1 of 2: old_text was not found\. Nothing was changed/);
    assert.equal(ws.text('a.txt'), 'a\nb\n');
    assert.deepEqual(ws.touched, []);
  });

  it('says which rule matched', async () => {
    ws.put('a.py', 'def f():\n\treturn 1\n');
    const result = await edit('a.py', { old_text: '    return 1', new_text: '    return 2' });
    assert.match(result.text, /Note: the edit was matched with the indentation shifted\.\n\[lines 1-2 now\]\ndef f\(\):\n\treturn 2$/);
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
