import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untar } from '../package/pack.ts';

/** Plays the npm registry for one package, so that npm and npx can be used as users do. */
export interface Registry {
  readonly url: string;
  /** What was asked for: method and path. */
  readonly requests: readonly string[];
  /** Puts a packed version there, as the latest. */
  publish(tgz: string): void;
  close(): Promise<void>;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
}

export async function startRegistry(): Promise<Registry> {
  const versions = new Map<string, { manifest: Manifest; bytes: Buffer }>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const [, name, file] = /^\/([\w-]+)(?:\/-\/([\w.-]+)\.tgz)?$/.exec(request.url ?? '') ?? [];
    const packed = file ? versions.get(file) : undefined;
    if (packed) response.end(packed.bytes);
    else if (name && !file && latest()?.manifest.name === name) response.setHeader('content-type', 'application/json').end(document(name));
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const latest = () => [...versions.values()].at(-1);

  function document(name: string): string {
    const described = [...versions].map(([file, { manifest, bytes }]) => {
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      return [manifest.version, { ...manifest, dist: { tarball: `${url}/${name}/-/${file}.tgz`, integrity } }];
    });
    return JSON.stringify({ name, 'dist-tags': { latest: latest()?.manifest.version }, versions: Object.fromEntries(described) });
  }

  return {
    url,
    requests,
    publish(tgz) {
      const manifest = JSON.parse(untar(tgz).get('package/package.json')!.toString()) as Manifest;
      versions.delete(`${manifest.name}-${manifest.version}`);
      versions.set(`${manifest.name}-${manifest.version}`, { manifest, bytes: readFileSync(tgz) });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
