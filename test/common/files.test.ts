import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseJson, readJson, writeJson } from '../../src/common/json-file.ts';
import { namesIn } from '../../src/common/list-names.ts';
import { makePrivateFolder } from '../../src/common/private-folder.ts';
import { writeWhole } from '../../src/common/write-atomic.ts';

describe('files', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  const modeOf = (file: string) => statSync(file).mode & 0o777;
  const posix = process.platform !== 'win32';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'files-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  describe('writeWhole', () => {
    it('writes through no link that somebody has laid beside the file', () => {
      writeFileSync(at('mine'), 'mine');
      for (const name of [`a.${process.pid}.new`, 'a.new', 'a.tmp']) symlinkSync(at('mine'), at(name));
      writeWhole(at('a'), 'text');
      assert.equal(readFileSync(at('mine'), 'utf8'), 'mine');
    });

    it('writes for the user alone, and leaves nothing else behind', () => {
      writeWhole(at('a'), 'text');
      assert.equal(readFileSync(at('a'), 'utf8'), 'text');
      if (posix) assert.equal(modeOf(at('a')), 0o600);
      assert.deepEqual(readdirSync(folder), ['a']);
    });

    it('replaces a file, with the mode that is asked for', () => {
      writeFileSync(at('a'), 'old', { mode: 0o644 });
      writeWhole(at('a'), 'new', 0o666);
      assert.equal(readFileSync(at('a'), 'utf8'), 'new');
      if (posix) assert.equal(modeOf(at('a')), 0o666);
    });

    it('leaves the old one, and nothing else, when it fails', () => {
      mkdirSync(at('a'));
      writeFileSync(at('a', 'inside'), '');
      assert.throws(() => writeWhole(at('a'), 'text'));
      assert.throws(() => writeWhole(at('none', 'a'), 'text'), { code: 'ENOENT' });
      assert.deepEqual(readdirSync(folder), ['a']);
      assert.deepEqual(readdirSync(at('a')), ['inside']);
    });
  });

  describe('JSON', () => {
    const schema = z.object({ name: z.string() });

    it('is read back as it was written', () => {
      writeJson(at('a.json'), { name: 'one' });
      assert.deepEqual(readJson(schema, at('a.json')), { name: 'one' });
      if (posix) assert.equal(modeOf(at('a.json')), 0o600);
    });

    it('is null when it is missing, cut, or of another shape', () => {
      assert.equal(readJson(schema, at('none.json')), null);
      assert.equal(readJson(schema, folder), null);
      assert.equal(parseJson(schema, ''), null);
      assert.equal(parseJson(schema, '{"name": "o'), null);
      assert.equal(parseJson(schema, '{"name": 1}'), null);
      assert.deepEqual(parseJson(schema, '{"name": "one", "more": 1}'), { name: 'one' });
    });
  });

  it('names what is in a folder, and nothing where there is none', () => {
    writeFileSync(at('a'), '');
    assert.deepEqual(namesIn(folder), ['a']);
    assert.deepEqual(namesIn(at('a')), []);
    assert.deepEqual(namesIn(at('none')), []);
  });

  it('makes private folders, and leaves those that are there', () => {
    makePrivateFolder(at('one', 'two'));
    if (posix) assert.deepEqual([modeOf(at('one')), modeOf(at('one', 'two'))], [0o700, 0o700]);
    chmodSync(at('one'), 0o755);
    makePrivateFolder(at('one', 'two'));
    if (posix) assert.equal(modeOf(at('one')), 0o755);
  });
});
