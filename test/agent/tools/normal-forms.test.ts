/** A name may be stored composed (é) or decomposed (e and an accent); to a reader it is the same name, however the model writes it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findMentionedFiles } from '../../../src/agent/prompt/find-mentioned-files.ts';
import { indexPaths } from '../../../src/agent/prompt/path-index.ts';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { similarPaths } from '../../../src/agent/tools/files/similar-paths.ts';
import { listFiles } from '../../../src/agent/tools/list-files.ts';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { compileGlob } from '../../../src/common/glob.ts';
import { outOfScope } from '../../../src/delegation/result/out-of-scope.ts';
import { tempWorkspace } from './temp-workspace.ts';

const NAMES = [
  'caf\u00e9/r\u00e9sum\u00e9.txt',
  '\ud55c\uad6d\uc5b4/\ud30c\uc77c.txt',
  '\u30ac\u30a4\u30c9/\u30d7\u30ed\u30b0\u30e9\u30e0.txt',
  '\u1ec7 vi\u1ec7t/ti\u1ebfng.txt',
  'src/\u00c5ngstr\u00f6m.txt',
  'h\u00e9/\ud83d\ude00 emoji.txt',
  '\u0439/\u0451\u043b\u043a\u0430.txt',
];

for (const name of NAMES) {
  for (const [stored, given] of [
    [name.normalize('NFD'), name.normalize('NFC')],
    [name.normalize('NFC'), name.normalize('NFD')],
  ] as const) {
    it(`${name}, ${stored === name ? 'composed' : 'decomposed'} on disk: each room finds the one file, and no twin is made`, async () => {
      assert.notEqual(stored, given);
      const ws = tempWorkspace();
      try {
        ws.put(stored, 'one\n');
        assert.equal((await ws.call(readFile, { path: given })).text, 'one');
        const folder = given.slice(0, given.lastIndexOf('/'));
        assert.match((await ws.call(listFiles, { path: folder })).text, /^1 file in/);
        assert.match((await ws.call(listFiles, { glob: `**/${path.basename(given)}` })).text, /^1 file/);
        assert.ok((await ws.call(editFile, { path: given, old_text: 'one', new_text: 'two' })).ok);
        assert.match((await ws.call(writeFile, { path: given, content: 'three\n' })).text, /^(Overwrote|.*exists and you do not have)/);
        await ws.call(writeFile, { path: given, content: 'three\n' });
        assert.match((await ws.call(writeFile, { path: `${folder}/new.txt`, content: 'x\n' })).text, /^Created/);
        const files = readdirSync(ws.root, { recursive: true, withFileTypes: true }).filter(
          (entry) => entry.isFile() && entry.name !== '.git',
        );
        assert.deepEqual(files.map((file) => file.name).sort(), [path.basename(stored), 'new.txt'].sort());
        assert.deepEqual(readdirSync(ws.root).filter((one) => one !== '.git').length, 1, 'no twin of the folder');
        assert.equal(ws.text(stored), 'three\n');
      } finally {
        ws.remove();
      }
      assert.deepEqual(findMentionedFiles(`Change \`${given}\`, please.`, indexPaths([stored, 'other.txt'])), [stored]);
      for (const scope of [given, path.posix.dirname(given), `${path.posix.dirname(given)}/*.txt`])
        assert.deepEqual(outOfScope({ kind: 'feature', scope: [scope] }, [stored]), []);
      assert.ok(compileGlob(given)?.(stored));
      assert.deepEqual(similarPaths(given.replace('.txt', '.tx'), ['zzz/qqq.md', stored], 1), [stored]);
    });
  }
}

describe('names in any script', () => {
  for (const name of ['ｆｕｌｌ－ｗｉｄｔｈ．ｔｘｔ', '数据/表格.txt', '😀/👩‍👩‍👧.txt', 'नमस्ते/फ़ाइल.txt', 'עברית.txt', 'ไทย/ไฟล์.txt']) {
    it(`${name} is written, read, edited and named in a task`, async () => {
      const ws = tempWorkspace();
      try {
        assert.match((await ws.call(writeFile, { path: name, content: 'one\n' })).text, /^Created/);
        assert.equal((await ws.call(readFile, { path: name })).text, 'one');
        assert.ok((await ws.call(editFile, { path: name, old_text: 'one', new_text: 'two' })).ok);
        assert.equal(ws.text(name), 'two\n');
      } finally {
        ws.remove();
      }
      assert.ok(compileGlob(name)?.(name));
    });
  }
  it('a name in another case is proposed', async () => {
    const ws = tempWorkspace();
    try {
      ws.put('docs/ÜberSicht.md', 'x\n');
      if ((await ws.call(readFile, { path: 'docs/übersicht.md' })).ok) return; // a file system that sees no difference
      assert.match((await ws.call(readFile, { path: 'docs/übersicht.md' })).text, /Did you mean docs\/ÜberSicht\.md\?/);
    } finally {
      ws.remove();
    }
  });
  it('a new one beside another that differs in capitals only is told of, folders as well', async () => {
    const ws = tempWorkspace();
    try {
      ws.put('docs/Readme.md', 'x\n');
      ws.put('Ünder/a.ts', 'x\n');
      if (existsSync(path.join(ws.root, 'docs/README.md'))) return;
      const said = async (file: string) => (await ws.call(writeFile, { path: file, content: 'y\n' })).text;
      assert.match(await said('docs/README.md'), / But docs\/Readme\.md is there, which differs from it in capitals only/);
      assert.match(await said('Docs/b.md'), / But docs is there/);
      assert.match(await said('ünder/b.ts'), / But Ünder is there/);
      for (const file of ['docs/readme.txt', 'docs/deep/README.md', 'Readme.md']) assert.doesNotMatch(await said(file), /capitals/, file);
    } finally {
      ws.remove();
    }
  });
});
