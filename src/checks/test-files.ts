/** Which files hold tests, in the conventions of the common languages, and what switches a test off. */
import { extname } from 'node:path';
import { isNamedBySettings } from './named-tests.ts';

/** test/, __tests__/, spec/, src/androidTest/ (Kotlin), Shop.UnitTests/ (C#), ShopTests/ (Swift). */
const TEST_FOLDER =
  /(^|\/)([Tt]ests?|__tests__|[Ss]pecs?|e2e|testdata|fixtures|__snapshots__|__mocks__|cypress|testFixtures|testing|test[-_]?(utils?|helpers?|support|lib|kit|data|fixtures?)|[^/]*[a-z0-9.](Test|Tests))\//;
/** What tests share: test-utils.ts, test.helper.js, test_setup.rb, conftest.py. */
const TEST_SUPPORT =
  /(^|[/._-])tests?[._-](utils?|helpers?|setup|support|data|fixtures?)\.[a-z0-9]+$|(^|\/)(conftest\.py|testing\.(?!(md|rst|txt|html?)$)[a-z]+)$/;
const TEST_NAMES: readonly RegExp[] = [
  // auth.test.ts, auth-spec.js, auth_test.go, auth_unittest.cc, tests.rs, auth.e2e-spec.ts, auth.test-d.ts, login.cy.ts; no data such as openapi-spec.json.
  /(^|[/._-])(tests?|specs?|unittest|e2e|cy)(-d)?\.(?!(json|ya?ml|md|txt|toml|xml|html?|css)$)[a-z0-9]+$/,
  /(^|\/)test_[^/]*$/,
  // AuthTest.java, HTTPTests.cs, AuthSpec.scala, AuthIT.java.
  /[a-z0-9]IT\.(java|kt)$/,
  /[A-Za-z0-9](Test|Tests|TestCase|Spec)\.(java|kts?|scala|groovy|cs|fs|vb|swift|mm?|php|hs|dart|jsx?|tsx?)$/,
  /_SUITE\.erl$|\.(snap|bats|t)$/,
];

/** By the conventions, or by the settings of the project while an attempt is judged. */
export const isTestPath = (file: string): boolean =>
  TEST_FOLDER.test(file) || TEST_SUPPORT.test(file) || TEST_NAMES.some((pattern) => pattern.test(file)) || isNamedBySettings(file);

interface TestLanguage {
  readonly extensions: readonly string[];
  /** How a test begins. */
  readonly test: RegExp;
  /** What keeps a test from running, or from failing. */
  readonly off: RegExp;
  /** What keeps all others from running. */
  readonly focus?: RegExp;
  /** Whether a file that is named like a test may hold none all the same. */
  readonly sharesName?: true;
}

