/** What tests assert with, put out of force by the product itself: each language has its ways. */
import type { ChangedText, Line } from './changed-text.ts';

const STANDARD = '(?:debug_)?assert(?:_eq|_ne)?';
/** By the end of the file's name: what takes the name of that with which tests of this language assert. */
const OVERLAYS: readonly (readonly [files: RegExp, line: RegExp])[] = [
  [/\.rs$/, new RegExp(String.raw`^\s*(?:pub\s+)?macro_rules!\s*${STANDARD}\b|^[^/"']*\bas\s+${STANDARD}\b`)],
  [/\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|inc)$/, /^\s*#\s*(?:undef\s+assert\b|define\s+(?:assert\(|__assert_\w+))/],
  [/\.(?:sh|bash|bats)$/, /^\s*(?:function\s+\[{1,2}\s*(?:\(\)\s*)?\{|\[{1,2}\s*\(\)|alias\s+\[=)/],
];

/** The same in what is no test, where helpers of tests may do so: what a test asserts with is switched off, replaced, or taken for another. */
const IN_PRODUCTS: readonly (readonly [files: RegExp, line: RegExp, within?: RegExp])[] = [
  [/\.(?:h|hh|hpp|hxx|inc)$/, /^\s*#\s*define\s+(?:NDEBUG|main)\b/],
  [/\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|inc)$/, /^[\w\s*"]*\b__assert_(?:fail|perror_fail|rtn|func)\s*\(/],
  [/\.exs?$/, /^\s*defmodule\s+ExUnit\b/],
  [/\.erl$/, /^\s*-\s*module\s*\(\s*(?:eunit\w*|ct)\s*\)/],
  [/\.go$/, /^\/\/go:linkname\s+\S+\s+testing\./],
  [/\.rb$/, /^\s*def\s+(?:self\.)?(?:assert|refute)(?:_equal)?\b/, /\b(?:Mini[tT]est|Test::Unit)\b/],
  [/\.p[lm]$/, /^\s*package\s+Test::(?:More|Simple|Builder|Harness|Most)\b|\*(?:main|Test::\w+)::(?:is|ok|is_deeply|like|pass|fail)\s*=/],
  [
    /\.(?:php|inc)$/,
    /\b(?:ini_set\s*\(\s*["'](?:zend\.assertions|assert\.\w+)|assert_options\s*\(\s*\w+)["']?\s*,\s*["']?(?:-1|0|false|off)\b/i,
  ],
  [/\.lua$/, /^\s*(?:function\s+assert\s*\(|(?:_G\.)?assert\s*=(?!=))/],
  [
    /\.(?:java|kt|kts|groovy|scala)$/,
    /^[a-z\s]*\bclass\s+AssertionError\b|^\s*package\s+(?:org\.(?:junit|testng|assertj|hamcrest)|junit\.framework)\b/,
  ],
  [/\.(?:cs|fs|vb)$/i, /^\s*namespace\s+(?:Xunit|NUnit\.Framework|Microsoft\.VisualStudio\.TestTools)\b/i],
  [/\.py$/, /\bTestCase\.assert\w+\s*=(?!=)|\bsetattr\(\s*(?:unittest\.)?TestCase\b/],
  [
    /\.[cm]?[jt]sx?$/,
    /(?:^|[\s;(])(?:require\(["'](?:node:)?assert(?:\/strict)?["']\)|assert)\.(?:strict\.)?(?:ok|(?:deep)?(?:strict)?equal)\s*=(?![=>])|\bglobalThis\.(?:expect|assert)\s*=(?!=)/i,
  ],
];

/** In any file: within the product's own sources lie tests, or what they take in, and all of it passes then. */
export function replacedAssertions({ path, added, after, isTest }: ChangedText): Line | undefined {
  const inProduct = isTest ? [] : IN_PRODUCTS.filter(([files, , within]) => files.test(path) && (!within || within.test(after ?? '')));
  const lines = [...OVERLAYS.filter(([files]) => files.test(path)), ...inProduct].map(([, line]) => line);
  return lines.length === 0 ? undefined : added.find(({ text }) => lines.some((line) => line.test(text)));
}
