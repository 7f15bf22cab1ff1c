/** A user with a repository of three fixes, the real `claude` and the real server; both models are played. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { provisionClaude } from '../claude/provision.ts';
import { finish, gitIn, read, writeIn } from '../e2e/world.ts';
import { type ClaudeRequest, type ClaudeTurn, type ScriptedClaude, startClaudeApi } from '../fakes/anthropic/server.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';

const FAKE_KEY = 'sk-ant-api03-not-a-real-key-0123456789abcdef';

/** What the repository tells Claude, if it is asked. */
export const MEMORY = 'Delegate nothing here.';

export interface Fix {
  readonly subject: string;
  readonly body: string;
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly test: string;
}

const testOf = (name: string, line: string) =>
  `import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { ${name} } from '../src/${name}.js';\ntest('${name}', () => assert.equal(${line}));\n`;

export const FIXES: readonly Fix[] = [
  {
    subject: 'fix: Count quantities in the total (#12)',
    body: 'Two pears for 3 each cost 3 instead of 6.\n\nThe fix multiplies in src/total.js.\n\nSigned-off-by: Ann',
    file: 'src/total.js',
    before: 'export const total = (items) => items.reduce((sum, { price }) => sum + price, 0);\n',
    after: 'export const total = (items) => items.reduce((sum, { price, count = 1 }) => sum + price * count, 0);\n',
    test: testOf('total', 'total([{ price: 3, count: 2 }]), 6'),
  },
  {
    subject: 'Take no negative price',
    body: 'A price below 0 must count as 0.',
    file: 'src/price.js',
    before: 'export const price = (text) => Number(text);\n',
    after: 'export const price = (text) => Math.max(0, Number(text));\n',
    test: testOf('price', "price('-1'), 0"),
  },
  {
    subject: 'Round to cents',
    body: 'An amount of 1.005 shows as 1, and must show as 1.01.',
    file: 'src/round.js',
    before: 'export const round = (amount) => Math.round(amount * 100) / 100;\n',
    after: 'export const round = (amount) => Math.round((amount + Number.EPSILON) * 100) / 100;\n',
    test: testOf('round', 'round(1.005), 1.01'),
  },
];

export interface EvalWorld {
  readonly folder: string;
  readonly repo: string;
  readonly out: string;
  readonly kimi: ScriptedKimi;
  readonly api: ScriptedClaude;
  /** Runs the command as its user does. */
  run(...words: string[]): Promise<{ code: number | null; output: string }>;
  /** A file of the results; '' when there is none. */
  read(name: string): string;
  /** Is told of each request to Claude. */
  onClaude(told: (request: ClaudeRequest) => void): void;
  interrupt(): void;
  close(): Promise<void>;
}

