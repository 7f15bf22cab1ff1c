import assert from 'node:assert/strict';
import fc from 'fast-check';
import { excerptOf, isGenerated, wordPattern } from '../../../src/agent/prompt/excerpt.ts';
import { outlineOf, partsBehind } from '../../../src/agent/prompt/outline.ts';
import { likelyFiles, likelyParts } from '../../../src/agent/prompt/shared-words.ts';
import { termsOf } from '../../../src/agent/prompt/task-terms.ts';
import { quick } from '../../quick.ts';

describe('words of the code in a task', () => {
  const of = (task: string) =>
    termsOf(task)
      .map(({ text }) => text)
      .sort();
  for (const [task, expected] of [
    ['Let `parseOptions()` take --dry-run and update_min_steps.', ['--dry-run', 'parseOptions', 'update_min_steps']],
    ['ProgressBar.render_finish is wrong; see Node.js and src/app.ts, e.g. index.html', ['ProgressBar', 'render_finish']],
    [`It says "error: unknown option '-5'", doesn't it? It's 'short'.`, ['unknown option']],
    ['TypeError: Cannot read properties of undefined (reading 3)', ['Cannot read properties of undefined']],
    ['`src/lib/x.ts`, `npm test`, `true` and `README.md`', []],
    ['The reader should stop; make it fast. Call total() once.', ['total']],
    ['After from("-b") and from("-a") it stops; turn("-b") and turn("-a") are true, and so is turn("-c").', ['turn']],
    ['修复 `解析` 中的 parseCsv，提示“文件格式不正确”', ['parseCsv', '文件格式不正确', '解析']],
  ] as const) {
    it(JSON.stringify(task), () => assert.deepEqual(of(task), [...expected].sort()));
  }

  it('are few, and found quickly', () => {
    assert.equal(of(Array.from({ length: 100 }, (_, i) => `\`name${i}\``).join(' ')).length, 16);
    for (const piece of ['`', '"', "'", 'a.', 'aB_', '--a', 'Error: ', 'a(', '“'])
      quick(() => termsOf(`${piece.repeat(100_000 / piece.length)}x`));
  });
});

describe('a file of very many parts', () => {
  it('is shown, and the parts behind a line are named, in a time that grows with their number', () => {
    const pointers = { task: 'Change self in class A', terms: ['self', 'A'].map((text) => ({ text, weight: 3 })), lines: [] };
    for (const piece of ['class A:\n def b(self,\n', 'class A:\n def b(self):\n  self.c()\n']) {
      const text = piece.repeat(2 ** 20 / piece.length);
      quick(() => excerptOf('a.py', text, pointers, { parts: 8000, outline: 2000, share: 0.3 }), piece);
      quick(() => partsBehind('a.py', text.split('\n'), 1, 200), piece);
    }
  });

  it('says of a line in which part it lies, the innermost, and names the outer ones behind a line', () => {
    const lines = [
      'class A:',
      '  def a(x):',
      '    one',
      '  two',
      '  def b(x):',
      '    three',
      'four',
      ...Array<string>(400).fill('# filler filler filler'),
      'def c():',
      '  x',
    ];
    const around = (text: string) =>
      excerptOf('a.py', lines.join('\n'), { task: '', terms: [{ text, weight: 3 }], lines: [] }, { parts: 900, outline: 300, share: 0.3 })
        .text;
    assert.match(around('one'), /^\[lines 2-3\]/);
    assert.match(around('two'), /^\[lines 1-6\]/);
    assert.match(around('three'), /^\[lines 5-6\]/);
    assert.match(around('four'), /^\[lines 1-19\]/);
    assert.equal(partsBehind('a.py', lines, 0, 200), '[further on, by line: 1 A, 2 a, 5 b, 408 c]');
    assert.equal(partsBehind('a.py', lines, 0, 10), '[further on, by line: 1 A, 408 c, and 2 more]');
  });
});

