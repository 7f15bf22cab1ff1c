import assert from 'node:assert/strict';
import path from 'node:path';
import fc from 'fast-check';
import { listPaths } from '../../../src/agent/tools/files/list-paths.ts';
import { similarPaths } from '../../../src/agent/tools/files/similar-paths.ts';
import { listFiles } from '../../../src/agent/tools/list-files.ts';
import { compileGlob } from '../../../src/common/glob.ts';
import { quick } from '../../quick.ts';
import { type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

describe('what may have been meant', () => {
  it('is the path with the most similar name, then the one in the same folders', () => {
    const existing = ['src/a/parser.ts', 'src/b/parser.ts', 'src/b/parsers.ts', 'docs/parse.md', 'src/b/main.ts'];
    assert.deepEqual(similarPaths('src/b/Parser.js', existing, 2), ['src/b/parser.ts', 'src/a/parser.ts']);
    assert.deepEqual(similarPaths('b/parser.ts', existing, 5), ['src/b/parser.ts', 'src/a/parser.ts', 'src/b/parsers.ts']);
    assert.deepEqual(similarPaths('zebra.c', existing, 5), []);
  });

  it('is found quickly among 50,000 paths', () => {
    const existing = Array.from({ length: 50_000 }, (_, i) => `packages/module-${i % 200}/src/components/widget-${i}.test.ts`);
    similarPaths('a/widget-7.ts', existing, 5);
    const before = process.cpuUsage();
    const found = similarPaths('packages/module-77/src/components/wiget-4077.tst.ts', existing, 5);
    assert.equal(found[0], 'packages/module-77/src/components/widget-4077.test.ts');
    assert.ok(process.cpuUsage(before).user < 150_000, `${process.cpuUsage(before).user} us`);
  });
});

describe('list_files', () => {
  let ws: TempWorkspace;
  beforeEach(() => {
    ws = tempWorkspace();
    for (const file of ['README.md', 'src/app.ts', 'src/lib/parse.ts', 'src/lib/parse.test.ts', 'ignored/pkg/index.js']) ws.put(file, 'x');
  });
  afterEach(() => ws.remove());
  const list = (args: unknown) => ws.call(listFiles, args);

  it('lists everything, a folder, a glob, and both', async () => {
    assert.equal((await list({})).text, '4 files in .:\nREADME.md\nsrc/app.ts\nsrc/lib/parse.test.ts\nsrc/lib/parse.ts');
    assert.equal((await list({ path: 'src/lib' })).text, '2 files in src/lib:\nsrc/lib/parse.test.ts\nsrc/lib/parse.ts');
    assert.equal((await list({ glob: '*.test.ts' })).text, '1 file in . matching *.test.ts:\nsrc/lib/parse.test.ts');
    assert.equal((await list({ path: 'src', glob: 'lib/parse.ts' })).text, '1 file in src matching lib/parse.ts:\nsrc/lib/parse.ts');
    assert.equal((await list({ path: 'src/**/*.ts' })).summary, '3 files');
    assert.equal((await list({ path: '' })).summary, '4 files');
  });

  it('explains what it cannot list', async () => {
    assert.match((await list({ path: 'src/app.ts' })).text, /is a file, not a folder; read_file/);
    assert.match((await list({ path: 'source' })).text, /does not exist/);
    assert.match((await list({ glob: '*.py' })).text, /No file in \. matches \*\.py \(4 files looked at\)/);
    assert.match((await list({ glob: '{a,b}'.repeat(9) })).text, /too many \{alternatives\}/);
  });

  it('shows one level of a folder that git ignores', async () => {
    assert.equal((await list({ path: 'ignored' })).text, '1 entry in ignored (ignored by git, one level):\npkg/');
  });

  it('folds folders when there is too much, and says how to see more', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `pkg${i % 20}/src/deep/file${i}.ts`).sort();
    const listing = listPaths(many, '', { maxLines: 300, maxBytes: 12 * 1024 });
    assert.deepEqual([listing.lines.length, listing.lines[0], listing.folded], [20, 'pkg0/src/deep/ (250 files)', true]);
    for (const file of many.slice(0, 400)) ws.put(file, '');
    const { text } = await list({});
    assert.match(text, /pkg0\/src\/deep\/ \(\d+ files\)/);
    assert.match(text, /\[folders with a count are not shown in full: list_files with their path\]$/);
    for (let i = 0; i < 310; i += 1) ws.put(`flat/${i}`, '');
    assert.match((await list({ path: 'flat' })).text, /\[10 more: narrow with path or glob\]$/);
  });

  it('stays within its limits for any set of paths', () => {
    const name = fc.constantFrom('a', 'b', 'long-name-of-a-folder', 'x'.repeat(60), '中文');
    const paths = fc.uniqueArray(
      fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(paths, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 100, max: 1_000 }), (given, maxLines, maxBytes) => {
        const listing = listPaths([...given].sort(), '', { maxLines, maxBytes });
        assert.ok(listing.lines.length <= maxLines && listing.lines.length > 0);
        assert.ok(listing.lines.length === 1 || Buffer.byteLength(listing.lines.join('\n')) <= maxBytes);
        if (listing.left > 0) return;
        const shown = listing.lines.map((line) => Number(/ \((\d+) files?\)$/.exec(line)?.[1] ?? 1));
        assert.equal(
          shown.reduce((a, b) => a + b, 0),
          given.length,
        );
      }),
      { seed: 20261122, numRuns: 300 },
    );
  });
});

