import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import path from 'node:path';

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

export interface ForwardProxy extends Listening {
  /** What was asked for, in order: `CONNECT host:port` or `GET http://...`. */
  readonly seen: string[];
}

/** A proxy as companies have them: tunnels for CONNECT, forwards absolute addresses; it only counts and never looks inside. @param hosts those that are played on a port of this machine */
export async function startForwardProxy(hosts: Readonly<Record<string, number>> = {}): Promise<ForwardProxy> {
  const seen: string[] = [];
  const server = createServer((incoming, answer) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    forward(new URL(incoming.url ?? ''))(incoming, answer);
  });
  server.on('connect', (incoming, socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const [host, port] = (incoming.url ?? '').split(':');
    const played = hosts[host ?? ''];
    const tunnel = connect(played ?? Number(port), played ? '127.0.0.1' : (host ?? ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.pipe(socket);
      socket.pipe(tunnel);
    });
    for (const end of [tunnel, socket]) end.on('error', () => {}).on('close', () => [tunnel, socket].map((one) => one.destroy()));
  });
  return { seen, ...(await listening(server)) };
}

/** A SOCKS 5 proxy without a password; notes the names that it is asked for, which it takes all for this machine. */
export async function startSocksProxy(): Promise<ForwardProxy> {
  const seen: string[] = [];
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket.on('error', () => {}));
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        const byName = request[3] === 3;
        const name = byName ? request.subarray(5, 5 + (request[4] ?? 0)).toString() : request.subarray(4, 8).join('.');
        const port = request.readUInt16BE(request.length - 2);
        seen.push(`${name}:${port}`);
        const tunnel = connect(port, '127.0.0.1', () => {
          socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          tunnel.pipe(socket);
          socket.pipe(tunnel);
        });
        for (const end of [tunnel, socket]) end.on('error', () => {}).on('close', () => [tunnel, socket].map((one) => one.destroy()));
      });
    });
  });
  const closeAllConnections = () => {
    for (const socket of open) socket.destroy();
  };
  return { seen, ...(await listening(Object.assign(server, { closeAllConnections }))) };
}

export interface TlsFront extends Listening {
  /** The certificate, which no system trusts. */
  readonly certificate: string;
}

/** https://localhost (or another host) in front of a plain server, with a certificate made on the spot. @param folder for key and certificate */
export async function startTlsFront(behind: string, folder: string, host = 'localhost'): Promise<TlsFront> {
  const [key, certificate] = [path.join(folder, `${host}.key`), path.join(folder, `${host}.crt`)];
  const names = `subjectAltName=DNS:${host},IP:127.0.0.1`;
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`, '-addext', names];
  execFileSync('openssl', [...words, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const listener: RequestListener = (incoming, answer) => forward(new URL(incoming.url ?? '', behind))(incoming, answer);
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, listener);
  return { certificate, ...(await listening(server)) };
}

function forward(target: URL): RequestListener {
  return (incoming, answer) => {
    const onward = httpRequest(target, { method: incoming.method, headers: incoming.headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  };
}

function listening(server: TcpServer & Pick<Server, 'closeAllConnections'>): Promise<Listening> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
