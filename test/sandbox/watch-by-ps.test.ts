import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { processMemory } from '../../src/sandbox/process-table.ts';
import { watchByPs } from '../../src/sandbox/watch-by-ps.ts';
import type { Excess } from '../../src/sandbox/watch-resources.ts';

const NO_DISK = { begin() {}, isExceeded: () => false, written: async () => null };
const LIMITS = { memoryBytes: 1000, processes: 3 };
const entry = (pid: number, parent: number, residentBytes = 1) => ({ pid, parent, residentBytes });

describe('the watch by ps', () => {
  const first = (tables: ReturnType<typeof entry>[][], disk = NO_DISK) =>
    new Promise<Excess>((resolve) => {
      let look = 0;
      watchByPs(7, { limits: LIMITS, disk }, resolve, async () => tables[Math.min(look++, tables.length - 1)]!);
    });

  it('counts the command and what is below it, and nobody else', async () => {
    const others = [entry(1, 0, 9999), entry(2, 1, 9999)];
    assert.equal(await first([[...others, entry(7, 2, 600), entry(8, 7, 300), entry(9, 8, 200)]]), 'memory');
    assert.equal(await first([[...others, entry(7, 2), entry(8, 7), entry(9, 8), entry(10, 8)]]), 'processes');
    assert.equal(await first([[...others, entry(7, 2)]], { ...NO_DISK, isExceeded: () => true }), 'disk');
  });

  it('looks again, until it is told to end', async () => {
    assert.equal(await first([[entry(7, 1)], [entry(7, 1, 5000)]]), 'memory');
    let looks = 0;
    const end = watchByPs(
      7,
      { limits: LIMITS, disk: NO_DISK },
      () => assert.fail('it had ended'),
      async () => {
        looks++;
        end();
        return [entry(7, 1, 5000)];
      },
    );
    await first([[entry(7, 1)], [entry(7, 1, 5000)]]);
    assert.equal(looks, 1);
  });

  it('reads what ps says of this machine', async function () {
    if (process.platform === 'win32') this.skip();
    const child = spawn('sleep', ['60']);
    const table = await processMemory();
    child.kill('SIGKILL');
    if (table.length === 0) this.skip(); // no ps
    assert.equal(table.find(({ pid }) => pid === child.pid)?.parent, process.pid);
    assert.ok((table.find(({ pid }) => pid === process.pid)?.residentBytes ?? 0) > 10 * 2 ** 20);
  });
});
