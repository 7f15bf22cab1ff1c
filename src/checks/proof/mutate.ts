/**
 * Small faults, each in one line of a source: tests that run the line should notice. Lines are read by their form, so only such are changed
 * that are a whole statement, or the body of an arrow function.
 */
import { testModuleLines } from '../definition/inline-tests.ts';
import { type CodeLanguage, languageOf, maskCode } from './mask-code.ts';

export interface Mutant {
  /** From 1. */
  readonly line: number;
  /** What was changed, as it stands in the line, and into what. */
  readonly from: string;
  readonly to: string;
  /** What stands there instead: the line with the fault, or one that fails when it is run. No whole file, as there are thousands of these. */
  readonly fault: string;
  readonly probe: string;
  /** The same line with something before it that does nothing: who notices that looks at how the code is written. null = not here. */
  readonly same: string | null;
  /** The function that it stands in; '' = none is known. */
  readonly within: string;
  /** Of a text, which good tests often leave alone: worth a try only where there is nothing else. */
  readonly weak?: true;
}

const LONGEST_LINE = 200;
const LARGEST_FILE = 256 * 1024;

type Swap = readonly [from: string, to: string];
/** Between blanks, as formatted code has them: elsewhere `<` may open a type or a tag. */
const COMPARISONS: readonly Swap[] = [
  ['>=', '>'],
  ['<=', '<'],
  ['>', '>='],
  ['<', '<='],
  ['===', '!=='],
  ['!==', '==='],
  ['==', '!='],
  ['!=', '=='],
];
const ARITHMETIC: readonly Swap[] = [
  ['+', '-'],
  ['-', '+'],
  ['*', '/'],
  ['/', '*'],
  ['%', '*'],
  ['+=', '-='],
  ['-=', '+='],
];
const SWAPS: Readonly<Record<CodeLanguage, readonly Swap[]>> = {
  js: [...COMPARISONS, ['&&', '||'], ['||', '&&'], ...ARITHMETIC],
  go: [...COMPARISONS, ['&&', '||'], ['||', '&&'], ...ARITHMETIC],
  rs: [...COMPARISONS, ['&&', '||'], ['||', '&&'], ...ARITHMETIC],
  php: [...COMPARISONS, ['&&', '||'], ['||', '&&'], ...ARITHMETIC],
  rb: [...COMPARISONS, ['&&', '||'], ['||', '&&'], ['and', 'or'], ['or', 'and'], ...ARITHMETIC],
  py: [...COMPARISONS, ['and', 'or'], ['or', 'and'], ['not in', 'in'], ['is not', 'is'], ...ARITHMETIC, ['//', '*']],
};
const truths = (language: CodeLanguage) => (language === 'py' ? ['True', 'False'] : ['true', 'false']);
/** What a call may return in place of anything; null = the types of the language do not allow it. */
const NOTHING: Readonly<Record<CodeLanguage, string | null>> = { js: 'undefined', py: 'None', go: null, rs: null, php: 'null', rb: 'nil' };

