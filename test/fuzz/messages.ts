/** Messages to the real server over stdio. What is no request is passed over; what is one gets its answer; nothing stops the server. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { MCP_TOOLS } from '../../src/mcp/tool-schemas.ts';
import { finish, gitIn, makeRepository } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { until } from '../until.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

const MOST_AT_ONCE = 400;
/** A server at rest has about 100. */
const MOST_MIB = 500;
const ANSWER_SECONDS = 20;
const BRANCH = 'feature/fuzz';

/** biome-ignore format: a list */
const METHODS = [
  'tools/call', 'tools/list', 'ping', 'initialize', 'resources/list', 'prompts/get', 'logging/setLevel', 'completion/complete', 'tasks/get', 'tasks/cancel',
  'notifications/cancelled', 'notifications/progress', 'notifications/initialized', 'notifications/roots/list_changed', 'sampling/createMessage', 'roots/list',
  '', 'constructor', '__proto__', 'toString', 'tools/call ', 'x'.repeat(10_000), '\u0000', 'rpc.discover',
];
const TOOLS = [...MCP_TOOLS.map(({ name }) => name), 'implement_featur', '', '__proto__', 'constructor', 'hasOwnProperty'];
const ARGUMENTS = [...new Set(MCP_TOOLS.flatMap(({ inputSchema }) => Object.keys(inputSchema.properties))), '__proto__', 'constructor'];

const odd = fc.oneof(
  fc.anything({ maxDepth: 3, withDate: false, withMap: false, withSet: false, withTypedArray: false }),
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    'null',
    '../..',
    '/',
    '/etc',
    '-x',
    '--upload-pack=x',
    '\0',
    '\u202e',
    '[',
    '{"a":',
    1e308,
    -0,
    -1,
    2 ** 53,
    [[[[]]]],
    {},
  ),
  fc.constantFrom(10_000, 300_000).map((length) => 'y'.repeat(length)),
);

