import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ANSWER_KEY } from '../../../src/mcp/meta-keys.ts';
import { inEnglish, type Translate } from '../../../src/messages/translate.ts';
import {
  backOff,
  type ChildServer,
  type ChildServerOptions,
  childEnvironment,
  createChildServer,
  ServerProblem,
} from '../../../src/vscode/server/child-server.ts';

/** Speaks as much MCP as is needed to see what a server gets. */
const SERVER = `
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const waiting = new Map();
let asked = 0;
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line);
  const text = (value) => send({ id, result: { content: [{ type: 'text', text: JSON.stringify(value) }] } });
  if (method === 'initialize') send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'fake', version: process.env.FAKE_VERSION ?? '1.2.3' } } });
  else if (method === 'notifications/cancelled') process.stderr.write('cancelled\\n');
  else if (method === 'tools/call') {
    const { name } = params;
    if (name === 'look') text({ env: process.env, argv: process.argv, cwd: process.cwd() });
    if (name === 'die') process.kill(process.pid, 'SIGKILL');
    if (name === 'refuse') send({ id, result: { isError: true, content: [{ type: 'text', text: 'no such tool' }] } });
    if (name === 'roots') { waiting.set('roots' + ++asked, text); send({ id: 'roots' + asked, method: 'roots/list' }); }
    if (name === 'answer') send({ id, result: { content: [{ type: 'text', text: 'outcome: busy' }], _meta: params.arguments.meta } });
  } else if (waiting.has(id)) waiting.get(id)(result);
});
`;

