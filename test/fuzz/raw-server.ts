/** The built server as a client's bytes reach it: what is sent need not be a message. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DIST } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';

export interface RawServer {
  readonly pid: number;
  isAlive(): boolean;
  /** One line. */
  send(line: string | Buffer): void;
  /** Answers that came, by their id as JSON. */
  readonly answers: ReadonlyMap<string, number>;
  /** Waits until everything before it was read. */
  ping(seconds: number): Promise<void>;
  /** What it printed that is no message. */
  readonly noise: readonly string[];
  /** The most memory that it has held, MiB. */
  peak(): number;
  stop(): void;
}

export async function startRawServer(cwd: string, env: Record<string, string>): Promise<RawServer> {
  const child = spawn(process.execPath, [path.join(DIST, 'server.cjs')], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const answers = new Map<string, number>();
  const noise: string[] = [];
  let [rest, pings, ended, errors] = ['', 0, false, ''];
  child.stdin.on('error', () => {});
  child.stderr.on('data', (data) => {
    errors = `${errors}${data}`.slice(-2000);
  });
  child.once('exit', () => {
    ended = true;
  });
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { jsonrpc, method, id } = JSON.parse(line) as Record<string, unknown>;
      if (jsonrpc !== '2.0') noise.push(line);
      else if (method === undefined) answers.set(JSON.stringify(id), (answers.get(JSON.stringify(id)) ?? 0) + 1);
    }
  });
  const server: RawServer = {
    pid: child.pid ?? 0,
    isAlive: () => !ended,
    send: (line) => child.stdin.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')])),
    answers,
    noise,
    async ping(seconds) {
      const id = `ping-${++pings}`;
      server.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }));
      await until('an answer to ping', () => ended || answers.has(JSON.stringify(id)), seconds);
      assert.ok(!ended, `the server ended: ${errors}`);
    },
    peak: () => Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    stop: () => child.kill('SIGKILL'),
  };
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'claude-code', version: '1' } };
  server.send(JSON.stringify({ jsonrpc: '2.0', id: 'hello', method: 'initialize', params: hello }));
  server.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
  await server.ping(20);
  return server;
}
