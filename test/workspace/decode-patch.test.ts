import assert from 'node:assert/strict';
import iconv from 'iconv-lite';
import { decodePatch } from '../../src/workspace/decode-patch.ts';

describe('a patch as text', () => {
  const HEAD = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n';

  it('has the signs that Windows put among those of Latin-1', () => {
    const sides = { before: 'windows-1252', after: 'windows-1252' } as const;
    assert.equal(decodePatch(`${HEAD}@@ -1 +1 @@\n-\x80 5\n+\x80 6 \x93\xe4\x94\n`, sides), `${HEAD}@@ -1 +1 @@\n-€ 5\n+€ 6 “ä”\n`);
  });

  it('keeps what can be read of words that git cut within a character', () => {
    const words = iconv.encode('函数', 'gbk').toString('latin1');
    const text = decodePatch(`${HEAD}@@ -1 +1 @@ ${words.slice(0, 3)}\n+${words}\n`, { before: 'gbk', after: 'gbk' });
    assert.match(text, /^@@ -1 \+1 @@ 函/m);
    assert.match(text, /^\+函数$/m);
  });
});
