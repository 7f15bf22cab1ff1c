import assert from 'node:assert/strict';
import { askedBy } from '../../../src/checks/integrity/asked.ts';
import { changedText } from '../../../src/checks/integrity/changed-text.ts';
import { expectedResults } from '../../../src/checks/integrity/expected-results.ts';
import { fileKinds } from '../../../src/checks/integrity/file-kinds.ts';
import { limitsLowered } from '../../../src/checks/integrity/limits-lowered.ts';
import { recodedFiles } from '../../../src/checks/integrity/recoded-files.ts';
import { secrets } from '../../../src/checks/integrity/secrets.ts';
import { suppressions } from '../../../src/checks/integrity/suppressions.ts';
import { testTiming } from '../../../src/checks/integrity/test-timing.ts';
import { file, said } from './judge.ts';

const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('');

describe('expected results', () => {
  const SNAP = 'test/__snapshots__/a.test.ts.snap';
  const snap = (...values: string[]) => values.map((value, n) => `exports[\`a ${n}\`] = \`${value}\`;\n\n`).join('');

  it('block when they are rewritten or taken away, unless the task speaks of them', () => {
    assert.deepEqual(said(expectedResults, [file(SNAP, snap('1', '2'), snap('1', '3'))]), [`! ${SNAP}:3 expectedRewritten`]);
    assert.deepEqual(said(expectedResults, [file(SNAP, snap('1', '2'), snap('1'))]), [`! ${SNAP} expectedRewritten`]);
    assert.deepEqual(said(expectedResults, [file(SNAP, snap('1'), null)]), [`! ${SNAP} expectedRewritten`]);
    for (const golden of [
      'test/add.test.js.snapshot',
      'Tests/__Snapshots__/AddTests/adds.1.txt',
      'AddTests.adds.verified.txt',
      'testdata/help.golden',
      'golden/add.txt',
      'sub/expected/a.json',
      'test/expected-output/a',
      'spec/cassettes/a.yml',
    ])
      assert.deepEqual(said(expectedResults, [file(golden, 'a\n', 'b\n')]), [`! ${golden}:1 expectedRewritten`]);
    const asked = askedBy(['Rename the title, and update the snapshots.'], []);
    assert.deepEqual(said(expectedResults, [file(SNAP, snap('1'), snap('2'))], asked), [`${SNAP} expectedRewritten`]);
  });

  it('are none of a concern when some are new', () => {
    assert.deepEqual(said(expectedResults, [file(SNAP, snap('1'), snap('1', '2'))]), []);
    assert.deepEqual(said(expectedResults, [file(SNAP, null, snap('1'))]), []);
    assert.deepEqual(said(expectedResults, [file('src/expected/parse.ts', 'a\n', 'b\n')]), []);
    assert.deepEqual(said(expectedResults, [file(SNAP, `// Jest Snapshot v1\n${snap('1')}`, `// Vitest Snapshot v1\n${snap('1')}`)]), []);
  });
});

describe('limits', () => {
  const LOWERED: readonly (readonly [string, string, string])[] = [
    ['jest.config.js', '      branches: 90,', '      branches: 50,'],
    ['vitest.config.ts', '  thresholds: { lines: 90 },', '  thresholds: { lines: 10 },'],
    ['package.json', '      "statements": 100', '      "statements": 0'],
    ['package.json', '    "lint": "eslint . --max-warnings 0",', '    "lint": "eslint . --max-warnings 500",'],
    ['.nycrc.json', '  "functions": 95', '  "functions": 9'],
    ['pyproject.toml', 'fail_under = 95', 'fail_under = 20'],
    ['setup.cfg', 'addopts = --cov-fail-under=90', 'addopts = --cov-fail-under=30'],
    ['.size-limit.json', '    "limit": "10 kB"', '    "limit": "1 MB"'],
    ['codecov.yml', '        target: 90%', '        target: 1%'],
  ];
  for (const [path, before, after] of LOWERED)
    it(`in ${path}: ${after.trim()}`, () => {
      assert.deepEqual(said(limitsLowered, [file(path, `{\n${before}\n}`, `{\n${after}\n}`)]), [`! ${path}:2 limitLowered`]);
      assert.deepEqual(said(limitsLowered, [file(path, `{\n${after}\n}`, `{\n${before}\n}`)]), []);
    });

  it('are none in other files and other numbers', () => {
    assert.deepEqual(said(limitsLowered, [file('src/page.ts', 'const limit = 10;', 'const limit = 100;')]), []);
    for (const [path, before, after] of [
      ['package.json', '"version": "2.0.0"', '"version": "1.0.0"'],
      ['vite.config.ts', "  build: { target: 'es2022' },", "  build: { target: 'es2020' },"],
      ['vite.config.ts', "  target: ['chrome110', 'es2022'],", "  target: ['chrome100', 'es2020'],"],
      ['pom.xml', '<maven.compiler.target>21</maven.compiler.target>', '<maven.compiler.target>17</maven.compiler.target>'],
      ['build.gradle', 'targetCompatibility = 21', 'targetCompatibility = 17'],
      ['pyproject.toml', 'target-version = "py312"', 'target-version = "py310"'],
      ['Makefile', 'TARGET ?= 20', 'TARGET ?= 10'],
    ] as const)
      assert.deepEqual(said(limitsLowered, [file(path, before, after)]), [], before);
  });
});

