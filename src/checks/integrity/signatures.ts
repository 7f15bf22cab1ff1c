/** What other code may call, and how: exported functions and classes of the base that are gone or take something else. */
import { extname } from 'node:path';
import { message, shortList } from '../../messages/message.ts';
import { isTestPath } from '../test-files.ts';
import { type ChangedText, linesOf, quote, withoutComments } from './changed-text.ts';
import { type Finding, note, type Rule } from './rule.ts';

interface Signature {
  readonly name: string;
  /** `(a, b)`, or '' of a class. */
  readonly parameters: string;
  readonly line: number;
}

/** How a public name begins; its first group is the name. What ends with `(` has parameters. */
const JS: readonly RegExp[] = [
  /^export\s+(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\s*(?:\*\s*)?([\w$]+)\s*(?:<[^()]*>)?\(/,
  /^export\s+const\s+([\w$]+)\s*(?::[^=]{1,200})?=\s*(?:async\s*)?(?:function\b\s*(?:\*\s*)?(?:[\w$]+\s*)?)?(?:<[^()]*>)?\(/,
  /^(?:module\.)?exports\.([\w$]+)\s*=\s*(?:async\s+)?(?:function\b\s*(?:\*\s*)?(?:[\w$]+\s*)?)?\(/,
  /^export\s+(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?class\s+([\w$]+)/,
];
const PUBLIC: Readonly<Record<string, readonly RegExp[]>> = {
  ...Object.fromEntries(['.js', '.mjs', '.cjs', '.jsx', '.ts', '.mts', '.cts', '.tsx'].map((ending) => [ending, JS])),
  '.py': [/^(?:async\s+)?def\s+([A-Za-z]\w*)\s*(?:\[[^\]]*\])?\(/, /^class\s+([A-Za-z]\w*)/],
  '.go': [/^func\s+(?:\(\s*(?:\w+\s*)?\*?[A-Z][\w[\], ]*\)\s*)?([A-Z]\w*)\s*(?:\[[^\]]*\])?\(/],
  '.rs': [
    /^\s*pub\s+(?:(?:async|const|unsafe|extern(?:\s+"[^"]*")?)\s+)*fn\s+(\w+)\s*(?:<[^()]*>)?\(/,
    /^\s*pub\s+(?:struct|trait|enum)\s+(\w+)/,
  ],
};
/** Code that nobody calls. */
const NOT_CALLED = /(^|\/)(examples?|docs?|demos?|benches|benchmarks?|scripts|_?site)\//;
const MOST_LINES = 20;

export const signatures: Rule = (files) => {
  const code = files.filter(
    ({ path, from, kind }) => PUBLIC[extname(from)] && !isTestPath(path) && !NOT_CALLED.test(path) && kind !== 'unread',
  );
  const sides = code.map((file) => ({ file, old: signaturesIn(file.from, file.before), now: signaturesIn(file.path, file.after) }));
  const anywhere = new Set(sides.flatMap(({ now }) => now.map(({ name }) => name)));
  return sides.flatMap(({ file, old, now }) => changes(file, old, now, anywhere));
};

function changes(file: ChangedText, old: readonly Signature[], now: readonly Signature[], anywhere: ReadonlySet<string>): Finding[] {
  const known = new Set(now.map(textOf));
  const lost = old.filter((one) => !known.has(textOf(one)));
  const before = new Set(old.map(textOf));
  const changed = new Map<string, Signature>();
  for (const one of now) if (!before.has(textOf(one)) && !changed.has(one.name)) changed.set(one.name, one);
  const gone = [...new Set(lost.filter(({ name }) => !anywhere.has(name)).map(({ name }) => name))];
  const found: Finding[] = gone.length > 0 ? [note(message('integrity.publicGone', { names: shortList(gone, 4) }), file.path)] : [];
  for (const one of lost) {
    const other = changed.get(one.name);
    if (!other) continue;
    const args = { before: quote(textOf(one), 70), after: quote(textOf(other), 70) };
    found.push(note(message('integrity.signature', args), file.path, other.line));
  }
  return found;
}

const textOf = ({ name, parameters }: Signature) => name + parameters;

function signaturesIn(path: string, text: string | null): Signature[] {
  const patterns = PUBLIC[extname(path)] ?? [];
  if (text === null || patterns.length === 0) return [];
  const lines = extname(path) === '.py' ? withoutComments(path, text) : linesOf(text);
  return lines.flatMap((line, at) => {
    if (!/^\s*(?:export|module|exports|async|def|class|func|pub)\b/.test(line)) return [];
    for (const pattern of patterns) {
      const found = pattern.exec(line);
      if (!found?.[1]) continue;
      const open = found[0].endsWith('(') ? found.index + found[0].length : -1;
      return [{ name: found[1], parameters: open < 0 ? '' : parametersFrom(lines, at, open), line: at + 1 }];
    }
    return [];
  });
}

/** Up to the bracket that closes, in one line. */
function parametersFrom(lines: readonly string[], at: number, open: number): string {
  const text = [lines[at]!.slice(open), ...lines.slice(at + 1, at + MOST_LINES)].join(' ');
  let depth = 1;
  let end = 0;
  while (end < text.length && depth > 0) {
    const sign = text[end++]!;
    depth += '([{'.includes(sign) ? 1 : ')]}'.includes(sign) ? -1 : 0;
  }
  const inside = text.slice(0, depth === 0 ? end - 1 : end);
  return `(${inside.trim().replace(/\s+/g, ' ').replace(/,$/, '')})`;
}
