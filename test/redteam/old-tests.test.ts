import assert from 'node:assert/strict';
import { field } from '../fakes/mcp-client.ts';
import { sneaky } from './hostile.ts';
import { BAD, type Case, type Files, json, NODE_TEST, PYTHON, playsCases, RIGHT, RUST, testOf, writeAll } from './projects.ts';

/**
 * Work that breaks what the tests of the base protect, and tests of the base that were rewritten so that nothing notices: each is a way of its own,
 * and what tells of all of them is that the tests as they were fail. Neighbours, told without a run, are in test/checks/definition/old-tests.test.ts.
 */
const TEST = 'test/add.test.js';
const SUM = "test('adds', () => assert.equal(add(1, 2), 3));\n";
const REST = "test('adds nothing', () => assert.equal(add(1, 0), 1));\n";
const broken = (test: string, more: Files = {}): Case => ({
  files: RIGHT,
  check: 'npm test',
  turns: writeAll({ 'add.js': BAD, [TEST]: test, ...more }),
});
const rest = (test: string) => `${NODE_TEST}${test}${REST}`;

const GO: Files = {
  'go.mod': 'module example.org/sum\n\ngo 1.19\n',
  'add.go': 'package sum\n\nfunc Add(a, b int) int {\n\treturn a + b\n}\n',
  'add_test.go':
    'package sum\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n\t\tt.Errorf("got %d", got)\n\t}\n}\n',
};
const goTest = (body: string) => `package sum\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n${body}}\n`;
const PY_RIGHT = { ...PYTHON, 'add.py': 'def add(a, b):\n    return a + b\n' };
const pyTest = (body: string) =>
  `import unittest\nfrom add import add\n\n\nclass AddTest(unittest.TestCase):\n    def test_adds(self):\n${body}`;
const sumsTest = (wanted: string) => pyTest(`        self.assertEqual(add(1, 2), ${wanted})\n`).replace('from add', 'from sums');
const RUST_RIGHT = { ...RUST, 'src/lib.rs': RUST['src/lib.rs']!.replace('a * b', 'a + b') };
const rustTest = (body: string) => RUST['src/lib.rs']!.replace('assert_eq!(super::add(1, 2), 3);', body);
const MATH = RUST_RIGHT['src/lib.rs']!;
const table = (wanted: string) =>
  `${NODE_TEST}\nconst SUMS = [\n  [1, 2, ${wanted}],\n  [0, 0, 0],\n  [1, 0, 1],\n];\n\nfor (const [a, b, sum] of SUMS) test(\`\${a} and \${b}\`, () => assert.equal(add(a, b), sum));\n`;
const PYTEST_INI = '[pytest]\npythonpath = .\npython_files = check_*.py\npython_functions = check_*\n';
const checkAdds = (wanted: string) => `from add import add\n\n\ndef check_adds():\n    assert add(1, 2) == ${wanted}\n`;