const untilAborted = (_ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('the server of a window', () => {
  let folder: string;
  let server: ChildServer | null;
  let log: string[];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-child-'));
    writeFileSync(path.join(folder, 'server.cjs'), SERVER);
    server = null;
    log = [];
  });
  afterEach(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (more: Partial<ChildServerOptions> = {}): ChildServer => {
    server = createChildServer({
      program: process.execPath,
      serverFile: path.join(folder, 'server.cjs'),
      env: { PATH: process.env.PATH, HOME: folder, KIMI_API_KEY: 'sk-secret', NODE_OPTIONS: '--no-warnings', HTTPS_PROXY: 'http://proxy' },
      version: '1.2.3',
      roots: () => [folder],
      log: (line) => log.push(line),
      t: inEnglish,
      ...more,
    });
    return server;
  };

  it('gets no key, neither by its arguments nor by its environment, and starts in the first folder', async () => {
    const seen = JSON.parse((await open().call('look', {})).text);
    assert.doesNotMatch(JSON.stringify(seen), /sk-secret/);
    assert.equal(seen.env.NODE_OPTIONS, undefined);
    assert.equal(seen.env.HTTPS_PROXY, 'http://proxy');
    assert.equal(seen.env.ELECTRON_RUN_AS_NODE, '1');
    assert.equal(seen.env.KIMI_ANSWER_AFTER, '0');
    assert.equal(seen.cwd, folder);
    assert.equal(seen.argv.length, 2);
  });

  it('loads no library from the folder in which it starts', async () => {
    assert.equal(childEnvironment({ LD_LIBRARY_PATH: ':/opt/cuda/lib::lib:' }).LD_LIBRARY_PATH, '/opt/cuda/lib');
    const odd = childEnvironment({ LD_LIBRARY_PATH: '/opt/cuda/lib;;/opt/x;lib;', NODE_PATH: 'node_modules:/opt/modules' });
    assert.deepEqual([odd.LD_LIBRARY_PATH, odd.NODE_PATH], ['/opt/cuda/lib:/opt/x', '/opt/modules']);
    writeFileSync(path.join(folder, 'libpthread.so.0'), 'of a repository');
    writeFileSync(path.join(folder, 'libc.so.6'), 'of a repository');
    await open({ env: { PATH: process.env.PATH, LD_LIBRARY_PATH: '/opt/cuda/lib:' } }).call('look', {});
  });

  it("gets VS Code's own proxy, unless the environment names one", async () => {
    const proxy = { url: 'http://proxy.example:8080', except: ['localhost', '.corp.example'] };
    assert.equal(childEnvironment({ HTTPS_PROXY: 'http://other' }, proxy).HTTPS_PROXY, 'http://other');
    assert.equal(childEnvironment({}, null).HTTPS_PROXY, undefined);
    const seen = JSON.parse((await open({ env: { PATH: process.env.PATH }, proxy: () => proxy }).call('look', {})).text);
    assert.equal(seen.env.HTTPS_PROXY, 'http://proxy.example:8080');
    assert.equal(seen.env.NO_PROXY, 'localhost,.corp.example');
  });

  it('is started with the first call, once, and ends with the window', async () => {
    const window = open();
    assert.equal(window.pid(), null);
    await Promise.all([window.call('look', {}), window.call('look', {})]);
    assert.equal(log.filter((line) => line.includes('started')).length, 1);
    const pid = window.pid()!;
    await window.close();
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await assert.rejects(window.call('look', {}), ServerProblem);
  });

  it('is told the folders of the window', async () => {
    const { roots } = JSON.parse((await open().call('roots', {})).text);
    assert.deepEqual(roots, [{ uri: `file://${folder}` }]);
  });

  it('passes on what an answer says as data, if it is sound', async () => {
    const window = open();
    const data = { outcome: 'busy', reason: { code: 'call.busy', args: { attempt: 1 } } };
    assert.deepEqual(await window.call('answer', { meta: { [ANSWER_KEY]: data } }), { text: 'outcome: busy', data });
    for (const meta of [{}, { [ANSWER_KEY]: { outcome: 'forged', reason: null } }, { [ANSWER_KEY]: 'x' }])
      assert.deepEqual(await window.call('answer', { meta }), { text: 'outcome: busy', data: undefined });
  });

  it('is asked to stop when a call is cancelled', async () => {
    const window = open();
    const stop = new AbortController();
    const waiting = window.call('never', {}, { signal: stop.signal });
    await window.call('look', {});
    stop.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    while (!log.includes('cancelled')) await new Promise(setImmediate);
  });

  it('tells a call whose server died, and is started again for the next', async () => {
    const slept: number[] = [];
    const window = open({ clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) } });
    await assert.rejects(window.call('die', {}), /ended during die/);
    await window.call('look', {});
    assert.deepEqual(slept, [1000]);
  });

  it('is started more and more seldom when it does not live, and gives the reason', async () => {
    writeFileSync(path.join(folder, 'server.cjs'), 'process.exit(1)');
    const slept: number[] = [];
    const window = open({ clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) } });
    for (let n = 0; n < 4; n++) await assert.rejects(window.call('look', {}), /did not start.*Reload the window/);
    assert.deepEqual(slept, [1000, 2000, 4000]);
    assert.deepEqual([0, 1, 5, 6, 60].map(backOff), [0, 1000, 16_000, 30_000, 30_000]);
  });

  it('is not waited for longer when the clock was set back meanwhile', async () => {
    writeFileSync(path.join(folder, 'server.cjs'), 'process.exit(1)');
    const slept: number[] = [];
    let now = 1e12;
    const window = open({ clock: { now: () => now, sleep: async (ms) => void slept.push(ms) } });
    for (let n = 0; n < 3; n++) {
      await assert.rejects(window.call('look', {}), /did not start/);
      now -= 86_400_000;
    }
    assert.deepEqual(slept, [1000, 2000]);
  });

  it('need not be waited for by somebody who cancelled', async () => {
    writeFileSync(path.join(folder, 'server.cjs'), 'process.exit(1)');
    const window = open({ clock: { now: () => 0, sleep: untilAborted } });
    await assert.rejects(window.call('look', {}), ServerProblem);
    const stop = new AbortController();
    const waiting = window.call('look', {}, { signal: stop.signal });
    stop.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });

  it('is not waited for, nor started, once the window closes', async () => {
    writeFileSync(path.join(folder, 'server.cjs'), 'process.exit(1)');
    const slept: number[] = [];
    const window = open({ clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) } });
    await assert.rejects(window.call('look', {}), /did not start/);
    await window.close();
    await assert.rejects(window.call('look', {}), /window is closing/);
    assert.deepEqual(slept, []);
  });

  it('ends a wait for the next start when the window closes', async () => {
    writeFileSync(path.join(folder, 'server.cjs'), 'process.exit(1)');
    const window = open();
    await assert.rejects(window.call('look', {}), /did not start/);
    const waiting = window.call('look', {});
    await Promise.all([window.close(), assert.rejects(waiting, /window is closing/)]);
  });

  it('does not stay behind when the window closes while it starts', async () => {
    const window = open();
    const waiting = window.call('never', {});
    await Promise.all([window.close(), assert.rejects(waiting, /window is closing/)]);
    assert.equal(window.pid(), null);
  });

  it('of another version is not used', async () => {
    await assert.rejects(open({ version: '9.9.9' }).call('look', {}), /updated from 9\.9\.9 to 1\.2\.3\. Reload the window/);
  });

  it('tells problems in the language of the window', async () => {
    const t: Translate = (message, ...args) => `«${inEnglish(message, ...args)}»`;
    await assert.rejects(open({ version: '9.9.9', t }).call('look', {}), /^ServerProblem: «The extension was updated from 9\.9\.9/);
    await server?.close();
    await assert.rejects(open({ t }).call('die', {}), /«The Kimi Delegate server ended during die/);
  });

  it('gives refusals as problems', () => assert.rejects(open().call('refuse', {}), /no such tool/));

  it('inherits what programs need and nothing that belongs to others', () => {
    const env = childEnvironment({
      PATH: '/bin',
      ANTHROPIC_API_KEY: 'x',
      VSCODE_IPC_HOOK: 'x',
      KIMI_BASE_URL: 'x',
      CLAUDE_KIMI_HOME: '/state',
      LANG: undefined,
    });
    assert.deepEqual(env, { PATH: '/bin', CLAUDE_KIMI_HOME: '/state', ELECTRON_RUN_AS_NODE: '1', KIMI_ANSWER_AFTER: '0' });
  });
});
