/** The results as a picture: how many pass, what all cost, and each task by its cost. SVG by hand, in the reader's light or dark. */
import { WAY_NAMES, type Way } from './options.ts';
import { money } from './report.ts';
import { costOf, type Row } from './results.ts';
import type { Summary, WaySum } from './summary.ts';

const WIDTH = 760;
const LEFT = 205;
const RIGHT = WIDTH - 150;
const ROW = 26;
/** More would be no picture any more. */
const MOST_TASKS = 40;

const STYLE = `
  svg { --back: #ffffff; --text: #1f2328; --dim: #656d76; --line: #d0d7de; --kimi: #0a7a70; --kimi2: #7cc4bb; --claude: #b8500f; }
  @media (prefers-color-scheme: dark) {
    svg { --back: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --kimi: #3fb8a9; --kimi2: #1d6a61; --claude: #f0883e; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--text); }
  .head { font-weight: 600; font-size: 14px; } .dim { fill: var(--dim); font-size: 12px; } .end { text-anchor: end; } .mid { text-anchor: middle; }
  .back { fill: var(--back); } .line { stroke: var(--line); } .range { stroke: var(--text); stroke-width: 1.5; }
  .kimi { fill: var(--kimi); stroke: var(--kimi); } .kimi2 { fill: var(--kimi2); stroke: var(--kimi2); } .claude { fill: var(--claude); stroke: var(--claude); }
  .fails { fill: var(--back); stroke-width: 2; }`;

/** Its parts are put below each other; each tells how high it is. */
type Part = (top: number) => { readonly svg: string; readonly height: number };

export function chart(summary: Summary): string {
  const parts: Part[] = [shares(summary), costs(summary), ...(summary.compared.length > 0 ? [tasks(summary)] : [])];
  let top = 26;
  const drawn = parts.map((part) => {
    const { svg, height } = part(top);
    top += height + 24;
    return svg;
  });
  const title = `This program and Claude alone, ${summary.compared.length} tasks`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}
</style>
<rect class="back" width="${WIDTH}" height="${top}"/>
${drawn.join('\n')}
</svg>
`;
}

function shares({ ways, compared }: Summary): Part {
  return (top) => {
    const bars = ways.map((sum, index) => {
      const y = top + 14 + index * ROW;
      const share = sum.runs === 0 ? 0 : sum.passed / sum.runs;
      const range = sum.range ? line('range', at(sum.range.low), y + 9, at(sum.range.high), y + 9) : '';
      return [
        name(sum.way, y),
        bar(sum.way, LEFT, at(share) - LEFT, y),
        range,
        text(RIGHT + 10, y + 13, `${sum.passed} of ${sum.runs}`),
      ].join('');
    });
    const axis = top + 18 + ways.length * ROW;
    const ticks = [0, 0.5, 1].map((share) => text(at(share), axis + 14, `${share * 100} %`, 'dim mid')).join('');
    const head =
      text(16, top, 'Hidden tests pass', 'head') + text(RIGHT, top, compared.length > 0 ? 'thin line: 95 % confidence' : '', 'dim end');
    return { svg: [head, ...bars, line('line', LEFT, axis, RIGHT, axis), ticks].join('\n'), height: axis + 14 - top };
  };
}

const at = (share: number) => LEFT + share * (RIGHT - LEFT);

function costs({ ways }: Summary): Part {
  const most = Math.max(...ways.map(({ claude, kimi }) => claude + kimi), 1e-9);
  return (top) => {
    const bars = ways.map((sum, index) => {
      const y = top + 14 + index * ROW;
      const own = at(sum.claude / most) - LEFT;
      const kimi = sum.kimi === 0 ? '' : bar('kimi2', LEFT + own, at(sum.kimi / most) - LEFT, y);
      return [name(sum.way, y), bar(sum.way, LEFT, own, y), kimi, text(RIGHT + 10, y + 13, costText(sum))].join('');
    });
    const split = ways.some(({ kimi }) => kimi > 0) ? 'left: Claude; right: Kimi' : '';
    return {
      svg: [text(16, top, 'USD, all tasks', 'head'), text(RIGHT, top, split, 'dim end'), ...bars].join('\n'),
      height: 14 + ways.length * ROW,
    };
  };
}

const costText = ({ claude, kimi, unknownCosts }: WaySum) => `${unknownCosts > 0 ? 'at least ' : ''}${money(claude + kimi)} USD`;

/** A line a task: from the cost of one way to that of the other. */
function tasks({ compared, ways }: Summary): Part {
  const shown = compared.slice(0, MOST_TASKS);
  const most = niceMost(Math.max(...shown.flatMap(({ rows }) => Object.values(rows).map(costOf))));
  const x = (usd: number) => at(usd / most);
  return (top) => {
    const lines = shown.map(({ task, rows }, index) => {
      const y = top + 32 + index * ROW;
      const points = ways.flatMap(({ way }) => (rows[way] ? [{ way, row: rows[way] }] : []));
      const costs = points.map(({ row }) => x(costOf(row)));
      const between = points.length > 1 ? line('line', Math.min(...costs), y, Math.max(...costs), y) : '';
      return [text(16, y + 4, short(task.id)), between, ...points.map(({ way, row }) => dot(way, x(costOf(row)), y, row))].join('');
    });
    const axis = top + 24 + shown.length * ROW;
    const ticks = [0, 0.5, 1].map((share) => text(at(share), axis + 16, share === 0 ? '0' : money(share * most), 'dim mid')).join('');
    const rest = compared.length - shown.length;
    const key = ways.map(
      ({ way }, index) =>
        `<circle class="${way}" cx="${LEFT + index * 130 + 5}" cy="${top - 4}" r="5"/>${text(LEFT + index * 130 + 16, top, WAY_NAMES[way])}`,
    );
    return {
      svg: [
        text(16, top, 'USD, each task', 'head'),
        ...key,
        text(WIDTH - 16, top, `hollow: hidden tests fail${rest > 0 ? `; ${rest} more in the table` : ''}`, 'dim end'),
        ...lines,
        line('line', LEFT, axis, RIGHT, axis),
        ticks,
      ].join('\n'),
      height: axis + 16 - top,
    };
  };
}

/** The end of an axis: 1, 2 or 5 of some power of ten. */
export function niceMost(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 0.001)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? 10 * power;
}

const name = (way: Way, y: number) => text(16, y + 13, WAY_NAMES[way]);
const bar = (kind: Way | 'kimi2', x: number, width: number, y: number) =>
  `<rect class="${kind}" stroke="none" style="stroke:none" x="${round(x)}" y="${y}" width="${round(Math.max(width, 0.5))}" height="18" rx="2"/>`;
const dot = (way: Way, x: number, y: number, { passed }: Row) =>
  `<circle class="${way}${passed ? '' : ' fails'}" cx="${round(x)}" cy="${y}" r="5"/>`;
const line = (kind: string, x1: number, y1: number, x2: number, y2: number) =>
  `<line class="${kind}" x1="${round(x1)}" y1="${y1}" x2="${round(x2)}" y2="${y2}"/>`;
const text = (x: number, y: number, words: string, kind = '') =>
  words === '' ? '' : `<text${kind ? ` class="${kind}"` : ''} x="${round(x)}" y="${y}">${escaped(words)}</text>`;
const round = (value: number) => Math.round(value * 10) / 10;
const short = (id: string) => (id.length > 25 ? `${id.slice(0, 13)}…${id.slice(-10)}` : id);
const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