/** @param plays what each way writes for the task with this text; null = nothing */
export async function makeEvalWorld(plays: (way: 'kimi' | 'claude', fix: Fix) => string | null): Promise<EvalWorld> {
  const claude = await provisionClaude((line) => console.error(line));
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-eval-test-')));
  const [home, repo, out, temp] = ['home', 'shop', 'results', 'tmp'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const made of [home, temp]) mkdirSync(made);
  makeShop(repo);
  writeFileSync(
    path.join(home, '.claude.json'),
    JSON.stringify({ hasCompletedOnboarding: true, customApiKeyResponses: { approved: [FAKE_KEY.slice(-20)], rejected: [] } }),
  );
  let told: (request: ClaudeRequest) => void = () => {};
  const kimi = await startKimi({ scenario: (view) => playKimi(view, plays) });
  const api = await startClaudeApi((request) => {
    told(request);
    return playClaude(request, plays, folder);
  });
  const env = {
    PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    LANG: 'C.UTF-8',
    TMPDIR: temp,
    ANTHROPIC_BASE_URL: api.baseUrl,
    ANTHROPIC_API_KEY: FAKE_KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    KIMI_API_KEY: TEST_KEY,
    KIMI_BASE_URL: kimi.baseUrl,
  };
  let running: ReturnType<typeof spawn> | null = null;
  return {
    folder,
    repo,
    out,
    kimi,
    api,
    async run(...words) {
      const program = path.join(import.meta.dirname, 'eval.ts');
      const child = spawn(process.execPath, [program, '--out', out, '--claude', claude, ...words], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running = child;
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => {
          output += text;
        });
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, output };
    },
    read(name) {
      try {
        return readFileSync(path.join(out, name), 'utf8');
      } catch {
        return '';
      }
    },
    onClaude: (listener) => {
      told = listener;
    },
    interrupt: () => running?.kill('SIGINT'),
    async close() {
      await kimi.close();
      await api.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function makeShop(repo: string): void {
  mkdirSync(repo);
  gitIn(repo, 'init', '-q', '-b', 'main');
  gitIn(repo, 'config', 'user.name', 'Ann');
  gitIn(repo, 'config', 'user.email', 'ann@example.org');
  const commit = (message: string) => {
    gitIn(repo, 'add', '-A');
    gitIn(repo, 'commit', '-q', '-m', message);
  };
  writeIn(repo, 'package.json', '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n');
  for (const { file, before } of FIXES) writeIn(repo, file, before);
  writeIn(repo, 'test/name.test.js', "import test from 'node:test';\ntest('nothing', () => {});\n");
  writeIn(repo, 'CLAUDE.md', `${MEMORY}\n`);
  const hook = { hooks: [{ type: 'command', command: `touch ${path.join(path.dirname(repo), 'hook-ran')}` }] };
  writeIn(repo, '.claude/settings.json', JSON.stringify({ hooks: { SessionStart: [hook], PreToolUse: [{ matcher: '*', ...hook }] } }));
  commit('First');
  for (const { subject, body, file, after, test } of FIXES) {
    writeIn(repo, file, after);
    writeIn(repo, file.replace('src/', 'test/').replace('.js', '.test.js'), test);
    commit(`${subject}\n\n${body}`);
  }
  writeIn(repo, 'src/name.js', 'export const name = "Shop";\n');
  writeIn(repo, 'test/name.test.js', "import test from 'node:test';\ntest('still nothing', () => {});\n");
  commit('Name the shop');
}

type Plays = (way: 'kimi' | 'claude', fix: Fix) => string | null;

/** By what is said of it alone: its subject also stands in the log of later commits. */
const fixIn = (text: string) => FIXES.find(({ body }) => text.includes(body.split('\n')[0]!));

function playKimi({ step, messages }: RequestView, plays: Plays): Turn {
  const fix = fixIn(JSON.stringify(messages));
  const text = fix ? plays('kimi', fix) : null;
  if (step > 1 || !fix || text === null) return finish('Fixed.', 'Fix it');
  if (step === 0) return read(fix.file);
  return { calls: [{ name: 'write_file', args: { path: fix.file, content: text } }] };
}

/** With our tools Claude hands over, reads the report and merges; without, it writes by itself. */
function playClaude(request: ClaudeRequest, plays: Plays, outside: string): ClaudeTurn | null {
  const all = JSON.stringify(request.messages);
  const fix = fixIn(all);
  if (!fix) return null;
  const folder = /working directory: ([^\s\\"]+)/i.exec(all + JSON.stringify(request.system))?.[1] ?? '/nowhere';
  const server = request.tools?.some(({ name }) => name === 'mcp__kimi-agent__implement_feature');
  const answers = request.messages.filter(({ role }) => role === 'assistant').length;
  if (!server) {
    const content = plays('claude', fix);
    if (answers === 0)
      return {
        calls: [
          {
            name: 'Bash',
            input: {
              command: `cat ${outside}/results/tasks.json; touch ${outside}/escaped; touch stays.tmp && rm stays.tmp && echo here`,
              description: 'Look around',
            },
          },
        ],
      };
    if (answers === 1 && content !== null) return { calls: [{ name: 'Read', input: { file_path: path.join(folder, fix.file) } }] };
    if (answers === 2 && content !== null)
      return { calls: [{ name: 'Write', input: { file_path: path.join(folder, fix.file), content } }] };
    return { text: 'Done.' };
  }
  const branch = 'fix/it';
  if (answers === 0) {
    const input = { repo_path: folder, branch_name: branch, task_spec: `${fix.subject.replace(/^fix: /, '')}: ${fix.body}` };
    return { calls: [{ name: 'mcp__kimi-agent__implement_feature', input }] };
  }
  const tip = /expected_tip=(\w+)/.exec(all)?.[1];
  if (answers === 1 && tip)
    return { calls: [{ name: 'mcp__kimi-agent__merge_delegation', input: { repo_path: folder, branch_name: branch, expected_tip: tip } }] };
  return { text: 'Done.' };
}
