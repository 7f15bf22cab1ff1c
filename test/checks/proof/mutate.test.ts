import assert from 'node:assert/strict';
import { chooseMutants } from '../../../src/checks/proof/choose-mutants.ts';
import { type CodeLanguage, maskCode } from '../../../src/checks/proof/mask-code.ts';
import { type Mutant, mutantsOf, withLine } from '../../../src/checks/proof/mutate.ts';
import { quick } from '../../quick.ts';

const words = ({ line, from, to }: Mutant) => `${line}: ${from} -> ${to}`;
const shown = (file: string, text: string) =>
  mutantsOf(file, text)
    .filter(({ weak }) => !weak)
    .map(words);
const all = (file: string, text: string) => mutantsOf(file, text).map(words);

describe('masked code', () => {
  const masks = (language: CodeLanguage, text: string, expected: string) => {
    const found = maskCode(text, language);
    assert.equal(found.length, text.length);
    assert.equal(found, expected);
  };

  it('holds nothing of comments and strings', () => {
    masks('js', "a = 'x > y'; // b > c\nd", "a = '     ';         \nd");
    masks('js', 'a /* > */ = `x ${y > 1}\n>`;', 'a         = `          \n `;');
    masks('js', "b = 'it\\'s > 1' > c", "b = '         ' > c");
    masks('py', "a = '''x\n> y''' # >\nb", "a = ''' \n   '''    \nb");
    masks('go', 'a := `\\` > "x>"', 'a := ` ` > "  "');
    masks(
      'rs',
      "a: &'static str = \"x > 'y\" // >\nb == '>' && c == '\\'' // '",
      "a: &'static str = \"      \"     \nb == ' ' && c == '  '     ",
    );
    masks('php', "$a = 'x > y'; # b > c\n$d", "$a = '     ';        \n$d");
    masks('rb', 'a = "x #{b > c}" # >', 'a = "          "    ');
    masks('php', '#[A(1 > 2)] $a > 1; #b\n#[\n', '#[A(1 > 2)] $a > 1;   \n#[\n');
    masks('rs', 'a = r"c:\\" > b; r##"x"# > "## > br"\\" > c', 'a =        > b;               > b     > c');
    masks('rb', 'a(<<~T, b)\n # c > d\nT\ne > f', `a(${' '.repeat(8)}\n${' '.repeat(8)}\n \ne > f`);
    masks('php', '$a = <<<T\n # c > d\n  T;\n$e > $f', `$a = ${' '.repeat(4)}\n${' '.repeat(8)}\n   ;\n$e > $f`);
  });

  it('tells a regular expression from a division', () => {
    masks('js', 'x.replace(/a > "b/, y) / 2', 'x.replace(/      /, y) / 2');
    masks('js', `a.replace(/[/'"]/g, '') > 1`, "a.replace(/     /g, '') > 1");
    masks('js', 'a = /[^\\]/]+/.test(b > "c")', 'a = /       /.test(b > " ")');
    masks('js', "a = /[/ > b\nc > 'd'", "a = /       \nc > ' '".replace('/       ', '/      '));
    masks('js', "if (a(b)) /'>/.test(c > d)", 'if (a(b)) /  /.test(c > d)');
    masks('js', "else /'>/.test(c > d)", 'else /  /.test(c > d)');
    masks('js', "a(b) / '>' / c", "a(b) / ' ' / c");
    masks('js', 'return /[>]/.test(a) || b / c / d', 'return /   /.test(a) || b / c / d');
  });

  it('takes what is laid out in a template as part of it, templates in that too', () => {
    masks('js', "a = `x ${b.map((c) => `<i>${c > '}'}</i>`).join('`')} y` > d", `a = \`${' '.repeat(50)}\` > d`);
    masks('js', 'a = `${{ b: 1 }.b}` > `c`', 'a = `             ` > ` `');
    masks('js', 'a = `\\${` > b', 'a = `   ` > b');
  });

  it('ends a string with its line, whatever comes', () => {
    masks('js', "it's\na > b", "it' \na > b");
  });

  it('takes no time for a text of equal characters', () => {
    const before = process.cpuUsage(); // which other programs do not lengthen
    for (const one of [
      '/',
      '"',
      "'",
      '`',
      '(',
      '/*',
      ' ',
      'a.',
      '=> ',
      '`${',
      '`${`',
      '/[',
      "`${'",
      '`${{',
      '<<~A',
      '<<<A\n',
      'if (a) /',
      'r#',
      'r"',
      '#[',
    ])
      for (const name of ['a.js', 'a.py', 'a.go', 'a.rs', 'a.php', 'a.rb']) mutantsOf(name, one.repeat(60_000));
    for (const one of ['/', '"', '(', ' ', 'a.', '=> ']) mutantsOf('a.js', `${one.repeat(100)}\n`.repeat(1000));
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 5_000_000, String(user + system));
  });
});

