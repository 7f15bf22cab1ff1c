import assert from 'node:assert/strict';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { differingFromAll } from '../../src/workspace/compare-with-disk.ts';
import { snapshotUncommitted, uncommittedPaths } from '../../src/workspace/uncommitted.ts';
import { IDENTITY, makeWorkspace, makeWorld, type World } from './world.ts';

describe('files of the checkout against commits', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('a snapshot has what was uncommitted then: changed, new, removed, linked, with other line ends, with an odd name', async () => {
    await world.git('config', 'core.autocrlf', 'true');
    const space = await makeWorkspace(world);
    const { repository, privateGit, base } = space;
    await world.write('src/app.ts', 'export const answer = 42;\r\n');
    await world.write('中文 "a".txt', 'new\r\n');
    rmSync(join(world.repo, 'README.md'));
    symlinkSync('src/app.ts', join(world.repo, 'link'));
    const paths = await uncommittedPaths(repository);
    assert.deepEqual([...paths].sort(), ['README.md', 'link', 'src/app.ts', '中文 "a".txt'].sort());
    const { commit } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    assert.deepEqual(await differingFromAll(repository, privateGit, [base], paths), paths, 'the base has none of them');
    assert.deepEqual(await differingFromAll(repository, privateGit, [base, commit], paths), []);

    await world.write('src/app.ts', 'export const answer = 43;\n');
    await world.write('README.md', '# Back, and other\n');
    await world.write('later.txt', 'later\n');
    rmSync(join(world.repo, 'link'));
    symlinkSync('src', join(world.repo, 'link'));
    const now = await uncommittedPaths(repository);
    assert.deepEqual(await differingFromAll(repository, privateGit, [base, commit], now), ['README.md', 'later.txt', 'link', 'src/app.ts']);
    await world.write('src/app.ts', 'export const answer = 41;\n');
    assert.deepEqual(await differingFromAll(repository, privateGit, [commit, base], ['src/app.ts']), [], 'any of the commits will do');
  });

  it('no content filter of the repository is started', async () => {
    await world.write('.gitattributes', '*.ts filter=trap\n');
    const marker = join(world.root, 'sprung');
    await world.git('config', 'filter.trap.clean', `touch '${marker}'; cat`);
    await world.write('src/app.ts', 'export const answer = 42;\n');
    const { repository, base } = await makeWorkspace(world);
    assert.deepEqual(await differingFromAll(repository, repository, [base], ['src/app.ts']), ['src/app.ts']);
    assert.ok(!existsSync(marker));
    await world.git('hash-object', 'src/app.ts');
    assert.ok(existsSync(marker), 'the trap was armed');
  });
});
