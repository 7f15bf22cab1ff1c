import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { journals } from './moments.ts';
import { finish, makeWorld, run, task, type World, writeIn } from './world.ts';

const TOKEN = 'tok-5d7e0a91bc42';
const INSTALL = `grep -q ${'authToken'} ~/.corprc && mkdir -p node_modules/dep generated && echo "module.exports = 'installed';" > node_modules/dep/index.js && echo ok > generated/client.txt && echo A=1 > local.cfg`;
const CHECK = `node -e "if (require('dep') !== 'installed') process.exit(1)" && grep -q ok generated/client.txt && test -s local.cfg`;

describe("the user's set-up command", () => {
  let world: World;
  afterEach(() => world.close());

  /** The file of credentials lies in a home that is known only when the world is there, so another server gets the settings. */
  async function open(command: string, scenario: Parameters<typeof makeWorld>[0]) {
    world = await makeWorld(scenario);
    writeIn(world.repo, '.gitignore', 'node_modules\ngenerated/\nlocal.cfg\n.env\n');
    writeIn(world.repo, 'package.json', '{"name":"app"}');
    world.git('add', '-A');
    world.git('commit', '-qm', 'App');
    writeFileSync(path.join(world.home, '.corprc'), `authToken=${TOKEN}\n`);
    return world.another({ env: { KIMI_SETUP_COMMAND: command, KIMI_SETUP_FILES: path.join(world.home, '.corprc') } });
  }
  const setUps = () => journals(world.state).map((lines) => lines.filter(({ type }) => type === 'setup').length);

  it('runs once, before the model is asked; what it made is there for commands and checks, its credentials for nobody', async () => {
    const look = run('cat ~/.corprc; find / -name .corprc 2>/dev/null; ls generated; rm -r node_modules/dep; echo done >> done.txt');
    const server = await open(INSTALL, ({ index }) => (index % 2 === 0 ? look : finish()));
    const report = await server.call('implement_feature', task(world, 'feature/set-up', { checks: [CHECK] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    const [lines = []] = journals(world.state);
    const order = lines.flatMap((line) => (line.type === 'setup' ? [`setup ${line.phase}`] : line.type === 'request' ? ['request'] : []));
    assert.deepEqual(order.slice(0, 3), ['setup start', 'setup end', 'request']);
    const heard = world.kimi.requests.map(({ body }) => body.toString()).join('');
    assert.match(heard, /No such file or directory\\n(\[[^\n]*)?client\.txt/);
    assert.ok(!heard.includes(TOKEN));
    assert.equal(world.git('diff', '--name-only', 'main', 'feature/set-up'), 'done.txt');
    assert.equal(existsSync(path.join(world.repo, 'node_modules')), false);
    const delegations = path.join(world.state, 'delegations');
    const folder = path.join(delegations, readdirSync(delegations)[0]!, 'setup');
    assert.equal(existsSync(path.join(folder, 'tmp')), false);

    const more = { feedback: 'Once more, please.', attempt: 2 };
    const again = await server.call('implement_feature', task(world, 'feature/set-up', { checks: [CHECK], ...more }));
    assert.equal(field(again, 'outcome'), 'ready', again);
    assert.deepEqual(setUps(), [2, 0]);
  });

  it('needs no files of credentials', async () => {
    const settings = {
      KIMI_SETUP_COMMAND: 'mkdir -p node_modules/dep && echo "exports.made = 1" > node_modules/dep/index.js && echo there',
    };
    world = await makeWorld([run('ls -A node_modules; echo done > done.txt'), finish()], { env: settings });
    const report = await world.server.call('implement_feature', task(world, 'feature/plain', { checks: [`node -e "require('dep')"`] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(world.kimi.requests.at(-1)!.body.toString(), /dep/);
    assert.equal(existsSync(path.join(world.repo, 'node_modules')), false);
  });

  it('runs on no work of a model that is not merged, where files of credentials are lent to it: neither from its branch, nor from its commit, nor checked out', async () => {
    const evil = run('printf "cp ~/.corprc local.cfg" > setup.sh');
    const look = run('cat local.cfg; true');
    const server = await open('sh setup.sh', ({ index }) => [evil, finish()][index] ?? (index % 2 === 0 ? look : finish()));
    world.write('setup.sh', 'echo HARMLESS > local.cfg\n');
    world.git('add', '-A');
    world.git('commit', '-qm', 'Set-up');
    await server.call('implement_feature', task(world, 'feature/first'));
    const heard = () => world.kimi.requests.map(({ body }) => body.toString()).join('');
    const from = async (name: string, base: string) => {
      const before = world.kimi.requests.length;
      const report = await server.call('implement_feature', task(world, name, { base }));
      const now = world.kimi.requests.slice(before).map(({ body }) => body.toString());
      return { report, now: now.join('') };
    };
    for (const [name, base] of [
      ['feature/second', 'feature/first'],
      ['feature/third', world.git('rev-parse', 'feature/first')],
    ] as const) {
      const { report, now } = await from(name, base);
      assert.match(now, /HARMLESS/);
      assert.match(report, /the set-up command ran on [0-9a-f]{7}: what came after it is work of a model that is not merged/);
    }
    world.git('checkout', '-q', 'feature/first');
    assert.match((await from('feature/fourth', 'HEAD')).now, /HARMLESS/);
    assert.ok(!heard().includes(TOKEN));
    world.git('checkout', '-q', 'main');
    world.git('merge', '-q', 'feature/first');
    const merged = await from('feature/fifth', 'HEAD');
    assert.doesNotMatch(merged.report, /the set-up command ran on/);
  });

  it('runs again where its note was cut by a machine that went down', async () => {
    const server = await open(INSTALL, ({ index }) => (index % 2 === 0 ? run('echo done >> done.txt') : finish()));
    const call = (more: Record<string, unknown>) =>
      server.call('implement_feature', task(world, 'feature/cut', { checks: [CHECK], ...more }));
    assert.equal(field(await call({}), 'outcome'), 'ready');
    const delegations = path.join(world.state, 'delegations');
    writeFileSync(path.join(delegations, readdirSync(delegations)[0]!, 'setup/done.json'), '{"key":"');
    const again = await call({ feedback: 'Once more, please.', attempt: 2 });
    assert.equal(field(again, 'outcome'), 'ready', again);
    assert.deepEqual(setUps(), [2, 2]);
  });

  it('stops the attempt where it fails, before anything is asked, and says why without what its files hold', async () => {
    const server = await open('cat ~/.corprc; echo "cannot install"; exit 3', [finish()]);
    const report = await server.call('implement_feature', task(world, 'feature/failing'));
    assert.equal(field(report, 'outcome'), 'environment_broken', report);
    assert.match(report, /set-up command of your settings failed \(exit 3\)[\s\S]*cannot install[\s\S]*KIMI_SETUP_COMMAND/);
    assert.ok(!report.includes(TOKEN), report);
    assert.equal(world.kimi.requests.length, 0);
  });

  it('needs the files that its setting names, and is none of a repository', async () => {
    const server = await open('true', [run('ls -A ~ evil'), finish()]);
    const other = await world.another({ env: { KIMI_SETUP_COMMAND: 'true', KIMI_SETUP_FILES: '/etc/hostname' } });
    assert.match(await other.call('implement_feature', task(world, 'feature/outside')), /\/etc\/hostname of the setting setupFiles/);
    writeIn(world.repo, '.env', 'KIMI_SETUP_COMMAND=touch evil\n');
    await world.server.call('implement_feature', task(world, 'feature/none'));
    await server.close();
    assert.deepEqual(setUps().toSorted(), [0, 2]);
  });
});
