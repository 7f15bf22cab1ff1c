import type { Terminal, Tone } from './terminal.ts';
import { cutToWidth, widthOf } from './text-width.ts';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

export interface Column {
  /** Above its cells; absent = the table has no head. */
  readonly title?: string;
  readonly right?: boolean;
  /** Which columns are left out first where the terminal is too narrow for all: those with the highest number. 0 = stays, and is cut. */
  readonly rank: number;
}

const GAP = '  ';
const LEAST = 8;

/** Aligned columns. On a terminal a row takes one line: columns are left out, then the ones that stay are cut. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Pick<Terminal, 'columns' | 'paint'>,
  indent = '',
): string[] {
  const widths = columns.map(({ title = '' }, at) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at]?.text ?? ''))));
  const shown = fitting(columns, widths, terminal.columns === null ? null : terminal.columns - indent.length);
  const line = (cells: readonly (Cell | undefined)[]) => {
    const texts = shown.map(({ at, width }, place) => {
      const { text = '', tone = 'plain' } = cells[at] ?? {};
      const cut = cutToWidth(text, width);
      const last = place === shown.length - 1 && !columns[at]!.right;
      const blanks = last ? '' : ' '.repeat(Math.max(0, width - widthOf(cut)));
      return columns[at]!.right ? blanks + terminal.paint(tone, cut) : terminal.paint(tone, cut) + blanks;
    });
    return (indent + texts.join(GAP)).trimEnd();
  };
  const head = columns.some(({ title }) => title) ? [line(columns.map(({ title = '' }) => ({ text: title, tone: 'dim' })))] : [];
  return [...head, ...rows.map(line)];
}

/** The columns that find room, each with its width. An empty one is left out everywhere. */
function fitting(columns: readonly Column[], widths: readonly number[], room: number | null): { at: number; width: number }[] {
  let shown = columns.map((column, at) => ({ at, width: widths[at]!, rank: column.rank })).filter(({ width }) => width > 0);
  if (room === null) return shown;
  const taken = () => shown.reduce((sum, { width }) => sum + width, 0) + GAP.length * (shown.length - 1);
  while (taken() > room) {
    const highest = Math.max(...shown.map(({ rank }) => rank));
    const widest = shown.filter(({ rank }) => rank === 0).sort((a, b) => b.width - a.width)[0];
    const over = taken() - room;
    // A long name gives way before a column does, as long as enough of it stays to be known by.
    if (widest && widest.width - over >= (highest > 0 ? 24 : LEAST)) {
      widest.width -= over;
      break;
    }
    if (highest === 0) {
      for (const column of shown) column.width = Math.max(LEAST, Math.min(column.width, Math.floor(room / shown.length) - GAP.length));
      break;
    }
    shown = shown.filter(({ rank }) => rank !== highest);
  }
  return shown;
}
