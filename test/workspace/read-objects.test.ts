import assert from 'node:assert/strict';
import { chmod, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeText } from '../../src/common/text-codec.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { type GrepQuery, type GrepTarget, grepFiles, listWorkTree } from '../../src/workspace/grep-files.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { listTree, readBlobs, readDocuments, readFirstDocuments } from '../../src/workspace/read-objects.ts';
import { writeCommit } from '../../src/workspace/write-commit.ts';
import { quick } from '../quick.ts';
import { IDENTITY, makeWorkspace, makeWorld, put, type Workspace, type World } from './world.ts';

describe('reading', () => {
  let world: World;
  let space: Workspace;
  beforeEach(async () => {
    world = await makeWorld();
    await world.write('docs/文档 a.md', 'needle in Chinese\n');
    await world.write('big.txt', Array.from({ length: 400 }, (_, line) => `line ${line}\n`).join(''));
    await world.write('bin.dat', new Uint8Array([0, 1, 2, 255]));
    await symlink('README.md', join(world.repo, 'AGENTS.md'));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'more');
    space = await makeWorkspace(world);
  });
  afterEach(() => world.remove());

  const at = (path: string) => join(space.workTree, path);
  const commit = async () => {
    const { tree } = await checkpoint(space.privateGit, space.workTree, space.base);
    return writeCommit(space.privateGit, { tree, parents: [space.base], message: 'm', identity: IDENTITY });
  };
  const change = async (limits?: { totalBytes: number; fileBytes: number }) =>
    readChange(space.privateGit, space.base, await commit(), limits);

  it('lists the files of a commit', async () => {
    const files = await listTree(space.repository, space.base);
    assert.deepEqual(
      files.map(({ mode, path }) => `${mode} ${path}`),
      [
        '100644 .gitignore',
        '120000 AGENTS.md',
        '100644 README.md',
        '100644 big.txt',
        '100644 bin.dat',
        '100644 docs/文档 a.md',
        '100644 src/app.ts',
      ],
    );
    assert.equal(files[2]?.id, (await world.git('rev-parse', 'HEAD:README.md')).trim());
    await assert.rejects(listTree(space.repository, '1'.repeat(40)), /git ls-tree failed/);
  });

  it('reads the first of many large files, and names those that it left out', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt']) await world.write(name, name.repeat(600_000));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'large');
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    const asked = ['a.txt', 'b.txt', 'c.txt', 'README.md', 'nowhere', 'docs'];
    const read = await readFirstDocuments({ gitDir: join(world.repo, '.git') }, head, asked, 4_000_000);
    assert.deepEqual(
      [...read].map(([path, { bytes }]) => [path, bytes !== null]),
      [
        ['a.txt', true],
        ['b.txt', false],
        ['c.txt', false],
        ['README.md', false],
      ],
    );
  });

  it('reads files whose names hold line breaks, which would hide them otherwise', async () => {
    await world.write('src/a\nb.ts', 'behind a line break\n');
    await world.write('x\ny/big.txt', 'x'.repeat(2000));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'odd names');
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    const asked = ['README.md', 'src/a\nb.ts', 'x\ny/big.txt', 'x\ny', 'no\nwhere'];
    const blobs = await readBlobs({ gitDir: join(world.repo, '.git') }, head, asked, 1000);
    assert.deepEqual([...blobs.keys()], ['README.md', 'src/a\nb.ts']);
    assert.equal(blobs.get('src/a\nb.ts')?.toString(), 'behind a line break\n');
  });

  it('reads files whose names are no UTF-8, but for those that read alike', async () => {
    for (const [name, text] of [
      ['odd-\xff.ts', 'odd'],
      ['two-\xfe.ts', 'one'],
      ['two-\xff.ts', 'other'],
      ['real-\xef\xbf\xbd.ts', 'real'],
      ['fake-\xef\xbf\xbd.ts', 'by its own name'],
      ['fake-\xff.ts', 'reads like it'],
    ] as const)
      await writeFile(Buffer.from(`${world.repo}/${name}`, 'latin1'), text);
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'odd names');
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    const asked = ['README.md', 'odd-\ufffd.ts', 'two-\ufffd.ts', 'real-\ufffd.ts', 'fake-\ufffd.ts', 'none-\ufffd.ts'];
    const blobs = await readBlobs({ gitDir: join(world.repo, '.git') }, head, asked, 1000);
    assert.deepEqual(
      [...blobs].slice(1).map(([path, bytes]) => [path, bytes.toString()]),
      [
        ['real-\ufffd.ts', 'real'],
        ['odd-\ufffd.ts', 'odd'],
      ],
    );
  });

  it('reads blobs of a commit, the small ones that exist', async () => {
    const asked = ['README.md', 'docs/文档 a.md', 'bin.dat', 'nowhere', 'src', 'big.txt', 'a\nb', '', 'README.md'];
    const blobs = await readBlobs(space.privateGit, space.base, asked, 1000);
    assert.deepEqual([...blobs.keys()], ['README.md', 'docs/文档 a.md', 'bin.dat']);
    assert.equal(blobs.get('docs/文档 a.md')?.toString(), 'needle in Chinese\n');
    assert.deepEqual(blobs.get('bin.dat'), Buffer.from([0, 1, 2, 255]));
    assert.equal((await readBlobs(space.privateGit, space.base, ['nowhere'], 1000)).size, 0);
  });

  it('reads documents: follows links inside, tells the size of what is too large', async () => {
    await symlink('docs', at('papers'));
    await symlink('../../outside', at('src/out'));
    await symlink('nowhere-at-all', at('dangling'));
    await put(at('huge.bin'), Buffer.alloc(5 * 1024 * 1024, 'x'));
    const { tree } = await checkpoint(space.privateGit, space.workTree, space.base);
    const small = ['dangling', 'AGENTS.md', 'src/out', 'papers/文档 a.md', 'nowhere', 'big.txt', 'src', 'README.md/x', 'README.md'];
    for (const asked of [small, ['huge.bin', ...small]]) {
      const documents = await readDocuments(space.privateGit, tree, asked, 1000);
      const shown = [...documents].map(([path, { size, bytes }]) => [path, bytes?.toString() ?? size]);
      assert.deepEqual(Object.fromEntries(shown), {
        ...(asked.length > small.length ? { 'huge.bin': 5 * 1024 * 1024 } : {}),
        'AGENTS.md': await readFile(at('README.md'), 'utf8'),
        'papers/文档 a.md': 'needle in Chinese\n',
        'big.txt': (await stat(at('big.txt'))).size,
        'README.md': await readFile(at('README.md'), 'utf8'),
      });
    }
  });

  it('tells renames, binary files, modes, links and odd names apart', async () => {
    await rename(at('big.txt'), at('renamed to.txt'));
    await put(at('bin.dat'), new Uint8Array([0, 9]));
    await put(at('src/app.ts'), 'export const answer = 42;\nexport const more = 1;\n');
    await rm(at('AGENTS.md'));
    await put(at('AGENTS.md'), 'now a file\n');
    await rm(at('README.md'));
    await chmod(at('.gitignore'), 0o755);
    await put(at('tab\t"quote\nline'), 'diff --git a/x b/x\n');
    await put(at('empty'), '');
    const result = await change();
    const seen = result.files.map(({ path, from, status, added, removed }) => [path, from, status, added, removed]);
    assert.deepEqual(seen, [
      ['.gitignore', undefined, 'M', 0, 0],
      ['AGENTS.md', undefined, 'T', 1, 1],
      ['README.md', undefined, 'D', 0, 1],
      ['bin.dat', undefined, 'M', null, null],
      ['empty', undefined, 'A', 0, 0],
      ['renamed to.txt', 'big.txt', 'R', 0, 0],
      ['src/app.ts', undefined, 'M', 2, 1],
      ['tab\t"quote\nline', undefined, 'A', 1, 0],
    ]);
    assert.equal(result.added, 4);
    assert.equal(result.removed, 3);
    assert.deepEqual(
      result.diffs.map(({ path }) => path),
      result.files.map(({ path }) => path),
    );
    const diff = (path: string) => result.diffs.find((each) => each.path === path)?.text ?? '';
    assert.match(diff('.gitignore'), /old mode 100644\nnew mode 100755/);
    assert.match(diff('AGENTS.md'), /deleted file mode 120000[\s\S]*new file mode 100644[\s\S]*\+now a file/);
    assert.match(diff('bin.dat'), /Binary files a\/bin\.dat and b\/bin\.dat differ/);
    assert.match(diff('renamed to.txt'), /rename from big\.txt\nrename to renamed to\.txt/);
    assert.match(diff('src/app.ts'), /-export const answer = 41;\n\+export const answer = 42;\n\+export const more = 1;\n$/);
    assert.match(diff('tab\t"quote\nline'), /\+diff --git a\/x b\/x\n$/);
    assert.match(diff('empty'), /new file mode 100644/);
  });

  it('cuts long patches at a line and says how to read the rest', async () => {
    await put(at('a-long.txt'), 'x'.repeat(99).concat('\n').repeat(100));
    await put(at('b.txt'), 'short\n');
    const cut = await change({ totalBytes: 3000, fileBytes: 2000 });
    const [long, short] = cut.diffs;
    assert.ok(long!.text.length < 2200);
    assert.match(long!.text, /\+x{99}\n\[patch cut here; read it with: git diff [0-9a-f]{12}\.\.[0-9a-f]{12} -- a-long\.txt\]\n$/);
    assert.match(short!.text, /\+short\n$/);
    const tiny = await change({ totalBytes: 10, fileBytes: 10 });
    assert.match(tiny.diffs[1]!.text, /^\[patch cut here/);
    assert.equal(tiny.added, 101);
    await put(at('$(touch x)'), 'x'.repeat(99).concat('\n').repeat(100));
    await put(at('a\nb'), 'x'.repeat(99).concat('\n').repeat(100));
    const odd = (await change({ totalBytes: 10, fileBytes: 10 })).diffs.map(({ text }) => text).join('');
    assert.match(odd, / -- '\$\(touch x\)'\]\n/, 'nothing of a name is run');
    assert.match(odd, /git diff [0-9a-f.]+\]\n/);
  });

  it('reads the lines of a patch in the encoding of their file, on each side', async () => {
    const GBK = { 中: [0xd6, 0xd0], 文: [0xce, 0xc4], 件: [0xbc, 0xfe], 路: [0xc2, 0xb7] } as Record<string, number[]>;
    const gbk = (text: string) => Buffer.from([...text].flatMap((sign) => GBK[sign] ?? [sign.charCodeAt(0)]));
    const head = '中文文件中文文件\n'.repeat(12);
    const source = '1\n2\n3\n4\n';
    await put(at('gbk.c'), gbk(`${head}${source}int a;\n`));
    await put(at('to-utf8.c'), gbk(`${head}${source}int a;\n`));
    await put(at('old.txt'), Buffer.from('Größe, Übung und Äpfel\n', 'latin1'));
    await put(at('gone.c'), gbk(head));
    const before = await commit();
    await put(at('gbk.c'), gbk(`${head}${source}int b; // 路\n`));
    await put(at('to-utf8.c'), `${head}${source}int b;\n`);
    await rm(at('old.txt'));
    await put(at('new.txt'), Buffer.from('Größe, Übung und Äpfel; noch mehr\n', 'latin1'));
    await rm(at('gone.c'));
    await put(at('文件.c'), gbk(`${head}中\n`));
    const { diffs, files } = await readChange(space.privateGit, before, await commit());
    const diff = (path: string) => diffs.find((each) => each.path === path)?.text ?? assert.fail(path);
    const counts = (path: string) => files.flatMap((file) => (file.path === path ? [`${file.added} ${file.removed}`] : []))[0];
    assert.match(diff('gbk.c'), /-int a;\n\+int b; \/\/ 路\n$/, 'bytes that could be UTF-8 as well');
    assert.match(diff('to-utf8.c'), /^ 4\n-int a;\n\+int b;\n\[before in gbk, now in utf-8\]\n$/m);
    assert.equal(counts('to-utf8.c'), '13 13', 'as git counts them');
    assert.match(
      diff('new.txt'),
      /rename from old\.txt[\s\S]*-Größe, Übung und Äpfel\n\+Größe, Übung und Äpfel; noch mehr\n|new file[\s\S]*\+Größe/,
    );
    assert.match([...diffs].map(({ text }) => text).join(''), /gone\.c[\s\S]*文件\.c/);
    assert.ok(
      diffs.every(({ text }) => !text.includes('\ufffd')),
      diffs.map(({ text }) => text).join(''),
    );
  });

  it('reads texts that git takes for binary: UTF-16 and UTF-32, with and without a mark, new, gone, renamed, odd names', async () => {
    const forms = ['utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'] as const;
    const each = forms.flatMap((encoding) =>
      [true, false].map((bom) => ({ encoding, bom, name: `${encoding}${bom ? ' and mark' : ''}.txt` })),
    );
    const words = '用户登录 says\r\n'.repeat(9);
    for (const { name, ...form } of each) await put(at(name), encodeText({ text: `${words}one é\n`, ...form }));
    const le = (text: string) => encodeText({ text, encoding: 'utf-16le', bom: true });
    await put(at('gone and away'), le('gone\n'));
    await put(at('old and\tname'), le(`${'the same line\n'.repeat(20)}a\n`));
    await put(at('to-utf8'), le('one\ntwo\n'));
    await put(at('mark'), le('one\ntwo\n'));
    await put(at('to-nul'), le('one\n'));
    const before = await commit();
    for (const { name, ...form } of each) await put(at(name), encodeText({ text: `${words}two 文\n`, ...form }));
    await rm(at('gone and away'));
    await rm(at('old and\tname'));
    await put(at('new "and" 名'), le(`${'the same line\n'.repeat(20)}b\n`));
    await put(at('to-utf8'), 'one\nthree\n');
    await put(at('mark'), encodeText({ text: 'one\ntwo\n', encoding: 'utf-16le', bom: false }));
    await put(at('to-nul'), le('one\0\n'));
    await put(at('made'), le('new\n'));
    const { diffs, files, added, removed } = await readChange(space.privateGit, before, await commit());
    const diff = (path: string) => diffs.find((one) => one.path === path)?.text ?? assert.fail(path);
    for (const { name, encoding, bom } of each) {
      const shown = `${encoding}${bom ? ' with a byte order mark' : ''}`;
      const changed = '-one é\n+two 文\n';
      assert.ok(diff(name).endsWith(`\n 用户登录 says\r\n${changed}[shown as ${shown}, which git takes for binary]\n`), diff(name));
      assert.match(
        diff(name),
        /^diff --git a.*\nindex [0-9a-f]{40}\.\.[0-9a-f]{40} 100644\n--- a\/utf-.*txt\n\+\+\+ b\/utf-.*txt\n@@ -7,4 \+7,4 @@/,
      );
    }
    assert.match(diff('gone and away'), /\n--- a\/gone and away\n\+\+\+ \/dev\/null\n@@ -1 \+0,0 @@\n-gone\n\[/);
    assert.match(diff('made'), /\n--- \/dev\/null\n\+\+\+ b\/made\n@@ -0,0 \+1 @@\n\+new\n\[/);
    assert.match(
      diff('new "and" 名'),
      /\nrename from .*[\s\S]*\n--- "a\/old and\\tname"\n\+\+\+ "b\/new \\"and\\" 名"\n@@[\s\S]*\n-a\n\+b\n\[/,
    );
    assert.match(
      diff('to-utf8'),
      / one\n-two\n\+three\n\[shown as utf-8, .*\]\n\[before in utf-16le with a byte order mark, now in utf-8\]\n$/,
    );
    assert.match(diff('mark'), /100644\n\[shown as utf-16le, .*\]\n\[before in utf-16le with a byte order mark, now in utf-16le\]\n$/);
    assert.match(diff('to-nul'), /\nBinary files a\/to-nul and b\/to-nul differ\n$/);
    const counts = Object.fromEntries(files.map((file) => [file.path, [file.added, file.removed]]));
    assert.deepEqual(
      [counts['to-utf8'], counts['gone and away'], counts.mark, counts['to-nul']],
      [
        [1, 1],
        [0, 1],
        [0, 0],
        [null, null],
      ],
    );
    assert.deepEqual([added, removed], [8 + 3, 8 + 3]);
  });

  it('shows each of two files whose names read alike with its own patch, also where git takes one for binary', async () => {
    const le = encodeText({ text: 'gone\n', encoding: 'utf-16le', bom: true });
    const alike = (end: string) => Buffer.from(`${space.workTree}/alike-${end}.ts`, 'latin1');
    await writeFile(alike('\xff'), le);
    const before = await commit();
    await rm(alike('\xff'));
    await writeFile(alike('\xef\xbf\xbd'), 'hidden();\n');
    const { diffs } = await readChange(space.privateGit, before, await commit());
    assert.deepEqual(
      diffs.map(({ text }) => [/\n(new|deleted) file/.exec(text)?.[1], text.includes('+hidden();')]),
      [
        ['new', true],
        ['deleted', false],
      ],
    );
  });

  it('says nothing changed when nothing did', async () => {
    assert.deepEqual(await readChange(space.repository, space.base, space.base), {
      base: space.base,
      tip: space.base,
      files: [],
      added: 0,
      removed: 0,
      diffs: [],
    });
  });

  it('lists the files of the working tree as they are', async () => {
    await rm(at('README.md'));
    await put(at('new/中.txt'), 'x');
    await put(at('ignored/x'), 'x');
    await put(at('nested/y'), 'x');
    await world.gitIn(at('nested'), 'init', '-q');
    const expected = ['.gitignore', 'AGENTS.md', 'big.txt', 'bin.dat', 'docs/文档 a.md', 'new/中.txt', 'src/app.ts'];
    assert.deepEqual(await listWorkTree(space.privateGit, space.workTree), expected);
  });

  const query = { syntax: 'literal' as const, ignoreCase: false, targets: [], limit: 20 };
  const find = async (more: Partial<GrepQuery> & { pattern: string }) => {
    const found = await grepFiles(space.privateGit, space.workTree, { ...query, ...more });
    if (!found.ok) assert.fail(found.problem);
    return found;
  };

  it('finds lines in tracked and new files, by text or pattern, in a folder or glob', async () => {
    await put(at('new file.txt'), 'first\na NEEDLE (here)\n');
    await put(at('ignored/x.txt'), 'needle\n');
    assert.deepEqual(await find({ pattern: 'needle' }), {
      ok: true,
      end: 'all',
      hits: [{ path: 'docs/文档 a.md', line: 1, text: 'needle in Chinese' }],
    });
    assert.deepEqual((await find({ pattern: 'NEEDLE (' })).hits, [{ path: 'new file.txt', line: 2, text: 'a NEEDLE (here)' }]);
    assert.equal((await find({ pattern: 'ne+dle', syntax: 'regex', ignoreCase: true })).hits.length, 2);
    assert.equal((await find({ pattern: 'needle', ignoreCase: true, targets: [{ glob: '**/*.md' }] })).hits.length, 1);
    assert.equal((await find({ pattern: 'needle', targets: [{ path: 'docs' }] })).hits.length, 1);
    assert.equal((await find({ pattern: 'needle', targets: [{ path: 'src' }] })).hits.length, 0);
    assert.equal((await find({ pattern: '-e', targets: [{ glob: 'nowhere/**' }] })).hits.length, 0);
  });

  it('bounds hits and lines', async () => {
    const found = await find({ pattern: 'line', limit: 5 });
    assert.equal(found.hits.length, 5);
    assert.equal(found.end, 'limit');
    assert.equal((await find({ pattern: 'line 399', limit: 1 })).end, 'all');
    await put(at('wide.txt'), `wide ${'x'.repeat(100_000)}\n`);
    assert.equal((await find({ pattern: 'wide' })).hits[0]?.text.length, 301);
  });

  it('does not read huge files, and searches the others', async () => {
    await put(at('huge (1).txt'), 'needle in a huge file\n');
    await truncate(at('huge (1).txt'), 20 * 2 ** 30);
    await put(at('small.txt'), 'needle in a small file\n');
    const found = await find({ pattern: 'needle in a' });
    assert.deepEqual(
      found.hits.map((hit) => hit.path),
      ['small.txt'],
    );
    assert.equal(found.end, 'all');
  });

  it('does not look through links that lead out', async () => {
    await put(join(world.root, 'secret/key.txt'), 'needle of a secret\n');
    await symlink(join(world.root, 'secret'), at('out'));
    await symlink(join(world.root, 'secret/key.txt'), at('key.txt'));
    assert.equal((await find({ pattern: 'secret' })).hits.length, 0);
  });

  it('explains what it cannot search and stops when told to', async () => {
    const refuse = async (more: { pattern: string; syntax?: 'regex'; targets?: GrepTarget[] }) => {
      const found = await grepFiles(space.privateGit, space.workTree, { ...query, ...more });
      return found.ok ? 'accepted' : found.problem;
    };
    assert.match(await refuse({ pattern: '(', syntax: 'regex' }), /Unmatched \(/);
    assert.match(await refuse({ pattern: 'a\nb' }), /one line/);
    assert.match(await refuse({ pattern: '' }), /not empty/);
    assert.match(await refuse({ pattern: 'a', targets: [{ glob: '../x' }] }), /leaves the repository/);
    const long = { pattern: 'a', targets: [{ glob: `a${'/'.repeat(100_000)}../x` }] };
    assert.match(await quick(() => refuse(long)), /leaves the repository/);
    const aborted = AbortSignal.abort(new Error('stop'));
    await assert.rejects(grepFiles(space.privateGit, space.workTree, { ...query, pattern: 'a' }, { signal: aborted }), /stop/);
  });
});