describe('globs', () => {
  const TABLE: [glob: string, matching: string[], others: string[]][] = [
    ['*.ts', ['a.ts', 'src/a.ts', '.ts'], ['a.tsx', 'a.ts/b']],
    ['src/*.ts', ['src/a.ts'], ['src/b/a.ts', 'a.ts']],
    ['src/**/*.ts', ['src/a.ts', 'src/b/c/a.ts'], ['a.ts', 'lib/src/a.ts']],
    ['**/test/**', ['test/a', 'x/test/a/b'], ['tests/a']],
    ['src/', ['src/a', 'src/b/c'], ['a/src/b']],
    ['./src/a?.js', ['src/ab.js'], ['src/a.js', 'src/abc.js']],
    ['*.{ts,tsx}', ['a.ts', 'b/a.tsx'], ['a.js']],
    ['{src,test}/*', ['src/a', 'test/b'], ['lib/a']],
    ['[a-c]*.md', ['apple.md', 'x/c.md'], ['d.md']],
    ['[!a]x', ['bx'], ['ax']],
    ['a**b', ['ab', 'axxb'], ['a/b']],
    ['[', ['['], ['a']],
    ['中*', ['中文'], ['文']],
  ];
  for (const [glob, matching, others] of TABLE) {
    it(glob, () => {
      const matches = compileGlob(glob)!;
      for (const one of matching) assert.ok(matches(one), `should match ${one}`);
      for (const one of others) assert.ok(!matches(one), `should not match ${one}`);
    });
  }

  it('agrees with Node about plain globs', function () {
    if (typeof path.matchesGlob !== 'function') return this.skip();
    const piece = fc.constantFrom('a', 'b', 'ab', '*', '**', '?', 'a*', '*b', 'a?b');
    const name = fc.constantFrom('a', 'b', 'ab', 'abb', 'aab');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 2, maxLength: 4 }), fc.array(name, { minLength: 1, maxLength: 4 }), (pieces, names) => {
        // Behind the last folder, Node's `a/**` also matches `a` itself, which for files makes no difference.
        if (pieces.at(-1) === '**') return;
        assert.equal(compileGlob(pieces.join('/'))!(names.join('/')), path.posix.matchesGlob(names.join('/'), pieces.join('/')));
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  it('takes no exponential time', () => {
    assert.ok(!quick(() => compileGlob(`${'*a'.repeat(100)}c`)!(`${'a'.repeat(250)}b`)));
    assert.ok(!quick(() => compileGlob(`${'**/*a/'.repeat(40)}c`)!('a/'.repeat(100))));
  });
});
