import assert from 'node:assert/strict';
import { keptPages } from '../../../src/vscode/page/kept-pages.ts';
import { memory } from '../memory.ts';

describe('the pages that were open', () => {
  const A = { id: 'a', title: 'feature/a', attempt: 2 };
  const B = { id: 'b', title: 'feature/b' };

  it('are found by the titles of their tabs, each once', () => {
    const kept = memory();
    keptPages(kept).set([A, B, { id: 'c', title: 'feature/a' }]);
    const pages = keptPages(kept);
    assert.deepEqual(pages.take('feature/a'), A);
    assert.equal(pages.take('feature/a')?.id, 'c');
    assert.equal(pages.take('feature/a'), undefined);
    assert.deepEqual(pages.take('feature/b'), B);
  });

  it('are kept over a further reload while nobody has looked at their tabs', () => {
    const kept = memory();
    keptPages(kept).set([A, B]);
    const second = keptPages(kept);
    second.set([second.take('feature/b')!]);
    assert.deepEqual(keptPages(kept).take('feature/a'), A);
  });
});
