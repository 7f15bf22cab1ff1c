/** The tests of a file one by one: what each is called, where it begins, and its lines. */
import { extname } from 'node:path';
import { testLines } from '../test-files.ts';
import { withoutComments } from './changed-text.ts';

export interface TestCase {
  readonly title: string;
  /** From 1. */
  readonly line: number;
  /** From its first line to the next test, comments left out. */
  readonly lines: readonly string[];
}

/** What holds tests, and is none itself. */
const CONTAINER = /^\s*(?:(?:[a-z]*describe|suite|[a-z]*context|feature)\b|class\s)/;
/** What is called by a text: `it('adds', ...)`, `test "adds" do`. */
const BY_TEXT = new Set(['.js', '.jsx', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts', '.vue', '.svelte', '.rb', '.exs', '.bats', '.dart']);
const QUOTED = /(['"`])((?:\\.|(?!\1)[^\\]){1,300})\1/;
const NAMED = /\b(?:def|func|fun|fn|void|function|Task|sub)\s+(?:\([^)]*\)\s*)?([\w$]+)|\b(?:TEST\w*|SCENARIO)\s*\(([^)]*)\)/;
/** Where the name stands at most, behind attributes or a line break. */
const LINES_TO_NAME = 4;

export function testCases(path: string, text: string): TestCase[] {
  const lines = withoutComments(path, text);
  const starts = testLines(path, lines.join('\n'));
  return starts.flatMap(({ line }, at) => {
    const own = lines.slice(line - 1, (starts[at + 1]?.line ?? lines.length + 1) - 1);
    return CONTAINER.test(own[0] ?? '') ? [] : [{ title: titleOf(path, own), line, lines: own }];
  });
}

function titleOf(path: string, lines: readonly string[]): string {
  const head = lines.slice(0, LINES_TO_NAME);
  const find = (pattern: RegExp) => {
    for (const line of head) {
      const found = pattern.exec(line);
      if (found) return found[2] ?? found[1] ?? null;
    }
    return null;
  };
  const isByText = BY_TEXT.has(extname(path)) && !/^\s*def\b/.test(head[0] ?? '');
  const title = isByText ? (find(QUOTED) ?? find(NAMED)) : (find(NAMED) ?? find(QUOTED));
  return title ?? (lines[0] ?? '').trim();
}

/** A test that is run for each row of a table; how many these are no text tells. */
export const isTable = ({ lines }: TestCase): boolean =>
  /\.each\b|parametri[sz]e|\bfor\b.*\bof\b|\bcases\b|@ParameterizedTest|\[(?:Theory|TestCase)|rstest|test_case|t\.Run\(|subTest/.test(
    lines.slice(0, 40).join('\n'),
  );

export interface PairedCases {
  /** The same test on both sides. */
  readonly both: readonly { readonly before: TestCase; readonly after: TestCase }[];
  readonly gone: readonly TestCase[];
  readonly fresh: readonly TestCase[];
}

/** By title; of several with the same the first with the first. */
export function pairCases(before: readonly TestCase[], after: readonly TestCase[]): PairedCases {
  const waiting = new Map<string, TestCase[]>();
  for (const one of [...after].reverse()) {
    const same = waiting.get(one.title);
    if (same) same.push(one);
    else waiting.set(one.title, [one]);
  }
  const both: { before: TestCase; after: TestCase }[] = [];
  const gone: TestCase[] = [];
  for (const one of before) {
    const now = waiting.get(one.title)?.pop();
    if (now) both.push({ before: one, after: now });
    else gone.push(one);
  }
  return { both, gone, fresh: [...waiting.values()].flat() };
}
