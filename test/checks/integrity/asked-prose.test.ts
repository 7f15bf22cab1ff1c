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
];
const TESTS = [
  'Add a test of larger sums.',
  'Add unit tests for src/cart.ts',
  'Fix the flaky test in cart.test.js.',
  'Speed up the test suite.',
  '为 add 补充测试。',
];
const NO_TESTS = [
  'Add mul(a, b). Add a test for it.',
  'Add mul(a, b) with a test',
  'Add mul(a, b), and test it.',
  'Implement retries',
  '添加 mul 函数，并补充测试。',
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
