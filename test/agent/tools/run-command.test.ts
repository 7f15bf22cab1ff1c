import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { runCommand } from '../../../src/agent/tools/run-command.ts';
import type { ToolCommandOptions } from '../../../src/agent/types.ts';
import { HeadAndTail } from '../../../src/sandbox/clean-output.ts';
import { type CommandResult, NO_USE } from '../../../src/sandbox/types.ts';
import { SHOWN_ROOT, type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

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
    assert.match(result.text, /^exit 3\na\.txt\nerr$/);
    assert.equal(result.summary, 'exit 3 in 0.0s');
    assert.match((await run({ command: 'ls' })).text, /src/);
    assert.equal((await run({ command: 'true' })).text, 'exit 0, no output');
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
    assert.doesNotMatch(JSON.stringify(runCommand.parameters), /default/i, 'the default is a setting');
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
    given({ exitCode: null, killed: 'timeout', running: 'node slow.js', durationMs: 60_000 });
    assert.match((await run({ command: 'a && node slow.js' })).text, /^killed after 60\.0s, while node slow\.js ran: time limit\./);
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
    assert.equal(text, 'exit 1 in 1.2s\nHEAD\n[1.9 MB or more left out: all of it is in /tmp/outputs/7.txt]\nTAIL');
    assert.match((await ws.call(readFile, { path: '/tmp/outputs/7.txt' })).text, /^everything/);
    given({ head: 'H', tail: 'T', totalBytes: 99, outputFile: '/elsewhere/file' });
    assert.doesNotMatch((await run({ command: 'x' })).text, /elsewhere/);
  });

  it('leaves nothing out of an output of any length without a file that has it', async () => {
    for (const length of [1_000, 5_000, 14_000, 30_000, 40_000, 50_000]) {
      const kept = new HeadAndTail();
      for (let at = 0; at < length; at += 10) kept.add(`${String(at).padStart(9, '0')}\n`);
      const { head, tail } = kept.result();
      for (const file of tail === '' ? ['all.txt', null] : ['all.txt']) {
        given({ head, tail, totalBytes: length, outputFile: file && path.join(ws.temp, file) });
        const { text } = await run({ command: 'npm test' });
        assert.ok(file === null || text.length < 13 * 1024, `${text.length}`);
        assert.ok(text.endsWith(String(length - 10).padStart(9, '0')) && text.includes('\n000000000\n'));
        const shown = text.split('\n').flatMap((line, at) => (/^\d{9}$/.test(line) ? [{ at, number: Number(line) / 10 + 1 }] : []));
        if (shown.length === length / 10) continue;
        assert.ok(text.includes('/tmp/all.txt'), `${length} characters`);
        const [, from, to] = /\[lines (\d+)-(\d+) left out: read_file \/tmp\/all\.txt:\1-\2\]/.exec(text) ?? [];
        if (tail !== '') continue;
        const before = shown.findLast(({ at }) => at < text.split('\n').findIndex((line) => line.startsWith('[')))!.number;
        const behind = shown.find(({ number }) => number > before + 1)!.number;
        assert.deepEqual([Number(from), Number(to)], [before + 1, behind - 1]);
      }
    }
  });

  it('shows of an endless line its beginning and end, and what stands around it', async () => {
    for (const [before, length, behind, command] of [
      ['', 1_000_000, '', 'npm test'],
      ['', 1_000_000, '', 'cat a.json'],
      ['FAIL a\n', 20_000, '\n1 failed', 'npm test'],
      ['', 30_000, '', 'cat a.json'],
      ['FAIL a\n', 1_000_000, '\n1 failed', 'npm test'],
    ] as const) {
      const kept = new HeadAndTail();
      kept.add(`${before}{${'x'.repeat(length)}}${behind}\n`);
      given({ ...kept.result(), totalBytes: before.length + length + 2 + behind.length, outputFile: path.join(ws.temp, 'all.txt') });
      const { text } = await run({ command });
      assert.ok(text.length < 6_000, `${text.length} of ${length}`);
      assert.ok(text.includes(`${before}{xxx`), text.slice(0, 200));
      assert.ok(text.includes(behind) && text.includes('/tmp/all.txt'));
      assert.doesNotMatch(text, /lines 2-1 left out/);
    }
    given({ head: `${'x'.repeat(9_000)}\n`, totalBytes: 9_001, outputFile: path.join(ws.temp, 'all.txt') });
    assert.ok((await run({ command: 'npm test' })).text.endsWith(`\n${'x'.repeat(9_000)}`), 'what fits stays');
  });

  it('tells what failed in front of a pipe', async () => {
    const failed = await run({ command: 'sh -c "echo 4 failed; exit 3" | tail -1' });
    assert.deepEqual([failed.ok, failed.text, failed.summary], [false, 'exit 3 (pipe: 3 | 0)\n4 failed', 'exit 3 in 0.0s']);
    for (const [command, text] of [
      ['yes | head -1', 'exit 0\ny'],
      ['false | true && echo on', 'exit 0\non'],
      ['cd src && cat a.txt | tail -1', 'exit 0\na'],
      ['echo no end | tr -d "\\n" | false', 'exit 1, no output'],
      ['printf x | cat', 'exit 0\nx'],
      ['set -e; false | cat; echo on', 'exit 0\non'],
      ['false | cat; exit 0', 'exit 0, no output'],
      ['(cd src && false | cat)', 'exit 1 (pipe: 1 | 0), no output'],
      ['cd src && (false | cat)', 'exit 1 (pipe: 1 | 0), no output'],
      ['( ( echo a; false ) | cat )', 'exit 1 (pipe: 1 | 0)\na'],
      ['(false | cat) 2>&1', 'exit 1 (pipe: 1 | 0), no output'],
      ['(yes | head -1)', 'exit 0\ny'],
      ['(false | cat) > /dev/null', 'exit 0, no output'],
      ['(false | cat; exit 0)', 'exit 0, no output'],
      ['cat <<E\n(false | cat)\nE\n(cat <<E\nx\nE\n)', 'exit 0\n(false | cat)\nx'],
      ['(exit 4)', 'exit 4, no output'],
      ['false | cat && exit 0', 'exit 0, no output'],
      ['false | cat; exit $?', 'exit 1 (pipe: 1 | 0), no output'],
      ['false | cat; exit', 'exit 1 (pipe: 1 | 0), no output'],
    ])
      assert.equal((await run({ command })).text, text, command);
  });

  it('marks a failure that tells only what a look found', async () => {
    const isLook = async (command: string) => (await run({ command })).looked === true;
    for (const command of [
      'grep -rn nowhere .',
      'ls missing; cat missing',
      'diff -u src/a.txt README',
      "grep -rn '=> b' src && ls",
      'sh -c "echo 4 passed"; grep nowhere src/a.txt',
      'sh -c "echo 4 passed" | grep failed',
      'sh -c "exit 0" 2>&1 | grep -E "fail|Error" | head -3',
      'which no-such-linter',
      'python3 -m no_such_linter --version',
      'ls 2>/dev/null missing > /tmp/listed',
      'git add -A && git commit -m "Mend it"',
    ])
      assert.ok(await isLook(command), command);
    for (const command of [
      'sh -c "exit 1"',
      'sh -c "exit 1"; sh -c "exit 2"',
      'sh -c "echo 4 failed; exit 3" | grep failed',
      'sh -c "exit 1" && grep nowhere src/a.txt',
      'set -e; sh -c "exit 1"; grep nowhere src/a.txt',
      'sh -c "exit 1"; exit $?',
      'test -z "$(cat src/a.txt)"',
      'sed -i s/a/b/ missing.txt',
      'cat missing > src/b.txt',
      'sh -c "exit 1"; git commit -m "Mend it"',
      'git checkout src/a.txt',
    ])
      assert.ok(!(await isLook(command)), command);
    const old = 'rm -rf /tmp/old; mkdir -p /tmp/old && cp -r src /tmp/old/ && cd /tmp/old';
    for (const rest of [
      '&& sh -c "exit 1"',
      '&& for i in 1 2; do sh -c "exit 1" | cat; done',
      '; sh -c "exit 1"; cd /tmp/old/src && false',
    ])
      assert.ok(await isLook(`${old} ${rest}`), rest);
    for (const command of [
      `sh -c "exit 1"; ${old} && sh -c "exit 2"`,
      `${old} && sh -c "exit 1"; cd - && sh -c "exit 1"`,
      `${old} && sh -c "exit 1"; (cd ${SHOWN_ROOT}; sh -c "exit 1")`,
      `(cd /tmp && true); sh -c "exit 1"`,
      'cd /tmp/../etc && sh -c "exit 1"',
      'cd src && sh -c "exit 1"',
      'cd "$(mktemp -d)" && sh -c "exit 1"',
    ])
      assert.ok(!(await isLook(command)), command);
    assert.ok(await isLook('cat src/a.txt'), 'passes, and changes nothing');
    assert.ok(!(await isLook('sh -c true; ls')), 'passes, and may have changed something');
    given({ exitCode: null, killed: 'timeout' });
    assert.ok(!(await isLook('ls')));
  });

  it('shows what a command that only looks prints as it is', async () => {
    const dull = `${'ok 1 - a\n'.repeat(40)}\n\n\n${'-'.repeat(40)}\n`;
    given({ head: dull, totalBytes: dull.length, outputFile: path.join(ws.temp, 'o.txt') });
    for (const command of ['cat a.tap', 'cd src && sed -n 1,90p a.tap', 'git diff', 'git show HEAD:a | head -50'])
      assert.equal((await run({ command })).text, `exit 0 in 1.2s\n${dull.trimEnd()}`, command);
    assert.match((await run({ command: 'npm test' })).text, /\[40 lines of passed tests\]\n\n---\n\[whole output: \/tmp\/o\.txt\]$/);
  });

  it('shows the whole of a short output, which no file keeps', async () => {
    const list = 'ok 1 - a\n'.repeat(20);
    given({ head: `${list}\n\nwarning: old\n${'warning: old\n'.repeat(8)}` });
    assert.equal((await run({ command: 'npm test' })).text, `exit 0 in 1.2s\n${list}\n\n${'warning: old\n'.repeat(9).trimEnd()}`);
    given({ head: 'warning: old\n'.repeat(9) });
    assert.equal((await run({ command: 'npm test' })).text, 'exit 0 in 1.2s\nwarning: old\n[this line 8 more times]');
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

  it('says why git takes nothing of a script, and what to do instead', async () => {
    const said = [
      "fatal: Unable to create '/s/git/index.lock': Read-only file system\n",
      "fatal: cannot lock ref 'refs/tags/v9': unable to create directory for /s/git/refs/tags/v9\n",
      'error: could not lock config file /s/git/config: Read-only file system\n',
      "error: cannot open '/s/git/FETCH_HEAD': Read-only file system\n",
      'error: unable to create temporary file: Read-only file system\nfatal: unable to write note object\n',
      "fatal: Unable to create '/s/git/index.lock': Operation not permitted\n",
      "fatal: Unable to create temporary file '/s/git/objects/pack/tmp_pack_XXXXXX': No such file or directory\n",
      "fatal: cannot copy '/usr/share/git-core/templates/description' to '/s/git/description': Read-only file system\n",
      'error: remote unpack failed: unable to create temporary object directory\n',
      'error: cannot rebase: You have unstaged changes.\nerror: Please commit or stash them.\n',
    ];
    for (const head of said) {
      given({ exitCode: 128, head });
      assert.match(
        (await run({ command: './release.sh' })).text,
        /\n\[git's own files are read-only here.*git diff > \/tmp\/change\.patch/,
        head,
      );
    }
    given({ exitCode: 1, head: "touch: cannot touch '/usr/x': Read-only file system\n" });
    assert.doesNotMatch((await run({ command: 'make install' })).text, /git's own files/);
    given({ exitCode: 0, head: said[0]! });
    assert.doesNotMatch((await run({ command: 'npm test' })).text, /git's own files/);
    given({ exitCode: 0, head: `(1/1) Stage this hunk [y,n,q,a,d,e,?]? ${said[0]}error: 'git apply' failed\n` });
    assert.match((await run({ command: './stage.sh' })).text, /\n\[git's own files are read-only here/);
  });

  it('says the same of a stash that a script or tool calls, which fails without a word', async () => {
    ws.put('tools/keep.sh', '#!/bin/sh\nset -e\ngit stash push -q -m "before"\nnpm test\n');
    ws.put('Makefile', 'check:\n\t@sh tools/keep.sh\n');
    ws.put('web/package.json', JSON.stringify({ scripts: { check: 'git -c core.x=1 stash && vitest run' } }));
    ws.put('tools/keep.py', "import subprocess\nsubprocess.run(['git', 'stash'], check=True)\n");
    ws.put('tools/look.sh', 'git stash list\nfalse\n');
    given({ exitCode: 1, head: '' });
    for (const command of [
      'sh tools/keep.sh',
      './tools/keep.sh',
      'make check',
      'cd web && npm run check',
      'python3 tools/keep.py',
      'cd tools; ./keep.sh',
    ])
      assert.match(
        (await run({ command })).text,
        /^exit 1.*\n\[git stash, which a script calls, fails here.*git diff > \/tmp\/change\.patch/,
        command,
      );
    assert.match((await run({ command: 'npm run check', cwd: 'web' })).text, /\[git stash/);
    for (const command of ['sh tools/look.sh', 'npm test', 'node none.js', 'sh ../outside/keep.sh', '/etc/passwd'])
      assert.doesNotMatch((await run({ command })).text, /git stash/, command);
    given({ exitCode: 0, head: '' });
    assert.doesNotMatch((await run({ command: 'make check' })).text, /git stash/);
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