const LANGUAGES: readonly TestLanguage[] = [
  {
    extensions: ['.js', '.jsx', '.mjs', '.cjs', '.ts', '.tsx', '.mts', '.cts', '.vue', '.svelte'],
    test: /(?<![\w.$])(?:test|it|describe|suite|specify|context|scenario|(?:Deno|t|tap)\.test)(?:\.\w+)*\s*[(`<]/,
    off: /(?<![\w.$])(?:test|it|describe|suite|context|specify)(?:\.\w+){0,3}\.(?:skip|todo|fails|failing)\b|\.(?:skipIf\( *true|runIf\( *false)\b|(?<![\w.$])(?:xit|xtest|xdescribe|xcontext|xspecify)\s*\(|\b(?:this|t|ctx)\.skip\(|(?<![\w.$])(?:test|it|describe|suite)\(.*\b(?:skip|todo) *: *(?!false\b|undefined\b)['"`\w]/,
    focus:
      /(?<![\w.$])(?:test|it|describe|suite|context|specify)(?:\.\w+){0,3}\.only\b|(?<![\w.$])(?:fit|fdescribe|fcontext)\s*\(|\bonly *: *true\b/,
  },
  {
    extensions: ['.py'],
    test: /^ *(?:async +)?def +test|^ *class +\w*Test/,
    off: /\bmark\.(?:skip|xfail)\b|\bpytest\.(?:skip|xfail)\(|@(?:unittest\.)?(?:skip|expectedFailure)\b|\bskipif\( *(?:True|1)\b|\b__test__ *= *False|\.skipTest\(/,
  },
  {
    extensions: ['.go'],
    test: /^func (?:Test(?!Main\()|Fuzz|Example|Benchmark)\w*\(/,
    off: /\bt\.Skip(?:f|Now)?\(|^\/\/(?:go:build| *\+build)\b/,
    sharesName: true,
  },
  { extensions: ['.rs'], test: /#\[(?:\w+::)*(?:test|rstest|test_case|quickcheck)\b/, off: /#\[ignore\b|#!?\[cfg\((?!test\b)/ },
  {
    extensions: ['.java', '.kt', '.kts', '.scala', '.groovy', '.cs', '.fs', '.vb', '.swift', '.dart'],
    test: /@(?:Test|ParameterizedTest|Property)\b|\[(?:Test|Fact|Theory|TestMethod|TestCase)\b|^ *(?:test|func test)\w*\(/,
    off: /@(?:Disabled|Ignore)\b|\[Ignore\b|\bSkip *= *"|XCTSkip/,
  },
  {
    extensions: ['.rb'],
    test: /^ *(?:describe|it|context|specify|scenario|test|should)\b|^ *def test_/,
    off: /^ *(?:xit|xdescribe|xcontext|pending|skip)\b|\bskip: /,
    focus: /^ *(?:fit|fdescribe|fcontext)\b|\bfocus: true/,
  },
  { extensions: ['.php'], test: /function +test|@test\b|#\[Test\b|^ *(?:it|test)\(/, off: /markTest(?:Skipped|Incomplete)|->skip\(/ },
  { extensions: ['.exs'], test: /^ *(?:test|describe|property)\b/, off: /@(?:module)?tag +:?skip/ },
  {
    extensions: ['.c', '.cc', '.cpp', '.cxx', '.h', '.hpp'],
    test: /\b(?:TEST|TEST_F|TEST_P|TEST_CASE|SCENARIO|BOOST_AUTO_TEST_CASE)\s*\(/,
    off: /\bGTEST_SKIP\b|\bDISABLED_/,
  },
  { extensions: ['.bats', '.sh'], test: /^@test /, off: /^ *skip\b/ },
];

export const isTestLanguage = (file: string): boolean => languageOf(file) !== undefined;
const languageOf = (file: string) => LANGUAGES.find(({ extensions }) => extensions.includes(extname(file)));

/** Each file right in tests/ is a test of its own for Cargo. */
const RUST_TEST = /(^|\/)tests\/[^/]+\.rs$/;

/** Whether the name alone says that it is a file of tests: not what they share, and not what else lies in their folders. */
export const isNamedAsTest = (file: string): boolean =>
  languageOf(file) !== undefined &&
  ((!TEST_SUPPORT.test(file) && (RUST_TEST.test(file) || TEST_NAMES.some((pattern) => pattern.test(file)))) || isNamedBySettings(file));

/** The lines that begin a test, from 1. */
export function testLines(file: string, text: string): Line[] {
  const language = languageOf(file);
  return language ? linesWith(text, language.test) : [];
}

export const countTests = (file: string, text: string): number => testLines(file, text).length;

/** `assert.equal(...)`, `expect(...)`, `t.Errorf(...)`, `x.should.equal(...)`: what a test asserts by, in any language. */
export const ASSERTION =
  /^\s*assert |\b(?:(?:assert|expect|should)\w*!? *[.(]|require\.[A-Z]|pytest\.(?:raises|warns|fail)|t\.(?:Error|Fatal|Fail|is|not|true|false|truthy|falsy|ok|equal|same|deepEqual|throws|regex|like|match|pass)|EXPECT_|ASSERT_|CHECK|XCTAssert|AssertionError\()/;
const THROWS = /\b(?:panic!|raise\b|throw\b)/;

/** Whether a line is one that a test can fail by. */
export const canFail = (line: string): boolean => ASSERTION.test(line.slice(0, 500)) || THROWS.test(line.slice(0, 500));

/** Code on a test path that holds no test: what tests are run by, or what they share. */
export function isTestHelper(file: string, text: string): boolean {
  const language = languageOf(file);
  if (!language || isNamedBySettings(file) || !isTestPath(file) || countTests(file, text) > 0) return false;
  return language.sharesName === true || TEST_SUPPORT.test(file) || !TEST_NAMES.some((pattern) => pattern.test(file));
}

/** The lines that keep tests from running or failing, and those that keep all others from running. */
export function linesThatSwitchOff(file: string, lines: readonly string[]): { off: Line[]; focus: Line[] } {
  const language = languageOf(file);
  const text = lines.join('\n');
  return { off: language ? linesWith(text, language.off) : [], focus: language?.focus ? linesWith(text, language.focus) : [] };
}

interface Line {
  readonly line: number;
  readonly text: string;
}

function linesWith(text: string, pattern: RegExp): Line[] {
  return text
    .split('\n')
    .flatMap((line, index) => (piecesOf(line).some((one) => pattern.test(one)) ? [{ line: index + 1, text: line }] : []));
}

const LONGEST_PIECE = 500;
const OVERLAP = 100;

/** A pattern would take too long for a line without an end; what it looks for is shorter. */
function piecesOf(line: string): string[] {
  if (line.length <= LONGEST_PIECE) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length - OVERLAP; at += LONGEST_PIECE - OVERLAP) {
    const piece = line.slice(at, at + LONGEST_PIECE);
    // Not from within a name on, which another may end with; and what has to begin a line begins none here.
    pieces.push(at === 0 ? piece : `;${piece.replace(/^[\w.$]+/, '')}`);
  }
  return pieces;
}
