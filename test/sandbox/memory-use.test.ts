import assert from 'node:assert/strict';
import { watchMemory } from '../../src/sandbox/memory-use.ts';

const MB = 2 ** 20;
const LIMIT = 1000 * MB;

interface Process {
  anon?: number;
  pssAnon?: number;
  pssShmem?: number;
  shmem?: number;
  swap?: number;
  hugetlb?: number;
  hidden?: boolean;
  old?: boolean;
}

/** A machine of 100 GB whose figures a test sets, in MB. */
function played() {
  const machine = { total: 100_000, available: 90_000, shared: 500 };
  const processes: Record<number, Process> = {};
  let exact = 0;
  const kb = (mb = 0) => `${mb * 1024} kB`;
  const read = (path: string): string => {
    if (path === '/proc/meminfo')
      return `MemTotal: ${kb(machine.total)}\nMemAvailable: ${kb(machine.available)}\nShmem: ${kb(machine.shared)}\n`;
    const [, pid = '', file] = /^\/proc\/(\d+)\/(.*)$/.exec(path) ?? [];
    const its = processes[Number(pid)];
    if (!its) return '';
    const { anon = 0, pssAnon = anon, pssShmem = 0, shmem = pssShmem, swap = 0, hugetlb = 0 } = its;
    if (file === 'status')
      return its.old
        ? `VmRSS:\t${kb(anon + shmem)}\n`
        : `VmRSS:\t${kb(anon + shmem + 9000)}\nRssAnon:\t${kb(anon)}\nRssShmem:\t${kb(shmem)}\nVmSwap:\t${kb(swap)}\n`;
    exact++;
    if (its.hidden) return '';
    return `Pss: ${kb(pssAnon + pssShmem)}\nPss_Anon: ${kb(pssAnon)}\nPss_Shmem: ${kb(pssShmem)}\nSwapPss: ${kb(swap)}\nPrivate_Hugetlb: ${kb(hugetlb)}\n`;
  };
  const watch = watchMemory(LIMIT, read);
  let now = 0;
  const again = (after: number) => {
    now += after;
    return watch.isExceeded(Object.keys(processes).map(Number), now);
  };
  return {
    machine,
    processes,
    watch,
    again,
    exceeded: () => again(5000),
    get exactReads() {
      return exact;
    },
  };
}

