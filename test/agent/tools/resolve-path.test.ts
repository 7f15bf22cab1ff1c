import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import fc from 'fast-check';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { openForReading } from '../../../src/agent/tools/files/open-safely.ts';
import { replaceFile } from '../../../src/agent/tools/files/replace-file.ts';
import { resolvePath } from '../../../src/agent/tools/files/resolve-path.ts';
import { listFiles } from '../../../src/agent/tools/list-files.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { search } from '../../../src/agent/tools/search.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { contains } from '../../../src/common/path-contains.ts';
import { quick } from '../../quick.ts';
import { SHOWN_ROOT, type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

describe('paths of tools', () => {
  let ws: TempWorkspace;
  beforeEach(() => {
    ws = tempWorkspace();
    ws.put('src/app.ts', 'inside\n');
    writeFileSync(path.join(ws.outside, 'secret.txt'), 'SECRET\n');
  });
  afterEach(() => ws.remove());

  const resolve = (given: string, use: 'read' | 'write' = 'read') => resolvePath(ws.context.workspace, given, use);
  /** All three file tools refuse it, say why, leak nothing and leave the outside alone. */
  async function refusedByAll(given: string, reason: RegExp): Promise<void> {
    const read = await ws.call(readFile, { path: given });
    const write = await ws.call(writeFile, { path: given, content: 'BAD\n' });
    const insisted = await ws.call(writeFile, { path: given, content: 'BAD\n' });
    const edit = await ws.call(editFile, { path: given, edits: [{ old_text: 'SECRET', new_text: 'BAD' }] });
    for (const result of [read, write, insisted, edit]) {
      assert.equal(result.ok, false, `${given}: ${result.text}`);
      assert.match(result.text, reason);
      assert.doesNotMatch(result.text, /SECRET/);
    }
    assert.equal(readFileSync(path.join(ws.outside, 'secret.txt'), 'utf8'), 'SECRET\n');
    assert.deepEqual(readdirSync(ws.outside), ['secret.txt']);
    assert.deepEqual(ws.touched, []);
  }

  it('takes relative paths, absolute ones as commands show them, and host paths', async () => {
    const forms = [
      'src/app.ts',
      './src/app.ts',
      'src//app.ts',
      'src/../src/app.ts',
      `${SHOWN_ROOT}/src/app.ts`,
      path.join(ws.root, 'src/app.ts'),
    ];
    for (const given of forms) {
      const target = await resolve(given);
      assert.ok(target.ok, given);
      assert.equal(target.relative, 'src/app.ts');
      assert.equal(target.host, path.join(ws.root, 'src/app.ts'));
    }
  });

  it('reads the temp folder of commands but does not write it', async () => {
    writeFileSync(path.join(ws.temp, 'output.txt'), 'long output\n');
    const read = await ws.call(readFile, { path: '/tmp/output.txt' });
    assert.match(read.text, /^long output/);
    const write = await ws.call(writeFile, { path: '/tmp/other.txt', content: 'x' });
    assert.match(write.text, /write only in the repository; write there with run_command/);
  });

  it('refuses paths that lead out', async () => {
    for (const given of [
      '../outside/secret.txt',
      'src/../../outside/secret.txt',
      '/etc/passwd',
      `${SHOWN_ROOT}/../x`,
      `${SHOWN_ROOT}-other/x`,
      '..\\outside\\secret.txt',
      '~/.ssh/id_rsa',
    ]) {
      await refusedByAll(given, /outside|leads out|home folder/);
    }
    await refusedByAll('src/app.ts\0.txt', /NUL/);
  });

  it("refuses git's folder in every disguise", async () => {
    const disguises = [
      '.git',
      '.GIT',
      '.Git/config',
      'sub/.git/hooks/pre-commit',
      'git~1',
      'GIT~1/config',
      '.git.',
      '.git ',
      '.git. .',
      '.git/',
      './/.git',
      '.git::$INDEX_ALLOCATION',
      '.git:stream',
      '.g\u200cit',
      '.git\u200d',
      '\ufeff.git',
      '.git\\config',
      'a\\.GIT\\b',
      `${SHOWN_ROOT}/.git/config`,
    ];
    for (const given of disguises) await refusedByAll(given, /git's own folder/);
    for (const given of ['.github/workflows/ci.yml', '.gitignore', '.gitattributes', 'git/x', 'x.git/y'])
      assert.ok((await resolve(given, 'write')).ok, given);
  });

  it('refuses names that Windows cannot hold, unless they are there already', async () => {
    for (const given of ['CON', 'src/nul.txt', 'aux', 'COM1', 'lpt9.log', 'a::$DATA', 'a:x:$DATA', 'name.', 'name ', 'src\\app.ts']) {
      assert.equal((await resolve(given, 'write')).ok, false, given);
      assert.equal((await resolve(given)).ok, false, given);
    }
    ws.put('drivers/aux.c', 'int a;\n');
    assert.match((await ws.call(readFile, { path: 'drivers/aux.c' })).text, /int a;/);
    for (const given of ['console.ts', 'auxiliary', 'com10', 'null']) assert.ok((await resolve(given, 'write')).ok, given);
  });

  it('does not follow links to the outside, by file or by folder', async () => {
    symlinkSync(path.join(ws.outside, 'secret.txt'), path.join(ws.root, 'link'));
    symlinkSync(ws.outside, path.join(ws.root, 'folder'));
    symlinkSync('../../outside', path.join(ws.root, 'src/relative'));
    await refusedByAll('link', /symbolic link/);
    await refusedByAll('folder/secret.txt', /leads out of the repository through a symbolic link/);
    await refusedByAll('src/relative/secret.txt', /leads out/);
    const create = await ws.call(writeFile, { path: 'folder/new/deep.txt', content: 'BAD' });
    assert.match(create.text, /leads out/);
    assert.match((await ws.call(listFiles, { path: 'folder' })).text, /leads out/);
    assert.match((await ws.call(search, { pattern: 'SECRET', glob: 'folder' })).text, /leads out/);
  });

  it('does not write through dangling links and links in circles', async () => {
    symlinkSync(path.join(ws.outside, 'new.txt'), path.join(ws.root, 'dangling'));
    symlinkSync('b', path.join(ws.root, 'a'));
    symlinkSync('a', path.join(ws.root, 'b'));
    await refusedByAll('dangling', /symbolic link/);
    await refusedByAll('a', /symbolic link/);
    await refusedByAll('a/x', /symbolic link/);
  });

  it('reads through links that stay inside, knows the real file, and names it when asked to write', async () => {
    symlinkSync('src/app.ts', path.join(ws.root, 'alias'));
    symlinkSync('src', path.join(ws.root, 'source'));
    symlinkSync('.git', path.join(ws.root, 'dotgit'));
    assert.match((await ws.call(readFile, { path: 'alias' })).text, /^inside/);
    assert.match((await ws.call(writeFile, { path: 'alias', content: 'x' })).text, /symbolic link to src\/app\.ts.*name the file itself/);
    assert.ok((await ws.call(editFile, { path: 'source/app.ts', edits: [{ old_text: 'inside', new_text: 'still inside' }] })).ok);
    assert.deepEqual(ws.touched, ['src/app.ts']);
    assert.match((await ws.call(readFile, { path: 'dotgit' })).text, /git's own folder/);
  });

  it('notices a link that takes the place of a file or a folder between check and use', async () => {
    const target = await resolve('src/app.ts');
    assert.ok(target.ok);
    renameSync(path.join(ws.root, 'src'), path.join(ws.root, 'was'));
    mkdirSync(path.join(ws.outside, 'fake'));
    writeFileSync(path.join(ws.outside, 'fake/app.ts'), 'SECRET\n');
    symlinkSync(path.join(ws.outside, 'fake'), path.join(ws.root, 'src'));
    const opened = openForReading(target);
    assert.equal(opened.ok, false);
    const written = replaceFile(target, Buffer.from('BAD'), ws.temp);
    assert.equal(written.ok, false);
    assert.equal(readFileSync(path.join(ws.outside, 'fake/app.ts'), 'utf8'), 'SECRET\n');

    const file = await resolve('was/app.ts');
    assert.ok(file.ok);
    renameSync(path.join(ws.root, 'was/app.ts'), path.join(ws.root, 'was/old'));
    symlinkSync(path.join(ws.outside, 'secret.txt'), path.join(ws.root, 'was/app.ts'));
    assert.equal(openForReading(file).ok, false);
    assert.equal(replaceFile(file, Buffer.from('BAD'), ws.temp).ok, false);
    assert.equal(readFileSync(path.join(ws.outside, 'secret.txt'), 'utf8'), 'SECRET\n');
    assert.deepEqual(readdirSync(ws.temp), []);
  });

  it('never reads or writes the outside while links are swapped all the time', async () => {
    mkdirSync(path.join(ws.root, 'swap'));
    writeFileSync(path.join(ws.root, 'swap/secret.txt'), 'inside\n');
    symlinkSync(ws.outside, path.join(ws.root, 'evil'));
    for (let round = 0; round < 60; round += 1) {
      const jobs = [
        ws.call(readFile, { path: 'swap/secret.txt' }),
        ws.call(writeFile, { path: 'swap/secret.txt', content: `round ${round}\n` }),
      ];
      for (let turn = 0; turn < round % 12; turn += 1) await new Promise((next) => setImmediate(next));
      renameSync(path.join(ws.root, 'swap'), path.join(ws.root, 'held'));
      renameSync(path.join(ws.root, 'evil'), path.join(ws.root, 'swap'));
      const results = await Promise.all(jobs);
      for (const result of results) assert.doesNotMatch(result.text, /SECRET/);
      assert.equal(readFileSync(path.join(ws.outside, 'secret.txt'), 'utf8'), 'SECRET\n');
      renameSync(path.join(ws.root, 'swap'), path.join(ws.root, 'evil'));
      renameSync(path.join(ws.root, 'held'), path.join(ws.root, 'swap'));
    }
  });

  it('does not change a file that has another name outside', async () => {
    linkSync(path.join(ws.outside, 'secret.txt'), path.join(ws.root, 'hard.txt'));
    const edit = await ws.call(editFile, { path: 'hard.txt', edits: [{ old_text: 'SECRET', new_text: 'BAD' }] });
    assert.match(edit.text, /hard links.*cp it/);
    await ws.call(writeFile, { path: 'hard.txt', content: 'BAD' });
    assert.match((await ws.call(writeFile, { path: 'hard.txt', content: 'BAD' })).text, /hard links/);
    assert.equal(readFileSync(path.join(ws.outside, 'secret.txt'), 'utf8'), 'SECRET\n');
  });

  it('does not hang on a pipe or a socket and does not open devices', async function () {
    if (process.platform === 'win32') return this.skip();
    execFileSync('mkfifo', [path.join(ws.root, 'pipe')]);
    const server = createServer().listen(path.join(ws.root, 'socket'));
    await new Promise((listening) => server.once('listening', listening));
    symlinkSync('/dev/zero', path.join(ws.root, 'zero'));
    symlinkSync('/proc/self/mem', path.join(ws.root, 'mem'));
    try {
      await refusedByAll('pipe', /is a pipe/);
      await refusedByAll('socket', /is a socket/);
      await refusedByAll('zero', /symbolic link/);
      await refusedByAll('mem', /symbolic link/);
      await refusedByAll('/dev/zero', /outside the repository/);
      await refusedByAll('/proc/self/mem', /outside the repository/);
      await refusedByAll('/proc/self/cwd/package.json', /outside the repository/);
    } finally {
      server.close();
    }
  });

  it('does not read a sparse file of 10 GB', async () => {
    truncateSync(ws.put('sparse.bin', ''), 10 * 1024 ** 3);
    const read = await quick(() => ws.call(readFile, { path: 'sparse.bin' }));
    const edit = await quick(() => ws.call(editFile, { path: 'sparse.bin', edits: [{ old_text: 'a', new_text: 'b' }] }));
    const write = await quick(() => ws.call(writeFile, { path: 'sparse.bin', content: 'b' }));
    assert.match(read.text, /binary file \(bin, 10\.0 GB\)/);
    assert.match(edit.text, /too big for this tool \(10\.0 GB/);
    assert.match(write.text, /too big/);
  });

  it('takes odd names as they are and shows them on one line', async function () {
    if (process.platform === 'win32') return this.skip();
    for (const name of [
      '-rf',
      'new\nline.txt',
      'tab\there',
      'a b.txt',
      "quo'te.txt",
      '中文.md',
      '\u001b[31mred',
      'e\u0301.txt',
      '$(id)',
      '*.ts',
      'a:b',
    ]) {
      const written = await ws.call(writeFile, { path: name, content: `for ${name.length}\n` });
      assert.ok(written.ok, written.text);
      assert.equal(ws.text(name), `for ${name.length}\n`);
      assert.doesNotMatch(written.text, /[\n\t\u001b]/);
      assert.match((await ws.call(readFile, { path: name })).text, new RegExp(`^for ${name.length}`));
      assert.doesNotMatch(readFile.title({ path: name }), /[\n\t\u001b]/);
    }
    const listed = (await ws.call(listFiles, {})).text;
    assert.match(listed, /"new\\nline\.txt"/);
    assert.doesNotMatch(listed, /\u001b/);
  });

  it('refuses a path through a file, and one that is too long', async () => {
    await refusedByAll('src/app.ts/x', /is a file, not a folder/);
    await refusedByAll('n'.repeat(300), /name is too long/);
    for (const odd of [`${'x'.repeat(300)}/é.txt`, `src/app.ts/é.txt`]) assert.equal(resolve(odd).ok, false, odd.slice(0, 20));
  });

  it('never resolves to the outside (random paths)', async () => {
    symlinkSync(ws.outside, path.join(ws.root, 'out'));
    symlinkSync('..', path.join(ws.root, 'src/up'));
    symlinkSync('../..', path.join(ws.root, 'src/upup'));
    const part = fc.constantFrom(
      '..',
      '.',
      '',
      'src',
      'out',
      'up',
      'upup',
      'app.ts',
      '.git',
      '.GIT.',
      'secret.txt',
      'outside',
      'tree',
      'x',
      '\\..\\',
      '%2e%2e',
    );
    const prefix = fc.constantFrom('', '', '/', `${SHOWN_ROOT}/`, `${ws.root}/`, '/tmp/', `${ws.temp}/../`);
    await fc.assert(
      fc.asyncProperty(
        prefix,
        fc.array(part, { maxLength: 6 }),
        fc.constantFrom('read' as const, 'write' as const),
        async (start, parts, use) => {
          const target = await resolve(start + parts.join('/'), use);
          if (!target.ok) return;
          assert.ok(contains(use === 'write' ? ws.root : target.root, target.host));
          assert.ok(!target.host.slice(ws.root.length).toLowerCase().includes('.git'));
          if (existsSync(target.host)) assert.ok(!lstatSync(target.host).isSymbolicLink());
        },
      ),
      { seed: 20261122, numRuns: 400 },
    );
  });
});

it('a path of thousands of missing folders below hundreds is told in a moment', async () => {
  const ws = tempWorkspace();
  try {
    ws.put(`${'d/'.repeat(800)}f`, 'deep\n');
    const begun = performance.now();
    resolvePath(ws.context.workspace, `${'d/'.repeat(2500)}g`, 'write');
    assert.ok(performance.now() - begun < 3000);
  } finally {
    ws.remove();
  }
});
