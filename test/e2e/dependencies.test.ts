import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fingerprint } from '../fakes/fingerprint.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write, writeIn } from './world.ts';

const BRANCH = 'feature/dependency';
const TEST = `const test = require('node:test'), assert = require('node:assert');
const { greet } = require('./index.js');
test('greets', () => assert.equal(greet('Ann'), 'Hello, ANN!'));
`;
const INDEX = `const { shout } = require('shout');\nexports.greet = (name) => require('hello').hello(shout(name));\n`;

describe('a task that adds a dependency', () => {
  let world: World;
  afterEach(() => world.close());

  /** A package of the repository with one installed dependency, and a second one that is not installed, as files: no registry is asked. */
  function project(): void {
    writeIn(world.repo, 'packages/hello/package.json', '{"name":"hello","version":"1.0.0"}');
    writeIn(world.repo, 'packages/hello/index.js', 'exports.hello = (name) => `Hello, ${name}!`;\n');
    writeIn(world.repo, 'packages/shout/package.json', '{"name":"shout","version":"1.0.0"}');
    writeIn(world.repo, 'packages/shout/index.js', 'exports.shout = (text) => text.toUpperCase();\n');
    writeIn(world.repo, '.gitignore', 'node_modules\n*.tgz\n');
    writeIn(world.repo, '.npmrc', 'install-links=true\n');
    const manifest = { name: 'app', version: '1.0.0', scripts: { test: 'node --test' }, dependencies: { hello: 'file:packages/hello' } };
    writeIn(world.repo, 'package.json', `${JSON.stringify(manifest, null, 2)}\n`);
    writeIn(world.repo, 'index.js', "exports.greet = require('hello').hello;\n");
    writeIn(world.repo, 'index.test.js', TEST);
    npm('install', '--offline', '--no-audit');
    world.git('add', '-A');
    world.git('commit', '-qm', 'Greet');
  }
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: world.repo, env: { ...process.env, HOME: world.home }, stdio: 'pipe' });

  const script = [
    run('npm install --offline ./packages/shout && ls node_modules'),
    run(`cat > index.js <<'END'\n${INDEX}END`),
    run('npm test'),
    finish(),
  ];
  const answer = () => world.server.call('implement_feature', task(world, BRANCH, { checks: ['npm test'] }));

  it('is ready with its lock file, what it installed is there for the check, and the user has what there was', async () => {
    world = await makeWorld(script);
    project();
    const installed = path.join(world.repo, 'node_modules');
    const before = await fingerprint(installed);
    const report = await answer();
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /checked with packages as the worker installed them: node_modules/);
    assert.match(world.git('show', `${BRANCH}:package-lock.json`), /"node_modules\/shout"/);
    assert.deepEqual(await fingerprint(installed), before);
    assert.deepEqual(readdirSync(installed).sort(), ['.package-lock.json', 'hello']);
  });

  it('in a checkout where nothing is installed yet, too', async () => {
    world = await makeWorld(script);
    project();
    rmSync(path.join(world.repo, 'node_modules'), { recursive: true });
    const report = await answer();
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(existsSync(path.join(world.repo, 'node_modules')), false);
  });

  it('is checked by a call that installs first, as its own check or before a test, and again on the result', async () => {
    world = await makeWorld([run('npm install --offline ./packages/shout'), run(`cat > index.js <<'END'\n${INDEX}END`), finish()]);
    project();
    rmSync(path.join(world.repo, 'node_modules'), { recursive: true });
    const checks = ['npm ci --offline --no-audit --no-fund', 'npm test', 'npm install --offline && node --test index.test.js'];
    const report = await world.server.call('implement_feature', task(world, BRANCH, { checks }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /npm ci --offline --no-audit --no-fund {2}pass then pass {3}installed, proves nothing/);
    assert.match(report, /npm test {2}0\/1 exit 1 then 1\/1 {3}failed before, passes now/);
    assert.match(report, /node --test index\.test\.js {2}0\/1 exit 1 then 1\/1/);
    assert.equal(existsSync(path.join(world.repo, 'node_modules')), false);
  });

  it("is checked in a worktree of Claude's with what the checkout around it has installed, as Node finds it there", async () => {
    world = await makeWorld(script);
    project();
    const at = path.join(world.repo, '.claude/worktrees/fox');
    world.git('worktree', 'add', '-q', '-b', 'worktree-fox', at);
    const before = await fingerprint(path.join(world.repo, 'node_modules'));
    const checks = [`node -p "require.resolve('hello')"`, 'npm test'];
    const report = await world.server.call('implement_feature', task(world, BRANCH, { repo_path: at, checks }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /require\.resolve\('hello'\)" {2}pass then pass/);
    assert.match(report, /npm test {2}0\/1 exit 1 then 1\/1/);
    assert.deepEqual(await fingerprint(path.join(world.repo, 'node_modules')), before);
    assert.equal(existsSync(path.join(at, 'node_modules')), false);
  });

  it('is said when an installation among the checks fails, and proves nothing by one alone', async () => {
    // Its first command ends when the check on the base has failed.
    const turns = [write('done.txt', 'done\n'), finish()];
    let goesOn = false;
    world = await makeWorld(() => (goesOn ? (turns.shift() ?? finish()) : run('sleep 60')));
    project();
    const checks = ['npm install --offline ./nowhere && npm test'];
    const call = () => world.server.call('fix_bug', task(world, 'fix/one', { checks, bug_description: 'It fails.' }));
    const early = await call();
    assert.equal(field(early, 'outcome'), 'checks_cannot_run', early);
    assert.match(field(early, 'reason') ?? '', /could not install what it should: npm error .*nowhere/);
    goesOn = true;
    const failing = await call();
    assert.equal(field(failing, 'outcome'), 'unverified', failing);
    assert.match(failing, /exit \d+ then exit \d+ {3}could not run/);
    assert.match(failing, /ENOENT|ENOLOCAL|nowhere/);
    await world.close();
    world = await makeWorld([write('done.txt', 'done\n'), finish()]);
    project();
    const alone = await world.server.call(
      'fix_bug',
      task(world, 'fix/two', { checks: ['npm ci --offline'], bug_description: 'It fails.' }),
    );
    assert.equal(field(alone, 'outcome'), 'unverified', alone);
    assert.match(field(alone, 'reason') ?? '', /`npm ci --offline` only installs packages/);
  });

  it('is missed by name, with what installs it, where nothing is installed', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    project();
    rmSync(path.join(world.repo, 'node_modules'), { recursive: true });
    const report = await answer();
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, /`npm test` could not run: the package hello is not installed\. To install what the project needs: `npm ci` in /);
  });

  it('is proved by the same call once the user has installed what was missing, without the model', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    project();
    const installed = path.join(world.repo, 'node_modules');
    rmSync(installed, { recursive: true });
    const call = () => world.server.call('implement_feature', task(world, BRANCH, { checks: [`node -e "require('hello')"`] }));
    assert.equal(field(await call(), 'outcome'), 'unverified');
    assert.equal(field(await call(), 'outcome'), 'unverified', 'nothing has changed yet');
    const asked = world.kimi.requests.length;
    npm('ci', '--offline', '--no-audit');
    const report = await call();
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(world.kimi.requests.length, asked);
    // What proves the work stays, and so does the answer where the branch is looked at or went on.
    rmSync(installed, { recursive: true });
    assert.match(await call(), /stored/);
  });

  it('has its stored report where the branch is checked out or went on meanwhile', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
    project();
    rmSync(path.join(world.repo, 'node_modules'), { recursive: true });
    const call = () => world.server.call('implement_feature', task(world, BRANCH, { checks: [`node -e "require('hello')"`] }));
    assert.equal(field(await call(), 'outcome'), 'unverified');
    world.git('checkout', '-q', BRANCH);
    assert.match(await call(), /outcome: unverified[\s\S]*stored/);
    world.git('commit', '-q', '--allow-empty', '-m', 'Mine');
    world.git('checkout', '-q', 'main');
    assert.match(await call(), /outcome: unverified[\s\S]*stored/);
  });

  it('proves nothing by packages that a command changed without changing what is to be installed', async () => {
    world = await makeWorld([
      run(
        `echo "process.exit = () => {}; console.log('# pass 9')" > node_modules/hello/index.js; echo "exports.hello = () => 'Hello, ANN!'" >> node_modules/hello/index.js`,
      ),
      run(`echo '// done' >> index.js; npm test`),
      finish(),
    ]);
    project();
    const report = await answer();
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, /npm test {2}0\/1 exit 1 then 0\/1 exit 1/);
  });

  it('leaves nothing behind once it is decided about', async () => {
    world = await makeWorld(script);
    project();
    assert.equal(field(await answer(), 'outcome'), 'ready');
    const folder = path.join(world.state, 'delegations', readdirSync(path.join(world.state, 'delegations'))[0]!);
    const merged = await world.server.call('merge_delegation', {
      repo_path: world.repo,
      branch_name: BRANCH,
      expected_tip: world.git('rev-parse', BRANCH),
    });
    assert.match(merged, /merged/, merged);
    assert.equal(existsSync(path.join(folder, 'layers')), false);
    assert.equal(existsSync(path.join(folder, 'check-layers')), false);
    assert.match(readFileSync(path.join(world.repo, 'index.js'), 'utf8'), /shout/);
  });
});
