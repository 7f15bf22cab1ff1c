/**
 * Whether a test takes in anything of the repository. One that takes in its runner and its language only tests what stands in it: a copy of the
 * product, or nothing. What is not understood may take in something.
 */
import { posix } from 'node:path';
import { languageOf, maskCode } from './mask-code.ts';

/** Runners, and modules by which no code is reached. */
const PLAIN_JS =
  /^(?:node:)?(?:test|assert(?:\/strict)?|util|buffer|events|timers(?:\/promises)?|perf_hooks|os|crypto|string_decoder)$|^(?:vitest|@jest\/globals|mocha|chai|expect|ava|tap|tape|uvu(?:\/assert)?|sinon|jasmine|bun:test|fast-check|@types\/.+)$/;
const PLAIN_PY =
  /^(?:unittest(?:\.mock)?|pytest|hypothesis|math|decimal|datetime|typing|re|json|random|string|collections|itertools|functools|dataclasses|enum|time|copy|operator|__future__)(?:\.\w+)*$/;
/** By which something is started, read or looked up. */
const REACHES =
  /\b(?:spawn|exec|execFile|fork|fetch|readFile|readFileSync|createRequire|import\.meta|process|globalThis|global|window|document|Deno|Bun|page|request|usefixtures|cy|eval|Function|open|subprocess|importlib|__import__|globals|sys|os|Path|fixture|requests)\b/;

/**
 * Only where this is certain.
 * @param beside files of tests that came new with it, by their paths: a copy of the product may stand in one of them
 */
export function takesInNothing(
  file: string,
  text: string,
  beside: ReadonlyMap<string, string> = new Map(),
  seen = new Set([file]),
): boolean {
  const language = languageOf(file);
  if (language !== 'js' && language !== 'py') return false;
  const code = maskCode(text, language, 'comments');
  const masked = maskCode(text, language);
  if (REACHES.test(masked) || usesArguments(text, language) || (language === 'js' && callsUnknown(masked))) return false;
  const taken = language === 'js' ? ofScript(code) : ofPython(code);
  return (taken ?? ['?']).every((name) => {
    if ((language === 'js' ? PLAIN_JS : PLAIN_PY).test(name)) return true;
    const other = besideOf(file, name, language, beside);
    if (other === null || seen.has(other)) return other !== null;
    return takesInNothing(other, beside.get(other)!, beside, seen.add(other));
  });
}

function besideOf(file: string, name: string, language: 'js' | 'py', beside: ReadonlyMap<string, string>): string | null {
  if (language === 'js' && !name.startsWith('.')) return null;
  const folder = posix.dirname(file);
  const places =
    language === 'js'
      ? ['', '.js', '.ts', '.mjs', '.cjs'].map((end) => posix.join(folder, name + end))
      : [folder, ''].map((root) => posix.join(root, `${name.replace(/^\./, '').replaceAll('.', '/')}.py`));
  return places.find((place) => beside.has(place)) ?? null;
}

function ofScript(code: string): string[] | null {
  const named = [...code.matchAll(/(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"]([^'"\n]{1,200})['"]/g)].map(([, name]) => name!);
  // One by another name, or a name that is computed.
  return /\brequire\b(?!\s*\(\s*['"])|\bimport\s*\(\s*[^'"\s]/.test(code) ? null : named;
}

function ofPython(code: string): string[] {
  const plain = [...code.matchAll(/^[\t ]*import +([\w., ]{1,200})/gm)].flatMap(([, list]) =>
    list!.split(',').map((one) => one.trim().split(' ')[0]!),
  );
  return [...plain, ...[...code.matchAll(/^[\t ]*from +([.\w]+) +import\b/gm)].map(([, name]) => name!)];
}

/** Of pytest itself. */
const PLAIN_FIXTURES = /^(?:self|cls|capsys|capfd|caplog|tmp_path|tmpdir|recwarn|subtests|benchmark|mocker)$/;

/** Fixtures of pytest, which may stand in another file; what a runner puts before all tests has no name here either. */
function usesArguments(text: string, language: 'js' | 'py'): boolean {
  if (language === 'js') return false;
  const given = new Set(
    [...text.matchAll(/parametrize\(\s*[([]?((?:\s*["'][\w, ]{1,200}["'],?)+)/g)].flatMap(([, list]) => list!.match(/\w+/g) ?? []),
  );
  const taken = [...text.matchAll(/^[\t ]*(?:async )?def test\w*\(([^)]{0,500})\)/gm)].flatMap(([, list]) => list!.split(','));
  const names = taken.map((one) => one.trim().split(/[\s:=*]/)[0] ?? '').filter((name) => name !== '');
  return names.some((name) => !PLAIN_FIXTURES.test(name) && !given.has(name));
}

/** What a script may call without taking it in, or is no call. */
const CALLED_ANYHOW =
  /^(?:if|for|while|switch|catch|function|return|typeof|await|async|void|delete|in|of|new|yield|super|import|require|constructor|get|set|static|test|it|describe|suite|specify|context|before|after|beforeEach|afterEach|beforeAll|afterAll|setup|teardown|suiteSetup|suiteTeardown|expect|expectTypeOf|assert|assertType|vi|jest|jasmine|sinon|chai|t|x?(?:it|test|describe)|f?(?:it|describe)|Array|ArrayBuffer|BigInt|Boolean|Buffer|console|Date|Error|\w+Error|Float(?:32|64)Array|Infinity|U?[iI]nt\d+\w*|Intl|isFinite|isNaN|JSON|Map|Math|NaN|Number|Object|parseFloat|parseInt|Promise|Proxy|queueMicrotask|Reflect|RegExp|Set|setImmediate|setInterval|setTimeout|clear(?:Immediate|Interval|Timeout)|String|structuredClone|Symbol|TextDecoder|TextEncoder|URL|URLSearchParams|WeakMap|WeakSet|undefined|null|true|false|this|module|exports|__dirname|__filename|encodeURI\w*|decodeURI\w*|atob|btoa|arguments)$/;

/** What a script calls that stands nowhere in it: a file for the set-up of tests, or a page, has put it into the global names. */
function callsUnknown(masked: string): boolean {
  const called = new Set([...masked.matchAll(/(?<![\w$#.])([A-Za-z_$][\w$]{0,100})(?=\(|\.\w)/g)].map(([, name]) => name!));
  const unknown = [...called].filter((name) => !CALLED_ANYHOW.test(name));
  if (unknown.length === 0) return false;
  const declared = new Set(
    [
      ...masked.matchAll(/\b(?:const|let|var|import|function\*?|class|catch)\b([^=;]{0,1000})/g),
      ...masked.matchAll(/\(([^()]{0,500})\)\s*(?:=>|\{|:)/g),
      ...masked.matchAll(/([\w$]{1,100})\s*=>/g),
      ...masked.matchAll(/([\w$]{1,100})\([^()]{0,500}\)\s*\{/g),
    ].flatMap(([, list]) => list!.match(/[\w$]+/g) ?? []),
  );
  return unknown.some((name) => !declared.has(name));
}
