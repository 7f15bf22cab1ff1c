import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from '../../../src/delegation/attempt/run-checks.ts';
import { openSandbox } from '../../../src/sandbox/sandbox.ts';

describe('checks one after the other', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'ckm-checks-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('do not run any more once the working tree is not what is to be checked', async () => {
    const [workspace, gitDir, temp] = [join(root, 'tree'), join(root, 'git'), join(root, 'temp')];
    for (const folder of [workspace, gitDir, temp]) mkdirSync(folder);
    const opening = await openSandbox({
      ...{ workspace, mountAt: workspace, gitDir, objectDirs: [], temp, hidden: [], lent: [], layers: null, allowedHosts: [] },
      gitDefaults: { identity: true, branch: 'main' },
      mode: 'unsandboxed',
      limits: { memoryBytes: 1024 ** 3, processes: 200, diskBytes: 2 ** 30, diskFiles: 100_000, outputFileBytes: 1024 ** 2 },
      env: process.env,
    });
    assert.ok(opening.ok);
    const tidied: number[] = [];
    const runs = await runChecks(opening.sandbox, ['true', 'exit 3', 'touch ran', 'touch ran'], {
      ...{ on: 'result', how: '', workTree: workspace, temp, cwd: '', timeoutMs: 20_000, signal: new AbortController().signal },
      skipped: new Set(),
      emit: () => {},
      onBase: () => {},
      tidy: async (index) => tidied.push(index) < 2,
    });
    await opening.sandbox.close();
    assert.deepEqual(
      [runs.map((run) => run?.exitCode ?? null), tidied],
      [
        [0, 3, null, null],
        [0, 1],
      ],
    );
  });
});
