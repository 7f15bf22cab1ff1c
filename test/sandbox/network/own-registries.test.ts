/** Registries that the user's own settings name: which are reached, and what is said of the others. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type HostProxy, startProxy } from '../../../src/sandbox/network/network-proxy.ts';
import { hello, named, serverHello } from './client-hellos.ts';

const HOST = 'npm.corp.example';
const ADDRESSES: Record<string, string[]> = {
  'registry.npmjs.org': ['10.9.9.9'],
  [HOST]: ['10.1.2.3', '127.0.0.1', '100.100.100.200', '169.254.169.254', 'fd00:ec2::254', 'fd12::1'],
  'local.corp.example': ['127.0.0.1', '169.254.169.254', '100.100.100.200'],
};
const REGISTRIES = [
  { host: HOST, port: 8443, from: '~/.npmrc' },
  { host: HOST, port: 443, from: 'npm_config_registry' },
  { host: 'local.corp.example', port: 443, from: '~/.npmrc' },
];

describe("registries of the user's settings", () => {
  let folder: string;
  let target: Server;
  let proxy: HostProxy;
  let dialled: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'registries-'));
    dialled = [];
    target = createServer((socket) =>
      socket.on('error', () => {}).once('data', () => socket.end(Buffer.concat([serverHello(false), Buffer.from('package')]))),
    ).listen(0, '127.0.0.1');
    await once(target, 'listening');
  });
  afterEach(async () => {
    await proxy.close();
    target.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async (allowedHosts: string[], registries = REGISTRIES) => {
    await proxy?.close();
    proxy = await startProxy({
      socketPath: join(folder, 'proxy.sock'),
      allowedHosts,
      registries,
      resolve: async (host) => ADDRESSES[host]!,
      dial: (list, port) => {
        dialled.push(`${list.join(' ')}:${port}`);
        return connect((target.address() as AddressInfo).port, '127.0.0.1');
      },
    });
  };
  const ask = (to: string) => {
    const socket = connect(String(proxy.address));
    socket.write(Buffer.concat([Buffer.from(`CONNECT ${to} HTTP/1.1\r\n\r\n`), hello(named(to.split(':')[0]!))]));
    return text(socket);
  };

  it('are refused by the name of the setting that lets them be reached', async () => {
    await start(['registry.npmjs.org']);
    assert.match(
      await ask(`${HOST}:8443`),
      /403 npm\.corp\.example is a registry of ~\/\.npmrc, but not an allowed host: the user can add npm\.corp\.example to the setting allowedHosts, KIMI_ALLOWED_HOSTS\./,
    );
    assert.deepEqual(proxy.endCommand().refused.length, 1);
  });

  it('are reached by their port in a private network, once they are allowed by name', async () => {
    await start(['NPM.corp.example', 'local.corp.example']);
    for (const port of [443, 8443]) assert.match(await ask(`${HOST}:${port}`), /^HTTP\/1\.1 200 [\s\S]*package$/);
    assert.deepEqual(dialled, ['10.1.2.3 fd12::1:443', '10.1.2.3 fd12::1:8443']);
    assert.match(await ask(`${HOST}:22`), /403 port/);
    assert.match(await ask('local.corp.example:443'), /leads to a private address/, 'this machine and the metadata of a cloud are none');
  });

  it('are not, where only a pattern allows them, or the usual list, in which nobody names anything', async () => {
    await start(['*.corp.example']);
    assert.match(
      await ask(`${HOST}:443`),
      /leads to a private address, which is reached only where the user puts its full name into the setting/,
    );
    await start(['registry.npmjs.org'], []);
    assert.match(
      await ask('registry.npmjs.org:443'),
      /leads to a private address, which this sandbox can't reach/,
      'and to name it would not help',
    );
    assert.deepEqual(dialled, []);
    await start(['registry.npmjs.org'], [{ host: 'registry.npmjs.org', port: 443, from: '~/.npmrc' }]);
    assert.match(await ask('registry.npmjs.org:443'), /^HTTP\/1\.1 200 /, 'a mirror of the company under that name');
  });

  it('and other hosts that the user allows by name are reached, whoever else names them, but on the usual port only', async () => {
    await start([HOST, 'local.corp.example'], []);
    assert.match(await ask(`${HOST}:443`), /^HTTP\/1\.1 200 /);
    assert.deepEqual(dialled, ['10.1.2.3 fd12::1:443'], 'not this machine, nor what clouds tell their machines');
    assert.match(await ask(`${HOST}:8443`), /403 port/);
    assert.match(await ask('local.corp.example:443'), /leads to a private address, which this sandbox can't reach/);
  });
});
