/**
 * A test that expects something which nothing can be: where it passes all the same, what it asserts by is out of force, by whatever way. The value that a
 * line of it expects becomes one that nobody knows.
 */
import { canFail } from '../test-files.ts';

export interface OtherExpectation {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** `equal(net(5), 4)`, `net(5) == 4`, `toBe(4)`, `EXPECT_EQ`, `is(...)`: nothing that only asks for a kind, or for what must not be. */
const EQUALS = /equal|==|\beqv?\b|\beql\b|toBe\(|_eq\b|_EQ\b|[sS]ame\b|\bis\(/i;
const NOT_EQUAL = /!=|~=|\bnot?\b|\.not|[nN]ot(?:_|[A-Z])|\bne\b|_ne\b|_NE\b|refute|throw|raise|panic|[<>]=?\s*\d/;
const NUMBER = String.raw`(?<![\w.$'"-])\d{1,9}(?![\w.'"])`;
const TEXT = String.raw`"[\w .:-]{0,60}"|'[\w .:-]{2,60}'`;
/** The last argument, or what stands behind the last sign, with a message behind it at most. */
const AT_END = new RegExp(
  String.raw`(?:==|[,(]|\beq)\s*(${NUMBER}|${TEXT})(?=(?:\s*,\s*(?:"[^"]{0,200}"|'[^']{0,200}'))?[\s)\]};,]*(?:\bend\b.*)?$)`,
);
/** The first one of those that take it first. */
const AT_BEGIN = new RegExp(String.raw`(?:(?:[eE]quals?|[sS]ame|_EQ|_eq|_EQUAL\w*|\bis)!?\s*\(?\s*(?:t,\s*)?)(${NUMBER}|${TEXT})(?=\s*,)`);
/** Without brackets, in Ruby; TAP's, those of C and C#, also of a project's own making. */
const ASSERTS =
  /^\s*assert_\w+\s|^\s*(?:is|ok|cmp_ok|is_deeply)\b\s*\(|\b(?:Assert\.\w+|TEST_ASSERT\w*|ck_assert\w*|REQUIRE|CHECK|BOOST_\w+|check|[A-Z]+(?:_[A-Z]+){0,4}_(?:EQ|EQUALS?|SAME))\b\s*\(/;
const VALUE = `(${NUMBER}|${TEXT})`;
/** Forms of their own, each with the value that is expected. */
const OTHERS: readonly RegExp[] = [
  // Shells: `[ "$output" = 3 ]`, `[[ $output == "3" ]]`, `test "$n" -eq 3`
  new RegExp(String.raw`^\s*(?:\[{1,2}|test)\s[^!]*?\s(?:==?|-eq)\s+${VALUE}(?=\s*\]{0,2}\s*(?:(?:\|\||;|&&).*)?$)`),
  new RegExp(String.raw`^\s*assert_output\s+${VALUE}(?=\s*$)`),
  // `if got != 3 {`, `if (add(1, 2) != 3) return 1;`, `add(1, 2) == 3 or die`
  new RegExp(String.raw`\bif\b.*[^!=]!==?\s*${VALUE}(?=\s*\)?\s*(?:\{|throw\b|return\b|exit\b|abort\b|die\b|raise\b|then\b|:|$))`),
  new RegExp(String.raw`[^!=]===?\s*${VALUE}(?=\s*\)?\s*(?:\|\||or\b)\s*(?:die|exit|fail|abort|throw|raise)\b)`),
  // `add(1, 2) shouldBe 3`, `.Should().Be(3)`, `must_equal 3`
  new RegExp(String.raw`\b(?:shouldBe|shouldEqual|ShouldBe|must_equal|should eq|should ==|Should\(\)\.Be)\W{0,4}${VALUE}(?=[\s)};]*$)`),
  // `(is (= 3 (add 1 2)))`
  new RegExp(String.raw`\(is\s+\(=\s+${VALUE}(?=\s)`),
  // `assert 3 = Sum.add(1, 2)`, `@test add(1, 2) == 3`, `check add(1, 2) == 3`
  new RegExp(String.raw`^\s*assert\s+${VALUE}(?=\s*=[^=])`),
  new RegExp(String.raw`^\s*(?:@test|check)\s[^!]*==\s*${VALUE}(?=\s*$)`),
];
const LONGEST_LINE = 300;

function inForms(line: string): RegExpExecArray | null {
  for (const form of OTHERS) {
    const found = form.exec(line);
    if (found) return found;
  }
  return null;
}

function inAssertion(line: string): RegExpExecArray | null {
  if (!(canFail(line) || ASSERTS.test(line)) || !EQUALS.test(line) || NOT_EQUAL.test(line)) return null;
  return AT_BEGIN.exec(line) ?? AT_END.exec(line);
}

/** @param mark digits that stand nowhere else; the last line that can tell is taken, since a test may be put out of force as it runs */
export function otherExpectation(text: string, mark: string): OtherExpectation | null {
  const lines = text.split('\n');
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at]!;
    const found = line.length > LONGEST_LINE ? null : (inForms(line) ?? inAssertion(line));
    const value = found?.[1];
    if (!found || value === undefined) continue;
    const from = found.index + found[0].indexOf(value, found[0].length - value.length);
    const quote = /^["']/.exec(value)?.[0] ?? '';
    lines[at] = `${line.slice(0, from)}${quote}${mark}${quote}${line.slice(from + value.length)}`;
    return { line: at + 1, text: lines.join('\n') };
  }
  return null;
}
