import assert from 'node:assert/strict';
import path from 'node:path';
import { contains } from '../../src/common/path-contains.ts';

const { posix, win32 } = path;

describe('contains', () => {
  const cases: [folder: string, child: string, expected: boolean, paths: path.PlatformPath][] = [
    ['/a/b', '/a/b', true, posix],
    ['/a/b', '/a/b/c/d', true, posix],
    ['/a/b', '/a', false, posix],
    ['/a/b', '/a/bc', false, posix],
    ['/a/b', '/a/c', false, posix],
    ['/a/b', '/a/B/c', false, posix],
    ['/a/b/', '/a/b', true, posix],
    ['/a/b', '/a/b/', true, posix],
    ['/a/b/', '/a/b//c', true, posix],
    ['/a/b', '/a/b/../c', false, posix],
    ['/a/b', '/a/b/..', false, posix],
    ['/a/b', '/a/c/../b/d', true, posix],
    ['/a/b', '/a/b/..c', true, posix],
    ['/a/b', '/a/b/...', true, posix],
    ['/', '/', true, posix],
    ['/', '/a', true, posix],
    ['/a', '/', false, posix],
    ['/a', 'b', false, posix],
    ['/a', '', false, posix],
    ['', '/a', false, posix],
    ['.', '/a', false, posix],
    ['C:\\a', 'C:\\a\\b', true, win32],
    ['C:\\a', 'c:/A/b', true, win32],
    ['C:\\a', 'C:\\ab', false, win32],
    ['C:\\a', 'C:\\a\\..\\b', false, win32],
    ['C:\\a', 'D:\\a\\b', false, win32],
    ['C:\\', 'C:\\a', true, win32],
    ['C:\\', 'D:\\', false, win32],
    ['C:\\a', 'a\\b', false, win32],
    ['\\\\host\\share', '\\\\host\\share\\a', true, win32],
    ['\\\\host\\share', '\\\\host\\other\\a', false, win32],
  ];
  for (const [folder, child, expected, paths] of cases) {
    it(`${JSON.stringify(folder)} ${expected ? 'holds' : 'does not hold'} ${JSON.stringify(child)}`, () => {
      assert.equal(contains(folder, child, paths), expected);
    });
  }

  it('does not look where the process stands', () => {
    assert.equal(contains(process.cwd(), 'src'), false);
    assert.equal(contains('.', path.join(process.cwd(), 'src')), false);
  });
});