function messages(repo: string) {
  const right: Record<string, unknown> = {
    repo_path: repo,
    branch_name: BRANCH,
    task_spec: 'Do it.',
    goal: 'Test it.',
    bug_report: 'It fails.',
    expected_tip: '0123456',
  };
  const value = (name: string) => fc.oneof({ arbitrary: fc.constant(right[name] ?? null), weight: 3 }, { arbitrary: odd, weight: 2 });
  const args = fc
    .uniqueArray(fc.constantFrom(...ARGUMENTS), { maxLength: 6 })
    .chain((names) => fc.tuple(...names.map(value)).map((values) => Object.fromEntries(names.map((name, index) => [name, values[index]]))));
  const call = fc.record({
    name: fc.oneof({ arbitrary: fc.constantFrom(...TOOLS), weight: 9 }, odd),
    arguments: fc.oneof({ arbitrary: args, weight: 9 }, odd),
  });
  const cancelled = fc.record({ requestId: fc.oneof(fc.nat(300), odd), reason: odd });
  const params = fc.oneof({ arbitrary: call, weight: 5 }, cancelled, odd);
  const id = fc.oneof(
    { arbitrary: fc.nat(300), weight: 6 },
    { arbitrary: fc.string({ maxLength: 8 }), weight: 2 },
    fc.constantFrom<unknown>(null, -1, 1.5, 2 ** 60, '', true, [], {}, undefined),
  );
  const method = fc.oneof({ arbitrary: fc.constant('tools/call'), weight: 4 }, fc.constantFrom(...METHODS));
  const version = fc.oneof({ arbitrary: fc.constant('2.0'), weight: 12 }, fc.constantFrom<unknown>('1.0', 2, null, undefined));
  const request = fc.record({ jsonrpc: version, id, method: fc.oneof({ arbitrary: method, weight: 12 }, odd), params }).map(textOf);
  const answer = fc.record({ jsonrpc: version, id, result: odd }).map(textOf);
  const broken = fc.tuple(request, fc.nat(), fc.string({ unit: 'binary', maxLength: 3 })).map(([whole, at, by]) => {
    const cut = at % (whole.length + 1);
    return whole.slice(0, cut) + by.replaceAll('\n', '') + whole.slice(cut + 1);
  });
  const batch = fc.array(request, { maxLength: 4 }).map((all) => `[${all.join(',')}]`);
  const strange = fc.constantFrom(
    '',
    ' ',
    '\r',
    '\ufeff{}',
    'null',
    '0',
    '"x"',
    '[]',
    '{}',
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
    '}'.repeat(9),
    'Content-Length: 5\r',
    `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    'z'.repeat(2_000_000),
  );
  return fc.oneof({ arbitrary: request, weight: 20 }, answer, { arbitrary: broken, weight: 4 }, batch, strange);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one)) ?? 'null';
}

export async function fuzzMessages(count: number, seed: number): Promise<string> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-fuzz-')));
  const [home, repo] = [path.join(folder, 'home'), path.join(folder, 'repo')];
  mkdirSync(home);
  makeRepository(repo);
  const kimi = await startKimi({ scenario: () => finish() });
  const env = {
    PATH: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: home,
    CLAUDE_KIMI_HOME: path.join(home, '.claude-kimi-mcp'),
    KIMI_API_KEY: TEST_KEY,
    KIMI_BASE_URL: kimi.baseUrl,
  };
  const before = await fingerprint(repo, ['.git']);
  const tip = gitIn(repo, 'rev-parse', 'main');
  let server: RawServer | null = null;
  /** How often each id may have been answered by now. */
  const allowed = new Map<string, number>();
  let [tried, answered, starts, run, peak] = [0, 0, 0, 0, 0];
  try {
    const lines = fc.array(messages(repo), { minLength: 1, maxLength: Math.min(MOST_AT_ONCE, count), size: 'max' });
    const holds = async (some: string[]) => {
      if (!server?.isAlive()) {
        server = await startRawServer(repo, env);
        allowed.clear();
        starts++;
      }
      const asked = expected(some);
      const seen = new Map(server.answers);
      for (const line of some) server.send(line);
      await server.ping(ANSWER_SECONDS);
      const { answers, noise } = server;
      const missing = () => [...asked.must].filter(([id, times]) => (answers.get(id) ?? 0) - (seen.get(id) ?? 0) < times);
      await until('an answer to each request', () => missing().length === 0, ANSWER_SECONDS).catch(() => assert.deepEqual(missing(), []));
      for (const [id, times] of asked.may) allowed.set(id, (allowed.get(id) ?? 0) + times);
      for (const [id, times] of answers)
        if (id !== 'null' && !/^"(ping-|hello)/.test(id)) assert.ok(times <= (allowed.get(id) ?? 0), `${id} was answered too often`);
      assert.deepEqual(noise, []);
      peak = Math.max(peak, server.peak());
      assert.ok(peak < MOST_MIB, `${peak} MiB`);
      tried += some.length;
      answered += [...asked.must.values()].reduce((sum, times) => sum + times, 0);
    };
    while (tried < count)
      await fc.assert(fc.asyncProperty(lines, holds), { seed: seed * 1000 + run++, numRuns: 1, interruptAfterTimeLimit: 240_000 });
    assert.deepEqual(await fingerprint(repo, ['.git']), before, 'the checkout');
    assert.equal(gitIn(repo, 'rev-parse', 'main'), tip);
  } finally {
    (server as RawServer | null)?.stop();
    await kimi.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return `${tried} messages, ${answered} of them requests that were answered, to ${starts} server (${peak.toFixed(0)} MiB at most)`;
}

/** Ids that must be answered, and how often they may be. */
function expected(lines: readonly string[]): { must: Map<string, number>; may: Map<string, number> } {
  const [must, may] = [new Map<string, number>(), new Map<string, number>()];
  const add = (to: Map<string, number>, id: unknown) => to.set(JSON.stringify(id), (to.get(JSON.stringify(id)) ?? 0) + 1);
  const values = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as unknown]; // a list is no message since version 2025-06-18 of the protocol
    } catch {
      return [];
    }
  });
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const requests = values
    .filter(isObject)
    .filter(({ id, method }) => typeof method === 'string' && (typeof id === 'string' || Number.isSafeInteger(id)));
  const cancelled = new Set(
    values
      .filter(isObject)
      .flatMap(({ method, params }) =>
        method === 'notifications/cancelled' && isObject(params) ? [JSON.stringify(params['requestId'])] : [],
      ),
  );
  const ids = requests.map(({ id }) => JSON.stringify(id));
  for (const request of requests) {
    const { id, jsonrpc, params } = request;
    const isWellFormed = Object.keys(request).every((key) => ['jsonrpc', 'id', 'method', 'params'].includes(key));
    add(may, id);
    const name = JSON.stringify(id);
    // Of two requests with one id, a client cannot tell whose answer it gets.
    const isClear = ids.filter((other) => other === name).length === 1 && !cancelled.has(name);
    if (jsonrpc === '2.0' && isClear && isWellFormed && (params === undefined || (isObject(params) && !('_meta' in params)))) add(must, id);
  }
  return { must, may };
}
