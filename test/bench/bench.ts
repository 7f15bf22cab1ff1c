/**
 * What this program costs around the model, measured in one run beside the least that is possible: `npm run bench`.
 * The model answers at once, so everything that is left is ours. BENCH_DIR names another folder than the system's temp folder;
 * BENCH_FILES and BENCH_STEPS other sizes; `npm run bench exploring` only counts what the first message saves, `npm run bench looking`
 * only times list_files and search, `npm run bench steps` only what steps take and send,
 * `npm run bench start` only the start of the server, `npm run bench command` only commands, `npm run bench checks`
 * only what the check of finished work waits for, `npm run bench finding` only what it costs to find checks; `npm run bench alarms` judges commits of public repositories (`alarms.ts`); `npm run bench shown`
 * tells what the first message shows of the code that fixes changed (`shown.ts`); `npm run bench trials` compares loops with a real mind in
 * the model's place (`trials/trials.ts`). Figures are medians of one machine on one day: read the ratios.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readJournal } from '../../src/delegation/journal/journal.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { field, startServer } from '../fakes/mcp-client.ts';
import { alarms } from './alarms.ts';
import { checking, type Served } from './checks.ts';
import { commands } from './command.ts';
import { exploring } from './exploring.ts';
import { finding, MANIFESTS } from './finding.ts';
import { looking } from './looking.ts';
import { shown } from './shown.ts';
import { starting } from './start.ts';
import { trials } from './trials/trials.ts';

const only = process.argv[2];
const FILES = Number(process.env.BENCH_FILES ?? (only === 'checks' ? 57_000 : 20_000));
const STEPS = (process.env.BENCH_STEPS ?? '20,150,300').split(',').map(Number);
const TARGETS = 16;
const RUNS = 5;

const folder = mkdtempSync(path.join(process.env.BENCH_DIR ?? tmpdir(), 'ckm-bench-'));
const repo = path.join(folder, 'repo');

function git(...words: string[]): string {
  return execFileSync('git', ['-C', repo, ...words], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim();
}

function makeRepository(): void {
  mkdirSync(path.join(repo, 'bench'), { recursive: true });
  const target = Array.from({ length: 40 }, (_, line) => (line === 20 ? 'counter: 0' : `line ${line} with some words in it`)).join('\n');
  for (let i = 0; i < TARGETS; i++) writeFileSync(path.join(repo, targetName(i)), `${target}\n`);
  for (let i = 0; i < FILES - TARGETS; i++) {
    const at = path.join(repo, 'src', `p${Math.floor(i / 1000)}`, `m${Math.floor(i / 25) % 40}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(path.join(at, `f${i}.ts`), `// module ${i}\n${`export const value${i} = ${i};\n`.repeat(30)}`);
  }
  if (only === 'finding') for (const [name, text] of Object.entries(MANIFESTS)) writeFileSync(path.join(repo, name), text);
  execFileSync('git', ['init', '-q', '-b', 'main', repo]);
  git('config', 'user.name', 'bench');
  git('config', 'user.email', 'bench@localhost');
  git('config', 'gc.auto', '0');
  git('add', '-A');
  git('commit', '-q', '-m', 'init');
  git('repack', '-adq');
}

function targetName(i: number): string {
  return `bench/target-${String(i).padStart(2, '0')}.txt`;
}

/** Read, edit, run, and again; then `finish`. Notes when each request arrived. */
function script(steps: number, arrivals: number[]): (view: RequestView) => Turn {
  return ({ step }) => {
    arrivals.push(performance.now());
    if (step >= steps) return { calls: [{ name: 'finish', args: { summary: 'Done.', commit_message: 'Count' } }] };
    const cycle = Math.floor(step / 3);
    const file = targetName(cycle % TARGETS);
    const visit = Math.floor(cycle / TARGETS);
    const edits = [{ old_text: `counter: ${visit}`, new_text: `counter: ${visit + 1}` }];
    const calls = [
      { name: 'read_file', args: { path: file } },
      { name: 'edit_file', args: { path: file, edits } },
      { name: 'run_command', args: { command: 'true' } },
    ];
    return { calls: [calls[step % 3] as (typeof calls)[number]] };
  };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const gaps = (times: readonly number[]) => times.slice(1).map((time, i) => time - (times[i] ?? 0));
const ms = (value: number) => value.toFixed(1);
const mib = (sizes: readonly number[]) => (sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20).toFixed(1);
/** By whole rounds of the script, without the cuts, in which a request is smaller than the one before. */
const medianGrowth = (sizes: readonly number[]) =>
  Math.round(median(sizes.slice(3).flatMap((size, at) => (size > sizes[at]! ? [(size - sizes[at]!) / 3] : []))));

async function server(baseUrl: string) {
  const home = mkdtempSync(path.join(folder, 'home-'));
  const started = performance.now();
  const handle = await startServer({
    home,
    cwd: repo,
    env: { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: baseUrl, KIMI_MAX_STEPS: '300', KIMI_BUDGET: '100000' },
  });
  await handle.client.listTools();
  return { handle, home, startMs: performance.now() - started };
}

async function serveChecks(baseUrl: string): Promise<Served> {
  const { handle, home } = await server(baseUrl);
  return {
    home,
    call: (branch, checks) => handle.call('implement_feature', { ...call(branch), checks }),
    close: () => handle.close(),
  };
}

const call = (branch: string) => ({ repo_path: repo, branch_name: branch, task_spec: 'Keep the counters in bench/ up to date.' });

/** Time from one request to the next, ours and the raw loop's in turn. The first gap waits for the checkout and is left out. */
async function stepOverhead(): Promise<void> {
  console.log(
    '| steps | ours, all | ours, first 20 | ours, last 20 | raw, all | raw, last 20 | ours/raw, last 20 | RSS MiB | first request KiB | bytes a step | sent MiB (raw) |',
  );
  console.log(`|${' ---: |'.repeat(11)}`);
  for (const wanted of STEPS) {
    const steps = Math.min(wanted, 299); // finish is a step too
    const ours: number[] = [];
    const kimi = await startKimi({ scenario: script(steps, ours), forgetBodies: true });
    const { handle } = await server(kimi.baseUrl);
    const report = await handle.call('implement_feature', call(`bench/s${wanted}`));
    if (field(report, 'outcome') !== 'unverified') throw new Error(report);
    const rss = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${handle.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    await handle.close();
    await kimi.close();
    const sent = kimi.requests.map(({ bytes }) => bytes);

    const raw: number[] = [];
    const other = await startKimi({ scenario: script(steps, raw), forgetBodies: true });
    const child = spawn(process.execPath, [fileURLToPath(new URL('raw.mjs', import.meta.url)), other.baseUrl, TEST_KEY], {
      cwd: repo,
      stdio: 'inherit',
    });
    await once(child, 'exit');
    await other.close();
    git('checkout', '-q', '.');

    const mine = gaps(ours).slice(1);
    const least = gaps(raw).slice(1);
    const [a, b] = [median(mine.slice(-20)), median(least.slice(-20))];
    console.log(
      `| ${steps} | ${ms(median(mine))} | ${ms(median(mine.slice(0, 20)))} | ${ms(a)} | ${ms(median(least))} | ${ms(b)} | ${(a / b).toFixed(2)} | ${rss.toFixed(0)} | ${((sent[0] ?? 0) / 1024).toFixed(1)} | ${medianGrowth(sent)} | ${mib(sent)} (${mib(other.requests.map(({ bytes }) => bytes))}) |`,
    );
  }
}

/** First request, workspace, commit and import, against git doing the same. */
async function aroundTheLoop(): Promise<void> {
  const first: number[] = [];
  const workspace: number[] = [];
  const clone: number[] = [];
  const commitAndImport: number[] = [];
  const start: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const arrivals: number[] = [];
    const kimi = await startKimi({ scenario: script(5, arrivals), thinkMs: 600, forgetBodies: true });
    const { handle, home, startMs } = await server(kimi.baseUrl);
    start.push(startMs);
    await handle.call('get_delegation', { repo_path: repo }); // a client has usually looked around before it delegates,
    await setTimeout(1000); // and Claude has thought about the task
    const called = performance.now();
    await handle.call('implement_feature', call(`bench/around${i}`));
    first.push((kimi.requests[0]?.at ?? Number.NaN) - called);
    const journal = readJournal(spawnSync('find', [home, '-name', 'journal.jsonl'], { encoding: 'utf8' }).stdout.trim());
    const at = (type: string) => journal.find((line) => line.type === type)?.at ?? Number.NaN;
    workspace.push(journal.flatMap((line) => (line.type === 'workspace' ? [line.ms] : []))[0] ?? Number.NaN);
    commitAndImport.push(at('end') - at('loop_end'));
    await handle.close();
    await kimi.close();

    const copy = path.join(folder, `clone${i}`);
    const began = performance.now();
    execFileSync('git', ['clone', '-q', '--shared', '--no-tags', '--single-branch', repo, copy]);
    clone.push(performance.now() - began);
  }
  console.log(`\nServer start to tools/list: ${ms(median(start))} ms (with the client's own part)`);
  console.log(`Call to first request: ${ms(median(first))} ms (${first.map(ms).join(', ')})`);
  console.log(
    `Workspace ready: ${ms(median(workspace))} ms; git clone --shared: ${ms(median(clone))} ms; ratio ${(median(workspace) / median(clone)).toFixed(2)}`,
  );
  console.log(`Hand-back (commit, import, diff): ${ms(median(commitAndImport))} ms (${commitAndImport.map(ms).join(', ')})`);
}

try {
  if (only === undefined || only === 'start') process.exitCode = (await starting(folder)) ? 0 : 1;
  if (only === undefined || only === 'command') await commands();
  if (only === undefined || only === 'looking' || only === 'steps') {
    makeRepository();
    console.log(`${FILES} files, Node ${process.version}\n`);
    if (only !== 'looking') await stepOverhead();
    if (only === undefined) await aroundTheLoop();
    if (only !== 'steps') await looking(repo, folder);
  }
  if (only === 'checks') {
    makeRepository();
    console.log(`${FILES} files, Node ${process.version}`);
    process.exitCode = (await checking(serveChecks)) ? 0 : 1;
  }
  if (only === 'finding') {
    makeRepository();
    console.log(`${FILES} files, Node ${process.version}`);
    await finding(serveChecks);
  }
  if (only === undefined || only === 'exploring') await exploring();
  if (only === 'alarms') await alarms(process.argv.slice(3));
  if (only === 'shown') await shown(process.argv.slice(3));
  if (only === 'trials') process.exitCode = (await trials(process.argv.slice(3))) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
