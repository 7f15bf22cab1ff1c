/** A ToolWorkspace over a real temp folder, for unit tests: no git, no sandbox. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { neverSend } from '../../../src/agent/never-send/never-send.ts';
import { ShownInConversation } from '../../../src/agent/shown-lines.ts';
import type {
  SearchFound,
  SearchHit,
  SearchQuery,
  SearchTarget,
  TestRun,
  Tool,
  ToolContext,
  ToolResult,
  ToolWorkspace,
} from '../../../src/agent/types.ts';
import { compileGlob } from '../../../src/common/glob.ts';
import { type CommandResult, NO_USE } from '../../../src/sandbox/types.ts';

export interface TempWorkspace {
  readonly root: string;
  readonly outside: string;
  readonly temp: string;
  readonly context: ToolContext;
  /** What `touched` was told, and the queries that `search` was asked, in order. */
  readonly touched: string[];
  readonly queries: SearchQuery[];
  /** The answer that runCommand gives instead of running anything. */
  commandResult: CommandResult | null;
  /** What it tells of a command as a test. */
  testRun: TestRun | null;
  put(relative: string, content: string | Buffer): string;
  text(relative: string): string;
  bytes(relative: string): Buffer;
  call(tool: Tool, args: unknown): Promise<ToolResult>;
  remove(): void;
}

export const SHOWN_ROOT = '/home/user/project';

export function tempWorkspace(
  overrides: Partial<Pick<ToolContext, 'signal'> & Pick<ToolWorkspace, 'ready' | 'folder' | 'submodules'>> = {},
): TempWorkspace {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'agent-tools-')));
  const [root, outside, temp] = ['tree', 'outside', 'temp'].map((name) => path.join(base, name)) as [string, string, string];
  for (const folder of [root, outside, temp]) mkdirSync(folder);
  writeFileSync(path.join(root, '.git'), 'gitdir: /nowhere\n');
  const touched: string[] = [];
  const queries: SearchQuery[] = [];
  const workspace: ToolWorkspace = {
    root,
    shownRoot: SHOWN_ROOT,
    folder: overrides.folder ?? '',
    submodules: overrides.submodules ?? [],
    temp: { host: temp, shown: '/tmp' },
    ready: overrides.ready ?? Promise.resolve(),
    listFiles: async (_, folder = '') => listFiles(root).filter((file) => isAt(folder, file)),
    search: async (query) => {
      queries.push(query);
      return searchFiles(root, query);
    },
    runCommand: (command, options) => (state.commandResult ? Promise.resolve(state.commandResult) : runShell(root, command, options.cwd)),
    readRun: async () => state.testRun,
    neverSend: neverSend(),
    rulesFor: async () => ({ ignored: null, encoding: null, lineEnds: null }),
    filterOff: async () => null,
    wroteIgnored: () => undefined,
    newlyIgnored: async () => [],
    touched: (paths) => touched.push(...paths),
  };
  const context: ToolContext = {
    workspace,
    signal: overrides.signal ?? new AbortController().signal,
    commandTimeoutMs: 60_000,
    seen: new Map(),
    shown: new ShownInConversation(),
  };
  const state: TempWorkspace = {
    root,
    outside,
    temp,
    context,
    touched,
    queries,
    commandResult: null,
    testRun: null,
    put(relative, content) {
      const host = path.join(root, relative);
      mkdirSync(path.dirname(host), { recursive: true });
      writeFileSync(host, content);
      return host;
    },
    text: (relative) => readFileSync(path.join(root, relative), 'utf8'),
    bytes: (relative) => readFileSync(path.join(root, relative)),
    call: (tool, args) => tool.run(args, context),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
  return state;
}

function listFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => file !== '.git' && !file.startsWith('ignored/'))
    .sort();
}

function searchFiles(root: string, query: SearchQuery): SearchFound {
  const source =
    query.syntax === 'regex' ? query.pattern.replaceAll('[[:space:]]', '\\s') : query.pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const expression = new RegExp(source, query.ignoreCase ? 'i' : '');
  const hits: SearchHit[] = [];
  for (const file of listFiles(root)) {
    if (query.leftOut?.(file) || (query.targets.length > 0 && !query.targets.some((place) => holds(place, file)))) continue;
    for (const [at, text] of readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
      if (!expression.test(text)) continue;
      if (hits.length === query.limit) return { hits, end: 'limit' };
      hits.push({ path: file, line: at + 1, text });
    }
  }
  return { hits, end: 'all' };
}

function holds(place: SearchTarget, file: string): boolean {
  return 'path' in place ? isAt(place.path, file) : (compileGlob(place.glob)?.(file) ?? false);
}

function isAt(place: string, file: string): boolean {
  return place === '' || file === place || file.startsWith(`${place}/`);
}

function runShell(root: string, command: string, cwd: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', command], { cwd: path.join(root, cwd), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (exitCode) => {
      resolve({
        exitCode,
        killed: null,
        head: output,
        tail: '',
        totalBytes: output.length,
        outputFile: null,
        durationMs: 12,
        sandboxed: false,
        use: NO_USE,
      });
    });
  });
}
