import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

const BRANCH = 'feature/kept';
const STALL: Turn = { fault: 'stall_before_headers' };

/**
 * What can happen to the disk below an attempt, at each moment when it writes: a defined answer, and the same call goes on with the work
 * when the disk is well again.
 */
describe('nothing is lost', function () {
  this.timeout(60_000);
  let world: World;
  const mounts: string[] = [];
  afterEach(async () => {
    for (const mount of mounts.splice(0).reverse()) spawnSync('umount', ['-l', mount]);
    await world.close();
  });

  const call = (more: Record<string, unknown> = {}) => world.server.call('implement_feature', task(world, BRANCH, more));
  const where = () => ({ repo_path: world.repo, branch_name: BRANCH });
  const delegation = () => {
    const all = path.join(world.state, 'delegations');
    return path.join(all, readdirSync(all)[0]!);
  };
  const attempt = (file: string) => path.join(delegation(), 'attempts/001', file);
  /** Makes a folder a disk of its own, with what is in it. Only root may. */
  function mount(context: Mocha.Context, folder: string, size: string): void {
    const aside = `${folder}.aside`;
    cpSync(folder, aside, { recursive: true, verbatimSymlinks: true });
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', folder]).status !== 0) context.skip();
    mounts.push(folder);
    cpSync(aside, folder, { recursive: true, verbatimSymlinks: true });
    rmSync(aside, { recursive: true });
  }
  const filler = (folder: string) => path.join(folder, 'filler');
  function fill(folder: string, leave = 0): void {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(filler(folder), Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  }
  async function isKept(requests: number): Promise<void> {
    const report = await call();
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    assert.equal(world.kimi.requests.length, requests, 'what was answered is not asked again');
    world.git('fsck', '--no-dangling');
  }

  describe('when the disk of the repository', () => {
    const objects = () => path.join(world.repo, '.git/objects');
    for (const [what, breaks, mends, code, reason] of [
      ['is full', () => fill(objects()), () => rmSync(filler(objects())), 'storage_error', /no room left on the disk of .*repo/],
      [
        'becomes read-only',
        () => execFileSync('mount', ['-o', 'remount,ro', objects()]),
        () => execFileSync('mount', ['-o', 'remount,rw', objects()]),
        'storage_error',
        /is on a file system that cannot be written/,
      ],
    ] as const)
      it(`${what} at the import`, async function () {
        world = await makeWorld(({ index }) => {
          if (index === 1) breaks();
          return [write('done.txt', 'done\n')][index] ?? finish();
        });
        mount(this, objects(), '1m');
        const report = await call();
        assert.equal(field(report, 'outcome'), code, report);
        assert.match(field(report, 'reason') ?? '', reason);
        assert.equal(world.git('branch', '--list', BRANCH), '');
        mends();
        await isKept(2);
      });

    it('is read-only from the beginning: nothing is spent', async function () {
      world = await makeWorld([write('done.txt', 'done\n'), finish()]);
      mount(this, objects(), '1m');
      execFileSync('mount', ['-o', 'remount,ro', objects()]);
      const report = await call();
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      assert.match(field(report, 'reason') ?? '', /is on a file system that cannot be written/);
      assert.equal(world.kimi.requests.length, 0);
      execFileSync('mount', ['-o', 'remount,rw', objects()]);
      await isKept(2);
    });
  });

  describe('when the disk of the state directory is full', () => {
    for (const size of ['128k', '256k', '512k'])
      it(`from the beginning, of ${size}: it is told, and is no worker that changed nothing`, async function () {
        world = await makeWorld([write('done.txt', 'done\n'), finish('I could not.'), write('done.txt', 'done\n'), finish()]);
        mkdirSync(world.state, { recursive: true, mode: 0o700 });
        mount(this, world.state, size);
        const report = await call();
        assert.equal(field(report, 'outcome'), 'storage_error', report);
        execFileSync('mount', ['-o', 'remount,size=8m', world.state]);
        const again = await call();
        assert.equal(field(again, 'outcome'), 'unverified', again);
        assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
      });

    it('at a checkpoint: the work goes on from the one before', async function () {
      world = await makeWorld(
        ({ index }) => {
          if (index === 2) fill(world.state, 300_000);
          if (index === 4) rmSync(filler(world.state), { force: true });
          return (
            [write('done.txt', 'done\n'), run('head -c 900000 /dev/urandom > large.bin'), finish(), run('rm -f large.bin')][index] ??
            finish()
          );
        },
        { kimi: { thinkMs: 300 } },
      );
      mkdirSync(world.state, { recursive: true, mode: 0o700 });
      mount(this, world.state, '4m');
      const report = await call();
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      rmSync(filler(world.state), { force: true });
      const again = await call();
      assert.equal(field(again, 'outcome'), 'unverified', again);
      assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
      assert.match(String(world.kimi.requests[3]?.body), /done\.txt/, 'it knows what it did');
    });

    it('at the journal: what was written before stands, and the same call goes on', async function () {
      world = await makeWorld(
        ({ index }) => {
          if (index === 2) fill(world.state);
          return [write('done.txt', 'done\n'), run('cat done.txt'), run('true'), finish()][index] ?? finish();
        },
        { kimi: { thinkMs: 300 } },
      );
      mkdirSync(world.state, { recursive: true, mode: 0o700 });
      mount(this, world.state, '4m');
      const report = await call();
      assert.equal(field(report, 'outcome'), 'storage_error', report);
      assert.match(field(report, 'notice_for_user') ?? '', /The state directory .* must be writable and have room/);
      rmSync(filler(world.state), { force: true });
      const again = await call();
      assert.equal(field(again, 'outcome'), 'unverified', again);
      assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    });
  });

  /** An attempt that was cancelled when done.txt was written and kept. */
  async function cancelled(): Promise<void> {
    world = await makeWorld([write('done.txt', 'done\n'), STALL, run('cat done.txt'), finish()], { kimi: { thinkMs: 200 } });
    const running = call();
    await world.kimi.arrived(2);
    await world.server.call('cancel_delegation', where());
    assert.equal(field(await running, 'outcome'), 'cancelled');
  }

  describe('when somebody removed', () => {
    it('the working tree', async () => {
      await cancelled();
      rmSync(path.join(delegation(), 'ws'), { recursive: true });
      await isKept(4);
    });

    it('the private git dir: it begins again, with what it was asked', async () => {
      await cancelled();
      rmSync(path.join(delegation(), 'git'), { recursive: true });
      const again = await call();
      assert.equal(field(again, 'outcome'), 'no_changes', again); // the scripted model does not write the file again
      assert.match(String(world.kimi.requests[2]?.body), /Write done\.txt/);
      assert.match(world.git('status', '--porcelain'), /^$/);
    });

    it('the result: the journal tells what became of it', async () => {
      world = await makeWorld([write('done.txt', 'done\n'), finish()]);
      await call();
      rmSync(attempt('result.json'));
      await isKept(2);
    });
  });

  describe('when the journal', () => {
    /** Rewrites the lines. */
    const edit = (change: (lines: string[]) => string[]) =>
      writeFileSync(attempt('journal.jsonl'), change(readFileSync(attempt('journal.jsonl'), 'utf8').split('\n')).join('\n'));

    it('has a corrupt line: the attempt goes on from before it, with its own work', async () => {
      await cancelled();
      edit((lines) => lines.flatMap((line) => (line.includes('"type":"checkpoint"') ? [line, `${line.slice(0, 20)}\0\0\0`] : [line])));
      await isKept(4);
    });

    it('has a corrupt line before the first checkpoint: it begins again, with what it was asked', async () => {
      await cancelled();
      edit((lines) => [lines[0]!, '\0'.repeat(40), ...lines.slice(1)]);
      assert.equal(field(await call(), 'outcome'), 'no_changes'); // the scripted model does not write the file again
      assert.match(String(world.kimi.requests[2]?.body), /Write done\.txt/);
    });

    it('has lost its first line: what is on the branch stays, and the next call builds on it', async () => {
      world = await makeWorld([write('done.txt', 'done\n'), finish(), write('more.txt', 'more\n'), finish()]);
      const tip = field(await call(), 'tip') ?? '';
      edit((lines) => ['\0'.repeat(40), ...lines.slice(1)]);
      const again = await call({ task_spec: 'Once more.' });
      assert.equal(field(again, 'outcome'), 'unverified', again);
      assert.equal(world.git('rev-parse', '--short=7', `${BRANCH}~1`), tip);
      assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    });

    it('ends in half a line', async () => {
      await cancelled();
      edit((lines) => [...lines.filter(Boolean), '{"at":1,"type":"chec']);
      await isKept(4);
    });
  });

  describe('when a newer version of the program wrote', () => {
    const SAYS = /was written by a newer version of claude-kimi-mcp \(format 2\).*Nothing was changed/;
    for (const [what, file] of [
      ['which delegation it is', () => path.join(delegation(), 'delegation.json')],
      ['the journal', () => attempt('journal.jsonl')],
      ['the result', () => attempt('result.json')],
    ] as const)
      it(`${what}: it is left alone, by each tool`, async () => {
        world = await makeWorld([write('done.txt', 'done\n'), finish()]);
        const tip = field(await call(), 'tip') ?? '';
        const before = world.git('for-each-ref');
        const [old] = [readFileSync(file(), 'utf8')];
        const text = old.replace(/"version": ?1/, '"version":2').replace('"type":"start","attempt"', '"type":"start","more":1,"attempt"');
        assert.notEqual(text, old);
        writeFileSync(file(), text);
        for (const [tool, args] of [
          ['implement_feature', { task_spec: 'Once more.' }],
          ['resume_delegation', {}],
          ['merge_delegation', { expected_tip: tip }],
          ['discard_delegation', {}],
          ['restore_delegation', {}],
          ['get_delegation', {}],
        ] as const) {
          const answer = await world.server.call(tool, { ...where(), ...args });
          assert.match(field(answer, 'reason') ?? '', SAYS, tool);
          assert.match(answer, /^outcome: (environment_broken|refused)/, tool);
        }
        assert.equal(world.git('for-each-ref'), before);
        assert.equal(readFileSync(file(), 'utf8'), text);
        writeFileSync(file(), old);
        assert.match(await world.server.call('merge_delegation', { ...where(), expected_tip: tip }), /^outcome: merged/);
      });
  });

  it('a repository that moved away: its work is there again when it comes back', async () => {
    await cancelled();
    renameSync(world.repo, `${world.repo}.away`);
    const gone = await call();
    assert.equal(field(gone, 'outcome'), 'invalid_request', gone);
    assert.match(field(gone, 'reason') ?? '', /does not exist/);
    assert.equal(existsSync(delegation()), true);
    renameSync(`${world.repo}.away`, world.repo);
    await isKept(4);
  });
});
