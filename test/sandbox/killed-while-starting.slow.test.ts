import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';
import { processesWith } from './processes-with.ts';
import { makeSandboxWorld, type SandboxWorld } from './sandbox-world.ts';

describe('a server that is killed while bubblewrap starts', () => {
  let world: SandboxWorld;
  beforeEach(() => {
    world = makeSandboxWorld();
  });
  afterEach(() => world.remove());

  it('leaves no process', async () => {
    const late = join(world.home, 'bwrap');
    const begun = join(world.home, 'begun');
    const wait = `touch ${begun}; while kill -0 $PPID 2>/dev/null; do sleep 0.01; done`;
    const isCommand = `[[ "$*" == *${world.spec.workspace}* ]]`; // and not the probe
    writeFileSync(late, `#!/bin/bash\nif ${isCommand}; then ${wait}; fi\nexec /usr/bin/bwrap "$@"\n`, { mode: 0o755 });
    const words = [JSON.stringify(world.spec), late, 'true', join(world.spec.temp, 'out.txt')];
    const child = spawn(process.execPath, [join(import.meta.dirname, 'orphan-child.ts'), ...words]);
    await until('the start of bubblewrap', () => existsSync(begun));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until('the end of all children', () => processesWith(world.spec.workspace).length === 0);
  });
});
