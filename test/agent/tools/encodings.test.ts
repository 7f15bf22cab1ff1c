/** Files in every common encoding, through the file tools. What the bytes must be is said by another library. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { decodeText, type Encoding, encodeText } from '../../../src/common/text-codec.ts';
import { tempWorkspace } from './temp-workspace.ts';

interface Case {
  readonly encoding: Encoding;
  /** A comment as a source file has it. */
  readonly text: string;
  /** Something else that the encoding has, and something that it has not. */
  readonly other: string;
  readonly foreign?: string;
  readonly bom?: boolean;
  /** Told by nothing in the bytes; then .editorconfig or .gitattributes says it. */
  readonly declared?: boolean;
}

const CHINESE = '// 用户登录：检查密码是否正确';
const CASES: readonly Case[] = [
  { encoding: 'utf-8', text: CHINESE, other: '成功 😀' },
  { encoding: 'utf-8', text: CHINESE, other: '成功 😀', bom: true },
  { encoding: 'utf-16le', text: CHINESE, other: '成功 😀', bom: true },
  { encoding: 'utf-16be', text: CHINESE, other: '成功 😀', bom: true },
  { encoding: 'utf-16le', text: 'name = résumé', other: '成功' },
  { encoding: 'utf-16be', text: 'name = résumé', other: '成功' },
  { encoding: 'utf-32le', text: CHINESE, other: '成功 😀', bom: true },
  { encoding: 'utf-32be', text: 'name = résumé', other: '成功 😀' },
  { encoding: 'gbk', text: CHINESE, other: '失败', foreign: '😀' },
  { encoding: 'gbk', text: '// 中', other: '文', foreign: '한' },
  { encoding: 'gb18030', text: '// 用户𠀀登录', other: '成功 😀 ñ 한' },
  { encoding: 'gb18030', text: CHINESE, other: '😀', declared: true },
  { encoding: 'big5', text: '// 使用者登入：檢查密碼', other: '錯誤', foreign: '检' },
  { encoding: 'shift_jis', text: '// ユーザーのログインを確認', other: '失敗', foreign: '检' },
  { encoding: 'euc-jp', text: '// ユーザーのログインを確認', other: '失敗', foreign: '检' },
  { encoding: 'euc-kr', text: '// 사용자 로그인을 확인한다', other: '실패', foreign: '检' },
  { encoding: 'euc-kr', text: '// 오류', other: '실패', foreign: '检', declared: true },
  { encoding: 'windows-1251', text: '// Проверка пароля', other: '«Ошибка»', foreign: '中' },
  { encoding: 'koi8-r', text: '// Проверка пароля', other: 'Ошибка', foreign: '中' },
  { encoding: 'windows-1252', text: '// It’s “quoted” – café', other: '€', foreign: '中' },
  { encoding: 'iso-8859-1', text: '// Größe überschritten', other: 'é', foreign: '€' },
  { encoding: 'iso-8859-2', text: '// Zażółć gęślą jaźń', other: 'błąd', foreign: '中', declared: true },
  { encoding: 'windows-1250', text: '// Příliš žluťoučký kůň', other: '„chyba“', foreign: 'ñ', declared: true },
  { encoding: 'windows-1253', text: '// Έλεγχος του κωδικού', other: 'λάθος', foreign: 'é', declared: true },
  { encoding: 'windows-1254', text: '// Kullanıcı girişi: şifre', other: 'yanlış', foreign: 'ł', declared: true },
  { encoding: 'windows-1255', text: '// בדיקת סיסמה', other: 'שגיאה', foreign: 'é', declared: true },
  { encoding: 'iso-8859-5', text: '// Проверка пароля', other: 'Ошибка', foreign: '«', declared: true },
  { encoding: 'iso-8859-15', text: '// prix en œuvre', other: '5 €', foreign: '½', declared: true },
  { encoding: 'ibm866', text: '// Проверка пароля', other: '╔═ Ошибка', foreign: 'é', declared: true },
];

const bytesOf = (text: string, { encoding, bom = false }: Pick<Case, 'encoding' | 'bom'>) => iconv.encode(text, encoding, { addBOM: bom });

