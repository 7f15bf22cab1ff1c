import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST, field, type Progress } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The wire itself: a client that is written by hand, so that no library hides what the server sends. */
class RawClient {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[] = [];
  readonly messages: Record<string, unknown>[] = [];
  #buffer = '';
  #waiting: (() => void)[] = [];
  #last = 0;

  constructor(world: World, env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [path.join(DIST, 'server.cjs')], {
      cwd: world.repo,
      env: {
        PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
        HOME: world.home,
        CLAUDE_KIMI_HOME: world.state,
        KIMI_API_KEY: TEST_KEY,
        KIMI_BASE_URL: world.kimi.baseUrl,
        ...env,
      },
    });
    this.child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#buffer += chunk;
      const parts = this.#buffer.split('\n');
      this.#buffer = parts.pop() ?? '';
      for (const line of parts) {
        this.lines.push(line);
        this.messages.push(JSON.parse(line));
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.child.stdin.on('error', () => {});
  }

  send(message: object): void {
    this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    this.send({ id, method, params });
    return this.until(() => this.messages.find((message) => message.id === id));
  }

  async initialize(): Promise<Record<string, unknown>> {
    const answer = await this.ask('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'claude-code', version: '2' },
    });
    this.send({ method: 'notifications/initialized' });
    return answer.result as Record<string, unknown>;
  }

  async exit(): Promise<number> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode ?? -1;
  }
}

/** Unlike any other process of the machine. */
const SLEEP = `sleep 301.${process.pid}`;

