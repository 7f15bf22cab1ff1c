/** From the start of the server to its list of tools, in turn with a server that does nothing else (`raw-mcp.mjs`): `npm run bench start`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const RUNS = 15;
/** The aim is 2.5; a machine that does other things as well gets some room. */
const MOST = 3.5;

const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** @param home keeps the compile cache from one start to the next */
async function startOnce(server: string, home: string): Promise<number> {
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: home, CLAUDE_KIMI_HOME: path.join(home, 'state') };
  const child = spawn(process.execPath, [server], { cwd: home, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'bench', version: '0' };
  send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
  let took = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const { id } = JSON.parse(line) as { id?: number };
    if (id === 1) {
      send({ method: 'notifications/initialized' });
      send({ id: 2, method: 'tools/list' });
    }
    if (id !== 2) continue;
    took = performance.now() - began;
    child.stdin.end();
  }
  if (child.exitCode === null) await once(child, 'exit');
  return took;
}

/** @returns whether the start is as quick as it should be */
export async function starting(folder: string): Promise<boolean> {
  const servers = { ours: at('../../dist/server.cjs'), raw: at('raw-mcp.mjs') };
  const took = { ours: [] as number[], raw: [] as number[] };
  const home = mkdtempSync(path.join(folder, 'start-'));
  for (let run = -2; run < RUNS; run++)
    for (const name of ['ours', 'raw'] as const) {
      const ms = await startOnce(servers[name], home);
      if (run >= 0) took[name].push(ms); // the first ones fill the caches
    }
  const ratio = median(took.ours) / median(took.raw);
  console.log(
    `Start to tools/list, medians of ${RUNS}: ours ${median(took.ours).toFixed(1)} ms, raw ${median(took.raw).toFixed(1)} ms, ratio ${ratio.toFixed(2)} (at most ${MOST})`,
  );
  return ratio <= MOST;
}
