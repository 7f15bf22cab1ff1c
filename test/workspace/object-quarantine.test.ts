import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openQuarantine } from '../../src/workspace/object-quarantine.ts';

it('objects of a shared repository come in folders that its group may write, as git made them', async () => {
  const objects = mkdtempSync(join(tmpdir(), 'quarantine-'));
  const lay = (folder: string, name: string, mode: number) => {
    mkdirSync(join(folder, name.slice(0, 2)), { recursive: true });
    chmodSync(join(folder, name.slice(0, 2)), mode);
    writeFileSync(join(folder, name), '');
  };
  lay(objects, 'ab/there', 0o750);
  const quarantine = await openQuarantine(objects);
  for (const name of ['ab/new', 'cd/new']) lay(quarantine.env.GIT_OBJECT_DIRECTORY!, name, 0o2775);
  await quarantine.release();
  await quarantine.discard();
  const listed = ['ab', 'cd'].map((folder) => [
    folder,
    statSync(join(objects, folder)).mode & 0o7777,
    readdirSync(join(objects, folder)).sort(),
  ]);
  assert.deepEqual(listed, [
    ['ab', 0o750, ['new', 'there']],
    ['cd', 0o2775, ['new']],
  ]);
  assert.deepEqual(readdirSync(objects).sort(), ['ab', 'cd']);
  rmSync(objects, { recursive: true });
});
