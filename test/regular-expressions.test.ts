import assert from 'node:assert/strict';
import { analyse } from 'scslre';
import { allExpressions, type Expression, expressionsIn } from './fakes/find-expressions.ts';
import { fuzzExpressions } from './fuzz/expressions.ts';

/**
 * Regular expressions that take a time that grows exponentially with a text: forty characters of a repository would hold the server up for
 * good. Not seen are two alternatives that take the same. For a time that grows as the third power: `npm run fuzz expressions`.
 * @returns where each stands, and the expression
 */
function exponential(expressions: readonly Expression[]): string[] {
  return expressions.flatMap(({ pattern, flags, at }) => {
    const { reports } = analyse({ source: pattern, flags }, { reportTypes: { Move: false } });
    return reports.some((report) => report.exponential) ? [`${at} /${pattern}/${flags}`] : [];
  });
}

describe('regular expressions', () => {
  it('take no time that grows exponentially with a text', () => {
    const all = allExpressions();
    assert.ok(all.length > 1500, `${all.length} expressions`);
    assert.deepEqual(
      exponential(all),
      [],
      'let no two ways lead through the same characters (https://eslint-community.github.io/eslint-plugin-regexp)',
    );
  }).timeout(120_000);

  it('are seen where they do', () => {
    const source =
      'const words: RegExp = /^(\\w+\\s?)+$/u;\nconst one = /^\\w+$/;\nexport const [a, b] = [words.test("x"), /(?:\\w*\\s*)*b$/];\n';
    assert.deepEqual(exponential(expressionsIn('a.ts', source)), ['a.ts:1 /^(\\w+\\s?)+$/u', 'a.ts:3 /(?:\\w*\\s*)*b$/']);
  });

  it('are seen, too, where that grows as the third power', async () => {
    const all = expressionsIn('a.ts', 'export const [a, b] = [/\\w+\\w+:/, /\\w+ *:/];');
    await assert.rejects(fuzzExpressions(100, 1, all.slice(0, 1)), ({ cause }: Error) => /a\.ts:1 takes/.test(String(cause)));
    await fuzzExpressions(100, 1, all.slice(1));
  }).timeout(20_000);
});
