import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/sandbox/run-program.ts';
import type { CommandResult } from '../../src/sandbox/types.ts';

const NO_DISK = { begin() {}, isExceeded: () => false, written: async () => null };

describe('what ran in a command when it was killed', () => {
  let folder: string;
  before(function () {
    if (process.platform !== 'linux') this.skip();
    folder = mkdtempSync(join(tmpdir(), 'ckm-running-'));
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  const run = (script: string, { timeoutMs = 1000, processes = 500 } = {}): Promise<CommandResult> =>
    runProgram({
      program: '/bin/sh',
      args: ['-c', script],
      cwd: folder,
      env: { PATH: '/usr/bin:/bin' },
      sandboxed: false,
      disk: NO_DISK,
      limits: { memoryBytes: 2 ** 40, processes, diskBytes: 2 ** 40, diskFiles: 1000, outputFileBytes: 1000 },
      timeoutMs,
      signal: new AbortController().signal,
      outputFile: join(folder, 'output'),
      preamble: '',
    }).result;

  it('is told where its time was over', async () => {
    const { killed, running } = await run('true; sleep 60 | sleep 61');
    assert.deepEqual([killed, running], ['timeout', 'sleep 60 | sleep 61']);
  });

  it('is told in a few words, however much it was', async () => {
    const { running = '' } = await run('for i in $(seq 100); do sleep 6$i & done; wait');
    assert.match(running, /^(sleep 6\d+ \| ){5}…$/);
  });

  it('is told of processes with megabytes of arguments by the first of them', async () => {
    const { running = '' } = await run(
      'sh -c "sleep 60; :" a $(head -c 120000 /dev/zero | tr "\\0" x) b $(head -c 120000 /dev/zero | tr "\\0" y)',
    );
    assert.equal(running, 'sh -c sleep 60; : a');
  });

  it('is not looked for where it took too much, and could take more meanwhile', async () => {
    const { killed, running } = await run('for i in $(seq 60); do sleep 60 & done; wait', { timeoutMs: 60_000, processes: 30 });
    assert.deepEqual([killed, running], ['processes', undefined]);
  });
});