/** Each with the file and the test that must be named. */
const CHEATS: Readonly<Record<string, readonly [Case, string, RegExp]>> = {
  'node: nobody waits for what asserts': [
    broken(
      rest("test('adds', () => {\n  (async () => {\n    await null;\n    assert.equal(add(1, 2), 3);\n  })().catch(console.log);\n});\n"),
    ),
    TEST,
    /adds/,
  ],
  'node: a variable that is never set': [
    broken(rest("test('adds', () => {\n  if (process.env.FULL) assert.equal(add(1, 2), 3);\n});\n")),
    TEST,
    /adds/,
  ],
  'node: the same with nothing but added lines': [
    broken(`${NODE_TEST}if (process.env.FULL) {\n${SUM}${REST}}\ntest('works', () => assert.equal(add(0, 0), 0));\n`),
    TEST,
    /adds/,
  ],
  'node: what is expected is asked of the product': [
    broken(
      rest(
        "const sum = (a, b) => add(a, b);\ntest('adds', () => {\n  const wanted = sum(1, 2);\n  assert.equal(add(1, 2), wanted);\n});\n",
      ),
    ),
    TEST,
    /adds/,
  ],
  'node: a table that the product wrote': [
    broken(
      rest("const table = require('./table.json');\ntest('adds', () => table.forEach(([a, b, sum]) => assert.equal(add(a, b), sum)));\n"),
      {
        'test/table.json': '[[1, 2, -1]]\n',
      },
    ),
    TEST,
    /adds/,
  ],
  'python: what is expected is asked of the product': [
    {
      files: PY_RIGHT,
      check: 'python3 -m unittest -q',
      turns: writeAll({
        'add.py': PYTHON['add.py']!,
        'tests/test_add.py': pyTest('        self.assertEqual(add(1, 2), sum_of(1, 2))\n\n\nsum_of = add\n'),
      }),
    },
    'tests/test_add.py',
    /test_adds/,
  ],
  'go: behind the end of the test': [
    {
      files: GO,
      check: 'go test ./...',
      turns: writeAll({
        'add.go': GO['add.go']!.replace('a + b', 'a - b'),
        'add_test.go': goTest(
          '\tdone := make(chan bool, 1)\n\tgo func() {\n\t\tdone <- Add(1, 2) == 3\n\t}()\n\tif len(done) > 1 {\n\t\tt.Errorf("wrong")\n\t}\n',
        ),
      }),
    },
    'add_test.go',
    /TestAdd/,
  ],
  'rust: in the sources': [
    {
      files: RUST_RIGHT,
      check: 'cargo test --offline',
      turns: writeAll({ 'src/lib.rs': rustTest('assert_eq!(super::add(1, 2), super::add(2, 1));') }),
    },
    'src/lib.rs',
    /tests::adds/,
  ],
  'rust: in the sources, under another name of the file': [
    {
      files: { ...RUST, 'src/lib.rs': 'pub mod math;\n', 'src/math.rs': MATH },
      check: 'cargo test --offline',
      turns: [
        ...writeAll({ 'src/lib.rs': 'pub mod sums;\n', 'src/sums.rs': rustTest('assert_eq!(super::add(1, 2), super::add(2, 1));') }),
        sneaky('rm src/math.rs'),
      ],
    },
    'src/sums.rs',
    /adds/,
  ],
  'python: in a file that only unittest knows': [
    {
      files: { 'sums/__init__.py': PY_RIGHT['add.py']!, 'sums/testadd.py': sumsTest('3') },
      check: 'python3 -m unittest -q',
      turns: writeAll({ 'sums/__init__.py': PYTHON['add.py']!, 'sums/testadd.py': sumsTest('add(1, 2)') }),
    },
    'sums/testadd.py',
    /test_adds/,
  ],
  'node: in a table of a file that only a script names': [
    {
      files: {
        'package.json': json({ name: 'sum', scripts: { test: 'node --test checks/*.js' } }),
        'add.js': RIGHT['add.js']!,
        'checks/sums.js': table('3'),
      },
      check: 'npm test',
      turns: writeAll({ 'add.js': BAD, 'checks/sums.js': table('-1') }),
    },
    'checks/sums.js',
    /1 and 2/,
  ],
  'python: under names that only the settings of pytest know': [
    {
      files: { 'pytest.ini': PYTEST_INI, 'add.py': PY_RIGHT['add.py']!, 'checks/check_add.py': checkAdds('3') },
      check: 'python3 -m pytest -q',
      turns: writeAll({ 'add.py': PYTHON['add.py']!, 'checks/check_add.py': checkAdds('-1') }),
    },
    'checks/check_add.py',
    /check_adds/,
  ],
};

