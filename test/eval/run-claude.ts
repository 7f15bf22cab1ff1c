/** The real `claude`, without a terminal, on a working copy: what it may do, what it used, and its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { SERVER_NAME } from '../../src/claude/registration.ts';
import { parseJson } from '../../src/common/json-file.ts';
import { type ClaudeUsage, claudeCost, claudePriceOf, promptOf } from '../../src/economics/claude-prices.ts';

export interface ClaudeCall {
  readonly program: string;
  readonly folder: string;
  readonly prompt: string;
  readonly model: string | undefined;
  /** Our server, or null for Claude alone. */
  readonly server: { readonly command: string; readonly args: readonly string[]; readonly stateDir: string } | null;
  /** What commands of Claude must not read. */
  readonly hidden: readonly string[];
  /** What they may reach. */
  readonly allowedHosts: readonly string[];
  /** USD. */
  readonly budget: number;
  /** What Kimi has spent of it by now. */
  readonly kimiSpent: () => number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Gets the events as they come. */
  readonly transcript: string;
}

export interface ClaudeRun {
  readonly ended: 'finished' | 'time_limit' | 'budget' | 'interrupted';
  /** Why it was no run at all, where it was none. */
  readonly fault: string | null;
  /** null = not known. */
  readonly usd: number | null;
  readonly turns: number | null;
  readonly model: string | null;
  readonly seconds: number;
}

const count = z.number().nonnegative().catch(0);
const answerSchema = z.object({
  type: z.literal('assistant'),
  message: z.object({
    id: z.string(),
    model: z.string(),
    usage: z.object({
      input_tokens: count,
      output_tokens: count,
      cache_read_input_tokens: count,
      cache_creation_input_tokens: count,
      cache_creation: z.object({ ephemeral_1h_input_tokens: count }).optional().catch(undefined),
    }),
  }),
});
const resultSchema = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  total_cost_usd: z.number().nullish().catch(null),
  num_turns: z.number().nullish().catch(null),
  result: z.string().nullish().catch(null),
  modelUsage: z
    .record(z.string(), z.object({ costUSD: z.number() }))
    .nullish()
    .catch(null),
});
type ClaudeResult = z.infer<typeof resultSchema>;

/** How often it is looked whether the budget is used up; Kimi's part changes without a word of Claude. */
const LOOK_MS = 1000;
/** As long as our server takes to keep what it has. */
const PATIENCE_MS = 3000;

export async function runClaude(call: ClaudeCall): Promise<ClaudeRun> {
  const began = performance.now();
  const child = spawn(call.program, wordsOf(call), {
    cwd: call.folder,
    env: environment(),
    stdio: 'pipe',
    detached: true, // so that everything that it starts ends with it
  });
  const used = new Map<string, { model: string; usage: ClaudeUsage }>();
  let result: ClaudeResult | null = null;
  let ended: ClaudeRun['ended'] = 'finished';
  let errors = '';
  const stop = (why: ClaudeRun['ended']) => {
    if (ended !== 'finished' || result) return;
    ended = why;
    end(child);
  };
  const look = () => {
    if ((costOfUsed(used) ?? 0) + call.kimiSpent() >= call.budget) stop('budget');
  };
  const timers = [setInterval(look, LOOK_MS), setTimeout(() => stop('time_limit'), call.seconds * 1000)];
  const onAbort = () => stop('interrupted');
  call.signal.addEventListener('abort', onAbort);
  if (call.signal.aborted) onAbort();

  // It is for reading only: a disk that is full is told where the result of the run is written.
  const kept = pipeline(child.stdout, createWriteStream(call.transcript)).catch(() => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = parseJson(answerSchema, line);
    if (answer) used.set(answer.message.id, usageOf(answer));
    result = parseJson(resultSchema, line) ?? result;
  });
  child.stderr.on('data', (text) => {
    errors = `${errors}${text}`.slice(-4000);
  });
  child.stdin.on('error', () => {}); // it ended before it had read everything: its exit tells why
  child.stdin.end(call.prompt);
  const failed = await finished(child);
  for (const timer of timers) clearTimeout(timer);
  call.signal.removeEventListener('abort', onAbort);
  killGroup(child, 'SIGKILL'); // what it may have left running
  await kept;
  return {
    ended: endOf(ended, result),
    ...faultOf(ended, result, failed ?? errors),
    ...spent(result, used),
    seconds: (performance.now() - began) / 1000,
  };
}