describe('small faults', () => {
  it('are made of statements of JavaScript', () => {
    const text = [
      "import { a } from './a.js';", // 1
      '/** a > b */',
      'export function net(gross, tax) {',
      '  if (gross >= 100) {', // 4
      '    gross = gross - 10;',
      '  }',
      '  if (isFree(tax)) return gross;', // 7
      '  list.push(gross);',
      '  return gross * tax;', // 9
      '}',
      'export const yes = () => true;',
      'export const sum = (list) => list.reduce((a, b) => a + b, 0);', // 12
      "const name = 'a > b' + c;",
      'type A = B && C;',
    ].join('\n');
    assert.deepEqual(shown('price.ts', text), [
      '4: gross >= 100 -> gross > 100',
      '5: gross - 10 -> gross + 10',
      '7: isFree(tax) -> !(isFree(tax))',
      '8: list.push(gross) -> nothing',
      '9: gross * tax -> gross / tax',
      '9: gross * tax -> undefined',
      '11: true -> false',
      '12: a + b -> a - b',
    ]);
  });

  it('are made of statements of Python, and of Go', () => {
    const python = [
      'def net(gross, tax):',
      '    """a > b"""',
      '    if gross > 100 and tax:', // 3
      '        gross = gross + 1',
      '    total = [',
      '        gross > 1,',
      '    ]',
      '    return True', // 8
      'if __name__ == "__main__":',
      '    print(1 > 2)',
    ].join('\n');
    assert.deepEqual(shown('price.py', python), ['3: gross > 100 -> gross >= 100', '4: gross + 1 -> gross - 1', '8: True -> False']);
    const go = [
      'func Net(gross int) (int, error) {',
      '\tif gross < 0 {',
      '\t\treturn 0, errNegative',
      '\t}',
      '\tok := isFree(gross)',
      '\tif ok {',
      '\t\treturn 1',
      '\t}',
      '\treturn gross - 1',
      '}',
    ].join('\n');
    assert.deepEqual(shown('price.go', go), ['2: gross < 0 -> gross <= 0', '6: ok -> !(ok)', '7: 1 -> 2', '9: gross - 1 -> gross + 1']);
  });

  it('are made of statements of Rust, whose functions end with their value', () => {
    const text = [
      'pub fn net(gross: i32, tax: bool) -> i32 {',
      '    let mut sum = gross - 1;', // 2
      '    if gross >= 10 && tax {',
      '        return sum * 2;', // 4
      '    }',
      '    list.push(sum);',
      '    sum += 1;', // 7
      '    sum / 2',
      '}',
    ].join('\n');
    assert.deepEqual(shown('src/lib.rs', text), [
      '2: gross - 1 -> gross + 1',
      '3: gross >= 10 -> gross > 10',
      '4: sum * 2 -> sum / 2',
      '6: list.push(sum) -> nothing',
      '7: sum += 1 -> sum -= 1',
      '8: sum / 2 -> sum * 2',
    ]);
    const [first] = mutantsOf('src/lib.rs', text);
    assert.equal(first!.within, 'net');
    assert.match(first!.probe, /^ {4}panic!\("mutation probe"\); let mut sum = gross - 1;$/m);
  });

  it('are made of statements of PHP and Ruby', () => {
    const php = [
      '<?php',
      'class Price {',
      '    public static function net(int $gross): int {',
      '        if ($gross >= 10) {', // 4
      '            return $gross - 2;',
      '        }',
      '        $this->log($gross);', // 7
      '        return $gross;',
      '    }',
      '}',
    ].join('\n');
    assert.deepEqual(shown('src/Price.php', php), [
      '4: $gross >= 10 -> $gross > 10',
      '5: $gross - 2 -> $gross + 2',
      '5: $gross - 2 -> null',
      '8: $gross -> null',
    ]);
    assert.match(mutantsOf('src/Price.php', php)[2]!.probe, /throw new \\RuntimeException\('mutation probe'\); return \$gross - 2;/);
    const ruby = [
      'def net(gross)',
      '  total = gross - 1',
      '  return 0 if gross < 2',
      '  list.add(total)', // 4
      '  if free?(total)',
      '    total * 2',
      '  else',
      "    'none'", // 8
      '  end',
      'end',
    ].join('\n');
    assert.deepEqual(shown('lib/price.rb', ruby), [
      '2: gross - 1 -> gross + 1',
      '3: gross < 2 -> gross <= 2',
      '3: 0 if gross < 2 -> nil',
      '4: list.add(total) -> nil',
      '5: free?(total) -> !(free?(total))',
      '6: total * 2 -> total / 2',
    ]);
    assert.match(mutantsOf('lib/price.rb', ruby)[0]!.probe, /^ {2}raise 'mutation probe'\n {2}total = gross - 1$/m);
  });

  it('are of what a line answers, where it has no operator', () => {
    const text = "export const greet = (name) => `hello ${name}`;\nconst title = 'Shop';\nfunction b(c) {\n  return { a: c };\n}\n";
    assert.deepEqual(all('greet.js', text), ['1: `hello ${name}` -> undefined', "2: 'Shop' -> 'Shop~'", '4: { a: c } -> undefined']);
    const go = 'func Greet(name string) string {\n\treturn "hello " + name\n}\nfunc Title() string {\n\treturn "Shop"\n}\n';
    assert.deepEqual(all('greet.go', go), ['2: "hello " -> "hello ~"', '5: "Shop" -> "Shop~"']);
  });

  it('change one line each, and come with a line that fails in its place', () => {
    const text = 'export function net(gross) {\n  if (gross > 2) {\n    return 1;\n  }\n  return list.map((a) => a - 1);\n}\n';
    const lines = mutantsOf('price.js', text);
    assert.deepEqual(
      lines.map(({ within }) => within),
      lines.map(() => 'net'),
    );
    assert.equal(withLine(text, lines[0]!, lines[0]!.fault), text.replace('gross > 2', 'gross >= 2'));
    assert.equal(withLine(text, lines[0]!, lines[0]!.probe), text.replace('  if (gross', "  throw new Error('mutation probe'); if (gross"));
    const arrow = lines.find(({ from }) => from === 'a - 1')!;
    assert.equal(withLine(text, arrow, arrow.probe), text.replace('=> a', "=> (() => { throw new Error('mutation probe'); })() + a"));
    const short = 'def a(b):\n    return b - 1\n';
    const [python] = mutantsOf('price.py', short);
    assert.equal(withLine(short, python!, python!.probe), "def a(b):\n    raise RuntimeError('mutation probe')\n    return b - 1\n");
    assert.equal(withLine(short, python!, python!.same!), 'def a(b):\n    (lambda: None)()\n    return b - 1\n');
    assert.equal(withLine(text, lines[0]!, lines[0]!.same!), text.replace('  if (gross', '  void 0; if (gross'));
    const same = (line: string) => mutantsOf('a.ts', line)[0]?.same;
    assert.equal(same('export const add = (a, b) => a + b;'), 'export const add = (a, b) => (() => a + b)();');
    for (const line of ['all.map((a) => a + 1);', 'const f = (a) => a + 1, g = 2;', 'const f = async (a) => 1 + (await a);'])
      assert.equal(same(line), null, line);
  });

  it('hold no file each, and are chosen in a time that grows with their number', () => {
    const bodies: Readonly<Record<string, string>> = {
      'a.js': '  a = b - c;\n',
      'a.py': '    a = b - c\n',
      'a.go': '\ta = b - c\n',
      'a.rs': '    a = b - c;\n',
      'a.php': '    $a = $b - $c;\n',
      'a.rb': '  a = b - c\n',
    };
    for (const [file, line] of Object.entries(bodies))
      quick(() => {
        const text = line.repeat((250 * 1024) / line.length);
        const mutants = mutantsOf(file, text);
        assert.ok(mutants.length > 10_000, file);
        for (const { fault, probe } of mutants) assert.ok(fault.length + probe.length < 200);
        const chosen = chooseMutants(
          mutants.map((mutant) => ({ file, text, mutant })),
          '',
          'abcdef01',
        );
        assert.equal(chosen.length, mutants.length);
      }, file);
  });

  it('are none where a line is no statement of its own', () => {
    for (const text of [
      'const a = {\n  b: c > d,\n};',
      'if (a)\n  b = c - d;',
      'else\n  b = c - d;',
      'call(\n  a > b,\n  c - d,\n);',
      "a = 'x' + b;",
      'import a from "a > b";',
      'export type A = B;',
      '} else if (a > b) {',
      'const x: Map<string, number> = y;',
      '<div>a - b</div>',
    ])
      assert.deepEqual(shown('a.ts', text), [], text);
    assert.deepEqual(shown('a.py', 'a = b \\\n    - c\nd = [\n    e - f,\n]\n'), []);
    assert.deepEqual(shown('a.d.ts', 'a = b - c;'), []);
    assert.deepEqual(shown('a.ex', 'a = b - c'), []);
    assert.deepEqual(shown('a.rs', 'match a {\n    1 => b - c,\n    _ => 2,\n}\nlet x: Vec<u8> = y;\nuse a::b;'), []);
    assert.deepEqual(shown('a.rs', '#[cfg(test)]\nmod tests {\n    fn a() {\n        let b = c - d;\n    }\n}\n'), []);
    assert.deepEqual(shown('a.rb', "require 'a - b'\nx = [\n  b - c,\n]\nputs a - b\n"), []);
    assert.deepEqual(shown('a.php', "<?php\nuse A\\B;\n$a = [\n    'b' => $c - $d,\n];\n"), []);
  });
});
