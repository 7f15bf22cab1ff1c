import assert from 'node:assert/strict';
import { sameCode } from '../../../src/checks/proof/same-code.ts';

describe('the same code, written otherwise', () => {
  it('has other blanks between signs of code, and one comment more', () => {
    assert.equal(sameCode('a.js', 'x = (b) => b + 1;\n'), 'x /**/ = /**/ (b) /**/ => /**/ b /**/ + /**/ 1;\n// the same\n');
    assert.equal(sameCode('a.py', 'def a(b):\n    return b + 1'), 'def  a(b):\n    return  b  +  1\n# the same\n');
    assert.equal(sameCode('a.go', 'a := 1 + b\n'), 'a /**/ := /**/ 1 /**/ + /**/ b\n// the same\n');
    assert.equal(sameCode('a.rs', 'let a = 1;\n'), 'let /**/ a /**/ = /**/ 1;\n// the same\n');
    assert.equal(sameCode('a.rb', 'a = %w[b c]\n'), 'a = %w[b c]\n# the same\n');
    assert.equal(sameCode('a.php', '<?php\n$a = 1;\n'), '<?php\n$a = 1;\n// the same\n');
  });

  it('has only a comment more, and lines of comments less, where blanks may mean something or a language is hardly known', () => {
    const bare = new Set([1, 2, 3, 4]);
    const tsx = '// fixed\nconst a = <b>c  d // e</b>;\n// @ts-ignore\na; // fixed\n// kept\n';
    assert.equal(sameCode('a.tsx', tsx, bare), `${tsx.replace('// fixed\nconst', '\nconst')}// the same\n`);
    assert.equal(sameCode('a/B.java', '// fixed\nint a = 1;', bare), '\nint a = 1;\n// the same\n');
    assert.equal(sameCode('a.kt', 'val a = """\n// text\n"""\n', bare), 'val a = """\n// text\n"""\n// the same\n');
    assert.equal(sameCode('a.ex', '#!/bin/elixir\n# fixed\n', bare), '#!/bin/elixir\n\n# the same\n');
    assert.equal(sameCode('a.hs', 'a = 1\n'), 'a = 1\n-- the same\n');
    for (const file of ['a.json', 'a.png', 'a.md', 'LICENSE', 'a.html']) assert.equal(sameCode(file, 'a\n'), null, file);
  });

  it('has the same texts, patterns, comments and indents', () => {
    const text = ["  say('a b c', \"d e\", `f g`, ' ');", '\tconst x = /a b [a b] c/;', '// two words', '/* two words */', ''].join('\n');
    const written = sameCode('a.ts', text) ?? '';
    for (const kept of ["  say('a b c'", '"d e"', '`f g`', "' '", '/a b [a b] c/', '// two words', '/* two words */', '\tconst'])
      assert.ok(written.includes(kept), `${kept} in ${written}`);
    assert.ok((sameCode('a.py', 'x = """a b\nc d"""\n') ?? '').startsWith('x  = """a b\nc d"""\n'));
  });

  it('has no comments in lines that may be bare, but for what tools read', () => {
    const text = ['a(); // fixed', '// fixed', "say('// no');", '// @ts-ignore', '/* fixed */', 'b(); // kept', ''].join('\n');
    const lines = sameCode('a.js', text, new Set([1, 2, 3, 4, 5]))?.split('\n');
    assert.deepEqual(lines, ['a();', '', "say('// no');", '// @ts-ignore', '', 'b(); // kept', '// the same', '']);
    assert.equal(sameCode('a.py', 'a()  # fixed\n# type: x\n', new Set([1, 2])), 'a()\n# type: x\n# the same\n');
  });

  it('has all of its code, in lines that may be bare too', () => {
    const all = (text: string) => new Set(text.split('\n').map((_, at) => at + 1));
    const kept = (file: string, text: string) =>
      assert.equal(sameCode(file, text, all(text), 'kept')?.replace(/(\/\/|#) the same\n$/, ''), text);
    kept('a.php', "<?php\n#[Route('/fee')]\npublic function fee(#[Attr] int $n) {}\n#[\n  Attr,\n]\n");
    kept('a.php', '<?php\n$a = <<<"TEXT"\n  # not a comment\n  https://example.org\n  TEXT;\n');
    kept('a.php', "<?php\n$a = <<<'TEXT'\n// it's no comment\nTEXT;\n$b = 1;\n");
    kept('a.rb', 'a = x =~ /#[a-z]/\nb = %w[#a #b]\nc = ?#\nd = "#{e}"\n');
    kept('a.rb', 'a(<<~TEXT, b)\n  # not a comment\n  TEXT\nc = 1\n');
    kept('a.rs', 'let a = r"c:\\";\nlet b = "// no comment";\nlet c = br##"a"# // b"##;\nlet d = "// no";\n');
    kept('a.js', "if (a) /['\"]/.test(b);\nc('// no comment');\n");
    kept('a.js', 'if (a(b)) c();\nelse /"/.test(b);\nc("// no comment");\n');
    kept('a.js', 'const a = `\n// not a comment\n/* nor this */\n`;\n');
    kept('a.py', 'a = """\n# not a comment\n"""\n');
    kept('a.go', 'const a = `\n// not a comment\n`\n');
    kept('a.js', '/* a\nb */ c();\nd(/* e */ f);\n');
    kept('a.rs', '#[derive(Debug)]\n#![deny(missing_docs)]\nstruct A;\n');
    assert.equal(
      sameCode('a.php', '<?php\n# fixed\n$a = 1; # fixed\n$b = 2; // fixed\n', new Set([2, 3, 4])),
      '<?php\n\n$a = 1;\n$b = 2;\n// the same\n',
    );
    assert.equal(sameCode('a.js', '/* a\nb */ c(); // d\n', new Set([2]), 'kept'), '/* a\nb */ c();\n// the same\n');
    assert.equal(sameCode('a.rb', '# fixed\na = 1 # fixed\n', new Set([1, 2])), '\na = 1\n# the same\n');
  });

  it('has its texts as they were behind signs of any kind', () => {
    for (const text of ["f('😀😀😀😀',a==b,'x y');", "f('😀', 'x y', 'é', \"ç d\");"]) {
      const written = sameCode('a.js', text) ?? '';
      assert.ok(written.includes("'x y'"), written);
      assert.equal(written.replaceAll(' /**/ ', ' '), `${text}\n// the same\n`);
    }
    const rust = 'let a = r"c:\\"; let b = "x y"; let c = r##"a"# b c"##;\n';
    for (const kept of ['"x y"', 'r##"a"# b c"##']) assert.ok(sameCode('a.rs', rust)?.includes(kept), kept);
  });

  it('has what tools read and some code does not compile without, of which only the words go', () => {
    const directives: Readonly<Record<string, readonly string[]>> = {
      'a.rb': [
        '# frozen_string_literal: true',
        '# rubocop:disable Metrics',
        '# typed: true',
        '# encoding: utf-8',
        '# -*- coding: utf-8 -*-',
      ],
      'a.py': [
        '# mypy: ignore-errors',
        '# pyright: basic',
        '# nosec',
        '# ruff: noqa',
        '# flake8: noqa',
        '# isort:skip_file',
        '# fmt: off',
        '# type: ignore',
      ],
      'a.js': [
        '// eslint-disable-next-line',
        '// prettier-ignore',
        '/* global a */',
        '// deno-lint-ignore',
        '// oxlint-disable',
        '// @ts-expect-error',
      ],
      'a.go': ['//nolint:all', '//lint:ignore SA1 x', '// #nosec', '//go:build linux', '// +build linux', '//export Net'],
      'a.php': ['// phpcs:ignore', '// @phpstan-ignore-line', '/* @var int $a */'],
      'a.rs': ['// SAFETY: it is'],
    };
    for (const [file, lines] of Object.entries(directives))
      for (const line of lines) assert.ok(sameCode(file, `${line}\n`, new Set([1]))?.startsWith(`${line}\n`), line);
    const docs =
      '/// The fee is 2.\n//! The fee is 2.\n  /** The fee is 2. */\n/*! The fee is 2. */\n// The fee is 2.\n//// The fee is 2.\nfn a() {}\n';
    assert.equal(sameCode('a.rs', docs, new Set([1, 2, 3, 4, 5, 6]), 'kept'), '///\n//!\n  ///\n//!\n\n///\nfn a() {}\n// the same\n');
    for (const words of ['// exported: the fee is 2', '// language of the fee', '// formats: fees'])
      assert.ok(sameCode('a.go', `${words}\n`, new Set([1]))?.startsWith('\n') ?? false, words);
  });

  it('is none where what stands around it is text, or the language is unknown', () => {
    assert.equal(sameCode('a.php', '<?php echo 1 ?>\ntext\n'), null);
    for (const file of ['a.d.ts', 'a.txt', 'a']) assert.equal(sameCode(file, 'a b\n'), null);
  });
});
