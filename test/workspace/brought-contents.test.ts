/** What stands in another file of the user's never comes into a working tree of ours in the place of one of the repository's. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentFilters } from '../../src/workspace/content-filters.ts';
import { ignoredEntries } from '../../src/workspace/ignored-entries.ts';
import { copyIgnored, findIgnored } from '../../src/workspace/lend-ignored.ts';
import { partsOutside } from '../../src/workspace/parts-outside.ts';
import { createPrivateGit } from '../../src/workspace/private-git.ts';
import { makeWorld, open, type World } from './world.ts';

const { signal } = new AbortController();
const OID = 'ab'.repeat(32);

describe('what a repository brings in the place of contents', () => {
  let world: World;
  let secret: string;
  beforeEach(async () => {
    world = await makeWorld();
    secret = lay(join(world.root, 'home/private/diary.txt'), 'mine');
  });
  afterEach(() => world.remove());

  function lay(path: string | Buffer, text: string): string {
    const folder = Buffer.from(path)
      .toString('latin1')
      .replace(/\/[^/]*$/, '');
    mkdirSync(Buffer.from(folder, 'latin1'), { recursive: true });
    writeFileSync(path, text);
    return String(path);
  }
  function link(at: string, to: string): void {
    mkdirSync(dirname(at), { recursive: true });
    rmSync(at, { recursive: true, force: true });
    symlinkSync(to, at);
  }
  const git = (...names: string[]) => join(world.repo, '.git', ...names);
  const privateGit = async () => {
    const repository = await open(world);
    return createPrivateGit({ dir: join(world.root, 'private'), repository, branch: 'work', commit: repository.head.commit });
  };
  /** The bytes of this name are no UTF-8, and read as such they are those of another one. */
  const oddly = (folder: string) => Buffer.concat([Buffer.from(join(folder, 'x')), Buffer.from([0xff])]);
  const below = (folder: Buffer, name: string) => Buffer.concat([folder, Buffer.from(`/${name}`)]);
  const read = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /diary|notes/.test(name));

  describe('of git-lfs', () => {
    const object = (store: string) => join(store, 'objects/ab/ab', OID);
    const ways: Readonly<Record<string, () => unknown>> = {
      'as its object': () => link(object(git('lfs')), secret),
      'in a folder that is a link': () => {
        lay(join(world.root, 'home/private', OID), 'mine');
        link(dirname(object(git('lfs'))), join(world.root, 'home/private'));
      },
      'in a store elsewhere': async () => {
        link(object(join(world.root, 'store')), secret);
        await world.git('config', 'lfs.storage', join(world.root, 'store'));
      },
      'beside objects that are borrowed': () => {
        mkdirSync(join(world.repo, 'b/objects/pack'), { recursive: true });
        lay(git('objects/info/alternates'), `${join(world.repo, 'b/objects')}\n`);
        link(object(join(world.repo, 'b/lfs')), secret);
      },
      'beside them, by a store that is a link': () => {
        mkdirSync(join(world.repo, 'b/objects/pack'), { recursive: true });
        lay(git('objects/info/alternates'), `${join(world.repo, 'b/objects')}\n`);
        lay(object(join(world.root, 'home/other')), 'mine');
        link(join(world.repo, 'b/lfs'), join(world.root, 'home/other'));
      },
    };
    const isOff = async () => contentFilters(await open(world), '/usr/bin/git-lfs').off.has('lfs');
    for (const [what, way] of Object.entries(ways))
      it(what, async () => {
        await world.git('config', 'filter.lfs.process', 'git-lfs filter-process');
        lay(object(git('lfs')), 'own');
        assert.equal(await isOff(), false);
        await way();
        assert.equal(await isOff(), true);
      });

    it('nor is it looked for without end where links of each store take long', async () => {
      await world.git('config', 'filter.lfs.process', 'git-lfs filter-process');
      const borrowed = ['a', 'b'].map((name) => join(world.repo, name, 'objects'));
      for (const objects of borrowed) mkdirSync(objects, { recursive: true });
      lay(git('objects/info/alternates'), borrowed.map((path) => `${path}\n`).join(''));
      for (const objects of borrowed) for (let at = 0; at < 60; at++) link(join(dirname(objects), `lfs/objects/ab/${at}`), '..');
      const repository = await open(world);
      const isNow = () => contentFilters(repository, '/usr/bin/git-lfs').off.has('lfs');
      assert.equal(isNow(), false);
      const real = performance.now;
      let now = 0;
      performance.now = () => (now += 10); // of one store two looks at each link are 1.2 s
      try {
        assert.equal(isNow(), true);
      } finally {
        performance.now = real;
      }
    });

    it('in the store of another repository, which the repository itself names', async () => {
      const store = join(world.root, 'home/other/.git/lfs');
      lay(object(store), 'mine');
      await world.git('config', '--global', 'lfs.storage', store);
      await world.git('config', 'filter.lfs.process', 'git-lfs filter-process');
      assert.deepEqual(await partsOutside(await open(world)), [], 'the user chose it');
      await world.git('config', 'lfs.storage', store);
      assert.deepEqual(await partsOutside(await open(world)), [store]);
    });
  });

  it('of a single object of git', async () => {
    const id = (await world.git('rev-parse', 'HEAD')).trim();
    const name = join('objects', id.slice(0, 2), id.slice(2));
    const elsewhere = join(world.root, 'home/other', name);
    mkdirSync(dirname(elsewhere), { recursive: true });
    renameSync(git(name), elsewhere);
    link(git(name), elsewhere);
    assert.deepEqual(await partsOutside(await open(world)), [elsewhere]);
  });

  it('of an ignored file by a name that is no UTF-8', async () => {
    await world.write('.gitignore', 'x*\n');
    await world.write('.worktreeinclude', 'x*\n');
    lay(below(oddly(world.repo), 'diary.txt'), 'own');
    lay(join(world.repo, 'x1/notes.txt'), 'own');
    link(join(world.repo, 'x\ufffd'), dirname(secret));
    const repository = await open(world);
    const { paths } = await findIgnored(repository, await privateGit(), [], () => false, signal);
    assert.deepEqual(paths, ['x1/notes.txt']);
  });

  it('of what a set-up command made', async () => {
    const tree = join(world.root, 'tree');
    lay(join(tree, '.gitignore'), 'x*\n*.txt\n');
    lay(below(oddly(tree), 'diary.txt'), 'own');
    link(join(tree, 'x\ufffd'), dirname(secret));
    link(join(tree, 'diary.txt'), secret);
    lay(join(tree, 'notes.txt'), 'own');
    const made = await ignoredEntries(await privateGit(), tree, signal);
    assert.deepEqual(made.folders, []);
    const to = join(world.root, 'to');
    mkdirSync(to);
    await copyIgnored(tree, to, made.files);
    assert.deepEqual(read(to), ['notes.txt']);
    assert.equal(readFileSync(join(to, 'notes.txt'), 'utf8'), 'own');
  });
});