for (const one of CASES) {
  const { encoding, text, other, foreign, bom, declared } = one;
  describe(`a file in ${encoding}${bom ? ' with a byte order mark' : ''}${declared ? ', as declared' : ''}: ${text}`, () => {
    let ws: ReturnType<typeof tempWorkspace>;
    const whole = `${text}\r\nlet a = 1;\nlet b = 2;\r\n`;
    beforeEach(() => {
      ws = tempWorkspace();
      ws.put('a.txt', bytesOf(whole, one));
      if (declared) ws.context.workspace.rulesFor = async () => ({ ignored: null, encoding, lineEnds: null });
    });
    afterEach(() => ws.remove());

    it('is read as what it says, with its encoding where that is not UTF-8', async () => {
      const { text: shown } = await ws.call(readFile, { path: 'a.txt' });
      assert.ok(shown.includes(`${text}\nlet a = 1;`), shown);
      assert.equal(shown.includes(`[encoding: ${encoding};`), encoding !== 'utf-8', shown);
    });

    it('keeps its encoding and its line ends in an edit, and takes what the encoding has', async () => {
      const done = await ws.call(editFile, { path: 'a.txt', old_text: 'let a = 1;', new_text: `let a = '${other}';` });
      assert.ok(done.ok, done.text);
      assert.deepEqual(ws.bytes('a.txt'), bytesOf(whole.replace('let a = 1;', `let a = '${other}';`), one));
      assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: text, new_text: '// plain' })).ok, 'its own text can be named');
    });

    it('keeps its encoding when it is overwritten', async () => {
      await ws.call(readFile, { path: 'a.txt' });
      const done = await ws.call(writeFile, { path: 'a.txt', content: `${text}\n${other}\n` });
      assert.ok(done.ok, done.text);
      assert.deepEqual(ws.bytes('a.txt'), bytesOf(`${text}\n${other}\n`, one));
    });

    if (foreign === undefined) return;
    it('refuses what the encoding has not, names it, and writes nothing', async () => {
      await ws.call(readFile, { path: 'a.txt' });
      for (const refused of [
        await ws.call(editFile, { path: 'a.txt', old_text: 'let a = 1;', new_text: foreign }),
        await ws.call(writeFile, { path: 'a.txt', content: `${text}${foreign}\n` }),
      ]) {
        assert.equal(refused.ok, false);
        assert.match(refused.text, /cannot be put in: .* Nothing was written\. Write it in ASCII/);
        assert.ok(refused.text.includes(JSON.stringify(foreign)), refused.text);
      }
      assert.deepEqual(ws.bytes('a.txt'), bytesOf(whole, one));
    });
  });
}

