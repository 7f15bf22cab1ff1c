import { homedir } from 'node:os';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { intro, log } from '@clack/prompts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import type { MessageKind } from '../../setup/ui.ts';
import type { Terminal } from '../terminal.ts';
import { widthOf } from '../text-width.ts';
import { wrapped } from '../wrap.ts';

/** The line that is drawn at the left. */
const GUTTER = 4;

export interface Drawing {
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly terminal: Pick<Terminal, 'columns'>;
}

/** A message among the questions; where there is no terminal, its plain text. Names and values of others stand in it, which a terminal must not obey. */
export function draw(kind: MessageKind, words: string, drawing: Drawing): void {
  const { output } = drawing;
  if (output.isTTY) log[kind === 'warning' ? 'warn' : kind](fitted(words, drawing), { output });
  else output.write(`${escapeUntrusted(words)}\n`);
}

/** What is drawn at the left begins with what this is. */
export function openRail(words: string, { output }: Drawing): void {
  if (output.isTTY) intro(words, { output });
}

/** What is drawn at the left goes on from one message to the next: it ends with the last one. */
export function closeRail(words: string | undefined, drawing: Drawing): void {
  const { output } = drawing;
  if (output.isTTY) {
    const end = styleText('gray', '└', { stream: output as NodeJS.WriteStream });
    output.write(`${end}  ${fitted(words ?? '', drawing).replaceAll('\n', '\n   ')}`.trimEnd());
    output.write('\n');
  } else if (words) output.write(`${escapeUntrusted(words)}\n`);
}

/** The mark before a choice, and what the library keeps free at the right: it counts the colours of the line at the left as text. */
const MARK = 2;
const KEPT_FREE = 10;

/** What stands in parentheses behind a choice: where it does not fit it goes on below the choice's own beginning. */
export function fittedHint(label: string, hint: string, { terminal }: Drawing): string | undefined {
  if (!hint) return undefined;
  // The label and the blank behind it are drawn already, and are no words that could be moved.
  const place = '.'.repeat(widthOf(label) + 1);
  const lines = wrapped(`${place}(${escapeUntrusted(hint)})`, { columns: (terminal.columns ?? 80) - GUTTER - MARK - KEPT_FREE });
  return lines.join(`\n${' '.repeat(MARK)}`).slice(place.length + 1, -1);
}

/** Broken where the terminal ends; what is indented, or a point of a list, goes on further in. */
export function fitted(words: string, { terminal }: Drawing): string {
  const columns = (terminal.columns ?? 80) - GUTTER;
  return escapeUntrusted(words)
    .split('\n')
    .flatMap((line) => linesOf(withoutHome(line), columns))
    .join('\n');
}

function linesOf(line: string, columns: number): string[] {
  const [, indent = '', mark] = /^( *)([-+] )?/.exec(line)!;
  if (!indent && !mark) return wrapped(line, { columns });
  const [first = '', ...rest] = wrapped(line.trimStart(), { columns: columns - indent.length - 2 });
  return [indent + first, ...rest.map((part) => `${indent}  ${part}`)];
}

/** Whose home it is knows it; a command is shown as it is run. */
export function withoutHome(line: string): string {
  const home = homedir();
  return /^[>{} ]/.test(line) || home.length < 2 ? line : line.replaceAll(`${home}/`, '~/');
}
