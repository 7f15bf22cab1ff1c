import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { DIST, field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The built programs, started in the user's repository with what clients write into the environment. */
describe('CLAUDE_KIMI_HOME', () => {
  let world: World;
  afterEach(() => world.close());

  /** What lies in the repository beside what is tracked. */
  const strangers = () => readdirSync(world.repo).filter((name) => !['.git', '.gitignore', 'README.md', 'src'].includes(name));
  const cli = (home: string, ...words: string[]) =>
    spawnSync(process.execPath, [path.join(DIST, 'cli.js'), ...words], {
      cwd: world.repo,
      env: { PATH: process.env.PATH, HOME: world.home, CLAUDE_KIMI_HOME: home },
      encoding: 'utf8',
      input: '',
    });

  for (const given of ['~/state', '$HOME/state']) {
    it(`${given} is a folder in the home, for the server and in the terminal`, async () => {
      world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { env: { CLAUDE_KIMI_HOME: given } });
      const report = await world.server.call('implement_feature', task(world, 'feature/home'));
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.ok(existsSync(path.join(world.home, 'state', 'delegations')));
      assert.match(cli(given, 'list').stdout, /feature\/home/);
      assert.deepEqual(strangers(), []);
    });
  }

  it('that names no certain folder is told with the first call, and in the terminal', async () => {
    world = await makeWorld([], { env: { CLAUDE_KIMI_HOME: 'state' } });
    const answer = await world.server.call('implement_feature', task(world, 'feature/none'));
    assert.match(answer, /^outcome: environment_broken {3}fallback_needed: true$/m);
    assert.match(field(answer, 'notice_for_user') ?? '', /CLAUDE_KIMI_HOME is state, which names no certain folder/);
    const { status, stderr, stdout } = cli('state', 'list');
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /CLAUDE_KIMI_HOME is state, which names no certain folder: give an absolute path.*\n$/);
    assert.equal(cli('state', '--version').status, 0);
    assert.deepEqual(strangers(), []);
  });
});
