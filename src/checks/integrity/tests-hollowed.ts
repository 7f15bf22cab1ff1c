/** Tests of the base whose assertions are all there and cannot fail any more: they run too late, or others by their names do nothing. */
import { message } from '../../messages/message.ts';
import { ASSERTION } from '../test-files.ts';
import { type ChangedText, linesOf, quote } from './changed-text.ts';
import { blocking, type Finding } from './rule.ts';

/** Nobody waits for what is called back. */
const LATER = /\b(?:setTimeout|setImmediate|setInterval|queueMicrotask|nextTick|Promise\.resolve\(\)\.then)\s*\((?=.*(?:=>|function\b))/;
const AWAITED = /\b(?:await|return|done|(?<!Promise\.)resolve|reject|plan|t\.end)\b/;

/** Where what asserts comes from on the base. */
const OF_PACKAGE =
  /\b(?:assert|expect|should|chai)\b.*(?:\bfrom\s*['"][^.'"]|\brequire\(\s*['"][^.'"])|\bunittest\.TestCase\b|\bimport\b.*\bTestCase\b/;
/** What makes them something else. */
const OWN: readonly RegExp[] = [
  /^\s*(?:export\s+)?(?:const|let|var)\s+(?:\{[^}=]*\b(?:assert|expect|should)\b[^}]*\}|assert|expect|should)\s*(?::[^=]+)?=(?!.*\b(?:require|import)\(\s*['"][^.'"])/,
  /^\s*(?:async\s+)?function\s+(?:assert|expect|should)\s*\(/,
  /^\s*import\b.*\b(?:assert|expect|should)\b.*\bfrom\s*['"]\./,
  /\bself\.assert[A-Z]\w*\s*=[^=]|^\s+def (?:assert(?:Equal|NotEqual|True|False|Is|IsNot|IsNone|In|NotIn|Raises|AlmostEqual|Greater|Less|Regex)|fail|failUnless)\(/,
];

export function hollowed(file: ChangedText): Finding[] {
  if (file.before === null) return [];
  const postponed = file.added.find(({ text }) => LATER.test(text) && ASSERTION.test(text) && !AWAITED.test(text));
  const isOfPackage = linesOf(file.before).some((line) => OF_PACKAGE.test(line));
  const own = isOfPackage ? file.added.find(({ text }) => OWN.some((form) => form.test(text))) : undefined;
  return [
    ...(postponed ? [blocking(message('integrity.postponed', { line: quote(postponed.text, 60) }), file.path, postponed.line)] : []),
    ...(own ? [blocking(message('integrity.ownAssertions', { line: quote(own.text, 60) }), file.path, own.line)] : []),
  ];
}
