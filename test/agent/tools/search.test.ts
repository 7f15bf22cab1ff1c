import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFile } from '../../../src/agent/tools/read-file.ts';
import { search } from '../../../src/agent/tools/search.ts';
import { toExtendedPattern } from '../../../src/agent/tools/search-pattern.ts';
import type { SearchTarget } from '../../../src/agent/types.ts';
import { SHOWN_ROOT, type TempWorkspace, tempWorkspace } from './temp-workspace.ts';

describe('search', () => {
  let ws: TempWorkspace;
  beforeEach(() => {
    ws = tempWorkspace();
    ws.put('src/a.ts', 'const x = 1;\nfunction parse() {}\n');
    ws.put('src/deep/b.js', 'parse();\n// Parse (here)\n');
    ws.put('README.md', 'parse\n');
    ws.put('app/[id]/page.tsx', 'export parse_page\n');
  });
  afterEach(() => ws.remove());
  const find = (args: unknown) => ws.call(search, args);

  it('gives path, line and text', async () => {
    const result = await find({ pattern: 'parse' });
    assert.equal(
      result.text,
      'README.md:1: parse\napp/[id]/page.tsx:1: export parse_page\nsrc/a.ts:2: function parse() {}\nsrc/deep/b.js:1: parse();',
    );
    assert.equal(result.summary, '4 hits in 4 files');
  });

  it('takes the pattern as it is, unless regex is set', async () => {
    assert.equal((await find({ pattern: '(here)' })).text, 'src/deep/b.js:2: // Parse (here)');
    assert.equal((await find({ pattern: '^p.rse$', regex: true })).text, 'README.md:1: parse');
    assert.match((await find({ pattern: 'PARSE', ignore_case: 'true' })).text, /src\/deep\/b\.js\n1: parse\(\);\n2: \/\/ Parse \(here\)$/);
    assert.match((await find({ pattern: '^p.rse$' })).text, /No line matches "\^p\.rse\$"\. You may set regex to true.*ignore_case/);
  });

  it('looks in a folder, a file, a glob, several globs', async () => {
    const scopes: [object, SearchTarget[]][] = [
      [{}, []],
      [{ glob: 'src' }, [{ path: 'src' }]],
      [{ glob: 'src/' }, [{ path: 'src' }]],
      [{ glob: `${SHOWN_ROOT}/src/a.ts` }, [{ path: 'src/a.ts' }]],
      [{ glob: '*.ts' }, [{ glob: '**/*.ts' }]],
      [{ glob: 'src/**/*.js' }, [{ glob: 'src/**/*.js' }]],
      [{ glob: '*.{ts,js}' }, [{ glob: '**/*.ts' }, { glob: '**/*.js' }]],
      [{ path: 'src' }, [{ path: 'src' }]],
      [{ path: 'src', glob: '*.js' }, [{ glob: 'src/**/*.js' }]],
      [{ path: 'src', include: 'deep' }, [{ path: 'src/deep' }]],
      [{ path: '.' }, []],
      [{ glob: `${SHOWN_ROOT}/src/*.ts` }, [{ glob: 'src/*.ts' }]],
      [{ glob: 'app/[id]' }, [{ path: 'app/[id]' }]],
      [{ path: 'app/[id]', glob: '*.tsx' }, [{ glob: 'app/\\[id\\]/**/*.tsx' }]],
    ];
    for (const [args, places] of scopes) {
      ws.queries.length = 0;
      const result = await find({ pattern: 'parse', ...args });
      assert.ok(result.ok, result.text);
      assert.deepEqual(
        ws.queries.map((query) => query.targets),
        [places],
        JSON.stringify(args),
      );
    }
  });

  it('finds only what is in the place that was named', async () => {
    ws.put('lib/src/other.ts', 'parse\n');
    ws.put('lib/README.md', 'parse\n');
    assert.doesNotMatch((await find({ pattern: 'parse', glob: 'src' })).text, /lib/);
    assert.equal((await find({ pattern: 'parse', glob: 'README.md' })).text, 'README.md:1: parse');
    assert.equal((await find({ pattern: 'parse', glob: 'app/[id]/page.tsx' })).summary, '1 hit in 1 file');
  });

  it('tells the reason when the search itself fails', async () => {
    const workspace = { ...ws.context.workspace, search: () => Promise.reject(new Error('out of memory')) };
    const result = await search.run({ pattern: 'x' }, { ...ws.context, workspace });
    assert.deepEqual([result.ok, result.summary], [false, 'search failed']);
    assert.match(result.text, /out of memory\. Try a simpler pattern/);
  });

  it('refuses places that are not there or not in the repository', async () => {
    assert.match((await find({ pattern: 'x', glob: 'nowhere' })).text, /nowhere does not exist/);
    assert.match((await find({ pattern: 'x', glob: '../outside' })).text, /leads out/);
    assert.match((await find({ pattern: 'x', glob: '../*' })).text, /leads out/);
    assert.match((await find({ pattern: 'x', path: '.git' })).text, /git's own folder/);
    assert.match((await find({ pattern: 'x', glob: '/tmp' })).text, /use run_command with grep/);
    assert.deepEqual(ws.queries, []);
  });

  it('teaches what is wrong with a pattern', async () => {
    assert.match(
      (await find({ pattern: 'parse(', regex: true })).text,
      /is not a regular expression \(Unterminated group\).*leave regex out/,
    );
    assert.match((await find({ pattern: '(?<=a)b', regex: true })).text, /only \(\?:\.\.\.\) is supported/);
    assert.match((await find({ pattern: 'a\\nb', regex: true })).text, /line by line/);
    assert.match((await find({ pattern: 'a\nb' })).text, /one line at a time/);
    assert.match((await find({ pattern: '' })).text, /`pattern` must not be empty/);
    assert.match((await find({ query: 'parse' })).text, /README/);
  });

  it('bounds hits and lines, and says how many there are', async () => {
    ws.put('many.txt', `${'needle '.repeat(100)}\n`.repeat(250));
    const { text, summary } = await find({ pattern: 'needle' });
    assert.ok(Buffer.byteLength(text) <= 17 * 1024);
    assert.match(text, /\[250 hits in 1 file; the next ones with "offset": \d+\]$/);
    assert.equal(summary, '250 hits in 1 file');
    ws.put('many.txt', 'needle\n'.repeat(3_000));
    assert.match((await find({ pattern: 'needle' })).text, /\[1000 hits or more in 1 file; the next ones with "offset": 100\]$/);
  });

  it('goes on behind the hits that were shown, until all were', async () => {
    ws.put('many.txt', Array.from({ length: 250 }, (_, i) => `needle ${i + 1}\n`).join(''));
    const seen: string[] = [];
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const { text } = await find({ pattern: 'needle', offset });
      seen.push(...text.split('\n').filter((line) => /^\d+: /.test(line)));
      const next: string | undefined = /"offset": (\d+)\]$/.exec(text)?.[1];
      offset = next === undefined ? undefined : Number(next);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 250 }, (_, i) => `${i + 1}: needle ${i + 1}`),
    );
    assert.match((await find({ pattern: 'needle', offset: 250 })).text, /There are 250 hits in 1 file; offset 250 is past them/);
  });

  it('shows lines around hits, none twice', async () => {
    ws.put('c.txt', '1\n2\nneedle a\n4\nneedle b\n6\n7\n8\n9\n10\nneedle c\n');
    assert.equal(
      (await find({ pattern: 'needle', context: 2 })).text,
      'c.txt\n1- 1\n2- 2\n3: needle a\n4- 4\n5: needle b\n6- 6\n7- 7\n--\n9- 9\n10- 10\n11: needle c',
    );
    ws.put('d.txt', 'needle\r\nend\r\n');
    assert.equal((await find({ pattern: 'needle', glob: 'd.txt', context: '1' })).text, 'd.txt\n1: needle\n2- end');
    ws.put('e.txt', `${'x\n'.repeat(50)}needle\n`.repeat(40));
    const { text } = await find({ pattern: 'needle', glob: 'e.txt', context: 500 });
    assert.match(text, /^e\.txt\n31- x\n/);
    assert.ok(Buffer.byteLength(text) < 13 * 1024);
  });

  it('leaves out lines around hits that were read and are as they were', async () => {
    ws.put('c.txt', '1\n2\nneedle a\n4\n5\n6\n7\nneedle b\n9\n');
    await ws.call(readFile, { paths: ['c.txt:1-6'] });
    const note = '[of the lines around hits those are left out that you have read, unchanged]';
    const around = async () => (await find({ pattern: 'needle', glob: 'c.txt', context: 2 })).text;
    assert.equal(await around(), `c.txt\n3: needle a\n7- 7\n8: needle b\n9- 9\n${note}`);
    assert.equal((await find({ pattern: 'needle', glob: 'c.txt' })).text, 'c.txt\n3: needle a\n8: needle b');
    ws.context.shown.clear();
    assert.equal(await around(), 'c.txt\n1- 1\n2- 2\n3: needle a\n4- 4\n5- 5\n6- 6\n7- 7\n8: needle b\n9- 9');
    await ws.call(readFile, { paths: ['c.txt'] });
    assert.equal(await around(), `c.txt\n3: needle a\n8: needle b\n${note}`);
    ws.put('c.txt', '1\ntwo\nneedle a\n');
    assert.equal(await around(), 'c.txt\n1- 1\n2- two\n3: needle a', 'changed since');
  });
});

