import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCheck } from '../../src/checks/run-check.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { NO_USE, type Sandbox } from '../../src/sandbox/types.ts';
import { quick } from '../quick.ts';

describe('running a check', () => {
  let root: string;
  let sandbox: Sandbox;

  beforeEach(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'check-test-')));
    const [workspace, gitDir, temp] = [join(root, 'tree'), join(root, 'git'), join(root, 'temp')];
    for (const folder of [workspace, gitDir, temp]) mkdirSync(folder);
    const opening = await openSandbox({
      workspace,
      mountAt: workspace,
      gitDir,
      objectDirs: [],
      temp,
      hidden: [],
      lent: [],
      layers: null,
      gitDefaults: { identity: true, branch: 'main' },
      allowedHosts: [],
      mode: 'required',
      limits: { memoryBytes: 1024 ** 3, processes: 200, diskBytes: 2 ** 30, diskFiles: 100_000, outputFileBytes: 1024 ** 2 },
      env: process.env,
    });
    assert.ok(opening.ok);
    sandbox = opening.sandbox;
  });

  afterEach(async () => {
    await sandbox.close();
    rmSync(root, { recursive: true, force: true });
  });

  const check = (command: string, timeoutMs = 20_000, keepOutput?: (text: string) => string | null) =>
    runCheck(sandbox, command, {
      ...(keepOutput && { keepOutput }),
      cwd: '',
      timeoutMs,
      signal: new AbortController().signal,
      outputFile: join(root, 'check.txt'),
      tree: join(root, 'tree'),
    });

  it('tells exit code, counts, names and the last lines', async () => {
    const run = await check("printf 'FAILED t.py::test_a - x\\n1 failed, 2 passed in 0.1s\\n'; exit 1");
    assert.deepEqual(
      { ...run, durationMs: 0 },
      {
        exitCode: 1,
        killed: null,
        durationMs: 0,
        counts: { passed: 2, failed: 1, skipped: 0 },
        failing: ['t.py::test_a'],
        tail: 'FAILED t.py::test_a - x\n1 failed, 2 passed in 0.1s\n',
      },
    );
  });

  it('finds names in the middle of a long output, and counts a summary once', async () => {
    const run = await check("seq 20000; echo 'FAILED t.py::test_a - x'; seq 20000; echo '1 failed, 2 passed in 0.1s'; exit 1");
    assert.deepEqual(run.failing, ['t.py::test_a']);
    assert.deepEqual(run.counts, { passed: 2, failed: 1, skipped: 0 });
    assert.equal(run.tail.length, 4000);
  });

  it('keeps the end of a long output, from the beginning of a line on', async () => {
    const kept: string[] = [];
    const keep = (text: string) => `${kept.push(text)}.txt`;
    const long = await check('seq 3000', 20_000, keep);
    assert.deepEqual(long.output, { file: '1.txt', left: 0 });
    assert.equal(kept[0], Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join(''));
    const short = await check('seq 10', 20_000, keep);
    assert.equal(short.output, undefined);
    const endless = await check('seq 300000', 20_000, keep);
    assert.ok(endless.output && endless.output.left > 0);
    assert.match(kept[1]!, /^\d+\n[\s\S]*\n300000\n$/);
    const refused = await check('seq 3000', 20_000, () => null);
    assert.equal(refused.output, undefined);
    assert.equal(refused.tail.length, 4000);
  });

  it('keeps no more than the last megabyte', async () => {
    const file = join(root, 'long.txt');
    const whole = Array.from({ length: 400_000 }, (_, index) => `${index}\n`).join('');
    writeFileSync(file, whole);
    const result = { exitCode: 0, killed: null, head: '0\n', tail: '399999\n', totalBytes: whole.length, outputFile: file };
    const stub = { ...sandbox, run: async () => ({ ...result, durationMs: 1, sandboxed: true, use: NO_USE }) } satisfies Sandbox;
    let kept = '';
    const keepOutput = (text: string) => {
      kept = text;
      return 'a.txt';
    };
    const options = { cwd: '', timeoutMs: 1000, signal: new AbortController().signal, outputFile: file, tree: root, keepOutput };
    const { output } = await runCheck(stub, 'x', options);
    assert.equal(output?.left, whole.length - 1024 * 1024);
    assert.ok(whole.endsWith(`\n${kept}`) && kept.length > 1_000_000, kept.slice(0, 20));
  });

  it('counts a summary behind the limit of the output file', async () => {
    const run = await check("seq 400000; echo '1 failed, 2 passed in 0.1s'; exit 1");
    assert.deepEqual(run.counts, { passed: 2, failed: 1, skipped: 0 });
  });

  it('puts file and tail of a hostile output together quickly', async () => {
    const [file, summary] = [join(root, 'long.txt'), '\n1 failed, 2 passed in 0.1s\n'];
    const whole = `${'a'.repeat(4_100_000)}b${'a'.repeat(20_000)}${summary}`;
    for (const kept of [whole.length, 4_100_000, 4_101_500, 4_110_000]) {
      writeFileSync(file, whole.slice(0, kept));
      const result = { exitCode: 1, killed: null, head: 'a', tail: whole.slice(-20_999), totalBytes: whole.length, outputFile: file };
      const stub = { ...sandbox, run: async () => ({ ...result, durationMs: 1, sandboxed: true, use: NO_USE }) } satisfies Sandbox;
      const options = { cwd: '', timeoutMs: 1000, signal: new AbortController().signal, outputFile: file, tree: root };
      const run = await quick(() => runCheck(stub, 'x', options));
      assert.deepEqual(run.counts, { passed: 2, failed: 1, skipped: 0 }, `${kept}`);
    }
  });

  /** What a sandbox was asked to run; every part of it fails or not as told. */
  const recorded = (fails: RegExp) => {
    const asked: string[] = [];
    const recorder = {
      ...sandbox,
      run: async (command: string, { network }: { network: boolean }) => {
        asked.push(`${network ? 'network' : 'alone'}: ${command}`);
        const refused = { hosts: [], refused: ['npm.example.org is not allowed'], bytes: 0 };
        return {
          exitCode: fails.test(command) ? 1 : 0,
          killed: null,
          head: 'said',
          tail: '',
          totalBytes: 4,
          outputFile: null,
          durationMs: 1,
          sandboxed: true,
          use: network ? { ...NO_USE, network: refused as never } : NO_USE,
        };
      },
    } satisfies Sandbox;
    const options = { cwd: '', timeoutMs: 1000, signal: new AbortController().signal, outputFile: join(root, 'check.txt'), tree: root };
    return { asked, check: (command: string) => runCheck(recorder, command, options) };
  };

  it('installs with the registries in reach, and tests without', async () => {
    const { asked, check } = recorded(/^$/);
    const whole = await check('npm ci');
    const both = await check('cd web && npm ci && npm test');
    assert.deepEqual(asked, ['network: npm ci', 'network: cd web && npm ci', 'alone: cd web && true && npm test']);
    assert.deepEqual([whole.installs, both.installs], [true, undefined]);
  });

  it('tests nothing behind an installation that failed, and shows whom it could not reach', async () => {
    const { asked, check } = recorded(/npm ci/);
    const run = await check('npm ci && npm test');
    assert.deepEqual([asked, run.exitCode, run.installs], [['network: npm ci'], 1, true]);
    assert.equal(run.tail, 'said\n[network: npm.example.org is not allowed]');
  });

  it('tells what is missing where no test passed, and only there', async () => {
    const wanted = await check('echo "Error: Cannot find module \'mocha\'"; exit 1');
    assert.deepEqual(wanted.missing, { what: 'package', name: 'mocha' });
    assert.deepEqual((await check('no-such-program')).missing, { what: 'program', name: 'no-such-program' });
    for (const other of [
      'echo "Error: Cannot find module \'mocha\'"',
      "echo \"Error: Cannot find module 'mocha'\"; echo '1 failed, 2 passed in 0.1s'; exit 1",
    ])
      assert.equal((await check(other)).missing, undefined, other);
  });

  it('tells a time limit', async () => {
    const run = await check('sleep 60', 200);
    assert.equal(run.killed, 'timeout');
    assert.equal(run.exitCode, null);
  });
});
