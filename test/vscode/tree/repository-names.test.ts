import assert from 'node:assert/strict';
import { repositoryNames } from '../../../src/vscode/tree/repository-names.ts';

describe('the names of repositories in rows', () => {
  const names = (...folders: string[]) => [...repositoryNames(folders).values()];

  it('tell namesakes apart, and are short otherwise', () => {
    assert.deepEqual(names('/w/shop', '/w/blog', '/w/shop'), ['shop', 'blog']);
    assert.deepEqual(names('/w/shop', '/old/shop', '/w/blog'), ['w/shop', 'old/shop', 'blog']);
    assert.deepEqual(names('/a/x/y/shop', '/b/x/y/shop'), ['/a/x/y/shop', '/b/x/y/shop']);
    assert.deepEqual(names('C:\\w\\shop', 'C:\\v\\shop'), ['w/shop', 'v/shop']);
  });

  it('are one line, in which nothing is turned round', () => {
    assert.deepEqual(names('/w/shop\n✓ merged\u202e'), ['shop ✓ merged\\u{202e}']);
  });
});
