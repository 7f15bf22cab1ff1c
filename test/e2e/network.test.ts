import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { type ForwardProxy, type Listening, startForwardProxy, startSocksProxy, startTlsFront, type TlsFront } from '../fakes/network.ts';
import { finish, makeWorld, read, run, task, type World, write, writeIn } from './world.ts';

const SCRIPT = [write('done.txt', 'done\n'), run('cat done.txt'), finish()];

describe('the way to the model', () => {
  let world: World;
  let proxy: ForwardProxy;
  let open: Listening[];
  const start = async () => {
    world = await makeWorld(({ step }) => SCRIPT[step] ?? finish());
    proxy = await startForwardProxy();
    open = [proxy];
  };
  const tls = async (): Promise<TlsFront & { url: string }> => {
    const front = await startTlsFront(world.kimi.baseUrl, world.folder);
    open.push(front);
    return { ...front, url: `https://localhost:${front.port}/v1` };
  };
  afterEach(async () => {
    await world.close();
    for (const one of open ?? []) await one.close();
  });

  const outcomeWith = async (env: Record<string, string>) => {
    const server = await world.another({ env: { KIMI_RETRY_SECONDS: '1', ...env } });
    return server.call('implement_feature', task(world, 'feature/net'));
  };
  const address = () => `http://127.0.0.1:${proxy.port}`;

  for (const name of ['http_proxy', 'HTTP_PROXY']) {
    it(`${name} is honoured for a plain address`, async () => {
      await start();
      assert.equal(field(await outcomeWith({ [name]: address() }), 'outcome'), 'unverified');
      assert.ok(proxy.seen.length > 0 && proxy.seen.every((line) => line.includes(new URL(world.kimi.baseUrl).host)), String(proxy.seen));
    });
  }

  for (const name of ['https_proxy', 'HTTPS_PROXY']) {
    it(`${name} and NODE_EXTRA_CA_CERTS are honoured for https`, async () => {
      await start();
      const front = await tls();
      const env = { [name]: address(), NODE_EXTRA_CA_CERTS: front.certificate, KIMI_BASE_URL: front.url };
      assert.equal(field(await outcomeWith(env), 'outcome'), 'unverified');
      assert.ok(proxy.seen.length > 0);
      assert.deepEqual([...new Set(proxy.seen)], [`CONNECT localhost:${front.port}`]);
    });
  }

  it('a SOCKS proxy is honoured, for https too', async () => {
    await start();
    const front = await tls();
    const socks = await startSocksProxy();
    open.push(socks);
    const ALL_PROXY = `socks5h://127.0.0.1:${socks.port}`;
    const env = { ALL_PROXY, NODE_EXTRA_CA_CERTS: front.certificate, KIMI_BASE_URL: front.url };
    assert.equal(field(await outcomeWith(env), 'outcome'), 'unverified');
    assert.deepEqual([...new Set(socks.seen)], [`localhost:${front.port}`]);
  });

  it('a variable that names no proxy is told, and that Claude is to go on by itself', async () => {
    await start();
    const report = await outcomeWith({ ALL_PROXY: 'socks4://127.0.0.1:1080' });
    assert.match(report, /^outcome: environment_broken {3}fallback_needed: true$/m);
    assert.match(field(report, 'reason') ?? '', /^ALL_PROXY is socks4:.*names no proxy that can be used/);
    assert.match(report, /^notice_for_user: /m);
  });

  it('an address where nobody answers is told to the user too: it may be a wrong one', async () => {
    await start();
    const report = await outcomeWith({ KIMI_BASE_URL: 'https://127.0.0.1:1/v1' });
    assert.equal(field(report, 'outcome'), 'api_unreachable');
    assert.match(field(report, 'notice_for_user') ?? '', /does not work at present: .*Check the network and the base URL/);
  });

  it('an address of something below the base URL is taken for that', async () => {
    await start();
    assert.equal(field(await outcomeWith({ KIMI_BASE_URL: `${world.kimi.baseUrl}/chat/completions` }), 'outcome'), 'unverified');
  });

  it('NO_PROXY is honoured', async () => {
    await start();
    assert.equal(field(await outcomeWith({ HTTP_PROXY: address(), NO_PROXY: '127.0.0.1,localhost' }), 'outcome'), 'unverified');
    assert.deepEqual(proxy.seen, []);
  });

  it('NODE_EXTRA_CA_CERTS is enough for https without a proxy; without it the report names the certificate', async () => {
    await start();
    const front = await tls();
    const untrusted = await outcomeWith({ KIMI_BASE_URL: front.url });
    assert.equal(field(untrusted, 'outcome'), 'api_unreachable');
    assert.match(field(untrusted, 'reason') ?? '', /certificate/i);
    assert.equal(world.kimi.requests.length, 0);
    assert.equal(field(await outcomeWith({ KIMI_BASE_URL: front.url, NODE_EXTRA_CA_CERTS: front.certificate }), 'outcome'), 'unverified');
  });

  it('a proxy that is not there is told as such', async () => {
    await start();
    const report = await outcomeWith({ HTTP_PROXY: 'http://127.0.0.1:9' });
    assert.equal(field(report, 'outcome'), 'api_unreachable');
  });
});