describe('outline', () => {
  const names = (path: string, text: string) => outlineOf(path, text.split('\n')).map(({ name, from, to }) => `${name} ${from}-${to}`);
  for (const [path, text, expected] of [
    [
      'a.ts',
      'export class A {\n  constructor(\n    x: number,\n  ) {\n    run(x);\n  }\n  async #go<T>(): Promise<void> {\n    if (x) {\n    }\n  }\n}\nconst f = async (x) => {\n};\nexport type T = {\n  a: 1;\n};\nqueue(() => {\n});',
      ['A 1-11', 'constructor 2-6', '#go 7-10', 'f 12-13', 'T 14-16'],
    ],
    ['a.py', '@x\nclass A:\n    def f(\n        self,\n    ):\n        pass\n\nasync def g():\n    pass\n', ['A 2-6', 'f 3-6', 'g 8-9']],
    ['over.py', 'def f(a: int): ...\ndef f(a: str): ...\ndef f(a):\n    return a\ndef g(): ...\n', ['f 1-4', 'g 5-5']],
    ['a.go', 'type T struct {\n\ta int\n}\n\nfunc (t *T) Run(x int) error {\n\treturn nil\n}\n', ['T 1-3', 'Run 5-7']],
    ['a.rs', 'pub struct A;\nimpl<T> Show for A {\n    pub(crate) async fn go(&self) {\n    }\n}\n', ['A 1-5', 'go 3-4']],
    ['A.java', 'public final class A {\n    @Override\n    public static <T> List<T> of(T one) {\n    }\n}\n', ['A 1-5', 'of 3-4']],
    ['a.rb', 'class A\n  def go?\n    1\n  end\nend\n', ['A 1-5', 'go? 2-4']],
    ['a.c', 'static int add(int a,\n               int b)\n{\n  return a;\n}\nint x = 1;\n', ['add 1-5']],
    ['a.php', '<?php\nclass A {\n    public function go() {\n    }\n}\n', ['A 2-5', 'go 3-4']],
    ['a.sh', 'go() {\n  true\n}\n', ['go 1-3']],
    ['README.md', '# A\n\n## B\ntext\n## C\n', ['A 1-6', 'B 3-4', 'C 5-6']],
    ['a.json', '{\n  "a": 1\n}\n', []],
  ] as const) {
    it(path, () => assert.deepEqual(names(path, text), expected));
  }

  it('is made quickly of anything', () => {
    const pieces = [' ', 'a ', 'class ', 'public ', '(', '<', 'export const a', '{', '\t', 'x\n', 'class A\n', 'f(\n', '# a\n'];
    for (const path of ['a.ts', 'a.py', 'A.java', 'a.c', 'a.rs', 'a.go', 'a.md'])
      for (const piece of pieces) quick(() => outlineOf(path, piece.repeat(60_000 / piece.length).split('\n')));
  });
});

