import assert from 'node:assert/strict';
import { unexplained } from '../../../src/checks/definition/upgraded-packages.ts';

const SAID = ['"chart.js": "1"', '"debug": "4"', '"shop.js": "1"', 'debug==1', '"@acme/kit": "2"'];
const OWN = { node: ['chart', 'shop', '@acme/kit'], python: ['debug'] };
const left = (...replaced: string[]) => unexplained(replaced, SAID, (name, ecosystem) => OWN[ecosystem].includes(name));

describe('packages that were replaced', () => {
  it('are explained by a line that names them, whatever module of another language, or of a like name, the project has', async () => {
    assert.deepEqual(await left('node_modules/chart.js/package.json', 'node_modules/debug/index.js', 'a/node_modules/debug/src/a.js'), []);
  });

  it('are not where nothing names them', async () => {
    const found = ['node_modules/left-pad/index.js', 'lib/site-packages/yaml/a.py', 'node_modules/.bin/a'];
    assert.deepEqual(await left(...found), ['node_modules/left-pad', 'lib/site-packages/yaml', 'node_modules/.bin/a']);
  });

  it('never are in the place of a module of the project: as a folder, as a file, in a scope', async () => {
    const found = ['node_modules/shop.js', 'node_modules/shop/index.js', 'node_modules/@acme/kit/index.js'];
    assert.deepEqual(await left(...found), ['node_modules/shop.js', 'node_modules/shop', 'node_modules/@acme/kit']);
    assert.deepEqual(await left('lib/site-packages/debug.py', 'lib/site-packages/debug/a.py'), [
      'lib/site-packages/debug.py',
      'lib/site-packages/debug',
    ]);
  });
});
