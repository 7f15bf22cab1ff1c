/** What a run cost. Prices are those of kimi-k2.6; one sum as it was answered, one as if each answer had been thought about. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { costOf, standInPrice } from '../../../src/agent/prices.ts';
import type { Verdict } from './checkout.ts';
import type { Exchange } from './endpoint.ts';

/** Tokens that the model thinks before an answer, on average; whoever plays it writes down less. */
const THINKING = 800;
const PRICE = standInPrice('https://api.moonshot.ai/v1');

export interface Sums {
  readonly requests: number;
  readonly calls: number;
  readonly input: number;
  readonly hit: number;
  readonly miss: number;
  readonly output: number;
  /** Input tokens of the first and the last request. */
  readonly first: number;
  readonly last: number;
  readonly usd: number;
  readonly usdWithThinking: number;
  /** From the call to the end, and how much of it was not waiting for an answer. */
  readonly seconds: number;
  readonly ownSeconds: number;
}

/** What `result.json` holds. */
export interface Result extends Sums {
  readonly loop: string;
  readonly task: string;
  readonly commit: string;
  readonly hidden: Verdict;
}

export function readLog(folder: string): Exchange[] {
  const file = path.join(folder, 'log.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  return lines.map((line) => JSON.parse(line) as Exchange);
}

export function addUp(exchanges: readonly Exchange[], seconds: number): Sums {
  const sum = (pick: (exchange: Exchange) => number) => exchanges.reduce((total, exchange) => total + pick(exchange), 0);
  const [input, hit, output] = [sum((one) => one.input), sum((one) => one.cached), sum((one) => one.output)];
  const cost = (thought: number) => costOf({ input, cached: hit, output: output + thought }, PRICE);
  const waited = sum(({ asked, answered }) => answered - asked) / 1000;
  return {
    requests: exchanges.length,
    calls: sum((one) => one.calls),
    input,
    hit,
    miss: input - hit,
    output,
    first: exchanges[0]?.input ?? 0,
    last: exchanges.at(-1)?.input ?? 0,
    usd: cost(0),
    usdWithThinking: cost(THINKING * exchanges.length),
    seconds,
    ownSeconds: Math.max(0, seconds - waited),
  };
}

const HEAD = [
  'task',
  'loop',
  'requests',
  'calls',
  'in',
  'hit',
  'miss',
  'out',
  'first',
  'USD',
  `USD, ${THINKING} thought`,
  's',
  'own s',
  'hidden tests',
];

export function table(results: readonly Result[]): string {
  const rows = results.toSorted((a, b) => a.task.localeCompare(b.task) || a.loop.localeCompare(b.loop)).map(row);
  const loops = [...new Set(results.map(({ loop }) => loop))].toSorted();
  const totals = loops.map((loop) => total(loop, results));
  return [HEAD, HEAD.map((_, column) => (column < 2 ? '---' : '---:')), ...rows, ...totals]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function row(one: Result): string[] {
  const { counts, exitCode } = one.hidden;
  const hidden = `${counts ? `${counts.passed} passed, ${counts.failed} failed` : 'not counted'}${exitCode === 0 ? '' : `, exit ${exitCode}`}`;
  return [one.task, one.loop, ...figures(one), hidden];
}

function total(loop: string, results: readonly Result[]): string[] {
  const own = results.filter((one) => one.loop === loop);
  const sum = (key: keyof Sums) => own.reduce((all, one) => all + one[key], 0);
  const keys = [
    'requests',
    'calls',
    'input',
    'hit',
    'miss',
    'output',
    'first',
    'last',
    'usd',
    'usdWithThinking',
    'seconds',
    'ownSeconds',
  ] as const;
  const sums = Object.fromEntries(keys.map((key) => [key, sum(key)])) as unknown as Sums;
  return [
    `all ${own.length}`,
    loop,
    ...figures(sums),
    `${own.filter(({ hidden }) => hidden.exitCode === 0).length} of ${own.length} right`,
  ];
}

function figures(one: Sums): string[] {
  const whole = [one.requests, one.calls, one.input, one.hit, one.miss, one.output, one.first].map(String);
  return [...whole, one.usd.toFixed(4), one.usdWithThinking.toFixed(4), one.seconds.toFixed(0), one.ownSeconds.toFixed(1)];
}
