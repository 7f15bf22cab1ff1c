/** Whether there is a sandbox, on machines and with programs that are played. */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProbeOptions, probeSandbox } from '../../src/sandbox/probe-sandbox.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { english } from '../messages/english.ts';
import { machine } from './played-machine.ts';
import { makeSandboxWorld, type SandboxWorld } from './sandbox-world.ts';

describe('trying the sandbox', () => {
  let world: SandboxWorld;
  beforeEach(() => {
    world = makeSandboxWorld();
  });
  afterEach(() => world.remove());
  const play = (script: string) => {
    const program = join(world.root, 'bwrap');
    writeFileSync(
      program,
      `#!/bin/bash\n[ "$1" = --help ] && exec echo --json-status-fd\n[ "$1" = --version ] && exec echo bubblewrap 0.11.0\n${script}\n`,
    );
    chmodSync(program, 0o755);
    return program;
  };
  const reason = async (options: ProbeOptions) => {
    const probe = await probeSandbox(options);
    assert.ok(!probe.ok);
    return english(probe.reason);
  };

  it('gives the filter of system calls along, as each command will, and says where the kernel has none', async () => {
    const program = play(
      'while [ $# -gt 0 ]; do [ "$1" = --seccomp ] && exec 9<&"$2" && cat <&9 > "$0.filter"; shift; done; echo "bwrap: Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL. (Hint: this requires a kernel configured with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER.)" >&2; exit 1',
    );
    assert.match(
      await reason({ program, machine: machine({ '/.dockerenv': '' }) }),
      /This kernel cannot filter system calls.*KIMI_SANDBOX=container/,
    );
    const filter = readFileSync(`${program}.filter`);
    assert.ok(filter.length > 0 && filter.length % 8 === 0, 'instructions of 8 bytes');
  });

  it('tells a processor that it has no filter for from a missing program', async () => {
    for (const processor of ['riscv64', 'ia32', 'arm', 's390x']) {
      const said = await reason({ program: play('exit 0'), machine: machine(), processor });
      assert.match(said, new RegExp(`^There is no sandbox for this processor \\(${processor}\\)`));
      assert.doesNotMatch(said, /bubblewrap|bwrap/);
    }
  });

  it('refuses Windows itself whatever is chosen, and says the way', async () => {
    const windows = machine({}, { platform: 'win32' });
    for (const mode of ['required', 'container', 'unsandboxed'] as const) {
      const opening = await openSandbox({ ...world.spec, mode }, { machine: windows });
      assert.ok(!opening.ok, mode);
      const said = english(opening.reason);
      assert.match(
        said,
        /^No commands can run on Windows itself.*`wsl --install`.*install Node\.js, git, bubblewrap, socat and Claude Code/,
      );
      assert.doesNotMatch(said, /KIMI_SANDBOX|unsandboxed/);
    }
  });

  it('says why where a program does not answer, or ends by a signal', async () => {
    assert.match(await reason({ program: play('kill -9 $$'), machine: machine() }), /it ended with SIGKILL/);
    assert.match(await reason({ program: play('exit 3'), machine: machine() }), /it ended with 3/);
  });
});
