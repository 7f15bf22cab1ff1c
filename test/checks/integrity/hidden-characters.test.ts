import assert from 'node:assert/strict';
import { hiddenCharacters } from '../../../src/checks/integrity/hidden-characters.ts';
import { file, said } from './judge.ts';

const say = (text: string, path = 'src/a.ts', before: string | null = '') => said(hiddenCharacters, [file(path, before, text)]);

describe('hidden characters', () => {
  it('reorder, hide or resemble', () => {
    assert.deepEqual(say('a\n/* \u202e } if (admin) \u2066*/\n'), ['! src/a.ts:2 reordered']);
    assert.deepEqual(say('const a = 1; // \u{e0041}\u{e0042}\n'), ['! src/a.ts:1 invisible']);
    for (const sign of ['\u{1d173}', '\u{1bca0}', '\ufff0']) assert.deepEqual(say(`const a = 1; // ${sign}\n`), ['! src/a.ts:1 invisible']);
    assert.deepEqual(say('x\ufe00\ufe01\u{e0100}\u{e0101}\n'), ['! src/a.ts:1 invisible']);
    assert.deepEqual(say('const is\u200bAdmin = true;\n'), ['! src/a.ts:1 invisibleInName']);
    assert.deepEqual(say('const a\u2060b = 1;\n'), ['! src/a.ts:1 invisibleInName']);
    assert.deepEqual(say('const a\u200db = 1;\n'), ['! src/a.ts:1 invisibleInName']);
    assert.deepEqual(say('const { a, \u3164 } = x;\n'), ['! src/a.ts:1 invisibleInName']);
    assert.deepEqual(say('const p\u0430ssword = 1;\n'), ['! src/a.ts:1 lookAlike']);
    assert.deepEqual(say('const ID\u0430 = 1;\n'), ['! src/a.ts:1 lookAlike']);
    assert.deepEqual(say('// p\u0430ssword\n'), ['! src/a.ts:1 lookAlike']);
    assert.deepEqual(say('text \u202e\n', 'README.md'), ['! README.md:1 reordered']);
    assert.deepEqual(said(hiddenCharacters, [file('src/a\u200bb.ts', null, 'x')]), ['! src/a\u200bb.ts invisibleInName']);
    assert.deepEqual(said(hiddenCharacters, [file('src/\u202egpj.exe', null, 'x')]), ['! src/\u202egpj.exe reordered']);
  });

  it('resemble in any script, in names of code and of new files', () => {
    for (const name of [
      '\u0391dd', // Greek capital, then Latin
      '\u03c5ser',
      '\u03bdalue',
      '\u0441\u043e\u0440', // Cyrillic alone
      '\u0391\u0392\u0395', // Greek alone
      '\u0570ost', // Armenian
      '\u13aadd', // Cherokee
      '\uab83ode',
      '\u2c9fpen', // Coptic
      '\ua4e1ode', // Lisu
      '\u0251dmin', // phonetics
      '\u1d04ode', // small capital
      '\uff55ser', // full width
      '\u{1d68e}\u{1d69f}\u{1d68a}\u{1d695}', // monospace of mathematics
    ])
      for (const path of ['src/a.ts', 'a.py', 'a.c', 'a.sh']) assert.deepEqual(say(`${name} = 1\n`, path), [`! ${path}:1 lookAlike`], name);
    const added = (path: string) => said(hiddenCharacters, [file(path, null, '{}')]);
    assert.deepEqual(added('p\u0430ckage.json'), ['! p\u0430ckage.json lookAlike']);
    assert.deepEqual(added('sr\u0441/a.ts'), ['! sr\u0441/a.ts lookAlike']);
    assert.deepEqual(said(hiddenCharacters, [file('p\u0430ckage.json', '', '{}')]), [], 'it was called so');
    assert.deepEqual(said(hiddenCharacters, [file('p\u0430ckage.json', '', null)]), [], 'it is gone');
  });

  it('make the name of a new file that of another one for the eye', () => {
    const added = (path: string) => said(hiddenCharacters, [file(path, null, '{}')]);
    for (const path of [
      'a.js\n',
      '\na.js',
      '\ufeffa.js',
      'a.js\u00a0',
      'a\u2003.js',
      '\u3000a.js',
      'a.js\t',
      '\u0007a.js',
      ' a.js',
      'b /a.js',
      'b/ a.js',
    ])
      assert.deepEqual(added(path), [`! ${path} invisibleInName`]);
    for (const path of ['My Notes/a b.js', 'café.js', '笔记.md', 'cafe\u0301.js']) assert.deepEqual(added(path), []);
    assert.deepEqual(said(hiddenCharacters, [file('a.js\n', '', '{}')]), [], 'it was called so');
  });

  it('are out of sight behind many blanks', () => {
    for (const blanks of [
      ' '.repeat(200),
      '\t'.repeat(40),
      '\u2003'.repeat(150),
      `${' '.repeat(90)}\t${' '.repeat(90)}`,
      ' '.repeat(3000),
    ]) {
      assert.deepEqual(say(`return a;${blanks}evil();\n`), ['! src/a.ts:1 farRight']);
      assert.deepEqual(say(`return a;\n${blanks}evil();\n`), ['! src/a.ts:2 farRight']);
      assert.deepEqual(say(`return a;${blanks}\n`), [], 'nothing stands behind them');
      assert.deepEqual(say(`a ${blanks} b\n`, 'notes.txt'), []);
    }
    assert.deepEqual(say(`const a = 1;${' '.repeat(80)}// aligned\n`), []);
    assert.deepEqual(say(`${'\t'.repeat(12)}deep();\n`), []);
  });

  it('end a line where nobody sees it', () => {
    for (const end of ['\u2028', '\u2029', '\u0085', '\r'])
      assert.deepEqual(say(`// as before${end}return;\n`, 'src/a.ts', 'f();\n'), ['! src/a.ts:1 lineEnd'], JSON.stringify(end));
    assert.deepEqual(say('# as before\rreturn\n', 'a.py', 'x = 1\n'), ['! a.py:1 lineEnd']);
    assert.deepEqual(say(`${'x'.repeat(2000)} // as before\u2028return;\n`), ['! src/a.ts:1 lineEnd']);
    for (const code of ['\\u000a', '\\uu000D', '\\u002a\\u002F', '\\u0022'])
      assert.deepEqual(say(`// as before ${code} return;\n`, 'A.java'), ['! A.java:1 lineEnd'], code);
  });

  it('that end lines are none where all lines end so, or where texts hold escapes', () => {
    assert.deepEqual(say('a\rb\rd\r', 'src/a.ts', 'a\rb\r'), []);
    assert.deepEqual(say('a\r\nb\r\n\r\r\n', 'src/a.ts', 'a\n'), []);
    assert.deepEqual(say("const ends = '\\u2028\\u000a';\n"), []);
    assert.deepEqual(say('some \u2028 text\n', 'README.md'), []);
  });

  it('are not hidden by what begins like a comment', () => {
    for (const [path, line] of [
      ['src/a.ts', '/**/ const MAX\u0430 = 2;'],
      ['src/a.ts', '/* the most */ const MAX\u0430 = 2;'],
      ['src/a.ts', '/* the\nmost\n*/ const MAX\u0430 = 2;'],
      ['src/a.ts', 'const a = b\n  * MAX\u0430;'],
      ['src/a.ts', '--ID\u0430;'],
      ['src/a.ts', '#ID\u0430 = 2;'],
      ['src/a.c', '#define MAX\u0430 2'],
      ['src/a.c', '#  define MAX\u0430 2'],
      ['src/a.c', '*ID\u0430 = 2;'],
      ['src/a.c', '* ID\u0430 = 2;'],
      ['src/a.rs', '#[cfg(MAX\u0430)]'],
    ] as const)
      assert.deepEqual(
        say(`${line}\n`, path).map((one) => one.replace(/:\d+/, '')),
        [`! ${path} lookAlike`],
        line,
      );
  });

  it('are none in comments of any form', () => {
    for (const [path, text] of [
      ['src/a.ts', '/** список API\u0430 */'],
      ['src/a.ts', '/**\n * список API\u0430\n */'],
      ['src/a.ts', '/* список\n  * API\u0430 */'],
      ['src/a.c', '/*\n * список API\u0430\n */'],
      ['src/a.py', '#API\u0430 и #define API\u0430'],
      ['src/a.sql', '-- список API\u0430'],
    ] as const)
      assert.deepEqual(say(`${text}\n`, path), [], text);
  });

  it('are none in honest text of any script', () => {
    for (const text of [
      '\ufeffconst a = 1;\n',
      '// 你好，世界 日本語 한국어\n',
      '// \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200f\u0634\u0644\u0648\u0645\n', // Persian with a joiner, a mark of direction
      '// \u0915\u094d\u200d\u0937\n', // Hindi
      "const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';\n",
      "const heart = '\u2764\ufe0f\u2764\ufe0f';\n",
      "const flag = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}';\n",
      '// Привет, мир и Node.js\n',
      '// список URLов, PDFов, ID-шников и всех URLа\n',
      '# имена APIа\n',
      "const text = 'список URLов';\n",
      "const text = 'жsome value';\n",
      'const Δx = 1; const µs = 2;\n',
      'const αMax = 1, ρAir = 2, θ1 = 3, σx = 4, λ = 5, νe = 6, ν = 7, х = 8;\n',
      "const words = ['сор', 'ΑΒΕ', 'еще', 'ｕｓｅｒ'];\n",
      '// сор и ΑΒΕ, ｕser\n',
      'const kayıtSayısı = 1, naïve = 2, größe = 3, Привет = 4;\n',
    ])
      assert.deepEqual(say(text), [], text);
  });

  it('are none that the base had', () => {
    assert.deepEqual(say('a\u202e\nb\n', 'src/a.ts', 'a\u202e\n'), []);
  });
});
