import assert from 'node:assert/strict';
import fs, { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOutputFile } from '../../src/sandbox/output-file.ts';

describe('the file of an output', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ckm-output-'));
  const file = join(folder, 'output.txt');
  after(() => rmSync(folder, { recursive: true }));

  it('is kept or removed, and stops at its limit', () => {
    const kept = openOutputFile(file, 5);
    kept.write(Buffer.from('abc'));
    kept.write(Buffer.from('defg'));
    assert.equal(kept.end(true), file);
    assert.equal(readFileSync(file, 'utf8'), 'abcde');
    assert.equal(openOutputFile(file, 5).end(false), null);
    assert.equal(existsSync(file), false);
  });

  for (const name of ['unlinkSync', 'fstatSync', 'closeSync'] as const)
    it(`takes nothing from a command that has run when ${name} fails at its end`, () => {
      const output = openOutputFile(file, 5);
      const plain = fs[name];
      (fs as unknown as Record<string, unknown>)[name] = () => {
        throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      };
      syncBuiltinESMExports();
      try {
        assert.equal(output.end(false), null);
      } finally {
        (fs as unknown as Record<string, unknown>)[name] = plain;
        syncBuiltinESMExports();
      }
    });
});
