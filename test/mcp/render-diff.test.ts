import assert from 'node:assert/strict';
import { escapeUntrusted } from '../../src/mcp/escape-untrusted.ts';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';
import { renderDiff } from '../../src/mcp/render-diff.ts';
import type { Change } from '../../src/workspace/types.ts';

const base = 'a'.repeat(40);
const tip = 'b'.repeat(40);

const change = (texts: Readonly<Record<string, string>>): Change => {
  const diffs = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const files = diffs.map(({ path }) => ({ path, status: 'M' as const, added: 1, removed: 0 }));
  return { base, tip, files, added: files.length, removed: 0, diffs };
};
const shown = (texts: Readonly<Record<string, string>>, path?: string, page?: number) =>
  renderDiff({ branch: 'feature/x', base, tip }, change(texts), path, page);
const lines = (name: string, count: number) => Array.from({ length: count }, (_, at) => `+${name} line ${at}\n`).join('');

/** What all pages show, without our own lines. */
async function allPages(texts: Readonly<Record<string, string>>, path?: string): Promise<string[]> {
  const first = await shown(texts, path);
  const count = Number(/page 1 of (\d+)\n/.exec(first)?.[1] ?? 1);
  const pages = Array.from({ length: count }, async (_, at) => {
    const page = await shown(texts, path, at + 1);
    assert.ok(estimateTokens(page) <= 8000, `page ${at + 1}: ${estimateTokens(page)} tokens`);
    assert.match(page, /^diff of feature\/x, aaaaaaa\.\.bbbbbbb, untrusted data/);
    if (count > 1)
      assert.match(page, at + 1 < count ? new RegExp(`goes on: delegation_diff\\(.*page=${at + 2}\\)\\]$`) : /; the last page\]$/);
    return page
      .split('\n')
      .slice(1, count > 1 ? -1 : undefined)
      .join('\n');
  });
  return Promise.all(pages);
}

describe('the text of delegation_diff', () => {
  it('is one page where all has room, the source before its tests', async () => {
    assert.equal(
      await shown({ 'test/a.test.ts': '+test\n', 'yarn.lock': '+lock\n', 'src/a.ts': '+source\n' }),
      'diff of feature/x, aaaaaaa..bbbbbbb, untrusted data\n+source\n+test\n+lock',
    );
  });

  it('shows one file alone when asked', async () => {
    const text = await shown({ 'a.txt': '+a\n', 'b.txt': '+b\n' }, 'b.txt');
    assert.ok(text.includes('+b') && !text.includes('+a'));
    assert.match(await shown({ 'a.txt': '+a\n' }, 'c.txt'), /^c\.txt is not among the changed files: a\.txt\.$/);
  });

  it('has all of a large diff in pages, in order and whole', async () => {
    const texts = { 'a.txt': lines('a', 900), 'b.txt': lines('b', 9000), 'c.txt': lines('c', 10) };
    const pages = await allPages(texts);
    assert.ok(pages.length > 5, String(pages.length));
    assert.equal(`${pages.join('\n')}\n`, Object.values(texts).join(''));
    assert.ok(estimateTokens(texts['b.txt']) > 45_000);
    assert.equal(`${(await allPages(texts, 'b.txt')).join('\n')}\n`, texts['b.txt']);
    assert.match(await shown(texts, 'b.txt'), /goes on: delegation_diff\(path as before, page=2\)\]$/);
  });

  it('begins a page with a file that would not fit on the one before', async () => {
    const pages = await allPages({ 'a.txt': lines('a', 1000), 'b.txt': lines('b', 1000) });
    assert.deepEqual(
      pages.map((page) => page.split('\n')[0]),
      ['+a line 0', '+b line 0'],
    );
  });

  it('breaks lines that are longer than a page, whatever they hold', async () => {
    for (const unit of ['word ', '字', '🎉', '\u202e', 'ሰ'])
      assert.equal(
        (await allPages({ 'min.js': `+${unit.repeat(20_000)}\n` })).join('').replaceAll('\n', ''),
        `+${escapeUntrusted(unit).repeat(20_000)}`.trimEnd(),
      );
  });

  it('lets others have their turn where it has millions of short lines', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    await shown({ 'a.txt': '+a: a\n'.repeat(200_000) });
    clearInterval(timer);
    assert.ok(turns > 1);
  });

  it('says when there is no such page', async () => {
    assert.equal(await shown({ 'a.txt': '+a\n' }, undefined, 3), 'There is no page 3: the diff has 1 page.');
  });
});
