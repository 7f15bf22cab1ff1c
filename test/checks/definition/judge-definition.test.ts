import assert from 'node:assert/strict';
import { judgeDefinition } from '../../../src/checks/definition/judge-definition.ts';
import type { CheckRun, DefinitionVerdict } from '../../../src/checks/types.ts';

const run = (exitCode: number | null, tests: number | null = null, more: Partial<CheckRun> = {}): CheckRun => ({
  exitCode,
  killed: null,
  durationMs: 1,
  counts: tests === null ? null : { passed: exitCode === 0 ? tests : 0, failed: exitCode === 0 ? 0 : tests, skipped: 0 },
  failing: [],
  tail: '',
  ...more,
});

/** Base, result, result with the base's definition, whether tests changed. */
const TABLE: readonly (readonly [string, CheckRun | null, CheckRun, CheckRun | null, boolean, DefinitionVerdict])[] = [
  ['passes both ways', run(0), run(0), run(0), false, 'same'],
  ['passes both ways with as many tests', run(0, 3), run(0, 3), run(0, 3), false, 'same'],
  ['passes both ways with new tests', run(0, 3), run(0, 5), run(0, 5), true, 'same'],
  ['passes with new tests that the base would not find', run(0, 3), run(0, 5), run(0, 3), true, 'same'],
  ['was fixed, both ways', run(1, 3), run(0, 3), run(0, 3), false, 'same'],
  ['fails with the definition of the base', run(0, 3), run(0, 3), run(1, 3), true, 'fails'],
  ['could not be started with it', run(0, 3), run(0, 3), run(127), true, 'fails'],
  ['is stopped with it', run(0, 3), run(0, 3), run(null, null, { killed: 'timeout' }), true, 'stopped'],
  ['could not be run with it', run(0, 3), run(0, 3), null, true, 'not_run'],
  ['prints numbers that no test made', run(0, 3), run(0, 38), run(0, 3), false, 'fewer'],
  ['prints numbers where the definition of the base has none', run(0), run(0, 38), run(0), false, 'fewer'],
  ['lost tests that only the new definition claims', run(0, 3), run(0, 3), run(0, 2), true, 'fewer'],
  ['tells of tests only as changed', run(0, 3), run(0, 3), run(0), true, 'fewer'],
  ['fails as before, both ways', run(1, 3), run(1, 3), run(1, 3), true, 'same'],
  ['fails as before only as changed', run(1, 3), run(1, 3), run(1, 5), true, 'fails'],
  ['hides tests', run(0, 3), run(0, 2), run(0, 3), true, 'hides'],
  ['hides all of them', run(0, 3), run(0), run(0, 3), true, 'hides'],
  ['has fewer errors of a compiler, which are no tests', run(2, 4, { tail: 'a.ts(1,1): error TS2322: x' }), run(0), run(0), false, 'same'],
];

describe('a check with the definition of the base', () => {
  for (const [what, base, result, withBase, changesTests, verdict] of TABLE)
    it(`${what}: ${verdict}`, () => assert.equal(judgeDefinition({ base, result }, withBase, changesTests), verdict));
});
