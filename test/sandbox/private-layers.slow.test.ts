import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { layerOver } from '../../src/sandbox/private-layers.ts';
import type { LentFolder, Sandbox } from '../../src/sandbox/types.ts';
import { removeTree } from '../../src/workspace/remove-tree.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

describe('private layers over what is lent', () => {
  let world: SandboxWorld;
  let layers: string;
  let host: string;
  let sandbox: Sandbox;

  beforeEach(() => {
    world = makeSandboxWorld();
    layers = join(world.state, 'delegations/1/layers');
    host = join(world.checkout, 'node_modules');
    mkdirSync(join(host, 'dep/lib'), { recursive: true });
    writeFileSync(join(host, 'dep/index.js'), 'dep');
    writeFileSync(join(host, 'dep/lib/a.js'), 'a');
    writeFileSync(join(host, 'dep/bin.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 });
  });
  afterEach(async () => {
    await sandbox.close();
    removeTree(layers);
    world.remove();
  });

  const open = async (...lent: LentFolder[]) => {
    sandbox = await openOrFail({ ...world.spec, layers, lent: lent.length > 0 ? lent : [{ at: host, from: [host] }] });
  };
  const run = (command: string) => runIn(sandbox, world, command);

  it('let a command change, add, remove and rename, and show it to the next one; the folder of the host keeps every byte', async () => {
    const before = fingerprint(host);
    await open();
    const first = await run(
      'cd node_modules && node dep/bin.sh 2>/dev/null; echo changed > dep/index.js && mkdir .vite-temp && echo x > .vite-temp/y && rm -r dep/lib && mv dep/bin.sh run.sh && chmod 700 dep && ln -s dep link && echo done',
    );
    assert.match(first.head, /done\n$/);
    const second = await run('cd node_modules && cat link/index.js .vite-temp/y && ls dep && ./run.sh');
    assert.equal(second.head, 'changed\nx\nindex.js\nran\n');
    assert.deepEqual(fingerprint(host), before);
    assert.deepEqual(readdirSync(join(world.spec.workspace, 'node_modules')), []);
  });

  it('are laid over one another, what was removed stays removed', async () => {
    await open();
    await run('cd node_modules && rm -r dep && mkdir dep && echo new > dep/index.js && echo more > added && rm -rf dep/lib');
    await sandbox.close();
    const others = join(world.state, 'delegations/1/other-layers');
    const lent = [{ at: host, from: [layerOver(layers, host), host] }];
    sandbox = await openOrFail({ ...world.spec, layers: others, lent });
    const seen = await run('cd node_modules && ls dep && cat dep/index.js added && echo other > added');
    assert.equal(seen.head, 'index.js\nnew\nmore\n');
    assert.equal(readFileSync(join(layerOver(layers, host), 'added'), 'utf8'), 'more\n');
    removeTree(others);
  });

  it('begin empty where the host has nothing, also below the private home', async () => {
    const at = join(world.home, '.cache/tool');
    await open({ at, from: [] });
    await run('mkdir -p ~/.cache/tool/deep && echo kept > ~/.cache/tool/deep/file');
    assert.equal((await run('cat ~/.cache/tool/deep/file')).head, 'kept\n');
    assert.equal(existsSync(at), false);
    assert.equal(readFileSync(join(layerOver(layers, at), 'deep/file'), 'utf8'), 'kept\n');
  });

  it('take names that mount tables and overlays read as their own', async () => {
    const odd = join(world.checkout, 'a b,c:d\\e#\nf=g"h', 'node_modules');
    mkdirSync(odd, { recursive: true });
    writeFileSync(join(odd, 'dep'), 'odd');
    await open({ at: odd, from: [odd] });
    const result = await run('cd a\\ b*/node_modules && cat dep && echo x > new && echo written');
    assert.equal(result.head, 'oddwritten\n');
    assert.deepEqual(readdirSync(odd), ['dep']);
  });

  for (const blank of ['\u1680', '\u3000', '\u00a0', '\u2028', '\ufeff', '\r', '\v', '\t'])
    it(`take a blank like U+${blank.charCodeAt(0).toString(16).padStart(4, '0')} for itself, not for a path that its number would spell`, async () => {
      const odd = join(world.checkout, `x${blank}`, 'node_modules');
      mkdirSync(odd, { recursive: true });
      writeFileSync(join(odd, 'dep'), 'odd');
      const digits = blank.charCodeAt(0).toString(8).padStart(3, '0');
      const spelt = `x${String.fromCharCode(Number.parseInt(digits.slice(0, 3), 8))}${digits.slice(3)}`;
      mkdirSync(join(world.checkout, spelt), { recursive: true });
      if (spelt !== `x${blank}`) symlinkSync(join(world.home, '.ssh'), join(world.checkout, spelt, 'node_modules'));
      await open({ at: odd, from: [odd] });
      assert.equal((await run('cat x*/node_modules/*')).head, 'odd');
    });

  it('lead a command nowhere: links stay links, and attributes of the file system are not its own to set', async () => {
    const victim = join(world.home, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'SECRET-OF-ANN');
    symlinkSync(victim, join(host, 'out'));
    await open();
    const attack = await run(
      `cat node_modules/out/file; echo x > node_modules/out/file; rm node_modules/out; ln -s ${victim} node_modules/dep2; cat node_modules/dep2/file;
       python3 -c 'import os
for name, value in (("user.overlay.redirect", b"/../../../victim"), ("user.overlay.opaque", b"y"), ("trusted.overlay.redirect", b"/")):
    try: os.setxattr("node_modules/dep", name, value); print("set", name)
    except OSError as error: print("refused")'; ls node_modules/dep; ls ${layers}; mknod node_modules/dev c 1 1; echo end`,
    );
    assert.doesNotMatch(attack.head, /SECRET-OF-ANN/);
    assert.match(attack.head, /bin\.sh/);
    assert.match(attack.head, /end\n$/);
    assert.deepEqual(readdirSync(victim), ['file']);
    assert.equal(readFileSync(join(victim, 'file'), 'utf8'), 'SECRET-OF-ANN');
    const after = await run('ls node_modules/dep');
    assert.match(after.head, /bin\.sh/);
  });

  it('are not reached where a folder on the way is a link, or was put there by the model', async () => {
    const elsewhere = join(world.home, 'elsewhere/node_modules');
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'private'), 'SECRET-OF-ANN');
    symlinkSync(join(world.home, 'elsewhere'), join(world.checkout, 'evil'));
    mkdirSync(join(world.spec.workspace, 'node_modules'));
    writeFileSync(join(world.spec.workspace, 'node_modules/own'), 'of the model');
    const linked = join(world.checkout, 'evil/node_modules');
    await open({ at: linked, from: [linked] }, { at: host, from: [host] });
    const result = await run('cat evil/node_modules/private; cat node_modules/own; ls node_modules');
    assert.doesNotMatch(result.head, /SECRET/);
    assert.match(result.head, /of the modelown\n$/);
  });

  for (const [kind, way] of Object.entries({ folder: '.cache/tool/sock', deeper: '.cache/tool/deep/sock', socket: '.cache/sock' }))
    it(`let no link of a command lead what covers a socket of the user out of the sandbox: ${kind}`, async () => {
      const victim = join(world.home, 'victim');
      for (const folder of [victim, join(host, '.cache/tool')]) mkdirSync(folder, { recursive: true });
      await open();
      const links = [
        `ln -s /oldroot${victim} node_modules/.cache`,
        `mkdir node_modules/.cache; ln -s /oldroot${victim} node_modules/.cache/tool`,
      ];
      for (const link of links) {
        assert.equal((await run(`rm -rf node_modules/.cache; ${link}; echo linked`)).head, 'linked\n');
        mkdirSync(dirname(join(host, way)), { recursive: true });
        const server = createServer().listen(join(host, way));
        await once(server, 'listening');
        assert.equal((await run('echo runs')).head, 'runs\n');
        server.close();
      }
      assert.deepEqual(readdirSync(victim), []);
    });

  it('hide files of the host in them that are covered', async () => {
    const cache = join(world.home, '.cargo/registry');
    mkdirSync(cache);
    writeFileSync(join(cache, 'crate'), 'crate');
    await open({ at: cache, from: [cache] });
    const result = await run('cat ~/.cargo/registry/crate && echo x > ~/.cargo/registry/new && ls ~/.cargo/registry && greet');
    assert.equal(result.head, 'cratecrate\nnew\nhello from a toolchain\n');
    assert.deepEqual(readdirSync(cache), ['crate']);
  });

  it('are copies where they cannot be mounted', async () => {
    const before = fingerprint(host);
    const programs = join(world.root, 'programs');
    mkdirSync(programs);
    symlinkSync('/usr/bin/bwrap', join(programs, 'bwrap'));
    sandbox = await openOrFail({ ...world.spec, layers, lent: [{ at: host, from: [host] }] }, { searchDirs: [programs] });
    assert.match(
      (await run('cat node_modules/dep/index.js && echo x > node_modules/dep/index.js && mkdir node_modules/.cache')).head,
      /^dep$/,
    );
    assert.equal((await run('cat node_modules/dep/index.js')).head, 'x\n');
    assert.deepEqual(fingerprint(host), before);
  });

  it('are removed whatever rights a command took away in them', async () => {
    await open();
    await run('mkdir -p node_modules/locked/deep && chmod 0 node_modules/locked/deep node_modules/locked');
    chmodSync(layers, 0o700);
    await sandbox.close();
    removeTree(layers);
    assert.equal(existsSync(layers), false);
  });
});

function fingerprint(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stat = statSync(join(folder, name));
      const content = stat.isFile()
        ? createHash('sha256')
            .update(readFileSync(join(folder, name)))
            .digest('hex')
        : '';
      return `${name} ${stat.mode} ${stat.mtimeMs} ${content}`;
    });
}