describe('protocol', () => {
  let world: World | null = null;
  let clients: RawClient[] = [];
  const raw = (env?: Record<string, string>) => {
    const client = new RawClient(world as World, env);
    clients.push(client);
    return client;
  };

  afterEach(async () => {
    for (const client of clients) client.child.kill('SIGKILL');
    clients = [];
    await world?.close();
    world = null;
  });

  it('initialize and tools/list work without a key; texts are small', async () => {
    world = await makeWorld([]);
    const client = raw({ KIMI_API_KEY: '' });
    const initialized = await client.initialize();
    assert.equal(initialized.protocolVersion, '2025-11-25');
    assert.ok(Buffer.byteLength(String(initialized.instructions)) < 2048);
    assert.match(String(initialized.instructions), /do not mention delegation; answer truthfully if asked/);
    const { tools } = (await client.ask('tools/list')).result as { tools: { name: string; _meta?: object }[] };
    const main = ['implement_feature', 'write_tests', 'fix_bug'];
    assert.deepEqual(
      tools.map((tool) => tool.name),
      [
        ...main,
        'get_delegation',
        'cancel_delegation',
        'resume_delegation',
        'merge_delegation',
        'discard_delegation',
        'restore_delegation',
        'delegation_diff',
      ],
    );
    assert.deepEqual(
      tools.filter((tool) => tool._meta).map((tool) => tool.name),
      main,
    );
    assert.ok(Buffer.byteLength(JSON.stringify(tools.slice(0, 3))) < 6 * 1024);
  });

  it('disclosure changes what the server says of itself and of the worker', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { env: { KIMI_DISCLOSURE: 'open' } });
    assert.match(world.server.client.getInstructions() ?? '', /written by the delegated worker \(Kimi\)/);
    assert.match(await world.server.call('implement_feature', task(world, 'feature/open')), /worker: Kimi/);
  });

  it('answers unknown methods with -32601 at once, and bad arguments with a report', async () => {
    world = await makeWorld([]);
    const client = raw();
    const answer = await client.ask('server/discover');
    assert.equal((answer.error as { code: number }).code, -32601);
    await client.initialize();
    const called = await client.ask('tools/call', { name: 'implement_feature', arguments: { repo_path: 5 } });
    const text = (called.result as { content: { text: string }[] }).content[0]?.text ?? '';
    assert.equal(field(text, 'outcome'), 'invalid_request');
    assert.match(text, /implement_feature needs repo_path, branch_name, task_spec/);
  });

  it('reports progress at each step; it grows, and names the call', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('cat done.txt'), finish()]);
    const seen: Progress[] = [];
    await world.server.call('implement_feature', task(world, 'feature/progress'), { onProgress: (progress) => seen.push(progress) });
    const messages = seen.map((progress) => progress.message);
    for (const step of [1, 2, 3])
      assert.ok(
        messages.some((message) => message?.startsWith(`step ${step}/50`)),
        `step ${step} in ${messages}`,
      );
    assert.ok(messages.includes('step 2/50 · run_command cat done.txt'));
    assert.ok(seen.every((progress, i) => i === 0 || progress.progress > (seen[i - 1]?.progress ?? 0)));
  });

  it('sends not a byte to stdout that is not JSON-RPC, debugging switched on in the environment', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('echo noise'), finish()]);
    const client = raw({ OPENAI_LOG: 'debug', DEBUG: '*', NODE_DEBUG: '' });
    await client.initialize();
    await client.ask('tools/call', { name: 'implement_feature', arguments: task(world, 'feature/quiet'), _meta: { progressToken: 1 } });
    client.child.stdin.end();
    await client.exit();
    assert.ok(client.lines.length > 3);
    assert.ok(client.messages.every((message) => message.jsonrpc === '2.0'));
  });

  it('is not stopped by a client that does not read', async () => {
    world = await makeWorld(({ step }) => (step < 40 ? run(`echo ${step} ${'x'.repeat(3000)}`) : finish()), {});
    const client = raw();
    await client.initialize();
    client.child.stdout.pause();
    for (let i = 0; i < 400; i++) client.send({ id: 1000 + i, method: 'tools/list' }); // far more answers than a pipe holds
    client.send({
      id: 5000,
      method: 'tools/call',
      params: { name: 'implement_feature', arguments: task(world, 'feature/deaf', { max_steps: 60 }), _meta: { progressToken: 1 } },
    });
    await world.kimi.arrived(41);
    client.child.stdout.resume();
    await client.until(() => client.messages.find((message) => message.id === 5000));
  });

  for (const [how, end] of Object.entries({
    'stdin EOF': (client: RawClient) => client.child.stdin.end(),
    SIGINT: (client: RawClient) => client.child.kill('SIGINT'),
    SIGTERM: (client: RawClient) => client.child.kill('SIGTERM'),
    'a message over 10 MB': (client: RawClient) => client.child.stdin.write('x'.repeat(11 * 2 ** 20)),
    EPIPE: (client: RawClient) => {
      client.child.stdout.destroy();
      client.send({ id: 99, method: 'tools/list' });
      client.send({ id: 98, method: 'tools/list' });
    },
  })) {
    it(`${how}: keeps the work, stops spending and exits, children included`, async () => {
      world = await makeWorld([write('done.txt', 'done\n'), run(SLEEP), finish()]);
      const client = raw();
      await client.initialize();
      client.send({
        id: 50,
        method: 'tools/call',
        params: { name: 'implement_feature', arguments: task(world, 'feature/end'), _meta: { progressToken: 1 } },
      });
      await client.until(() => client.lines.find((line) => line.includes(SLEEP)));
      let said = '';
      client.child.stderr.on('data', (chunk) => {
        said += chunk;
      });
      end(client);
      const code = await client.exit();
      const isOurs = how.startsWith('a message');
      assert.equal(code, isOurs ? 1 : 0);
      if (isOurs) assert.match(said, /the connection to the client was closed: .*maximum size/);
      assert.ok(!commandLines().some((line) => line.includes(SLEEP)), 'no child lives on');
      const spent = world.kimi.requests.length;
      const status = await world.server.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/end' });
      assert.equal(field(status, 'outcome'), isOurs ? 'cancelled' : 'interrupted', status);
      assert.equal(world.kimi.requests.length, spent);
      assert.equal(world.git('branch', '--list', 'feature/end'), '', 'nothing is handed back half-done');
    });
  }

  it('an unknown client learns of a broken set-up with the report that it fetches, once', async () => {
    world = await makeWorld(({ step }) => [write('done.txt', 'done\n'), run('true')][step] ?? { fault: '429_quota' }, {
      clientName: 'some-client',
      env: { KIMI_ANSWER_AFTER: '1' },
      kimi: { thinkMs: 700 },
    });
    assert.match(await world.server.call('implement_feature', task(world, 'feature/later')), /^state: running/);
    const where = { repo_path: world.repo, branch_name: 'feature/later' };
    let report = '';
    while (!report.startsWith('outcome:')) report = await world.server.call('get_delegation', where);
    assert.equal(field(report, 'outcome'), 'quota_exhausted');
    assert.match(field(report, 'notice_for_user') ?? '', /does not work at present/);
    assert.equal(field(await world.server.call('get_delegation', where), 'notice_for_user'), undefined);
    const later = await world.another();
    const stored = await later.call('get_delegation', where);
    assert.equal(field(stored, 'notice_for_user'), undefined, 'what was broken before this session may be mended');
  });

  it('an unknown client gets an answer in time; the work goes on and the report is fetched', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], {
      clientName: 'some-client',
      env: { KIMI_ANSWER_AFTER: '1' },
      kimi: { thinkMs: 700 },
    });
    const early = await world.server.call('implement_feature', task(world, 'feature/later'));
    assert.match(early, /^state: running {3}branch: feature\/later/);
    const where = { repo_path: world.repo, branch_name: 'feature/later' };
    const status = await world.server.call('get_delegation', where);
    assert.match(status, /^state: running[\s\S]*step \d of 50 · /);
    let report = status;
    while (!report.startsWith('outcome:')) report = await world.server.call('get_delegation', where);
    assert.equal(field(report, 'outcome'), 'unverified');
    assert.match(
      await world.server.call('get_delegation', { repo_path: world.repo }),
      /1 delegation in .*\n {2}feature\/later {2}unverified/,
    );
  });
});

function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      return [];
    }
  });
}
