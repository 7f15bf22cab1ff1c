/** Tests that stand in the sources, as Rust's do: whoever changes what they expect changes no file of tests. */
import { extname } from 'node:path';
import type { PutBack } from './put-back.ts';

/** From the line that begins a module of tests to the brace in its column. */
const MODULE = /^([ \t]*)#\[cfg\(test\)\]\s*\n(?:[ \t]*#\[.*\]\s*\n)*[ \t]*(?:pub )?mod \w+ \{[\s\S]*?\n\1\}[^\S\n]*(?:\n|$)/gm;

export const holdsTests = (path: string, text: string | undefined): boolean =>
  extname(path) === '.rs' && text !== undefined && text.search(MODULE) >= 0;

/** The sources of the result with the modules of tests of the base. */
export const testsOfBase: PutBack = (base, result) => {
  if (base === null || result === null) return result;
  const tests = base.match(MODULE) ?? [];
  if (tests.join('') === (result.match(MODULE) ?? []).join('')) return result;
  return `${result.replaceAll(MODULE, '').trimEnd()}\n\n${tests.join('\n')}`;
};
