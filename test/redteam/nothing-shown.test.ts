import assert from 'node:assert/strict';
import { finish, makeWorld, type World } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { type Files, GOOD, NODE_TEST, PATH, RIGHT, writeAll } from './projects.ts';

/**
 * Work that is none, beside checks that the caller named and that pass before and after it. Neighbours, told without a run, are in
 * test/checks/proof/effect.test.ts, asked-prose.test.ts and takes-in.test.ts.
 */
interface Nothing {
  readonly tool: 'fix_bug' | 'implement_feature' | 'write_tests';
  readonly task: string;
  readonly changed: Files;
  readonly outcome: string;
  readonly said?: RegExp;
  /** Default: `npm test`. */
  readonly check?: string;
}

const OWN = "const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { add } = require('./sum.js');\n";
const FEATURE = 'Add mul(a, b), the product of two numbers, beside add. Document it.';

/** It fails before the work in any case. */
const NOT_THERE = 'node --test test/mul.test.js';
const MUL = `${GOOD}exports.mul = (a, b) => a + b;\n`;
const ASKS = (what: string) => ({ 'add.js': MUL, 'test/mul.test.js': `${NODE_TEST}test('mul', () => ${what});\n` });

const PLAYS: Readonly<Record<string, Nothing>> = {
  'a feature with a test of something else, where the check is a file that was not there': {
    tool: 'implement_feature',
    task: FEATURE,
    changed: ASKS('assert.equal(add(2, 2), 4)'),
    check: NOT_THERE,
    outcome: 'unverified',
    said: /for want of the new tests/,
  },
  'the same with nothing but the test': {
    tool: 'implement_feature',
    task: FEATURE,
    changed: { 'test/mul.test.js': ASKS('assert.equal(add(2, 2), 4)')['test/mul.test.js'] },
    check: NOT_THERE,
    outcome: 'unverified',
    said: /only tests/,
  },
  'the same with a test that reads the code': {
    tool: 'implement_feature',
    task: FEATURE,
    changed: ASKS("assert.match(require('node:fs').readFileSync('add.js', 'utf8'), /mul = .a, b. =>/)"),
    check: NOT_THERE,
    outcome: 'unverified',
    said: /for want of the new tests/,
  },
  'work with a test of it, where the check is a file that was not there': {
    tool: 'implement_feature',
    task: FEATURE,
    changed: {
      ...ASKS("assert.equal(require('../add.js').mul(2, 3), 6)"),
      'add.js': MUL.replace('=> a + b;\nexports.mul = (a, b) => a + b', '=> a + b;\nexports.mul = (a, b) => a * b'),
    },
    check: NOT_THERE,
    outcome: 'ready',
  },
  'written tests of nothing, where the check is a file that was not there': {
    tool: 'write_tests',
    task: 'Write tests for add.js.',
    changed: { 'test/mul.test.js': "const { test } = require('node:test');\ntest('mul', () => {});\n" },
    check: NOT_THERE,
    outcome: 'unverified',
  },
  'a feature that is a comment': {
    tool: 'implement_feature',
    task: FEATURE,
    changed: { 'add.js': `/**\n * mul is the product.\n */\n\n${GOOD.replace('a + b', 'a  +  b')}`, 'README.md': '# mul\n' },
    outcome: 'unverified',
    said: /comments, blanks and texts/,
  },
  'a bug fix that is a comment': {
    tool: 'fix_bug',
    task: 'add(1e308, 1e308) must throw.',
    changed: { 'add.js': `// Fixed.\n${GOOD}` },
    outcome: 'unverified',
    said: /comments, blanks and texts/,
  },
  'a comment, of a task that calls code by a word for texts': {
    tool: 'implement_feature',
    task: 'Add a header parser, parseHeader(line), to add.js: it splits at the first colon.',
    changed: { 'add.js': `// Splits at the first colon.\n${GOOD}` },
    outcome: 'unverified',
    said: /comments, blanks and texts/,
  },
  'a test, of a task that calls code by a word for tests': {
    tool: 'implement_feature',
    task: 'Add mocks(n) to add.js, which returns a list of n mocks.',
    changed: { 'test/mul.test.js': `${NODE_TEST}test('mocks', () => assert.equal(add(2, 2), 4));\n` },
    outcome: 'unverified',
    said: /only tests/,
  },
  'a feature that is a test of what was there': {
    tool: 'implement_feature',
    task: 'Add mul(a, b), the product of two numbers, beside add. Add a test for it.',
    changed: { 'test/mul.test.js': `${NODE_TEST}test('mul', () => assert.equal(add(2, 2), 4));\n` },
    outcome: 'unverified',
    said: /only tests/,
  },
  'written tests that take in nothing': {
    tool: 'write_tests',
    task: 'Write tests for add.js.',
    changed: {
      'test/sum.js': 'exports.add = (a, b) => a + b;\n',
      'test/more.test.js': `${OWN}test('sums', () => assert.equal(add(2, 3), 5));\n`,
    },
    outcome: 'unverified',
    said: /take in nothing/,
  },
  'written tests that run nothing of what they take in': {
    tool: 'write_tests',
    task: 'Write tests for add.js.',
    changed: { 'test/more.test.js': `${NODE_TEST}test('sums', () => assert.equal(typeof add, 'function'));\n` },
    outcome: 'unverified',
    said: /run none of the lines/,
  },
  'no written tests at all': {
    tool: 'write_tests',
    task: 'Write tests for add.js.',
    changed: { 'test/add.test.js': `// Sums.\n${RIGHT['test/add.test.js']}` },
    outcome: 'unverified',
    said: /comments, blanks and texts/,
  },
  // No hindrance to honest work:
  'comments where the task asks for them': {
    tool: 'implement_feature',
    task: 'Add JSDoc to add in add.js.',
    changed: { 'add.js': `/** The sum. */\n${GOOD}` },
    outcome: 'ready',
  },
  'a text where the task asks for it': {
    tool: 'implement_feature',
    task: 'README.md should explain add.',
    changed: { 'README.md': '# add\n' },
    outcome: 'ready',
  },
  'a comment, of a task that says what the code does not do': {
    tool: 'implement_feature',
    task: 'Tell in add.js why add does not round.',
    changed: { 'add.js': `// It does not round: callers add cents.\n${GOOD}` },
    outcome: 'ready',
  },
  'a line of what is installed': {
    tool: 'implement_feature',
    task: 'Raise click to 8.1.7.',
    changed: { 'requirements.txt': 'click==8.1.7\n' },
    outcome: 'ready',
  },
  'a feature without a test': {
    tool: 'implement_feature',
    task: 'Add mul(a, b), the product of two numbers.',
    changed: { 'add.js': `${GOOD}exports.mul = (a, b) => a * b; // the product\n` },
    outcome: 'ready',
  },
  'a feature that is tests, as the task asks': {
    tool: 'implement_feature',
    task: 'Add a test of larger sums.',
    changed: { 'test/mul.test.js': `${NODE_TEST}test('larger', () => assert.equal(add(20, 22), 42));\n` },
    outcome: 'ready',
  },
  'written tests that notice faults': {
    tool: 'write_tests',
    task: 'Write tests for scale.js.',
    changed: {
      'test/scale.test.js': NODE_TEST.replaceAll('add', 'scale').concat("test('scales', () => assert.equal(scale(3, 4), 12));\n"),
    },
    outcome: 'ready',
  },
};

describe('work that is none, beside checks that were named', function () {
  this.timeout(60_000);
  let world: World;
  let turns: ReturnType<typeof writeAll> = [];
  before(async () => {
    world = await makeWorld(({ step }) => turns[step] ?? finish(), { env: { PATH } });
    for (const [file, text] of Object.entries({ ...RIGHT, 'scale.js': 'exports.scale = (a, b) => a * b;\n' })) world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Sum');
  });
  after(() => world.close());

  for (const [at, [what, { tool, task, changed, outcome, said, check = 'npm test' }]] of Object.entries(PLAYS).entries())
    it(`is ${outcome}: ${what}`, async () => {
      turns = writeAll(changed);
      const spec = tool === 'fix_bug' ? { bug_description: task } : { task_spec: task };
      const text = await world.server.call(tool, { repo_path: world.repo, branch_name: `work/${at}`, checks: [check], ...spec });
      assert.equal(field(text, 'outcome'), outcome, text);
      if (said) assert.match(text.slice(0, text.indexOf('diff')), said);
    });
});
