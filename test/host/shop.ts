import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeSample } from '../demo/sample.ts';
import { DEMO_TURNS } from '../demo/scenario.ts';
import { gitIn, writeIn } from '../e2e/world.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { type ServerHandle, startServer } from '../fakes/mcp-client.ts';

/** What the scripted Kimi plays depends on words of the task, so that many delegations can go on at once; the first that fit count. */
const PLAYS: Readonly<Record<string, readonly Turn[]>> = {
  'forgets quantities': DEMO_TURNS,
  'forget the quantity': DEMO_TURNS,
  'rate limit': [
    read('src/cart.js'),
    write(
      'src/rate-limit.js',
      `/** Allows so many calls a minute for each key. */
export function rateLimit(perMinute, now = Date.now) {
  const calls = new Map();
  return (key) => {
    const since = now() - 60_000;
    const recent = (calls.get(key) ?? []).filter((at) => at > since);
    if (recent.length >= perMinute) return false;
    calls.set(key, [...recent, now()]);
    return true;
  };
}
`,
    ),
    write(
      'test/rate-limit.test.js',
      `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateLimit } from '../src/rate-limit.js';

test('ten a minute, then no more until a minute has passed', () => {
  let time = 0;
  const allowed = rateLimit(10, () => time);
  for (let n = 0; n < 10; n++) assert.ok(allowed('ann'));
  assert.ok(!allowed('ann'));
  assert.ok(allowed('bob'));
  time = 60_001;
  assert.ok(allowed('ann'));
});
`,
    ),
    run('npm test'),
    finish('rateLimit(perMinute) allows that many calls a minute for each key. Tests added.', 'Add a rate limit'),
  ],
  'begin at 40.00': [
    {
      calls: [{ name: 'edit_file', args: { path: 'src/cart.js', edits: [{ old_text: 'cents > 50000', new_text: 'cents >= 4000' }] } }],
    },
    finish('The discount begins at 40.00 now. npm test: 4 of 4 pass.', 'Move the discount'),
  ],
  'Move the discount': [
    {
      calls: [{ name: 'edit_file', args: { path: 'src/cart.js', edits: [{ old_text: 'cents >= 5000', new_text: 'cents > 50000' }] } }],
    },
    finish('The discount begins at 500.00 now.', 'Move the discount'),
  ],
  'Take your time': [read('src/cart.js'), run('npm test'), run('npm run build'), run('npm run build'), finish()],
  'Rename the cart': [
    run('rm README.md && mv src/cart.js src/basket.js && printf "\\\\211PNG\\\\0\\\\1" > logo.png'),
    finish('Renamed the cart.', 'Rename the cart'),
  ],
};

function read(file: string): Turn {
  return { reasoning: 'Look first.', calls: [{ name: 'read_file', args: { path: file } }] };
}
function write(file: string, content: string): Turn {
  return { calls: [{ name: 'write_file', args: { path: file, content } }] };
}
function run(command: string): Turn {
  return { calls: [{ name: 'run_command', args: { command, timeout_seconds: 600 } }] };
}
function finish(summary = 'Done.', message = 'Do the work'): Turn {
  return { calls: [{ name: 'finish', args: { summary, commit_message: message } }] };
}

function play({ messages, step }: RequestView): Turn {
  const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => String(content));
  const word = Object.keys(PLAYS).find((candidate) => asked.some((text) => text.includes(candidate)));
  return (word ? PLAYS[word]?.[step] : undefined) ?? finish();
}

/** The repository, the scripted Kimi and the state directory that windows of a test share. */
export interface Shop {
  readonly folder: string;
  readonly repo: string;
  readonly kimi: ScriptedKimi;
  /** The model need not wait any more. */
  goOn(): void;
  /** What the user set in VS Code. */
  readonly userSettings: Readonly<Record<string, unknown>>;
  git(...words: string[]): string;
  write(file: string, text: string): void;
  /** Puts the key where a window without one finds it. */
  saveKey(home: string): void;
  /** A server as Claude Code would start it for the same user. */
  server(home: string, env?: Record<string, string>): Promise<ServerHandle>;
  /** Delegates over a server of its own, and waits for the end. @returns the report */
  delegate(home: string, branch: string, task: string, more?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** @param options.waitsAt before the answer of this step (from 0) the model waits for `goOn`, so that a window has the time to show it */
export async function openShop({ waitsAt }: { waitsAt?: number } = {}): Promise<Shop> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'kimi-shop-')));
  const repo = path.join(folder, 'corner-shop');
  mkdirSync(repo);
  await makeSample(repo);
  const manifest = {
    name: 'corner-shop',
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: { test: 'node --test', build: 'sleep 300' },
  };
  writeIn(repo, 'package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  gitIn(repo, 'commit', '-q', '-a', '-m', 'Add a build');
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const kimi = await startKimi({ scenario: play, until: ({ step }) => (step === waitsAt ? told : null) });
  const servers: ServerHandle[] = [];
  const shop: Shop = {
    folder,
    repo,
    kimi,
    goOn,
    userSettings: { 'claudeKimi.repositories': { '*': 'allow' } },
    git: (...words) => gitIn(repo, ...words),
    write: (file, text) => writeIn(repo, file, text),
    saveKey(home) {
      const state = path.join(home, '.claude-kimi-mcp');
      mkdirSync(state, { recursive: true, mode: 0o700 });
      writeFileSync(path.join(state, '.env'), `KIMI_API_KEY=${TEST_KEY}\nKIMI_BASE_URL=${kimi.baseUrl}\n`, { mode: 0o600 });
    },
    async server(home, env = {}) {
      const server = await startServer({ home, cwd: repo, env });
      servers.push(server);
      return server;
    },
    async delegate(home, branch, task, more = {}) {
      const server = await shop.server(home);
      const tool = branch.startsWith('fix/') ? 'fix_bug' : branch.startsWith('tests/') ? 'write_tests' : 'implement_feature';
      const text = { [tool === 'fix_bug' ? 'bug_description' : 'task_spec']: task };
      const report = await server.call(tool, { repo_path: repo, branch_name: branch, ...text, ...more });
      await server.close();
      return report;
    },
    async close() {
      await Promise.all(servers.map((server) => server.close().catch(() => {})));
      await kimi.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return shop;
}
