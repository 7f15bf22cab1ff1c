import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  /** A bubblewrap before whose first command something of the host changes. */
  function after(change: string): string {
    const program = join(world.home, 'bwrap');
    const isFirst = `[[ "$*" == *${world.spec.workspace}* ]] && ! [ -e ${world.home}/changed ]`;
    writeFileSync(program, `#!/bin/bash\nif ${isFirst}; then touch ${world.home}/changed; ${change}; fi\nexec /usr/bin/bwrap "$@"\n`, {
      mode: 0o755,
    });
    return program;
  }

  const CHANGES = {
    'a file that is covered': 'rm venvs/a/pip.conf',
    'a file that becomes a folder': 'rm venvs/a/pip.conf && mkdir venvs/a/pip.conf',
    'a folder that becomes a file': 'rm -r venvs/a/var && touch venvs/a/var',
    'an installation': 'rm -r venvs/a',
    'a whole folder that is shown': 'rm -r venvs',
  };
  for (const [name, change] of Object.entries(CHANGES)) {
    it(`is not mounted any more: ${name}`, async () => {
      const pipx = join(world.home, '.local/pipx');
      mkdirSync(join(pipx, 'venvs/a/bin'), { recursive: true });
      mkdirSync(join(pipx, 'venvs/a/var'));
      writeFileSync(join(pipx, 'venvs/a/var/data.db'), 'DATA');
      writeFileSync(join(pipx, 'venvs/a/pip.conf'), '[global]\nindex-url = https://ann:SECRET@example.org/\n');
      // What the first one saw, the second one takes over.
      const first = await openOrFail(world.spec);
      const program = after(`cd ${pipx} && ${change}`);
      const sandbox = await openOrFail(world.spec, { program });
      const result = await runIn(sandbox, world, `cat ${pipx}/venvs/a/pip.conf 2>&1; echo ran`);
      assert.match(result.head, /ran\n$/);
      assert.equal(result.exitCode, 0);
      assert.doesNotMatch(result.head, /bwrap|SECRET/);
      const still = await runIn(first, world, 'echo ran');
      assert.deepEqual([still.exitCode, still.head], [0, 'ran\n']);
      await Promise.all([first.close(), sandbox.close()]);
    });
  }
});
