/**
 * What the first message shows of the code that a fix changed, and what it costs: `npm run bench shown [--list] [--parts] [--commits 3] <git dir>...`.
 * Without git dirs for the tasks of the trials, whose repositories git must be able to fetch; with them for the last commits of each that changed
 * a few lines of code together with tests, each with its own message as the task. Nothing is checked out and nothing runs. `--parts` adds how many
 * tokens the system prompt, each tool and each part of the first message take.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toolsJson } from '../../src/agent/model/request-body.ts';
import { neverSend } from '../../src/agent/never-send/never-send.ts';
import { isCode } from '../../src/agent/prompt/outline.ts';
import { tools } from '../../src/agent/tools/all-tools.ts';
import { isTestPath } from '../../src/checks/test-files.ts';
import type { TaskKind } from '../../src/common/task-kind.ts';
import { writeFirstMessages } from '../../src/delegation/first-request/first-messages.ts';
import { checksAtHead, noPrefetch } from '../../src/delegation/first-request/prefetch.ts';
import { listTree } from '../../src/workspace/read-objects.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { BYTES_PER_TOKEN, partsTable, requestParts } from './trials/request-parts.ts';
import type { ChatRequest } from './trials/show-request.ts';
import { readTask, taskNames } from './trials/task-file.ts';

/** A commit that says less of what it is about is no task. */
const LEAST_MESSAGE = 120;
const MOST_LINES = 60;
const MOST_FILES = 3;
const MOST_COMMITS_READ = 600;

