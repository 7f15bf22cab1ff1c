import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resultPackages } from '../../../src/delegation/attempt/result-packages.ts';
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
  const found = (places: readonly LentFolder[], changed: readonly string[]) =>
    resultPackages({ lent: places, mountAt: '/repo', env: {} }, root, [], changed, ['"new": "1"']);

  it('are those of the attempt where it changed a manifest, but no cache of what tools build', () => {
    const places = [lent('node_modules'), lent('cache', { scratch: true })];
    write(path.join(root, 'base/node_modules/dep/index.js'));
    const layer = layerOver(root, '/repo/node_modules');
    for (const file of ['.cache/tool/a.js', '.vite/b.js', 'new/index.js', 'dep.js']) write(path.join(layer, file));
    write(path.join(layerOver(root, '/repo/cache'), 'result'));
    const packages = found(places, ['package.json']);
    assert.deepEqual(packages.own, ['node_modules']);
    assert.deepEqual(packages.replaced, ['node_modules/dep.js']);
    assert.equal(packages.lent.own[0]!.from[0], layer);
    assert.deepEqual(packages.lent.base[0]!.hidden, ['dep.js']);
    assert.deepEqual(packages.lent.before, places);
    assert.deepEqual([existsSync(path.join(layer, '.cache')), existsSync(path.join(layer, '.vite'))], [false, false]);
  });

  it('are, where it changed none, what was there, and what only the attempt has installed', () => {
    const places = [lent('node_modules'), lent('gems', { from: [] })];
    write(path.join(root, 'base/node_modules/dep/index.js'));
    write(path.join(layerOver(root, '/repo/node_modules'), 'dep.js'));
    write(path.join(layerOver(root, '/repo/gems'), 'gem.rb'));
    const packages = found(places, ['src/a.js']);
    assert.deepEqual([packages.own, packages.begun, packages.replaced], [['gems'], ['gems'], []]);
    assert.deepEqual(packages.lent.own[0], places[0]);
  });
});