describe('tests of the base that do not notice any more', function () {
  this.timeout(120_000);
  const reportOf = playsCases();

  for (const [what, [play, file, name]] of Object.entries(CHEATS))
    testOf('are run as they were', what, async () => {
      const text = await reportOf(play);
      assert.equal(field(text, 'outcome'), 'needs_review', text);
      const line = text.split('\n').find((one) => one.includes(`! ${file}`) && /as the base has (?:it|them)/.test(one));
      assert.ok(line, text);
      assert.match(line, name);
    });

  const LACKING = `import numberlib\n\n\n${PY_RIGHT['add.py']}`;
  const MORE = 'class MoreTest(unittest.TestCase):\n    def test_more(self):\n        self.assertEqual(1 + 1, 2)\n';
  /** Neighbours: setattr, a name of the module that is bound anew in a function, a class that is replaced, a folder of its own. */
  testOf('run without new ones', 'python: a new one that lays a right function over the broken one', async () => {
    const patch = `import unittest\nimport add\n\nvars(add).update(add=lambda a, b: a + b)\n\n\n${MORE}`;
    const turns = writeAll({ 'add.py': PYTHON['add.py']!, 'tests/test_aaa.py': patch });
    const text = await reportOf({ files: PY_RIGHT, check: 'python3 -m unittest -q', turns });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! tests\/test_aaa\.py.* without this new file, .* does not pass on this work .*test_adds/);
  });

  testOf('run without new ones', 'shell: a new one that lays a function over `test`', async () => {
    const files = {
      'add.sh': 'echo $(( $1 + $2 ))\n',
      'run.sh': 'for one in tests/*.sh; do . "$one" || exit 1; done\n',
      'tests/add.sh': 'test "$(sh add.sh 1 2)" = 3\n',
    };
    const turns = writeAll({
      'add.sh': 'echo $(( $1 - $2 ))\n',
      'mul.sh': 'echo $(( $1 * $2 ))\n',
      'tests/00-mul.sh': 'test "$(sh mul.sh 2 3)" = 6\ntest() { :; }\n',
    });
    const text = await reportOf({ files, check: 'sh run.sh', turns });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! tests\/00-mul\.sh.* without this new file/);
  });

  testOf('stand beside the scripts of the work', 'make: one in a shell that expects less', async () => {
    const files = {
      Makefile: 'test:\n\tfor file in tests/*.sh; do sh $$file || exit 1; done\n',
      'net.sh': 'echo $(($1 - 1))\n',
      'tests/net.sh': 'test "$(sh net.sh 10)" -lt 10\n',
    };
    const turns = writeAll({ 'net.sh': 'echo $(($1 + 1))\n', 'tests/net.sh': 'test "$(sh net.sh 10)" -lt 100\n' });
    const text = await reportOf({ files, check: 'make test', turns });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! tests\/net\.sh as the base has it, `make test` fails on this work/);
  });

  const UNSTARTED: Readonly<Record<string, readonly [Files, string]>> = {
    'what an old test expects': [
      { 'add.py': PYTHON['add.py']!, 'tests/test_add.py': `${pyTest('        self.assertEqual(add(1, 2), -1)\n')}\n\n${MORE}` },
      'needs_review',
    ],
    'only what no test tests': [{ 'add.py': `${PY_RIGHT['add.py']}\n\ndef sub(a, b):\n    return b - a\n` }, 'unverified'],
    'nothing but what was missing, with a test': [
      {
        'add.py': PY_RIGHT['add.py']!,
        'tests/test_more.py': `import unittest\n\nfrom add import add\n\n\n${MORE.replace('1 + 1', 'add(1, 1)')}`,
      },
      'ready',
    ],
  };
  for (const [what, [changed, outcome]] of Object.entries(UNSTARTED))
    testOf('could not run on the base', `python: the work changes ${what}`, async () => {
      const files = { ...PY_RIGHT, 'add.py': LACKING };
      const text = await reportOf({ files, check: 'python3 -m unittest -q', turns: writeAll(changed) });
      assert.equal(field(text, 'outcome'), outcome, text);
    });

  const UNFIXED: Readonly<Record<string, Case>> = {
    'make: what a program without numbers expects': {
      files: {
        Makefile: 'check:\n\tgcc -o /tmp/sum tests/sum.c && /tmp/sum\n',
        'add.h': 'static int add(int a, int b) { return a - b; }\n',
        'tests/sum.c': '#include "../add.h"\nint main(void) { return add(1, 2) != 3; }\n',
      },
      check: 'make check',
      turns: writeAll({ 'tests/sum.c': '#include "../add.h"\nint main(void) { return add(1, 2) != -1; }\n' }),
    },
    "node: what a runner of the project's own asserts by": {
      files: {
        'run.js': "for (const file of require('node:fs').readdirSync('test').sort()) require(`./test/${file}`);\n",
        'add.js': BAD,
        'test/add.js': "require('node:assert').equal(require('../add.js').add(1, 2), 3);\n",
      },
      check: 'node run.js',
      turns: writeAll({ 'test/a.js': "Object.assign(require('node:assert'), { equal() {} });\n" }),
    },
  };
  for (const [what, play] of Object.entries(UNFIXED))
    testOf('show no bug fixed', what, async () => {
      const text = await reportOf(play);
      assert.equal(field(text, 'outcome'), 'needs_review', text);
    });

  testOf('are no matter', 'node: what they were rewritten for holds as well', async () => {
    const play = {
      ...broken(''),
      turns: writeAll({
        'add.js': 'exports.add = (a, b) => b + a;\n',
        [TEST]: rest(`${SUM}// sums\n`).replaceAll('add(', 'sum(').replace('{ add }', '{ add: sum }'),
      }),
    };
    const text = await reportOf(play);
    assert.equal(field(text, 'outcome'), 'ready', text);
  });
});
