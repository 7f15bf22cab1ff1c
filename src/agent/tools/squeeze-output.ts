/**
 * Leaves out of a command's output what tells nothing: lists of passed tests, large coverage tables, steps of a progress, repeats, rules of
 * dashes, runs of blank lines. Lines keep their numbers in the whole output, so that it can be said where the rest is.
 */
import { count } from '../../common/count-noun.ts';

export interface OutputLine {
  /** Its number in the whole output, from 1. */
  readonly at: number;
  readonly text: string;
}

export interface Squeezed {
  readonly lines: readonly OutputLine[];
  /** Whether something was left out that somebody may want to see. */
  readonly isShort: boolean;
}

/** Fewer are left as they are. */
const LEAST = { passed: 8, coverage: 16, repeats: 4, progress: 4 } as const;

type Pass = (lines: readonly OutputLine[]) => OutputLine[];

export function squeezeOutput(text: string): Squeezed {
  const given = text.split('\n').map((line, index) => ({ at: index + 1, text: line.trimEnd() }));
  const told = [withoutPassed, withoutCoverage, withoutProgress].reduce((lines, pass: Pass) => pass(lines), given as OutputLine[]);
  return {
    lines: [withoutRepeats, plainRules, withoutBlankRuns].reduce((lines, pass: Pass) => pass(lines), told),
    isShort: told.length < given.length,
  };
}

