import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { runCommand } from '../../../src/agent/tools/run-command.ts';
import type { ToolCommandOptions } from '../../../src/agent/types.ts';
import { HeadAndTail } from '../../../src/sandbox/clean-output.ts';
import { type CommandResult, NO_USE } from '../../../src/sandbox/types.ts';
import { type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

const RESULT: CommandResult = {
  exitCode: 0,
  killed: null,
  head: 'ok\n',
  tail: '',
  totalBytes: 3,
  outputFile: null,
  durationMs: 1234,
  sandboxed: true,
  use: NO_USE,
};

describe('run_command', () => {
  let ws: TempWorkspace;
  beforeEach(() => {
    ws = tempWorkspace();
    ws.put('src/a.txt', 'a\n');
  });
  afterEach(() => ws.remove());
  const run = (args: unknown) => ws.call(runCommand, args);
  const given = (result: Partial<CommandResult>) => {
    ws.commandResult = { ...RESULT, ...result };
  };

  it('runs in the repository or a folder of it', async () => {
    const result = await run({ command: 'ls; echo err >&2; exit 3', cwd: 'src' });
    assert.equal(result.ok, false);
    assert.match(result.text, /^exit 3 in 0\.0s\na\.txt\nerr\n$/);
    assert.equal(result.summary, 'exit 3 in 0.0s');
    assert.match((await run({ command: 'ls' })).text, /src/);
    assert.match((await run({ command: 'true' })).text, /^exit 0 in .*\n\(no output\)$/);
  });

  it('refuses folders outside, missing ones, and files', async () => {
    assert.match((await run({ command: 'ls', cwd: '..' })).text, /leads out/);
    assert.match((await run({ command: 'ls', cwd: 'nope' })).text, /does not exist/);
    assert.match((await run({ command: 'ls', cwd: 'src/a.txt' })).text, /is a file, not a folder/);
    assert.match((await run({ command: 'ls', cwd: '/tmp' })).text, /put `cd` in the command/);
  });

  it('passes the blocklist first, and hands its advice to the model', async () => {
    ws.commandResult = RESULT;
    const result = await run({ command: 'git push origin main' });
    assert.equal(result.ok, false);
    assert.doesNotMatch(result.text, /exit/);
    assert.match(result.summary, /^refused: /);
  });

  it('bounds the time limit', async () => {
    const limits: number[] = [];
    const workspace = {
      ...ws.context.workspace,
      runCommand: async (_: string, options: ToolCommandOptions) => {
        limits.push(options.timeoutMs);
        return RESULT;
      },
    };
    for (const timeout of [undefined, 5, '30', 100_000, 0, -1]) {
      await runCommand.run({ command: 'true', timeout_seconds: timeout }, { ...ws.context, workspace });
    }
    assert.deepEqual(limits, [60_000, 5_000, 30_000, 600_000, 60_000, 60_000]);
  });

  it('asks for the network only when told', async () => {
    const asked: boolean[] = [];
    const workspace = {
      ...ws.context.workspace,
      runCommand: async (_: string, options: ToolCommandOptions) => {
        asked.push(options.network);
        return RESULT;
      },
    };
    for (const network of [undefined, true, 'false', 'true'])
      await runCommand.run({ command: 'true', network }, { ...ws.context, workspace });
    assert.deepEqual(asked, [false, true, false, true]);
  });

  it('says why a command was killed and what to do', async () => {
    given({ exitCode: null, killed: 'timeout', durationMs: 60_000 });
    const late = await run({ command: 'npm test' });
    assert.equal(late.ok, false);
    assert.match(late.text, /^killed after 60\.0s: time limit\. Raise timeout_seconds \(at most 600\)/);
    assert.equal(late.summary, 'killed (timeout) in 60.0s');
    assert.match((await run({ command: 'npm test', timeout_seconds: 600 })).text, /it is the highest/);
    given({ exitCode: null, killed: 'memory' });
    assert.match((await run({ command: 'x' })).text, /too much memory/);
    given({ exitCode: null, killed: 'processes' });
    assert.match((await run({ command: 'x' })).text, /fewer workers/);
  });

  it('keeps head and tail of long output, and says where all of it is', async () => {
    const file = path.join(ws.temp, 'outputs', '7.txt');
    ws.put('../temp/outputs/7.txt', 'everything\n');
    given({ exitCode: 1, head: 'HEAD\nhalf a l', tail: 'ine\nTAIL\n', totalBytes: 2_000_010, outputFile: file });
    const { text } = await run({ command: 'x' });
    assert.equal(text, 'exit 1 in 1.2s\nHEAD\n... 1.9 MB left out; whole output: read_file /tmp/outputs/7.txt ...\nTAIL\n');
    assert.match((await ws.call(readFile, { path: '/tmp/outputs/7.txt' })).text, /1\teverything/);
    given({ head: 'H', tail: 'T', totalBytes: 99, outputFile: '/elsewhere/file' });
    assert.doesNotMatch((await run({ command: 'x' })).text, /elsewhere/);
  });

  it('leaves nothing out of an output of any length without a file that has it', async () => {
    for (const length of [30_000, 36_000, 40_000, 50_000]) {
      const kept = new HeadAndTail();
      for (let at = 0; at < length; at += 10) kept.add(`${String(at).padStart(9, '0')}\n`);
      const { head, tail } = kept.result();
      const outputFile = tail === '' ? null : path.join(ws.temp, 'all.txt');
      given({ head, tail, totalBytes: length, outputFile });
      const { text } = await run({ command: 'x' });
      assert.ok(text.length < 41 * 1024, `${text.length}`);
      assert.ok(text.endsWith(`${String(length - 10).padStart(9, '0')}\n`) && text.includes('\n000000000\n'));
      const isWhole = text.split('\n').filter((line) => /^\d{9}$/.test(line)).length === length / 10;
      assert.ok(isWhole || text.includes('left out; whole output: read_file /tmp/all.txt'), `${length} characters`);
    }
  });

  it('names the signal that ended a command', async () => {
    given({ exitCode: 139 });
    assert.match((await run({ command: 'x' })).text, /^exit 139 \(SIGSEGV\) in 1\.2s\n/);
    given({ exitCode: 137 });
    assert.match((await run({ command: 'x' })).summary, /^exit 137 \(SIGKILL\)/);
    given({ exitCode: 255 });
    assert.match((await run({ command: 'x' })).text, /^exit 255 in/);
  });

  it('explains missing programs and the missing network', async () => {
    given({ exitCode: 127, head: 'bash: foo: command not found\n' });
    assert.match((await run({ command: 'foo' })).text, /a program was not found/);
    given({ exitCode: 1, head: 'npm error getaddrinfo ENOTFOUND registry.npmjs.org\n' });
    assert.match((await run({ command: 'npm run up' })).text, /network: true reaches package registries only/);
    assert.match((await run({ command: 'npm i', network: true })).text, /\[the network reaches package registries only\]/);
  });

  it('reaches the registries with a command that begins by installing, unless the model says otherwise', async () => {
    given({ exitCode: 1, head: 'ENOTFOUND\n' });
    for (const command of ['npm i', 'cd web && npm ci && npm test'])
      assert.match((await run({ command })).text, /\[the network reaches/, command);
    for (const args of [{ command: 'npm i', network: false }, { command: 'npm test && npm i' }])
      assert.match((await run(args)).text, /\[the network is off/, args.command);
  });

  it('says what the proxy refused, which programs keep to themselves', async () => {
    const use = { network: { hosts: [], refused: ['evil.example.org is not an allowed host.'] }, disk: null };
    given({ exitCode: 35, head: 'npm error TLS alert\n', use });
    assert.match((await run({ command: 'npm i', network: true })).text, /\n\[network: evil\.example\.org is not an allowed host\.\]\n/);
    given({ exitCode: 0, use });
    assert.doesNotMatch((await run({ command: 'true', network: true })).text, /\[network/);
  });

  it('teaches when the arguments are wrong', async () => {
    assert.match((await run({})).text, /`command` is missing/);
    assert.match((await run({ command: ['ls'] })).text, /`command` must be a string/);
    assert.match((await run({ command: 'a\0b' })).text, /NUL/);
    writeFileSync(path.join(ws.root, 'x'), '');
    assert.match((await run({ cmd: 'ls' })).text, /src/);
  });
});
