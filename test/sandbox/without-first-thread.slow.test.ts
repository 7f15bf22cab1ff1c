/** Processes whose first thread has ended: the kernel calls them zombies, and shows nothing of what the other threads hold. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { endLeftCommands, WORKSPACE_VARIABLE } from '../../src/sandbox/end-left-commands.ts';
import { machine } from './played-machine.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const CONTAINER = machine({ '/.dockerenv': '' });

/** A program of Python's that does something in a thread, while the first one ends after some seconds. */
const withoutFirst = (act: string, after = 0) =>
  `python3 -c '
import ctypes, os, platform, threading, time
def act():
    time.sleep(${after} + 0.2)
    ${act}
    os._exit(0)
threading.Thread(target=act).start()
time.sleep(${after})
ctypes.CDLL(None).syscall(93 if platform.machine() == "aarch64" else 60, 0)
'`;
const TICKS = 'for i in range(600): open("tick", "w").write(str(i)); time.sleep(0.05)';

describe('a process whose first thread has ended', () => {
  let world: SandboxWorld;
  beforeEach(function () {
    if (process.platform !== 'linux') this.skip();
    world = makeSandboxWorld();
  });
  afterEach(() => world?.remove());
  const inContainer = () => openOrFail({ ...world.spec, mode: 'container' }, { machine: CONTAINER, searchDirs: [] });
  const tick = () => join(world.spec.workspace, 'tick');
  const isTicking = async () => {
    const before = statSync(tick()).mtimeMs;
    await wait(400);
    return statSync(tick()).mtimeMs !== before;
  };

  it('counts with its memory, and with removed files that it holds open', async () => {
    // Each alone: where the folder lies in memory, what is written counts as that, too.
    const limited = { memory: { memoryBytes: 150 * 2 ** 20 }, disk: { diskBytes: 100 * 2 ** 20 } };
    const held =
      'f = os.open("/tmp/held", os.O_RDWR | os.O_CREAT); os.unlink("/tmp/held"); [os.write(f, bytes(1 << 20)) for i in range(300)]';
    const acts = { memory: 'x = bytes([1]) * (400 << 20)', disk: held };
    for (const mode of ['required', 'container'] as const) {
      for (const killed of ['memory', 'disk'] as const) {
        const spec = { ...world.spec, mode, limits: { ...world.spec.limits, ...limited[killed] } };
        const sandbox = await openOrFail(spec, mode === 'container' ? { machine: CONTAINER, searchDirs: [] } : {});
        const away = withoutFirst(`${acts[killed].replaceAll('/tmp/', `${sandbox.shownTemp}/`)}; time.sleep(20)`);
        // Not as a child that the shell waits for: a program that stays behind counts, too.
        assert.equal((await runIn(sandbox, world, `${away} & sleep 20`)).killed, killed, `${killed}, ${mode}`);
        await sandbox.close();
      }
    }
  });

  it('does not outlive its command where no namespace ends it', async () => {
    const sandbox = await inContainer();
    for (const after of [0, 0.7]) {
      const command = `setsid ${withoutFirst(TICKS, after)} >/dev/null 2>&1 & until [ -e tick ]; do sleep 0.05; done; sleep 0.4`;
      assert.equal((await runIn(sandbox, world, command)).exitCode, 0);
      assert.ok(existsSync(tick()));
      assert.equal(await isTicking(), false, `after ${after} s`);
    }
    await sandbox.close();
  });

  it('is found behind a server that was killed, by its environment and by its mounts', async () => {
    const sandbox = await openOrFail(world.spec);
    const running = runIn(sandbox, world, `${withoutFirst(TICKS)} & sleep 30`);
    while (!existsSync(tick()) || readFileSync(tick(), 'utf8') === '') await wait(50);
    const spared = new Set<number>();
    // Everything but the process itself is gone by then: here the others are spared, and the process must be among those to be ended.
    await endLeftCommands([world.spec.workspace], 300, (pid) => spared.add(pid));
    const named = [...spared].filter((pid) => /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')));
    assert.equal(named.length, 1, [...spared].join(' '));
    await sandbox.close();
    await running;

    writeFileSync(tick(), '');
    const { spawn } = await import('node:child_process');
    const env = { ...process.env, [WORKSPACE_VARIABLE]: world.spec.workspace };
    const child = spawn('/bin/sh', ['-c', withoutFirst(TICKS)], { cwd: world.spec.workspace, env, stdio: 'ignore', detached: true });
    while (readFileSync(tick(), 'utf8') === '') await wait(50);
    assert.equal(await endLeftCommands([world.spec.workspace]), true);
    assert.equal(await isTicking(), false);
    child.kill('SIGKILL');
  });
});
