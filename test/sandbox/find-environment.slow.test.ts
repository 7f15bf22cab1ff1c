/** An activated environment gives the same programs inside as outside, wherever it lies. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findActive } from '../../src/sandbox/find-environment.ts';
import { findCaches, findInstalled } from '../../src/sandbox/find-lent.ts';
import { openWithoutWall } from '../../src/sandbox/open-without-wall.ts';
import { removeTree } from '../../src/workspace/remove-tree.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const ASK =
  'command -v python pytest; python -c "import sys; print(sys.prefix, sys.prefix != sys.base_prefix)"; pytest; echo "$VIRTUAL_ENV $CONDA_PREFIX"';

describe('an activated environment', () => {
  let world: SandboxWorld;
  let layers: string;
  beforeEach(() => {
    world = makeSandboxWorld();
    layers = join(world.state, 'delegations/1/layers');
  });
  afterEach(() => {
    removeTree(layers);
    world.remove();
  });

  function makeEnvironment(folder: string): void {
    execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', folder], { env: { PATH: '/usr/bin:/bin' } });
    writeFileSync(join(folder, 'bin/pytest'), `#!${folder}/bin/python\nprint('its own pytest')\n`, { mode: 0o755 });
  }
  const activated = (folder: string, variable = 'VIRTUAL_ENV') => ({
    ...Object.fromEntries(Object.entries(world.spec.env).filter(([name]) => name !== 'VIRTUAL_ENV' && name !== 'CONDA_PREFIX')),
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    [variable]: folder,
  });
  /** What the command prints outside, and inside with what is lent for such a user. */
  async function both(folder: string, { variable = 'VIRTUAL_ENV', paths = ['setup.py'], command = ASK } = {}) {
    const env = activated(folder, variable);
    const outside = execFileSync('/bin/bash', ['-c', `exec 2>&1; ${command}`], { cwd: world.checkout, env: { ...env }, encoding: 'utf8' });
    const user = { env, mountAt: world.checkout, hidden: world.spec.hidden };
    const found = [...findInstalled(world.checkout, paths), ...findCaches(user, paths)];
    const lent = [...found, ...findActive(user, paths, found)];
    const sandbox = await openOrFail({ ...world.spec, env, layers, lent });
    const inside = await runIn(sandbox, world, command);
    await sandbox.close();
    return { outside, inside: inside.head, lent };
  }

  for (const [where, place] of [
    ['in the checkout', 'project/.venv'],
    ['of direnv', 'project/.direnv/python-3'],
    ['of virtualenvwrapper', '.virtualenvs/app'],
    ['anywhere in the home', 'work/envs/app'],
  ] as const) {
    it(`comes first, with python and pytest as outside: ${where}`, async () => {
      const folder = join(world.home, place);
      makeEnvironment(folder);
      const { outside, inside } = await both(folder);
      assert.match(outside, /its own pytest/);
      assert.equal(inside, outside);
    });
  }

  it('comes first as a copy, where nothing can be mounted', async () => {
    const folder = join(world.checkout, '.venv');
    makeEnvironment(folder);
    writeFileSync(join(folder, 'bin/own'), '#!/bin/sh\necho its own program\n', { mode: 0o755 });
    const sandbox = openWithoutWall(
      { ...world.spec, env: activated(folder), lent: findInstalled(world.checkout, ['setup.py']) },
      'container',
    );
    const { head } = await runIn(sandbox, world, 'own; python -c "import sys; print(sys.prefix)"; echo $VIRTUAL_ENV');
    await sandbox.close();
    const at = join(world.spec.workspace, '.venv');
    assert.equal(head, `its own program\n${at}\n${at}\n`);
  });

  it('of conda comes first as well, and shows no token of its settings', async () => {
    const folder = join(world.home, 'work/conda');
    makeEnvironment(folder);
    rmSync(join(folder, 'pyvenv.cfg'));
    for (const [file, text] of [
      ['conda-meta/history', ''],
      ['conda-meta/state', '{"env_vars":{"TOKEN":"s3cret"}}'],
      ['pip.conf', 'password = s3cret'],
    ] as const) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const { outside, inside } = await both(folder, { variable: 'CONDA_PREFIX', command: 'command -v python; echo $CONDA_PREFIX' });
    assert.equal(inside, outside);
    const read = await both(folder, { variable: 'CONDA_PREFIX', command: `cat ${folder}/pip.conf ${folder}/conda-meta/state; true` });
    assert.match(read.outside, /s3cret/);
    assert.doesNotMatch(read.inside, /s3cret/);
  });

  it('behind a link works by both names', async () => {
    const folder = join(world.home, 'work/real');
    makeEnvironment(folder);
    symlinkSync(folder, join(world.checkout, '.venv'));
    const { outside, inside } = await both(join(world.checkout, '.venv'), { command: 'command -v pytest; pytest; echo $VIRTUAL_ENV' });
    assert.match(outside, /its own pytest/);
    assert.equal(inside, outside);
  });

  it('is not lent where the repository has one of its own, nor where the variable names something else', async () => {
    const folder = join(world.checkout, '.venv');
    makeEnvironment(folder);
    mkdirSync(join(world.spec.workspace, '.venv/bin'), { recursive: true });
    writeFileSync(join(world.spec.workspace, '.venv/bin/pytest'), '#!/bin/sh\necho evil\n', { mode: 0o755 });
    const carried = await both(folder, { paths: ['setup.py', '.venv/bin/pytest'], command: 'pytest || true' });
    assert.deepEqual(carried.lent, []);
    assert.doesNotMatch(carried.inside, /evil|own/);
    const laid = await both(folder, { command: 'pytest || true' });
    assert.doesNotMatch(laid.inside, /evil|own/, 'a branch that brings programs in its place brings none for checks');
    const user = { mountAt: world.checkout, hidden: world.spec.hidden };
    for (const other of [world.home, '/', join(world.home, '.ssh'), world.state, 'relative', ''])
      assert.deepEqual(findActive({ ...user, env: { HOME: world.home, VIRTUAL_ENV: other } }, [], []), [], other);
  });
});
