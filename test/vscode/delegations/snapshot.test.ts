import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { headOf } from '../../../src/vscode/delegations/snapshot.ts';
import { readBranches } from '../../../src/workspace/repository-branches.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { identity } from '../sample-records.ts';

describe('what a window knows of HEAD', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-head-'));
    makeRepository(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is its branch and its commit, also where no branch is checked out', async () => {
    const who = identity();
    const head = async () => headOf({ branches: new Map([[who.commonDir, await readBranches(folder)]]) }, { identity: who });
    const commit = gitIn(folder, 'rev-parse', 'HEAD');
    assert.deepEqual(await head(), { branch: 'main', commit });
    gitIn(folder, 'switch', '-q', '-c', 'other');
    assert.deepEqual(await head(), { branch: 'other', commit });
    gitIn(folder, 'switch', '-q', '--detach');
    assert.deepEqual(await head(), { branch: null, commit });
    gitIn(folder, 'switch', '-q', '--orphan', 'empty');
    assert.deepEqual(await head(), null);
    assert.deepEqual(headOf({ branches: new Map([[who.commonDir, null]]) }, { identity: who }), null);
  });
});
