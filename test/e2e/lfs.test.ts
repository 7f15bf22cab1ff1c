import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../../src/common/find-program.ts';
import { PROGRAM_DIRECTORIES } from '../../src/workspace/run-git.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, commit } from './checkouts.ts';
import { finish, gitIn, makeWorld, run, task, type World, write, writeIn } from './world.ts';

const lfs = findProgram('git-lfs', PROGRAM_DIRECTORIES);
const edit = (file: string, from: string, to: string): Turn => ({
  calls: [{ name: 'edit_file', args: { path: file, edits: [{ old_text: from, new_text: to }] } }],
});
const pointer = (text: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${createHash('sha256').update(text).digest('hex')}\nsize ${Buffer.byteLength(text)}`;

describe('content filters', () => {
  let world: World;
  afterEach(() => world.close());
  const said = (step: number): string =>
    JSON.parse(world.kimi.requests[step]?.body.toString() ?? '{}').messages.findLast((one: { role: string }) => one.role === 'tool')
      .content;
  const delegate = (more: Record<string, unknown> = {}) => world.server.call('implement_feature', task(world, BRANCH, more));

  describe('git-lfs', () => {
    before(function () {
      if (!lfs) this.skip();
    });
    async function open(script: Parameters<typeof makeWorld>[0]): Promise<void> {
      world = await makeWorld(script);
      const filter = { clean: 'clean -- %f', smudge: 'smudge -- %f', process: 'filter-process' };
      for (const [key, words] of Object.entries(filter)) world.git('config', `filter.lfs.${key}`, `git-lfs ${words}`);
      world.git('config', 'filter.lfs.required', 'true');
      world.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      world.write('.lfsconfig', '[lfs]\n\turl = http://127.0.0.1:1/nobody\n');
      commit(world.repo, 'zoo.bin', 'the zoo\n');
    }

    it('files are there with their content, for commands and checks; what is changed and new comes back as LFS, and is merged', async () => {
      await open([
        run('cat zoo.bin; git status --short'),
        edit('zoo.bin', 'the zoo', 'the new zoo'),
        write('made.bin', 'made\n'),
        run('printf "by a command\\n" > sub.bin; cat *.bin'),
        finish(),
      ]);
      const report = await delegate({ checks: ['grep -q "the zoo" zoo.bin || cat made.bin sub.bin'] });
      assert.match(said(1), /^exit 0.*\nthe zoo$/);
      assert.match(said(2), /Edited zoo\.bin/);
      assert.equal(field(report, 'outcome'), 'ready', report);
      assert.match(report, /^decides: .*; nothing flagged$/m);
      for (const [file, text] of [
        ['zoo.bin', 'the new zoo\n'],
        ['made.bin', 'made\n'],
        ['sub.bin', 'by a command\n'],
      ] as const)
        assert.equal(world.git('cat-file', 'blob', `${BRANCH}:${file}`), pointer(text));
      const where = { repo_path: world.repo, branch_name: BRANCH };
      assert.match(await world.server.call('merge_delegation', { ...where, expected_tip: field(report, 'tip') }), /^outcome: merged/);
      assert.equal(readFileSync(path.join(world.repo, 'made.bin'), 'utf8'), 'made\n');
      assert.equal(world.git('status', '--porcelain'), '');
    });

    it('what the repository has as it is, against its own rule, stays so, and is no change', async () => {
      await open([
        run('git status --short; cat plain/*.bin'),
        edit('plain/b.bin', 'plain b', 'plain c'),
        write('done.txt', 'done\n'),
        finish(),
      ]);
      for (const [file, text] of Object.entries({ 'a "[x]*.bin': 'plain a\n', 'b.bin': 'plain b\n' })) {
        const id = execFileSync('git', ['-C', world.repo, 'hash-object', '-w', '--stdin'], { input: text, encoding: 'utf8' }).trim();
        world.git('update-index', '--add', '--cacheinfo', `100644,${id},plain/${file}`);
      }
      world.git('commit', '-q', '-m', 'Plain');
      await delegate();
      assert.match(said(1), /^exit 0[^\n]*\nplain a\nplain b$/);
      assert.equal(world.git('diff', '--name-only', `main..${BRANCH}`), 'done.txt\nplain/b.bin');
      assert.equal(world.git('cat-file', 'blob', `${BRANCH}:plain/b.bin`), 'plain c');
    });

    it('content that is not here stays a pointer, and nobody is asked for it', async () => {
      await open([run('cat zoo.bin'), write('done.txt', 'done\n'), finish()]);
      rmSync(path.join(world.repo, '.git/lfs'), { recursive: true });
      const report = await delegate();
      assert.match(said(1), new RegExp(pointer('the zoo\n')));
      assert.equal(world.git('diff', '--name-only', `main..${BRANCH}`), 'done.txt', report);
      assert.match(report, /for commands and checks zoo\.bin are only pointers of git-lfs, since their content is not in the local store/);
    });

    it("content is found in a store of the user's choice, and new content comes there", async () => {
      await open([run('cat zoo.bin'), write('made.bin', 'made\n'), finish()]);
      const store = path.join(world.folder, 'store');
      renameSync(path.join(world.repo, '.git/lfs'), store);
      world.git('config', '--file', path.join(world.home, '.gitconfig'), 'lfs.storage', store); // the user's own choice
      const report = await delegate();
      assert.match(said(1), /^exit 0.*\nthe zoo$/);
      assert.match(report, /^decides: .*; nothing flagged$/m);
      const oid = /sha256:(\w+)/.exec(pointer('made\n'))![1]!;
      assert.ok(existsSync(path.join(store, 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)));
      assert.ok(!existsSync(path.join(world.repo, '.git/lfs')));
    });

    it('a file that was changed is named among those that were not seen, beside one that was only touched', async () => {
      await open([write('done.txt', 'done\n'), finish()]);
      commit(world.repo, 'other.bin', 'another\n');
      world.write('zoo.bin', 'not zoo\n');
      utimesSync(path.join(world.repo, 'other.bin'), 1, 1);
      assert.match(await delegate(), /not seen by the worker: 1 uncommitted file \(zoo\.bin\)/);
    });

    it('uncommitted changes of LFS files are taken along as LFS', async () => {
      await open([run('cat zoo.bin'), write('done.txt', 'done\n'), finish()]);
      world.write('zoo.bin', 'a dirty zoo\n');
      await delegate({ include_uncommitted: true });
      assert.match(said(1), /a dirty zoo/);
      assert.equal(world.git('cat-file', 'blob', `${BRANCH}:zoo.bin`), pointer('a dirty zoo\n'));
    });

    it('a file that was only touched stands in the way of nothing', async () => {
      await open([edit('zoo.bin', 'the zoo', 'the new zoo'), finish()]);
      utimesSync(path.join(world.repo, 'zoo.bin'), 1, 1);
      const report = await delegate({ task_spec: 'Change zoo.bin.' });
      assert.doesNotMatch(report, /not seen by the worker/, 'named by the task, and clean');
      const where = { repo_path: world.repo, branch_name: BRANCH, expected_tip: field(report, 'tip') };
      utimesSync(path.join(world.repo, 'zoo.bin'), 2, 2);
      assert.match(await world.server.call('merge_delegation', where), /^outcome: merged/);
      assert.equal(readFileSync(path.join(world.repo, 'zoo.bin'), 'utf8'), 'the new zoo\n');
    });
  });

  it('other filters do not run: writing is refused with the reason, what a command writes is left out and told', async () => {
    world = await makeWorld([
      write('secret/new.key', 'new\n'),
      edit('secret/old.key', 'old', 'newer'),
      run('echo by a command > secret/made.key; echo changed > secret/old.key; echo done > done.txt'),
      finish(),
    ]);
    world.write('.gitattributes', 'secret/* filter=crypt\n');
    writeIn(world.folder, 'crypt.sh', `touch '${world.folder}/ran'; tr a-z A-Z\n`);
    commit(world.repo, 'secret/old.key', 'old\n');
    world.git('config', 'filter.crypt.clean', `sh ${world.folder}/crypt.sh`);
    world.git('config', 'filter.crypt.smudge', `sh ${world.folder}/crypt.sh`);
    world.git('config', 'filter.crypt.required', 'true');
    const report = await delegate();
    for (const step of [1, 2])
      assert.match(said(step), /secret\/\w+\.key cannot be written: .*filter crypt .*does not run here\. Solve the task without/);
    assert.equal(field(report, 'outcome'), 'needs_review', report);
    assert.match(report, /! "secret\/made\.key" was left out: git would store it by the filter crypt/);
    assert.match(report, /! "secret\/old\.key" was left out/);
    assert.match(report, /for commands and checks secret\/old\.key are as git stores them, since the filter crypt does not run there/);
    assert.equal(world.git('diff', '--name-only', `main..${BRANCH}`), 'done.txt');
    assert.ok(!existsSync(path.join(world.folder, 'ran')));
    gitIn(world.repo, 'fsck', '--no-dangling', '--no-progress');
  });
});
