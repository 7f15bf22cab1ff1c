/** Joins a client in the sandbox with a server outside: looks at how TLS begins, counts and bounds what passes. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HelloProblem } from './client-hello.ts';
import { type Passage, tlsGuard } from './tls-guard.ts';

export interface TunnelLimits {
  /** For the client to say whom it wants to speak to, and for a tunnel in which nothing passes, ms. */
  readonly helloMs: number;
  readonly idleMs: number;
}

export interface TunnelOptions {
  readonly host: string;
  readonly limits: TunnelLimits;
  /** What the client sent behind its CONNECT. */
  readonly first: Buffer;
  /** Count bytes as they pass; null, or why no more may pass. */
  sent(bytes: number): string | null;
  received(bytes: number): string | null;
  /** The tunnel ended because something was refused. */
  refused(why: string): void;
}

const ALERT_UNKNOWN_NAME = Buffer.from([21, 3, 3, 0, 2, 2, 112]);

/** Says to the client that the tunnel stands, and lets bytes pass until either side ends. */
export function openTunnel(client: Duplex, server: Socket, options: TunnelOptions): void {
  const guard = tlsGuard(options.host);
  const end = () => {
    clearTimeout(helloTimer);
    client.destroy();
    server.destroy();
  };
  const refuse = (why: string, answer: Buffer | null) => {
    clearTimeout(helloTimer);
    options.refused(why);
    server.destroy();
    if (answer) client.end(answer, () => client.destroy());
    else client.destroy();
  };
  const send = (passage: Passage) => {
    if ('problem' in passage) return refuse(problemText(passage.problem, options.host), answerTo(passage.problem));
    if (guard.isOpen()) clearTimeout(helloTimer);
    if (passage.pass.length > 0) pass(client, server, passage.pass, options.sent);
  };
  const pass = (from: Duplex, to: Duplex, bytes: Buffer, count: TunnelOptions['sent']) => {
    const over = count(bytes.length);
    if (over !== null) return refuse(over, null);
    if (to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  };
  const helloTimer = setTimeout(() => {
    if (!guard.isOpen()) refuse(`nothing was said to ${options.host} in time.`, null);
  }, options.limits.helloMs);

  server.setTimeout(options.limits.idleMs, end);
  client.on('error', end).on('close', end);
  server.on('error', end).on('close', () => {
    clearTimeout(helloTimer);
    client.end();
  });
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  client.on('data', (chunk: Buffer) => !server.destroyed && send(guard.fromClient(chunk)));
  client.on('end', () => server.end());
  server.on('data', (chunk: Buffer) => {
    pass(server, client, chunk, options.received);
    if (!server.destroyed) send(guard.fromServer(chunk));
  });
  server.on('end', () => client.end());
  if (options.first.length > 0) send(guard.fromClient(options.first));
  if (server.destroyed) return;
  for (const side of [client, server]) side.resume();
  if (client.readableEnded) server.end(); // it said all that it has to say before the server was there
}

function problemText(problem: HelloProblem, host: string): string {
  switch (problem) {
    case 'plain':
      return `what was sent to ${host} is not TLS; only https:// addresses can be reached from this sandbox.`;
    case 'no-name':
      return `the TLS connection to ${host} does not name its host (SNI), which this sandbox asks for.`;
    case 'other-name':
      return `the TLS connection to ${host} names another host (SNI).`;
    case 'hidden-name':
      return `the TLS connection to ${host} hides the host that it names (ECH), which this sandbox does not let through.`;
    case 'early-data':
      return `the TLS connection to ${host} sends early data (0-RTT), which this sandbox does not let through.`;
    case 'malformed':
      return `the TLS connection to ${host} does not begin with one whole ClientHello.`;
  }
}

function answerTo(problem: HelloProblem): Buffer {
  if (problem !== 'plain') return ALERT_UNKNOWN_NAME;
  return Buffer.from('HTTP/1.1 403 Only TLS passes here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}
