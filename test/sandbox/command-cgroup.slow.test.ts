import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folderOf, joinCommand, keeperArguments, oomKills, openCgroup } from '../../src/sandbox/command-cgroup.ts';
import { readText } from '../../src/sandbox/read-text.ts';
import { until } from '../until.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const LIMITS = { memoryBytes: 1000 * 2 ** 20, processes: 100 };
/** Groups can be made here without systemd; they bound nothing where the older version of them has the controllers. */
const ROOTS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

describe('the control group of commands', () => {
  it('is asked of the user’s systemd, with limits a little above those of the watch', () => {
    assert.deepEqual(keeperArguments('claude-kimi-1.scope', LIMITS), [
      ...['--user', '--scope', '--quiet', '--collect', '--unit=claude-kimi-1.scope'],
      ...['--property=MemoryMax=1153433600', '--property=MemorySwapMax=1153433600', '--property=TasksMax=200'],
      ...['--property=CPUWeight=50', '--', 'cat'],
    ]);
  });

  it('is known by its own name only', () => {
    const path = '/user.slice/user-1000.slice/user@1000.service/app.slice/claude-kimi-1.scope';
    assert.equal(folderOf(`0::${path}\n`, 'claude-kimi-1.scope', '/sys/fs/cgroup'), `/sys/fs/cgroup${path}`);
    assert.equal(folderOf(`4:memory:/x\n0::${path}\n`, 'claude-kimi-1.scope', '/c'), `/c${path}`);
    for (const other of ['0::/\n', `0::${path}/below\n`, '0::/app.slice/code.scope\n', `1:name=systemd:${path}\n`, ''])
      assert.equal(folderOf(other, 'claude-kimi-1.scope', '/c'), null, other);
  });

  it('tells how often the kernel ended a process in it', () => {
    assert.equal(
      oomKills('/x', () => 'low 0\nhigh 0\nmax 7\noom 2\noom_kill 2\noom_group_kill 0\n'),
      2,
    );
    assert.equal(
      oomKills('/x', () => ''),
      0,
    );
  });

  it('is none where the user has no systemd, or it does not answer, or makes another', async () => {
    const world = makeSandboxWorld();
    const env = { XDG_RUNTIME_DIR: world.root };
    const program = path.join(world.root, 'systemd-run');
    try {
      assert.equal(await openCgroup(LIMITS, env, { program: null }).folder(), null);
      assert.equal(await openCgroup(LIMITS, { XDG_RUNTIME_DIR: '/nowhere' }, { program: '/bin/cat' }).folder(), null);
      assert.equal(await openCgroup(LIMITS, env, { program: path.join(world.root, 'missing') }).folder(), null);
      for (const script of ['exit 1', 'exec cat', 'exec sleep 60']) {
        writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        const group = openCgroup(LIMITS, env, { program });
        assert.equal(await group.folder(), null, script);
        group.close();
      }
    } finally {
      world.remove();
    }
  });

  it('lets a command run that may not join', () => {
    const world = makeSandboxWorld();
    const wrapped = joinCommand(path.join(world.root, 'missing'));
    const [program = '', ...args] = [...wrapped, '/bin/echo', 'a  b', '$HOME'];
    assert.equal(execFileSync(program, args, { encoding: 'utf8' }), 'a  b $HOME\n');
    world.remove();
  });

  describe('with a played systemd', () => {
    const root = ROOTS.find(canPlay);
    let world: SandboxWorld;
    before(function () {
      if (!root) this.skip();
      world = makeSandboxWorld();
    });
    after(() => world?.remove());

    it('holds every process of a command, and is gone behind the sandbox', async () => {
      const program = path.join(world.root, 'systemd-run');
      const script = `for w in "$@"; do case $w in --unit=*) u=\${w#--unit=};; esac; done; mkdir ${root}/$u; echo $u > ${world.root}/unit; echo $$ > ${root}/$u/cgroup.procs; exec cat`;
      writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      const env = { ...world.spec.env, XDG_RUNTIME_DIR: world.root };
      const sandbox = await openOrFail({ ...world.spec, env }, { cgroup: { root: root!, program, mostMs: 20_000 } });
      const ended = runIn(sandbox, world, 'setsid sleep 60 & echo ready > ready; sleep 60');
      await until('the command', () => readdirSync(world.spec.workspace).includes('ready'));
      const group = readFileSync(path.join(world.root, 'unit'), 'utf8').trim();
      const names = () => {
        const members = readFileSync(path.join(root!, group, 'cgroup.procs'), 'utf8')
          .trim()
          .split('\n');
        return members.map((pid) => readText(`/proc/${pid}/comm`).trim());
      };
      await until('all of them', () => names().filter((name) => name === 'sleep').length === 2);
      assert.ok(names().includes('bwrap') && names().includes('cat'), names().join(' '));
      await sandbox.close();
      assert.equal((await ended).killed, 'cancelled');
      await until('an empty group', () => readFileSync(path.join(root!, group, 'cgroup.procs'), 'utf8') === '');
      rmdirSync(path.join(root!, group)); // systemd does that
    });

    /**
     * As systemd does it, but with a part of what it is asked for, so that the kernel acts long before the watch. Where the older version of
     * control groups has the controller, the group is made of files of both.
     */
    const bounded = async (controller: 'memory' | 'pids', part: number) => {
      const [property, old, events] =
        controller === 'memory' ? ['MemoryMax', 'memory.limit_in_bytes', 'memory.oom_control'] : ['TasksMax', 'pids.max', 'pids.events'];
      const [older, groups] = [`/sys/fs/cgroup/${controller}`, path.join(world.root, `groups-${controller}`)];
      const program = path.join(world.root, `systemd-run-${controller}`);
      const lines = [
        `for w in "$@"; do case $w in --unit=*) u=\${w#--unit=};; --property=${property}=*) n=\${w##*=};; esac; done`,
        `mkdir ${root}/$u ${older}/$u && echo $((n / ${part})) > ${older}/$u/${old} || exit`,
        `mkdir -p ${groups}/$u; ln -s ${older}/$u/cgroup.procs ${groups}/$u/; ln -s ${older}/$u/${events} ${groups}/$u/${controller}.events`,
        `echo $u > ${world.root}/unit; echo $$ > ${root}/$u/cgroup.procs; exec cat`,
      ];
      writeFileSync(program, `#!/bin/sh\n${lines.join('\n')}\n`, { mode: 0o755 });
      const env = { ...world.spec.env, XDG_RUNTIME_DIR: world.root };
      const limits = { ...world.spec.limits, memoryBytes: 800 * 2 ** 20, processes: 200 };
      const sandbox = await openOrFail({ ...world.spec, env, limits }, { cgroup: { root: groups, program, mostMs: 20_000 } });
      return {
        sandbox,
        async remove() {
          await sandbox.close();
          const unit = readFileSync(path.join(world.root, 'unit'), 'utf8').trim();
          for (const at of [root!, older]) {
            await until('an empty group', () => readText(path.join(at, unit, 'cgroup.procs')) === '');
            rmdirSync(path.join(at, unit));
          }
        },
      };
    };
    const hasOlder = (controller: string) => existsSync(`/sys/fs/cgroup/${controller}/cgroup.procs`);

    it('the kernel ends what takes more memory than the group may, and the result says why', async function () {
      if (!hasOlder('memory')) this.skip();
      const { sandbox, remove } = await bounded('memory', 8);
      const take = (megabytes: number) => `python3 -c 'x = bytes([1]) * (${megabytes} << 20); print("took it")'`;
      assert.match((await runIn(sandbox, world, take(30))).head, /took it/);
      assert.equal((await runIn(sandbox, world, `setsid ${take(300)} & sleep 30`)).killed, 'memory');
      assert.match((await runIn(sandbox, world, take(30))).head, /took it/, 'the next one runs');
      await remove();
    });

    it('the kernel refuses more processes than the group may have', async function () {
      if (!hasOlder('pids')) this.skip();
      const { sandbox, remove } = await bounded('pids', 10);
      const fork = 'import os, time\nfor i in range(80):\n  if os.fork() == 0: time.sleep(5); os._exit(0)';
      const refused = await runIn(sandbox, world, `python3 -c '${fork}'`);
      assert.match(refused.head, /BlockingIOError: .*Resource temporarily unavailable/);
      assert.match((await runIn(sandbox, world, 'echo fine')).head, /^fine/, 'the next one runs');
      await remove();
    });
  });
});

/** Whether a process can be put into a group made here, and sees itself in it: not so in every container. */
function canPlay(root: string): boolean {
  const group = path.join(root, `claude-kimi-test-${process.pid}`);
  try {
    mkdirSync(group);
    const seen = execFileSync('/bin/sh', ['-c', 'echo $$ > "$0/cgroup.procs" && exec cat /proc/self/cgroup', group], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return folderOf(seen, path.basename(group), root) === group;
  } catch {
    return false;
  } finally {
    if (existsSync(group)) rmdirSync(group);
  }
}
