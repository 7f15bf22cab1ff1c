import assert from 'node:assert/strict';
import { readFileSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write, writeIn } from './world.ts';

const SECRET = 'pg-4f9a1c77e2d84b03';
const CHECK = `node -e "require('./dist/index.js'); require('./packages/api/generated/client.js')" && grep -q DB_PASSWORD=pg- .env`;

describe('files that git ignores and tests need', () => {
  let world: World;
  afterEach(() => world.close());

  function project(): void {
    writeIn(world.repo, '.gitignore', 'dist/\n.env\n.env.*\ngenerated/\n*.pem\nnode_modules\n');
    writeIn(world.repo, '.worktreeinclude', '# as in Claude Code\n.env\n/dist/\n*.pem\n.env.*\nREADME.md\nnotes.txt\n');
    world.git('add', '-A');
    world.git('commit', '-qm', 'Rules');
    const files = {
      '.env': `DB_PASSWORD=${SECRET}\n`,
      '.env.local': 'OTHER=x',
      'dist/index.js': 'exports.built = 1;\n',
      'key.pem': 'KEY-OF-ANN\n',
      'notes.txt': 'NOTES-OF-ANN\n',
    };
    for (const [file, text] of Object.entries({ ...files, 'packages/api/generated/client.js': 'exports.client = 1;\n' }))
      writeIn(world.repo, file, text);
  }
  const env = { KIMI_INCLUDE_IGNORED: 'generated/' };

  it('are there by name, as copies that nobody else sees and that no branch gets, and secrets among them only by their exact name', async () => {
    world = await makeWorld(
      [
        run('ls -A . packages/api/generated; cat .env dist/index.js key.pem notes.txt'),
        run(
          'printf "node_modules\\n" > .gitignore; echo changed >> dist/index.js; echo X=1 >> .env; sed -i s/a/a/ .env; echo done > done.txt',
        ),
        finish(),
      ],
      { env },
    );
    project();
    const report = await world.server.call('implement_feature', task(world, 'feature/ignored', { checks: [CHECK] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /copies of files of your checkout that git ignores: \.env, dist\/index\.js, packages\/api\/generated\/client\.js/);
    const heard = world.kimi.requests.map(({ body }) => body.toString()).join('');
    assert.match(heard, /exports\.built/);
    for (const unseen of [SECRET, SECRET.slice(3), 'KEY-OF-ANN', '.env.local', 'NOTES-OF-ANN']) assert.ok(!heard.includes(unseen), unseen);
    const changed = world.git('diff', '--name-only', 'main', 'feature/ignored').split('\n');
    assert.deepEqual(changed, ['.gitignore', 'done.txt']);
    assert.equal(readFileSync(path.join(world.repo, 'dist/index.js'), 'utf8'), 'exports.built = 1;\n');
    assert.equal(readFileSync(path.join(world.repo, '.env'), 'utf8'), `DB_PASSWORD=${SECRET}\n`);
  });

  for (const [what, line, isThere] of [
    ['', '', true],
    [', but for one that holds more', 'BUNDLE_GEMS__CORP__EXAMPLE: "ann:pass"\n', false],
  ] as const)
    it(`that say where packages lie are there by themselves${what}`, async () => {
      world = await makeWorld([run('cat .pnp.cjs .bundle/config; echo done > done.txt'), finish()]);
      writeIn(world.repo, '.gitignore', '.pnp.*\n.bundle/\n');
      world.git('add', '-A');
      world.git('commit', '-qm', 'Rules');
      writeIn(world.repo, '.pnp.cjs', 'exports.pnp = 1;\n');
      writeIn(world.repo, '.bundle/config', `---\nBUNDLE_PATH: "vendor/bundle"\n${line}`);
      await world.server.call('implement_feature', task(world, 'feature/packages', { checks: ['test -s .pnp.cjs'] }));
      const heard = world.kimi.requests.at(-1)!.body.toString();
      assert.match(heard, /exports\.pnp/);
      assert.equal(heard.includes('BUNDLE_PATH'), isThere, heard.slice(-2000));
      assert.ok(!heard.includes('ann:pass'));
      assert.equal(world.git('diff', '--name-only', 'main', 'feature/packages'), 'done.txt');
    });

  for (const [where, command] of [
    ['beside the repository', 'cat ../proto/a.txt'],
    ['somewhere else, by its whole path', 'cat "$(dirname "$PWD")/proto/a.txt"'],
  ] as const)
    it(`are not those ${where}, of which the report says that checks do not see them`, async () => {
      world = await makeWorld([write('done.txt', 'done\n'), finish()]);
      writeIn(world.folder, 'proto/a.txt', 'a\n');
      const checks = [command, 'cat ../proto/b.txt'];
      const report = await world.server.call('implement_feature', task(world, 'feature/beside', { checks }));
      const notes = report.split('\n').filter((line) => line.includes('lies outside of the repository'));
      assert.equal(notes.length, 1, report);
      assert.match(notes[0]!, /missed \S*\/proto\/a\.txt, which/);
    });

  it('are named where a check fails for want of them and nothing lends them', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    project();
    world.git('rm', '-q', '.worktreeinclude');
    world.git('commit', '-q', '-m', 'Name nothing');
    const checks = [`node -e "require('./dist/index.js')"`];
    const report = await world.server.call('implement_feature', task(world, 'feature/missed', { checks }));
    assert.match(report, /failed and spoke of dist\/, which your checkout has and git ignores.*\.worktreeinclude/);
    assert.doesNotMatch(report, /key\.pem|packages\/api/, 'of which it did not speak');
  });

  it("git's own folder, which is elsewhere as in a linked worktree, is told of where a check looks into it", async () => {
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    const checks = [
      'cat .git/HEAD',
      `node -e "require('fs').readFileSync('.git/refs/heads/main')"`,
      `python3 -c "open('.git/config')"`,
      'test "$(git rev-parse --absolute-git-dir)" = "$PWD/.git" || { git rev-parse --absolute-git-dir; exit 1; }',
      'cat .github/HEAD; cat README.md/x',
    ];
    const report = await world.server.call('implement_feature', task(world, 'feature/git-folder', { checks }));
    const told = report.split('\n').filter((line) => line.includes('see `.git` as a file'));
    assert.deepEqual(
      told.map((line) => checks.findIndex((check) => line.includes(check.slice(0, 20)))),
      [0, 1, 2, 3],
      report,
    );
  });

  it("git's own folder, into which checks write nothing, is told of where one does", async () => {
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    const checks = ['git commit -q --allow-empty -m t', 'git config a.b c', 'git rev-parse HEAD'];
    const report = await world.server.call('implement_feature', task(world, 'feature/own-commit', { checks }));
    const notes = report.split('\n').filter((line) => line.includes("wanted to write into git's own folder"));
    assert.equal(notes.length, 2, report);
  });

  it('are none where nothing names them, and none behind a link of the commit', async () => {
    world = await makeWorld([run('ls -A src; test ! -e .env && echo nothing; echo done > done.txt'), finish()], {
      env: { KIMI_INCLUDE_IGNORED: 'dist/' },
    });
    project();
    world.git('rm', '-q', '.worktreeinclude');
    world.git('commit', '-qm', 'Name nothing');
    renameSync(path.join(world.repo, 'dist'), path.join(world.folder, 'dist'));
    world.git('checkout', '-qb', 'linked');
    symlinkSync('src', path.join(world.repo, 'dist'));
    world.git('add', '-f', 'dist');
    world.git('commit', '-qm', 'Link');
    world.git('checkout', '-q', 'main');
    renameSync(path.join(world.folder, 'dist'), path.join(world.repo, 'dist'));
    const report = await world.server.call('implement_feature', task(world, 'feature/none', { base: 'linked' }));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const heard = world.kimi.requests.at(-1)!.body.toString();
    assert.match(heard, /greet\.txt\\nother\.txt\\nnothing/);
    assert.deepEqual(world.git('diff', '--name-only', 'linked', 'feature/none'), 'done.txt');
  });
});
