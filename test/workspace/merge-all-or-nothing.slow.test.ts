import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { english } from '../messages/english.ts';
import { IDENTITY, makeWorld, open, text, type World } from './world.ts';

/** What the branch changes, in each way that git knows. */
const KIMI: readonly ((at: (path: string) => string) => Promise<unknown>)[] = [
  (at) => writeFile(at('src/app.ts'), 'export const answer = 42;\n'),
  (at) => writeFile(at('src/new.ts'), 'new\n'),
  (at) => mkdir(at('src/deep/er'), { recursive: true }).then(() => writeFile(at('src/deep/er/file.ts'), 'deep\n')),
  (at) => unlink(at('gone.txt')),
  (at) => chmod(at('run.sh'), 0o755),
  (at) => chmod(at('tool.sh'), 0o644),
  (at) => unlink(at('link')).then(() => symlink('src/new.ts', at('link'))),
  (at) => unlink(at('was-link')).then(() => writeFile(at('was-link'), 'a file now\n')),
  (at) => unlink(at('was-file')).then(() => symlink('README.md', at('was-file'))),
  (at) => rm(at('folder'), { recursive: true }).then(() => writeFile(at('folder'), 'a file now\n')),
  (at) => unlink(at('file')).then(() => mkdir(at('file')).then(() => writeFile(at('file/inside'), 'in a folder now\n'))),
  (at) => rename(at('old-name.txt'), at('new-name.txt')),
  (at) => writeFile(at('crlf.txt'), 'one\r\nTWO\r\n'),
  (at) => writeFile(at('bytes.bin'), Buffer.from([0, 255, 1])),
];

