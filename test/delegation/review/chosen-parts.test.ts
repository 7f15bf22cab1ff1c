import assert from 'node:assert/strict';
import { chosenParts } from '../../../src/delegation/review/chosen-parts.ts';
import type { ChangedFile } from '../../../src/workspace/types.ts';
import { english } from '../../messages/english.ts';

const changed = (path: string, from?: string): ChangedFile => ({
  path,
  ...(from !== undefined && { from }),
  status: from ? 'R' : 'M',
  added: 1,
  removed: 1,
});
const FILES = [changed('src/a.ts'), changed('src/b.ts', 'src/old.ts'), changed('odd:12'), changed('docs/a b.md')];
const lines = (...ranges: [number, number][]) => ranges.map(([first, last]) => ({ first, last }));

describe('parts that somebody chooses', () => {
  for (const [wanted, parts] of [
    [['src/a.ts'], [{ path: 'src/a.ts' }]],
    [['./src/a.ts/'], [{ path: 'src/a.ts' }]],
    [['src'], [{ path: 'src/a.ts' }, { path: 'src/b.ts', from: 'src/old.ts' }]],
    [['src/old.ts'], [{ path: 'src/b.ts', from: 'src/old.ts' }]],
    [['src/a.ts:12'], [{ path: 'src/a.ts', lines: lines([12, 12]) }]],
    [['./src/a.ts:12-40'], [{ path: 'src/a.ts', lines: lines([12, 40]) }]],
    [['src/a.ts:40-12'], [{ path: 'src/a.ts', lines: lines([12, 40]) }]],
    [['src/a.ts:L12-L40'], [{ path: 'src/a.ts', lines: lines([12, 40]) }]],
    [['src/a.ts#L12-L40'], [{ path: 'src/a.ts', lines: lines([12, 40]) }]],
    [['src/a.ts:1,5-6, 9'], [{ path: 'src/a.ts', lines: lines([1, 1], [5, 6], [9, 9]) }]],
    [['src/a.ts:1', 'src/a.ts:5'], [{ path: 'src/a.ts', lines: lines([1, 1], [5, 5]) }]],
    [['src/a.ts:1', 'src/a.ts'], [{ path: 'src/a.ts' }]],
    [['src/a.ts', 'src/a.ts:1'], [{ path: 'src/a.ts' }]],
    [['src/b.ts:3'], [{ path: 'src/b.ts', from: 'src/old.ts', lines: lines([3, 3]) }]],
    [['odd:12'], [{ path: 'odd:12' }]],
    [['odd:12:3'], [{ path: 'odd:12', lines: lines([3, 3]) }]],
    [['docs/a b.md:7'], [{ path: 'docs/a b.md', lines: lines([7, 7]) }]],
  ] as const)
    it(`takes ${wanted.join(' and ')}`, () => assert.deepEqual(chosenParts(FILES, wanted), { ok: true, parts }));

  describe('of which one is called like another one', () => {
    const named = [...FILES, changed('src/a.ts:3-5'), changed('src/a.ts#L7'), changed('src/old.ts')];
    for (const [wanted, parts] of [
      [['src/a.ts:3-5'], [{ path: 'src/a.ts', lines: lines([3, 5]) }]],
      [['src/a.ts#L7'], [{ path: 'src/a.ts', lines: lines([7, 7]) }]],
      [['./src/a.ts:3-5'], [{ path: 'src/a.ts:3-5' }]],
      [['src/old.ts'], [{ path: 'src/old.ts' }]],
    ] as const)
      it(`takes ${wanted.join(' and ')}`, () => assert.deepEqual(chosenParts(named, wanted), { ok: true, parts }));
  });

  for (const wanted of ['src/c.ts', 'src/c.ts:3', 'src:3', 'src/a.ts:', 'src/a.ts:x', 'src/a.ts:1-', '', ':3'])
    it(`refuses ${JSON.stringify(wanted)}, and names what there is`, () => {
      const refused = chosenParts(FILES, [wanted]);
      assert.match(refused.ok ? 'taken' : english(refused.reason), /does not change .*It changes src\/a\.ts, src\/b\.ts/);
    });
});
