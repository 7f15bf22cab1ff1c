/** Tests that are there, and do not run. */
import { extname } from 'node:path';
import { message } from '../../messages/message.ts';
import { ASSERTION, isTestPath, linesThatSwitchOff } from '../test-files.ts';
import { type ChangedText, type Line, quote, wholeWithoutComments } from './changed-text.ts';
import { replacedAssertions } from './replaced-assertions.ts';
import { blocking, type Rule } from './rule.ts';
import { ATTRIBUTE, indentOf, pairCases, type TestCase, testCases } from './test-cases.ts';
import { repeated } from './tests-repeated.ts';

export const testsOff: Rule = (files) =>
  files.flatMap((file) => {
    const laid = replacedAssertions(file);
    if (laid) return [blocking(message('integrity.testsOff', { line: quote(laid.text) }), file.path, laid.line)];
    if (!file.isTest || file.after === null) return [];
    const off = newlyOff(file) ?? deadCode(file);
    if (off) return [blocking(message('integrity.testsOff', { line: quote(off.text) }), file.path, off.line)];
    return file.before === null ? [] : repeated(file);
  });

/** The first line that switches tests off, where a file has more such lines than before. */
function newlyOff(file: ChangedText): Line | undefined {
  const after = wholeWithoutComments(file.path, file.after ?? '');
  const before = file.before === null ? null : wholeWithoutComments(file.from, file.before);
  const now = linesThatSwitchOff(file.path, after);
  const old = before === null ? { off: [], focus: [] } : linesThatSwitchOff(file.from, before);
  if (now.focus.length > old.focus.length) return fresh(now.focus, old.focus);
  // A new test that waits for its time takes nothing away.
  if (before === null || now.off.length <= old.off.length) return undefined;
  const { gone, fresh: added } = pairCases(testCases(file.from, file.before ?? ''), testCases(file.path, file.after ?? ''));
  const ofNew = gone.length === 0 ? linesOfCases(added, after) : new Set<number>();
  const built = new Set(old.off.map(({ text }) => constraintOf(text)));
  const off = now.off.filter(
    (one) => !ofNew.has(one.line) && concernsTests(file.path, one, after) && !built.has(constraintOf(one.text) ?? ''),
  );
  return off.length > old.off.filter((one) => concernsTests(file.from, one, before)).length ? fresh(off, old.off) : undefined;
}

/** What is behind it in a test does not run. */
const NEVER = /^\s*(?:if|while)\s*(?:\(\s*)?(?:false|False|0|!1)\s*(?:\)\s*)?(?:[{:&]|$)|^#if\s+0\b/;
const LEAVES = /^\s*return(?:\s+(?:undefined|None|nil))?\s*(?:;\s*)?$/;

/** A condition that is never met, or a way out in front of what a test of the base asserts. */
function deadCode(file: ChangedText): Line | undefined {
  if (file.before === null) return undefined;
  const never = file.added.find(({ text }) => NEVER.test(text));
  if (never) return never;
  const added = new Set(file.added.filter(({ text }) => LEAVES.test(text)).map(({ line }) => line));
  if (added.size === 0) return undefined;
  for (const { line, lines } of testCases(file.path, file.after ?? '')) {
    const depth = indentOf(lines.find((text, at) => at > 0 && text.trim() !== '' && !ATTRIBUTE.test(text)) ?? '');
    const left = lines.findIndex((text, at) => added.has(line + at) && indentOf(text) === depth);
    if (left > 0 && lines.slice(left).some((text) => ASSERTION.test(text))) return { line: line + left, text: lines[left]! };
  }
  return undefined;
}

/** Go's constraints of a build are written in two ways, which mean the same. */
const constraintOf = (text: string): string | undefined => /^\/\/\s*(?:go:build|\+build)\s+(.*)/.exec(text)?.[1];

function fresh(now: readonly Line[], old: readonly Line[]): Line | undefined {
  const known = new Set(old.map(({ text }) => text.trim()));
  return now.find(({ text }) => !known.has(text.trim())) ?? now[0];
}

/** Attributes belong to what follows them; no sane test has more. */
const MOST_ATTRIBUTES = 20;

/** Those of the tests and the attributes above them, without the attributes of what comes next. */
function linesOfCases(cases: readonly TestCase[], lines: readonly string[]): Set<number> {
  const found = new Set<number>();
  const isAttribute = (line: number) => ATTRIBUTE.test(lines[line - 1] ?? '');
  for (const { line, lines: own } of cases) {
    let [first, end] = [line, line + own.length];
    for (let n = 0; n < MOST_ATTRIBUTES && isAttribute(first - 1); n++) first--;
    while (end > line + 1 && (isAttribute(end - 1) || lines[end - 2]?.trim() === '')) end--;
    for (let at = first; at < end; at++) found.add(at);
  }
  return found;
}

/** In Rust everything can depend on the way it is built: what helpers do is nobody's concern. */
function concernsTests(path: string, { line, text }: Line, lines: readonly string[]): boolean {
  if (extname(path) !== '.rs' || !/#\[cfg/.test(text)) return isTestPath(path) || /#\[ignore/.test(text);
  let [first, end] = [line - 1, line];
  while (line - first < MOST_ATTRIBUTES && ATTRIBUTE.test(lines[first - 1] ?? '')) first--;
  while (end - line < MOST_ATTRIBUTES && ATTRIBUTE.test(lines[end] ?? '')) end++;
  return /^\s*(?:pub )?mod\b/.test(lines[end] ?? '') || lines.slice(first, end).some((one) => /#\[(?:\w+::)*(?:test|rstest)\b/.test(one));
}
