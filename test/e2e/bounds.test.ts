import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, SCRIPT } from './checkouts.ts';
import { finish, gitIn, makeRepository, makeWorld, type ServerOptions, task, type World } from './world.ts';

describe('what a call may work on', () => {
  let world: World;
  const open = async (options: ServerOptions & { name?: string } = {}, script: Parameters<typeof makeWorld>[0] = SCRIPT) => {
    world = await makeWorld(script, options);
  };
  afterEach(() => world.close());

  const ask = async (server: World['server'], repo: string) => {
    const report = await server.call('implement_feature', task({ repo }, BRANCH));
    return [field(report, 'outcome'), field(report, 'reason') ?? ''] as const;
  };
  const refused = async (server: World['server'], repo: string, why: RegExp) => {
    const [outcome, reason] = await ask(server, repo);
    assert.equal(outcome, 'invalid_request', `${repo}: ${reason}`);
    assert.match(reason, why);
  };

  it("repo_path outside of the client's roots, of CLAUDE_PROJECT_DIR or of the server's directory is refused", async () => {
    await open();
    const other = path.join(world.folder, 'other');
    makeRepository(other);
    const outside = /outside of the folders that this client works in \(.*KIMI_DIRECTORIES/;
    await refused(world.server, other, outside);
    await refused(await world.another({ roots: [world.repo], cwd: other }), other, outside);
    await refused(await world.another({ env: { CLAUDE_PROJECT_DIR: world.repo }, cwd: other }), other, outside);
    await refused(await world.another({ cwd: '/' }), other, outside);
    await refused(world.server, path.join(world.repo, '..', 'other'), outside);
    const link = path.join(world.repo, 'link');
    symlinkSync(other, link);
    await refused(world.server, link, outside);
    assert.equal(world.kimi.requests.length, 0);
  });

  it('it is allowed where one of them says so', async () => {
    await open({}, ({ step }) => SCRIPT[step] ?? finish());
    const other = path.join(world.folder, 'other');
    makeRepository(other);
    const server = await world.another({ env: { KIMI_DIRECTORIES: `/nowhere:${world.folder}` } });
    assert.equal((await ask(server, other))[0], 'unverified');
    assert.equal((await ask(await world.another({ roots: [path.join(world.repo, 'src')], cwd: '/' }), world.repo))[0], 'unverified');
  });

  it('what is no working tree with a commit is refused, saying what it is', async () => {
    await open();
    const folder = (name: string) => path.join(world.folder, name);
    mkdirSync(folder('plain'));
    mkdirSync(folder('empty'));
    gitIn(folder('empty'), 'init', '-q');
    gitIn(world.repo, 'clone', '-q', '--bare', world.repo, folder('bare.git'));
    writeFileSync(folder('file'), '');
    const server = await world.another({ roots: [world.folder] });
    await refused(server, folder('plain'), /not in a git repository/);
    await refused(server, folder('empty'), /no commits yet/);
    await refused(server, folder('bare.git'), /bare repository/);
    await refused(server, path.join(world.repo, '.git'), /inside a \.git folder/);
    await refused(server, folder('file'), /is a file/);
    await refused(server, folder('missing'), /does not exist/);
    await refused(server, 'repo', /absolute/);
    assert.equal(world.kimi.requests.length, 0);
    assert.deepEqual(readdirSync(folder('plain')), []);
  });
});
