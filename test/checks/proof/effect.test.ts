import assert from 'node:assert/strict';
import { hasEffect } from '../../../src/checks/proof/effect.ts';
import { quick } from '../../quick.ts';

/** File, before, after. */
const NONE: readonly (readonly [string, string | null, string])[] = [
  ['a.js', 'f(1);\n', '// fixed\nf(1); // once more\n\n'],
  ['a.js', 'f(1);\n', '/**\n * The sum.\n * @param a a number\n */\nf(1);\n'],
  ['a.ts', 'if (a) {\n  f(1);\n}\n', 'if (a)  {\n\n\tf(1);\n}\n'],
  ['a.js', null, '// later\n'],
  ['a.tsx', 'f(1);\n', '// fixed\nf(1);\n'],
  ['a.py', 'def f():\n    return 1\n', '# fixed\ndef f():\n    """One."""\n\n    return 1  # one\n'],
  ['a.py', 'import click\n\nf()\n', 'import click\n\n# fixed\nf()\n'],
  ['a.cs', 'f();\n', '// fixed\nf();\n'],
  ['requirements.txt', 'click==8.1.0\n', '# mul\nclick==8.1.0\n\n'],
  ['CMakeLists.txt', 'project(a)\n', '# mul\nproject(a)\n'],
  ['src/mul/.keep', null, ''],
  ['docs/a.txt', 'a\n', 'b\n'],
  ['README.txt', 'a\n', 'b\n'],
  ['a.py', 'x = 1\n', '"""A module."""\n\nx = 1\n'],
  ['a.go', 'func F() {}\n', '// F does it.\nfunc F() {}\n'],
  ['src/a.rs', 'fn f() {}\n', '/// Does it.\nfn f() {}\n'],
  ['a.rb', 'f 1\n', '# fixed\nf 1\n\n'],
  ['a.php', '<?php\nf(1);\n', '<?php\n// fixed\nf(1);\n'],
  ['A.java', 'int a;\n', '/* fixed\n again */\n\nint a; \n'],
  ['a.c', 'int a;\n', '// fixed\nint a;\n'],
  ['Makefile', 'a:\n\ttrue\n', '# b\na:\n\ttrue\n'],
  ['a.yml', null, '# later\n'],
  ['README.md', '# a\n', '# b\n'],
  ['docs/a.md', null, '# b\n'],
  ['packages/a/CHANGELOG.md', '# a\n', '# b\n'],
  ['LICENSE', 'a\n', 'b\n'],
];
const SOME: readonly (readonly [string, string | null, string | null])[] = [
  ['a.js', 'f(1);\n', 'f(2);\n'],
  ['a.js', 'f(1);\n', '// f(1);\n'],
  ['a.js', 'f(1);\n', 'f(1);\n// @ts-nocheck\n// eslint-disable-next-line\n'],
  ['a.js', "f('a  b');\n", "f('a b');\n"],
  ['a.js', 'f(`a\n\nb`);\n', 'f(`a\nb`);\n'],
  ['a.js', 'f(/* @__PURE__ */ 1);\n', 'f(1);\n'],
  ['a.js', 'f(1);\n', null],
  ['a.ts', '/// <reference types="a" />\nf();\n', '/// <reference types="b" />\nf();\n'],
  ['a.cs', 'f();\n', '#nullable enable\nf();\n'],
  ['a.cs', 'f(@"\n// a\n");\n', 'f(@"\n// b\n");\n'],
  ['a.lua', 's = [[\n-- a\n]]\n', 's = [[\n-- b\n]]\n'],
  [
    'a.py',
    'class S(cmd.Cmd):\n    def do_a(self, _):\n        """A."""\n',
    'class S(cmd.Cmd):\n    def do_a(self, _):\n        """B."""\n',
  ],
  ['a.py', '@mcp.tool()\ndef a():\n    """A."""\n', '@mcp.tool()\ndef a():\n    """B."""\n'],
  ['requirements.txt', 'click==8.1.0\n', 'click==8.1.7\n'],
  ['docs/requirements.txt', 'sphinx==7\n', 'sphinx==8\n'],
  ['CMakeLists.txt', 'project(a)\n', 'project(b)\n'],
  ['words.txt', 'a\n', 'b\n'],
  ['a/py.typed', null, ''],
  ['run.sh', 'f\n', 'f\n'], // other rights
  ['run.sh', 'cat << E\na\nE\n', 'cat << E\n# b\na\nE\n'],
  ['a.py', 'if a:\n    f()\ng()\n', 'if a:\n    f()\n    g()\n'],
  ['a.py', 'x = """a"""\n', 'x = """b"""\n'],
  ['a.py', 'import click\n\ndef f():\n    """One."""\n', 'import click\n\ndef f():\n    """Two."""\n'],
  ['a.py', 'def f():\n    """\n    >>> 1\n    1\n    """\n', 'def f():\n    """\n    >>> 1\n    2\n    """\n'],
  ['a/__init__.py', null, ''],
  ['a.go', 'package a\n', '//go:build linux\n\npackage a\n'],
  ['src/a.rs', '/// ```\n/// f(1);\n/// ```\nfn f() {}\n', '/// ```\n/// f(2);\n/// ```\nfn f() {}\n'],
  ['a.php', '<?php\n/** @dataProvider a */\n', '<?php\n/** @dataProvider b */\n'],
  ['a.c', '#if A\nint a;\n#endif\n', 'int a;\n'],
  ['content/faq.md', '# a\n', '# b\n'],
  ['prompts/system.txt', 'a\n', 'b\n'],
  ['test/fixtures/README.md', null, 'b\n'],
  ['a.json', '{}\n', '{ }\n'],
  ['Makefile', 'a:\n\ttrue\n', 'a:\n\ttrue # b\n'],
  ['Dockerfile', 'FROM a\n', '# syntax=b\nFROM a\n'],
  ['a.sh', 'f\n', '#!/bin/sh\nf\n'],
  ['a.sh', 'cat << E\na\n\nE\n', 'cat << E\na\nE\n'],
];

