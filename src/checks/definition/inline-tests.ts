/** Tests that stand in the sources, as Rust's do: whoever changes what they expect changes no file of tests. */
import { extname } from 'node:path';
import { isTestPath } from '../test-files.ts';
import type { PutBack } from './put-back.ts';

interface Module {
  /** Lines from 0, the last one included. */
  readonly first: number;
  readonly last: number;
  readonly indent: string;
}

/** `#[cfg(test)]`, `#[cfg(all(test, feature = "x"))]`, `#[test]`, `#[tokio::test]`, and what may stand behind it. */
const HEAD =
  /^([ \t]*)#\[(?:cfg\((?:test|(?:all|any)\((?![^\]]*\bnot\(\s*test\b)[^\]]*\btest\b[^\]]*\))\)|(?:\w+::)*(?:test|rstest|test_case|quickcheck)\b[^\]]*)\]\s*(.*)$/;
const BESIDE_HEAD = /^\s*$|^[ \t]*#\[.*\]\s*$/;
const VISIBLE = String.raw`^[ \t]*(?:pub(?:\([^)]*\))? )?`;
const OPENS = new RegExp(`${VISIBLE}(?:mod \\w+|(?:async |unsafe |const )*fn \\w)[^;]*$`);
/** A module in a file of its own, and what is written in one line. */
const ONE_LINE = new RegExp(`${VISIBLE}(?:mod \\w+;|(?:mod|(?:async |unsafe |const )*fn) \\w[^{]*\\{.*\\}\\s*$)`);
const CLOSES = /^([ \t]*)\}[^\S\n]*$/;
/** No attribute is longer. */
const LONGEST_LINE = 500;

function byIndent<T extends { readonly indent: string }>(all: readonly T[]): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const known = found.get(one.indent);
    if (known) known.push(one);
    else found.set(one.indent, [one]);
  }
  return found;
}

/** Modules and functions of tests, from their attribute to the brace in its column; of what stands within one another the outer ones. */
function modulesIn(lines: readonly string[]): Module[] {
  const ends = lines.flatMap((line, at) => {
    const indent = CLOSES.exec(line)?.[1];
    return indent === undefined ? [] : [{ at, indent }];
  });
  const closing = byIndent(ends.reverse());
  const found: Module[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at]!.length > LONGEST_LINE ? null : HEAD.exec(lines[at]!);
    if (!head) continue;
    const [indent, first] = [head[1]!, at];
    let opening = head[2]!;
    if (opening === '') {
      while (BESIDE_HEAD.test(lines[at + 1] ?? 'end')) at++;
      opening = (lines[at + 1] ?? '').slice(0, LONGEST_LINE);
      if (ONE_LINE.test(opening) || OPENS.test(opening)) at++;
    }
    if (ONE_LINE.test(opening)) found.push({ first, last: at, indent });
    if (ONE_LINE.test(opening) || !OPENS.test(opening)) continue;
    const waiting = closing.get(indent) ?? [];
    while (waiting.length > 0 && waiting.at(-1)!.at <= at) waiting.pop();
    const last = waiting.at(-1)?.at;
    if (last === undefined) continue;
    found.push({ first, last, indent });
    at = last;
  }
  return found;
}

/** Whether a file may hold tests: all that a name can tell. */
export const mayHoldTests = (path: string): boolean => isTestPath(path) || extname(path) === '.rs';

/** The lines, from 1, that stand in modules of tests. */
export function testModuleLines(path: string, text: string): Set<number> {
  if (extname(path) !== '.rs') return new Set();
  const modules = modulesIn(text.split('\n'));
  return new Set(modules.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, at) => first + at + 1)));
}

export const holdsTests = (path: string, text: string | undefined): boolean =>
  extname(path) === '.rs' && text !== undefined && modulesIn(text.split('\n')).length > 0;

/** The sources of the result with the modules of tests of the base. */
export const testsOfBase: PutBack = (base, result) => {
  return base === null || result === null ? result : withTestsOf(base, result);
};

/** The second text with the modules of tests of the first one: each where one of its depth stood, as they use what is around them. */
export function withTestsOf(from: string, code: string): string {
  const [source, lines] = [from.split('\n'), code.split('\n')];
  const textsOf = (all: readonly string[], modules: readonly Module[]) =>
    modules.map(({ first, last, indent }) => ({ indent, text: all.slice(first, last + 1).join('\n') }));
  const places = modulesIn(lines);
  const tests = textsOf(source, modulesIn(source));
  const old = textsOf(lines, places);
  if (tests.length === old.length && tests.every(({ text }, at) => text === old[at]!.text)) return code;
  const waiting = byIndent([...tests].reverse());
  const placed = new Set<(typeof tests)[number]>();
  const kept: string[] = [];
  let next = 0;
  for (const { first, last, indent } of places) {
    for (let at = next; at < first; at++) kept.push(lines[at]!);
    const test = waiting.get(indent)?.pop();
    if (test) {
      kept.push(test.text);
      placed.add(test);
    }
    next = last + 1;
  }
  const whole = [...kept, ...lines.slice(next)].join('\n');
  const left = tests.filter((test) => !placed.has(test));
  return left.length === 0 ? whole : `${whole.trimEnd()}\n\n${left.map(({ text }) => `${text}\n`).join('\n')}`;
}