describe('secrets', () => {
  const token = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;

  it('block where no changed file of the base had them', () => {
    assert.deepEqual(said(secrets, [file('src/a.ts', 'x\n', `x\nconst key = '${token}';\n`)]), ['! src/a.ts:2 secret']);
    assert.deepEqual(said(secrets, [file('src/a.ts', `${token}\n`, `\n\n${token}\n`)]), []);
    assert.deepEqual(said(secrets, [file('src/a.ts', `${token}\n`, ''), file('src/b.ts', null, `${token}\n`)]), []);
    assert.deepEqual(said(secrets, [file('docs/a.md', null, 'GITHUB_TOKEN=ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n')]), []);
  });
});

describe('suppressions', () => {
  const FORMS: readonly (readonly [string, string])[] = [
    ['src/a.ts', '// @ts-ignore'],
    ['src/a.ts', '// eslint-disable-next-line no-console'],
    ['src/a.ts', '// biome-ignore lint/x: why'],
    ['src/a.py', 'x = 1  # noqa: E501'],
    ['src/a.py', 'x = f()  # type: ignore[arg-type]'],
    ['src/a.go', 'x := 1 //nolint:errcheck'],
    ['src/a.rs', '#[allow(dead_code)]'],
    ['src/A.java', '@SuppressWarnings("unchecked")'],
    ['src/a.js', '/* istanbul ignore next */'],
    ['src/a.rb', 'x = 1 # rubocop:disable Style/X'],
  ];

  it('are noted, and block when they are many', () => {
    for (const [path, form] of FORMS) {
      assert.deepEqual(said(suppressions, [file(path, '', `${form}\n`)]), [`${path}:1 suppressed`], form);
      assert.deepEqual(
        said(suppressions, [
          file(
            path,
            '',
            lines(8, (n) => `x${n}(); ${form}`),
          ),
        ]),
        [`! ${path}:1 suppressed`],
        form,
      );
      assert.deepEqual(said(suppressions, [file(path, `${form}\n`, `a\n${form}\n`)]), [], form);
    }
  });

  it('block when they are for a whole file', () => {
    for (const [path, form] of [
      ['src/a.ts', '// @ts-nocheck'],
      ['src/a.js', '/* eslint-disable */'],
      ['src/a.py', '# mypy: ignore-errors'],
      ['src/a.py', '# ruff: noqa'],
      ['src/a.rs', '#![allow(warnings)]'],
      ['src/a.kt', '@file:Suppress("ALL")'],
    ] as const)
      assert.deepEqual(said(suppressions, [file(path, 'a\n', `${form}\na\n`)]), [`! ${path}:1 suppressedFile`], form);
  });

  it('are none that went from one file to another, that show an error of the compiler, or are generated', () => {
    assert.deepEqual(said(suppressions, [file('src/a.ts', '// @ts-ignore\n', ''), file('src/b.ts', null, '// @ts-ignore\n')]), []);
    assert.deepEqual(said(suppressions, [file('test/a.test-d.ts', '', '// @ts-expect-error\n')]), []);
    assert.deepEqual(said(suppressions, [file('src/a_pb2.py', '', '# noqa\n')]), []);
    assert.deepEqual(said(suppressions, [file('README.md', '', '`// @ts-ignore`\n')]), []);
  });

  it('are casts too', () => {
    assert.deepEqual(said(suppressions, [file('src/a.ts', '', 'f(x as any);\n')]), ['src/a.ts:1 casts']);
    assert.deepEqual(
      said(suppressions, [
        file(
          'src/a.ts',
          '',
          lines(12, (n) => `f(x${n} as unknown as Y);`),
        ),
      ]),
      ['! src/a.ts:1 casts'],
    );
    assert.deepEqual(
      said(suppressions, [
        file(
          'test/a.test.ts',
          '',
          lines(12, (n) => `f(x${n} as any);`),
        ),
      ]),
      [],
    );
  });
});

