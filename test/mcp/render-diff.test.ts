import assert from 'node:assert/strict';
import { renderDiff } from '../../src/mcp/render-diff.ts';

const base = 'a'.repeat(40);
const tip = 'b'.repeat(40);

function shown(sizes: Readonly<Record<string, number>>, path?: string): string {
  const diffs = Object.entries(sizes).map(([file, words]) => ({ path: file, text: `+${file} ${'word '.repeat(words)}\n` }));
  const files = diffs.map((diff) => ({ path: diff.path, status: 'M' as const, added: 1, removed: 0 }));
  return renderDiff({ branch: 'feature/x', base, tip }, { base, tip, files, added: files.length, removed: 0, diffs }, path);
}

describe('the text of delegation_diff', () => {
  it('shows every file that has room, also behind one that has none', () => {
    const text = shown({ 'a.txt': 10, 'large.txt': 7995, 'c.txt': 10, 'd.txt': 10 });
    for (const file of ['a.txt', 'c.txt', 'd.txt']) assert.ok(text.includes(`+${file} `), `${file} in ${text.slice(-200)}`);
    assert.match(text, /^not shown: large\.txt \(call again with path, or git diff aaaaaaa\.\.bbbbbbb\)$/m);
  });

  it('counts what is shown: more than fits is named, not shown', () => {
    const text = shown({ 'a.txt': 5000, 'b.txt': 2900, 'c.txt': 200 });
    assert.ok(text.includes('+a.txt ') && text.includes('+b.txt '));
    assert.match(text, /^not shown: c\.txt /m);
  });

  it('cuts a first file that is larger than the whole answer', () => {
    const text = shown({ 'large.txt': 20_000 });
    assert.match(text, /\.\.\. cut; the rest: git diff aaaaaaa\.\.bbbbbbb -- large\.txt$/);
    assert.ok(text.length < 17_000);
  });

  it('shows one file alone when asked', () => {
    const text = shown({ 'a.txt': 10, 'b.txt': 10 }, 'b.txt');
    assert.ok(text.includes('+b.txt ') && !text.includes('+a.txt '));
  });
});