describe('memory of a command', () => {
  it('is what its processes hold, without pages of files', async () => {
    const { processes, exceeded } = played();
    processes[1] = { anon: 900 };
    assert.equal(await exceeded(), false);
    processes[2] = { anon: 200 };
    assert.equal(await exceeded(), true);
  });

  it('counts a page once, however many processes hold it', async () => {
    const { processes, exceeded } = played();
    for (let pid = 1; pid <= 10; pid++) processes[pid] = { anon: 500, pssAnon: 50, shmem: 900, pssShmem: 40 };
    assert.equal(await exceeded(), false);
    for (let pid = 1; pid <= 10; pid++) processes[pid] = { anon: 500, pssAnon: 50, shmem: 900, pssShmem: 60 };
    assert.equal(await exceeded(), true);
  });

  it('counts what is swapped out, and huge pages', async () => {
    const { processes, exceeded } = played();
    processes[1] = { anon: 600, swap: 600 };
    assert.equal(await exceeded(), true);
    processes[1] = { anon: 600, hugetlb: 600, swap: 1 };
    processes[2] = { anon: 400, pssAnon: 0 };
    assert.equal(await exceeded(), true);
  });

  it('counts shared memory that no process maps or holds open: memfds, files of a tmpfs, SysV segments, descriptors under way', async () => {
    const { machine, processes, exceeded } = played();
    processes[1] = { anon: 5 };
    machine.shared += 900;
    assert.equal(await exceeded(), false);
    machine.shared += 200;
    assert.equal(await exceeded(), true);
  });

  it('counts a memfd that is mapped too only once', async () => {
    const { machine, processes, exceeded } = played();
    machine.shared += 900;
    processes[1] = { anon: 50, pssShmem: 900 };
    assert.equal(await exceeded(), false);
  });

  it('does not count what others share, nor what was there before', async () => {
    const { machine, processes, watch, exceeded } = played();
    processes[1] = { anon: 5 };
    machine.shared = 300;
    watch.pulse();
    machine.shared = 1200;
    assert.equal(await exceeded(), false);
    machine.shared = 1400;
    assert.equal(await exceeded(), true, 'since the least that there was');
  });

  it('spares a command beside which others begin to share memory, and not one beside which they do so all the time', async () => {
    const { machine, processes, watch, exceeded, again } = played();
    machine.shared = 300;
    watch.pulse();
    processes[1] = { anon: 5 };
    machine.shared = 600;
    assert.equal(await exceeded(), false);
    machine.shared = 1400;
    assert.equal(await watch.isExceeded([1], 1e6), true);
    const own = played();
    own.processes[1] = { anon: 5 };
    own.machine.shared += 300;
    assert.equal(await own.watch.isExceeded([1], 1e6), false);
    own.processes[process.pid] = { shmem: 900 };
    own.machine.shared += 900;
    assert.equal(await own.watch.isExceeded([1], 2e6), false);
    assert.equal(await again(1), true);
  });

  it('counts a process that does not let itself be looked at by what everybody sees', async () => {
    const { processes, exceeded } = played();
    processes[1] = { anon: 1100, hidden: true };
    assert.equal(await exceeded(), true);
    processes[1] = { anon: 1100, hidden: true, old: true };
    assert.equal(await exceeded(), true, 'on an old kernel');
  });

  it('ends whoever took a tenth of the machine when it is short of memory, whatever that is: buffers of sockets and pipes, tables', async () => {
    const { machine, processes, watch, exceeded } = played();
    processes[1] = { anon: 5 };
    machine.available = 9000;
    assert.equal(watch.pulse(), true, 'at once');
    assert.equal(await exceeded(), true);
  });

  it('spares a command on a machine that was short of memory before', async () => {
    const { machine, processes, exceeded } = played();
    machine.available = 9000;
    const own = watchMemory(LIMIT, (path) => (path === '/proc/meminfo' ? 'MemTotal: 100000 kB\nMemAvailable: 9500 kB\nShmem: 5 kB\n' : ''));
    assert.equal(own.pulse(), false);
    assert.equal(await own.isExceeded([1]), false);
    processes[1] = { anon: 5 };
    machine.available = 90_000;
    assert.equal(await exceeded(), false);
  });

  it('is read exactly once a second at most, unless it grows by what was left', async () => {
    const play = played();
    for (let pid = 1; pid <= 4; pid++) play.processes[pid] = { anon: 300, pssAnon: 100 };
    assert.equal(await play.exceeded(), false);
    const reads = play.exactReads;
    for (let i = 0; i < 3; i++) assert.equal(await play.again(250), false);
    assert.equal(play.exactReads, reads);
    for (let pid = 1; pid <= 4; pid++) play.processes[pid] = { anon: 500, pssAnon: 500 };
    assert.equal(await play.again(50), true);
  });

  it('is read piece by piece, so that others have their turn, and by one reader at a time', async () => {
    const slow = Array.from({ length: 20 }, (_, at) => at + 1);
    const read = (path: string): string => {
      if (!path.endsWith('smaps_rollup')) return path === '/proc/meminfo' ? '' : `RssAnon:\t${LIMIT / 1024 / 10} kB\n`;
      for (const began = performance.now(); performance.now() < began + 8; );
      return `Pss_Anon: ${LIMIT / 1024 / 10} kB\n`;
    };
    const watch = watchMemory(LIMIT, read);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const first = watch.isExceeded(slow, 5000);
    assert.equal(await watch.isExceeded(slow, 9000), null);
    assert.equal(await first, true);
    clearInterval(timer);
    assert.ok(turns >= 3, `${turns} turns of others`);
  });

  it('is also what its sockets hold, of which all programs of the machine have a part only, and not what others hold', async () => {
    const files: Record<string, string> = {
      '/proc/net/sockstat': 'TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 100\nUDP: inuse 2 mem 5\n',
      '/proc/sys/net/ipv4/tcp_mem': '200\t300\t1000\n',
      '/proc/sys/net/ipv4/udp_mem': '200\t300\t1000\n',
      '/proc/9/net/sockstat': 'TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 700\nUDP: inuse 0 mem 5\n',
    };
    const watch = watchMemory(LIMIT, (file) => files[file] ?? '');
    assert.equal(await watch.isExceeded([8, 9]), false);
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 700\nUDP: inuse 2 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), false, 'it has none');
    files['/proc/9/net/sockstat'] = 'TCP: inuse 40 orphan 0 tw 0 alloc 42 mem 700\nUDP: inuse 0 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), true);
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 550\nUDP: inuse 2 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), false);
    const ended = Array.from({ length: 40 }, (_, index) => 10 + index);
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 700\nUDP: inuse 2 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9, ...ended]), true, 'nothing is to be read of those that have ended');
    files['/proc/sys/net/ipv4/tcp_max_orphans'] = '1000\n';
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 500 tw 62 alloc 46 mem 100\nUDP: inuse 2 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), false);
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 501 tw 62 alloc 46 mem 100\nUDP: inuse 2 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), true);
    files['/proc/net/sockstat'] = 'TCP: inuse 7 orphan 0 tw 62 alloc 46 mem 100\nUDP: inuse 2 mem 600\n';
    files['/proc/9/net/sockstat'] = 'TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 700\nUDP: inuse 3 mem 5\n';
    assert.equal(await watch.isExceeded([8, 9]), true);
  });

  it('is also the files that it has open, of which all users of the machine have so many only', async () => {
    const files: Record<string, string> = { '/proc/sys/fs/file-nr': '700\t0\t2000\n' };
    const watch = watchMemory(LIMIT, (file) => files[file] ?? '');
    assert.equal(await watch.isExceeded([9]), false);
    files['/proc/sys/fs/file-nr'] = '1700\t0\t2000\n';
    assert.equal(await watch.isExceeded([9]), false);
    files['/proc/sys/fs/file-nr'] = '1701\t0\t2000\n';
    assert.equal(await watch.isExceeded([9]), true);
  });

  it('is also its looks at descriptors (epoll), which a user has so many of, where the kernel took memory and it has descriptors for them', async () => {
    const files: Record<string, string> = { '/proc/sys/fs/epoll/max_user_watches': '800000\n' };
    const kernelHas = (kilobytes: number) => {
      files['/proc/meminfo'] = `MemTotal: 10000000 kB\nMemAvailable: 9000000 kB\nSUnreclaim: ${kilobytes} kB\n`;
    };
    let open = 100;
    const watch = watchMemory(
      LIMIT,
      (file) => files[file] ?? '',
      () => open,
    );
    kernelHas(300_000);
    assert.equal(await watch.isExceeded([8, 9]), false);
    kernelHas(510_000);
    assert.equal(await watch.isExceeded([8, 9]), false, 'others took it');
    open = 500;
    assert.equal(await watch.isExceeded([8, 9]), true);
    kernelHas(490_000);
    assert.equal(await watch.isExceeded([8, 9]), false);
  });
});
