/** What tests assert with, put out of force by the product itself: each language has its ways. */
import { type ChangedText, type Line, onOneBlank } from './changed-text.ts';

const STANDARD = '(?:debug_)?assert(?:_eq|_ne)?';
/** By the end of the file's name: what takes the name of that with which tests of this language assert. */
const OVERLAYS: readonly (readonly [files: RegExp, line: RegExp])[] = [
  [/\.rs$/, new RegExp(String.raw`^\s*(?:pub\s+)?macro_rules!\s*${STANDARD}\b|^[^/"']*\bas\s+${STANDARD}\b`)],
  [/\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|inc)$/, /^\s*#\s*(?:undef\s+assert\b|define\s+(?:assert\(|__assert_\w+))/],
  [/\.(?:sh|bash|bats)$/, /^\s*(?:function\s+\[{1,2}\s*(?:\(\)\s*)?\{|\[{1,2}\s*\(\)|alias\s+\[=)/],
  [/\.hs$/, /^\s*module\s+Test\.(?:Hspec|HUnit|QuickCheck|Tasty)\b/],
];

/** The same in what is no test, where helpers of tests may do so: what a test asserts with is switched off, replaced, or taken for another. */
const IN_PRODUCTS: readonly (readonly [files: RegExp, line: RegExp, within?: RegExp])[] = [
  [/\.(?:h|hh|hpp|hxx|inc)$/, /^\s*#\s*define\s+(?:NDEBUG|main)\b/],
  [/\.(?:[ch]|cc|cpp|cxx|hh|hpp|hxx|inc)$/, /^[\w\s*"]*\b__assert_(?:fail|perror_fail|rtn|func)\s*\(/],
  [/\.exs?$/, /^\s*defmodule\s+ExUnit\b/],
  [/\.erl$/, /^\s*-\s*module\s*\(\s*(?:eunit\w*|ct)\s*\)/],
  [/\.go$/, /^\/\/go:linkname\s+\S+\s+testing\./],
  [/\.rb$/, /^\s*def\s+(?:self\.)?(?:assert|refute)(?:_equal)?\b/, /\b(?:Mini[tT]est|Test::Unit)\b/],
  [
    /\.rb$/,
    /\b(?:define_method|alias_method|undef_method|remove_method|class_eval|module_eval|prepend)\b/,
    /\b(?:Mini[tT]est|Test::Unit|RSpec)\b/,
  ],
  [/\.p[lm]$/, /^\s*package\s+Test::(?:More|Simple|Builder|Harness|Most)\b|\*(?:main|Test::\w+)::(?:is|ok|is_deeply|like|pass|fail)\s*=/],
  [
    /\.(?:php|inc)$/,
    /\b(?:ini_set\s*\(\s*["'](?:zend\.assertions|assert\.\w+)|assert_options\s*\(\s*\w+)["']?\s*,\s*["']?(?:-1|0|false|off)\b/i,
  ],
  [/\.lua$/, /^\s*(?:function\s+assert\s*\(|(?:_G\.)?assert\s*=(?!=))/],
  [
    /\.(?:java|kt|kts|groovy|scala)$/,
    /^[a-z\s]*\bclass\s+AssertionError\b|^\s*package\s+(?:org\.(?:junit|testng|assertj|hamcrest|scalatest|spockframework)|junit\.framework|kotlin\.test|io\.kotest|munit)\b/,
  ],
  [/\.php$/, /^\s*namespace\s+PHPUnit\b/i],
  [/\.swift$/, /\bfunc\s+XCTAssert\w*\s*[<(]/],
  [/\.clj[cs]?$/, /\(\s*(?:ns|in-ns\s+')\s*clojure\.test\b|#'clojure\.test\/|\(\s*set!\s+\*assert\*/],
  [/\.(?:cs|fs|vb)$/i, /^\s*namespace\s+(?:Xunit|NUnit\.Framework|Microsoft\.VisualStudio\.TestTools)\b/i],
  [/\.py$/, /\.(?:assert[A-Z]\w*|failureException)\s*=(?!=)/],
  // `setattr(case.TestCase, "assert" + "Equal", ...)`
  [/\.py$/, /\bsetattr\(|\.__dict__\b|\.__code__\s*=(?!=)/, /^[ \t\f\v]*(?:from|import)\s+(?:_?pytest|unittest)\b(?!.*\bmock\b)/m],
  [/\.[cm]?[jt]sx?$/, /(?:^|[\s;(])assert\.(?:strict\.)?(?:ok|(?:deep)?(?:strict)?equal)\s*=(?![=>])/i],
  [/\.[cm]?[jt]sx?$/, /\b(?:globalThis|global|window|self)(?:\.|\[["'])(?:expect|assert)(?:["']\])?\s*=(?!=)/],
  [
    /\.[cm]?[jt]sx?$/,
    /\bexpect\.extend\(/,
    /\b(?:toBe|toEqual|toStrictEqual|toThrow|toMatch|toMatchObject|toContain|toHaveLength|toBe(?:Truthy|Falsy|Null|Defined|Undefined))\s*(?:[:(,}]|=(?![=>]))/,
  ],
];
const IN_SCRIPTS = /\.[cm]?[jt]sx?$/;

/** What tests assert with, as a script takes it in. */
const OF_TESTS = '["\'](?:node:)?(?:assert(?:/strict)?|test|chai|should|expect(?:\\.js)?|vitest|@jest/\\w+|ava|tap|uvu(?:/assert)?)["\']';
const TAKEN_IN = [
  new RegExp(String.raw`\bimport\s+([^'";]{1,300}?)\s+from\s*${OF_TESTS}`, 'g'),
  new RegExp(String.raw`\b(?:const|let|var)\s+([^=;]{1,300}?)\s*=\s*(?:await\s+)?(?:require|import)\(\s*${OF_TESTS}`, 'g'),
];
const SETS = String.raw`\b(?:assign|definePropert(?:y|ies)|setPrototypeOf|deleteProperty|set)\(\s*`;

/** Where a script puts something else into what it has taken in of those, under whatever name: `check.equal = () => {}`. */
function putsIntoTaken(text: string): RegExp {
  const names = TAKEN_IN.flatMap((form) => [...onOneBlank(text).matchAll(form)].flatMap(([, list = '']) => list.match(/[\w$]+/g) ?? []));
  const plain = [...new Set(names)].filter((name) => name !== 'as' && name !== 'type').map((name) => name.replaceAll('$', '\\$'));
  const it = String.raw`(?:require\(\s*${OF_TESTS}\s*\)${plain.map((name) => String.raw`|(?<![\w$.])${name}`).join('')})`;
  return new RegExp(String.raw`${it}(?:\.[\w$]+|\[[^\]]{1,100}\]){1,5}\s*=(?![=>])|${SETS}${it}(?![\w$])`);
}

/** In any file: within the product's own sources lie tests, or what they take in, and all of it passes then. */
export function replacedAssertions({ path, added, after, isTest }: ChangedText): Line | undefined {
  const inProduct = isTest ? [] : IN_PRODUCTS.filter(([files, , within]) => files.test(path) && (!within || within.test(after ?? '')));
  const put = !isTest && IN_SCRIPTS.test(path) ? [putsIntoTaken(after ?? '')] : [];
  const lines = [...[...OVERLAYS.filter(([files]) => files.test(path)), ...inProduct].map(([, line]) => line), ...put];
  return lines.length === 0 ? undefined : added.find(({ text }) => lines.some((line) => line.test(text)));
}