describe('what the repository says of encodings', () => {
  const made = async (rules: Record<string, string>, attribute: string | null, file: string, before: string | null, text: string) => {
    const ws = tempWorkspace();
    try {
      ws.context.workspace.rulesFor = async () => ({ ignored: null, encoding: attribute, lineEnds: null });
      for (const [name, content] of Object.entries(rules)) ws.put(name, content);
      if (before !== null) ws.put(file, before);
      const done = await ws.call(before === null ? writeFile : editFile, {
        path: file,
        ...(before === null ? { content: text } : { old_text: before.trim(), new_text: text.trim() }),
      });
      assert.ok(done.ok, done.text);
      return { bytes: ws.bytes(file), text: done.text };
    } finally {
      ws.remove();
    }
  };
  const section = (glob: string, charset: string) => `root = true\n[${glob}]\ncharset = ${charset}\n`;

  it('a new file gets it from .gitattributes, and the model is told', async () => {
    const { bytes, text } = await made({}, 'GBK', 'a.txt', null, '中文\n');
    assert.deepEqual(bytes, iconv.encode('中文\n', 'gbk'));
    assert.match(text, /in gbk/);
  });
  it('a new file gets it from the nearest .editorconfig whose section matches', async () => {
    const rules = { '.editorconfig': section('*.{c,h}', 'utf-16le'), 'src/.editorconfig': '[*.c]\ncharset = latin1\n' };
    assert.deepEqual((await made(rules, null, 'src/a.c', null, 'é\n')).bytes, Buffer.from([0xe9, 0x0a]));
    assert.deepEqual((await made(rules, null, 'src/a.h', null, 'é\n')).bytes, iconv.encode('é\n', 'utf-16le', { addBOM: false }));
    assert.deepEqual((await made(rules, null, 'src/a.js', null, 'é\n')).bytes, Buffer.from('é\n'));
  });
  it('a file of plain ASCII gets it with its first other character', async () => {
    assert.deepEqual((await made({}, 'gbk', 'a.txt', 'a\n', '中\n')).bytes, iconv.encode('中\n', 'gbk'));
    assert.deepEqual((await made({}, null, 'a.txt', 'a\n', '中\n')).bytes, Buffer.from('中\n'));
  });
  it('a new file begins with a byte order mark where that is declared', async () => {
    const section = (charset: string) => ({ '.editorconfig': `[*]\ncharset = ${charset}\n` });
    assert.deepEqual((await made(section('utf-8-bom'), null, 'a.txt', null, '中\n')).bytes, Buffer.from('\ufeff中\n'));
    for (const name of ['UTF-16', 'UTF-16LE-BOM', 'UTF-32'])
      assert.deepEqual(
        (await made({}, name, 'a.txt', null, '中\n')).bytes,
        iconv.encode('中\n', name.startsWith('UTF-32') ? 'utf-32le' : 'utf-16le', { addBOM: true }),
      );
  });
  it('is not believed where the bytes say otherwise', async () => {
    assert.deepEqual((await made({}, 'shift_jis', 'a.txt', '中文字\n', '汉字\n')).bytes, Buffer.from('汉字\n'));
  });
  it('as one we do not know: ASCII goes in, and what git would store as other characters does not', async () => {
    for (const name of ['iso-2022-jp', 'x-mac-thai', 'constructor', '__proto__']) {
      assert.deepEqual((await made({}, name, 'a.txt', null, 'a\n')).bytes, Buffer.from('a\n'));
      await assert.rejects(
        made({}, name, 'a.txt', null, '中\n'),
        /cannot be put in: the file is in no known encoding.* Nothing was written/,
      );
      await assert.rejects(
        made({}, name, 'a.txt', 'a\n', '中\n'),
        /cannot be put in: the file is in no known encoding.* Nothing was written/,
      );
    }
  });
  it('a name of .editorconfig that is unknown changes nothing', async () => {
    for (const name of ['x-mac-thai', 'constructor', '__proto__']) {
      const rules = { '.editorconfig': `[*]\ncharset = ${name}\n` };
      assert.deepEqual((await made(rules, null, 'a.txt', null, '中\n')).bytes, Buffer.from('中\n'));
    }
  });
});

