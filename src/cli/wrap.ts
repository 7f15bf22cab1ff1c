import { widthOf } from './text-width.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;

/** Text that is longer than the terminal is wide goes on below, under its own beginning. Where there is no terminal it stays whole. */
export function wrapped(text: string, { columns }: { readonly columns: number | null }, indent = ''): string[] {
  const room = columns === null ? Number.POSITIVE_INFINITY : Math.max(20, Math.min(columns, WIDEST) - widthOf(indent));
  const lines = text.split('\n').flatMap((paragraph) => linesOf(paragraph, room));
  return lines.map((line) => (line ? indent + line : ''));
}

function linesOf(paragraph: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const part of partsOf(paragraph, room)) {
    if (line && widthOf(line + part.trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += part;
  }
  return [...lines, line.trimEnd()];
}

/** A command that a text names at the end of a sentence or in parentheses. It is there to be copied. */
const COMMAND =
  /((?<=[:：(（]\s?)(?:claude-kimi-mcp|npx|npm|node|claude|git|chmod|sudo|cd) .+?(?=[.,;)。，；）](?:\s|$|[^\x00-\x7f])|[。，；）]|$))/;

/** What a line is broken between: words, and commands that find room on a line. */
function partsOf(paragraph: string, room: number): string[] {
  return paragraph.split(COMMAND).flatMap((text, at) => (at % 2 === 1 && widthOf(text) < room ? text : wordsOf(text)));
}

/** Words with the blank behind them; between Chinese characters a line may break anywhere, but not before a full stop. */
function wordsOf(text: string): string[] {
  const word = /[（「“‘《]*(?:[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef“‘]+)[，。；：、）」”’》！？]*\s*|\s+|[“‘]/g;
  return text.match(word) ?? [];
}
