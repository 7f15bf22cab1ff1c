import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { parse } from 'acorn';
import { full } from 'acorn-walk';
import { analyse } from 'scslre';

const ROOT = path.join(import.meta.dirname, '..');

/**
 * Regular expressions that take a time that grows exponentially with a text: forty characters of a repository would hold the server up for
 * good. Not seen are those that are made while the program runs, and two alternatives that take the same.
 * @returns where each stands, and the expression
 */
function exponential(file: string, source: string): string[] {
  const found: string[] = [];
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  full(program, (node) => {
    if (node.type !== 'Literal' || !('regex' in node)) return;
    const { pattern, flags } = node.regex as { pattern: string; flags: string };
    const { reports } = analyse({ source: pattern, flags }, { reportTypes: { Move: false } });
    if (reports.some((report) => report.exponential)) found.push(`${file}:${node.loc?.start.line} /${pattern}/${flags}`);
  });
  return found;
}

describe('regular expressions', () => {
  it('take no time that grows exponentially with a text', () => {
    const files = globSync('src/**/*.ts', { cwd: ROOT });
    assert.ok(files.length > 300, `${files.length} files`);
    const found = files.flatMap((file) => exponential(file, readFileSync(path.join(ROOT, file), 'utf8')));
    assert.deepEqual(
      found,
      [],
      'let no two ways lead through the same characters (https://eslint-community.github.io/eslint-plugin-regexp)',
    );
  }).timeout(120_000);

  it('are seen where they do', () => {
    const source =
      'const words: RegExp = /^(\\w+\\s?)+$/u;\nconst one = /^\\w+$/;\nexport const [a, b] = [words.test("x"), /(?:\\w*\\s*)*b$/];\n';
    assert.deepEqual(exponential('a.ts', source), ['a.ts:1 /^(\\w+\\s?)+$/u', 'a.ts:3 /(?:\\w*\\s*)*b$/']);
  });
});
