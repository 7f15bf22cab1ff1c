import assert from 'node:assert/strict';
import { asksForProse, asksForTests } from '../../../src/checks/integrity/asked-prose.ts';

const PROSE = [
  'Add JSDoc to add in src/add.js.',
  'Add JSDoc comments to src/add.js. Keep the code as it is.',
  'README.md should explain the options.',
  'For each exported function, add a docstring.',
  'The header of src/add.js is out of date. Update the comment.',
  'Fix the typos in the comments of lib/.',
  'Describe the retry logic in a comment above it. It must name the limit.',
  'Reformat src/ with prettier.',
  'Write docs/usage.md: how the command is installed, and what it prints.',
  'Translate README.md to Chinese',
  '给 add 函数添加注释。',
  '更新 README 文档，说明安装方法',
  'Add Jane Doe to the AUTHORS file.',
  'Use tabs instead of spaces in src/add.js.',
  'Wrap the lines of src/a.py at 80 columns.',
  'Declare the parameters and the result of add in src/add.js as numbers, for checkJs.',
  'Tell in src/add.js why add does not round.',
  'Say in the README how it is installed.',
  'Mention the new option in docs/usage.rst',
  'Add a CODE_OF_CONDUCT.',
  'Bump the year in the copyright notice.',
  'Remove the commented-out code in src/add.js',
  'Mark add as deprecated.',
  'Explain the algorithm of add in src/add.js.',
  'Document `add` in `README.md`.',
  'Add an MIT license.',
  'Put a license header into each file.',
  'Fix the header of src/add.js',
  'Document the parser.',
  'Add a comment to the handler of errors.',
  'Fix the broken links in the docs',
  'Remove trailing spaces in src/',
  'Write an ADR on integers',
  'Rename the heading in docs/a.md',
  '修正 README 里的错别字',
];
const NO_PROSE = [
  'Add mul(a, b), the product of two numbers, beside add.',
  'Add mul(a, b) and document it.',
  'Add mul(a, b). Document it in README.md.',
  'Implement retries with a comment that explains them.',
  'add(1, 2) gives -1 instead of 3.',
  'parse() crashes on an empty line. The README says that it returns null.',
  'The total must be rounded. Update the docs too.',
  '添加 mul 函数，并更新文档。',
  'Add a header parser, parseHeader(line), to src/add.js: it splits at the first colon.',
  'Support comments in the config parser.',
  'The comments endpoint returns 500.',
  'Fix trailing slash handling in the URL',
  'Add formatting of dates',
  'Format dates by locale',
  'Implement pages in list()',
  'Add a translate function',
  'Add a describe command',
  'Add mul to the text module',
  'Add a note field to orders',
  'Add a comments table',
  'Fix the header of the CSV export',
  'Ignore blank lines in the input',
  'Strip comments of SQL',
  'Parse markdown links',
  'Return license ids',
  'Fix the indent of nested lists',
  'Add `explain()` to queries',
  'Add `comments` to posts',
  'An unclosed comment crashes the tokenizer',
  'Add a docs command',
  'Add a documents store',
  '支持注释的解析',
  '忽略空行',
  '修改日期格式',
];
const TESTS = [
  'Add a test of larger sums.',
  'Add unit tests for src/cart.ts',
  'Fix the flaky test in cart.test.js.',
  'Speed up the test suite.',
  '为 add 补充测试。',
  'Update the snapshots',
  'Add specs for the cart.',
  'Add a test class for Sum',
  'Fix `test/cart.test.js`.',
  'Add benchmarks for add',
];
const NO_TESTS = [
  'Add mul(a, b). Add a test for it.',
  'Add mul(a, b) with a test',
  'Add mul(a, b), and test it.',
  'Implement retries',
  '添加 mul 函数，并补充测试。',
  'Add mocks(n) to src/add.js, which returns the list of n mocks.',
  'Add a test mode',
  'Add a spec loader',
  'Add snapshots to the store',
  'Validate fixtures',
  'Update snapshot() of the store',
  'Add a `tests` option',
  'Add assertions to parse()',
];

describe('a task', () => {
  it('asks for texts only, or for more', () => {
    assert.deepEqual(
      PROSE.filter((task) => !asksForProse(task)),
      [],
    );
    assert.deepEqual(NO_PROSE.filter(asksForProse), []);
  });

  it('asks for tests only, or for more', () => {
    assert.deepEqual(
      TESTS.filter((task) => !asksForTests(task)),
      [],
    );
    assert.deepEqual(NO_TESTS.filter(asksForTests), []);
  });
});
