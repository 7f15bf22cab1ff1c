import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createCheckRunner } from '../../../src/delegation/attempt/check-runner.ts';
import { WorkspaceBusy } from '../../../src/delegation/attempt/workspace-guard.ts';
import { delegationFolder } from '../../../src/delegation/store/delegation-folder.ts';
import { layerOver } from '../../../src/sandbox/private-layers.ts';
import { exists, makeWorkspace, makeWorld, put, type World } from '../../workspace/world.ts';

describe('checks of an attempt', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('do not run on the result while a command of the attempt lives: nothing that it left is looked at, or removed', async () => {
    const { repository, privateGit, base } = await makeWorkspace(world);
    const folder = delegationFolder(join(world.root, 'state'), 'id');
    const at = join(world.repo, 'node_modules');
    const cache = join(layerOver(folder.layers, at), '.cache/tool/a.js');
    await put(cache, 'x');
    await put(join(layerOver(folder.layers, at), 'new/index.js'), 'x');
    await put(join(folder.git, 'objects/info/alternates'), '');
    const checks = createCheckRunner({
      ...{ commands: ['true'], found: [], cwd: '', base, branch: privateGit.branch, repository, hasSubmodules: false, folder },
      sandboxSpec: {
        ...{ workspace: folder.workTree, mountAt: world.repo, gitDir: privateGit.gitDir, objectDirs: [], temp: folder.temp, hidden: [] },
        ...{ lent: [{ at, from: [] }], layers: folder.layers, allowedHosts: [], mode: 'unsandboxed', env: process.env },
        gitDefaults: { identity: true, branch: 'main' },
        limits: { memoryBytes: 1024 ** 3, processes: 200, diskBytes: 2 ** 30, diskFiles: 100_000, outputFileBytes: 1024 ** 2 },
      },
      ...{ sandboxProgram: undefined, timeoutMs: 20_000, signal: new AbortController().signal },
      fill: async () => {},
      installed: () => assert.fail('looked into the working tree'),
      emit: () => {},
      onBase: () => {},
      attempt: { look: () => Promise.reject(new WorkspaceBusy()), watch: () => () => false },
    });
    const [check] = await checks.result(base, ['package.json']);
    await checks.close();
    assert.deepEqual([check?.base?.exitCode, check?.result], [0, null]);
    assert.deepEqual(checks.ownPackages(), []);
    assert.ok(await exists(cache));
  });
});
