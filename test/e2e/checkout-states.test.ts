import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { RequestRecord } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, commit, delegate, makeDirty, SCRIPT, STATES, userFiles } from './checkouts.ts';
import { finish, gitIn, makeWorld, run, type ServerOptions, task, type World, write, writeIn } from './world.ts';

describe('checkout states', () => {
  let world: World;
  const open = async (options: ServerOptions & { name?: string } = {}, script: Parameters<typeof makeWorld>[0] = SCRIPT) => {
    world = await makeWorld(script, options);
  };
  afterEach(() => world.close());
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  for (const [name, prepare] of Object.entries(STATES)) {
    it(`${name}: ends well, and nothing of the user's changes but one branch`, async () => {
      await open();
      await delegate(world, prepare(world));
    });
  }

  for (const state of ['a git dir elsewhere', 'a tag, a branch and a remote branch named HEAD, and tags named like branches'])
    it(`${state}: the work is discarded, restored and merged`, async () => {
      await open();
      const place = STATES[state]!(world) ?? {};
      const tip = field(await delegate(world, place), 'tip') ?? '';
      const root = place.root ?? world.repo;
      const server = await world.another({ roots: [world.folder] });
      const where = { repo_path: root, branch_name: BRANCH };
      const git = (...words: string[]) => gitIn(root, ...words);
      assert.match(await server.call('discard_delegation', where), /^outcome: discarded/);
      assert.equal(git('for-each-ref', '--format=%(refname)', `refs/heads/${BRANCH}`), '');
      assert.match(await server.call('restore_delegation', where), /^outcome: restored/);
      assert.equal(git('rev-parse', '--short=7', `refs/heads/${BRANCH}`), tip);
      const head = git('rev-parse', 'refs/heads/main');
      assert.match(await server.call('merge_delegation', { ...where, expected_tip: tip, into: 'main' }), /^outcome: merged/);
      assert.equal(git('rev-parse', 'refs/heads/main~1'), head);
      assert.equal(readFileSync(path.join(root, 'done.txt'), 'utf8'), 'done\n');
      assert.equal(git('status', '--porcelain'), '');
      git('fsck', '--no-dangling', '--no-progress');
    });

  it('spaces, quotes and Chinese in the path', async () => {
    await open({ name: `我的 仓库 "a" 'b' $(c)` });
    await delegate(world);
    assert.match(textOf(world.kimi.requests[2]), /done\\nhello\\n/, 'commands run there');
  });

  it('autocrlf: an edited file keeps its line ends on disk, and the branch holds what git would have made of it', async () => {
    await open({}, [
      { calls: [{ name: 'read_file', args: { path: 'src/lines.txt' } }] },
      { calls: [{ name: 'edit_file', args: { path: 'src/lines.txt', edits: [{ old_text: 'two', new_text: 'TWO' }] } }] },
      write('done.txt', 'done\n'),
      run('od -c src/lines.txt'),
      finish(),
    ]);
    commit(world.repo, 'src/lines.txt', 'one\ntwo\nthree\n');
    world.git('config', 'core.autocrlf', 'true');
    rmSync(path.join(world.repo, 'src/lines.txt'));
    world.git('checkout', '--', 'src/lines.txt');
    assert.equal(readFileSync(path.join(world.repo, 'src/lines.txt'), 'latin1'), 'one\r\ntwo\r\nthree\r\n');
    await delegate(world);
    assert.match(textOf(world.kimi.requests[4]), /T {3}W {3}O {2}\\\\r {2}\\\\n/);
    assert.equal(
      world.git('diff', '--stat', `main..${BRANCH}`, '--', 'src/lines.txt').split('\n')[1],
      ' 1 file changed, 1 insertion(+), 1 deletion(-)',
    );
    assert.ok(!execFileSync('git', ['-C', world.repo, 'cat-file', 'blob', `${BRANCH}:src/lines.txt`]).includes('\r'));
  });

  it('hooks and configured programs of the user and of the repository: none is started', async () => {
    await open();
    const marker = path.join(world.folder, 'marker');
    const program = (name: string) => {
      const file = path.join(world.folder, 'programs', name);
      writeIn(world.folder, `programs/${name}`, `#!/bin/sh\necho ${name} >> '${marker}'\ncat\n`);
      chmodSync(file, 0o755);
      return file;
    };
    for (const hook of HOOKS) {
      writeIn(world.repo, `.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> '${marker}'\n`);
      chmodSync(path.join(world.repo, '.git/hooks', hook), 0o755);
    }
    writeIn(world.home, '.gitconfig', userConfiguration(program));
    writeIn(world.repo, '.gitattributes', '*.txt diff=evil merge=evil\nmore.txt filter=evil\nREADME.md filter=evil\n');
    writeIn(world.repo, '.gitmodules', '[submodule "x"]\n\tpath = x\n\turl = ../x\n');
    commit(world.repo, 'more.txt', 'more\n');
    for (const [key, value] of Object.entries(REPOSITORY_PROGRAMS)) world.git('config', key, program(value));
    makeDirty(world.repo);
    rmSync(marker, { force: true });
    const before = await userFiles({ root: world.repo });
    const call = (branch: string, more: object) => world.server.call('implement_feature', task(world, branch, { ...more }));
    assert.equal(field(await call(BRANCH, { checks: ['git diff HEAD~1 --stat; cat done.txt'] }), 'outcome'), 'ready');
    assert.equal(field(await call(BRANCH, { task_spec: 'Once more.' }), 'outcome'), 'no_changes');
    assert.deepEqual(await userFiles({ root: world.repo }), before);
    assert.equal(field(await call('feature/dirty', { include_uncommitted: true }), 'outcome'), 'no_changes');
    assert.equal(existsSync(marker) ? readFileSync(marker, 'utf8') : '', '');
    world.git('status');
    assert.match(readFileSync(marker, 'utf8'), /fsmonitor/, 'the traps were armed');
  });

  describe('meanwhile', () => {
    it('HEAD moves: the report says so, and which files overlap', async () => {
      await open({}, ({ step }) => {
        if (step === 1) {
          commit(world.repo, 'done.txt', 'by the user\n');
          commit(world.repo, 'src/greet.txt', 'hi\n');
        }
        return SCRIPT[step] ?? finish();
      });
      const base = world.git('rev-parse', '--short=7', 'HEAD');
      const report = await world.server.call('implement_feature', task(world, BRANCH));
      const now = world.git('rev-parse', '--short=7', 'HEAD');
      assert.match(report, new RegExp(`^since then: HEAD moved from ${base} to ${now}; overlapping files: done\\.txt$`, 'm'));
      assert.equal(world.git('rev-parse', '--short=7', `${BRANCH}^`), base);
    });

    it('the user checks the new branch out under another delegation of it: its checkout is not moved', async () => {
      await open({}, ({ index }) => {
        if (index === 4) world.git('checkout', '-q', BRANCH);
        return [...SCRIPT, run('echo again >> done.txt'), finish()][index] ?? finish();
      });
      await world.server.call('implement_feature', task(world, BRANCH));
      const tip = world.git('rev-parse', BRANCH);
      const report = await world.server.call('implement_feature', task(world, BRANCH, { task_spec: 'Once more.' }));
      assert.equal(field(report, 'outcome'), 'branch_moved', report);
      assert.equal(world.git('rev-parse', 'HEAD'), tip);
      assert.equal(world.git('status', '--porcelain'), '');
      assert.equal(world.git('show', `${field(report, 'kept at')}:done.txt`), 'done\nagain');
    });
  });
});

