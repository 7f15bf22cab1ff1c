import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsEntry } from '../../src/common/list-names.ts';

it('holdsEntry tells whether a folder holds something that counts, by its first entries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ckm-holds-'));
  const at = (...names: string[]) => join(folder, ...names);
  try {
    mkdirSync(at('empty'));
    mkdirSync(at('many'));
    writeFileSync(at('many/f'), '');
    for (let n = 0; n < 3000; n++) linkSync(at('many/f'), at('many', String(n)));
    let asked = 0;
    assert.ok(holdsEntry(at('many'), () => ++asked > 0));
    assert.equal(asked, 1);
    assert.ok(holdsEntry(at('many'), (name) => name !== 'f'));
    for (const none of ['empty', 'none', 'many/f']) assert.ok(!holdsEntry(at(none)), none);
    assert.ok(!holdsEntry(at('many'), () => false));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
