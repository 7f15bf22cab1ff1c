/** Our regular expressions against what is repeated in a text: a time that grows as the third power of its length holds a server up for hours. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { allExpressions, type Expression } from '../fakes/find-expressions.ts';

/** What takes as the square of it is over in a few milliseconds, what takes as its third power takes hundreds. */
const TEXT_CHARS = 1000;
/** Of the processor, so that a busy machine does not count. */
const LONGEST_MS = 100;

/** biome-ignore format: a list */
const UNITS = [
  ' ', '\t', '\n', '\r\n', 'a', 'A', '0', '/', '.', '-', '_', '*', '"', "'", '`', '(', ')', '[', ']', '{', '}', '<', '>', ',', ';', ':', '=', '#', '@', '$',
  '\\', '|', '&', '!', '%', '+', '~', '^', 'é', '中', 'ab', 'a.', 'a/', 'a ', ' a', '\na', '\n ', 'a,', '""', "''", '//', '/*', '*/', '()', '{}', '[]',
  '\\"', '\\\\', '${', '--', '# ', '= ',
];

/** @param count of the texts; each expression gets its share, one at least */
export async function fuzzExpressions(count: number, seed: number, expressions: readonly Expression[] = allExpressions()): Promise<string> {
  const each = Math.max(1, Math.round(count / expressions.length));
  for (const [at, expression] of expressions.entries()) {
    const own = fc.oneof(fc.constantFrom(...UNITS), fc.constantFrom(...wordsOf(expression), ' '));
    const unit = fc.array(own, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(''));
    const begin = fc.constantFrom('', ...wordsOf(expression));
    const end = fc.constantFrom('', '\u0001', '\n');
    const holds = (repeated: string, before: string, behind: string) => {
      const text = before + repeated.repeat(Math.ceil(TEXT_CHARS / repeated.length)) + behind;
      const taken = cpuMs(() => text.replace(new RegExp(expression.pattern, expression.flags), ''));
      assert.ok(taken < LONGEST_MS, `${expression.at} takes ${Math.round(taken)} ms for ${TEXT_CHARS} characters`);
    };
    fc.assert(fc.property(unit, begin, end, holds), { seed: seed * 10_000 + at, numRuns: each, endOnFailure: true });
  }
  return `${expressions.length} expressions, ${each} texts of ${TEXT_CHARS} characters for each: none takes a tenth of a second`;
}

/** What stands in it word by word. */
function wordsOf({ pattern }: Expression): string[] {
  const plain = pattern.replace(/\\[bBdDsSwW]/g, ' ').replace(/\\(.)/g, '$1');
  return [...new Set(plain.match(/[\w =:<>@"'`#;,./-]+/g))].slice(0, 16);
}

function cpuMs(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  return process.cpuUsage(before).user / 1000;
}
