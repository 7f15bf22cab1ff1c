import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { resetWorkTree } from '../../src/workspace/checkout.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { treeOf } from '../../src/workspace/read-objects.ts';
import { git } from '../../src/workspace/run-git.ts';
import { workTreeCall } from '../../src/workspace/work-tree-call.ts';
import { writeCommit } from '../../src/workspace/write-commit.ts';
import { english } from '../messages/english.ts';
import { IDENTITY, makeWorkspace, makeWorld, put, text, type Workspace, type World } from './world.ts';

describe('checkpoint', () => {
  let world: World;
  let space: Workspace;
  beforeEach(async () => {
    world = await makeWorld();
    space = await makeWorkspace(world);
  });
  afterEach(() => world.remove());

  const take = (previous = space.base) => checkpoint(space.privateGit, space.workTree, previous);
  const at = (path: string) => join(space.workTree, path);
  const files = async (tree: string) => (await world.gitIn(space.workTree, 'ls-tree', '-r', '--name-only', tree)).trim().split('\n');

  it('saves changed, new and deleted files and tells which', async () => {
    await put(at('src/app.ts'), 'export const answer = 42;\n');
    await put(at('src/deep/new.ts'), 'x\n');
    await put(at('ignored/x'), 'no');
    await rm(at('README.md'));
    const first = await take();
    assert.deepEqual([...first.changed].sort(), ['README.md', 'src/app.ts', 'src/deep/new.ts']);
    assert.deepEqual(first.problems, []);
    assert.deepEqual(await files(first.tree), ['.gitignore', 'src/app.ts', 'src/deep/new.ts']);
    assert.deepEqual(await take(first.tree), { tree: first.tree, changed: [], problems: [], bytes: 0 });
  });

  it('has files again that git tracks and ignores, when a later step builds them anew', async () => {
    await world.remove();
    world = await makeWorld();
    const built = ['dist/a.js', 'dist/deep/b.js', 'dist/ü [1].js', 'dist/link'];
    await world.write('.gitignore', 'dist/\nignored/\n');
    for (const path of built.slice(0, 3)) await world.write(path, 'old\n');
    await symlink('a.js', join(world.repo, 'dist/link'));
    await world.git('add', '-A', '-f');
    await world.git('commit', '-q', '-m', 'built');
    space = await makeWorkspace(world);
    await rm(at('dist'), { recursive: true });
    const gone = await take();
    assert.equal((await files(gone.tree)).filter((path) => path.includes('dist')).length, 0);
    for (const path of ['dist/a.js', 'dist/ü [1].js']) await put(at(path), 'new\n');
    await symlink('deep/b.js', at('dist/link'));
    await put(at('dist/other.js'), 'never tracked\n');
    const some = await take(gone.tree);
    assert.deepEqual([...some.changed].sort(), ['dist/a.js', 'dist/link', 'dist/ü [1].js']);
    await put(at('dist/deep/b.js'), 'old\n');
    const all = await take(some.tree);
    assert.deepEqual([all.changed, all.problems], [['dist/deep/b.js'], []]);

    await rm(at('dist'), { recursive: true });
    const again = await take(all.tree);
    await put(at('dist/a.js/x'), 'a folder now\n');
    assert.deepEqual(await take(again.tree), { tree: again.tree, changed: [], problems: [], bytes: 0 });
  });

  it('keeps the good files however many others git refuses', async () => {
    await put(at('.gitattributes'), '*.utf working-tree-encoding=UTF-16\n');
    for (let i = 0; i < 70; i++) await put(at(`odd/${i}.utf`), 'no byte order mark\n');
    await put(at('odd/good.txt'), 'good\n');
    const { tree, problems } = await take();
    assert.ok((await files(tree)).includes('odd/good.txt'));
    assert.equal(problems.length, 51);
    assert.match(
      english(problems[0]),
      /^"odd\/0\.utf" was refused by git and left out \(fatal: BOM is required .*\); rename or remove it$/,
    );
    assert.match(english(problems[50]), /^and 20 more paths/);

    for (let i = 0; i < 400; i++) await put(at(`odd/more-${i}.utf`), 'no byte order mark\n');
    await put(at('a.txt'), 'good\n');
    const more = await take(tree);
    assert.ok((await files(more.tree)).includes('a.txt'));
    assert.match(
      english(more.problems[0]),
      /^"odd\/.*\.utf" and \d+ more files were left out untried: git refused \d+ other files, too many/,
    );
  });

  it('answers with the same tree when nothing changed', async () => {
    const tree = await treeOf(space.privateGit, space.base);
    assert.deepEqual(await take(tree), { tree, changed: [], problems: [], bytes: 0 });
  });

  it('sees a change that keeps size and time', async () => {
    const first = await take();
    await put(at('src/app.ts'), 'export const answer = 40;\n');
    await utimes(at('src/app.ts'), 1, 1);
    assert.deepEqual((await take(first.tree)).changed, ['src/app.ts']);
  });

  it('turns files into folders, links and back', async () => {
    await rm(at('README.md'));
    await put(at('README.md/inner'), 'x');
    await rm(at('src'), { recursive: true });
    await symlink('/etc', at('src'));
    const turned = await take();
    assert.deepEqual(turned.problems, []);
    assert.deepEqual(await files(turned.tree), ['.gitignore', 'README.md/inner', 'src']);
    await rm(at('README.md'), { recursive: true });
    await put(at('README.md'), '# Sample\n');
    await rm(at('src'));
    await put(at('src/app.ts'), 'export const answer = 41;\n');
    assert.equal((await take(turned.tree)).tree, await treeOf(space.privateGit, space.base));
  });

  it('leaves nested repositories out and says so', async () => {
    await put(at('sub/a.txt'), 'a');
    await world.gitIn(at('sub'), 'init', '-q');
    await world.gitIn(at('sub'), 'add', '-A');
    await world.gitIn(at('sub'), 'commit', '-q', '-m', 'inner');
    await put(at('unborn/b.txt'), 'b');
    await world.gitIn(at('unborn'), 'init', '-q');
    await world.gitIn(at('.'), 'init', '-q', '--bare', 'docs/bare');
    await put(at('docs/bare/refs/heads/x'), 'x');
    await put(at('docs/bare/objects/x'), 'x');
    await put(at('docs/page.md'), 'page');
    const { changed, problems, tree } = await take();
    assert.deepEqual(changed, ['docs/page.md']);
    assert.deepEqual(problems.map((problem) => /^"([^"]+)"/.exec(english(problem))?.[1]).sort(), ['docs/bare', 'sub/', 'unborn/']);
    assert.doesNotMatch(await world.gitIn(space.workTree, 'ls-tree', '-r', tree), /160000/);
  });

  it('keeps plain files of a tracked folder in which somebody ran git init', async () => {
    await world.gitIn(at('src'), 'init', '-q');
    await world.gitIn(at('src'), 'commit', '-q', '--allow-empty', '-m', 'inner');
    await put(at('src/app.ts'), 'changed\n');
    const { changed, tree } = await take();
    assert.deepEqual(changed, ['src/app.ts']);
    assert.doesNotMatch(await world.gitIn(space.workTree, 'ls-tree', '-r', tree), /160000/);
  });

  it('never makes a submodule link of a file that became a repository', async () => {
    await rm(at('README.md'));
    await world.gitIn(space.workTree, 'init', '-q', 'README.md');
    await world.gitIn(at('README.md'), 'commit', '-q', '--allow-empty', '-m', 'inner');
    const { tree, problems } = await take();
    assert.doesNotMatch(await world.gitIn(space.workTree, 'ls-tree', '-r', tree), /160000/);
    assert.ok(problems.length > 0);
  });

  it('puts back a submodule link that came into the index some other way', async () => {
    const index = (...args: string[]) =>
      git(['update-index', '--add', '--replace', ...args], workTreeCall(space.privateGit, space.workTree));
    await mkdir(at('sly'));
    await index('--cacheinfo', `160000,${space.base},sly`);
    await put(at('src/app.ts'), 'changed\n');
    const { tree, changed, problems } = await take();
    assert.deepEqual(changed, ['src/app.ts']);
    assert.match(problems.map(english).join(), /"sly" would have changed a submodule link/);
    assert.doesNotMatch(await world.gitIn(space.workTree, 'ls-tree', '-r', tree), /160000/);
  });

  it('keeps submodules at the commit they had', async () => {
    const link = '2'.repeat(40);
    await world.git('update-index', '--add', '--cacheinfo', `160000,${link},vendor`);
    await world.git('commit', '-q', '-m', 'submodule');
    const other = await makeWorkspace(world, 'with-submodule');
    await rm(join(other.workTree, 'vendor'), { recursive: true, force: true });
    await put(join(other.workTree, 'README.md'), 'changed');
    const { tree, changed } = await checkpoint(other.privateGit, other.workTree, other.base);
    assert.deepEqual(changed, ['README.md']);
    assert.match(await world.gitIn(other.workTree, 'ls-tree', tree, 'vendor'), new RegExp(link));
  });

  it('leaves out pipes, sockets and huge files', async () => {
    execFileSync('mkfifo', [at('new-pipe')]);
    await rm(at('README.md'));
    execFileSync('mkfifo', [at('README.md')]);
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    await writeFile(at('huge.bin'), '');
    await truncate(at('huge.bin'), 10 * 1024 ** 3);
    try {
      const { changed, problems } = await take();
      assert.deepEqual(changed, []);
      assert.match(problems.map(english).join('\n'), /"README\.md" is not a regular file/);
      assert.match(problems.map(english).join('\n'), /"huge\.bin" is larger than 50 MB/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('leaves out what lies in hundreds of folders within each other, and names it', async () => {
    const [deep, fine] = [200, 199].map((folders) => `${'a/'.repeat(folders)}x.txt`) as [string, string];
    for (const path of [deep, fine]) await put(at(path), 'x');
    const { changed, problems } = await take();
    assert.deepEqual(changed, [fine]);
    assert.match(problems.map(english).join('\n'), /x\.txt" lies in more than 200 folders/);
  });

  it('leaves out names that are .git in disguise, and keeps the rest', async () => {
    for (const path of ['.GIT/config', 'git~1/config', 'a/.git./x', 'b/.Git /x']) await put(at(path), 'x');
    for (let number = 0; number < 20; number++) await put(at(`ok/${number}`), 'x');
    const { changed, problems } = await take();
    assert.deepEqual(
      changed.filter((path) => !path.startsWith('ok/')),
      [],
    );
    assert.equal(changed.length, 20);
    assert.equal(problems.length, 4);
  });

  it('works with line-end conversion', async () => {
    await world.git('config', 'core.autocrlf', 'true');
    await world.git('config', 'core.safecrlf', 'true');
    const other = await makeWorkspace(world, 'crlf');
    assert.equal(await text(join(other.workTree, 'README.md')), '# Sample\r\n');
    await put(join(other.workTree, 'README.md'), '# Sample\r\nmixed\n');
    const { tree, problems } = await checkpoint(other.privateGit, other.workTree, other.base);
    assert.deepEqual(problems, []);
    assert.equal(await world.gitIn(other.workTree, 'cat-file', 'blob', `${tree}:README.md`), '# Sample\nmixed\n');
  });

  it('carries any file name to the change and back to disk', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'B', '中', '🎉', ' ', '\t', '\n', '"', "'", '\\', '-', '~', ';', '\u001b', 'é', '{', '=>'), {
        minLength: 1,
        maxLength: 6,
      })
      .map((pieces) => `f${pieces.join('')}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), async (names) => {
        await resetWorkTree(space.privateGit, space.workTree, space.base, { ignored: 'stay' });
        for (const each of names) await put(at(`odd/${each}`), `${each}\n`);
        const { tree, changed, problems } = await take();
        const expected = names.map((each) => `odd/${each}`).sort();
        assert.deepEqual(problems, []);
        assert.deepEqual([...changed].sort(), expected);
        const tip = await writeCommit(space.privateGit, { tree, parents: [space.base], message: 'odd', identity: IDENTITY });
        const change = await readChange(space.privateGit, space.base, tip);
        assert.deepEqual(change.files.map((file) => file.path).sort(), expected);
        for (const diff of change.diffs) assert.match(diff.text, /^diff --git .*\nnew file mode/);
        await rm(at('odd'), { recursive: true });
        await resetWorkTree(space.privateGit, space.workTree, tree, { ignored: 'stay' });
        for (const each of names) assert.equal(await text(at(`odd/${each}`)), `${each}\n`);
      }),
      { seed: 11, numRuns: 15 },
    );
  });

  it('carries names that are not UTF-8', async () => {
    const raw = Buffer.concat([Buffer.from(at('bad-')), Buffer.from([0xff, 0xfe])]);
    await writeFile(raw, 'x');
    const { tree, changed } = await take();
    assert.deepEqual(changed, ['bad-\ufffd\ufffd']);
    assert.match(await world.gitIn(space.workTree, 'ls-tree', tree), /bad-\\377\\376/);
  });

  it('survives a folder that was renamed', async () => {
    await mkdir(at('lib'));
    await rename(at('src'), at('lib/src'));
    const { tree } = await take();
    assert.deepEqual(await files(tree), ['.gitignore', 'README.md', 'lib/src/app.ts']);
  });
});