describe('the effect of a change', () => {
  it('is none where only people read it', () => {
    for (const [file, before, after] of NONE) assert.equal(hasEffect(file, before, after), false, `${file}: ${after}`);
  });

  it('is some where a program may read it, or where that is not known', () => {
    for (const [file, before, after] of SOME) assert.equal(hasEffect(file, before, after), true, `${file}: ${after}`);
  });

  it('looks at no text again and again, whatever stands in it', function () {
    this.timeout(20_000); // it took minutes for each of these
    const texts: readonly (readonly [path: string, piece: string])[] = [
      ['a_test.go', '\n'],
      ['a_test.go', ' \n'],
      ['A.java', '/'],
      ['A.java', '/*'],
      ['A.java', '/* '],
      ['a.c', '://a:'],
      ['a.cs', '@'],
      ['a.lua', '[='],
      ['a.cs', ' #'],
      ['a.py', '@a.'],
      ['a.ts', '/// '],
      ['a.test.ts', 'Aa1+/'],
      ['a.test.ts', '`'],
      ['a.rb', '<<~A\n'],
      ['a.php', '<<<A\n'],
    ];
    for (const [path, piece] of texts) {
      const text = piece.repeat(240_000 / piece.length);
      assert.equal(typeof hasEffect(path, text, `${text}y`), 'boolean', path);
    }
  });

  it('is told of half a megabyte of slashes, each of which may begin a regular expression, in a time that grows with their number', () => {
    for (const piece of ['/a/ ', 'return / ']) {
      const text = piece.repeat(2 ** 19 / piece.length);
      quick(() => hasEffect('a.ts', text, `${text}y`), piece);
    }
  });
});
