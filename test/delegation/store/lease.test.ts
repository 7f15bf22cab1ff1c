import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { acquireLease, type Lease, leaseHolder, requestCancel } from '../../../src/delegation/store/lease.ts';

const CHILD = path.join(import.meta.dirname, 'lease-child.ts');

describe('lease: one attempt at a time', () => {
  let root: string;
  const children: ChildProcess[] = [];
  const leases: Lease[] = [];

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-lease-'));
  });
  afterEach(async () => {
    for (const lease of leases.splice(0)) lease.release();
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(root, { recursive: true, force: true });
  });

  const acquire = async (folder = root, attempt = 1) => {
    const acquired = await acquireLease(folder, attempt, () => 1_700_000_000_000);
    if (acquired.ok) leases.push(acquired.lease);
    return acquired;
  };
  const held = async (folder = root) => {
    const acquired = await acquire(folder);
    assert.ok(acquired.ok, 'expected the lease');
    return acquired.lease;
  };
  const machine = (name: string) => ({ host: name, boot: `start of ${name}` });
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [CHILD, root, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  };

  it('of two that ask, one gets it and the other learns who holds it', async () => {
    await held();
    const second = await acquire();
    assert.ok(!second.ok);
    assert.deepEqual(second.holder, { pid: process.pid, since: '2023-11-14T22:13:20.000Z', attempt: 1 });
    assert.deepEqual(await leaseHolder(root), second.holder);
  });

  it('is free again at once when it is released', async () => {
    for (let round = 0; round < 5; round++) {
      const lease = await held();
      lease.release();
      assert.equal(await leaseHolder(root), null);
    }
    const left = readdirSync(root);
    assert.ok(left.length <= 2 && left.every((name) => /^\d+$/.test(name)), `litter: ${left.join(' ')}`);
  });

  it('of eight processes that ask at the same time, exactly one gets it', async () => {
    const started = Array.from({ length: 8 }, () => start());
    const words = await Promise.all(started.map(async ({ lines }) => String((await lines.next()).value)));
    const holders = started.filter((_, index) => words[index] === 'held');
    assert.equal(holders.length, 1, words.join(', '));
    const others = words.filter((word) => word !== 'held');
    assert.deepEqual(new Set(others), new Set([`busy ${holders[0]?.child.pid}`]));
    assert.equal((await leaseHolder(root))?.pid, holders[0]?.child.pid);
  });

  it('is never held by two, however often processes come and go', async () => {
    const started = Array.from({ length: 4 }, () => start('rounds', '60'));
    const words: string[] = [];
    for (const { lines } of started) for (let next = await lines.next(); !next.done; next = await lines.next()) words.push(next.value);
    assert.equal(words.length, 4, words.join(', '));
    assert.ok(
      words.every((word) => /^done \d+$/.test(word)),
      words.join(', '),
    );
    assert.ok(
      words.some((word) => word !== 'done 0'),
      'nobody ever held it',
    );
  });

  it('is free at once when its holder was killed', async () => {
    const { child, lines } = start();
    assert.equal((await lines.next()).value, 'held');
    assert.equal((await acquire()).ok, false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await leaseHolder(root), null);
    await held();
  });

  (process.platform === 'linux' ? it : it.skip)(
    'lies beside its file however deep that is, since others may have another temp folder, or another name for it',
    async () => {
      const deep = path.join(root, 'a'.repeat(100), 'leases');
      mkdirSync(deep, { recursive: true });
      const lease = await held(deep);
      const { socket } = JSON.parse(readFileSync(path.join(deep, '1'), 'utf8')) as { socket: string };
      assert.equal(path.dirname(socket), deep);
      assert.equal((await leaseHolder(deep))?.pid, process.pid);
      const mounted = path.join(root, 'mounted');
      renameSync(path.dirname(deep), mounted);
      assert.equal((await leaseHolder(path.join(mounted, 'leases')))?.pid, process.pid);
      assert.equal((await acquire(path.join(mounted, 'leases'))).ok, false);
      assert.ok(await requestCancel(path.join(mounted, 'leases')));
      assert.ok(lease.cancelled.aborted);
      lease.release();
      assert.equal(await leaseHolder(path.join(mounted, 'leases')), null);
      await held(path.join(mounted, 'leases'));
    },
  );

  it('is free after a reboot: sockets that nobody listens on, an empty temp folder, a process with the old id', async () => {
    const dead = path.join(root, 'ckm-dead.sock');
    const { child, lines } = start();
    assert.equal((await lines.next()).value, 'held');
    const file = JSON.parse(readFileSync(path.join(root, '1'), 'utf8')) as { socket: string };
    child.kill('SIGKILL');
    await once(child, 'exit');
    renameSync(file.socket, dead);
    writeFileSync(path.join(root, 'restored'), 'a backup made a file of the socket');
    for (const [n, socket] of [
      dead,
      path.join(root, 'cleared/ckm-gone.sock'),
      path.join(root, 'restored'),
      path.join(root, 'restored/x'),
    ].entries()) {
      const folder = path.join(root, `boot-${n}`);
      mkdirSync(folder);
      writeFileSync(path.join(folder, '1'), JSON.stringify({ ...file, socket, pid: process.pid }));
      assert.equal(await leaseHolder(folder), null, socket);
      await held(folder);
    }
  });

  it('stays held while the machine, or its holder, sleeps', async () => {
    const { child, lines } = start();
    assert.equal((await lines.next()).value, 'held');
    child.kill('SIGSTOP');
    assert.equal((await leaseHolder(root))?.pid, child.pid);
    assert.equal((await acquire()).ok, false);
    child.kill('SIGCONT');
    assert.equal(await requestCancel(root), true);
    assert.equal((await lines.next()).value, 'cancelled');
  }).timeout(15_000);

  it('stays held for a machine that shares the disk, where nobody reaches the holder, and is free there when it is released', async () => {
    const [here, there] = [machine('here'), machine('there')];
    const { child, lines } = start('hold', JSON.stringify(there));
    await lines.next();
    child.kill('SIGKILL'); // as a socket looks on whose other side is another machine
    await once(child, 'exit');
    assert.equal((await leaseHolder(root, here))?.pid, child.pid);
    assert.equal((await acquireLease(root, 2, Date.now, here)).ok, false);
    assert.equal((await leaseHolder(root, here))?.pid, child.pid, 'and nobody removed its socket');
    assert.equal(await leaseHolder(root, { ...here, host: there.host }), null, 'that machine has started anew since');
    const own = await acquireLease(root, 3, Date.now, there);
    assert.ok(own.ok);
    assert.ok(await leaseHolder(root, here));
    own.lease.release();
    assert.equal(await leaseHolder(root, here), null);
  });

  it('asks no clock, whichever way it jumps', async () => {
    for (const now of [0, 1_700_000_000_000, 4_000_000_000_000]) {
      const folder = path.join(root, String(now));
      const first = await acquireLease(folder, 1, () => now);
      assert.ok(first.ok);
      leases.push(first.lease);
      for (const later of [0, now - 1e9, now + 1e12].filter((time) => time >= 0))
        assert.equal((await acquireLease(folder, 1, () => later)).ok, false, `${now} ${later}`);
    }
  });

  it('carries the request to cancel to the holder, in another process too', async () => {
    const { lines } = start();
    assert.equal((await lines.next()).value, 'held');
    assert.equal(await requestCancel(root), true);
    assert.equal((await lines.next()).value, 'cancelled');
  });

  it('is not cancelled by those who merely look', async () => {
    const lease = await held();
    await leaseHolder(root);
    await acquire();
    assert.equal(lease.cancelled.aborted, false);
    const aborted = once(lease.cancelled, 'abort');
    assert.equal(await requestCancel(root), true);
    await aborted;
  });

  it('a cancel without a holder is told', async () => {
    assert.equal(await requestCancel(path.join(root, 'nothing')), false);
    (await held()).release();
    assert.equal(await requestCancel(root), false);
  });

  it('works in a state directory that is too deep for a socket', async () => {
    const deep = path.join(root, 'very'.repeat(20), 'deep'.repeat(20));
    const lease = await held(deep);
    assert.equal((await acquire(deep)).ok, false);
    const aborted = once(lease.cancelled, 'abort');
    assert.equal(await requestCancel(deep), true);
    await aborted;
    const { socket } = JSON.parse(readFileSync(path.join(deep, '1'), 'utf8')) as { socket: string };
    assert.ok(existsSync(socket) && (process.platform === 'linux' || Buffer.byteLength(socket) < 104));
    lease.release();
    assert.equal(existsSync(socket), false, 'the socket stays behind in the temp folder');
    await held(deep);
  });

  it('survives files that cannot be read', async () => {
    writeFileSync(path.join(root, '7'), '{ torn');
    writeFileSync(path.join(root, 'notes.txt'), 'x');
    await held();
    assert.ok(existsSync(path.join(root, '8')));
  });

  it('removes no file of another program that a damaged or restored one names', async () => {
    const files = ['notes.txt', `ckm-${'0a'.repeat(8)}.sock`].map((name) => path.join(root, name));
    for (const [index, socket] of ['', ...files].entries()) {
      if (socket) writeFileSync(socket, 'x');
      const lease = { socket, pid: 1, since: '2026-01-01T00:00:00.000Z', attempt: 1 };
      writeFileSync(path.join(root, String(7 + 2 * index)), JSON.stringify(lease));
      (await held()).release();
    }
    for (const file of files) assert.ok(existsSync(file), file);
  });

  it('lies in files that only the user can read', async () => {
    await held();
    assert.equal(statSync(path.join(root, '1')).mode & 0o777, 0o600);
  });
});