interface Case {
  readonly name: string;
  readonly gitDir: string;
  readonly base: string;
  readonly fix: string;
  readonly kind: TaskKind;
  readonly task: string;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** Prints a row for each, and the sums. */
export async function shown(words: readonly string[]): Promise<void> {
  const option = (name: string) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const folders = words.filter((word, at) => !word.startsWith('--') && words[at - 1] !== '--commits');
  const folder = mkdtempSync(path.join(tmpdir(), 'shown-'));
  try {
    const cases = folders.length > 0 ? folders.flatMap((gitDir) => casesIn(gitDir, Number(option('--commits') ?? 3))) : trialCases(folder);
    const parts = new Map<string, Map<string, number>>();
    const sums = { shown: 0, places: 0, fixes: 0, bytes: 0 };
    console.log('| fix | places of its change, shown | bytes | tokens | ms |\n| --- | ---: | ---: | ---: | ---: |');
    for (const one of cases) {
      const places = changedPlaces(one);
      const began = performance.now();
      const request = await requestOf(one);
      const message = String(request.messages.at(-1)!.content);
      const took = performance.now() - began;
      parts.set(one.name, requestParts(request));
      const seen = places.filter((place) => isShown(message, place));
      const bytes = Buffer.byteLength(message);
      sums.shown += seen.length / places.length;
      sums.places += seen.length > 0 ? 1 : 0;
      sums.fixes++;
      sums.bytes += bytes;
      console.log(`| ${one.name} | ${seen.length} of ${places.length} | ${bytes} | ${tokens(bytes)} | ${took.toFixed(0)} |`);
      if (words.includes('--list')) console.log(listOf(one, message, places, seen));
    }
    const share = ((100 * sums.shown) / sums.fixes).toFixed(0);
    console.log(`| ${sums.fixes}, any place in ${sums.places} | ${share} % | ${sums.bytes} | ${tokens(sums.bytes)} | |`);
    if (words.includes('--parts')) console.log(`\n${partsTable(parts)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const tokens = (bytes: number) => Math.round(bytes / BYTES_PER_TOKEN);

function listOf(one: Case, message: string, places: readonly Place[], seen: readonly Place[]): string {
  const missed = places.filter((place) => !seen.includes(place)).map(({ file, line }) => `${file}:${line}`);
  return `--- ${one.task}\n--- missed: ${missed.join(' ') || 'nothing'}\n${message}\n`;
}

function git(gitDir: string, ...words: string[]): string {
  return execFileSync('git', ['--git-dir', gitDir, ...words], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}

function trialCases(folder: string): Case[] {
  return taskNames().map((name) => {
    const { repository, base, fix, kind, task } = readTask(name);
    const gitDir = path.join(folder, name);
    execFileSync('git', ['init', '-q', '--bare', gitDir]);
    git(gitDir, 'fetch', '-q', '--no-tags', repository, base, fix);
    return { name, gitDir, base, fix, kind, task };
  });
}

function casesIn(gitDir: string, most: number): Case[] {
  const ids = git(gitDir, 'rev-list', '--no-merges', '--min-parents=1', `--max-count=${MOST_COMMITS_READ}`, 'HEAD').trim().split('\n');
  const cases: Case[] = [];
  for (const fix of ids) {
    if (cases.length >= most) break;
    const task = messageIn(gitDir, fix);
    if (task.length < LEAST_MESSAGE || !isSmallFix(gitDir, fix)) continue;
    const name = `${path.basename(path.dirname(path.resolve(gitDir)))} ${fix.slice(0, 8)}`;
    const one: Case = {
      name,
      gitDir: path.resolve(gitDir),
      base: `${fix}^`,
      fix,
      kind: /\bfix|\bbug/i.test(task) ? 'bug' : 'feature',
      task,
    };
    if (changedPlaces(one).length > 0) cases.push({ ...one, base: git(gitDir, 'rev-parse', `${fix}^`).trim() });
  }
  return cases;
}

/** Without signatures, addresses and numbers of pull requests. */
function messageIn(gitDir: string, commit: string): string {
  return git(gitDir, 'log', '-1', '--format=%B', commit)
    .replace(/^[\w-]+: .*<.*@.*>$|^(?:close[sd]?|fix(?:es|ed)?|refs?) #\d+\.?$|\(?#\d+\)?|https?:\S+/gim, '')
    .trim();
}

function isSmallFix(gitDir: string, commit: string): boolean {
  const rows = git(gitDir, 'diff', '--numstat', '--no-renames', `${commit}^`, commit)
    .trim()
    .split('\n')
    .map((row) => row.split('\t'));
  const code = rows.filter(([, , file]) => file !== undefined && isCode(file) && !isTestPath(file));
  const lines = code.reduce((sum, [added, removed]) => sum + Number(added) + Number(removed), 0);
  const hasTests = rows.some(([, , file]) => file !== undefined && isTestPath(file));
  return hasTests && code.length > 0 && code.length <= MOST_FILES && lines <= MOST_LINES;
}

/** The first line of each hunk, as the base counts; of code that was there. */
function changedPlaces({ gitDir, base, fix }: Case): Place[] {
  const places: Place[] = [];
  let file = '';
  for (const line of git(gitDir, 'diff', '-U0', '--no-renames', '--no-color', base, fix).split('\n')) {
    if (line.startsWith('--- ')) file = line.startsWith('--- a/') ? line.slice(6) : '';
    const [, at] = /^@@ -(\d+)/.exec(line) ?? [];
    if (at !== undefined && file !== '' && isCode(file) && !isTestPath(file)) places.push({ file, line: Math.max(Number(at), 1) });
  }
  return places;
}

async function requestOf({ gitDir, base, kind, task }: Case): Promise<ChatRequest> {
  const source = { gitDir, root: gitDir, prefix: '', head: { commit: base, branch: null } } as unknown as Repository;
  const files = await listTree(source, base);
  const { checks } = await checksAtHead(source, task);
  const { system, messages } = await writeFirstMessages({
    start: { kind, task, parent: base, checks: checks.map((check) => check.command), scope: [], maxSteps: 50 },
    source,
    tree: base,
    files,
    shownRoot: '/work',
    disclosure: 'silent',
    commandSeconds: 120,
    earlier: [],
    prefetched: noPrefetch,
    neverSend: neverSend(),
  });
  return { tools: JSON.parse(toolsJson(tools)) as ChatRequest['tools'], messages: [{ role: 'system', content: system }, ...messages] };
}

function isShown(message: string, { file, line }: Place): boolean {
  for (const [, , name, note, content] of message.matchAll(/<<(\w{8}) (\S+)(?: \[([^\]]*)\])?\n([\s\S]*?)\n\1>>/g)) {
    if (name !== file) continue;
    let at = note?.startsWith('parts of') ? Number.POSITIVE_INFINITY : 1;
    let to = Number.POSITIVE_INFINITY;
    for (const text of content!.split('\n')) {
      const [, from, last] = /^\[lines (\d+)-(\d+)\]$/.exec(text) ?? [];
      if (from !== undefined) [at, to] = [Number(from), Number(last)];
      else if (at === line && at <= to) return true;
      else at++;
    }
  }
  return false;
}
