/** Installed dependencies where nothing can be mounted: by copies of which no command can change the user's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { lendCopies } from '../../src/sandbox/lend-copies.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { until } from '../until.ts';
import { machine } from './played-machine.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const CONTAINER = machine({ '/.dockerenv': '' });
const never = new AbortController().signal;

describe('copies of installed dependencies', () => {
  let world: SandboxWorld;
  let host: string;
  beforeEach(() => {
    world = makeSandboxWorld();
    host = join(world.checkout, 'node_modules');
    mkdirSync(join(host, '.bin'), { recursive: true });
    mkdirSync(join(host, 'tool'));
    writeFileSync(join(host, 'tool/run.js'), '#!/bin/sh\necho tool\n', { mode: 0o755 });
    symlinkSync('../tool/run.js', join(host, '.bin/tool'));
    symlinkSync('../../packages/a', join(host, 'workspace-a'));
  });
  afterEach(() => world.remove());
  const spec = (at = 'node_modules', from = host) => ({ ...world.spec, lent: [{ at: join(world.spec.mountAt, at), from: [from] }] });
  const at = (...parts: string[]) => join(world.spec.workspace, ...parts);

  it('are made before the first command, once, and change nothing of the user whatever a command does', async () => {
    const before = await fingerprint(world.checkout, []);
    const sandbox = await openOrFail({ ...spec(), mode: 'container' }, { machine: CONTAINER, searchDirs: [] });
    assert.equal((await runIn(sandbox, world, 'node_modules/.bin/tool && echo changed > node_modules/tool/run.js')).head, 'tool\n');
    assert.equal((await runIn(sandbox, world, 'cat node_modules/tool/run.js; rm -rf node_modules/tool')).head, 'changed\n');
    await sandbox.close();
    assert.deepEqual(await fingerprint(world.checkout, []), before);
    assert.equal(readlinkSync(at('node_modules/workspace-a')), '../../packages/a');
    const again = await openOrFail({ ...spec(), mode: 'container' }, { machine: CONTAINER, searchDirs: [] });
    assert.equal((await runIn(again, world, 'ls node_modules')).head, 'workspace-a\n', 'a second run keeps what the first one made');
    await again.close();
  });

  it('stay out of commits, also where the repository does not ignore them', async () => {
    for (const [index, rules] of ['', 'dist\n', '*\n'].entries()) {
      const from = join(world.checkout, `venv${index}`);
      mkdirSync(from);
      writeFileSync(join(from, 'lib.py'), '');
      if (rules) writeFileSync(join(from, '.gitignore'), rules);
      assert.equal(await lendCopies(spec(`sub [x]/venv${index}`, from))(never), '');
      assert.ok(existsSync(at(`sub [x]/venv${index}/lib.py`)));
    }
    const status = execFileSync('git', [
      '--git-dir',
      world.spec.gitDir,
      '--work-tree',
      world.spec.workspace,
      'status',
      '--porcelain',
      '-uall',
    ]);
    assert.equal(status.toString(), '');
  });

  it('have their list of ignored files written through no link, and wait for no pipe in its place', async () => {
    writeFileSync(join(world.checkout, 'mine'), 'mine\n');
    for (const lay of [
      () => symlinkSync(join(world.checkout, 'mine'), join(host, '.gitignore')),
      () => execFileSync('mkfifo', [join(host, '.gitignore')]),
    ]) {
      rmSync(join(host, '.gitignore'), { force: true });
      rmSync(at('node_modules'), { recursive: true, force: true });
      lay();
      assert.equal(await lendCopies(spec())(never), '');
      assert.equal(readFileSync(join(world.checkout, 'mine'), 'utf8'), 'mine\n');
      assert.equal(readFileSync(at('node_modules/.gitignore'), 'utf8'), '\n*\n');
    }
  });

  it('are whole or not there when they are cancelled, and the next command makes them', async () => {
    for (let number = 0; number < 3000; number++) writeFileSync(join(host, 'tool', `file-${number}`), 'text');
    const lend = lendCopies(spec());
    const stopped = new AbortController();
    const first = lend(stopped.signal);
    await until('the copying', () => existsSync(join(world.spec.gitDir, 'sandbox-copy')));
    stopped.abort();
    assert.equal(await first, '');
    assert.ok([0, readdirSync(host).length + 1].includes(readdirSync(at('node_modules')).length));
    assert.ok(!existsSync(join(world.spec.gitDir, 'sandbox-copy')));
    const both = [lend(never), lend(never)];
    assert.deepEqual(await Promise.all(both), ['', '']);
    assert.ok(existsSync(at('node_modules/tool/run.js')));
  });

  it('leave alone what stands there, and go through no link', async () => {
    mkdirSync(at('node_modules'));
    writeFileSync(at('node_modules/mine'), '');
    assert.equal(await lendCopies(spec())(never), '');
    assert.deepEqual(readdirSync(at('node_modules')), ['mine']);
    symlinkSync(world.home, at('out'));
    assert.equal(await lendCopies(spec('out/node_modules'))(never), '');
    assert.ok(!existsSync(join(world.home, 'node_modules')));
    // The user's own folder, behind a link that the repository brought
    symlinkSync(world.home, join(world.checkout, 'evil'));
    assert.equal(await lendCopies(spec('copied', join(world.checkout, 'evil/.ssh')))(never), '');
    assert.equal(lstatSync(at('copied'), { throwIfNoEntry: false }), undefined);
  });

  it('say what is missing, and keep the rest', async () => {
    const gone = lendCopies({ ...spec(), gitDir: '/proc' });
    assert.match(
      await gone(never),
      /^\[the installed dependencies in node_modules are not whole here \(.+\): install what is missing\]\n$/,
    );
    if (process.getuid?.() === 0) return; // who may read everything
    writeFileSync(join(host, 'unreadable'), '');
    chmodSync(join(host, 'unreadable'), 0);
    assert.match(await lendCopies(spec())(never), /Permission denied/);
    assert.equal(readFileSync(at('node_modules/tool/run.js'), 'utf8').split('\n')[1], 'echo tool');
  });
});
