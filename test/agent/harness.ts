/** A small world for the loop: four inline tools over a map of files, a clock that never waits, a scripted Kimi. */

import { type AgentOptions, runAgent } from '../../src/agent/loop.ts';
import { neverSend } from '../../src/agent/never-send/never-send.ts';
import type { AgentEnd, AgentEvent, AgentTotals, ChatMessage, Tool, ToolResult, ToolWorkspace } from '../../src/agent/types.ts';
import type { Clock } from '../../src/common/clock.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { type KimiOptions, type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';

export const SYSTEM = 'You are a coding agent.';
export const FIRST: readonly ChatMessage[] = [{ role: 'user', content: 'Make the counter count.' }];

/** Waits resolve at once and move the time instead; retries therefore cost nothing but their events. */
export function virtualClock(seed = 0.5): Clock & { slept: number[] } {
  let ahead = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.now() + ahead,
    random: () => seed,
    sleep: (ms) => {
      slept.push(ms);
      ahead += ms;
      return Promise.resolve();
    },
  };
}

export function memoryTools(files: Map<string, string>): Tool[] {
  const done = (text: string, summary = 'ok'): ToolResult => ({ ok: true, text, summary });
  const failed = (text: string): ToolResult => ({ ok: false, text: `error: ${text}`, summary: 'failed' });
  const tool = (name: string, effect: Tool['effect'], required: string[], run: (args: Record<string, string>) => ToolResult): Tool => ({
    name,
    effect,
    description: `The tool ${name}.`,
    parameters: { type: 'object', properties: Object.fromEntries(required.map((key) => [key, { type: 'string' }])), required },
    title: (args) => String((args as Record<string, string>)[required[0]!] ?? ''),
    run: async (args) => run(args as Record<string, string>),
  });
  return [
    tool('read_file', 'read', ['path'], ({ path }) => (files.has(path!) ? done(files.get(path!)!) : failed(`no file ${path}`))),
    tool('write_file', 'write', ['path', 'content'], ({ path, content }) => {
      if (path === undefined || content === undefined) return failed('path and content are required');
      files.set(path, content);
      return done(`wrote ${path}`);
    }),
    tool('run_command', 'command', ['command'], ({ command }) => done(`exit 0 in 0.1s\n${command}`, 'exit 0')),
    tool('finish', 'finish', ['summary'], ({ summary }) => ({
      ...done('finished'),
      finish: { summary: summary!, commitMessage: 'Count' },
    })),
  ];
}

/** A workspace that no inline tool touches; the loop itself never does. */
const WORKSPACE = {
  root: '/nowhere',
  shownRoot: '/nowhere',
  folder: '',
  submodules: [],
  neverSend: neverSend(),
} as unknown as ToolWorkspace;

export interface Ran {
  end: AgentEnd;
  totals: AgentTotals;
  events: AgentEvent[];
  kimi: ScriptedKimi;
  files: Map<string, string>;
  clock: ReturnType<typeof virtualClock>;
}

export type Overrides = Partial<Omit<AgentOptions, 'limits' | 'api'>> & {
  limits?: Partial<AgentOptions['limits']>;
  api?: Partial<AgentOptions['api']>;
  kimi?: Partial<KimiOptions>;
  onEvent?: (event: AgentEvent) => void;
  files?: Map<string, string>;
  tools?: readonly Tool[];
};

/** Plays a scenario against the loop, from the first message to its end. */
export async function play(scenario: KimiOptions['scenario'], overrides: Overrides = {}): Promise<Ran> {
  const kimi = await startKimi({ scenario, ...overrides.kimi });
  try {
    return await playOn(kimi, overrides);
  } finally {
    await kimi.close();
  }
}

export async function playOn(kimi: ScriptedKimi, overrides: Overrides = {}): Promise<Ran> {
  const { limits, api, onEvent, kimi: _kimi, files = new Map([['a.txt', 'count 0']]), tools = memoryTools(files), ...rest } = overrides;
  const events: AgentEvent[] = [];
  const clock = virtualClock();
  const { end, totals } = await runAgent({
    head: { system: SYSTEM, tools },
    firstMessages: FIRST,
    context: { workspace: WORKSPACE, commandTimeoutMs: 1000 },
    signal: new AbortController().signal,
    clock,
    emit: (event) => {
      events.push(event);
      onEvent?.(event);
    },
    ...rest,
    api: { baseUrl: kimi.baseUrl, apiKey: TEST_KEY, model: 'kimi-k2.6', ...api },
    limits: { maxSteps: 50, budget: null, stallSeconds: 20, ...limits },
  });
  return { end, totals, events, kimi, files, clock };
}

/** Text of so many characters that does not repeat itself, as an answer of the model must not. */
export function longText(characters: number, first = 0): string {
  const words: string[] = [];
  for (let length = 0, at = first; length < characters; at++) {
    words.push(`${at * 7919} `);
    length += words.at(-1)!.length;
  }
  return words.join('').slice(0, characters);
}

export const read = (path = 'a.txt', extra: Partial<Turn> = {}): Turn => ({
  reasoning: 'Look first.',
  calls: [{ name: 'read_file', args: { path } }],
  ...extra,
});
export const write = (content: string, extra: Partial<Turn> = {}): Turn => ({
  reasoning: 'Change it.',
  calls: [{ name: 'write_file', args: { path: 'a.txt', content } }],
  ...extra,
});
export const command = (line = 'npm test', extra: Partial<Turn> = {}): Turn => ({
  reasoning: 'Try it.',
  calls: [{ name: 'run_command', args: { command: line } }],
  ...extra,
});
export const finish = (summary = 'It counts.', extra: Partial<Turn> = {}): Turn => ({
  reasoning: 'Done.',
  calls: [{ name: 'finish', args: { summary } }],
  ...extra,
});

/** Requests that the strict server refused for what was in them: never our fault, in any test. */
export function ourFaults(kimi: ScriptedKimi): string[] {
  return kimi.requests.filter(({ status, fault }) => status === 400 && fault === null).map(({ error }) => error!);
}

/** Events of a type as text: what a notice says, the whole of others. */
export function texts(events: readonly AgentEvent[], type: AgentEvent['type']): string[] {
  return events.flatMap((event) => (event.type !== type ? [] : event.type === 'notice' ? [english(event.text)] : [JSON.stringify(event)]));
}

/** The sum of what the server counted, to compare with the loop's own ledger. */
export function serverCount(requests: ScriptedKimi['requests']): AgentTotals['usage'] {
  const sum = { input: 0, cached: 0, output: 0 };
  for (const { usage } of requests) {
    sum.input += usage?.input ?? 0;
    sum.cached += usage?.cached ?? 0;
    sum.output += usage?.output ?? 0;
  }
  return sum;
}

export function outcomeOf(end: AgentEnd): string {
  return end.kind === 'finished' ? 'finished' : end.outcome;
}
