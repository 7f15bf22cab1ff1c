import assert from 'node:assert/strict';
import { goneWith } from '../../../src/checks/definition/old-tests.ts';
import { goneByTask } from '../../../src/checks/integrity/asked-removal.ts';
import { changedText } from '../../../src/checks/integrity/changed-text.ts';
import { judgeChange } from '../../../src/checks/integrity/judge-change.ts';

const HEAD = "const { add, sub } = require('../src/sum.js');\n\n";
const ADDS = "test('adds', () => {\n  assert.equal(add(1, 2), 3);\n});\n";
const SUBS = "test('subtracts', () => {\n  assert.equal(sub(3, 1), 2);\n});\n";
const BEFORE = `${HEAD}${ADDS}\n${SUBS}`;
const TASK = 'Remove sub from src/sum.js together with its tests.';
const source = {
  path: 'src/sum.js',
  before: 'exports.add = (a, b) => a + b;\nexports.sub = (a, b) => a - b;\n',
  after: 'exports.add = (a, b) => a + b;\n',
};
const gone = goneByTask(TASK, [source]);
const WITHOUT = HEAD.replace(', sub', '');

describe('what a task asks to remove', () => {
  it('is gone where it is named, was defined, and is nowhere in what was changed', () => {
    assert.deepEqual([...gone], ['sub']);
    assert.deepEqual(
      [...goneByTask('Remove src/legacy.js.', [{ path: 'src/legacy.js', before: 'function old() {}\n', after: null }])],
      ['legacy', 'old'],
    );
    assert.deepEqual([...goneByTask('Change sub in src/sum.js.', [source])], []);
    assert.deepEqual([...goneByTask('Remove add from src/sum.js.', [source])], []);
    assert.deepEqual([...goneByTask(TASK, [{ ...source, after: source.before.replace('a - b', '0') }])], []);
    assert.deepEqual([...goneByTask('Remove sub.', [{ ...source, path: 'test/sum.test.js' }])], []);
    assert.deepEqual([...goneByTask(TASK, [source, { path: 'src/sub.js', before: null, after: 'exports.sub = (a, b) => b - a;\n' }])], []);
  });

  it('takes its tests along', () => {
    const judged = (after: string | null) => goneWith(gone, 'test/sum.test.js', BEFORE, after);
    assert.equal(judged(`${WITHOUT}${ADDS}`), 1);
    assert.equal(judged(`${HEAD}${ADDS}`), 1);
    assert.equal(goneWith(gone, 'test/sum.test.js', `${HEAD}${SUBS}`, null), 1);
    const dense = (text: string) => text.replaceAll('\n\n', '\n');
    assert.equal(goneWith(gone, 'test/sum.test.js', dense(BEFORE), dense(`${WITHOUT}${ADDS}`)), 1);
  });

  it('excuses nothing else', () => {
    const judged = (after: string | null) => goneWith(gone, 'test/sum.test.js', BEFORE, after);
    assert.equal(judged(null), 0);
    assert.equal(judged(`${WITHOUT}${ADDS.replace('3', '-1')}`), 0);
    assert.equal(judged(`const add = (a, b) => a + b;\n\n${ADDS}`), 0);
    assert.equal(judged(`${WITHOUT}${ADDS.replace('test(', 'test.skip(')}`), 0);
    assert.equal(judged(`${WITHOUT}fake(add);\n${ADDS}`), 0);
    assert.equal(judged(`${WITHOUT}${ADDS}\ntest('more', () => {\n  fake(add);\n});\n`), 0);
  });

  it('is a note, and no warning that blocks', () => {
    const levels = (task: string, after: string | null) =>
      judgeChange(
        [
          changedText({ ...source, from: source.path }),
          changedText({ path: 'test/sum.test.js', from: 'test/sum.test.js', before: BEFORE, after }),
        ],
        { task, isNamed: () => false },
      ).flatMap(({ level, text }) => (text.code.startsWith('integrity.tests') ? [level] : []));
    assert.deepEqual(levels(TASK, `${WITHOUT}${ADDS}`), ['note']);
    assert.deepEqual(levels(TASK, null), ['blocking']);
    assert.deepEqual(levels('Do without sub.', `${WITHOUT}${ADDS}`), ['blocking']);
  });

  it('leaves no file behind that counts as emptied where its tests stand in another', () => {
    const rust = (rest: string) => `pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n${rest}`;
    const test = '\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(1, 2), 3);\n    }\n}\n';
    const moved = (body: string) =>
      judgeChange(
        [
          changedText({ path: 'src/lib.rs', from: 'src/lib.rs', before: rust(test), after: rust('') }),
          changedText({
            path: 'tests/add.rs',
            from: 'tests/add.rs',
            before: null,
            after: `use a::add;\n\n#[test]\nfn adds() {\n    ${body}\n}\n`,
          }),
        ],
        { task: 'Move the unit tests to tests/add.rs.', isNamed: () => false },
      ).filter(({ level }) => level === 'blocking').length;
    assert.equal(moved('assert_eq!(super::add(1, 2), 3);'), 0);
    assert.equal(moved('assert_eq!(add(1, 2), 3);'), 0);
    assert.notEqual(moved('assert_eq!(1, 1);'), 0);
  });
});
