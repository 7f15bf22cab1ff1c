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
const AT_BEGIN = new RegExp(String.raw`(?:(?:[eE]quals?|[sS]ame|_EQ|\bis)!?\s*\(?\s*)(${NUMBER}|${TEXT})(?=\s*,)`);
/** Without brackets, in Ruby. */
const ASSERTS = /^\s*assert_\w+\s/;
const LONGEST_LINE = 300;

/** @param mark digits that stand nowhere else; the last line that can tell is taken, since a test may be put out of force as it runs */
export function otherExpectation(text: string, mark: string): OtherExpectation | null {
  const lines = text.split('\n');
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at]!;
    if (line.length > LONGEST_LINE || !(canFail(line) || ASSERTS.test(line)) || !EQUALS.test(line) || NOT_EQUAL.test(line)) continue;
    const found = AT_BEGIN.exec(line) ?? AT_END.exec(line);
    const value = found?.[1];
    if (!found || value === undefined) continue;
    const from = found.index + found[0].indexOf(value, found[0].length - value.length);
    const quote = /^["']/.exec(value)?.[0] ?? '';
    lines[at] = `${line.slice(0, from)}${quote}${mark}${quote}${line.slice(from + value.length)}`;
    return { line: at + 1, text: lines.join('\n') };
  }
  return null;
}
