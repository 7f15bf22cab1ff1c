/** Tests that are run again until they pass. */
import { message } from '../../messages/message.ts';
import { languageOf, maskCode } from '../proof/mask-code.ts';
import { type ChangedText, type Line, quote } from './changed-text.ts';
import { blocking, type Finding, note } from './rule.ts';

const REPEATED =
  /\b(?:jest\.retryTimes|this\.retries)\(\s*[1-9]|@pytest\.mark\.flaky\b|\breruns\s*=\s*[1-9]|@(?:Flaky|RetryingTest|RepeatedIfExceptionsTest)\b|\[Retry\(/;

/** Clients have an option of this name, too: it is one of a test in what a test is called with, or what says how tests run. */
const RETRIES = /\bretr(?:y|ies)\s*:\s*[1-9]/;
const TESTS = 'test|it|describe|suite|context|specify';
const RUNNERS = 'vi|vitest|jest|mocha|Mocha|jasmine|QUnit|Cypress';
/** `import { test as base }`, `const own = test.extend(...)` */
const ALSO = new RegExp(`\\b(?:${TESTS})\\s+as\\s+(\\w+)|\\b(\\w+)\\s*=\\s*(?:${TESTS})(?:\\.\\w+)*(?=[(<;\\n])`, 'g');
/** For brackets that do not tell it: options behind what a test does. */
const BEHIND = /^\s*\}\s*,\s*\{[^(){}]*$|\)\s*,\s*\{[^(){}]*$/;

export function repeated(file: ChangedText): Finding[] {
  const sure = file.added.find(({ text }) => REPEATED.test(text));
  const perhaps = file.added.filter(({ text }) => RETRIES.test(text));
  const found = sure ?? (perhaps.length > 0 ? ofTests(perhaps, file) : undefined);
  if (found) return [blocking(message('integrity.repeated', { line: quote(found.text) }), file.path, found.line)];
  const [first] = perhaps;
  return first ? [note(message('integrity.perhapsRepeated', { line: quote(first.text) }), file.path, first.line)] : [];
}

/** The first line whose option is one of a test. */
function ofTests(lines: readonly Line[], { path, after }: ChangedText): Line | undefined {
  const language = languageOf(path);
  const code = language === null ? (after ?? '') : maskCode(after ?? '', language);
  const names = [TESTS, ...[...code.matchAll(ALSO)].map(([, imported, made]) => imported ?? made)].join('|');
  const runsTests = new RegExp(
    `(?<![\\w.$])(?:t\\.)?(?:${names})(?:\\.\\w+)*$|(?<![\\w.$])(?:${RUNNERS})\\.(?:configure|setConfig|setup)$|\\.describe\\.configure$`,
  );
  const calls = callsAround(code);
  const isOfTest = ({ line, text }: Line) => {
    const called = calls.get(line) ?? [undefined];
    return called.some((one) => (one === undefined ? BEHIND.test(text.slice(0, RETRIES.exec(text)?.index)) : runsTests.test(one)));
  };
  return lines.find(isOfTest);
}

/**
 * What is called with the objects that such options stand in, by lines from 1; '' = nothing is, undefined = the brackets do not tell. In one pass,
 * however many there are.
 */
function callsAround(code: string): Map<number, (string | undefined)[]> {
  const places = new Set([...code.matchAll(new RegExp(RETRIES, 'g'))].map(({ index }) => index));
  const found = new Map<number, (string | undefined)[]>();
  const open: number[] = [];
  /** Where the bracket was opened that closes at a place. */
  const opened = new Map<number, number>();
  let line = 1;
  for (let at = 0; at < code.length; at++) {
    const one = code[at]!;
    if (one === '\n') line++;
    else if ('([{'.includes(one)) open.push(at);
    else if (')]}'.includes(one)) opened.set(at, open.pop() ?? 0);
    if (places.has(at)) found.set(line, [...(found.get(line) ?? []), calledWith(code, open, opened)]);
  }
  return found;
}

const MOST_BLANKS = 200;
const MOST_NAME = 200;

function calledWith(code: string, open: readonly number[], opened: ReadonlyMap<number, number>): string | undefined {
  const [call, object] = [open.at(-2), open.at(-1)];
  if (object === undefined) return undefined;
  if (code[object] !== '{' || !/[(,]\s*$/.test(code.slice(Math.max(0, object - MOST_BLANKS), object))) return '';
  if (call === undefined) return undefined;
  return code[call] === '(' ? nameBefore(code, call, opened) : '';
}

/** `test.each([1, 2])` -> `test.each` */
function nameBefore(code: string, end: number, opened: ReadonlyMap<number, number>): string {
  const before = code.slice(Math.max(0, end - MOST_NAME), end).trimEnd();
  const name = before.replace(/<[^()]*>$|`[^`]*`$/, '');
  return name.endsWith(')') ? nameBefore(code, opened.get(code.lastIndexOf(')', end)) ?? 0, opened) : name;
}
