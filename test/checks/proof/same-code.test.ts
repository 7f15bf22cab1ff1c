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

  it('is none where blanks may mean something, or the language is unknown', () => {
    assert.equal(sameCode('a.php', '<?php echo 1 ?>\ntext\n'), null);
    for (const file of ['a.tsx', 'a.jsx', 'a.d.ts', 'a.txt', 'a']) assert.equal(sameCode(file, 'a b\n'), null);
  });
});
