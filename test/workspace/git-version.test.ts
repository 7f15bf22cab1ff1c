import assert from 'node:assert/strict';
import { isAtLeast } from '../../src/workspace/git-version.ts';

describe('a version of git', () => {
  const cases: readonly (readonly [version: string, oldest: string, expected: boolean])[] = [
    ['2.38', '2.38', true],
    ['2.38.0', '2.38', true],
    ['2.37.9', '2.38', false],
    ['2.39.5', '2.38', true],
    ['2.45.1.windows.1', '2.38', true],
    ['2.9', '2.38', false],
    ['2.100', '2.38', true],
    ['1.99', '2.38', false],
    ['3.0', '2.38', true],
  ];
  for (const [version, oldest, expected] of cases)
    it(`${version} is ${expected ? 'at least' : 'older than'} ${oldest}`, () => assert.equal(isAtLeast(version, oldest), expected));
});
