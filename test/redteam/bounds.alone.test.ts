import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run, type World, write } from '../e2e/world.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { asOrdinaryUser } from '../fakes/ordinary-user.ts';
import { until } from '../until.ts';
import { attacksOn } from './attack.ts';
import { delegate, delegateUntouched, hostilePlay, sneaky, toolResults } from './hostile.ts';

/** A word in a command by which its processes are found, and no other's. */
const MARK = `bounds-${process.pid}-${Date.now()}`;
const MOST_MB = 300;
/** So much takes each of the hostile ones; it is given back when they end. */
const TAKEN_MB = 450;

/** Holds what it took until somebody ends it. */
const python = (...lines: string[]): Turn =>
  sneaky(
    `cat > /tmp/x.py <<'E'\nimport ctypes, mmap, os, socket, sys, threading, time\nMB = 1 << 20\n${lines.join('\n')}\ntime.sleep(60)\nE\nexec python3 /tmp/x.py ${MARK}`,
  );
const libc = 'libc = ctypes.CDLL(None, use_errno=True)\nlibc.shmat.restype = ctypes.c_void_p\nlibc.shmdt.argtypes = [ctypes.c_void_p]';

/** Every kind of memory that has another name for the kernel. */
const MEMORY: Readonly<Record<string, Turn>> = {
  'of one process': python(`x = b'1' * (${TAKEN_MB} * MB)`),
  'of many small processes': python(
    'for i in range(15):',
    '  if os.fork() == 0:',
    `    x = os.urandom(MB) * ${TAKEN_MB / 15}`,
    '    time.sleep(60)',
    '    os._exit(0)',
  ),
  'of a session of its own': sneaky(
    `setsid python3 -c "import time; x = b'1' * (${TAKEN_MB} << 20); time.sleep(60)" ${MARK} & disown; sleep 60`,
  ),
  'a memfd that nothing maps': python(`f = os.memfd_create('x')`, `for i in range(${TAKEN_MB}): os.write(f, b'1' * MB)`),
  'a memfd on its way through a socket, which no process holds open': python(
    'a, b = socket.socketpair()',
    'for n in range(9):',
    "  f = os.memfd_create('x')",
    `  for i in range(${TAKEN_MB / 9}): os.write(f, b'1' * MB)`,
    "  socket.send_fds(a, [b'x'], [f])",
    '  os.close(f)',
  ),
  'a shared mapping without a name': python(`m = mmap.mmap(-1, ${TAKEN_MB} * MB)`, `for i in range(0, ${TAKEN_MB} * MB, 4096): m[i] = 1`),
  'a SysV segment that is not attached any more': python(
    libc,
    `i = libc.shmget(0, ctypes.c_size_t(${TAKEN_MB} * MB), 0o1600)`,
    'p = libc.shmat(i, None, 0)',
    `ctypes.memset(p, 1, ${TAKEN_MB} * MB)`,
    'libc.shmdt(p)',
  ),
  'files of /dev/shm': sneaky(`for i in 1 2 3; do head -c ${TAKEN_MB / 3}M /dev/zero > /dev/shm/$i; done; : ${MARK}; sleep 60`),
  'a removed file of /dev/shm': sneaky(`exec 7> /dev/shm/x; rm /dev/shm/x; head -c ${TAKEN_MB}M /dev/zero >&7; : ${MARK}; sleep 60`),
  'of a process that does not let itself be looked at': python(
    'ctypes.CDLL(None).prctl(4, 0)',
    "f = os.memfd_create('x')",
    `for i in range(${TAKEN_MB}): os.write(f, b'1' * MB)`,
  ),
};

const MOST_PROCESSES = 120;
const PROCESSES: Readonly<Record<string, Turn>> = {
  'next to each other': sneaky(`for i in $(seq 300); do sleep 60 & done; : ${MARK}; wait`),
  'of sessions of their own, their parents gone': sneaky(`for i in $(seq 300); do (setsid sleep 60 &) ; done; : ${MARK}; sleep 60`),
  'below each other': python('n = 0', 'while n < 8:', '  os.fork()', '  n += 1'),
  'as threads': python('for i in range(300): threading.Thread(target=time.sleep, args=(60,)).start()'),
};

const shared = () => Number(/^Shmem:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) / 1024;
const alive = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && Number(pid) !== process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(MARK);
    } catch {
      return false;
    }
  });

