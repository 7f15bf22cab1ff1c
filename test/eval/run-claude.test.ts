import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../until.ts';
import { type ClaudeCall, runClaude } from './run-claude.ts';

/** Claude Code played by a script that prints events and then does as it is told. */
describe('a run of claude', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-run-claude-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const answer = (id: string, output: number) =>
    JSON.stringify({ type: 'assistant', message: { id, model: 'claude-opus-5-5', usage: { input_tokens: 0, output_tokens: output } } });
  const result = (more: object = {}) =>
    JSON.stringify({
      type: 'result',
      subtype: 'success',
      is_error: false,
      total_cost_usd: 0.25,
      num_turns: 4,
      modelUsage: { 'claude-haiku-5-5': { costUSD: 0.01 }, 'claude-opus-5-5': { costUSD: 0.24 } },
      ...more,
    });

  function play(lines: readonly string[], then = ''): string {
    const program = path.join(folder, 'claude');
    const said = lines.map((line) => `process.stdout.write(${JSON.stringify(`${line}\n`)});`).join('\n');
    const code = `const fs = require('node:fs');\nfs.writeFileSync('words.json', JSON.stringify({ words: process.argv.slice(2), env: Object.keys(process.env), prompt: fs.readFileSync(0, 'utf8') }));\n${said}\n${then}`;
    writeFileSync(program, `#!${process.execPath}\n${code}\n`, { mode: 0o755 });
    return program;
  }

  const run = (program: string, more: Partial<ClaudeCall> = {}) =>
    runClaude({
      program,
      folder,
      prompt: 'Fix it.',
      model: undefined,
      server: null,
      hidden: ['/home/ann/results'],
      allowedHosts: ['registry.npmjs.org'],
      budget: 1,
      kimiSpent: () => 0,
      seconds: 60,
      signal: new AbortController().signal,
      transcript: path.join(folder, 'claude.jsonl'),
      ...more,
    });
  const words = () =>
    JSON.parse(readFileSync(path.join(folder, 'words.json'), 'utf8')) as { words: string[]; env: string[]; prompt: string };
  const word = (name: string) => words().words[words().words.indexOf(name) + 1]!;
  const STAYS = 'setInterval(() => {}, 1000);';

  it('takes cost, turns and model from its result, and keeps what it printed', async () => {
    const done = await run(play([answer('m1', 10), result()]));
    assert.deepEqual(
      { ...done, seconds: 0 },
      { ended: 'finished', fault: null, usd: 0.25, turns: 4, model: 'claude-opus-5-5', seconds: 0 },
    );
    assert.match(readFileSync(path.join(folder, 'claude.jsonl'), 'utf8'), /"m1"[\s\S]*"success"/);
    assert.equal(words().prompt, 'Fix it.');
  });

  it("may write and run only in its own sandbox, with nobody else's settings and servers, and without the key of Kimi", async () => {
    process.env['KIMI_API_KEY'] = 'sk-of-ann';
    try {
      await run(play([result()]), { server: { command: 'node', args: ['server.cjs'], stateDir: '/state' } });
    } finally {
      delete process.env['KIMI_API_KEY'];
    }
    const { sandbox, permissions } = JSON.parse(word('--settings'));
    assert.deepEqual(sandbox, {
      enabled: true,
      failIfUnavailable: true,
      autoAllowBashIfSandboxed: true,
      allowUnsandboxedCommands: false,
      filesystem: { denyRead: ['/home/ann/results'] },
      network: { allowedDomains: ['registry.npmjs.org'] },
    });
    assert.deepEqual(permissions, { deny: ['Read(//home/ann/results/**)'] });
    assert.equal(word('--setting-sources'), '');
    assert.equal(word('--permission-mode'), 'acceptEdits');
    assert.ok(words().words.includes('--strict-mcp-config'));
    assert.ok(words().env.includes('MCP_CONNECTION_NONBLOCKING'));
    assert.equal(JSON.parse(word('--mcp-config')).mcpServers['kimi-agent'].env.CLAUDE_KIMI_HOME, '/state');
    assert.equal(word('--allowedTools'), 'mcp__kimi-agent');
    assert.deepEqual(
      words().env.filter((name) => name.startsWith('KIMI_')),
      [],
    );
  });

  it('gives Claude alone no server, and all else alike', async () => {
    await run(play([result()]), { server: { command: 'node', args: [], stateDir: '/state' } });
    const { words: withOurs } = words();
    await run(play([result()]));
    const without = withOurs.slice(0, -2).map((word) => (word.includes('mcpServers') ? '{"mcpServers":{}}' : word));
    assert.deepEqual(words().words, without);
  });

  it('ends at its time, and counts what it has used by then', async () => {
    const done = await run(play([answer('m1', 20_000), answer('m1', 50_000), answer('m2', 1000)], STAYS), { seconds: 1, budget: 5 });
    assert.equal(done.ended, 'time_limit');
    assert.equal(done.usd, 1.02);
    assert.equal(done.turns, 2);
  }).timeout(10_000);

  it('ends when both have used up its budget, or when Claude says so', async () => {
    const used = await run(play([answer('m1', 25_000)], STAYS), { budget: 0.6, kimiSpent: () => 0.2 });
    assert.deepEqual([used.ended, used.fault], ['budget', null]);
    const told = await run(play([result({ subtype: 'error_max_budget_usd', is_error: true })], 'process.exit(1)'));
    assert.deepEqual([told.ended, told.fault, told.usd], ['budget', null, 0.25]);
  }).timeout(10_000);

  it('ends with everything that it started when it is interrupted', async () => {
    const closing = new AbortController();
    const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`process.on('SIGTERM', () => {});${STAYS}`)}]).on('spawn', function () { fs.writeFileSync('child', String(this.pid)); });`;
    const running = run(play([answer('m1', 10)], `${child}${STAYS}`), { signal: closing.signal });
    const pid = await until('its child', () => Number(readText(path.join(folder, 'child'))) || null);
    closing.abort();
    assert.equal((await running).ended, 'interrupted');
    await until('the end of its child', () => !isAlive(pid));
  }).timeout(15_000);

  it('is no run where Claude could not work: what it said is told', async () => {
    const login = await run(play([result({ is_error: true, result: 'Invalid API key', total_cost_usd: 0 })], 'process.exit(1)'));
    assert.equal(login.fault, 'Invalid API key');
    assert.match((await run(play([], "console.error('no sandbox here'); process.exit(1)"))).fault!, /no sandbox here/);
    assert.match((await run(path.join(folder, 'nothing'))).fault!, /ENOENT/);
  });
});

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return /State:\s+[^Z]/.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
