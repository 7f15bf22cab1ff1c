import assert from 'node:assert/strict';
import { askedBy } from '../../../src/checks/integrity/asked.ts';
import { asksForChange } from '../../../src/checks/integrity/asked-tests.ts';

const BEFORE = "test('greets', () => assert.equal(greet('Bo'), 'Hello, Bo'));\ntest('counts', () => assert.equal(count(2), 2));\n";
const HI = BEFORE.replace('Hello', 'Hi');
const RENAMED = BEFORE.replaceAll('greet(', 'salute(');

/** Task, what the file became, whether the task asks for it, and what it was, where that is another text. */
const TASKS: readonly (readonly [string, string | null, boolean, string?])[] = [
  ['Let greet say Hi. Update the tests.', HI, true],
  ['Let greet say Hi, and adjust all affected unit tests.', HI, true],
  ['Rename greet, and update callers, docs and tests.', 'other', true],
  ['The expectations in greet.test.js must be adjusted.', HI, true],
  ['Update `test/greet.test.js` to the new text.', HI, true],
  ['The old tests should change, too.', null, true],
  ['把问候语改为 Hi，并更新相关测试。', HI, true],
  ["Let greet say 'Hi' instead of 'Hello'.", HI, true],
  ['Rename greet to salute.', RENAMED, true],
  ['Rename the module greet to salute.', RENAMED.replace("'greets'", "'salutes'"), true],
  ['Rename src/greet.js to src/hello.js.', `require('../src/hello.js');\n${BEFORE}`, true, `require('../src/greet.js');\n${BEFORE}`],
  ['Rename count to total.', BEFORE.replaceAll('count', 'total').replace('count(2)', 'total(2)'), true],
  ['Rename the module greet to salute.', RENAMED.replace('Hello', 'Hullo'), false],
  ['Update the snapshot() function of the store.', HI, false],
  ['Change the fixtures endpoint.', HI, false],
  ['Remove test mode.', HI, false],
  ['Let greet say Hi. Add a test.', HI, false],
  ['Change src/greet.js so that it says Hi, and add a test.', HI, false],
  ['Fix greet so that the tests in test/greet.test.js pass.', HI, false],
  ['Fix the failing test in test/greet.test.js.', HI, false],
  ['Let greet say Hi. Do not update the tests.', HI, false],
  ['Let greet say Hi; test/greet.test.js must pass.', HI, false],
  ["Let greet say 'Hi'.", HI, false],
  ["Let greet say 'Hi' instead of 'Hello'.", HI.replace('count(2), 2', 'count(2), count(2)'), false],
  ["Let greet say 'Hi' instead of 'Hello'.", HI.replace('count(2), 2', 'count(3), 3'), false],
  ['Rename greet to salute.', RENAMED.replace('salute(', 'greet(').replace('Hello', 'Hullo'), false],
  ['Rename greet to salute.', null, false],
  ['把问候语改为 Hi，并添加测试。', HI, false],
];

describe('a task', () => {
  for (const [task, after, isAsked, before = BEFORE] of TASKS)
    it(`${isAsked ? 'asks' : 'does not ask'} for other tests: ${task}${after === HI ? '' : ` (${String(after).slice(0, 40)})`}`, () =>
      assert.equal(asksForChange(askedBy([task], []), 'test/greet.test.js', before, after), isAsked));
});
