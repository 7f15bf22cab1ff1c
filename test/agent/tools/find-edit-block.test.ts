import { testEach } from './edit-cases.ts';

describe('edits that find their place exactly', () =>
  testEach([
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
  ]));

describe('several edits in one call', () =>
  testEach([
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
      'y = 1\nx = 1\n',
      /^Edit 2 of 2: old_text occurs several times: lines 1, 2\. Add lines[^.]*\.$/,
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
      'x\nb\n',
      /^Edit 2 of 2: old_text was not found\.\nCopy old_text exactly/,
    ],
    [
      'none of two is found',
      'a\nb\n',
      [
        ['yyy', 'x'],
        ['zzz', 'y'],
      ],
      /^Edit 1 of 2: old_text was not found\. Nothing was changed\.\n[\s\S]*Edit 2 of 2: old_text was not found\. Nothing was changed/,
    ],
    [
      'an edit that needs another one first',
      'a\n',
      [
        ['a', 'foo(bar)'],
        ['foo(bar)', 'baz'],
      ],
      'foo(bar)\n',
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
  ]));

describe('an edit with several places', () =>
  testEach([
    ['two places', 'x = 1\ny\nx = 1\n', [['x = 1', 'x = 2']], /several times: lines 1, 3\..*replace_all/],
    ['two places, replace_all', 'x = 1\ny\nx = 1\n', [['x = 1', 'x = 2', 'all']], 'x = 2\ny\nx = 2\n'],
    ['two places in one line', 'a a\n', [['a', 'b']], /lines 1, 1/],
    ['overlapping places are not unique', 'aaa\n', [['aa', 'b']], /several times/],
    ['overlapping places, replace_all', 'aaaa\n', [['aa', 'b', 'all']], 'bb\n'],
    ['more context makes it unique', 'if a:\n  x\nif b:\n  x\n', [['if b:\n  x', 'if b:\n  y']], 'if a:\n  x\nif b:\n  y\n'],
    ['many places', 'x\n'.repeat(50), [['x', 'y']], /lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more/],
    ['replace_all with one place', 'a\nb\n', [['a', 'x', 'all']], 'x\nb\n'],
  ]));

describe('an edit with nothing to change', () =>
  testEach([
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
  ]));

describe('an edit whose place is not found', () =>
  testEach([
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
  ]));
