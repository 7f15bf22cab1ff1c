import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findProgram, foldersOnPath, isProgram, versionFolders } from '../../src/common/find-program.ts';

describe('finding a program', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'programs-'));
    for (const name of ['one', 'two', 'three', 'two/tool', 'versions/v9.2.0', 'versions/v10.0.1', 'versions/v9.11.0'])
      mkdirSync(at(name), { recursive: true });
    writeFileSync(at('one/tool'), 'no program');
    chmodSync(at('one/tool'), 0o644);
    writeFileSync(at('three/real'), '#!/bin/sh\n');
    chmodSync(at('three/real'), 0o755);
    symlinkSync(at('three/real'), at('three/tool'));
    symlinkSync(at('none'), at('three/broken'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes the first file that can be started', function () {
    if (process.platform === 'win32') this.skip();
    assert.equal(
      findProgram(
        'tool',
        ['none', 'one', 'two', 'three'].map((name) => at(name)),
      ),
      at('three/tool'),
    );
    assert.equal(findProgram('tool', [at('one'), at('two')]), null);
    assert.equal(findProgram('tool', []), null);
    assert.equal(isProgram(at('three/broken')), false);
  });

  it("knows the folders of PATH that are the user's choice", () => {
    const own = '/usr/bin:relative::.:/home/me/project/node_modules/.bin:/opt/my_node_modules/bin:/home/me/node_modules';
    assert.deepEqual(foldersOnPath({ PATH: own }, 'linux'), ['/usr/bin', '/opt/my_node_modules/bin']);
    assert.deepEqual(foldersOnPath({}, 'linux'), []);
    const windows = 'C:\\Windows;tools;C:\\project\\node_modules\\.bin;D:\\bin';
    assert.deepEqual(foldersOnPath({ Path: windows }, 'win32'), ['C:\\Windows', 'D:\\bin']);
  });

  it('knows the folders of a version manager, the newest version first', () => {
    assert.deepEqual(
      versionFolders(at('versions'), 'bin'),
      ['v10.0.1', 'v9.11.0', 'v9.2.0'].map((version) => at('versions', version, 'bin')),
    );
    assert.deepEqual(versionFolders(at('none'), 'bin'), []);
  });
});