/** What begins a statement that may be changed. */
const STATEMENT: Readonly<Record<CodeLanguage, RegExp>> = {
  js: /^\s*(?:return\b|if \(|while \(|for \(|(?:export )?(?:const|let|var) |throw |(?:await )?[\w$.[\]]+(?:\(| [-+*/]?= ))/,
  py: /^\s*(?:return\b|if |while |for |[\w.[\]'"]+ [-+*/]?= |[\w.]+\()/,
  go: /^\s*(?:return\b|if |for |var |[\w.[\], ]+ (?::|[-+*/])?= |[\w.]+\()/,
  rs: /^\s*(?:return\b|if |while |for |let |[\w.[\]*]+(?:\(| [-+*/%]?= ))/,
  php: /^\s*(?:return\b|if \(|while \(|for \(|throw |\$[\w$>[\]'"-]+(?:\(| [-+*/.]?= )|[\w\\:]+\()/,
  rb: /^\s*(?:return\b|if |unless |while |[\w.@[\]]+(?:\(| [-+*/]?= ))/,
};
/** The last line of a function without a `return`: its value, in languages that take it so. */
const LAST: Readonly<Partial<Record<CodeLanguage, { readonly line: RegExp; readonly next: RegExp }>>> = {
  rs: { line: /^\s*(?!let |return\b|use |else\b)[\w(*&!][^;]*[^;{,]$/, next: /^\s*\}/ },
  rb: { line: /^\s*(?!def |class |module |else\b|when |rescue\b|ensure\b|end\b)[\w(@!'"[].*[^,{|]$/, next: /^\s*(?:end\b|else\b|\})/ },
};
/** Declarations, and what is run only where the file is the program. */
const NEVER: Readonly<Record<CodeLanguage, RegExp>> = {
  js: /^\s*(?:import\b|export (?:type|interface|\*|\{)|type |interface |declare |@|super\()|\brequire\(|\bconsole\.\w+\(|\b(?:log|logger)\.\w+\(/,
  py: /^\s*(?:import |from |@|super\()|__name__|\blambda\b|\bprint\(|\b(?:log|logger|logging|warnings)\.\w+\(/,
  go: /^\s*(?:import |type |package )|\b(?:log|fmt)\.(?:Print|Fatal)/,
  rs: /^\s*(?:#|use |mod |pub (?:use|mod|struct|enum|type|trait) |type |struct |enum |trait |impl\b)|\b(?:print|println|eprint|eprintln|dbg)!|\b(?:log|tracing)::|\bdebug_assert/,
  php: /^\s*(?:use |namespace |interface |require|include|echo |print )|\berror_log\(|\btrigger_error\(/,
  rb: /^\s*(?:require|include |extend |attr_|module |class |def |puts |print |p |private|public|protected|warn )/,
};

const FUNCTION: Readonly<Record<CodeLanguage, RegExp>> = {
  js: /^\s*(?:export )?(?:default )?(?:async )?(?:static )?(?:function\*? *([\w$]+)|(?:const|let) ([\w$]+)[^=]*= (?:async )?(?:\([^)]*\)|[\w$]+)[^=]*=>|(?!if|for|while|switch|catch|return)([\w$]+)\([^)]*\)[^;]*\{$)/,
  py: /^\s*(?:async )?def (\w+)/,
  go: /^func (?:\([^)]*\) )?(\w+)/,
  rs: /^\s*(?:pub(?:\([^)]*\))? )?(?:const )?(?:async )?(?:unsafe )?fn (\w+)/,
  php: /^\s*(?:(?:public|protected|private|static|final|abstract) )*function &?(\w+)/,
  rb: /^\s*def (?:self\.)?(\w+[?!]?)/,
};

/** @returns at most one of each kind a line, in the order of the lines */
export function mutantsOf(file: string, text: string): Mutant[] {
  const language = languageOf(file);
  if (!language || text.length > LARGEST_FILE) return [];
  const lines = text.split('\n');
  const masked = maskCode(text, language).split('\n');
  const found: Mutant[] = [];
  const depth = openings(masked);
  const tests = testModuleLines(file, text);
  let within = '';
  for (const [index, code] of masked.entries()) {
    const named = FUNCTION[language].exec(code);
    if (named) within = named.slice(1).find(Boolean) ?? within;
    const line = lines[index]!;
    if (line.length > LONGEST_LINE || tests.has(index + 1) || NEVER[language].test(code)) continue;
    const isForm = STATEMENT[language].test(code) || isLast(masked, index, language);
    const isStatement = isForm && startsHere(masked, index, depth[index] ?? '', language);
    for (const edit of editsOf(code, line, language)) {
      const body = language === 'js' ? arrowBefore(code, edit.at) : -1;
      if (body < 0 && !isStatement) continue;
      found.push({
        line: index + 1,
        ...wordsOf(line, edit),
        fault: line.slice(0, edit.at) + edit.to + line.slice(edit.at + edit.from.length),
        probe: probeOf(line, body, language),
        same: sameAs(line, code, body, language),
        within,
        ...(edit.weak && { weak: edit.weak }),
      });
    }
  }
  return found;
}

/** The file with another line in the place of that of a mutant. */
export function withLine(text: string, { line }: Mutant, instead: string): string {
  const lines = text.split('\n');
  lines[line - 1] = instead;
  return lines.join('\n');
}

interface Edit {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly weak?: true;
}

function editsOf(code: string, line: string, language: CodeLanguage): Edit[] {
  const found = [
    ...swapped(code, language),
    ...negated(code, language),
    ...returned(code, line, language),
    ...removed(code, line, language),
  ];
  return found.length > 0 ? found : [...arrowBody(code, line, language), ...reworded(code, line)].slice(0, 1);
}

function swapped(code: string, language: CodeLanguage): Edit[] {
  const isText = /["'`]/.test(code); // a sum with a string in it is no sum
  for (const [from, to] of SWAPS[language]) {
    if (isText && (from === '+' || from === '+=' || from === '%')) continue;
    const at = code.indexOf(` ${from} `);
    if (at > 0 && code.slice(0, at).trim() !== '') return [{ at: at + 1, from, to }];
  }
  return [];
}

function negated(code: string, language: CodeLanguage): Edit[] {
  const form = {
    js: /^(\s*if \()([\w$.!() ]+)(\) (?:\{|return|throw|continue|break).*)$/,
    py: /^(\s*if )([\w.() ]+)(:\s*)$/,
    go: /^(\s*if )([\w.!() ]+)( \{)$/,
    rs: /^(\s*if )(?!let )([\w.!() ]+)( \{)$/,
    php: /^(\s*if \()([\w$!() >-]+)(\) \{?)$/,
    rb: /^(\s*(?:if|unless) )([\w.!()?@ ]+)()$/,
  }[language];
  const [, before, condition] = form.exec(code) ?? [];
  if (before === undefined || condition === undefined || !isBalanced(condition)) return [];
  const not = language === 'py' ? `not (${condition})` : `!(${condition})`;
  return [{ at: before.length, from: condition, to: not }];
}

function returned(code: string, line: string, language: CodeLanguage): Edit[] {
  const [, before, value, end = ''] = /^(\s*return )(\S.*?)(;?\s*)$/.exec(code) ?? [];
  if (before === undefined || value === undefined || !isBalanced(value)) return [];
  const from = line.slice(before.length, line.length - end.length);
  const [yes = '', no = ''] = truths(language);
  if (value === yes || value === no) return [{ at: before.length, from, to: value === yes ? no : yes }];
  if (/^\d+$/.test(value)) return [{ at: before.length, from, to: String(Number(value) + 1) }];
  // That a call may be followed by another one is no matter of tests.
  const nothing = NOTHING[language];
  if (nothing === null || ['null', 'undefined', 'None', 'nil', 'this', 'self', '$this'].includes(value)) return [];
  return [{ at: before.length, from, to: nothing }];
}

/** The body of an arrow function that is one line, and no sum or comparison. */
function arrowBody(code: string, line: string, language: CodeLanguage): Edit[] {
  const [, before, body, end = ''] = language === 'js' ? (/^(.*=> )([^{\s(].*?)([;,]?\s*)$/.exec(code) ?? []) : [];
  if (before === undefined || body === undefined || !isBalanced(before) || !isBalanced(body) || /=>|<|^(?:null|undefined)$/.test(body))
    return [];
  const to = body === 'true' ? 'false' : body === 'false' ? 'true' : 'undefined';
  return [{ at: before.length, from: line.slice(before.length, line.length - end.length), to }];
}

/** A string, where a value is made of it. */
function reworded(code: string, line: string): Edit[] {
  const [, before = '', quote = '', blank = ''] = /^(\s*(?:return |.*(?: [-+:]?= |=> )).*?)(["'`])(\s+)\2/.exec(code) ?? [];
  if (blank === '') return [];
  const from = line.slice(before.length, before.length + blank.length + 2);
  return [{ at: before.length, from, to: `${from.slice(0, -1)}~${quote}`, weak: true }];
}

/** A call whose value nobody uses. */
function removed(code: string, line: string, language: CodeLanguage): Edit[] {
  const [, before, call] = /^(\s*)((?:await )?(?!(?:if|for|while|switch|return|function|catch)\b)[\w$.]+\(.*\));?\s*$/.exec(code) ?? [];
  if (before === undefined || call === undefined || !isBalanced(call) || /=>|\) \{/.test(call)) return [];
  if (language === 'rs' && !code.trimEnd().endsWith(';')) return []; // it is a value
  const from = line.slice(before.length, before.length + call.length);
  return [{ at: before.length, from, to: { py: 'pass', rb: 'nil', js: '', go: '', rs: '', php: '' }[language] }];
}

function isBalanced(code: string): boolean {
  let depth = 0;
  for (const one of code) {
    if ('([{'.includes(one)) depth++;
    if (')]}'.includes(one) && --depth < 0) return false;
  }
  return depth === 0;
}

/** For each line the bracket that it stands in; '' = none. */
function openings(lines: readonly string[]): string[] {
  const open: string[] = [];
  return lines.map((line) => {
    const around = open.at(-1) ?? '';
    for (const one of line) {
      if ('([{'.includes(one)) open.push(one);
      if (')]}'.includes(one)) open.pop();
    }
    return around;
  });
}

function isLast(lines: readonly string[], index: number, language: CodeLanguage): boolean {
  const form = LAST[language];
  if (!form?.line.test(lines[index] ?? '')) return false;
  let at = index + 1;
  while (at < lines.length && lines[at]!.trim() === '') at++;
  return form.next.test(lines[at] ?? '');
}

/** Whether the line before it has ended its own statement, and it stands where statements do. */
function startsHere(lines: readonly string[], index: number, around: string, language: CodeLanguage): boolean {
  if (around !== '' && (language === 'py' || around !== '{')) return false;
  let at = index - 1;
  while (at >= 0 && lines[at]!.trim() === '') at--;
  const before = lines[at]?.trim() ?? '';
  if (language === 'py') return !before.endsWith('\\');
  if (language === 'go') return true;
  if (language === 'rb') return !/[\\,.+*/&|=(-]$/.test(before) && !/^\./.test(lines[index]!.trim());
  return before === '' || (/[{};)\]\w'"`]$/.test(before) && !/^(?:\} )?else$|^(?:\} else )?(?:if|for|while) \(.*\)$/.test(before));
}

/** Where the body of the last arrow function before the place begins, if it is an expression; -1 = there is none. */
function arrowBefore(code: string, at: number): number {
  const arrow = code.lastIndexOf('=> ', at);
  return arrow < 0 || /^=> *\{/.test(code.slice(arrow)) ? -1 : arrow + 3;
}

const MARK = 'mutation probe';

function probeOf(line: string, body: number, language: CodeLanguage): string {
  if (body >= 0) return `${line.slice(0, body)}(() => { throw new Error('${MARK}'); })() + ${line.slice(body)}`;
  const indent = /^\s*/.exec(line)![0];
  if (language === 'py') return `${indent}raise RuntimeError('${MARK}')\n${line}`;
  if (language === 'rb') return `${indent}raise '${MARK}'\n${line}`;
  const fail = {
    js: `throw new Error('${MARK}')`,
    go: `panic("${MARK}")`,
    rs: `panic!("${MARK}")`,
    php: `throw new \\RuntimeException('${MARK}')`,
  };
  return `${indent}${fail[language]}; ${line.trimStart()}`;
}

function sameAs(line: string, code: string, body: number, language: CodeLanguage): string | null {
  if (body >= 0) {
    const [, all = '', end = ''] = /^(.*?)([;,]?\s*)$/.exec(code.slice(body)) ?? [];
    const isWhole = isBalanced(code.slice(0, body)) && isBalanced(all) && !/,|\b(?:await|yield)\b/.test(all);
    const from = line.length - end.length;
    return isWhole && all !== '' ? `${line.slice(0, body)}(() => ${line.slice(body, from)})()${line.slice(from)}` : null;
  }
  const indent = /^\s*/.exec(line)![0];
  const nothing = { js: 'void 0', py: '(lambda: None)()', go: '_ = 0', rs: 'let _ = 0', php: '(function () {})()', rb: '(->() {}).call' }[
    language
  ];
  return language === 'py' ? `${indent}${nothing}\n${line}` : `${indent}${nothing}; ${line.trimStart()}`;
}

const MOST_SHOWN = 40;

/** An operator alone says little: its neighbours are shown with it. */
function wordsOf(line: string, { at, from, to }: Edit): { from: string; to: string } {
  const isOperator = /^[^\w]+$|^(?:and|or|not in|is not)$/.test(from);
  const left = isOperator ? (/[\w$.\])'"]{1,24} $/.exec(line.slice(0, at))?.[0] ?? '') : '';
  const right = isOperator ? (/^ [\w$.([!'"]{1,24}/.exec(line.slice(at + from.length))?.[0] ?? '') : '';
  const cut = (text: string) => (text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 3)}...` : text);
  return { from: cut(`${left}${from}${right}`), to: to === '' ? 'nothing' : cut(`${left}${to}${right}`) };
}
