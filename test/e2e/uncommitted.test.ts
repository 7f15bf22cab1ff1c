import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { RequestRecord } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, commit, delegate, makeDirty, SCRIPT, STATES } from './checkouts.ts';
import { finish, gitIn, makeWorld, run, type ServerOptions, task, type World, write, writeIn } from './world.ts';

describe('uncommitted work', () => {
  let world: World;
  const open = async (options: ServerOptions & { name?: string } = {}, script: Parameters<typeof makeWorld>[0] = SCRIPT) => {
    world = await makeWorld(script, options);
  };
  afterEach(() => world.close());
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  it('is not seen by the worker, and the report says so', async () => {
    await open();
    makeDirty(world.repo);
    const report = await delegate(world);
    assert.match(report, /^not seen by the worker: 4 uncommitted files \(README\.md, notes\.md, src\/greet\.txt, src\/other\.txt\)$/m);
    assert.match(textOf(world.kimi.requests[2]), /done\\nhello\\n/);
  });

  for (const [name, prepare] of Object.entries({
    dirty: STATES.dirty,
    staged: STATES.staged,
    'in a sparse checkout': STATES['a sparse checkout'],
    'in a linked worktree': STATES['a linked worktree'],
  })) {
    it(`can be included: ${name}`, async () => {
      await open();
      const place = prepare?.(world) ?? {};
      const at = place.at ?? place.root ?? world.repo;
      if (name === 'in a sparse checkout') writeIn(at, 'docs/new.md', 'new\n');
      const report = await delegate(world, place, { include_uncommitted: true });
      assert.match(report, /base: .* with the uncommitted changes\)/);
      assert.ok(!report.includes('not seen by the worker'));
      assert.match(report, /^files: 1, \+1 -0/m, "the user's own changes are not in the diff");
      for (const file of gitIn(at, 'ls-files', '--others', '--modified', '--exclude-standard').split('\n')) {
        const onDisk = existsSync(path.join(at, file)) ? readFileSync(path.join(at, file), 'utf8').trimEnd() : null;
        const inBase = gitIn(at, 'ls-tree', '-r', '--name-only', BRANCH, '--', file) ? gitIn(at, 'show', `${BRANCH}:${file}`) : null;
        if (name !== 'in a sparse checkout' || onDisk !== null) assert.equal(inBase, onDisk, file);
      }
      if (name === 'in a sparse checkout')
        assert.equal(gitIn(at, 'show', `${BRANCH}:src/greet.txt`), 'hello', 'what is not checked out stays');
    });
  }

  it('takes nothing of this program along, where its state lies in the checkout', async () => {
    await open({}, [run('cat state/windows/*.json state/*.cache a.cache; ls -a'), write('done.txt', 'done\n'), finish()]);
    const state = path.join(world.repo, 'state');
    writeIn(world.repo, 'state/.env', 'KIMI_BUDGET=3\n');
    writeIn(world.repo, 'state/windows/1.json', '{"secret": "of-a-window"}\n');
    for (const file of ['state/notes.cache', 'a.cache']) writeIn(world.repo, file, `lent ${file}\n`);
    writeIn(world.repo, '.worktreeinclude', '*.cache\n');
    writeIn(world.repo, '.git/info/exclude', '*.cache\n');
    const server = await world.another({ env: { CLAUDE_KIMI_HOME: state } });
    const report = await server.call('implement_feature', task(world, BRANCH, { include_uncommitted: true }));
    assert.match(report, /with the uncommitted changes/);
    assert.deepEqual(world.git('ls-tree', '-r', '--name-only', BRANCH).split('\n').sort(), [
      '.gitignore',
      '.worktreeinclude',
      'README.md',
      'done.txt',
      'src/greet.txt',
      'src/other.txt',
    ]);
    const sent = textOf(world.kimi.requests.at(-1));
    assert.match(sent, /lent a\.cache/);
    assert.doesNotMatch(sent, /of-a-window|lent state/);
  });

  it('refuses a task that names it, and offers both ways out', async () => {
    await open();
    makeDirty(world.repo);
    const call = (text: string, more = {}) => world.server.call('implement_feature', task(world, BRANCH, { task_spec: text, ...more }));
    for (const text of ['Change src/greet.txt: say goodbye.', 'See "notes.md" for the plan.', 'It breaks at src/greet.txt:3.']) {
      const report = await call(text);
      assert.equal(field(report, 'outcome'), 'invalid_request', text);
      assert.match(field(report, 'reason') ?? '', /uncommitted changes.*(src\/greet\.txt|notes\.md)\. Commit.*include_uncommitted: true/);
    }
    assert.equal(world.kimi.requests.length, 0);
    assert.equal(field(await call('Change src/greet.txt: say goodbye.', { include_uncommitted: true }), 'outcome'), 'unverified');
  });

  it('that the base holds is known to later attempts too: it can be named, and nothing is said to be unseen', async () => {
    await open({}, ({ step }) => SCRIPT[step] ?? finish());
    makeDirty(world.repo);
    const call = (text: string, more = {}) => world.server.call('implement_feature', task(world, BRANCH, { task_spec: text, ...more }));
    await call('Write done.txt.', { include_uncommitted: true });
    for (const more of [{}, { include_uncommitted: true }]) {
      world.write('later.txt', 'later\n');
      rmSync(path.join(world.repo, 'later.txt'));
      const report = await call(`It belongs into src/greet.txt (${JSON.stringify(more)}).`, more);
      assert.notEqual(field(report, 'outcome'), 'invalid_request', report);
      assert.ok(!report.includes('not seen by the worker'), report);
      world.git('branch', '-D', BRANCH);
      await call('Write done.txt.', { include_uncommitted: true });
    }
  });

  it('that cannot be included is refused, never left out without a word', async () => {
    await open({}, ({ step }) => SCRIPT[step] ?? finish());
    world.git('tag', 'v1');
    commit(world.repo, 'src/more.txt', 'more\n');
    world.git('branch', 'feature/old', 'v1');
    makeDirty(world.repo);
    const call = (branch: string, more = {}) => world.server.call('implement_feature', task(world, branch, more));
    const all = { include_uncommitted: true };
    for (const [branch, more] of [
      ['feature/new', { base: 'v1' }],
      ['feature/old', {}],
    ] as const) {
      const report = await call(branch, { ...all, ...more });
      assert.equal(field(report, 'outcome'), 'invalid_request', report);
      assert.match(
        field(report, 'reason') ?? '',
        /only for work that begins at HEAD.*would not see README\.md, notes\.md, src\/greet\.txt/,
      );
    }
    assert.equal(world.kimi.requests.length, 0);

    assert.equal(field(await call(BRANCH, all), 'outcome'), 'unverified');
    world.write('src/greet.txt', 'changed once more\n');
    const feedback = { task_spec: 'Better, please.' };
    const refused = await call(BRANCH, { ...all, ...feedback });
    assert.equal(field(refused, 'outcome'), 'invalid_request', refused);
    assert.match(field(refused, 'reason') ?? '', /would not see src\/greet\.txt\. Call again without it/);
    const named = await call(BRANCH, { task_spec: 'Better in src/greet.txt.' });
    assert.match(field(named, 'reason') ?? '', /names files with uncommitted changes.*: src\/greet\.txt\. Commit or stash them/);
    assert.match(await call(BRANCH, feedback), /^not seen by the worker: 1 uncommitted file \(src\/greet\.txt\)$/m);
  });

  it('that an attempt began without is not taken in by a resume: the report says so', async () => {
    await open({}, ({ index }) => [write('done.txt', 'done\n'), { fault: '429_quota' as const }, finish()][index] ?? finish());
    makeDirty(world.repo);
    const call = (more = {}) => world.server.call('implement_feature', task(world, BRANCH, more));
    assert.equal(field(await call({ checks: ['true'] }), 'outcome'), 'quota_exhausted');
    const report = await call({ checks: ['true'], include_uncommitted: true });
    assert.equal(field(report, 'outcome'), 'needs_review', report);
    assert.match(report, /! include_uncommitted came too late/);
    assert.match(report, /^not seen by the worker: 4 uncommitted files/m);
  });

  it('does not refuse a task that names only what is committed', async () => {
    await open();
    makeDirty(world.repo);
    world.git('checkout', '--', 'README.md');
    const report = await world.server.call('implement_feature', task(world, BRANCH, { task_spec: 'Describe it in README.md.' }));
    assert.equal(field(report, 'outcome'), 'unverified', report);
  });
});