const PASSED =
  /^\s*(?:[✓✔√✅]|ok \d+\b(?!.*# (?:TODO|SKIP))|PASS\b|--- PASS:|(?:\S+ )?PASSED\b)|^test .+ \.\.\. ok$|^\S+ \(\S+\) \.\.\. ok$/;
/** What test tools print around each test. */
const AROUND = /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)\b|# Subtest: |---$|\.\.\.$|duration_ms: |type: '|\d+\.\.\d+$)/;

/** A list of tests that passed, with the names of the groups that they are in. */
function withoutPassed(lines: readonly OutputLine[]): OutputLine[] {
  const isListed = markListed(lines);
  return replaceRuns(
    lines,
    (_, index) => isListed[index]!,
    (run) => {
      const passed = run.filter(({ text }) => PASSED.test(text)).length;
      return passed < LEAST.passed ? null : `[${passed} lines of passed tests]`;
    },
  );
}

type Kind = 'test' | 'group' | 'blank' | null;

/** Looked at from the end, as a group's name is known by what follows it, further in. The groups of what else happened are not listed. */
function markListed(lines: readonly OutputLine[]): boolean[] {
  const kinds = new Array<Kind>(lines.length).fill(null);
  let next: { indent: number; kind: Kind } = { indent: 0, kind: null };
  for (let index = lines.length - 1; index >= 0; index--) {
    const { text } = lines[index]!;
    if (text === '') {
      kinds[index] = next.kind === null ? null : 'blank';
      continue;
    }
    const indent = indentOf(text);
    const isGroup = next.kind !== null && next.indent > indent && /^\s+\S|^▶/.test(text) && !/fail|error|warn|✖|✗|×/i.test(text);
    kinds[index] = PASSED.test(text) || AROUND.test(text) ? 'test' : isGroup ? 'group' : null;
    next = { indent, kind: kinds[index]! };
  }
  for (const [index, { text }] of lines.entries()) if (kinds[index] === null && text !== '') keepGroupsAround(lines, kinds, index);
  return kinds.map((kind) => kind !== null);
}

function keepGroupsAround(lines: readonly OutputLine[], kinds: Kind[], index: number): void {
  let indent = indentOf(lines[index]!.text);
  for (let before = index - 1; indent > 0 && before >= 0 && kinds[before] !== null; before--) {
    if (kinds[before] === 'blank' || indentOf(lines[before]!.text) >= indent) continue;
    if (kinds[before] === 'test') return;
    indent = indentOf(lines[before]!.text);
    kinds[before] = null;
  }
}

const indentOf = (text: string) => text.length - text.trimStart().length;

const COVERAGE_ROW = /^[^|]*\|(?:[^|]*\|){2,}[^|]*$/;
const COVERAGE_HEAD = /^(?:#\s*)?file\s*\|\s*(?:%|line)/i;
const COVERAGE_SUM = /^(?:#\s*)?all files\b/i;

/** Of a large table of coverage the head and the sum stay. */
function withoutCoverage(lines: readonly OutputLine[]): OutputLine[] {
  const isRow = ({ text }: OutputLine) => COVERAGE_ROW.test(text) && !COVERAGE_HEAD.test(text) && !COVERAGE_SUM.test(text);
  if (!lines.some(({ text }) => COVERAGE_HEAD.test(text))) return [...lines];
  return replaceRuns(lines, isRow, (run) =>
    run.length < LEAST.coverage ? null : `[coverage of ${count(run.length, 'file')} and folders]`,
  );
}

/** How pip counts its tries. */
const RETRY = /^\s*WARNING: Retrying \(Retry\(/;

/**
 * Lines that differ only in their numbers and bars, and tell a part of a hundred or a try of several: the last one stays. A part that
 * shrinks is no progress but a table.
 */
function withoutProgress(lines: readonly OutputLine[]): OutputLine[] {
  const kinds = lines.map(({ text }) => (/\d%/.test(text) || RETRY.test(text) ? text.replace(/[\d\s.,=#>█▓▒░|/\\-]+/g, ' ') : null));
  const done = lines.map(({ text }) => Number(/(?<![\d.])([\d.]{1,20})%/.exec(text)?.[1] ?? 0));
  const result: OutputLine[] = [];
  for (let index = 0; index < lines.length; ) {
    let end = index + 1;
    while (end < lines.length && kinds[end] !== null && kinds[end] === kinds[index]) end++;
    if (lines.slice(index + 1, end).some((_, at) => done[index + at + 1]! < done[index + at]!)) {
      result.push(...lines.slice(index, end));
      index = end;
      continue;
    }
    result.push(...lines.slice(end - index >= LEAST.progress ? end - 1 : index, end));
    index = end;
  }
  return result;
}

function withoutRepeats(lines: readonly OutputLine[]): OutputLine[] {
  const result: OutputLine[] = [];
  for (let index = 0; index < lines.length; ) {
    const line = lines[index]!;
    let end = index + 1;
    while (lines[end]?.text === line.text) end++;
    const isLong = line.text !== '' && end - index >= LEAST.repeats;
    if (isLong) result.push(line, { at: line.at + 1, text: `[this line ${end - index - 1} more times]` });
    else result.push(...lines.slice(index, end));
    index = end;
  }
  return result;
}

/** `=====` and the like, which only part, are as good when they are short. */
function plainRules(lines: readonly OutputLine[]): OutputLine[] {
  const short = (text: string) =>
    text.replace(/^(\s*)([-=_*#─━═])\2{9,}$/, '$1$2$2$2').replace(/^([-=_*#])\1{3,} (.+?) \1{4,}$/, '$1$1$1 $2 $1$1$1');
  return lines.map(({ at, text }) => ({ at, text: short(text) }));
}

function withoutBlankRuns(lines: readonly OutputLine[]): OutputLine[] {
  const last = lines.findLastIndex(({ text }) => text !== '');
  return lines.slice(0, last + 1).filter(({ text }, index, all) => text !== '' || (index > 0 && all[index - 1]!.text !== ''));
}

/** @param words what stands for a run; null = it stays */
function replaceRuns(
  lines: readonly OutputLine[],
  isIn: (line: OutputLine, index: number) => boolean,
  words: (run: readonly OutputLine[]) => string | null,
): OutputLine[] {
  const result: OutputLine[] = [];
  for (let index = 0; index < lines.length; ) {
    let end = index;
    while (end < lines.length && isIn(lines[end]!, end)) end++;
    const run = lines.slice(index, end);
    const said = run.length === 0 ? null : words(run);
    if (said !== null) result.push({ at: run[0]!.at, text: said });
    else result.push(...(run.length > 0 ? run : [lines[index]!]));
    index = Math.max(end, index + 1);
  }
  return result;
}