describe('excerpt', () => {
  const part = (name: string, words = '') => `function ${name}() {\n  // ${words}\n${'  work(now);\n'.repeat(60)}}\n`;
  const file = ['one', 'two', 'three', 'four', 'five', 'six']
    .map((name) => part(name, name === 'four' ? 'the window is idle' : ''))
    .join('\n');
  const of = (task: string, lines: number[] = [], bytes = 5500) =>
    excerptOf('a.js', file, { task, terms: termsOf(task), lines }, { parts: bytes, outline: 800, share: 0.4 }).text;

  it('shows lines around what tells most where there is no room for the part, and the head of a long function', () => {
    const long = (lines: number) =>
      `function one() {\n${'  work(now);\n'.repeat(lines)}  say('it is idle now');\n${'  work(now);\n'.repeat(lines)}}\n`;
    const shown = (lines: number, task: string) =>
      excerptOf('a.js', long(lines), { task, terms: termsOf(task), lines: [] }, { parts: 1200, outline: 800, share: 0.4 }).text;
    assert.match(shown(70, 'It prints "it is idle now".'), /^\[lines 66-84\]\n/);
    assert.match(shown(200, 'It prints "it is idle now".'), /^\[lines 196-214\]\n/);
    assert.match(shown(200, 'Let `one` stop.'), /^\[lines 1-13\]\nfunction one/);
  });

  it('is the whole of a small file', () => {
    const small = excerptOf('a.js', part('one'), { task: '', terms: [], lines: [] }, { parts: 5500, outline: 800, share: 0.4 });
    assert.deepEqual(small, { text: part('one'), isWhole: true, isOutline: false });
  });

  it('is what the task names, by name or line, and where the rest begins', () => {
    for (const text of [of('Mend `three`.'), of('', [140])]) {
      assert.match(
        text,
        /^\[lines 129-191\]\nfunction three\(\)[\s\S]*\n}\n\[besides, by line: 1 one, 65 two, 193 four, 257 five, 321 six\]$/,
      );
    }
  });

  it('is what shares words with the task, where nothing is named, and nothing where nothing does', () => {
    assert.match(of('A queue that was idle in a fresh window waits.'), /^\[lines 193-255\]\nfunction four/);
    const short = excerptOf(
      'a.js',
      file,
      { task: '', terms: termsOf('`five` or `two`'), lines: [] },
      { parts: 100, outline: 18, share: 0.4 },
    ).text;
    assert.equal(short, '[by line: 65 two, 257 five, and 4 more]');
    assert.equal(of('Make it better.'), '[by line: 1 one, 65 two, 129 three, 193 four, 257 five, 321 six]');
  });

  it('keeps to its bounds', () => {
    const long = `${part('one')}\n`.repeat(150);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6000 }), fc.array(fc.integer({ min: -5, max: 12_000 })), (bytes, lines) => {
        const { text } = excerptOf(
          'a.js',
          long,
          { task: 'one work', terms: termsOf('`one` `work`'), lines },
          { parts: bytes, outline: 800, share: 0.4 },
        );
        assert.ok(Buffer.byteLength(text) <= bytes + 900);
      }),
      { seed: 3, numRuns: 20 },
    );
    assert.ok(of('', [140], 100).startsWith('[by line:'), 'what does not fit is left out');
  });

  it('of a part that is too long is what lies around the line', () => {
    const text = `function long() {\n${'  work();\n'.repeat(500)}}\n`;
    assert.match(
      excerptOf('a.js', text, { task: '', terms: [], lines: [300] }, { parts: 5500, outline: 800, share: 0.4 }).text,
      /^\[lines 294-312\]\n {2}work/,
    );
  });

  it('is made quickly of a file that says the word in each line', () => {
    for (const line of ['parse\n', 'function parse() {\n', '  parse();\n}\n', 'class parse\n']) {
      const text = line.repeat(400_000 / line.length);
      const { text: shown } = quick(() =>
        excerptOf('a.js', text, { task: 'parse', terms: termsOf('`parse`'), lines: [] }, { parts: 5500, outline: 800, share: 0.4 }),
      );
      assert.ok(Buffer.byteLength(shown) <= 6500, `${Buffer.byteLength(shown)}`);
    }
  });

  it('finds a word only by itself', () => {
    assert.deepEqual(
      ['a parse b', 'parser', '_parse', 'x.parse(', '$parse', 'reparse'].filter((line) => wordPattern('parse').test(line)),
      ['a parse b', 'x.parse('],
    );
    assert.ok(wordPattern('(.*)[').test('a (.*)[ b'));
  });

  it('tells generated files', () => {
    assert.ok(isGenerated('a.js', `${'x'.repeat(600)}\n`.repeat(10)));
    assert.ok(isGenerated('a.go', '// Code generated by x. DO NOT EDIT.\npackage a\n'));
    assert.ok(!isGenerated('a.js', file) && !isGenerated('a.md', `${'word '.repeat(300)}\n`));
  });

  it('takes files whose paths share rare words with a task, where nothing else is known', () => {
    const paths = [
      'src/cli/list.js',
      'src/cli/main.js',
      'src/cart/total.js',
      ...Array.from({ length: 24 }, (_, i) => `src/pages/order-${i}.js`),
    ];
    assert.deepEqual(likelyFiles('Add a --json flag to the command that lists orders.', paths), ['src/cli/list.js']);
    assert.deepEqual(likelyFiles('Mend what should be changed in the code.', paths), []);
    quick(() =>
      likelyFiles(
        'word '.repeat(50_000),
        Array.from({ length: 5000 }, (_, i) => `src/module-${i % 70}/word${i}.ts`),
      ),
    );
  });

  it('weighs words by how rare they are', () => {
    const lines = ['queue idle', 'queue', 'queue window idle idle'];
    const parts = lines.map((_, at) => ({ name: `${at}`, from: at + 1, to: at + 1 }));
    const [scores] = likelyParts('The queue is idle in its window', [{ lines, parts }]);
    assert.deepEqual(
      scores!.sort((a, b) => b.score - a.score).map(({ from }) => from),
      [3, 1],
    );
  });
});