/** Alike for both ways, but for the server. */
function wordsOf({ model, server, hidden, allowedHosts, budget }: ClaudeCall): string[] {
  const own = server ? { [SERVER_NAME]: { command: server.command, args: server.args, env: { CLAUDE_KIMI_HOME: server.stateDir } } } : {};
  const settings = {
    sandbox: {
      enabled: true,
      failIfUnavailable: true,
      autoAllowBashIfSandboxed: true,
      allowUnsandboxedCommands: false,
      filesystem: { denyRead: hidden },
      network: { allowedDomains: allowedHosts },
    },
    permissions: { deny: hidden.map((folder) => `Read(/${folder}/**)`) },
  };
  return [
    ...['-p', '--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits'],
    ...['--setting-sources', '', '--settings', JSON.stringify(settings)],
    ...['--strict-mcp-config', '--mcp-config', JSON.stringify({ mcpServers: own })],
    ...['--max-budget-usd', budget.toFixed(4), '--disallowedTools', 'WebFetch,WebSearch'],
    ...(server ? ['--allowedTools', `mcp__${SERVER_NAME}`] : []),
    ...(model ? ['--model', model] : []),
  ];
}

/** The key of Kimi is for our server alone, which has it from a file. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('KIMI_') && !/^(CLAUDE_KIMI_HOME|CLAUDECODE|CLAUDE_CODE_ENTRYPOINT)$/.test(name),
  );
  // Without the second, Claude Code may ask its first question before a slow server has told its tools.
  return { ...Object.fromEntries(kept), DISABLE_AUTOUPDATER: '1', MCP_CONNECTION_NONBLOCKING: '0' };
}

/** @returns why it could not be started */
async function finished(child: ChildProcess): Promise<string | null> {
  try {
    await once(child, 'close');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function end(child: ChildProcess): void {
  killGroup(child, 'SIGTERM');
  setTimeout(() => killGroup(child, 'SIGKILL'), PATIENCE_MS).unref();
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {} // it is gone
}

function endOf(ended: ClaudeRun['ended'], result: ClaudeResult | null): ClaudeRun['ended'] {
  if (ended === 'finished' && result?.subtype === 'error_max_budget_usd') return 'budget';
  return ended;
}

function faultOf(ended: ClaudeRun['ended'], result: ClaudeResult | null, errors: string): { fault: string | null } {
  if (ended !== 'finished' || result?.subtype === 'error_max_budget_usd') return { fault: null };
  if (result && !result.is_error) return { fault: null };
  const said = (result?.result ?? errors).trim().split('\n').at(-1);
  return { fault: said || 'claude ended without a result' };
}

function spent(
  result: ClaudeResult | null,
  used: ReadonlyMap<string, { model: string; usage: ClaudeUsage }>,
): Pick<ClaudeRun, 'usd' | 'turns' | 'model'> {
  const byCost = Object.entries(result?.modelUsage ?? {}).sort(([, a], [, b]) => b.costUSD - a.costUSD);
  const model = byCost[0]?.[0] ?? [...used.values()].at(-1)?.model ?? null;
  return { usd: result?.total_cost_usd ?? costOfUsed(used), turns: result?.num_turns ?? (used.size || null), model };
}

function usageOf({ message: { model, usage } }: z.infer<typeof answerSchema>): { model: string; usage: ClaudeUsage } {
  const write1h = Math.min(usage.cache_creation?.ephemeral_1h_input_tokens ?? 0, usage.cache_creation_input_tokens);
  const write5m = usage.cache_creation_input_tokens - write1h;
  return {
    model,
    usage: { input: usage.input_tokens, output: usage.output_tokens, read: usage.cache_read_input_tokens, write5m, write1h },
  };
}

/** What is known of a run that has not told its cost. */
function costOfUsed(used: ReadonlyMap<string, { model: string; usage: ClaudeUsage }>): number | null {
  let sum = 0;
  for (const { model, usage } of used.values()) {
    const price = claudePriceOf(model);
    if (!price && model !== '<synthetic>') return null;
    if (price) sum += claudeCost(usage, price, promptOf(usage));
  }
  return sum;
}
