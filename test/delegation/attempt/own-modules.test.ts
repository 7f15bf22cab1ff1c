import assert from 'node:assert/strict';
import { ownModules } from '../../../src/delegation/attempt/own-modules.ts';
import { makeWorkspace, makeWorld, type World } from '../../workspace/world.ts';

describe('modules of the project that its code imports by a bare name', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  async function found(files: Readonly<Record<string, string>>): Promise<Record<'node' | 'python', Record<string, string>>> {
    for (const [path, text] of Object.entries(files)) await world.write(path, text);
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'base');
    const { node, python } = await ownModules((await makeWorkspace(world)).privateGit, (await world.git('rev-parse', 'HEAD')).trim());
    return { node: Object.fromEntries(node), python: Object.fromEntries(python) };
  }

  it('are those of each language, and packages of the project with their folders', async () => {
    const files = {
      'package.json': '{"name": "shop", "dependencies": {"@acme/kit": "workspace:*"}}',
      'packages/kit/package.json': '{"name": "@acme/kit"}',
      'src/money/index.ts': 'export const sum = 1;\n',
      'src/app.ts': "import { sum } from 'money/sum';\nimport kit from '@acme/kit';\n",
      'tax.py': 'RATE = 1\n',
      'shop/__init__.py': '',
      'tests/test_tax.py': 'from tax import RATE\nimport shop\n',
    };
    assert.deepEqual(await found(files), { node: { money: '', '@acme/kit': 'packages/kit' }, python: { tax: '', shop: '' } });
  });

  it('are none by a path, by the import of another language, or by the name of a package that the base depends on', async () => {
    const files = {
      'package.json': '{"name": "shop", "dependencies": {"debug": "^4.0.0"}}',
      'src/ms.js': 'export default 1;\n',
      'src/debug.js': "import debug from 'debug';\nexport default debug('shop');\n",
      'src/yaml.js': '',
      'src/app.vue': "<script>\nimport ms from './ms.js';\nimport debug from './debug.js';\n</script>\n",
      'src/app.js': "import ms from './ms.js';\nimport debug from './debug.js';\nconst chalk = require('./chalk.js');\n",
      'chalk.js': '',
      'build.py': 'import yaml\nimport chalk\n',
      'left.py': '',
      'src/left.ts': "import left from 'left';\n",
    };
    assert.deepEqual(await found(files), { node: { left: '' }, python: {} });
  });
});
