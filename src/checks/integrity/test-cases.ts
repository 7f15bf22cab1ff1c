/** The tests of a file one by one: what each is called, where it begins, and its lines. */
import { extname } from 'node:path';
import { canFail, isTestPath, testLines } from '../test-files.ts';
import { withoutComments } from './changed-text.ts';

export interface TestCase {
  readonly title: string;
  /** From 1. */
  readonly line: number;
  /** From its first line to the next test or definition, comments left out. */
  readonly lines: readonly string[];
  /** What stands right above it: decorators. */
  readonly above: readonly string[];
}

/** What begins something of its own, where it stands no deeper than the test before it. */
const DEFINITION =
  /^\s*(?:@|#!?\[|\[\w+(?:\(.*\))?\]\s*$|(?:pub|public|private|protected|internal|static|async|export|def|class|func|fn|function|void|struct|impl|mod|module|namespace)\b)/;
export const ATTRIBUTE = /^\s*(?:@|#!?\[|\[)/;

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
    if (CONTAINER.test(own[0] ?? '')) return [];
    return [{ title: titleOf(path, own), line, lines: own.slice(0, endOf(own)), above: aboveOf(lines, line) }];
  });
}

/** What its tests are called. */
export const titlesIn = (path: string, text: string): string[] => testCases(path, text).map(({ title }) => title);

/**
 * Whether a file is one of tests, by its name or by what it holds: runners take `testcart.py` and `src/test-cart.js`, too, and whatever a script names.
 * A source that has its tests in it is none.
 */
export function isTestFile(path: string, text: string): boolean {
  if (isTestPath(path)) return true;
  if (extname(path) === '.rs' || !text.split('\n').some(canFail)) return false;
  const codeIn = (lines: readonly string[]) => lines.filter((line) => !BESIDE_CODE.test(line) && !CONTAINER.test(line)).length;
  const cases = testCases(path, text);
  const inTests = cases.reduce((sum, { lines }) => sum + codeIn(lines), 0);
  return inTests > 0 && inTests >= codeIn(sharedCode(path, text, cases).lines);
}

/** Blank lines, brackets and what takes other files in. */
const BESIDE_CODE = /^[\s)\]};,]*$|^\s*(?:import|from|use|using|package|require\w*|#include)\b|\brequire\(/;

/** What stands in no test: code that tests share. */
export function sharedCode(path: string, text: string, cases: readonly TestCase[]): TestCase {
  const lines = withoutComments(path, text);
  for (const { line, lines: own } of cases) lines.fill('', line - 1, line - 1 + own.length);
  return { title: '', line: 1, lines, above: [] };
}

const MOST_ABOVE = 30;

function aboveOf(lines: readonly string[], line: number): string[] {
  const some = lines.slice(Math.max(0, line - 1 - MOST_ABOVE), line - 1);
  return some.slice(some.findLastIndex((one) => one.trim() === '') + 1);
}

function endOf(lines: readonly string[]): number {
  const depth = indentOf(lines[0] ?? '');
  let head = 1;
  // Attributes stand above what they belong to.
  if (ATTRIBUTE.test(lines[0] ?? '')) while (head < lines.length && ATTRIBUTE.test(lines[head]!)) head++;
  const end = lines.findIndex((line, at) => at > head && DEFINITION.test(line) && indentOf(line) <= depth);
  return end < 0 ? lines.length : end;
}

export const indentOf = (line: string): number => line.length - line.trimStart().length;

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
export const isTable = ({ lines, above }: TestCase): boolean =>
  /\.each\b|parametri[sz]e|\bfor\b.*\bof\b|\bcases\b|@ParameterizedTest|\[(?:Theory|TestCase)|rstest|test_case|t\.Run\(|subTest/.test(
    [...above, ...lines.slice(0, 40)].join('\n'),
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
