import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

describe('a place of the host that is gone when it is to be mounted', () => {
  let world: SandboxWorld;
  beforeEach(() => {
    world = makeSandboxWorld();
  });
  afterEach(() => world.remove());

  it('is looked for anew, once', async () => {
    const program = join(world.home, 'bwrap');
    const tries = join(world.home, 'tries');
    const isCommand = `[[ "$*" == *${world.spec.workspace}* ]]`; // and not the probe
    const gone = (times: number) =>
      `#!/bin/bash\n${isCommand} && echo >> ${tries} && [ $(wc -l < ${tries}) -le ${times} ] && ` +
      `exec /usr/bin/bwrap --ro-bind / / --ro-bind ${world.home}/gone /gone true\nexec /usr/bin/bwrap "$@"\n`;
    writeFileSync(program, gone(1), { mode: 0o755 });
    const sandbox = await openOrFail(world.spec, { program });
    const result = await runIn(sandbox, world, 'echo ran');
    assert.deepEqual([result.exitCode, result.head, result.notStarted], [0, 'ran\n', undefined]);
    writeFileSync(program, gone(9));
    const other = await runIn(sandbox, world, 'echo ran');
    assert.deepEqual([other.exitCode, other.notStarted], [126, true]);
    assert.match(other.head, /^bwrap: Can't find source path \S+gone: No such file or directory\nThe sandbox itself could not start/);
    assert.equal(readFileSync(tries, 'utf8').length, 4);
    await sandbox.close();
  });
});
