import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findDependencies } from '../../../src/delegation/attempt/find-dependencies.ts';

describe('dependencies that the workspace lacks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-dependencies-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const folders = (...names: string[]) => {
    for (const name of names) mkdirSync(path.join(root, name), { recursive: true });
  };
  const found = (...paths: string[]) => findDependencies(root, paths).map(({ at }) => path.relative(root, at));

  it('stand beside their manifests, in packages too', () => {
    folders('node_modules', 'packages/api/node_modules', 'tools/.venv', 'php/vendor', 'ruby/vendor/bundle');
    const paths = ['package.json', 'packages/api/package.json', 'tools/pyproject.toml', 'php/composer.json', 'ruby/Gemfile', 'src/a.ts'];
    assert.deepEqual(found(...paths).sort(), [
      'node_modules',
      'packages/api/node_modules',
      'php/vendor',
      'ruby/vendor/bundle',
      'tools/.venv',
    ]);
    assert.deepEqual(findDependencies(root, ['package.json'], '/shown'), [
      { at: '/shown/node_modules', from: [path.join(root, 'node_modules')] },
    ]);
  });

  it('are none without a manifest, or without the folder', () => {
    folders('node_modules');
    assert.deepEqual(found('src/a.ts'), []);
    assert.deepEqual(found('packages/api/package.json'), []);
  });

  it('are left out when the commit carries them', () => {
    folders('vendor', 'node_modules');
    assert.deepEqual(found('composer.json', 'package.json', 'vendor/autoload.php'), ['node_modules']);
  });

  it('are not looked for inside of others, nor behind links', () => {
    folders('elsewhere', 'node_modules/x/node_modules');
    symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'venv'));
    assert.deepEqual(found('package.json', 'node_modules/x/package.json', 'requirements.txt'), []);
  });

  it('each once, and two hundred at most', () => {
    const names = Array.from({ length: 230 }, (_, i) => `p${i}`);
    folders(...names.map((name) => `${name}/node_modules`), '.venv');
    assert.equal(found(...names.map((name) => `${name}/package.json`)).length, 200);
    assert.deepEqual(found('pyproject.toml', 'requirements.txt', 'setup.py'), ['.venv']);
  });
});
