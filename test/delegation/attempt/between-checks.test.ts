import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type BetweenChecks, betweenChecks } from '../../../src/delegation/attempt/between-checks.ts';
import { layerOver } from '../../../src/sandbox/private-layers.ts';
import type { SandboxSpec } from '../../../src/sandbox/types.ts';
import { git } from '../../../src/workspace/run-git.ts';
import { workTreeCall } from '../../../src/workspace/work-tree-call.ts';
import { exists, makeWorkspace, makeWorld, put, type Workspace, type World } from '../../workspace/world.ts';

describe('between two checks', () => {
  let world: World;
  let space: Workspace;
  let spec: SandboxSpec;
  beforeEach(async () => {
    world = await makeWorld();
    space = await makeWorkspace(world);
    const folder = (name: string) => join(world.root, name);
    await mkdir(folder('temp'));
    await put(folder('packages/dep/index.js'), 'one');
    spec = {
      ...{ workspace: space.workTree, mountAt: world.repo, gitDir: space.privateGit.gitDir, objectDirs: [], temp: folder('temp') },
      ...{ hidden: [], layers: folder('layers'), gitDefaults: { identity: false, branch: null }, allowedHosts: [], mode: 'required' },
      lent: [{ at: join(world.repo, 'node_modules'), from: [folder('packages')] }],
      limits: { memoryBytes: 0, processes: 0, diskBytes: 0, diskFiles: 0, outputFileBytes: 0 },
      env: {},
    };
  });
  afterEach(() => world.remove());

  const inTree = (name: string) => join(space.workTree, name);
  const inTemp = (name: string) => join(spec.temp, name);
  const inLayer = (name: string) => join(layerOver(spec.layers!, spec.lent[0]!.at), name);

  /** Runs them on the base, where none leaves anything. */
  async function begin(...commands: string[]): Promise<BetweenChecks> {
    const between = betweenChecks(commands, '', space.base);
    for (const index of commands.keys()) await between.tidy(spec, { index, on: 'base' }, space.privateGit);
    return between;
  }
  const tidy = (between: BetweenChecks, index: number) => between.tidy(spec, { index, on: 'result' }, space.privateGit);
  const left = async (...files: string[]) => {
    const there = await Promise.all(files.map(exists));
    return files.filter((_file, index) => there[index]);
  };

  it('what an installation laid stays for the rest of the run, and no longer', async () => {
    const between = await begin('npm ci', 'npm run lint', 'npm test', 'pytest');
    const laid = [inLayer('dep/index.js'), inTemp('download'), inTree('pytest.ini')];
    for (const file of laid) await put(file, 'two');
    for (const index of [0, 1, 2]) await tidy(between, index);
    assert.deepEqual(await left(...laid), laid);
    for (const file of laid) await rm(file);
    await tidy(between, 0);
    for (const file of laid) await put(file, 'two');
    await tidy(between, 1);
    assert.deepEqual(await left(...laid), [], 'another run has installed nothing');
  });

  it('what a later check writes over packages that an installation laid goes, but for what it writes on the base too', async () => {
    const commands = ['npm ci', 'npm test', 'npm run lint'];
    const between = betweenChecks(commands, '', space.base);
    const [linter, lib, own, cache] = ['.bin/linter', 'linter/lib.js', '.prisma/client.js', '.cache/x'].map((name) =>
      inTree(`node_modules/${name}`),
    ) as [string, string, string, string];
    const install = async () => {
      for (const file of [linter, lib, own]) await put(file, 'one');
    };
    /** Until the kernel's clock for files, which is a coarse one, has gone on. */
    const write = async (...files: string[]) => {
      const begun = Date.now();
      for (const file of files)
        do await put(file, 'two');
        while ((await lstat(file)).ctimeMs <= begun);
    };
    for (const on of ['base', 'result'] as const) {
      await install();
      await between.tidy(spec, { index: 0, on }, space.privateGit);
      await write(own, ...(on === 'result' ? [linter, lib, cache] : []));
      await between.tidy(spec, { index: 1, on }, space.privateGit);
    }
    assert.deepEqual(await left(linter, lib, own, cache), [own, cache]);
  });

  it('what another check leaves beside it goes', async () => {
    const between = await begin('npm ci', 'npm run lint', 'pytest');
    await put(inLayer('dep/index.js'), 'two');
    await tidy(between, 0);
    const planted = [inLayer('dep.js'), inTemp('good'), inTree('pytest.ini'), inTree('.env')];
    for (const file of planted) await put(file, 'x');
    await put(inTree('notes.txt'), 'x');
    await tidy(between, 1);
    assert.deepEqual(await left(...planted, inLayer('dep/index.js'), inTree('notes.txt')), [inLayer('dep/index.js'), inTree('notes.txt')]);
  });

  it('of a line that installs and goes on only packages stay', async () => {
    const between = await begin('npm ci && npm test', 'npm run lint', 'pytest');
    const others = [inTemp('good'), inTree('pytest.ini')];
    for (const file of [inLayer('dep/index.js'), ...others]) await put(file, 'two');
    await tidy(between, 0);
    await tidy(between, 1);
    assert.deepEqual(await left(inLayer('dep/index.js'), ...others), [inLayer('dep/index.js')]);
  });

  it('a file that decides is found among thousands, and one in a repository of its own', async () => {
    const between = await begin('node app.js', 'pytest');
    await Promise.all(Array.from({ length: 2100 }, (_, index) => put(inTree(`a${String(index).padStart(4, '0')}.md`), '')));
    await put(inTree('pytest.ini'), '[pytest]\n');
    execFileSync('git', ['init', '-q', inTree('pytest')]);
    await put(inTree('pytest/__init__.py'), 'raise SystemExit(0)\n');
    await tidy(between, 0);
    assert.deepEqual(await left(...['pytest.ini', 'pytest', 'a0000.md'].map(inTree)), [inTree('a0000.md')]);
  });

  it('what may decide how the next one runs goes, but for what git ignores, as it does what is built', async () => {
    const between = await begin('node app.js', 'pytest');
    await put(inTree('.gitignore'), 'ignored/\n');
    const planted = ['pygments.py', 'include/assert.h', 'SKIP', 'tests/same.js', 'own.json'].map(inTree);
    const built = ['notes.md', 'ignored/pygments.py', 'ignored/app', 'build/app'].map(inTree);
    for (const file of [...planted, ...built]) await put(file, 'x');
    await tidy(between, 0);
    assert.deepEqual(await left(...planted, ...built), built);
  });

  describe('what is built where git does not ignore it', () => {
    beforeEach(async () => {
      for (const file of ['src/two.ts', 'packages/kit/package.json', 'packages/kit/src/kit.ts']) await world.write(file, 'x');
      await world.git('add', '-A');
      await world.git('commit', '-qm', 'Kit');
      space = await makeWorkspace(world, 'kimi/kit');
      spec = { ...spec, workspace: space.workTree, gitDir: space.privateGit.gitDir };
    });

    /** @returns what stays of what the first check builds only on the result, which may have more sources */
    async function staying(onBase: readonly string[], more: readonly string[], sources: readonly string[] = []): Promise<string[]> {
      const between = betweenChecks(['npm run build', 'npm test'], '', space.base);
      for (const file of onBase) await put(inTree(file), 'x');
      await between.tidy(spec, { index: 0, on: 'base' }, space.privateGit);
      for (const file of [...sources, ...more]) await put(inTree(file), 'x');
      if (sources.length > 0) await git(['add', '--', ...sources], workTreeCall(space.privateGit, space.workTree));
      await tidy(between, 0);
      const there = await left(...more.map(inTree));
      return more.filter((file) => there.includes(inTree(file)));
    }

    it('stays in folders that the same check made on the base, and in those of new packages', async () => {
      const more = ['lib/new.js', 'lib/new.d.ts', 'lib/deep/new.js.map', 'lib/test/helper.js', 'packages/kit/esm/new.mjs'];
      const ofPackage = ['packages/new/esm/index.mjs', 'packages/kit/esm/i18n/en.json'];
      assert.deepEqual(await staying(['lib/app.js', 'packages/kit/esm/index.mjs'], [...more, ...ofPackage]), [...more, ...ofPackage]);
    });

    it('goes where it made none, and where it may be taken in the place of something', async () => {
      const more = [
        ...['esm/new.js', 'src/new.js', 'other/lib/new.js', 'packages/new/lib/new.js', 'packages/kit/lib/new.js', 'new.js'],
        ...[
          'lib/assert.h',
          'lib/pytest.py',
          'lib/Test/More.pm',
          'lib/any.config.js',
          'lib/node_modules/chai/index.js',
          'lib/.mocharc.json',
        ],
        ...['lib/run', 'lib/.env'],
      ];
      assert.deepEqual(await staying(['lib/app.js', '.coverage'], more), []);
    });

    it('stays beside its source, where that is new and the base is compiled so', async () => {
      const [more, sources] = [['src/new.js', 'src/new.d.ts', 'src/new.js.map'], ['src/new.ts']];
      assert.deepEqual(
        await staying(['src/app.js'], ['src/two.js', 'src/none.js'], sources),
        [],
        'which the base would have, or of no source',
      );
      assert.deepEqual(await staying(['src/app.js'], more, sources), more);
    });
  });

  it('of what a link in the place of the private home leads to, nothing goes', async () => {
    const host = join(world.root, 'host');
    const files = ['.bashrc', '.npmrc', 'pnpm.yaml', 'work/notes.txt'].map((name) => join(host, name));
    const between = await begin('npm ci', 'npm test');
    for (const file of files) await put(file, 'of the user');
    for (const index of [0, 1]) {
      await rename(inTemp('home'), inTemp(`moved-${index}`));
      await symlink(host, inTemp('home'));
      await tidy(between, index);
      assert.deepEqual(await left(...files), files);
      assert.ok((await lstat(inTemp('home'))).isDirectory());
    }
  });
});
