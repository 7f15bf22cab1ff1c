import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdits } from '../../../src/agent/tools/edit/apply-edits.ts';
import type { Wanted } from '../../../src/agent/tools/edit/edit-ladder.ts';
import { quick } from '../../quick.ts';

type EditCase = readonly [
  name: string,
  before: string,
  edits: readonly (readonly [oldText: string, newText: string, all?: 'all'])[],
  /** The text afterwards, or what the refusal must say. */
  expected: string | RegExp,
  /** What a note must say. */
  note?: RegExp,
];

const BIG_BODY = Array.from({ length: 120_000 }, (_, i) => `const value${i} = compute(${i}, 'some text');`).join('\n');

const CASES: readonly EditCase[] = [
  // Exact.
  ['one line', 'a\nb\nc\n', [['b', 'B']], 'a\nB\nc\n'],
  ['part of a line', 'counter: 0\n', [['counter: 0', 'counter: 1']], 'counter: 1\n'],
  ['several lines', 'a\nb\nc\nd\n', [['b\nc\n', 'x\ny\nz\n']], 'a\nx\ny\nz\nd\n'],
  ['insert after a line', 'a\nc\n', [['a\n', 'a\nb\n']], 'a\nb\nc\n'],
  ['delete a line', 'a\nb\nc\n', [['b\n', '']], 'a\nc\n'],
  ['delete everything', 'a\nb\n', [['a\nb\n', '']], ''],
  ['first line', 'a\nb\n', [['a\n', 'A\n']], 'A\nb\n'],
  ['join lines', 'a\nb\nc\n', [['a\nb', 'ab']], 'ab\nc\n'],
  ['from the middle of a line to the middle of another', 'f(1);\ng(2);\n', [['1);\ng(2', '3);\nh(4']], 'f(3);\nh(4);\n'],
  ['regex-special characters', 'x = a[i] + (b * c)?.$1^|\n', [['a[i] + (b * c)?.$1^|', 'q']], 'x = q\n'],
  ['$& and $1 in new_text', 'say hello\n', [['hello', "$& $1 $` $' $$"]], "say $& $1 $` $' $$\n"],
  ['backslashes', 'path = "C:\\\\temp"\n', [['"C:\\\\temp"', '"D:\\\\new\\n"']], 'path = "D:\\\\new\\n"\n'],
  ['emoji and Chinese', '// 中文 🎉 done\n', [['中文 🎉', '英文 🚀']], '// 英文 🚀 done\n'],
  ['combining characters stay', 'cafe\u0301 au lait\nx\n', [['x', 'y']], 'cafe\u0301 au lait\ny\n'],
  ['no final newline stays', 'a\nb', [['b', 'B']], 'a\nB'],
  ['final newline asked for', 'a\nb', [['b', 'B\n']], 'a\nB\n'],
  ['more lines at the end, without a final newline', 'a\nb', [['b', 'b\nc\nd']], 'a\nb\nc\nd'],
  ['more lines at the end, with one claimed', 'a\nb', [['b\n', 'b\nc\n']], 'a\nb\nc', /trailing blanks/],
  ['a word inside of another', 'counter = count\n', [['= count', '= total']], 'counter = total\n'],
  ['the exact place wins over one that is nearly the same', '  x = 1 \nx = 1\n', [['x = 1\n', 'x = 2\n']], '  x = 1 \nx = 2\n'],
  ['NUL and other control characters stay', 'a\u0000b\u0001\nc\n', [['c', 'C']], 'a\u0000b\u0001\nC\n'],
  ['lone CR as line ends', 'a\rb\rc\r', [['b\rc', 'B\rc']], 'a\rB\rc\r'],
  ['a byte order mark inside the text stays', '\ufeffa\nb\n', [['b', 'B']], '\ufeffa\nB\n'],
  ['several final newlines stay', 'a\nb\n\n\n', [['b', 'B']], 'a\nB\n\n\n'],
  ['form feed and lone CR stay', 'a\f\rb\nc\n', [['c', 'C']], 'a\f\rb\nC\n'],
  ['empty file takes an empty old_text', '', [['', 'hello\n']], 'hello\n'],

  // Several edits.
  [
    'two edits',
    'a\nb\nc\n',
    [
      ['a', 'A'],
      ['c', 'C'],
    ],
    'A\nb\nC\n',
  ],
  [
    'two edits against the order of the file',
    'a\nb\nc\n',
    [
      ['c', 'C'],
      ['a', 'A'],
    ],
    'A\nb\nC\n',
  ],
  [
    'two edits side by side',
    'a\nb\n',
    [
      ['a\n', 'A\n'],
      ['b\n', 'B\n'],
    ],
    'A\nB\n',
  ],
  [
    'lines put in from both sides of one place',
    'a\nb\n',
    [
      ['a\n', 'a\nX\n'],
      ['b\n', 'Y\nb\n'],
    ],
    'a\nX\nY\nb\n',
  ],
  [
    'an edit whose place is unique only after another',
    'x = 1\nx = 1\n',
    [
      ['x = 1\nx', 'y = 1\nx'],
      ['x = 1', 'z = 1'],
    ],
    /Edit 2 of 2: old_text occurs several times/,
  ],
  [
    'an exact edit inside the block of one that is shifted',
    '  foo(\n    1)\n',
    [
      ['foo(\n  1)', 'bar(\n  2)'],
      ['1', '3'],
    ],
    /overlap/,
  ],
  [
    'replace_all that touches another edit',
    'a b\na\n',
    [
      ['a', 'x', 'all'],
      ['a b', 'y'],
    ],
    /Edits 1 and 2 overlap at lines 1-1|Edits 2 and 1 overlap at lines 1-1/,
  ],
  [
    'edits that swap',
    'one two\n',
    [
      ['one', 'two'],
      ['two', 'one'],
    ],
    'two one\n',
  ],
  [
    'overlapping edits',
    'a\nb\nc\n',
    [
      ['a\nb', 'x'],
      ['b\nc', 'y'],
    ],
    /Edits 1 and 2 overlap at lines 1-3.*Merge/,
  ],
  [
    'the same edit twice',
    'a\nb\n',
    [
      ['a', 'x'],
      ['a', 'y'],
    ],
    /overlap/,
  ],
  [
    'one of two is not found',
    'a\nb\n',
    [
      ['a', 'x'],
      ['zzz', 'y'],
    ],
    /Edit 2 of 2: old_text was not found. Nothing was changed/,
  ],
  [
    'an edit that needs another one first',
    'a\n',
    [
      ['a', 'foo(bar)'],
      ['foo(bar)', 'baz'],
    ],
    /new_text of edit 1.*put both changes into edit 1/,
  ],
  [
    'an edit that changes nothing beside one that does',
    'a\nb\n',
    [
      ['a', 'a'],
      ['b', 'B'],
    ],
    'a\nB\n',
    /edit 1 of 2 was skipped/,
  ],

  // Several places.
  ['two places', 'x = 1\ny\nx = 1\n', [['x = 1', 'x = 2']], /several times: lines 1, 3\..*replace_all/],
  ['two places, replace_all', 'x = 1\ny\nx = 1\n', [['x = 1', 'x = 2', 'all']], 'x = 2\ny\nx = 2\n'],
  ['two places in one line', 'a a\n', [['a', 'b']], /lines 1, 1/],
  ['overlapping places are not unique', 'aaa\n', [['aa', 'b']], /several times/],
  ['overlapping places, replace_all', 'aaaa\n', [['aa', 'b', 'all']], 'bb\n'],
  ['more context makes it unique', 'if a:\n  x\nif b:\n  x\n', [['if b:\n  x', 'if b:\n  y']], 'if a:\n  x\nif b:\n  y\n'],
  ['many places', 'x\n'.repeat(50), [['x', 'y']], /lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more/],
  ['replace_all with one place', 'a\nb\n', [['a', 'x', 'all']], 'x\nb\n'],

  // Nothing to change.
  ['old_text equals new_text', 'a\n', [['a', 'a']], /same.*Do not repeat/],
  ['done already', 'const limit = 20;\n', [['const limit = 10;', 'const limit = 20;']], /new_text is already in the file at line 1/],
  [
    'swap that gives the same text',
    'aXa\n',
    [
      ['aX', 'aX'],
      ['Xa', 'Xa'],
    ],
    /same/,
  ],
  ['empty old_text in a file with text', 'a\n', [['', 'b']], /old_text is empty, which names no place.*write_file/],

  // Line ends.
  ['CRLF, one line', 'a\r\nb\r\nc\r\n', [['b', 'B']], 'a\r\nB\r\nc\r\n'],
  ['CRLF, LF in old_text', 'a\r\nb\r\nc\r\n', [['a\nb\n', 'a\nx\ny\n']], 'a\r\nx\r\ny\r\nc\r\n', /ignoring line endings/],
  ['CRLF, CRLF in old_text', 'a\r\nb\r\nc\r\n', [['a\r\nb\r\n', 'a\r\nB\r\n']], 'a\r\nB\r\nc\r\n'],
  ['CRLF, more lines for one', 'a\r\nb\r\nc\r\n', [['b', 'x\ny']], 'a\r\nx\r\ny\r\nc\r\n'],
  ['CRLF, from the middle of a line', 'f(a,\r\n  b)\r\n', [['a,\n  b', 'c,\n  d']], 'f(c,\r\n  d)\r\n', /line endings/],
  ['CRLF, old_text begins with a line end', 'a\r\nb\r\n', [['\nb', '\nx\ny']], 'a\r\nx\r\ny\r\n'],
  ['CRLF, delete a line', 'a\r\nb\r\nc\r\n', [['b\n', '']], 'a\r\nc\r\n', /line endings/],
  ['CRLF, last line without end', 'a\r\nb', [['b', 'b\nc']], 'a\r\nb\r\nc'],
  ['LF, CRLF in both texts', 'a\nb\nc\n', [['a\r\nb\r\n', 'a\r\nB\r\n']], 'a\nB\nc\n', /ignoring line endings/],
  ['LF, CRLF in new_text', 'a\nb\n', [['b', 'x\r\ny']], 'a\nx\ny\n'],
  ['mixed, LF part', 'a\nb\nc\r\nd\r\n', [['b', 'x\ny']], 'a\nx\ny\nc\r\nd\r\n'],
  ['mixed, CRLF part', 'a\nb\nc\r\nd\r\n', [['c', 'x\ny']], 'a\nb\nx\r\ny\r\nd\r\n'],
  ['mixed inside the block: kept lines keep theirs', 'a\r\nb\nc\r\n', [['a\nb\nc\n', 'a\nB\nc\n']], 'a\r\nB\nc\r\n', /line endings/],
  ['CRLF, two places', 'a\r\nb\r\na\r\nb\r\n', [['a\nb', 'x']], /several times \(ignoring line endings\): lines 1, 3/],
  ['CRLF, two places, replace_all', 'a\r\nb\r\na\r\nb\r\n', [['a\nb', 'x\ny', 'all']], 'x\r\ny\r\nx\r\ny\r\n', /line endings/],

  // Trailing blanks.
  ['blanks behind lines of the file', 'a  \nb\t\nc\n', [['a\nb\nc', 'a\nB\nc']], 'a  \nB\nc\n', /ignoring trailing blanks/],
  ['blanks behind lines of old_text', 'a\nb\nc\n', [['a  \nb ', 'a  \nB']], 'a\nB\nc\n', /trailing blanks/],
  ['blank line with blanks in the file', 'a\n   \nb\n', [['a\n\nb', 'a\n\nB']], 'a\n   \nB\n', /trailing blanks/],
  ['old_text claims a final newline', 'a\nlast', [['last\n', 'end\n']], 'a\nend', /trailing blanks/],
  ['old_text claims a final newline and deletes', 'a\nlast', [['last\n', '']], 'a\n', /trailing blanks/],
  ['old_text claims a final newline, new_text has none', 'a\nlast', [['last\n', 'end']], /not found/],
  ['trailing blanks do not make other lines equal', 'ab\n', [['a ', 'x']], /not found/],
  ['trailing blanks in two places', 'a \nb\nx\na\t\nb\n', [['a\nb', 'c']], /several times \(ignoring trailing blanks\): lines 1, 4/],
  ['trailing blanks, delete a line', 'a\nb  \nc\n', [['b\n', '']], 'a\nc\n', /trailing blanks/],
  ['trailing blanks, delete the first lines', 'a \nb\nc\n', [['a\nb\n', '']], 'c\n', /trailing blanks/],
  ['trailing blanks, everywhere', 'a \nx\na\t\n', [['a\n', 'b\n', 'all']], 'b\nx\nb\n', /trailing blanks/],
  ['trailing blanks of a line that changes go', 'a  \nb  \n', [['a\nb', 'x\nb']], 'x\nb  \n', /trailing blanks/],
  ['lines that repeat themselves before the place', 'a \na \na \nb \n', [['a\na\nb', 'c']], 'a \nc\n', /trailing blanks/],
  [
    'lines that overlap themselves are not unique',
    'a \na \na \n',
    [['a\na\n', 'b\n']],
    /several times \(ignoring trailing blanks\): lines 1, 2\./,
  ],
  ['a form feed is no blank', '\fx = 1\n', [['  x = 1\n', '  y = 1\n']], /not found/],
  ['blank lines name no place', 'a\n\nb\n', [['  ', 'x']], /not found/],
  ['several blank lines name no place', 'a\n\n\nb\n', [[' \n \n', 'x\n']], /not found/],

  // Indentation.
  [
    'deeper in the file',
    '    if a:\n        b()\n    c()\n',
    [['if a:\n    b()\n', 'if a:\n    x()\n    y()\n']],
    '    if a:\n        x()\n        y()\n    c()\n',
    /indentation/,
  ],
  ['less deep in the file', 'if a:\n  b()\n', [['    if a:\n      b()', '    if a:\n      c()']], 'if a:\n  c()\n', /indentation/],
  [
    'tabs in the file, four spaces in old_text',
    '\tif (a) {\n\t\tb();\n\t}\n',
    [['    if (a) {\n        b();\n    }', '    if (a) {\n        c();\n            d();\n    }']],
    '\tif (a) {\n\t\tc();\n\t\t\td();\n\t}\n',
    /indentation/,
  ],
  [
    'tabs in the file, two spaces in old_text',
    'f() {\n\ta();\n\t\tb();\n}\n',
    [['  a();\n    b();', '  a();\n    c();\n      d();']],
    'f() {\n\ta();\n\t\tc();\n\t\t\td();\n}\n',
    /indentation/,
  ],
  [
    'spaces in the file, tabs in old_text',
    '  a();\n    b();\n',
    [['\ta();\n\t\tb();', '\ta();\n\t\tc();']],
    '  a();\n    c();\n',
    /indentation/,
  ],
  [
    'tabs in the file, nothing in old_text',
    '\t\tx = 1\n\t\ty = 2\n',
    [['x = 1\ny = 2', 'x = 1\nif x:\n    y = 2']],
    '\t\tx = 1\n\t\tif x:\n\t\t\ty = 2\n',
    /indentation/,
  ],
  [
    'tabs in the file, six spaces in old_text',
    'f {\n\ta();\n\t\tb();\n}\n',
    [['      a();\n            b();', '      a();\n            c();\n                  d();']],
    'f {\n\ta();\n\t\tc();\n\t\t\td();\n}\n',
    /indentation/,
  ],
  [
    'deeper in the file, delete a line',
    '    a()\n    b()\n    c()\n',
    [['  a()\n  b()\n', '  a()\n']],
    '    a()\n    c()\n',
    /indentation/,
  ],
  [
    'Python: a step that is doubled in the file is no shift',
    'if a:\n        x()\nelse:\n        y()\n',
    [['if a:\n    x()\nelse:\n    y()', 'if b:\n    x()\nelse:\n    y()']],
    /not found/,
  ],
  [
    'Python: the same lines in two blocks, one of them as deep as old_text',
    'if a:\n    x()\n    y()\nfor b in c:\n    if d:\n        x()\n        y()\n',
    [['    x()\n    y()\n', '    z()\n']],
    'if a:\n    z()\nfor b in c:\n    if d:\n        x()\n        y()\n',
  ],
  ['text at the margin inside a shifted block', '  s = `\nraw\n`;\n  x();\n', [['s = `\nraw\n`;\nx();', 'y();']], /not found/],
  ['not shifted uniformly', 'if a:\n    b()\nc()\n', [['if a:\n  b()\n c()', 'x']], /not found/],
  ['new_text less deep than can be shifted', 'a\n  b\n', [['    a\n      b', 'a\n  c']], /not found/],
  ['shifted block in two places', '  a\n  b\nx\n    a\n    b\n', [['a\nb', 'c\nd']], /several times/],
  ['blank lines inside a shifted block', '    a\n\n    b\n', [['a\n\nb', 'a\n\nc']], '    a\n\n    c\n', /indentation/],
  // Indentation that one line of old_text lacks.
  [
    'one line deeper in the file',
    'def f():\n    if a:\n        x = 1\n',
    [['    x = 1', '    x = 2\n    y = 3']],
    'def f():\n    if a:\n        x = 2\n        y = 3\n',
    /indentation shifted/,
  ],
  [
    'one line deeper, with its end',
    '        x = 1\n',
    [['    x = 1\n', '    x = 2\n    y = 3\n']],
    '        x = 2\n        y = 3\n',
    /shifted/,
  ],
  ['one line deeper, tabs', 'f {\n\t\ta();\n}\n', [['\ta();', '\ta();\n\tb();']], 'f {\n\t\ta();\n\t\tb();\n}\n', /shifted/],
  ['one line deeper, CRLF', '\t\ta();\r\n', [['\ta();\n', '\ta();\n\tb();\n']], '\t\ta();\r\n\t\tb();\r\n', /shifted/],
  [
    'a line put before',
    'class A:\n    def f():\n        return 1\n',
    [['    return 1', '    log()\n    return 1']],
    'class A:\n    def f():\n        log()\n        return 1\n',
    /shifted/,
  ],
  ['a block around', '        x = 1\n', [['    x = 1', '    if a:\n        x = 1']], '        if a:\n            x = 1\n', /shifted/],
  ['one line without indentation', '        x = 1\n', [['x = 1', 'x = 2\ny = 3']], '        x = 2\n        y = 3\n', /shifted/],
  ['without indentation, tabs', '\t\treturn 1;\n', [['return 1;', 'log();\nreturn 1;']], '\t\tlog();\n\t\treturn 1;\n', /shifted/],
  ['without indentation, a blank line first', '    b()\n', [['b()', '\nb()\nc()']], '\n    b()\n    c()\n', /shifted/],
  [
    'without indentation, a block around',
    '    x();\n',
    [['x();', 'if (a) {\n    x();\n}']],
    '    if (a) {\n        x();\n    }\n',
    /shifted/,
  ],
  ['without indentation, a block in tabs', '\tx();\n', [['x();', 'if (a) {\n    x();\n}']], '\tif (a) {\n\t\tx();\n\t}\n', /shifted/],
  [
    'without indentation, two blocks',
    '    x()\n',
    [['x()', 'if a:\n    x()\nelse:\n    y()']],
    '    if a:\n        x()\n    else:\n        y()\n',
    /shifted/,
  ],
  [
    'without indentation, the next line as it stands',
    '    x = 1\n}\n',
    [['x = 1\n}', 'x = 2\ny = 3\n}']],
    '    x = 2\n    y = 3\n}\n',
    /shifted/,
  ],
  [
    'without indentation, a part of a line',
    '    return f(1)\n',
    [['return f(', 'log()\nreturn g(']],
    '    log()\n    return g(1)\n',
    /shifted/,
  ],
  ['without indentation, everywhere', '  x\n    x\n', [['x', 'x\ny', 'all']], '  x\n  y\n    x\n    y\n', /shifted/],
  ['only the first line lacks it', '        x = 1\n', [['x = 1', 'x = 2\n        y = 3']], '        x = 2\n        y = 3\n'],
  [
    'only the first line lacks it, a block',
    '    x();\n',
    [['x();', 'if (a) {\n        x();\n    }']],
    '    if (a) {\n        x();\n    }\n',
  ],
  [
    'only the first line lacks it, out of the block',
    '\tx()\n}\n',
    [['x()\n}', 'x()\n\ty()\n}\n\nfunc g() {\n\tz()\n}']],
    '\tx()\n\ty()\n}\n\nfunc g() {\n\tz()\n}\n',
  ],
  [
    'only the first of two lines lacks it',
    '    if a:\n        b()\n',
    [['if a:\n        b()', 'if c:\n        b()\n        d()']],
    '    if c:\n        b()\n        d()\n',
  ],
  [
    'unclear: a block or the end of one',
    '    return 1\n',
    [['return 1', 'return 2\n\ndef g():\n    return 3']],
    /begins inside the indentation of line 1 \(" {4}return 1"\).*Copy that line whole.*Nothing was changed/,
  ],
  [
    'unclear: brackets of the block outside',
    '    return 1;\n}\n',
    [['return 1;', 'return 2;\n}\n\nfunction g() {\n    return 3;']],
    /not clear/,
  ],
  ['unclear: further code or code behind the block', 'def f():\n    return 1\n', [['return 1', 'return 1\n\nprint(f())']], /not clear/],
  ['a blank line between statements that end', '  a();\n', [['a();', 'a();\n\nb();']], '  a();\n\n  b();\n', /shifted/],
  ['unclear: deeper without a reason', '        x = 1\n', [['    x = 1', '    x = 2\n        y = 3']], /not clear/],
  ['unclear: spaces where the file has tabs', '\tx();\n', [['x();', 'x();\n    y();']], /not clear/],
  ['unclear: a rest of the line follows', '    f(1)\n', [['f(', 'f(\n    a,\n']], /not clear/],
  ['unclear in one of two places', 'x();\n\tx();\n', [['x();', 'x();\n    y();', 'all']], /not clear/],

  ['CRLF and indentation', '\ta\r\n\tb\r\n', [['  a\n  b', '  a\n  c']], '\ta\r\n\tc\r\n', /indentation/],

  // Pasted line numbers.
  ['numbers with tabs', 'a\nb\nc\n', [['2\tb\n3\tc', '2\tB\n3\tC']], 'a\nB\nC\n', /line numbers/],
  ['one numbered line', 'alpha\nbeta\n', [['2\tbeta', 'gamma']], 'alpha\ngamma\n', /line numbers/],
  ['numbers as of cat -n', 'a\nb\n', [['     1\ta\n     2\tb\n', '     1\ta\n     2\tx\n']], 'a\nx\n', /line numbers/],
  ['numbers with arrows', 'a\nb\n', [['1→a\n2→b', 'a\nx']], 'a\nx\n', /line numbers/],
  ['numbers and CRLF', 'a\r\nb\r\n', [['1\ta\n2\tb\n', 'a\nx\n']], 'a\r\nx\r\n', /line numbers/],
  ['numbers and indentation', 'f\n    a\n    b\n', [['2\ta\n3\tb', 'a\nc']], 'f\n    a\n    c\n', /line numbers/],
  ['numbers on some lines of new_text', 'a\nb\n', [['1\ta\n2\tb', '1\ta\nx']], /line numbers in front of some/],
  ['numbers that do not count on are text', 'a\nb\n', [['1\ta\n7\tb', 'x']], /not found/],
  ['a numbered line matches whole lines only', '1: baz\nfoo baz\n', [['3|baz', 'x']], /not found/],
  ['a file of numbers and tabs is taken as it is', '1\ta\n2\tb\n', [['2\tb', '2\tc']], '1\ta\n2\tc\n'],

  ['numbered lines in two places', 'x\na\nb\ny\na\nb\n', [['2\ta\n3\tb', 'z']], /several times \(without the pasted.*lines 2, 5/],
  ['numbers in a file of numbers are text', '1\tapple\n2\tpear\napple\n', [['3\tapple', '3\tplum']], /not found/],
  ['numbers in a table are text', '1|apple\n2|pear\napple\n', [['3|apple', '3|plum']], /not found/],
  ['a numbered list is text', '1. apple\n2. pear\n', [['2. pear', '3. pear']], '1. apple\n3. pear\n'],
  ['a numbered list that has other numbers', '1. apple\n2. pear\n', [['3. pear', '4. pear']], /not found/],

  // Look-alike characters.
  ['curly quotes in the file', 'say “it’s”\n', [['say "it\'s"', 'say "no"']], 'say "no"\n', /look-alike/],
  ['a dash in the file', 'a – b\nkeep — this\n', [['a - b', 'a + b']], 'a + b\nkeep — this\n', /look-alike/],
  ['nbsp in the file', 'a\u00a0b\n', [['a b', 'a c']], 'a c\n', /look-alike/],
  ['curly quotes in old_text', "it's\n", [['it’s', "it isn't"]], "it isn't\n", /look-alike/],
  ['kept lines keep their characters', '“a”\nb\n', [['"a"\nb', '"a"\nc']], '“a”\nc\n', /look-alike/],
  ['look-alikes in two places', '“a”\n‘a’ “a”\n', [['"a"', 'x']], /several times.*look-alike/],
  ['other letters are other letters', 'naïve\n', [['naive', 'x']], /not found/],
  ['a letter and its accent, apart in the file', 'x\ncafe\u0301 = 1\n', [['x\ncafé = 1', 'x\ncafé = 2']], 'x\ncafé = 2\n', /look-alike/],
  ['an accent in two places', 'e\u0301 = 1\ne\u0301 = 1\n', [['é = 1', 'x']], /several times.*look-alike/],
  ['an accent apart in old_text', 'é = 1\nb\n', [['e\u0301 = 1\nb', 'e\u0301 = 1\nc']], 'é = 1\nc\n', /look-alike/],

  // Not found: the closest block.
  [
    'one word differs',
    'a\nfunction parse(input) {\n  return 1;\n}\n',
    [['function parse(text) {\n  return 1;\n}', 'x']],
    /Closest is line 2-4:\n2\tfunction parse\(input\) \{[\s\S]*First difference, line 2: the file has "function parse\(input\) \{", old_text has "function parse\(text\) \{"/,
  ],
  [
    'a line is missing',
    'a1\nb2\nlongline\nd4\n',
    [['longline\nnope', 'x']],
    /Closest is line 3-4[\s\S]*line 4: the file has "d4", old_text has "nope"/,
  ],
  ['blanks inside', 'x  =  10;\n', [['x = 10;', 'y']], /Closest is line 1:\n1\tx {2}= {2}10;/],
  ['nothing alike', 'abc\n', [['zzzzzz', 'y']], /old_text was not found. Nothing was changed.\nCopy old_text/],
  ['case differs', 'Hello World\n', [['hello world', 'y']], /Closest is line 1/],
  ['empty file', '', [['abc', 'y']], /not found/],
];

describe('edit ladder', () => {
  for (const [name, before, edits, expected, note] of CASES) {
    it(name, () => {
      const result = applyEdits(before, edits.map(toWanted));
      if (expected instanceof RegExp) {
        assert.ok(!result.ok, `should be refused, gave ${result.ok && JSON.stringify(result.text)}`);
        assert.match(result.message, expected);
        return;
      }
      assert.ok(result.ok, `refused: ${!result.ok && result.message}`);
      assert.equal(result.text, expected);
      assert.match(result.notes.join('; '), note ?? /^$/);
    });
  }

  it('has at least 60 cases', () => assert.ok(CASES.length >= 60));

  it('is quick on a file of 5 MB, found and not found, exact and not', () => {
    const text = `${BIG_BODY}\n`;
    assert.ok(text.length > 5_000_000);
    const edit = (before: string, after: string) => quick(() => applyEdits(text, [toWanted([before, after])]));
    const exact = edit("const value60000 = compute(60000, 'some text');", 'X');
    const shifted = edit("  const value7 = compute(7, 'some text');\n  const value8 = compute(8, 'some text');", '  X');
    const absent = edit('const nothing = compute(nothing);\nlike this', 'X');
    assert.ok(exact.ok && shifted.ok && !absent.ok);
    assert.ok(exact.text.includes('\nX\nconst value60001'));
  });

  it('finds the closest of 20,000 lines without holding everything else up', () => {
    const text = Array.from({ length: 19_999 }, (_, i) => `    const value${i} = compute(${i}, 'some text', options.${i % 7});`).join('\n');
    const wanted = toWanted(["const value4071 := komputte(4071, 'some tekst')", 'X']);
    applyEdits(text, [wanted]);
    const before = process.cpuUsage();
    const result = applyEdits(text, [wanted]);
    assert.ok(process.cpuUsage(before).user < 150_000, `${process.cpuUsage(before).user} us`);
    assert.match(result.ok ? '' : result.message, /Closest is line 4072:/);
  });

  it('does not take quadratic time on blanks, equal lines and equal letters', () => {
    const refused = (text: string, before: string) => assert.ok(!quick(() => applyEdits(text, [toWanted([before, 'w'])])).ok);
    refused(`${' '.repeat(1_000_000)}x\n`, `y${' '.repeat(1000)}\nz`);
    refused('same\n'.repeat(200_000), `${' same\n'.repeat(2_000)}other`);
    refused('a'.repeat(2_000_000), 'a'.repeat(1_000));
  });
});

describe('edit fuzz', () => {
  const line = fc.constantFrom('', 'a', 'b', '  a', '\ta', '    b', 'a ', '}', '  }', '“q”', '"q"', '1\ta', 'x = 1', '\u00a0a');
  const end = fc.constantFrom('\n', '\n', '\r\n');
  const text = fc.array(fc.tuple(line, end), { maxLength: 14 }).map((pairs) => pairs.map(([body, lineEnd]) => body + lineEnd).join(''));
  const seeded = { seed: 20261122, numRuns: 4_000 };

  it('an accepted edit changes nothing outside its blocks', () => {
    let accepted = 0;
    const edit = fc.record({ oldText: text.filter((t) => t !== ''), newText: text, replaceAll: fc.boolean() });
    fc.assert(
      fc.property(text, fc.array(edit, { minLength: 1, maxLength: 3 }), (before, edits) => {
        const result = applyEdits(before, edits);
        if (!result.ok) return;
        accepted += 1;
        assert.equal(outside(result.text, result.regions), outside(before, result.blocks));
        for (const [at, block] of result.blocks.entries()) {
          assert.ok(block.start <= block.end && block.end <= (result.blocks[at + 1]?.start ?? before.length));
          assert.ok(
            edits.some((one) => loose(one.oldText) === loose(before.slice(block.start, block.end))),
            'a block that no edit asked for',
          );
        }
      }),
      seeded,
    );
    assert.ok(accepted > 50, `only ${accepted} accepted`);
  });

  it('a piece of the file that occurs once is replaced there, whatever it looks like', () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), fc.constantFrom('NEW', 'NEW\nLINES\n', ''), (before, a, b, newText) => {
        const [start, stop] = [a % (before.length + 1), b % (before.length + 1)].sort((x, y) => x - y) as [number, number];
        const oldText = before.slice(start, stop);
        const cutsLineEnd = /^\n/.test(oldText) || /\r$/.test(oldText);
        // That has cases of its own: the new lines are indented like the old one.
        const cutsIndentation = newText.includes('\n') && /(^|\n)[ \t\u00a0]+$/.test(before.slice(0, start));
        if (oldText === '' || cutsLineEnd || cutsIndentation || before.indexOf(oldText) !== before.lastIndexOf(oldText)) return;
        const result = applyEdits(before, [{ oldText, newText, replaceAll: false }]);
        assert.ok(result.ok, 'refused');
        assert.equal(
          result.text.replaceAll('\r\n', '\n'),
          (before.slice(0, start) + newText + before.slice(stop)).replaceAll('\r\n', '\n'),
        );
        assert.ok(result.text.startsWith(before.slice(0, start)) && result.text.endsWith(before.slice(stop)));
      }),
      seeded,
    );
  });

  it('an edit that is exact after a CRLF file is taken for LF keeps every CRLF', () => {
    const lfText = fc.array(line, { minLength: 1, maxLength: 10 }).map((lines) => `${lines.join('\n')}\n`);
    fc.assert(
      fc.property(lfText, fc.nat(), fc.nat(), (before, a, b) => {
        const [start, stop] = [a % (before.length + 1), b % (before.length + 1)].sort((x, y) => x - y) as [number, number];
        const oldText = before.slice(start, stop);
        if (oldText === '') return;
        const result = applyEdits(before.replaceAll('\n', '\r\n'), [{ oldText, newText: 'P\nQ', replaceAll: false }]);
        if (!result.ok) return;
        assert.ok(!/(^|[^\r])\n/.test(result.text), JSON.stringify(result.text));
      }),
      seeded,
    );
  });

  /** Lines that occur nowhere else, and how a place may differ from what the model wrote. */
  const block = fc.integer({ min: 1, max: 4 }).map((length) => Array.from({ length }, (_, i) => `call_${i}("it's", ${i});`));
  const DISGUISES: Readonly<Record<string, (lines: readonly string[], seed: number) => string[]>> = {
    'line endings': (lines) => lines.map((one, at) => (at < lines.length - 1 ? `${one}\r` : one)),
    'trailing blanks': (lines, seed) => lines.map((one, at) => one + ' \t '.slice(0, 1 + ((seed + at) % 3))),
    indentation: (lines, seed) => lines.map((one) => ' '.repeat(1 + (seed % 7)) + one),
    tabs: (lines, seed) => lines.map((one) => '\t'.repeat(1 + (seed % 3)) + one),
    'look-alikes': (lines) => lines.map((one) => one.replace("'", '’')),
  };
  const disguise = fc.constantFrom(...Object.keys(DISGUISES));
  const filler = fc.array(fc.constantFrom('', 'x = 1', '  x = 1', '}', 'call_0("its", 0);', 'call_1(“it”, 1);'), { maxLength: 6 });
  const places = fc.tuple(filler, filler, filler);
  const joined = (...parts: (readonly string[])[]) => `${parts.flat().join('\n')}\n`;

  it('of two places that differ in the same way from old_text, neither is taken', () => {
    fc.assert(
      fc.property(block, disguise, fc.nat(20), fc.nat(20), places, (lines, how, a, b, [before, between, after]) => {
        const hide = DISGUISES[how]!;
        if (how === 'line endings' && lines.length === 1) return;
        // A block of one line that is only indented, or has blanks behind it, is found exactly.
        const oldText = lines.join('\n') + (how === 'trailing blanks' ? '\n' : '');
        const text = joined(before, hide(lines, a), between, hide(lines, b), after);
        const result = applyEdits(text, [{ oldText, newText: 'NEW', replaceAll: false }]);
        assert.ok(!result.ok, `taken: ${JSON.stringify(text)} -> ${result.ok && JSON.stringify(result.text)}`);
        assert.match(result.message, /occurs several times/);
        const starts = [before.length + 1, before.length + lines.length + between.length + 1];
        assert.ok(result.message.includes(`lines ${starts.join(', ')}.`), result.message);
      }),
      seeded,
    );
  });

  it('the one place that differs from old_text in a way that is forgiven is taken, and its bytes only', () => {
    fc.assert(
      fc.property(block, disguise, fc.nat(20), places, (lines, how, seed, [before, between, after]) => {
        if (how === 'line endings' && lines.length === 1) return;
        const hidden = DISGUISES[how]!(lines, seed);
        const decoy = lines.map((one, at) => (at === lines.length - 1 ? one.replace(';', ' ;') : one));
        for (const order of [0, 1]) {
          const parts = order === 0 ? [hidden, between, decoy] : [decoy, between, hidden];
          const text = joined(before, ...parts, after);
          const result = applyEdits(text, [{ oldText: `${lines.join('\n')}\n`, newText: 'NEW();\n', replaceAll: false }]);
          assert.ok(result.ok, `refused: ${JSON.stringify(text)}: ${!result.ok && result.message}`);
          const indent = /^[ \t]*/.exec(hidden[0]!)![0];
          const taken = joined(before, ...parts.map((part) => (part === hidden ? [`${indent}NEW();`] : part)), after);
          // Of a block with both line ends, the new line may have either.
          assert.equal(how === 'line endings' ? result.text.replaceAll('\r', '') : result.text, taken);
        }
      }),
      seeded,
    );
  });

  function outside(whole: string, spans: readonly { start: number; end: number }[]): string {
    let at = 0;
    let rest = '';
    for (const span of spans) {
      rest += `${whole.slice(at, span.start)}\0`;
      at = span.end;
    }
    return rest + whole.slice(at);
  }

  /** What all rungs forgive together. */
  function loose(piece: string): string {
    return piece
      .replace(/^ *\d+\t/gm, '')
      .replace(/[\s\u00a0]+/g, '')
      .replace(/[“”]/g, '"');
  }
});

function toWanted([oldText, newText, all]: readonly [string, string, 'all'?]): Wanted {
  return { oldText, newText, replaceAll: all === 'all' };
}