describe('search patterns', () => {
  const TABLE: [pattern: string, matching: string[], others: string[]][] = [
    ['\\bfoo\\b', ['a foo b'], ['afoo']],
    ['\\d+\\s*\\w', ['12 a'], ['a 1']],
    ['[\\w.]+@', ['a.b@'], ['@']],
    ['[^\\s]x', ['ax'], [' x']],
    ['^(?:a|b)+?c', ['abc'], ['dc']],
    ['foo\\(', ['foo('], ['foo']],
    ['interface{}', ['interface{}'], ['interface']],
    ['map{2}', ['mapp'], ['map2']],
    ['a{1,}b', ['aab'], ['b']],
    ['[\\]a]', [']', 'a'], ['b']],
    ['[^\\]]', ['a'], [']']],
    ['[a\\-z]', ['-'], ['b']],
    ['[\\^]', ['^'], ['a']],
    ['a\\/b', ['a/b'], ['ab']],
    ['\\<div\\>', ['<div>'], ['div']],
    ['"\\$\\{', ['"${'], ['${']],
    ['\\tx', ['\tx'], ['tx']],
    ['a.*?b', ['axxb'], ['a']],
    ['colou?r', ['color', 'colour'], ['colr']],
    ['\\+?x', ['+x', 'x'], ['y']],
    ['[[:alpha:]]1', ['a1'], ['11']],
    ['import .* from [\'"]\\.\\/', ["import a from './b'"], ["import a from 'b'"]],
  ];
  for (const [pattern, matching, others] of TABLE) {
    it(`${pattern} means for git grep -E what it means for a model`, () => {
      const extended = toExtendedPattern(pattern);
      assert.ok(extended.ok, !extended.ok ? extended.message : '');
      for (const text of matching) assert.equal(grep(extended.pattern, text), 0, `${extended.pattern} should match ${text}`);
      for (const text of others) assert.equal(grep(extended.pattern, text), 1, `${extended.pattern} should not match ${text}`);
    });
  }

  let ws: TempWorkspace;
  before(() => {
    ws = tempWorkspace();
  });
  after(() => ws.remove());

  /** 0 = matches, 1 = does not, 128 = not understood. */
  function grep(pattern: string, text: string): number | null {
    writeFileSync(path.join(ws.outside, 'text'), `${text}\n`);
    return spawnSync('git', ['grep', '--no-index', '-q', '-E', '-e', pattern, '--', 'text'], { cwd: ws.outside }).status;
  }
});
