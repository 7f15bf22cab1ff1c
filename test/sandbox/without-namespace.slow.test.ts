/** Commands without bubblewrap: in a container that the user calls disposable, or just so. Nothing of them may live on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from '../../src/messages/message.ts';
import {
  changingPrograms,
  descendantsOf,
  parseEnvironments,
  parseProcessTable,
  processesWithVariable,
  processTable,
} from '../../src/sandbox/process-table.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { until } from '../until.ts';
import { machine } from './played-machine.ts';
import { processesWith } from './processes-with.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const CONTAINER = machine({ '/.dockerenv': '' });

describe('commands without a wall of ours', () => {
  let world: SandboxWorld;
  beforeEach(() => {
    world = makeSandboxWorld();
  });
  afterEach(() => world.remove());
  const inContainer = () => openOrFail({ ...world.spec, mode: 'container' }, { machine: CONTAINER, searchDirs: [] });

  it('are refused in "container" where no container can be seen', async () => {
    for (const none of [
      machine(),
      machine({}, { env: { CODESPACES: 'true', container: 'docker' } }),
      machine({}, { platform: 'darwin' }),
    ]) {
      const opening = await openSandbox({ ...world.spec, mode: 'container' }, { machine: none });
      assert.ok(!opening.ok);
      assert.match(say(opening.reason, 'en'), /no container that can be seen.*Set it to required/);
    }
  });

  it('run in the private copy, with an environment that is built anew', async () => {
    const sandbox = await inContainer();
    assert.deepEqual([sandbox.kind, sandbox.shownRoot, sandbox.shownTemp], ['container', world.spec.workspace, world.spec.temp]);
    const result = await runIn(
      sandbox,
      world,
      'pwd; env | grep -c sk-secret; cat app.txt; echo "$HOME"; readlink /proc/self/fd/3 /proc/self/fd/4 || echo closed',
    );
    assert.equal(result.head, `${world.spec.workspace}\n0\none\n${world.spec.temp}/home\nclosed\n`);
    assert.equal(result.sandboxed, false);
    assert.equal((await runIn(sandbox, world, 'sleep 600', { timeoutMs: 200 })).killed, 'timeout');
    assert.match((await runIn(sandbox, world, 'sleep 0.1 & wait; echo waited')).head, /^waited/);
    await sandbox.close();
  });

  it('leave nothing running: not in a session of its own, not below another parent, not without an environment', async () => {
    const sandbox = await inContainer();
    const ways = [
      'sleep 7771 &',
      'setsid nohup sleep 7772 >/dev/null 2>&1 &',
      '( setsid sh -c "sleep 7773 & sleep 7773" >/dev/null 2>&1 & ) ; sleep 0.05',
      // Without the mark in its environment, but seen among the descendants.
      'setsid env -i sleep 7774 >/dev/null 2>&1 & sleep 0.6',
      // Its child drops the mark; its parent bears it.
      'setsid sh -c "env -i sleep 7775; true" >/dev/null 2>&1 & sleep 0.05',
    ];
    for (const way of ways) assert.equal((await runIn(sandbox, world, `${way}\nexit 0`)).exitCode, 0, way);
    assert.deepEqual(processesWith('sleep\u0000777'), []);
    const cancelled = runIn(sandbox, world, 'setsid sleep 7776 >/dev/null 2>&1 & sleep 600', { timeoutMs: 300 });
    assert.equal((await cancelled).killed, 'timeout');
    const closed = runIn(sandbox, world, 'setsid sleep 7777 >/dev/null 2>&1 & touch begun; sleep 600');
    await until('its start', () => processesWith('sleep\u00007777').length > 0);
    await sandbox.close();
    assert.equal((await closed).killed, 'cancelled');
    assert.deepEqual(processesWith('sleep\u0000777'), []);
  });

  it('count against their limits also where they have left their parents', async () => {
    const limits = { ...world.spec.limits, memoryBytes: 150 * 2 ** 20, processes: 60 };
    const sandbox = await openOrFail({ ...world.spec, mode: 'container', limits }, { machine: CONTAINER, searchDirs: [] });
    const takes = `-c 'x = bytes([1]) * (300 << 20); import time; time.sleep(7783)'`;
    const away = (command: string) => `( setsid ${command} >/dev/null 2>&1 & ) ; sleep 30`;
    const ways = {
      'forked twice': [away(`python3 ${takes}`), 'memory'],
      'without an environment, once it was seen': [away(`sh -c "sleep 0.7; exec env -i $(command -v python3) ${takes}"`), 'memory'],
      'many, each forked twice': ['for i in $(seq 90); do ( setsid sleep 7784 >/dev/null 2>&1 & ) ; done; sleep 30', 'processes'],
    } as const;
    for (const [name, [command, killed]] of Object.entries(ways)) assert.equal((await runIn(sandbox, world, command)).killed, killed, name);
    await sandbox.close();
    assert.deepEqual([...processesWith('7783'), ...processesWith('sleep\u00007784')], []);
  }).timeout(60_000);

  it('end with the server that is killed', async () => {
    const script = join(world.root, 'server.ts');
    const source = join(import.meta.dirname, '../../src/sandbox/sandbox.ts');
    writeFileSync(
      script,
      `import { openSandbox } from ${JSON.stringify(source)};
const spec = JSON.parse(process.argv[2]);
const { sandbox } = await openSandbox(spec);
const outputFile = spec.temp + '/output.txt';
sandbox.run('sleep 7781 & sleep 7782', { cwd: '', timeoutMs: 60000, network: false, signal: new AbortController().signal, outputFile });
`,
    );
    const server = spawn(process.execPath, [script, JSON.stringify({ ...world.spec, mode: 'unsandboxed' })], { stdio: 'inherit' });
    await until('its start', () => processesWith('sleep\u0000778').length === 2);
    server.kill('SIGKILL');
    await until('its end', () => processesWith('sleep\u0000778').length === 0, 5);
  });
});

describe('the processes of a machine', () => {
  it('are read from /proc', async function () {
    if (process.platform !== 'linux') this.skip();
    const own = (await processTable()).find(({ pid }) => pid === process.pid);
    assert.equal(own?.parent, process.ppid);
    assert.equal(own?.started, readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ')[19]);
    const child = spawn('sleep', ['7791'], { env: { MARK: 'of this test' } });
    await until('its start', async () => (await processesWithVariable('MARK=of this test')).length > 0);
    assert.deepEqual(await processesWithVariable('MARK=of this test'), [child.pid]);
    assert.deepEqual(await processesWithVariable('MARK=of this'), [], 'the whole variable, not its beginning');
    child.kill('SIGKILL');
  });

  it('count as about to be another program only for a moment, and threads of the kernel never', async function () {
    if (process.platform !== 'linux') this.skip();
    await until('nobody in the middle', () => changingPrograms().length === 0);
  });

  it('are read from the ps of macOS', () => {
    const table = '    1     0 Thu Nov 26 08:00:01 2026    \n  501     1 Fri Nov 27 09:12:44 2026    \n';
    assert.deepEqual(parseProcessTable(table), [
      { pid: 1, parent: 0, started: 'Thu Nov 26 08:00:01 2026' },
      { pid: 501, parent: 1, started: 'Fri Nov 27 09:12:44 2026' },
    ]);
    const environments = '  501 /opt/homebrew/bin/node server.js HOME=/t A=1-2 Z=x\n  502 sleep 600\n  503 node A=1-23\n';
    assert.deepEqual(parseEnvironments(environments, 'A=1-2'), [501]);
    assert.deepEqual(parseEnvironments('', 'A=1-2'), []);
  });

  it('never count this process or the first one among what is ended', () => {
    const entry = (pid: number, parent: number) => ({ pid, parent, started: '' });
    const table = [entry(1, 0), entry(7, 1), entry(8, 7), entry(9, 8), entry(process.pid, 9), entry(4_000_000, process.pid)];
    assert.deepEqual(
      descendantsOf([7], table).map(({ pid }) => pid),
      [7, 8, 9, 4_000_000],
    );
    assert.deepEqual(
      descendantsOf([1, 4_100_000], [entry(1, 0)]).map(({ pid }) => pid),
      [],
    );
  });
});
