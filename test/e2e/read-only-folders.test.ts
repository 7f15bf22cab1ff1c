import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { asOrdinaryUser } from '../fakes/ordinary-user.ts';
import { english } from '../messages/english.ts';
import { until } from '../until.ts';
import { journals, killServer } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** Leaves a folder as Go leaves its module cache. Root could remove it anyway, so the server runs as an ordinary user. */
const cacheIn = (folder: string) =>
  `{ test -e ${folder} || { mkdir -p ${folder}/mod && echo x > ${folder}/mod/x.go && chmod -R a-w ${folder}; }; }`;

describe('read-only folders that commands leave behind', () => {
  let world: World;
  let before: readonly string[];
  function prepare(this: Mocha.Context) {
    const user = asOrdinaryUser();
    if (!user) return this.skip();
    before = user;
  }
  const call = (more: Record<string, unknown> = {}) => world.server.call('implement_feature', task(world, 'feature/go', more));
  const delegation = () => {
    const all = path.join(world.state, 'delegations');
    return path.join(all, (existsSync(all) && readdirSync(all)[0]) || 'none');
  };
  const modeOf = (file: string) => (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
  const leftIn = () => readdirSync(delegation()).sort();

  beforeEach(prepare);
  afterEach(() => world?.close());

  it('of a command and of a check: the work ends well, and nothing of them stays', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run(cacheIn('/tmp/go')), finish()], { before });
    const checks = [`${cacheIn('/tmp/cache')} && ${cacheIn('cache')} && grep done done.txt`];
    const report = await call({ checks });
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(world.git('show', 'feature/go:done.txt'), 'done');
    assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
    await until('nothing but the record', () => leftIn().join(' ') === 'attempts delegation.json git leases');
  });

  it('in the workspace: a resume undoes them, and a discard removes them', async () => {
    const left = 'mkdir kept; echo x > kept/x; chmod 555 kept';
    world = await makeWorld(
      ({ index }) =>
        [
          run(`echo done > done.txt; ${cacheIn('cache.log')}`),
          run(`${left}; sleep 300`),
          run('test ! -e kept && echo it is gone'),
          finish(),
        ][index] ?? finish(),
      { before, kimi: { thinkMs: 150 } },
    );
    const doomed = await world.another();
    const lost = doomed.call('implement_feature', task(world, 'feature/go')).catch(() => {});
    await until('the read-only folder', () => existsSync(delegation()) && modeOf(path.join(delegation(), 'ws', 'kept')) === 0o555);
    await killServer(doomed);
    await lost;
    const report = await call();
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(world.kimi.requests[3]?.body.toString() ?? '', /it is gone/);
    const where = { repo_path: world.repo, branch_name: 'feature/go' };
    assert.match(await world.server.call('discard_delegation', where), /^outcome: discarded/);
    assert.ok(!leftIn().includes('ws'));
  });

  it('what cannot be removed at all is a note in the journal, and the work is handed back', async function () {
    if (before.length === 0) return this.skip(); // it takes root to make what an ordinary user cannot remove
    world = await makeWorld(
      ({ step }) => {
        if (step === 1) mkdirSync(path.join(delegation(), 'tmp', 'foreign', 'inner'), { recursive: true });
        return [write('done.txt', 'done\n'), run('true'), finish()][step] ?? finish();
      },
      { before },
    );
    assert.equal(field(await call(), 'outcome'), 'unverified');
    assert.equal(world.git('show', 'feature/go:done.txt'), 'done');
    const notes = journals(world.state)[0]?.flatMap((line) => (line.type === 'notice' ? [english(line.text)] : []));
    assert.match(notes?.join('\n') ?? '', /^cleaning up: E\w+.*\/tmp/m);
    assert.equal(field(await call({ task_spec: 'Once more.' }), 'outcome'), 'no_changes', 'the next attempt is not disturbed');
  });
});