describe('time in tests', () => {
  it('is noted, in tests only', () => {
    for (const [path, line] of [
      ['test/a.test.ts', 'await new Promise((resolve) => setTimeout(resolve, 500));'],
      ['test/a.test.ts', 'expect(Date.now() - start).toBeLessThan(100);'],
      ['tests/test_a.py', 'time.sleep(1)'],
      ['a_test.go', 'time.Sleep(100 * time.Millisecond)'],
      ['tests/a.rs', 'thread::sleep(Duration::from_millis(10));'],
    ] as const) {
      assert.deepEqual(said(testTiming, [file(path, '', `x\n${line}\n`)]), [`${path}:2 timing`], line);
      assert.deepEqual(said(testTiming, [file(path, line, `${line}\nx`)]), [], line);
      assert.deepEqual(said(testTiming, [file(path.replace(/.*\./, 'src/a.'), '', line)]), [], line);
    }
  });
});

describe('kinds of files', () => {
  const text = (path: string, size: number, kind: 'text' | 'binary' | 'unread' | 'gone', after: string | null = 'x\n') =>
    changedText({ path, before: null, after: kind === 'text' ? after : null, kind, size });

  it('are noted: binary, large, generated', () => {
    assert.deepEqual(said(fileKinds, [text('a.png', 2000, 'binary')]), ['a.png binary']);
    assert.deepEqual(said(fileKinds, [text('data.json', 600 * 1024, 'text')]), ['data.json large']);
    assert.deepEqual(said(fileKinds, [text('vendor/x/a.go', 10, 'text')]), ['vendor/x/a.go generated']);
    assert.deepEqual(said(fileKinds, [text('src/api.ts', 10, 'text', '// Code generated by protoc. DO NOT EDIT.\n')]), [
      'src/api.ts generated',
    ]);
    assert.deepEqual(
      said(fileKinds, [text('src/a.ts', 10, 'text'), text('package-lock.json', 10 ** 7, 'unread'), text('old.png', 0, 'gone')]),
      [],
    );
  });

  it('block when git takes a program for binary, as one NUL in a comment makes it, or what was text on the base', () => {
    const ends = ['js', 'mts', 'py', 'sh', 'rb', 'PHP', 'go', 'c', 'java', 'swift', 'ex', 'html', 'sql', 'yml'];
    for (const end of ends) assert.deepEqual(said(fileKinds, [text(`a.${end}`, 20, 'binary')]), [`! a.${end} textAsBinary`]);
    // Node runs one by any name.
    for (const name of ['lib/yarn.lock', 'package-lock.json'])
      assert.deepEqual(said(fileKinds, [text(name, 20, 'binary')]), [`! ${name} textAsBinary`]);
    assert.deepEqual(said(fileKinds, [text('bun.lockb', 20, 'binary'), text('yarn.lock', 2e6, 'text')]), []);
    const was = changedText({ path: 'bin/run', before: '#!/bin/sh\n', after: null, kind: 'binary', size: 20 });
    const script = changedText({ path: 'bin/new', before: null, after: null, kind: 'binary', size: 20, isScript: true });
    assert.deepEqual(said(fileKinds, [was, script]), ['! bin/run textAsBinary', '! bin/new textAsBinary']);
    for (const name of ['a.wasm', 'a.ttf', 'run']) assert.deepEqual(said(fileKinds, [text(name, 20, 'binary')]), [`${name} binary`]);
  });

  it('block when no diff shows a program, by its size, or by a NUL in more than is looked at', () => {
    const hidden = (path: string, kind: 'text' | 'unread') =>
      changedText({ path, before: null, after: null, kind, size: 9e6, isShown: false });
    for (const name of ['src/a.js', 'dist/a.js', 'a.PS1', 'bin/run'])
      assert.deepEqual(said(fileKinds, [hidden(name, 'unread')]), [`! ${name} notShown`]);
    assert.deepEqual(said(fileKinds, [hidden('a.sql', 'text')]), ['! a.sql notShown']);
    assert.deepEqual(said(fileKinds, [hidden('data.csv', 'unread'), hidden('a.mp4', 'unread')]), ['data.csv large', 'a.mp4 large']);
  });

  it('block when nobody looked at them, but a large file that is no test', () => {
    assert.deepEqual(said(fileKinds, [text('a.json', 5_000_000, 'unread')]), ['a.json large']);
    assert.deepEqual(said(fileKinds, [text('test/a.test.ts', 5_000_000, 'unread')]), ['! test/a.test.ts unread']);
    assert.deepEqual(said(fileKinds, [text('a.ts', 0, 'unread'), text('b.ts', 0, 'unread')]), ['! a.ts unread']);
  });
});