describe('the key', () => {
  const KEY = `sk-${randomBytes(24).toString('hex')}`;
  let world: World;
  afterEach(() => world.close());

  it('is nowhere: not in the journal, the state, the report, stderr, refs, objects or requests, whatever the model tries', async () => {
    world = await makeWorld(
      [
        run("env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; ps auxeww 2>/dev/null; true"),
        {
          calls: ['/proc/self/environ', '/proc/1/environ', `/proc/${process.pid}/environ`, '.env'].map((file) => ({
            name: 'read_file',
            args: { path: file },
          })),
        },
        run('cat ~/.claude-kimi-mcp/.env "$CLAUDE_KIMI_HOME"/.env /tmp/ckm-e2e-*/home/.claude-kimi-mcp/.env; set; true'),
        run('env > environment.txt; cat /proc/*/environ > more.txt 2>/dev/null; true'),
        finish('I printed the environment.', 'Keep the environment'),
      ],
      { env: { KIMI_API_KEY: KEY }, kimi: { key: KEY } },
    );
    writeIn(world.home, '.claude-kimi-mcp/.env', `KIMI_API_KEY=${KEY}\n`);
    const report = await world.server.call('implement_feature', task(world, 'feature/key', { checks: ['env', 'cat /proc/*/environ'] }));
    assert.match(report, /^outcome: (ready|unverified|needs_review|checks_failed) /);
    assert.match(world.git('show', 'feature/key:environment.txt'), /^HOME=/m, 'the command did print its environment');
    await world.server.close();
    const places: Record<string, string | Buffer> = {
      report,
      stderr: world.server.stderr(),
      requests: world.kimi.requests.map(({ body }) => body.toString()).join('\n'),
      refs: world.git('for-each-ref'),
      objects: allObjects(path.join(world.repo, '.git')),
      ...Object.fromEntries(filesBelow(world.folder).map((file) => [file, readFileSync(file)])),
    };
    for (const id of readdirSync(path.join(world.state, 'delegations'))) {
      places[`objects of ${id}`] = allObjects(path.join(world.state, 'delegations', id, 'git'));
    }
    delete places[path.join(world.state, '.env')];
    assert.ok(Object.keys(places).some((place) => place.endsWith('journal.jsonl')));
    const forms = [KEY, Buffer.from(KEY).toString('base64').slice(0, 40), Buffer.from(KEY).toString('hex'), encodeURIComponent(KEY)];
    const found = Object.entries(places).filter(([, content]) => forms.some((form) => content.includes(form)));
    assert.deepEqual(
      found.map(([place]) => place),
      [],
    );
  });

  it('that lies in the repository itself is not sent on, nor kept in the journal or shown in the report', async () => {
    world = await makeWorld(
      [read('dev.env'), run('cat dev.env'), run('echo "# changed" >> dev.env'), finish(`The key is ${KEY}.`, `Use ${KEY}`)],
      { env: { KIMI_API_KEY: KEY }, kimi: { key: KEY } },
    );
    world.write('dev.env', `A=1\nKEY=${KEY}\nB=2\n`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'A key, by mistake');
    const report = await world.server.call(
      'implement_feature',
      task(world, 'feature/leak', { checks: ['cat dev.env; false'], task_spec: `Use ${KEY} in dev.env!` }),
    );
    const where = { repo_path: world.repo, branch_name: 'feature/leak' };
    const status = await world.server.call('get_delegation', where);
    await world.server.close();
    assert.match(report, /^files: 1, /m);
    assert.ok(!report.includes(KEY), report);
    assert.ok(!status.includes(KEY));
    assert.ok(!world.kimi.requests.some(({ body }) => body.includes(KEY)), 'requests');
    assert.ok(!world.git('log', '-1', '--format=%B', 'feature/leak').includes(KEY), 'the commit message');
    for (const file of filesBelow(world.state).filter((name) => /\/attempts\//.test(name))) {
      assert.ok(!readFileSync(file).includes(KEY), file);
    }
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => existsSync(file) && statSync(file).isFile());
}

/** The content of every object, packed or loose, reachable or not. */
function allObjects(gitDir: string): Buffer {
  return execFileSync('git', [`--git-dir=${gitDir}`, 'cat-file', '--batch-all-objects', '--batch', '--buffer'], { maxBuffer: 2 ** 28 });
}
