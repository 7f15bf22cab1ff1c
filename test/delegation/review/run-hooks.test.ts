import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookFiles } from '../../../src/delegation/review/run-hooks.ts';

describe('the folder of hooks', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ckm-hooks-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is taken with what lies below it, but for samples and a git dir', () => {
    for (const name of ['parts', '.git']) mkdirSync(join(folder, name));
    for (const name of ['pre-commit', 'pre-push.sample', 'parts/a.sh', '.git/config']) writeFileSync(join(folder, name), '');
    symlinkSync('pre-commit', join(folder, 'commit-msg'));
    assert.deepEqual(hookFiles(folder).sort(), ['commit-msg', join('parts', 'a.sh'), 'pre-commit']);
  });

  it('is left by no folder whose name is no UTF-8, and reads like that of a link', function () {
    if (process.platform !== 'linux') return this.skip(); // such names are refused elsewhere
    const odd = Buffer.concat([Buffer.from(join(folder, 'x')), Buffer.from([0xff])]);
    mkdirSync(odd);
    const elsewhere = join(folder, '.git');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'secret'), '');
    symlinkSync(elsewhere, join(folder, 'x\ufffd'));
    assert.deepEqual(hookFiles(folder), []);
  });

  it('is not read to its end where it is a whole tree that a repository named', () => {
    for (let at = 0; at < 300; at++) mkdirSync(join(folder, 'big', String(at), 'deep'), { recursive: true });
    for (let at = 0; at < 300; at++) writeFileSync(join(folder, 'big', String(at), 'file'), '');
    writeFileSync(join(folder, 'pre-commit'), '');
    const files = hookFiles(folder);
    assert.ok(files.includes('pre-commit') && files.length <= 200);
  });
});
