/** Tests of the base whose assertions are all there and cannot fail any more: they run too late, or others by their names do nothing. */
import { message } from '../../messages/message.ts';
import { ASSERTION } from '../test-files.ts';
import { type ChangedText, linesOf, onOneBlank, quote } from './changed-text.ts';
import { blocking, type Finding } from './rule.ts';

/** Nobody waits for what is called back. */
const LATER = /\b(?:setTimeout|setImmediate|setInterval|queueMicrotask|nextTick|Promise\.resolve\(\)\.then)\s*\((?=.*(?:=>|function\b))/;
const AWAITED = /\b(?:await|return|done|(?<!Promise\.)resolve|reject|plan|t\.end)\b/;

/** Where what asserts comes from on the base. */
const OF_PACKAGE =
  /\b(?:assert|expect|should|chai)\b.*(?:\bfrom\s*['"][^.'"]|\brequire\(\s*['"][^.'"])|\bunittest\.TestCase\b|\bimport\b.*\bTestCase\b/;
/** What makes them something else. */
const OWN: readonly RegExp[] = [
  /^\s*(?:async\s+)?function\s+(?:assert|expect|should)\s*\(/,
  /^\s*import\b.*\b(?:assert|expect|should)\b.*\bfrom\s*['"]\./,
  /\bself\.assert[A-Z]\w*\s*=[^=]|^\s+def (?:assert(?:Equal|NotEqual|True|False|Is|IsNot|IsNone|In|NotIn|Raises|AlmostEqual|Greater|Less|Regex)|fail|failUnless)\(/,
];
/** What is named, and out of what. */
const NAMED =
  /^\s*(?:export\s+)?(?:const|let|var)\s+(\{[^}=]*\b(?:assert|expect|should)\b[^}]*\}|assert|expect|should)\s*(?::[^=]+)?=(.*)$/;
const ASSERTS = /^(?:assert|expect|should|strict|default)$/;

export function hollowed(file: ChangedText): Finding[] {
  if (file.before === null) return [];
  const postponed = file.added.find(({ text }) => LATER.test(text) && ASSERTION.test(text) && !AWAITED.test(text));
  const isOfPackage = linesOf(file.before).some((line) => OF_PACKAGE.test(line));
  const packages = namesOfPackages(file.after ?? '');
  const own = isOfPackage ? file.added.find(({ text }) => isOwn(text, packages)) : undefined;
  return [
    ...(postponed ? [blocking(message('integrity.postponed', { line: quote(postponed.text, 60) }), file.path, postponed.line)] : []),
    ...(own ? [blocking(message('integrity.ownAssertions', { line: quote(own.text, 60) }), file.path, own.line)] : []),
  ];
}

function isOwn(line: string, packages: ReadonlySet<string>): boolean {
  const [, named = '', value] = NAMED.exec(line) ?? [];
  return value === undefined ? OWN.some((form) => form.test(line)) : !isPartOfPackage(named, value, packages);
}

/** `const expect = chai.use(http).expect`, `const { strict: assert } = nodeAssert` */
function isPartOfPackage(named: string, value: string, packages: ReadonlySet<string>): boolean {
  if (/\b(?:require|import)\(\s*['"][^.'"]/.test(value)) return true;
  const part = value
    .replace(/(?<!\s)\s+(?:as\s|\/\/).*$|\.(?:extend|configure)\(.*$/, '')
    .trimEnd()
    .replace(/;$/, '')
    .trimEnd()
    .replace(/\(\)$/, '');
  const [, from = ''] = /^\s*(\w+)(?:\.\w+|\([\w\s.,]*\))*$/.exec(part) ?? [];
  if (!packages.has(from)) return false;
  if (named.startsWith('{'))
    return [...named.matchAll(/(?:\b(\w+)\s*:\s*)?\b(assert|expect|should)\b/g)].every(([, of, name = '']) => ASSERTS.test(of ?? name));
  return part.trim() === from ? /assert|expect|should/i.test(from) : ASSERTS.test(/\.(\w+)$/.exec(part)?.[1] ?? '');
}

const TAKEN_IN: readonly RegExp[] = [
  /\bimport\s+(?=\S)([^'";]{1,1000}?)(?<!\s)\s*(?:\bfrom\s*|=\s*require\(\s*)['"][^.'"]/g,
  /\b(?:const|let|var)\s+(?=\S)([^=;]{1,300}?)(?<!\s)\s*=\s*\(?(?:await\s+)?(?:require|import)\(\s*['"][^.'"]/g,
];
/** `const kit = chai.use(http)` */
const MADE_OF = /\b(?:const|let|var)\s+(\w+)\s*=\s*(\w+)\.use\(/g;

/** The names by which a file has what it takes in of packages. */
function namesOfPackages(whole: string): Set<string> {
  const text = onOneBlank(whole);
  const lists = TAKEN_IN.flatMap((form) => [...text.matchAll(form)].map(([, list = '']) => list));
  const names = new Set(lists.flatMap((list) => list.match(/\b\w+(?=\s*(?:[,}]|$))/g) ?? []));
  for (const [, name = '', of = ''] of text.matchAll(MADE_OF)) if (names.has(of)) names.add(name);
  return names;
}
