import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownPlaces, removeScratch, resultPackages } from '../../../src/delegation/attempt/result-packages.ts';
import { findFilled } from '../../../src/sandbox/find-lent.ts';
import { layerOver } from '../../../src/sandbox/private-layers.ts';
import type { LentFolder } from '../../../src/sandbox/types.ts';

describe('packages that a result is checked with', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-result-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(file: string): void {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
  }

  const lent = (name: string, more: Partial<LentFolder> = {}): LentFolder => ({
    at: `/repo/${name}`,
    from: [path.join(root, 'base', name)],
    ...more,
  });
  const found = async (places: readonly LentFolder[], changed: readonly string[], installed: readonly LentFolder[] = []) => {
    const spec = { lent: places, mountAt: '/repo', env: {} };
    await removeScratch(ownPlaces(spec, root, installed, changed));
    return resultPackages(spec, root, installed, changed, ['"new": "1"']);
  };

  it('are those of the attempt where it changed a manifest, but no cache of what tools build', async () => {
    const places = [lent('node_modules'), lent('cache', { scratch: true })];
    write(path.join(root, 'base/node_modules/dep/index.js'));
    const layer = layerOver(root, '/repo/node_modules');
    for (const file of ['.cache/tool/a.js', '.vite/b.js', 'new/index.js', 'dep.js']) write(path.join(layer, file));
    write(path.join(layerOver(root, '/repo/cache'), 'result'));
    const packages = await found(places, ['package.json']);
    assert.deepEqual(packages.own, ['node_modules']);
    assert.deepEqual(packages.replaced, ['node_modules/dep.js']);
    assert.equal(packages.lent.own[0]!.from[0], layer);
    assert.deepEqual(packages.lent.base[0]!.hidden, ['dep.js']);
    assert.deepEqual(packages.lent.before, places);
    assert.deepEqual([existsSync(path.join(layer, '.cache')), existsSync(path.join(layer, '.vite'))], [false, false]);
  });

  it('are, where it changed none, what was there, and what only the attempt has installed', async () => {
    const places = [lent('node_modules'), lent('gems', { from: [] })];
    write(path.join(root, 'base/node_modules/dep/index.js'));
    write(path.join(layerOver(root, '/repo/node_modules'), 'dep.js'));
    write(path.join(layerOver(root, '/repo/gems'), 'gem.rb'));
    const packages = await found(places, ['src/a.js']);
    assert.deepEqual([packages.own, packages.begun, packages.replaced], [['gems'], ['gems'], []]);
    assert.deepEqual(packages.lent.own[0], places[0]);
  });

  it('are none where there is nothing but a cache, and only counting takes none away', () => {
    const places = [lent('node_modules')];
    write(path.join(root, 'base/node_modules/dep/index.js'));
    const cache = path.join(layerOver(root, '/repo/node_modules'), '.cache/tool/a.js');
    write(cache);
    assert.deepEqual(ownPlaces({ lent: places, mountAt: '/repo' }, root, [], ['package.json']), []);
    write(path.join(path.dirname(cache), '../../new/index.js'));
    assert.equal(ownPlaces({ lent: places, mountAt: '/repo' }, root, [], ['package.json']).length, 1);
    assert.ok(existsSync(cache));
  });

  it('are none that a link in the working tree leads to: nothing of the host is read or removed', async () => {
    const [tree, host] = [path.join(root, 'ws'), path.join(root, 'host')];
    for (const name of ['.cache/tool/a.js', '.vite/b.js', 'dep/index.js']) write(path.join(host, 'a/node_modules', name));
    for (const name of ['node_modules/dep/index.js', 'own/node_modules/.cache/x', 'own/node_modules/dep/index.js'])
      write(path.join(tree, name));
    mkdirSync(path.join(tree, 'packages'));
    symlinkSync(path.join(host, 'a'), path.join(tree, 'packages/a'));
    symlinkSync(host, path.join(tree, 'linked'));
    const manifests = ['package.json', 'own/package.json', 'packages/a/package.json', 'linked/a/package.json'];
    const packages = await found([], ['package.json'], findFilled(tree, manifests, '/repo'));
    assert.deepEqual(packages.own, ['node_modules', 'own/node_modules']);
    assert.equal(existsSync(path.join(tree, 'own/node_modules/.cache')), false);
    for (const name of ['.cache/tool/a.js', '.vite/b.js', 'dep/index.js'])
      assert.ok(existsSync(path.join(host, 'a/node_modules', name)), name);
  });

  it('are those of a working tree that is itself reached by a link', () => {
    write(path.join(root, 'ws/node_modules/dep/index.js'));
    symlinkSync(path.join(root, 'ws'), path.join(root, 'way'));
    const [at, host] = ['/repo/node_modules', path.join(root, 'way/node_modules')];
    assert.deepEqual(findFilled(path.join(root, 'way'), ['package.json'], '/repo'), [{ at, from: [host] }]);
  });

  it('replace nothing that a copy was made without', async () => {
    const places = [lent('node_modules', { hidden: ['.npmrc'] })];
    for (const file of [
      'base/node_modules/.npmrc',
      'base/node_modules/dep/index.js',
      'copy/dep/index.js',
      'copy/.gitignore',
      'copy/new/i.js',
    ])
      write(path.join(root, file));
    const copy = [{ at: '/repo/node_modules', from: [path.join(root, 'copy')] }];
    const packages = await resultPackages({ lent: places, mountAt: '/repo', env: {} }, root, copy, ['package.json'], ['"new": "1"']);
    assert.deepEqual([packages.own, packages.replaced], [['node_modules'], []]);
  });
});
