import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Sandbox } from '../../../src/sandbox/types.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from '../sandbox-world.ts';
import { hello, named } from './client-hellos.ts';

describe('network of the sandbox', () => {
  let world: SandboxWorld;
  let sandbox: Sandbox;

  beforeEach(async () => {
    world = makeSandboxWorld();
    sandbox = await openOrFail(world.spec);
  });

  afterEach(async () => {
    await sandbox.close();
    world.remove();
  });

  const run = (command: string, options = {}) => runIn(sandbox, world, command, options);

  it('reaches nothing, this machine and the metadata address included', async () => {
    const server = createServer((socket) => socket.end('REACHED')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const result = await run(
      `for t in 127.0.0.1/${port} 169.254.169.254/80; do (cat < /dev/tcp/$t) 2>&1; done; (echo x > /dev/udp/1.1.1.1/53) && echo SENT; ls -A /run`,
    );
    server.close();
    assert.match(result.head, /Connection refused/);
    assert.match(result.head, /Network is unreachable/);
    assert.doesNotMatch(result.head, /REACHED|SENT|docker/);
  });

  it('reaches allowed hosts through the proxy, and only with network', async () => {
    const first = hello(named('registry.example.org'));
    const server = createServer((socket) => socket.once('data', () => socket.end('REACHED\n'))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { connect } = await import('node:net');
    const own = await openOrFail(world.spec, {
      network: { resolve: async () => ['93.184.216.34'], dial: () => connect(port, '127.0.0.1') },
      socketParent: world.root,
    });
    const ask = (host: string) =>
      `exec 5<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT ${host}:443 HTTP/1.1\\r\\n\\r\\n' >&5; echo ${first.toString('base64')} | base64 -d >&5; cat <&5`;
    const allowed = await runIn(own, world, ask('registry.example.org'), { network: true });
    const refused = await runIn(own, world, ask('evil.example.org'), { network: true });
    const without = await runIn(own, world, `echo "[$HTTPS_PROXY]"; ${ask('registry.example.org')}`);
    await own.close();
    server.close();
    assert.match(allowed.head, /200 Connection established[\s\S]*REACHED/);
    assert.match(refused.head, /403 evil\.example\.org is not an allowed host.*allowedHosts/);
    assert.deepEqual(allowed.use.network?.hosts, [{ host: 'registry.example.org', connections: 1, bytesIn: 8, bytesOut: first.length }]);
    assert.match(refused.use.network?.refused.join() ?? '', /^evil\.example\.org is not an allowed host/);
    assert.equal(without.use.network, null);
    assert.match(without.head, /^\[\]\n.*Connection refused/);
    assert.deepEqual(readdirSync(world.root), ['home']);
  });

  it('starts no proxy for a command that waits while the sandbox is closed', async () => {
    const own = await openOrFail(world.spec, { socketParent: world.root });
    const waiting = ['sleep 5', 'echo a', 'echo b'].map((command) => runIn(own, world, command, { network: true }));
    await own.close();
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ killed }) => killed),
      ['cancelled', 'cancelled', 'cancelled'],
    );
    assert.deepEqual(readdirSync(world.root), ['home']);
  });

  it('keeps nobody waiting who asks npm for what is not there', async () => {
    const result = await run('npx --yes a-package-that-nobody-has; echo ended', { timeoutMs: 30_000 });
    assert.match(result.head, /ENOTFOUND|EAI_AGAIN|ECONNREFUSED/);
    assert.match(result.head, /ended\n$/);
  }).timeout(60_000);

  it("knows the registry of the user's npm without its token, and says how to allow it", async () => {
    writeFileSync(join(world.home, '.npmrc'), 'registry=https://ann:s3cret@npm.corp.example/\n//npm.corp.example/:_authToken=s3cret\n');
    const env = { ...world.spec.env, npm_config_userconfig: undefined };
    const own = await openOrFail({ ...world.spec, env }, { socketParent: world.root });
    const known = await runIn(own, world, 'npm config get registry 2>/dev/null; cat ~/.npmrc');
    const refused = await runIn(own, world, 'npm view left-pad --fetch-retries=0', { network: true });
    await own.close();
    assert.equal(known.head, 'https://npm.corp.example/\nregistry=https://npm.corp.example/\n');
    assert.notEqual(refused.exitCode, 0);
    assert.match(
      refused.use.network?.refused.join() ?? '',
      /^npm\.corp\.example is a registry of ~\/\.npmrc, .* allowedHosts, KIMI_ALLOWED_HOSTS\.$/,
    );
  }).timeout(20_000);
});
