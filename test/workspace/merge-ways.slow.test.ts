import assert from 'node:assert/strict';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MERGE_WAYS, type MergeWay } from '../../src/common/merge-way.ts';
import { message } from '../../src/messages/message.ts';
import { type MergePlan, mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { english } from '../messages/english.ts';
import { exists, IDENTITY, makeWorld, open, put, text, type World } from './world.ts';

/** Every way to merge, in every state that a checkout may be in. Whatever happens, the user's own work is as it was. */
describe('ways to merge', () => {
  let world: World;
  let base: string;
  let tip: string;
  const git = async (...args: string[]) => (await world.git(...args)).trim();
  const merge = async (how: MergeWay, more: Partial<MergePlan> = {}) =>
    mergeIntoCheckout({ repository: await open(world), tip, how, message: 'Take it', identity: IDENTITY, ...more });
  const status = () => world.git('status', '--porcelain');
  const reason = (result: Awaited<ReturnType<typeof merge>>) => (result.ok ? 'merged' : english(result.reason));

  beforeEach(async () => {
    world = await makeWorld();
    base = await git('rev-parse', 'HEAD');
    await git('switch', '-q', '-c', 'kimi/work');
    await world.write('src/app.ts', 'export const answer = 42;\n');
    await world.write('src/new.ts', 'new\n');
    await git('mv', 'README.md', 'READ.md');
    await git('add', '-A');
    await git('commit', '-q', '-m', 'work');
    tip = await git('rev-parse', 'HEAD');
    await git('switch', '-q', 'main');
  });
  afterEach(() => world.remove());

  /** What each leaves: the parents of HEAD, and what is staged. */
  const LEAVES: Readonly<Record<MergeWay, { head: () => string[]; staged: string }>> = {
    squash: { head: () => [base], staged: '' },
    merge: { head: () => [base, tip], staged: '' },
    'fast-forward': { head: () => [base], staged: '' },
    apply: { head: () => [], staged: 'R  README.md -> READ.md\nM  src/app.ts\nA  src/new.ts\n' },
  };

  for (const how of MERGE_WAYS) {
    it(`${how}: on a clean checkout, and taken back as it says`, async () => {
      const result = await merge(how);
      assert.equal(reason(result), 'merged');
      assert.deepEqual(result.ok && [...result.files].sort(), ['READ.md', 'README.md', 'src/app.ts', 'src/new.ts']);
      assert.deepEqual((await git('rev-parse', 'HEAD^@')).split('\n').filter(Boolean), LEAVES[how].head());
      assert.equal(await status(), LEAVES[how].staged);
      assert.equal(await git('diff', tip), '', 'the files are those of the branch');
      if (how === 'fast-forward') assert.equal(await git('rev-parse', 'HEAD'), tip);
      if (how === 'apply') await git('restore', '--staged', '--worktree', '--', ...(result.ok ? result.files : []));
      else await git('reset', '--keep', base);
      assert.equal(await git('rev-parse', 'HEAD'), base);
      assert.equal(await status(), '');
      assert.equal(await git('diff', base), '');
    });

    it(`${how}: beside uncommitted work, and not over it`, async () => {
      await world.write('mine.txt', 'mine\n');
      await world.write('.gitignore', 'ignored/\n*.log\n*.tmp\n');
      assert.equal(reason(await merge(how)), 'merged');
      assert.match(await status(), / M \.gitignore\n[\s\S]*\?\? mine\.txt/);
      await git('reset', '-q', '--hard', base);

      for (const stage of [false, true]) {
        await world.write('src/app.ts', 'mine\n');
        if (stage) await git('add', 'src/app.ts');
        assert.match(reason(await merge(how)), /src\/app\.ts/);
        assert.equal(await text(join(world.repo, 'src/app.ts')), 'mine\n');
        assert.equal(await exists(join(world.repo, 'src/new.ts')), false);
        assert.equal(await git('rev-parse', 'HEAD'), base);
      }
    });

    it(`${how}: a moved branch, a conflict, a detached HEAD, an unfinished merge`, async () => {
      await world.write('other.txt', 'other\n');
      await git('add', '-A');
      await git('commit', '-q', '-m', 'other');
      if (how === 'fast-forward') {
        assert.match(reason(await merge(how)), /cannot be forwarded/);
        assert.equal(await git('log', '-1', '--format=%s'), 'other');
      } else {
        assert.equal(reason(await merge(how)), 'merged');
        assert.equal(await text(join(world.repo, 'other.txt')), 'other\n');
        assert.equal(await text(join(world.repo, 'src/new.ts')), 'new\n');
      }
      await git('reset', '-q', '--hard', base);

      await git('switch', '-q', '--detach');
      assert.equal(reason(await merge(how)), 'merged');
      assert.equal(await git('rev-parse', 'main'), base);
      await git('reset', '-q', '--hard', base);
      await git('switch', '-q', 'main');

      await world.write('src/app.ts', 'export const answer = 43;\n');
      await git('commit', '-q', '-am', 'theirs');
      const theirs = await git('rev-parse', 'HEAD');
      const clash = how === 'fast-forward' ? /cannot be forwarded/ : /src\/app\.ts/;
      assert.match(reason(await merge(how)), clash);
      assert.deepEqual([await git('rev-parse', 'HEAD'), await status()], [theirs, '']);

      await world.git('merge', '-q', 'kimi/work').catch(() => {});
      const unfinished = await status();
      assert.match(reason(await merge(how)), /unfinished/);
      assert.equal(await status(), unfinished);
    });

    it(`${how}: into a branch that is checked out in another working tree; that of the caller stays as it is`, async () => {
      const linked = join(world.root, 'linked');
      await git('switch', '-q', '-c', 'elsewhere');
      await git('worktree', 'add', '-q', linked, 'main');
      const inLinked = async (...args: string[]) => (await world.gitIn(linked, ...args)).trim();
      const mergeThere = async () =>
        mergeIntoCheckout({ repository: await open(world, linked), tip, how, message: 'Take it', identity: IDENTITY });
      const here = [await git('rev-parse', 'HEAD'), await status()];

      await put(join(linked, 'src/app.ts'), 'mine\n');
      assert.match(reason(await mergeThere()), /src\/app\.ts/);
      assert.deepEqual([await text(join(linked, 'src/app.ts')), await inLinked('rev-parse', 'HEAD')], ['mine\n', base]);
      await inLinked('checkout', '-q', '--', '.');

      await put(join(linked, 'mine.txt'), 'mine\n');
      const result = await mergeThere();
      assert.equal(reason(result), 'merged');
      assert.equal(await inLinked('diff', tip), '', 'the files are those of the branch');
      assert.equal(await text(join(linked, 'mine.txt')), 'mine\n');
      assert.equal(await git('rev-parse', 'main'), await inLinked('rev-parse', 'HEAD'));
      assert.deepEqual([await git('rev-parse', 'HEAD'), await status()], here);
      if (how === 'apply') await inLinked('restore', '--staged', '--worktree', '--', ...(result.ok ? result.files : []));
      else await inLinked('reset', '--keep', base);
      assert.deepEqual([await inLinked('rev-parse', 'main'), await inLinked('status', '--porcelain')], [base, '?? mine.txt']);
    });

    it(`${how}: a preview changes nothing and says what would`, async () => {
      const before = [await git('rev-parse', 'HEAD'), await status(), await git('for-each-ref')];
      const result = await merge(how, { preview: true, mark: 'refs/claude-kimi/merged/x' });
      assert.deepEqual(result.ok && [result.commit, [...result.files].sort()], [
        null,
        ['READ.md', 'README.md', 'src/app.ts', 'src/new.ts'],
      ]);
      assert.deepEqual([await git('rev-parse', 'HEAD'), await status(), await git('for-each-ref')], before);
      await world.write('src/new.ts', 'mine\n');
      assert.match(reason(await merge(how, { preview: true })), /src\/new\.ts/);
    });
  }

  it('what looks at the merge before it is made may refuse it, word the commit, and take its time: who commits or edits meanwhile wins', async () => {
    const ok = { ok: true, message: 'Other words' } as const;
    const result = await merge('squash', {
      inspect: async ({ tree, files }) => {
        assert.equal(await git('rev-parse', `${tip}^{tree}`), tree);
        assert.deepEqual([...files].sort(), ['READ.md', 'README.md', 'src/app.ts', 'src/new.ts']);
        assert.deepEqual([await git('rev-parse', 'HEAD'), await status()], [base, ''], 'nothing has moved yet');
        return ok;
      },
    });
    assert.equal(reason(result), 'merged');
    assert.equal(await git('log', '-1', '--format=%B'), 'Other words');
    await git('reset', '-q', '--hard', base);

    const edit = () => world.write('src/app.ts', 'mine\n');
    assert.match(reason(await merge('squash', { inspect: () => edit().then(() => ok) })), /src\/app\.ts was changed by somebody else/);
    assert.deepEqual([await text(join(world.repo, 'src/app.ts')), await exists(join(world.repo, 'src/new.ts'))], ['mine\n', false]);
    await git('checkout', '-q', '--', '.');

    const commit = () => git('commit', '-q', '--allow-empty', '-m', 'mine');
    assert.match(reason(await merge('squash', { inspect: () => commit().then(() => ok) })), /HEAD moved while merging/);
    assert.deepEqual([await git('log', '-1', '--format=%s'), await status()], ['mine', '']);

    for (const how of MERGE_WAYS.filter((one) => one !== 'fast-forward')) {
      const no = { ok: false, reason: message('text', { text: 'not this one' }) } as const;
      assert.equal(reason(await merge(how, { inspect: async () => no })), 'not this one');
      assert.deepEqual([await git('log', '-1', '--format=%s'), await status()], ['mine', '']);
    }
  });

  for (const how of ['squash', 'apply'] as const)
    it(`${how}: some files only, and the others later`, async () => {
      await world.write('src/new.ts', 'mine, where the branch has a file too\n');
      assert.equal(reason(await merge(how, { parts: [{ path: 'src/app.ts' }] })), 'merged');
      assert.equal(await text(join(world.repo, 'src/app.ts')), 'export const answer = 42;\n');
      assert.equal(await text(join(world.repo, 'src/new.ts')), 'mine, where the branch has a file too\n');
      assert.equal(await exists(join(world.repo, 'READ.md')), false);
      if (how === 'apply') await git('commit', '-q', '-m', 'mine');
      await rm(join(world.repo, 'src/new.ts'));
      assert.equal(reason(await merge(how, { parts: [{ path: 'src/app.ts' }] })), english({ code: 'merge.nothingNew', args: {} } as never));
      assert.equal(reason(await merge(how)), 'merged');
      assert.equal(await git('diff', tip), '');
    });

  it('some files only, beside a conflict in others; not one in them', async () => {
    await world.write('src/app.ts', 'export const answer = 43;\n');
    await git('commit', '-q', '-am', 'theirs');
    assert.match(reason(await merge('squash', { parts: [{ path: 'src/app.ts' }, { path: 'src/new.ts' }] })), /src\/app\.ts/);
    assert.equal(reason(await merge('squash', { parts: [{ path: 'src/new.ts' }, { path: 'READ.md', from: 'README.md' }] })), 'merged');
    assert.equal(await text(join(world.repo, 'src/app.ts')), 'export const answer = 43;\n');
    assert.equal(await exists(join(world.repo, 'README.md')), false);
    assert.equal(await status(), '');
  });

  /** Stands in for gpg: it signs, or says no, and tells that it was there. */
  const signer = async (name: string, fails: boolean) => {
    const program = join(world.root, name);
    const sign = fails
      ? 'echo "no secret key" >&2; exit 2'
      : 'cat >/dev/null; echo "[GNUPG:] SIG_CREATED D" >&2; printf -- "-----BEGIN PGP SIGNATURE-----\\nabc\\n-----END PGP SIGNATURE-----\\n"';
    await put(program, `#!/bin/sh\necho ${name} >> ${join(world.root, 'signed')}\n${sign}\n`);
    await chmod(program, 0o755);
    return program;
  };

  it('signs as the user does; what cannot be signed changes nothing', async () => {
    await git('config', '--global', 'commit.gpgsign', 'true');
    await git('config', '--global', 'gpg.program', await signer('good', false));
    assert.equal(reason(await merge('squash')), 'merged');
    assert.match(await git('cat-file', 'commit', 'HEAD'), /gpgsig -----BEGIN PGP SIGNATURE/);
    await git('reset', '-q', '--hard', base);

    await git('config', '--global', 'gpg.program', await signer('bad', true));
    for (const how of ['squash', 'merge'] as const) assert.match(reason(await merge(how)), /could not sign[\s\S]*Nothing was changed/);
    assert.deepEqual([await git('rev-parse', 'HEAD'), await status()], [base, '']);
    assert.equal(reason(await merge('apply')), 'merged', 'there is no commit to sign');
  });

  it('runs no program that only the repository names for signing', async () => {
    const evil = await signer('evil', false);
    await git('config', 'commit.gpgsign', 'true');
    for (const key of ['gpg.program', 'gpg.openpgp.program', 'gpg.x509.program', 'gpg.ssh.program', 'gpg.ssh.defaultKeyCommand'])
      await git('config', key, evil);
    for (const format of ['openpgp', 'x509', 'ssh']) {
      await git('config', 'gpg.format', format);
      assert.match(reason(await merge('squash')), /could not sign/, format);
      assert.equal(await exists(join(world.root, 'signed')), false, format);
      await git('reset', '-q', '--hard', base);
    }
  });
});