describe('a file of which nothing tells the encoding', () => {
  it('in doubt: is shown as the likeliest, takes ASCII, and other characters only when it is declared', async () => {
    const ws = tempWorkspace();
    ws.put('a.txt', iconv.encode('// 代码\nlet a;\n', 'gbk'));
    assert.match((await ws.call(readFile, { path: 'a.txt' })).text, /probably gbk, perhaps [\w-]+; only ASCII/);
    assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: 'let b' })).ok);
    assert.match((await ws.call(editFile, { path: 'a.txt', old_text: 'let b', new_text: '好' })).text, /probably gbk/);
    assert.deepEqual(ws.bytes('a.txt'), iconv.encode('// 代码\nlet b;\n', 'gbk'));
    ws.put('.editorconfig', '[*]\ncharset = gbk\n');
    assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'let b', new_text: '好' })).ok);
    assert.deepEqual(ws.bytes('a.txt'), iconv.encode('// 代码\n好;\n', 'gbk'));
    ws.remove();
  });
  it('letters of DOS and old Macs, and escapes that say what stands for what: the same', async () => {
    const texts: Readonly<Record<string, Buffer>> = {
      cp850: iconv.encode('// Größe überschritten, très élevé\nlet a;\n', 'cp850'),
      macintosh: iconv.encode('// Größe überschritten, très élevé\nlet a;\n', 'macintosh'),
      'iso-2022-jp': Buffer.from('// \x1b$B%f!<%6!<$N\x1b(B log in\nlet a;\n'),
      'iso-2022-kr': Buffer.from('\x1b$)C// \x0e;g?k@Z\x0f\nlet a;\n'),
    };
    for (const [name, bytes] of Object.entries(texts)) {
      const ws = tempWorkspace();
      ws.put('a.txt', bytes);
      assert.match((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: 'é' })).text, /in no known encoding/, name);
      assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: 'let b' })).ok);
      assert.equal(ws.bytes('a.txt').toString('latin1'), bytes.toString('latin1').replace('let a', 'let b'));
      ws.remove();
    }
  });
  it('colours of a terminal are no such escapes', async () => {
    const ws = tempWorkspace();
    ws.put('a.txt', '\x1b[1mlet a\x1b(B\x1b[m\n');
    assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: 'é' })).ok);
    assert.equal(ws.text('a.txt'), '\x1b[1mé\x1b(B\x1b[m\n');
    ws.remove();
  });
  it('broken UTF-8, and two encodings in one file: every byte stays, and only ASCII can be put in', async () => {
    for (const bytes of [
      Buffer.concat([Buffer.from('// 用户登录检查\nlet a;\n'), Buffer.from([0xff, 0x0a])]),
      Buffer.concat([Buffer.from('// 用户登录检查密码\nlet a;\n'), iconv.encode('// 中\n', 'gbk')]),
    ]) {
      const ws = tempWorkspace();
      ws.put('a.txt', bytes);
      assert.match((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: '中' })).text, /in no known encoding/);
      assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'let a', new_text: 'let b' })).ok);
      assert.equal(ws.bytes('a.txt').toString('latin1'), bytes.toString('latin1').replace('let a', 'let b'));
      ws.remove();
    }
  });
});

describe('encodings, seeded fuzz', () => {
  const ENCODINGS = [...new Set(CASES.map(({ encoding }) => encoding))];
  const sample: Record<string, string> = Object.fromEntries(CASES.map((one) => [one.encoding, one.text + one.other]));

  it('decode, edit, encode changes the edited range only, in every encoding', () => {
    for (const encoding of ENCODINGS) {
      const piece = fc.oneof(fc.constantFrom(...sample[encoding]!), fc.constantFrom(...'ab \t={}'), fc.constantFrom('\n', '\r\n', '\r'));
      const text = fc.array(piece, { maxLength: 30 }).map((all) => all.join(''));
      fc.assert(
        fc.property(text, text, text, fc.boolean(), (before, between, behind, hasBom) => {
          const bom = hasBom && encoding.startsWith('utf');
          const bytes = iconv.encode(before + between + behind, encoding, { addBOM: bom });
          const decoded = decodeText(bytes, encoding);
          if (decoded === null || decoded.text !== before + between + behind) return; // UTF-16 without NUL, and the like
          const edited = encodeText({ ...decoded, text: `${before}X${behind}` });
          const [head, tail] = [iconv.encode(before, encoding, { addBOM: bom }), iconv.encode(behind, encoding, { addBOM: false })];
          assert.ok(edited.subarray(0, head.length).equals(head) && edited.subarray(edited.length - tail.length).equals(tail));
          assert.deepEqual(encodeText(decoded), bytes);
        }),
        { seed: 20261127, numRuns: 400 },
      );
    }
  });

  it('any bytes come back as they were, whatever they are taken for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const decoded = decodeText(Buffer.from(bytes));
        if (decoded !== null) assert.deepEqual([...encodeText(decoded)], [...bytes]);
      }),
      { seed: 20261127, numRuns: 4_000 },
    );
  });

  it('agrees with the iconv of the system on every character of GB 18030 that both have', function () {
    try {
      execFileSync('iconv', ['--version'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    const text = Array.from({ length: 0x9fa5 - 0x4e00 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join('');
    const said = execFileSync('iconv', ['-f', 'utf-8', '-t', 'gb18030'], { input: text });
    assert.deepEqual(encodeText({ text, encoding: 'gb18030', bom: false }), said);
  });
});