describe('a merge moves files, index and HEAD together, or nothing', () => {
  let world: World;
  let repository: Repository;
  let tip: string;
  const at = (path: string) => join(world.repo, path);
  const merge = () => mergeIntoCheckout({ repository, tip, how: 'squash', message: 'Merge', identity: IDENTITY });

  beforeEach(async () => {
    world = await makeWorld();
    await world.write('gone.txt', 'going\n');
    await world.write('run.sh', '#!/bin/sh\n');
    await world.write('tool.sh', '#!/bin/sh\n');
    await chmod(at('tool.sh'), 0o755);
    await symlink('README.md', at('link'));
    await symlink('src', at('was-link'));
    await world.write('was-file', 'a file\n');
    await world.write('folder/a', 'a\n');
    await world.write('folder/b/c', 'c\n');
    await world.write('file', 'a file\n');
    await world.write('old-name.txt', 'the same text under another name\n');
    await world.write('crlf.txt', 'one\r\ntwo\r\n');
    await world.write('bytes.bin', Buffer.from([0, 255, 0]));
    for (const name of ['edited', 'staged', 'both', 'deleted', 'unstaged-delete', 'mode', 'other'])
      await world.write(`mine/${name}`, `${name}\n`);
    await commit('everything there is');
    await world.git('switch', '-q', '-c', 'kimi/work');
    for (const change of KIMI) await change(at);
    await commit('work');
    tip = await head();
    await world.git('switch', '-q', 'main');
    repository = await open(world);
  });
  afterEach(() => world.remove());

  const head = async () => (await world.git('rev-parse', 'HEAD')).trim();
  const commit = async (message: string) => {
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', message);
  };

  /** Uncommitted work of every kind, beside what the branch changes. */
  const leaveWork = async () => {
    await world.write('mine/edited', 'edited by me\n');
    await world.write('mine/staged', 'staged by me\n');
    await world.git('add', 'mine/staged');
    await world.write('mine/both', 'staged\n');
    await world.git('add', 'mine/both');
    await world.write('mine/both', 'and edited\n');
    await world.git('rm', '-q', 'mine/deleted');
    await unlink(at('mine/unstaged-delete'));
    await chmod(at('mine/mode'), 0o755);
    await world.write('mine/added', 'added\n');
    await world.git('add', 'mine/added');
    await world.write('mine/intended', 'intended\n');
    await world.git('add', '-N', 'mine/intended');
    await world.write('src/untracked.ts', 'nobody tracks me\n');
    await world.write('folder-of-mine/deep/untracked', 'nor me\n');
    await world.write('ignored/cache', 'nor me\n');
    await symlink('/nonexistent', at('mine/broken-link'));
    await mkdir(at('empty'));
  };

  /** Every file, link and folder of the checkout as it is, and the index. */
  const checkout = async () => {
    const seen: Record<string, string> = {};
    const look = async (folder: string): Promise<void> => {
      for (const name of await readdir(at(folder))) {
        if (name === '.git') continue;
        const path = join(folder, name);
        const stats = await lstat(at(path));
        const content = stats.isDirectory()
          ? 'folder'
          : stats.isSymbolicLink()
            ? `-> ${await readlink(at(path))}`
            : await readFile(at(path), 'hex');
        seen[path] = `${stats.mode.toString(8)} ${content}`;
        if (stats.isDirectory()) await look(path);
      }
    };
    await look('.');
    const index = await world.git('ls-files', '--stage', '--debug');
    return {
      seen,
      index: index.replace(/^ {2}(?:ctime|mtime|dev|uid|size).*\n/gm, ''),
      status: await world.git('status', '--porcelain', '--ignored'),
    };
  };

  const refused = async () => {
    const result = await merge();
    assert.ok(!result.ok, 'the merge went through');
    assert.match(english(result.reason), /^HEAD moved while merging/);
  };

  it('goes through with work of every kind beside it, when HEAD stays', async () => {
    await leaveWork();
    const before = await checkout();
    const result = await merge();
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(await world.git('diff', '--stat', tip, String(result.commit)), '', 'HEAD has the tree of the branch');
    assert.equal(await head(), result.commit);
    const after = await checkout();
    const touched = Object.keys({ ...before.seen, ...after.seen }).filter((path) => before.seen[path] !== after.seen[path]);
    assert.deepEqual(
      touched.filter((path) => /^(mine|folder-of-mine|ignored|empty)|untracked/.test(path)),
      [],
    );
    assert.equal(after.status, before.status);
    assert.equal(await text(at('src/app.ts')), 'export const answer = 42;\n');
    assert.equal((await lstat(at('run.sh'))).mode & 0o111, 0o111);
    assert.equal((await lstat(at('tool.sh'))).mode & 0o111, 0);
  });

  it('leaves every file, mode, link and index entry as it was when HEAD moved', async () => {
    await leaveWork();
    const moved = (await world.git('commit-tree', '-p', 'HEAD', '-m', 'meanwhile', 'HEAD^{tree}')).trim();
    const before = await checkout();
    await world.git('update-ref', 'HEAD', moved);
    await refused();
    assert.deepEqual(await checkout(), before);
    assert.equal(await head(), moved, 'and HEAD where the user moved it');
  });

  it('keeps a commit that the user made meanwhile and that changed other files', async () => {
    await world.write('mine/other', 'committed meanwhile\n');
    await world.write('mine/more', 'committed meanwhile\n');
    await commit('meanwhile');
    const [before, moved] = [await checkout(), await head()];
    await refused();
    assert.deepEqual(await checkout(), before);
    assert.equal(await head(), moved);
  });

  it('keeps a commit that the user made meanwhile and that changed the same files', async () => {
    await world.write('src/app.ts', 'mine\n');
    await unlink(at('run.sh'));
    await world.write('mine/other', 'mine too\n');
    await commit('meanwhile');
    const [before, moved] = [await checkout(), await head()];
    const result = await merge();
    assert.ok(!result.ok, 'the merge went through');
    assert.deepEqual(await checkout(), before);
    assert.equal(await head(), moved);
  });

  it('leaves a detached HEAD that moved alone', async () => {
    await world.git('switch', '-q', '--detach');
    repository = await open(world);
    await world.git('commit', '-q', '--allow-empty', '-m', 'meanwhile');
    await leaveWork();
    const [before, moved] = [await checkout(), await head()];
    await refused();
    assert.deepEqual(await checkout(), before);
    assert.equal(await head(), moved);
  });

  const filterFails = async () => {
    const result = await merge();
    assert.equal(!result.ok && result.reason.code, 'merge.filter', JSON.stringify(result));
  };

  /** The user's content filters run in the middle of the merge: one of them stands for whatever else the user does then. */
  const meanwhile = async (script: string) => {
    await writeFile(join(world.root, 'meanwhile.sh'), `cd '${world.repo}'\n${script}\ncat\n`);
    await world.git('config', 'filter.meanwhile.smudge', `sh '${join(world.root, 'meanwhile.sh')}'`);
    await writeFile(join(world.repo, '.git/info/attributes'), 'src/new.ts filter=meanwhile\n');
  };

  it('lets nothing move HEAD between the files and the branch', async () => {
    const moved = (await world.git('commit-tree', '-p', 'HEAD', '-m', 'meanwhile', 'HEAD^{tree}')).trim();
    await meanwhile(`git update-ref HEAD ${moved} 2>'${world.repo}/.git/said' && echo moved >>'${world.repo}/.git/said'`);
    const result = await merge();
    assert.ok(result.ok, JSON.stringify(result));
    assert.match(await text(at('.git/said')), /cannot lock ref 'HEAD'/);
    assert.equal(await head(), result.commit);
    assert.equal(await world.git('status', '--porcelain'), '');
  });

  it('keeps what the user writes into a file that was just merged', async () => {
    const moved = (await world.git('commit-tree', '-p', 'HEAD', '-m', 'meanwhile', 'HEAD^{tree}')).trim();
    await meanwhile(`echo mine >src/app.ts; git update-ref HEAD ${moved} 2>/dev/null`);
    await merge();
    assert.equal(await text(at('src/app.ts')), 'mine\n');
    assert.equal(await world.git('status', '--porcelain'), ' M src/app.ts\n');
  });

  it('puts everything back when the checkout of a file fails', async () => {
    await meanwhile('exit 1');
    await world.git('config', 'filter.meanwhile.required', 'true');
    await leaveWork();
    const before = await checkout();
    await filterFails();
    assert.deepEqual(await checkout(), before);
    assert.equal(await head(), repository.head.commit);
    await world.git('commit', '-q', '--allow-empty', '-m', 'HEAD is free again');
  });

  it('puts nothing back that the user wrote when the checkout of a file fails', async () => {
    await meanwhile('echo mine >src/app.ts; rm crlf.txt; echo mine >gone.txt; exit 1');
    await world.git('config', 'filter.meanwhile.required', 'true');
    await filterFails();
    assert.equal(await text(at('src/app.ts')), 'mine\n');
    assert.equal(await text(at('gone.txt')), 'mine\n');
    assert.equal(await world.git('status', '--porcelain'), ' D crlf.txt\n M gone.txt\n M src/app.ts\n');
  });

  it('puts back files whose names are no text', async () => {
    const odd = (name: string) => Buffer.concat([Buffer.from(`${world.repo}/`), Buffer.from(name, 'latin1')]);
    await writeFile(odd('caf\xe9.txt'), 'old\n');
    await commit('an odd name');
    repository = await open(world);
    await world.git('switch', '-q', '-c', 'kimi/odd');
    await writeFile(odd('caf\xe9.txt'), 'new\n');
    await writeFile(odd('a\xff\nb.txt'), 'new\n');
    await world.write('src/new.ts', 'new\n');
    await commit('odd work');
    tip = await head();
    await world.git('switch', '-q', 'main');
    await meanwhile('exit 1');
    await world.git('config', 'filter.meanwhile.required', 'true');
    await filterFails();
    assert.equal(await readFile(odd('caf\xe9.txt'), 'utf8'), 'old\n');
    assert.equal(await world.git('status', '--porcelain'), '');
  });
});
