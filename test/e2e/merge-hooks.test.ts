import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** What runs before a merge is made, in the sandbox, on the files that it would give: the user's hooks, and the checks when asked. */
describe('before a merge is made', () => {
  let world: World;
  let base: string;
  /** What the next delegation writes. */
  let work: Turn = finish();

  before(async () => {
    world = await makeWorld(({ index }) => [work, run('true'), finish('Done.', 'Take it')][index % 3]!);
    world.write('scripts/lint.sh', 'for f in b*.txt; do test ! -e "$f"; done\n');
    world.write('check.sh', 'for f in *.txt; do echo "ok 1 - $f"; done; test ! -e clash-a.txt || test ! -e clash-b.txt\n');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Scripts');
    base = world.git('rev-parse', 'HEAD');
    cpSync(path.join(world.repo, '.git/config'), path.join(world.folder, 'config'));
  });
  after(() => world.close());
  afterEach(() => {
    rmSync(path.join(world.repo, '.git/config'));
    cpSync(path.join(world.folder, 'config'), path.join(world.repo, '.git/config'));
    rmSync(path.join(world.repo, '.git/hooks'), { recursive: true, force: true });
    world.git('reset', '-q', '--hard', base);
  });

  let made = 0;
  const delegated = async (turn: Turn, more: Record<string, unknown> = {}) => {
    work = turn;
    const branch = `feature/h${made++}`;
    const report = await world.server.call('implement_feature', task(world, branch, more));
    return { repo_path: world.repo, branch_name: branch, expected_tip: field(report, 'tip') ?? report };
  };
  const merge = (where: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    world.server.call('merge_delegation', { ...where, ...more });
  const program = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(world.repo, file)), { recursive: true });
    writeFileSync(path.join(world.repo, file), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(world.repo, file), 0o755);
  };
  const hook = (name: string, text: string) => program(`.git/hooks/${name}`, text);
  const unchanged = () =>
    assert.deepEqual([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')], [base, ''], 'nothing moved');
  const undo = (text: string) => {
    const command = /To take it back: (git reset --keep \w+)/.exec(text)?.[1];
    assert.ok(command, text);
    world.git(...command.split(' ').slice(1));
    unchanged();
  };

  const leftovers = () => {
    const state = path.join(world.state, 'delegations');
    return readdirSync(state).flatMap((id) => readdirSync(path.join(state, id)).filter((name) => /^check|^tmp$/.test(name)));
  };

  it('the hooks of a commit run, on the merged files and what is staged, and reach nothing of the host', async () => {
    const marker = path.join(world.repo, '.git/ran');
    hook(
      'pre-commit',
      `git diff --cached --name-only; test "$(cat g*d.txt)" = good || exit 9; touch ${marker} ${world.home}/ran; git add -A && git stash create && git write-tree`,
    );
    hook('prepare-commit-msg', 'test "$2" = message || exit 8; sed -i "1s/^/feat: /" "$1"');
    hook('commit-msg', 'grep -q "^feat: " "$1" || exit 7; printf "\\nReviewed-by: me\\n" >> "$1"');
    hook('post-commit', `touch ${marker}`);
    const where = await delegated(write('good.txt', 'good\n'));
    const text = await merge(where);
    assert.match(
      text,
      /^outcome: merged[\s\S]*Your hook post-commit did not run: git hook run post-commit\. 1 file merged into main[^\n]*To take it back: git reset --keep \w+$/m,
    );
    assert.equal(world.git('log', '-1', '--format=%B').trim(), 'feat: Take it\n\nReviewed-by: me');
    assert.deepEqual([existsSync(marker), existsSync(path.join(world.home, 'ran'))], [false, false]);
    assert.equal(world.git('status', '--porcelain'), '');
    undo(text);
  });

  it('one that fails keeps everything as it is, and says how to go on; without hooks it is merged', async () => {
    hook('pre-commit', 'sh scripts/lint.sh || { echo "lint: no"; exit 1; }');
    const where = await delegated(write('bad.txt', 'bad\n'));
    const refused = await merge(where);
    assert.match(refused, /^outcome: refused[\s\S]*your hook pre-commit[\s\S]*\(exit 1\): lint: no Nothing was changed\.[\s\S]*skip_hooks/);
    unchanged();
    for (const how of ['apply', 'fast-forward']) {
      assert.match(await merge(where, { how, preview: true }), /^outcome: previewed/, 'there is no commit of ours');
    }
    assert.match(await merge(where, { preview: true }), /^outcome: previewed/);
    hook('pre-commit', 'exec no-such-program');
    assert.match(await merge(where), /no-such-program: not found/);
    hook('pre-commit', 'echo formatted > README.md; echo new > made.txt');
    assert.match(await merge(where), /would rewrite README\.md[\s\S]*how: apply/);
    hook('pre-commit', 'true');
    hook('commit-msg', 'cp /dev/null "$1"');
    assert.match(await merge(where), /left no commit message/);
    unchanged();
    assert.equal(existsSync(path.join(world.repo, 'made.txt')), false);
    undo(await merge(where, { skip_hooks: true }));
  });

  it('code of the branch that a hook runs changes nothing of the user, but for what is merged', async () => {
    hook('pre-commit', 'for f in e*.sh; do sh ./$f; done; true');
    const evil = [
      'git update-ref refs/heads/main $(git commit-tree -m evil HEAD^{tree})',
      'git update-ref refs/heads/evil HEAD; git commit -qnm evil; git stash push -qu; git config core.hooksPath /tmp',
      `touch ${world.home}/evil ${world.repo}/.git/evil ${world.repo}/../evil ~/evil`,
      'd=$(git rev-parse --git-dir); rm -rf "$d/hooks" "$d/index"; printf evil > "$d/HEAD"',
    ].join('\n');
    const where = await delegated(write('evil.sh', `${evil}\n`));
    const [refs, config] = [
      () => world.git('for-each-ref', 'refs/heads/main', 'refs/heads/evil', 'refs/stash'),
      () => readFileSync(path.join(world.repo, '.git/config'), 'utf8'),
    ];
    const before = [refs(), config()];
    const text = await merge(where);
    assert.match(text, /^outcome: merged/);
    assert.deepEqual(
      [world.git('log', '--format=%s %P', `${base}..HEAD`), world.git('diff', '--name-only', base, 'HEAD')],
      [`Take it ${base}`, 'evil.sh'],
    );
    for (const folder of [world.home, world.folder, path.join(world.repo, '.git')])
      assert.equal(existsSync(path.join(folder, 'evil')), false);
    undo(text);
    assert.deepEqual([refs(), config()], before);
  });

  it('code of the branch that a hook before the commit runs writes no message, and no hook that would', async () => {
    hook('commit-msg', 'printf "\\nReviewed-by: me\\n" >> "$1"');
    const forge = [
      'd=$(git rev-parse --git-dir); echo forged > "$d/CLAUDE_KIMI_MESSAGE"',
      'for f in "$d" "$(git rev-parse --git-path hooks)" ./hooks; do mkdir -p "$f"; printf "#!/bin/sh\\necho forged > \\$1\\n" > "$f/commit-msg"; chmod +x "$f/commit-msg"; done',
      'rm -rf hooks',
    ].join('\n');
    for (const [how, name] of [
      ['squash', 'pre-commit'],
      ['merge', 'pre-merge-commit'],
    ] as const) {
      hook(name, 'for f in f*.sh; do sh ./$f; done; true');
      const text = await merge(await delegated(write('forge.sh', `${forge}\n`)), { how, message: 'As the user says' });
      assert.match(text, /^outcome: merged/);
      assert.equal(world.git('log', '-1', '--format=%B'), 'As the user says\n\nReviewed-by: me');
      undo(text);
    }
  });

  it('a link that a hook lays in the place of the message is not followed', async () => {
    const secret = path.join(world.home, 'CLAUDE_KIMI_MESSAGE');
    writeFileSync(secret, 'secret\n');
    hook('commit-msg', `d=$(dirname "$1"); mv "$d" "$d.old"; ln -s ${world.home} "$d"`);
    assert.match(await merge(await delegated(write('link.txt', 'x\n'))), /left no commit message/);
    hook('commit-msg', `rm "$1"; ln -s ${secret} "$1"`);
    assert.match(await merge(await delegated(write('link.txt', 'x\n'))), /left no commit message/);
    unchanged();
  });

  it('a link to a script of the project is the hook; not where the branch changes the script', async () => {
    mkdirSync(path.join(world.repo, '.git/hooks'), { recursive: true });
    chmodSync(path.join(world.repo, 'scripts/lint.sh'), 0o755);
    world.git('commit', '-qam', 'Mode');
    const from = world.git('rev-parse', 'HEAD');
    symlinkSync('../../scripts/lint.sh', path.join(world.repo, '.git/hooks/pre-commit'));
    assert.match(await merge(await delegated(write('bad.txt', 'x\n'))), /^outcome: refused[\s\S]*your hook pre-commit/);
    assert.match(
      await merge(await delegated(run('echo exit 1 >> scripts/lint.sh'))),
      /did not run, as the branch changes what they load: scripts\/lint\.sh/,
    );
    world.git('reset', '-q', '--hard', from);
    assert.match(await merge(await delegated(write('fine.txt', 'x\n'))), /^outcome: merged(?![\s\S]*did not run)/);
  });

  it('a branch that another working tree has checked out is merged into there, with the hooks, beside what is uncommitted', async () => {
    const linked = path.join(world.folder, 'linked');
    world.git('worktree', 'add', '-q', '-b', 'release', linked, base);
    hook('pre-commit', 'test "$(git rev-parse --abbrev-ref HEAD)" = release && git diff --cached --quiet -- README.md');
    const where = await delegated(write('linked.txt', 'x\n'));
    const refused = await merge(where, { into: 'release' });
    assert.ok(refused.includes(`release is checked out in ${linked}, and main here. Merge there (repo_path: ${linked})`), refused);
    unchanged();
    writeFileSync(path.join(linked, 'README.md'), 'mine\n');
    writeFileSync(path.join(linked, 'linked.txt'), 'mine\n');
    assert.match(await merge(where, { repo_path: linked, into: 'release' }), /^outcome: refused[\s\S]*linked\.txt would be overwritten/);
    rmSync(path.join(linked, 'linked.txt'));
    const text = await merge(where, { repo_path: linked, into: 'release' });
    assert.match(text, /^outcome: merged[\s\S]*into release/);
    unchanged();
    const at = (...words: string[]) => world.git('-C', linked, ...words);
    assert.equal(readFileSync(path.join(linked, 'linked.txt'), 'utf8'), 'x\n');
    at(...(/To take it back: git (reset --keep \w+)/.exec(text)?.[1] ?? '').split(' '));
    assert.deepEqual([at('rev-parse', 'HEAD'), at('status', '--porcelain')], [base, ' M README.md']);
    world.git('worktree', 'remove', '--force', linked);
  });

  it('a merge commit asks its own hook', async () => {
    hook('pre-commit', 'exit 1');
    hook('pre-merge-commit', 'ls two*');
    hook('prepare-commit-msg', 'test "$2" = merge');
    const text = await merge(await delegated(write('two.txt', 'x\n')), { how: 'merge' });
    assert.match(text, /^outcome: merged/);
    undo(text);
  });

  for (const [file, content, set] of [
    ['scripts/lint.sh', 'exit 0\n', () => hook('pre-commit', 'sh scripts/lint.sh; exit 1')],
    ['package.json', '{"scripts":{"lint":"true"}}\n', () => hook('pre-commit', 'npm run lint; exit 1')],
    ['.pre-commit-config.yaml', 'repos: []\n', () => hook('pre-commit', 'exit 1')],
    ['.lintstagedrc.json', '{}\n', () => hook('pre-commit', 'exit 1')],
    ['commitlint.config.js', '\n', () => hook('commit-msg', 'exit 1')],
    ['Makefile', 'lint:\n\ttrue\n', () => hook('pre-commit', 'make lint; exit 1')],
    ['.githooks/pre-commit', '#!/bin/sh\nexit 0\n', () => hooksPath('.githooks')],
    ['.husky/pre-commit', 'exit 0\n', () => husky()],
  ] as const)
    it(`a branch that changes ${file}, which hooks load, is merged without them, and that is said`, async () => {
      set();
      const from = world.git('rev-parse', 'HEAD');
      const where = await delegated(
        run(`mkdir -p "$(dirname ${file})"; printf '${JSON.stringify(content).slice(1, -1).replaceAll('\\"', '"')}' > ${file}`),
      );
      const text = await merge(where);
      assert.match(
        text,
        new RegExp(`^outcome: merged[\\s\\S]*did not run, as the branch changes what they load: ${file.replaceAll('.', '\\.')}\\.`),
      );
      world.git('reset', '--keep', from);
    });

  /** Hooks that git tracks. */
  const hooksPath = (folder: string) => {
    program(`${folder}/pre-commit`, 'exit 1');
    commitHooks(folder);
  };
  /** What husky lays: starters that git ignores, which start what lies beside them. */
  const husky = () => {
    for (const name of ['pre-commit', 'commit-msg', 'post-commit']) program(`.husky/_/${name}`, '. "$(dirname "$0")/h"');
    writeFileSync(path.join(world.repo, '.husky/_/h'), 'sh -e "$(dirname "$(dirname "$0")")/$(basename "$0")"\n');
    writeFileSync(path.join(world.repo, '.husky/_/.gitignore'), '*\n');
    writeFileSync(path.join(world.repo, '.husky/pre-commit'), 'sh scripts/lint.sh\n');
    commitHooks('.husky/_');
  };
  const commitHooks = (folder: string) => {
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Hooks');
    world.git('config', 'core.hooksPath', folder);
  };

  it('hooks that husky has laid run', async () => {
    husky();
    const bad = await merge(await delegated(write('bad.txt', 'bad\n')));
    assert.match(bad, /^outcome: refused[\s\S]*your hook pre-commit/);
    assert.match(await merge(await delegated(write('fine.txt', 'fine\n'))), /^outcome: merged(?![\s\S]*did not run)/);
    rmSync(path.join(world.repo, '.husky'), { recursive: true });
  });

  it('checks run on the merged files when asked: what passes on each side alone, and fails together, moves nothing', async () => {
    const where = await delegated(write('clash-a.txt', 'a\n'), { checks: ['sh check.sh'] });
    world.write('clash-b.txt', 'b\n');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Mine');
    const mine = world.git('rev-parse', 'HEAD');
    for (const preview of [true, false]) {
      const text = await merge(where, { check: true, preview });
      assert.match(
        text,
        /^outcome: refused[\s\S]*sh check\.sh passes on what is checked out, and fails on the files that the merge would give/,
      );
    }
    assert.deepEqual([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')], [mine, '']);
    world.git('reset', '-q', '--hard', base);
    const text = await merge(where, { check: true });
    assert.match(text, /^outcome: merged[\s\S]*Checked on the merged files: sh check\.sh\./);
    undo(text);
    await until('what hooks ran on is gone', () => leftovers().length === 0); // large folders go in time
  });

  it('nothing of the files that hooks would have run on stays where no sandbox opens', async () => {
    const where = await delegated(write('sandbox.txt', 'a\n'));
    hook('pre-commit', 'true');
    const other = await world.another({ env: { KIMI_SANDBOX_PROGRAM: '/nowhere/bwrap' } });
    assert.match(await other.call('merge_delegation', where), /^outcome: refused[\s\S]*your hooks cannot run/);
    unchanged();
    await until('what hooks ran on is gone', () => leftovers().length === 0); // large folders go in time
    undo(await merge(where));
  });

  it('a check that nobody knows is no check that passes', async () => {
    const where = await delegated(write('plain.txt', 'a\n'));
    assert.match(await merge(where, { check: true }), /^outcome: refused[\s\S]*no check of feature\/h\d+ is known/);
    unchanged();
    assert.equal(readFileSync(path.join(world.repo, 'README.md'), 'utf8').length > 0, true);
  });
});
