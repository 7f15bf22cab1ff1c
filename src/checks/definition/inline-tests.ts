/** Tests that stand in the sources, as Rust's do: whoever changes what they expect changes no file of tests. */
import { extname } from 'node:path';
import { isTestPath } from '../test-files.ts';
import type { PutBack } from './put-back.ts';

/** From the line that begins a module of tests to the brace in its column. */
const MODULE = /^([ \t]*)#\[cfg\(test\)\]\s*\n(?:[ \t]*#\[.*\]\s*\n)*[ \t]*(?:pub )?mod \w+ \{[\s\S]*?\n\1\}[^\S\n]*(?:\n|$)/gm;

/** Whether a file may hold tests: all that a name can tell. */
export const mayHoldTests = (path: string): boolean => isTestPath(path) || extname(path) === '.rs';

/** The lines, from 1, that stand in modules of tests. */
export function testModuleLines(path: string, text: string): Set<number> {
  if (extname(path) !== '.rs') return new Set();
  return new Set(
    [...text.matchAll(MODULE)].flatMap(({ index, 0: found }) => {
      const first = text.slice(0, index).split('\n').length;
      return found.split('\n').map((_, at) => first + at);
    }),
  );
}

export const holdsTests = (path: string, text: string | undefined): boolean =>
  extname(path) === '.rs' && text !== undefined && text.search(MODULE) >= 0;

/** The sources of the result with the modules of tests of the base. */
export const testsOfBase: PutBack = (base, result) => {
  return base === null || result === null ? result : withTestsOf(base, result);
};

/** The second text with the modules of tests of the first one. */
export function withTestsOf(from: string, code: string): string {
  const tests = from.match(MODULE) ?? [];
  if (tests.join('') === (code.match(MODULE) ?? []).join('')) return code;
  return `${code.replaceAll(MODULE, '').trimEnd()}\n\n${tests.join('\n')}`;
}