const HOOKS = [
  'applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit pre-rebase post-checkout',
  'post-merge pre-push pre-receive update proc-receive post-receive post-update reference-transaction push-to-checkout pre-auto-gc post-rewrite',
  'sendemail-validate fsmonitor-watchman post-index-change',
].flatMap((line) => line.split(' '));

/** Settings of the repository that name a program, and what the program is called here. */
const REPOSITORY_PROGRAMS = {
  'core.fsmonitor': 'fsmonitor',
  'core.pager': 'pager',
  'core.editor': 'editor',
  'core.sshCommand': 'ssh',
  'core.gitProxy': 'proxy',
  'core.alternateRefsCommand': 'alternate-refs',
  'core.askPass': 'askpass',
  'diff.external': 'external-diff',
  'diff.evil.textconv': 'textconv',
  'diff.evil.command': 'diff-command',
  'merge.evil.driver': 'merge-driver',
  'filter.evil.clean': 'clean',
  'filter.evil.smudge': 'smudge',
  'filter.evil.process': 'process',
  'gpg.program': 'gpg',
  'credential.helper': 'credentials',
  'uploadpack.packObjectsHook': 'pack-objects',
  'trailer.sign.command': 'trailer',
  'sequence.editor': 'sequence',
};

/** A user's global configuration with everything that could run something or change a commit. */
function userConfiguration(program: (name: string) => string): string {
  return `[user]
	name = Ann
	email = ann@example.org
	signingKey = 1234
[core]
	hooksPath = ${path.dirname(program('global-hooks'))}
	fsmonitor = ${program('global-fsmonitor')}
	pager = ${program('global-pager')}
[commit]
	gpgSign = true
	template = ${program('template')}
[tag]
	gpgSign = true
[log]
	showSignature = true
[gpg]
	program = ${program('global-gpg')}
[filter "evil"]
	clean = ${program('global-clean')}
	smudge = ${program('global-smudge')}
	required = true
[diff "evil"]
	textconv = ${program('global-textconv')}
	cachetextconv = true
[init]
	templateDir = ${path.dirname(program('template-dir'))}
[alias]
	status = !${program('alias')}
`;
}
