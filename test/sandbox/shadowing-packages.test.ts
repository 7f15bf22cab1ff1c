import assert from 'node:assert/strict';
import { shadowing } from '../../src/sandbox/shadowing-packages.ts';

const isProgram = (name: string) => ['node', 'sh', 'pytest'].includes(name);
const node = (...added: string[]) => shadowing('/repo/node_modules', added, isProgram);
const python = (...added: string[]) => shadowing('/repo/.venv', added, isProgram);

describe('packages that were only added', () => {
  it('stand in for others where these are found later', () => {
    const modules = [
      'dep/node_modules',
      'dep/node_modules/leaf',
      'dep/lib/more.js',
      '@ann/dep/node_modules',
      '.pnpm/a@1/node_modules/a/node_modules',
    ];
    assert.deepEqual(node(...modules, '.bin/node', '.bin/sh'), [...modules, '.bin/node', '.bin/sh']);
    const atStart = ['e.pth', 'sitecustomize.py', 'usercustomize', 'app.egg-link', 'dep/more.py'].map(
      (name) => `lib/python3/site-packages/${name}`,
    );
    assert.deepEqual(python(...atStart, 'bin/sh', 'bin/pytest'), [...atStart, 'bin/sh', 'bin/pytest']);
  });

  it('are what was asked for where they stand beside the others', () => {
    assert.deepEqual(node('new', '@ann/new', '@new', '.bin/new', '.pnpm/new@1', 'dep.d.ts'), []);
    assert.deepEqual(python('lib/python3/site-packages/new', 'lib/python3/site-packages/new-1.dist-info', 'bin/new', 'share'), []);
    assert.deepEqual(shadowing('/home/ann/.cargo/registry', ['src/index/new-1', 'cache/new.crate'], isProgram), []);
  });
});