attacksOn('linux', 'kinds of memory and limits of Linux; watch-by-ps.test.ts is for macOS', 'red team: bounds', () => {
  let world: World;
  afterEach(() => world.close());
  const play = hostilePlay((made) => {
    world = made;
  });

  it('35: memory has a limit, whatever name it has for the kernel', async () => {
    const turns = Object.values(MEMORY);
    await play(() => [...turns, run('echo still here'), write('done.txt', 'done\n')], {
      env: { KIMI_COMMAND_MEMORY_MB: String(MOST_MB) },
    });
    const before = shared();
    const report = await delegateUntouched(world, { max_steps: turns.length + 5 });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const results = toolResults(world);
    for (const [index, name] of Object.keys(MEMORY).entries())
      assert.match(results[index] ?? '', /killed after [\d.]+s: too much memory/, `memory ${name}`);
    assert.match(results[turns.length] ?? '', /still here/);
    assert.deepEqual(alive(), []);
    await until('the end of what was taken', () => shared() < before + MOST_MB);
  }).timeout(120_000);

  it('35: a check that takes too much memory proves nothing, and the report says why', async () => {
    await play(() => [write('done.txt', 'done\n')], { env: { KIMI_COMMAND_MEMORY_MB: String(MOST_MB) } });
    const report = await delegate(world, {
      checks: [`python3 -c "import os, time; x = b'1' * ((os.path.exists('done.txt') and ${TAKEN_MB}) << 20); time.sleep(x and 60 or 0)"`],
    });
    assert.match(report, /pass then stopped \(memory\)/);
    assert.notEqual(field(report, 'outcome'), 'ready');
  });

  it('35: processes and threads have a limit, also those of root, and the server goes on answering', async () => {
    const turns = Object.values(PROCESSES);
    await play(() => [...turns, run('echo still here'), write('done.txt', 'done\n')], {
      env: { KIMI_COMMAND_PROCESSES: String(MOST_PROCESSES) },
    });
    let slowest = 0;
    let over = false;
    const call = delegate(world).finally(() => {
      over = true;
    });
    while (!over) {
      const asked = performance.now();
      await world.server.call('get_delegation', { repo_path: world.repo });
      slowest = Math.max(slowest, performance.now() - asked);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const report = await call;
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const results = toolResults(world);
    for (const [index, name] of Object.keys(PROCESSES).entries())
      assert.match(results[index] ?? '', /killed after [\d.]+s: too many processes/, `processes ${name}`);
    assert.match(results[turns.length] ?? '', /still here/);
    assert.deepEqual(alive(), []);
    assert.ok(slowest < 5000, `${slowest} ms`);
  }).timeout(120_000);

  it('35: a bomb of an ordinary user does not go off: the kernel refuses it processes', async function () {
    const before = asOrdinaryUser();
    if (!before) this.skip();
    await play(() => [sneaky(`b() { b | b & }; b; : ${MARK}; sleep 60`), run('ulimit -u; echo still here'), write('done.txt', 'done\n')], {
      before,
      env: { KIMI_COMMAND_PROCESSES: '64' },
    });
    await delegate(world);
    const results = toolResults(world);
    assert.match(results[0] ?? '', /killed after [\d.]+s: too many processes/);
    assert.match(results[1] ?? '', /\n128\nstill here/);
    assert.deepEqual(alive(), []);
  }).timeout(60_000);

  it('when the machine runs out of memory, it ends commands before anything else', async () => {
    await play(() => [run('cat /proc/self/oom_score_adj; sleep 0.01 & cat /proc/$!/oom_score_adj'), write('done.txt', 'done\n')]);
    await delegate(world);
    assert.match(toolResults(world)[0] ?? '', /\n1000\n1000\b/);
  });

  it('what commands write has a limit: large files, many, removed ones that are open; links and holes count as they are', async () => {
    const ends = (script: string) => sneaky(`${script}; sleep 60; : ${MARK}`);
    const turns: [Turn, RegExp][] = [
      [
        run('head -c 15M /dev/zero > a; for i in 1 2 3 4 5; do ln a a$i; done; truncate -s 10G hole; sleep 1; echo fine; rm -f a* hole'),
        /fine/,
      ],
      [ends('head -c 70M /dev/zero > big'), /too much disk space/],
      [ends('head -c 70M /dev/zero >> big2'), /too much disk space/],
      [run('du -m big; rm big big2; echo removed'), /removed/],
      [ends('head -c 70M /dev/zero > /tmp/big'), /too much disk space/],
      [run('rm /tmp/big; echo removed'), /removed/],
      [ends('exec 7> gone; rm gone; head -c 70M /dev/zero >&7'), /too much disk space/],
      [ends('mkdir many; cd many; python3 -c "for i in range(6000): open(str(i), \'w\').close()"'), /too much disk space/],
      [run('rm -r many; echo removed'), /removed/],
      [run('fallocate -l 20M kept.log; sleep 1; echo left'), /left/],
      [write('done.txt', 'done\n'), /done.txt/],
    ];
    await play(() => turns.map(([turn]) => turn), { env: { KIMI_DISK_MB: '24' } });
    const report = await delegateUntouched(world);
    assert.equal(field(report, 'outcome'), 'unverified', report);
    for (const [index, [, expected]] of turns.entries()) assert.match(toolResults(world)[index] ?? '', expected, `${index}`);
    assert.match(report, /disk: commands wrote 0\.[12] GB/);
    assert.deepEqual(alive(), []);
    const left = readdirSync(path.join(world.state, 'delegations'))[0]!;
    assert.ok(!readdirSync(path.join(world.state, 'delegations', left)).includes('tmp'), 'temp is gone');
  }).timeout(120_000);

  it('what commands leave that is hard to remove is removed: folders that are closed, or deeper than a path may be', async () => {
    await play(() => [
      run(
        'mkdir -p /tmp/c/d && touch /tmp/c/d/f && chmod 000 /tmp/c/d /tmp/c; n=$(printf "%0200d" 0); cd /tmp; for i in $(seq 60); do mkdir $n && cd -P $n; done; touch f; echo made',
      ),
      write('done.txt', 'done\n'),
    ]);
    assert.equal(field(await delegateUntouched(world), 'outcome'), 'unverified');
    assert.match(toolResults(world)[0] ?? '', /made/);
    const left = readdirSync(path.join(world.state, 'delegations'))[0]!;
    assert.deepEqual(
      readdirSync(path.join(world.state, 'delegations', left)).filter((name) => /^tmp/.test(name)),
      [],
    );
  });
});
