/** What a command costs: in a plain shell, in bare bubblewrap, and in ours. In turn in one run, so that the ratios hold on a busy machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeSandboxWorld, openOrFail, runIn } from '../sandbox/sandbox-world.ts';

const ROUNDS = 60;
/** As a script would call it, with everything shown: no part of the wall is missing more than our allow-list, filter and watch. */
const BARE =
  'bwrap --die-with-parent --new-session --unshare-all --unshare-user --disable-userns --ro-bind / / --dev /dev --proc /proc'.split(' ');

export async function commands(): Promise<void> {
  const world = makeSandboxWorld();
  const { spec } = world;
  const packages = path.join(spec.mountAt, 'node_modules');
  mkdirSync(packages);
  writeFileSync(path.join(packages, 'index.js'), '');
  const lent = { ...spec, lent: [{ at: packages, from: [packages] }], layers: path.join(world.root, 'layers') };
  const [plain, layered] = [await openOrFail(spec), await openOrFail(lent)];
  const ways: Record<string, () => Promise<unknown>> = {
    shell: () => run('bash', '-c', 'true'),
    'bare bubblewrap': () => run(BARE[0]!, ...BARE.slice(1), '--tmpfs', '/tmp', '--cap-drop', 'ALL', 'bash', '-c', 'true'),
    sandbox: () => runIn(plain, world, 'true'),
    'with layers': () => runIn(layered, world, 'true'),
    'with network': () => runIn(plain, world, 'true', { network: true }),
  };
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, act] of Object.entries(ways)) {
        const began = performance.now();
        await act();
        if (round >= 5) times.get(name)!.push(performance.now() - began);
      }
    }
  } finally {
    await Promise.all([plain.close(), layered.close()]);
    world.remove();
  }
  const at = (name: string, share: number) => times.get(name)!.sort((a, b) => a - b)[Math.floor(share * (ROUNDS - 5))]!;
  console.log('a command, ms           median  fastest tenth  of bare bubblewrap (median, fastest tenth)');
  for (const name of times.keys()) {
    const [median, fast] = [at(name, 0.5), at(name, 0.1)];
    const ratios = [median / at('bare bubblewrap', 0.5), fast / at('bare bubblewrap', 0.1)].map((ratio) => ratio.toFixed(2));
    console.log(`${name.padEnd(24)}${median.toFixed(1).padStart(6)}${fast.toFixed(1).padStart(15)}  ${ratios.join(', ')}`);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} failed (${code})`);
}
