/** The output of a command as the model gets it: without what tells nothing, bounded, and with the way to the whole. */
import { cutText, wholeLines } from '../../common/cut-text.ts';
import { lastChars } from '../../sandbox/clean-output.ts';
import { onlyLooks } from '../../sandbox/looking-commands.ts';
import { simpleCommands } from '../../sandbox/parse-shell.ts';
import type { CommandResult } from '../../sandbox/types.ts';
import { type OutputLine, squeezeOutput } from './squeeze-output.ts';
import { linesThatFit, showSize } from './text-limits.ts';

/** Bytes of the beginning and the end that are shown of a long output. Errors and counts stand at the end, mostly. */
const MOST_HEAD = 4 * 1024;
const MOST_TAIL = 8 * 1024;
/** Whose output is shown in one piece up to so much: what somebody asked to look at. */
const MOST_LOOKED_AT = 24 * 1024;

/** Of an output that is too long, a line that is longer is shown by its beginning and its end, where a message and its sum stand. */
const LONGEST_LINE = 3_000;
const LINE_PARTS = { first: 1_500, last: 700 } as const;

/** @param file where the whole output is, as commands and tools see it; null = nowhere */
export function shortOutput(command: string, result: Pick<CommandResult, 'head' | 'tail' | 'totalBytes'>, file: string | null): string {
  const { head, tail, totalBytes } = result;
  const looks = isLook(command);
  if (tail !== '') {
    const left = Math.max(0, totalBytes - Buffer.byteLength(head) - Buffer.byteLength(tail));
    const parts = { head: squeezed(wholeLines(head, 'head'), looks), tail: squeezed(wholeLines(tail, 'tail'), looks) };
    const first = firstThatFit(withoutLongLines(parts.head.lines), MOST_HEAD);
    const last = lastThatFit(withoutLongLines(parts.tail.lines), MOST_TAIL);
    return [...first.map(textOf), `[${showSize(left)} or more left out${where(file)}]`, ...last.map(textOf)].join('\n');
  }
  const { lines: all, isShort: isSqueezed } = squeezed(head, looks);
  const most = looks ? MOST_LOOKED_AT : MOST_HEAD + MOST_TAIL;
  const lines = sizeOf(all) <= most ? all : withoutLongLines(all);
  const isShort = isSqueezed || lines !== all;
  const fits = sizeOf(lines) <= most;
  // Where nobody could see the rest, all of it is shown.
  if (file === null && (isShort || !fits)) return head.trimEnd();
  if (fits) return [...lines.map(textOf), ...(isShort ? [`[whole output: ${file}]`] : [])].join('\n');
  const first = firstThatFit(lines, MOST_HEAD);
  const last = lastThatFit(lines.slice(first.length), MOST_TAIL);
  const [from, to] = [(first.at(-1)?.at ?? 0) + 1, (last[0]?.at ?? lines.length + 1) - 1];
  return [...first.map(textOf), `[lines ${from}-${to} left out${where(file, from, to)}]`, ...last.map(textOf)].join('\n');
}

const sizeOf = (lines: readonly OutputLine[]) => lines.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);

function withoutLongLines(lines: readonly OutputLine[]): OutputLine[] {
  return lines.map(({ at, text }) => {
    if (text.length <= LONGEST_LINE) return { at, text };
    const left = text.length - LINE_PARTS.first - LINE_PARTS.last;
    return { at, text: `${cutText(text, LINE_PARTS.first)}[${left} characters]…${lastChars(text, LINE_PARTS.last)}` };
  });
}

const textOf = ({ text }: OutputLine) => text;

function where(file: string | null, from?: number, to?: number): string {
  if (file === null) return '';
  return from === undefined ? `: all of it is in ${file}` : `: read_file ${file}:${from}-${to}`;
}

function squeezed(text: string, asItIs: boolean): ReturnType<typeof squeezeOutput> {
  if (!asItIs) return squeezeOutput(text);
  const lines = withoutLastBreaks(text).split('\n');
  return { lines: lines.map((line, index) => ({ at: index + 1, text: line })), isShort: false };
}

/** Not by an expression, which would begin anew at each of thousands of empty lines. */
function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

function firstThatFit(lines: readonly OutputLine[], bytes: number): OutputLine[] {
  return lines.slice(0, linesThatFit(lines.map(textOf), Number.POSITIVE_INFINITY, bytes).length);
}

function lastThatFit(lines: readonly OutputLine[], bytes: number): OutputLine[] {
  const fitting = linesThatFit(lines.map(textOf).reverse(), Number.POSITIVE_INFINITY, bytes).length;
  return fitting === 0 ? [] : lines.slice(-fitting);
}

/** Text of files is copied from what these print, so nothing of it may be changed. */
function isLook(command: string): boolean {
  return simpleCommands(command)
    .filter((words) => words.length > 0)
    .every(onlyLooks);
}
