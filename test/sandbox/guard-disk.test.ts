import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DiskGuard, guardDisk } from '../../src/sandbox/guard-disk.ts';
import { sizeOfChanged } from '../../src/sandbox/walk-size.ts';
import { giveAway, ORDINARY_ID } from '../fakes/ordinary-user.ts';
import { until } from '../until.ts';

const MB = 2 ** 20;
const ENOUGH = { bytes: 1e12, files: 1e9 };

describe('disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-disk-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);
  const fill = (name: string, bytes: number) => writeFileSync(at(name), Buffer.alloc(bytes, 1));
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 0.1 * MB, `${actual}`);

  describe('sizes', () => {
    it('are of blocks: sparse files are small, hard links count once, links are not followed', async () => {
      fill('a', 2 * MB);
      linkSync(at('a'), at('again'));
      symlinkSync('/usr', at('away'));
      writeFileSync(at('sparse'), '');
      truncateSync(at('sparse'), 10_000 * MB);
      mkdirSync(at('deep/er'), { recursive: true });
      fill('deep/er/b', MB);
      const { bytes, files, isWhole } = await sizeOfChanged([folder], 0, ENOUGH);
      near(bytes, 3 * MB);
      assert.deepEqual([files, isWhole], [6, true]);
    });

    it('are of what was changed since, however old it says it is', async () => {
      fill('old', MB);
      const since = Date.now() + 500;
      await until('the clock', () => Date.now() > since);
      fill('young', 2 * MB);
      utimesSync(at('young'), 0, 0);
      near((await sizeOfChanged([folder], since, ENOUGH)).bytes, 2 * MB);
    });

    it('count names that are not UTF-8', async () => {
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), Buffer.alloc(MB, 1));
      const seen = await sizeOfChanged([folder], 0, ENOUGH);
      near(seen.bytes, MB);
      assert.ok(seen.isWhole);
    });

    it('end where they are enough', async () => {
      for (let i = 0; i < 300; i++) writeFileSync(at(`f${i}`), '');
      const { files } = await sizeOfChanged([folder], 0, { bytes: 1e9, files: 50 });
      assert.ok(files > 50 && files < 120, `${files}`);
    });

    it('are not whole below a path that is too long', async () => {
      execFileSync('bash', ['-c', 'n=$(printf "%0200d" 0); for i in $(seq 30); do mkdir $n && cd $n || exit 1; done; echo x > f'], {
        cwd: folder,
      });
      assert.equal((await sizeOfChanged([folder], 0, ENOUGH)).isWhole, false);
    });
  });

  /** The device is played, the files are real. */
  function play(limits = { diskBytes: 200 * MB, diskFiles: 10_000 }) {
    const free = { bytes: 50_000 * MB, files: 1e6 };
    const guard = guardDisk(
      () => [folder],
      limits,
      () => ({ free: () => ({ ...free }), totalBytes: 100_000 * MB }),
    );
    guard.begin();
    return { free, guard };
  }
  const looked = (guard: DiskGuard, pids: number[] = []) => until('the answer', () => guard.isExceeded(pids), 10);

  it('is exceeded by what was written, not by what others write', async () => {
    const { free, guard } = play();
    free.bytes -= 5000 * MB;
    assert.equal(guard.isExceeded([]), false);
    assert.equal(await guard.written(), null, 'nothing of it is ours');
    const own = play({ diskBytes: 2 * MB, diskFiles: 10_000 });
    fill('big', 3 * MB);
    own.free.bytes -= 3 * MB;
    assert.ok(await looked(own.guard));
    near((await own.guard.written()) ?? 0, 3 * MB);
  });

  it('is exceeded by many files', async () => {
    const { free, guard } = play({ diskBytes: 200 * MB, diskFiles: 100 });
    for (let i = 0; i < 150; i++) writeFileSync(at(`f${i}`), '');
    free.files -= 150;
    assert.ok(await looked(guard));
  });

  it('counts removed files that are still open', async () => {
    const { free, guard } = play({ diskBytes: 2 * MB, diskFiles: 100 });
    fill('gone', 3 * MB);
    const descriptor = openSync(at('gone'), 'r');
    rmSync(at('gone'));
    free.bytes -= 3 * MB;
    assert.ok(await looked(guard, [process.pid]));
    closeSync(descriptor);
  });

  it('leaves a command room to remove files when the limit was reached before', async () => {
    const { free, guard } = play({ diskBytes: 2 * MB, diskFiles: 100 });
    fill('big', 3 * MB);
    free.bytes -= 3 * MB;
    assert.ok(await looked(guard));
    guard.begin();
    assert.equal(guard.isExceeded([]), false);
    rmSync(at('big'));
    free.bytes += 3 * MB;
    guard.begin();
    fill('again', 3 * MB);
    free.bytes -= 3 * MB;
    assert.ok(await looked(guard), 'the limit holds again');
  });

  it('never fills a device, whatever the limit and whoever else writes', () => {
    const { free, guard } = play({ diskBytes: 1e12, diskFiles: 1e9 });
    free.bytes = 900 * MB;
    assert.equal(guard.isExceeded([]), true);
    guard.begin();
    assert.equal(guard.isExceeded([]), false, 'another command that writes nothing may run');
  });

  it('charges who closes folders with all that was lost', async () => {
    const { free, guard } = play({ diskBytes: 2 * MB, diskFiles: 100 });
    mkdirSync(at('closed'));
    fill('closed/big', 3 * MB);
    giveAway(folder);
    chmodSync(at('closed'), 0);
    free.bytes -= 3 * MB;
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(ORDINARY_ID);
    try {
      assert.ok(await looked(guard));
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
