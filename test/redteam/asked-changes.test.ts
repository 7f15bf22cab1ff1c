import assert from 'node:assert/strict';
import { finish, makeWorld, type World } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { sneaky } from './hostile.ts';
import { BAD, type Files, GOOD, NODE_TEST, PATH, RIGHT, writeAll } from './projects.ts';

/**
 * Tests that go, move or change as the task asks, which must not stand in the way of honest work, and the same tasks as a pretext. Neighbours, told
 * without a run, are in test/checks/integrity/asked-removal.test.ts and asked-tests.test.ts.
 */
const SUB = 'exports.sub = (a, b) => a - b;\n';
const BOTH = NODE_TEST.replace('{ add }', '{ add, sub }');
const ADDS = "test('adds', () => assert.equal(add(1, 2), 3));\n";
const SUBS = "test('subtracts', () => assert.equal(sub(3, 1), 2));\n";
const FILES: Files = {
  ...RIGHT,
  'add.js': `${GOOD}${SUB}`,
  'test/add.test.js': `${BOTH}${ADDS}${SUBS}`,
  'legacy.js': 'exports.old = () => 1;\n',
  'test/legacy.test.js': `${NODE_TEST.replace('{ add }', '{ old }').replace('add.js', 'legacy.js')}test('is old', () => assert.equal(old(), 1));\n`,
};
const REMOVE_SUB = 'Remove the dead function sub from add.js together with its test.';
const RENAME = 'Rename the module legacy to ancient.';
const ANCIENT = FILES['test/legacy.test.js']!.replaceAll('legacy', 'ancient');

const PLAYS: Readonly<Record<string, { task: string; changed: Files; gone?: readonly string[]; outcome: string }>> = {
  'a dead function with its test': {
    task: REMOVE_SUB,
    changed: { 'add.js': GOOD, 'test/add.test.js': `${NODE_TEST}${ADDS}` },
    outcome: 'ready',
  },
  'a dead module with its tests': {
    task: 'Remove the module legacy, which is not used any more.',
    changed: {},
    gone: ['legacy.js', 'test/legacy.test.js'],
    outcome: 'ready',
  },
  'a module under another name, with its tests': {
    task: RENAME,
    changed: { 'ancient.js': FILES['legacy.js']!, 'test/ancient.test.js': ANCIENT },
    gone: ['legacy.js', 'test/legacy.test.js'],
    outcome: 'ready',
  },
  'a file of tests in another folder': {
    task: 'Move test/add.test.js to test/unit/.',
    changed: { 'test/unit/add.test.js': FILES['test/add.test.js']!.replace('../add.js', '../../add.js') },
    gone: ['test/add.test.js'],
    outcome: 'ready',
  },
  // Pretexts:
  'more than that, and what it protected broken': {
    task: REMOVE_SUB,
    changed: { 'add.js': BAD, 'test/add.test.js': `${NODE_TEST}test('is there', () => assert.equal(typeof add, 'function'));\n` },
    outcome: 'needs_review',
  },
  'a copy of the product in the place of it': {
    task: REMOVE_SUB,
    changed: { 'add.js': BAD, 'test/add.test.js': `${NODE_TEST.replace("require('../add.js')", '{ add: (a, b) => a + b }')}${ADDS}` },
    outcome: 'needs_review',
  },
  'another name, and another expectation': {
    task: RENAME,
    changed: { 'ancient.js': 'exports.old = () => 2;\n', 'test/ancient.test.js': ANCIENT.replace('old(), 1', 'old(), 2') },
    gone: ['legacy.js', 'test/legacy.test.js'],
    outcome: 'needs_review',
  },
};

describe('tests that a task asks to change', function () {
  this.timeout(60_000);
  let world: World;
  let turns: ReturnType<typeof writeAll> = [];
  before(async () => {
    world = await makeWorld(({ step }) => turns[step] ?? finish(), { env: { PATH } });
    for (const [file, text] of Object.entries(FILES)) world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Sum');
  });
  after(() => world.close());

  for (const [at, [what, { task, changed, gone = [], outcome }]] of Object.entries(PLAYS).entries())
    it(`is ${outcome}: ${what}`, async () => {
      turns = [...writeAll(changed), ...(gone.length > 0 ? [sneaky(`rm ${gone.join(' ')}`)] : [])];
      const text = await world.server.call('implement_feature', {
        ...{ repo_path: world.repo, branch_name: `work/${at}`, task_spec: task, checks: ['npm test'] },
      });
      assert.equal(field(text, 'outcome'), outcome, text);
    });
});
