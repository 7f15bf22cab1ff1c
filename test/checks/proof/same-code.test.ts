import assert from 'node:assert/strict';
import { sameCode } from '../../../src/checks/proof/same-code.ts';

describe('the same code, written otherwise', () => {
  it('has other blanks between signs of code, and one comment more', () => {
    assert.equal(sameCode('a.js', 'const a = (b) => b + 1;\n'), 'const  a  =  (b)  =>  b  +  1;\n// the same\n');
    assert.equal(sameCode('a.py', 'def a(b):\n    return b + 1'), 'def  a(b):\n    return  b  +  1\n# the same\n');
    assert.equal(sameCode('a.go', 'func a() int { return 1 }\n'), 'func  a()  int  {  return  1  }\n// the same\n');
  });

  it('has the same texts, patterns, comments and indents', () => {
    const text = ["  say('a b c', \"d e\", `f g`, ' ');", '\tconst x = /a b [a b] c/;', '// two words', '/* two words */', ''].join('\n');
    const written = sameCode('a.ts', text) ?? '';
    for (const kept of ["  say('a b c'", '"d e"', '`f g`', "' '", '/a b [a b] c/', '// two words', '/* two words */', '\tconst'])
      assert.ok(written.includes(kept), `${kept} in ${written}`);
    assert.ok((sameCode('a.py', 'x = """a b\nc d"""\n') ?? '').startsWith('x  = """a b\nc d"""\n'));
  });

  it('is none where blanks may mean something, or the language is unknown', () => {
    for (const file of ['a.tsx', 'a.jsx', 'a.d.ts', 'a.txt', 'a']) assert.equal(sameCode(file, 'a b\n'), null);
  });
});
