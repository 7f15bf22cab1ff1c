import assert from 'node:assert/strict';
import fc from 'fast-check';
import { missingLines, readVariables, withVariables } from '../../src/setup/env-text.ts';

const MINE = '# my notes\nexport KIMI_MODEL = "kimi-k3" # why\n\nOTHER=\'a\nb\'\nsome line\nKIMI_API_KEY=old\n';

describe('the text of a .env', () => {
  it('is changed only where a variable stands', () => {
    assert.equal(withVariables(MINE, { KIMI_API_KEY: 'sk-new' }), MINE.replace('KIMI_API_KEY=old', 'KIMI_API_KEY=sk-new'));
    assert.equal(withVariables(MINE, { KIMI_MODEL: null }), MINE.replace('export KIMI_MODEL = "kimi-k3" # why\n', ''));
    assert.equal(withVariables(MINE, { OTHER: 'c' }), MINE.replace("OTHER='a\nb'", 'OTHER=c'));
    assert.equal(withVariables(MINE, { KIMI_MODEL: 'kimi-k3', NOWHERE: null }), MINE, 'nothing changed, nothing written');
  });

  it('grows at its end, in its own line ends, whether the last line ends or not', () => {
    assert.equal(withVariables('', { A: '1' }), 'A=1\n');
    assert.equal(withVariables('A=1', { B: '2' }), 'A=1\nB=2\n');
    assert.equal(withVariables('A=1\r\n', { B: '2' }), 'A=1\r\nB=2\r\n');
  });

  it('holds a variable once, where the last one counted', () => {
    assert.equal(withVariables('A=1\nB=x\nA=2\n', { A: '3' }), 'B=x\nA=3\n');
    assert.equal(withVariables('A=1\nB=x\nA=2\n', { A: null }), 'B=x\n');
  });

  it('is read back as it was written, whatever the value and the text around', () => {
    const value = fc
      .string({ unit: fc.constantFrom(...'abc"\'`#= \\$.{}:/é') })
      .filter((text) => !/["'`].*["'`].*["'`]/.test(text) || !/"|'|`/.test(text));
    const line = fc.constantFrom('# note', 'X=1', 'Y="two"', '', 'export Z=3', "Q='it is'", 'no assignment');
    fc.assert(
      fc.property(fc.array(line), value, (lines, text) => {
        const before = lines.join('\n');
        const after = withVariables(before, { KIMI_VALUE: text });
        assert.deepEqual(readVariables(after), { ...readVariables(before), KIMI_VALUE: text });
        assert.deepEqual(readVariables(withVariables(after, { KIMI_VALUE: null })), readVariables(before));
      }),
    );
  });

  it('is read the same by every Node: behind what is no assignment, blanks and tabs', () => {
    for (const before of ['A=1\n \n', 'some line\n', 'A\n', '=x\n', '\t', 'A=\n', 'A=1\r\n\t\r\n', '# note\r', '"x"\n'])
      assert.equal(readVariables(`${before}KIMI_REPOSITORIES={"*":"deny"}\n`).KIMI_REPOSITORIES, '{"*":"deny"}', JSON.stringify(before));
    const text = 'A = two words # why\nexport B="x # y" # z\nC=\'a\nb\'\nD="a\\nb"\nE=`c`\nF="open\nG=https://x/?a=1&b=2\nA=3\n';
    assert.deepEqual({ ...readVariables(text) }, { A: '3', B: 'x # y', C: 'a\nb', D: 'a\nb', E: 'c', F: '"open', G: 'https://x/?a=1&b=2' });
  });

  it('is read with the line behind a name that has nothing but blanks, where Node sees none', () => {
    for (const blanks of [' ', '\t', '  \t'])
      for (const end of ['\n', '\r\n']) {
        const text = `KIMI_MODEL=${blanks}${end}KIMI_REPOSITORIES={"*":"deny"}${end}`;
        assert.deepEqual(readVariables(text), { KIMI_MODEL: '', KIMI_REPOSITORIES: '{"*":"deny"}' }, JSON.stringify(text));
      }
    assert.deepEqual(readVariables(withVariables('KIMI_BASE_URL= ', { KIMI_API_KEY: 'sk-1' })), {
      KIMI_BASE_URL: '',
      KIMI_API_KEY: 'sk-1',
    });
  });

  it('takes a variable where it is read, in a file with a mark or a quote that does not end, or not at all', () => {
    const deny = '{"*":"deny"}';
    for (const text of [
      'NOTE="it is\n',
      'A=1\nNOTE= "\n',
      '\ufeffKIMI_REPOSITORIES=1\n',
      '\ufeffA=1\n',
      "NOTE='it is\nKIMI_REPOSITORIES=1\n",
    ]) {
      const after = withVariables(text, { KIMI_REPOSITORIES: deny });
      assert.deepEqual(readVariables(after), { ...readVariables(text), KIMI_REPOSITORIES: deny }, JSON.stringify(text));
      assert.equal(after.startsWith('\ufeff'), text.startsWith('\ufeff'));
    }
    assert.equal(withVariables('\ufeffKIMI_API_KEY=sk-1\nA=1\n', { KIMI_API_KEY: null }), '\ufeffA=1\n');
    assert.equal(withVariables('A=1\n=KIMI_BUDGET=3\n', { KIMI_BUDGET: null }), 'A=1\n=KIMI_BUDGET=3\n', 'no variable to anybody');
  });

  it('gives nothing that is not wanted by a form that only the reader of such files takes for a variable', () => {
    const hostile = [
      '=KIMI_SANDBOX=unsandboxed\nKIMI_API_KEY=sk-1\n',
      '# a\rKIMI_SANDBOX=unsandboxed\nKIMI_API_KEY=sk-1\n',
      '\rKIMI_SANDBOX=unsandboxed\nKIMI_API_KEY=sk-1\n',
      'KIMI_API_KEY=sk-1\nKIMI_MODEL="\nKIMI_SANDBOX=unsandboxed\n#"\n',
      "KIMI_API_KEY=sk-1\n'KIMI_MODEL='\nexport  =KIMI_SANDBOX=unsandboxed\n' KIMI_MODEL=a\n",
      'KIMI_API_KEY=sk-1\nKIMI_MODEL="a\n-KIMI_SANDBOX=unsandboxed\nKIMI_MODEL=b\n',
    ];
    const wanted = (name: string) => ['KIMI_API_KEY', 'KIMI_MODEL'].includes(name);
    for (const text of hostile)
      for (const target of ['', '# mine\n', 'KIMI_BUDGET=3\n']) {
        const after = readVariables(target + missingLines(text, target, wanted));
        assert.deepEqual(
          Object.keys(after).filter((name) => !wanted(name) && !(name in readVariables(target))),
          [],
          JSON.stringify([text, target]),
        );
        assert.equal(after.KIMI_API_KEY, 'sk-1', text);
      }
    const pieces = [
      'KIMI_API_KEY=sk-1',
      'KIMI_MODEL=',
      'KIMI_SANDBOX=x',
      '"',
      "'",
      '`',
      '\n',
      '\r',
      '#',
      ' ',
      '\\',
      'export ',
      '=',
      'A',
      '\t',
      '-',
    ];
    let seed = 24;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 2 + random(12) }, () => pieces[random(pieces.length)]!).join('');
      const target = ['', '# mine\n', 'KIMI_BUDGET=3\n', 'KIMI_BUDGET="\n'][random(4)]!;
      const known = readVariables(target);
      const after = readVariables(target + missingLines(text, target, wanted));
      const foreign = Object.keys(after).filter((name) => !wanted(name) && !(name in known));
      assert.deepEqual([foreign, after.KIMI_BUDGET], [[], known.KIMI_BUDGET], JSON.stringify([text, target]));
    }
  });

  it('gives what another one lacks, with the comments above, and no more of it than wanted', () => {
    const other = '# the key\nKIMI_API_KEY=sk-1\n\n# not ours\nDATABASE=secret\nKIMI_MODEL=kimi-k3\n# for big tasks\nKIMI_MAX_STEPS=80\n';
    assert.equal(
      missingLines(other, 'KIMI_MODEL=kimi-k2.6\n', (name) => name.startsWith('KIMI_')),
      '# the key\nKIMI_API_KEY=sk-1\n# for big tasks\nKIMI_MAX_STEPS=80\n',
    );
    assert.match(
      missingLines(other, '', () => true),
      /# not ours\nDATABASE=secret/,
    );
  });
});
