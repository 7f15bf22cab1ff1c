import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { commit } from './checkouts.ts';
import { finish, makeWorld, read, run, task, type World, write, writeIn } from './world.ts';

const BRANCH = 'feature/api';
const tool = (name: string, args: Record<string, unknown>): Turn => ({ calls: [{ name, args }] });

describe('a folder of the repository as repo_path', () => {
  let world: World;
  afterEach(() => world.close());

  /** A workspace with two packages, each with an own src/a.txt, and a root that has one too. */
  async function open(script: Parameters<typeof makeWorld>[0]): Promise<void> {
    world = await makeWorld(script);
    world.write('package.json', '{ "scripts": { "test": "echo ROOT" } }');
    world.write('AGENTS.md', 'Rules of the root.\n');
    world.write('src/a.txt', 'of the root\n');
    world.write('packages/api/package.json', '{ "scripts": { "test": "echo API", "only-api": "x" } }');
    world.write('packages/api/AGENTS.md', 'Rules of the API.\n');
    world.write('packages/api/src/a.txt', 'of the api\n');
    world.write('packages/api/Makefile', 'test:\n\techo api\n');
    commit(world.repo, 'packages/web/src/a.txt', 'of the web\n');
  }
  const messagesOf = (request: number): { role: string; content: string }[] =>
    JSON.parse(world.kimi.requests[request]?.body.toString() ?? '{"messages":[]}').messages;
  /** What the call of a step gave. */
  const said = (step: number) => messagesOf(step).findLast(({ role }) => role === 'tool')?.content ?? '';
  const api = () => path.join(world.repo, 'packages/api');
  const delegate = (more: Record<string, unknown> = {}, text = 'Mend src/a.txt.') =>
    world.server.call('implement_feature', { ...task({ repo: api() }, BRANCH, more), task_spec: text });

  it('commands, checks and the paths of all tools begin there, and the rest of the repository is at hand', async () => {
    await open([
      run('pwd; cat src/a.txt; git status --short'),
      read('src/a.txt'),
      read('../web/src/a.txt'),
      read('packages/api/src/a.txt'),
      tool('list_files', {}),
      tool('list_files', { path: '../..', glob: '*.txt' }),
      tool('search', { pattern: 'of the' }),
      tool('search', { pattern: 'of the', glob: 'src/*.txt' }),
      tool('search', { pattern: 'of the', glob: '../web/**' }),
      tool('edit_file', { path: 'src/a.txt', edits: [{ old_text: 'of the api', new_text: 'of the API' }] }),
      write('made/new.txt', 'new\n'),
      write('../shared.txt', 'shared\n'),
      tool('run_command', { command: 'pwd', cwd: '..' }),
      write('../../../out.txt', 'out\n'),
      finish(),
    ]);
    const report = await delegate({ checks: ['cat src/a.txt made/new.txt'], scope: ['src/**', 'made', 'packages/shared.txt'] });
    assert.match(said(1), new RegExp(`${api()}\nof the api`));
    assert.match(said(2), /of the api/);
    assert.match(said(3), /of the web/);
    assert.match(said(4), /packages\/api\/src\/a\.txt does not exist.*Did you mean src\/a\.txt/s);
    assert.deepEqual(said(5).split('\n').slice(0, 2), ['4 files in .:', 'AGENTS.md']);
    assert.match(said(5), /^src\/a\.txt$/m);
    for (const file of ['src/a.txt', '../web/src/a.txt', '../../src/a.txt']) assert.ok(said(6).split('\n').includes(file), said(6));
    for (const file of ['src/a.txt', '../web/src/a.txt', '../../src/a.txt']) assert.match(said(7), new RegExp(`^${file}:1:`, 'm'));
    assert.match(said(8), /^src\/a\.txt:1: of the api$/);
    assert.match(said(9), /^\.\.\/web\/src\/a\.txt:1: of the web$/);
    assert.match(said(11), /Created made\/new\.txt/);
    assert.match(said(12), /Created \.\.\/shared\.txt/);
    assert.match(said(13), new RegExp(`\n${path.dirname(api())}\n?$`));
    assert.match(said(14), /leads out of the repository/);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /^folder: packages\/api/m);
    assert.match(report, /exit 1 then pass/);
    assert.match(report, /all in scope/);
    assert.equal(
      world.git('diff', '--name-only', `main..${BRANCH}`),
      'packages/api/made/new.txt\npackages/api/src/a.txt\npackages/shared.txt',
    );
  });

  it('the first message says so, and shows the scripts, the rules and the files of the folder', async () => {
    await open([finish()]);
    await delegate({ checks: ['npm test'] });
    const messages = messagesOf(0);
    const first = messages.at(-1)?.content ?? '';
    assert.match(messages[0]?.content ?? '', new RegExp(`Commands start in ${api()}, the folder that the task is about`));
    assert.match(first, /# Folder\nThe task was given for the folder packages\/api of the repository\..*\.\.\/\.\. is the root/);
    assert.match(first, /Scripts of package\.json \(npm run NAME\):\n {2}test: echo API\n {2}and only-api\n/);
    assert.match(first, /In the folder: Makefile/);
    assert.ok(first.includes('Rules of the API.') && first.includes('Rules of the root.'));
    assert.match(first, /src\/a\.txt.*\n.*of the api/);
  });

  it('the next attempt and a resume stay there, also when they are called for the root', async () => {
    await open([run('pwd; echo 1 > one.txt'), finish(), run('pwd; ls'), finish()]);
    await delegate();
    const report = await world.server.call('implement_feature', task(world, BRANCH, { task_spec: 'Once more.' }));
    assert.match(said(3), new RegExp(`\n${api()}\n`));
    assert.match(report, /^folder: packages\/api/m);
  });

  it('a folder that git does not carry: commands begin in the one around it', async () => {
    await open([run('pwd'), finish()]);
    mkdirSync(path.join(api(), 'empty/new'), { recursive: true });
    writeIn(api(), 'debug.log', 'ignored\n');
    await world.server.call('implement_feature', task({ repo: path.join(api(), 'empty/new') }, BRANCH));
    assert.match(said(1), new RegExp(`\n${api()}$`));
  });
});