describe('encodings of files in a working tree', () => {
  it('block where they change ASCII, or write other characters with it, so that other code stands there than in the diff', () => {
    const odd = ['UTF-7', 'utf7', 'IBM037', 'CP500', 'HZ', 'ISO-2022-KR', 'UTF-7-IMAP'];
    const wide = [
      'UTF-16',
      'UTF-16LE',
      'utf-16be',
      'UTF-16LE-BOM',
      'UCS-2LE',
      'UTF-32LE',
      'GBK',
      'gb18030',
      'cp936',
      'Shift_JIS',
      'cp932',
      'Big5',
    ];
    for (const name of [...odd, ...wide])
      for (const path of ['.gitattributes', 'lib/.gitattributes', '.GitAttributes'])
        assert.deepEqual(said(recodedFiles, [file(path, '* text\n', `* text\n*.py working-tree-encoding=${name} eol=lf\n`)]), [
          `! ${path}:2 recoded`,
        ]);
  });

  it('block where a file that held them under another name, or elsewhere, becomes the attributes', () => {
    const text = '*.py working-tree-encoding=UTF-7\n';
    const moved = (from: string) => changedText({ path: '.gitattributes', from, before: text, after: text });
    for (const from of ['fixtures/attributes', 'docs/.gitattributes'])
      assert.deepEqual(said(recodedFiles, [moved(from)]), ['! .gitattributes:1 recoded']);
    assert.deepEqual(said(recodedFiles, [moved('.gitattributes')]), []);
  });

  it('block where Python reads code in what is a comment by every other encoding', () => {
    const code = 'def add(a, b):\n    return a + b\n';
    const odd = ['utf-7', 'UTF7', 'unicode_escape', 'raw_unicode_escape', 'idna', 'hz', 'iso2022_jp', 'pyxl'];
    for (const name of odd)
      for (const head of [
        `# coding: ${name}\n`,
        `#!/usr/bin/python3\n# -*- coding: ${name} -*-\n`,
        `\n # vim: set fileencoding=${name} :\n`,
      ])
        for (const path of ['add.py', 'add.PYW', 'bin/add'])
          assert.deepEqual(said(recodedFiles, [file(path, code, head + code)]), [`! ${path} readAs`], head);
    for (const name of ['utf-8', 'utf8', 'utf-8-sig', 'ascii', 'us-ascii', 'latin-1', 'iso-8859-15', 'cp1252', 'gbk', 'euc-jp', 'koi8-r'])
      assert.deepEqual(said(recodedFiles, [file('add.py', code, `# coding: ${name}\n${code}`)]), [], name);
    const was = `# coding: utf-7\n${code}`;
    assert.deepEqual(said(recodedFiles, [file('add.py', was, `${was}# More.\n`)]), []);
    assert.deepEqual(said(recodedFiles, [file('add.py', code, `${code}\n\n# coding: utf-7\n`)]), []);
    assert.deepEqual(said(recodedFiles, [file('add.rb', code, `# coding: utf-7\n${code}`)]), []);
  });

  it('are none where people keep sources in them, are gone, or stand elsewhere', () => {
    for (const name of ['utf-8', 'EUC-JP', 'euc-kr', 'windows-1252', 'cp1251', 'ISO-8859-1', 'latin1', 'KOI8-R'])
      assert.deepEqual(said(recodedFiles, [file('.gitattributes', null, `*.txt working-tree-encoding=${name}\n`)]), [], name);
    assert.deepEqual(said(recodedFiles, [file('.gitattributes', '*.py working-tree-encoding=UTF-7\n', '\n')]), []);
    assert.deepEqual(said(recodedFiles, [file('docs/git.md', null, '*.py working-tree-encoding=UTF-7\n')]), []);
  });
});
