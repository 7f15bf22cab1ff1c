/**
 * How long `list_files` and `search` take in a large repository, beside git doing the least that could serve, in turn. `npm run bench looking`
 */

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { neverSend } from '../../src/agent/never-send/never-send.ts';
import { ShownInConversation } from '../../src/agent/shown-lines.ts';
import { listFiles } from '../../src/agent/tools/list-files.ts';
import { search } from '../../src/agent/tools/search.ts';
import type { Tool, ToolContext } from '../../src/agent/types.ts';
import type { Checkpointer } from '../../src/delegation/attempt/checkpointer.ts';
import { createToolWorkspace } from '../../src/delegation/attempt/tool-workspace.ts';
import { guardWorkspace } from '../../src/delegation/attempt/workspace-guard.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { checkout } from '../../src/workspace/checkout.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { attachWorkTree, createPrivateGit } from '../../src/workspace/private-git.ts';
import type { PrivateGit } from '../../src/workspace/types.ts';
import { english } from '../messages/english.ts';

const run = promisify(execFile);

export interface Look {
  readonly name: string;
  readonly tool: Tool;
  readonly args: object;
  /** The git command that is measured beside it. */
  readonly bare: readonly string[];
}

const LISTED = ['ls-files', '--cached', '--others', '--exclude-standard'];
const grep = (...args: string[]) => ['grep', '-l', '--untracked', ...args];

/** For a repository as `makeRepository` of the benchmark has it: `src/p<n>/m<n>/f<n>.ts` with `module <n>` and `value<n>`. */
export const LOOKS: readonly Look[] = [
  { name: 'list everything', tool: listFiles, args: {}, bare: LISTED },
  { name: 'list a folder', tool: listFiles, args: { path: 'src/p3/m20' }, bare: [...LISTED, '--', 'src/p3/m20'] },
  { name: 'list a glob', tool: listFiles, args: { glob: '**/f1*7.ts' }, bare: [...LISTED, '--', ':(glob)**/f1*7.ts'] },
  { name: 'search, a common text', tool: search, args: { pattern: 'export const' }, bare: grep('-F', 'export const') },
  { name: 'search, a rare text', tool: search, args: { pattern: 'module 1234' }, bare: grep('-F', 'module 1234') },
  { name: 'search, nothing', tool: search, args: { pattern: 'nowhere' }, bare: grep('-F', 'nowhere') },
  { name: 'search in a folder', tool: search, args: { pattern: 'module', glob: 'src/p3' }, bare: grep('-F', 'module', '--', 'src/p3') },
  {
    name: 'search in a glob',
    tool: search,
    args: { pattern: 'module', glob: 'src/p*/m1/*.ts' },
    bare: grep('-F', 'module', '--', ':(glob)src/p*/m1/*.ts'),
  },
  {
    name: 'search, a regex',
    tool: search,
    args: { pattern: 'modul\\w+ 12345?$', regex: true },
    bare: grep('-E', 'modul[[:alnum:]_]+ 12345?$'),
  },
];

/** One after the other, `rounds` times: a table of medians, ms. After a command, a search has to look out for huge files. */
export async function looking(repo: string, folder: string, rounds = 9): Promise<void> {
  const { privateGit, workTree } = await workspaceOf(repo, folder);
  const [before, after] = [contextOf(privateGit, workTree), await afterCommand(contextOf(privateGit, workTree))];
  console.log('\n| ms | ours | git | ours/git | ours after a command | ours/git |\n| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const look of LOOKS) {
    const [a, b] = [medians(await timed(look, before, rounds)), medians(await timed(look, after, rounds))];
    const shown = [a.ours.toFixed(0), a.bare.toFixed(0), (a.ours / a.bare).toFixed(2), b.ours.toFixed(0), (b.ours / b.bare).toFixed(2)];
    console.log(`| ${look.name} | ${shown.join(' | ')} |`);
  }
}

/** Milliseconds of the tool and of git, in turn; the first of each is not counted. */
export async function timed(look: Look, context: ToolContext, rounds: number): Promise<{ ours: number[]; bare: number[] }> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    const result = await look.tool.run(look.args, context);
    const between = performance.now();
    // Git ends with 1 when nothing matches.
    await run('git', [...look.bare], { cwd: context.workspace.root, maxBuffer: 1 << 28 }).catch((error: { code: unknown }) => {
      if (error.code !== 1) throw error;
    });
    if (!result.ok) throw new Error(result.text);
    if (round === 0) continue;
    ours.push(between - began);
    bare.push(performance.now() - between);
  }
  return { ours, bare };
}

async function workspaceOf(repo: string, folder: string): Promise<{ privateGit: PrivateGit; workTree: string }> {
  const opened = await openRepository(repo);
  if (!opened.ok) throw new Error(english(opened.reason));
  const { repository } = opened;
  const commit = repository.head.commit;
  const privateGit = await createPrivateGit({ dir: path.join(folder, 'looking.git'), repository, branch: 'bench/looking', commit });
  const workTree = path.join(folder, 'looking');
  mkdirSync(workTree);
  const result = await checkout(privateGit, workTree, commit);
  if (!result.ok) throw new Error(english(result.reason));
  await attachWorkTree(privateGit, workTree);
  return { privateGit, workTree };
}

/** What `list_files` and `search` need of an attempt. */
export function contextOf(privateGit: PrivateGit, workTree: string, signal = new AbortController().signal): ToolContext {
  const sandbox = { shownRoot: workTree, shownTemp: '/tmp', run: async () => ({}), quiet: async () => {} } as unknown as Sandbox;
  const checkpointer = { idle: async () => {}, markChanged: () => {} } as Checkpointer;
  const preparation = { begin: async () => {}, settled: async () => {} };
  const workspace = createToolWorkspace({
    privateGit,
    workTree,
    temp: workTree,
    folder: '',
    inner: [],
    sandbox,
    guard: guardWorkspace(sandbox),
    preparation,
    relearn: async () => {},
    neverSend: neverSend(),
    written: new Set(),
    ignoredWrites: new Set(),
    checkpointer,
  });
  return { workspace, signal, commandTimeoutMs: 1_000, seen: new Map(), shown: new ShownInConversation() };
}

/** As if a command had run that changed nothing. */
export async function afterCommand(context: ToolContext): Promise<ToolContext> {
  await context.workspace.runCommand('true', { cwd: '', timeoutMs: 1_000, network: false, signal: context.signal });
  return context;
}

function medians({ ours, bare }: { ours: number[]; bare: number[] }): { ours: number; bare: number } {
  return { ours: median(ours), bare: median(bare) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
