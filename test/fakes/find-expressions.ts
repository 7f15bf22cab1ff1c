import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { parse } from 'acorn';
import { full } from 'acorn-walk';

const ROOT = path.join(import.meta.dirname, '../..');

export interface Expression {
  readonly pattern: string;
  readonly flags: string;
  /** `src/config.ts:12`. */
  readonly at: string;
}

/** The regular expressions that a source writes down. Not seen are those that are made while the program runs. */
export function expressionsIn(file: string, source: string): Expression[] {
  const found: Expression[] = [];
  const program = parse(stripTypeScriptTypes(source), { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  full(program, (node) => {
    if (node.type !== 'Literal' || !('regex' in node)) return;
    const { pattern, flags } = node.regex as { pattern: string; flags: string };
    found.push({ pattern, flags, at: `${file}:${node.loc?.start.line}` });
  });
  return found;
}

/** Those of all our sources. */
export function allExpressions(): Expression[] {
  const files = globSync('src/**/*.ts', { cwd: ROOT });
  return files.flatMap((file) => expressionsIn(file, readFileSync(path.join(ROOT, file), 'utf8')));
}
