import { homedir } from 'node:os';
import type { Writable } from 'node:stream';
import { log } from '@clack/prompts';
import type { MessageKind } from '../../setup/ui.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;
/** The line that is drawn at the left. */
const GUTTER = 4;

export interface Drawing {
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly terminal: Pick<Terminal, 'columns'>;
}

/** A message among the questions; where there is no terminal, its plain text. */
export function draw(kind: MessageKind, words: string, drawing: Drawing): void {
  const { output } = drawing;
  if (output.isTTY) log[kind === 'warning' ? 'warn' : kind](fitted(words, drawing), { output });
  else output.write(`${words}\n`);
}

/** Broken where the terminal ends. */
export function fitted(words: string, { terminal }: Drawing): string {
  const columns = Math.min(terminal.columns ?? 80, WIDEST) - GUTTER;
  return words
    .split('\n')
    .flatMap((line) => wrapped(withoutHome(line), { columns }))
    .join('\n');
}

/** Whose home it is knows it; a command is shown as it is run. */
export function withoutHome(line: string): string {
  const home = homedir();
  return /^[>{} ]/.test(line) || home.length < 2 ? line : line.replaceAll(`${home}/`, '~/');
}
