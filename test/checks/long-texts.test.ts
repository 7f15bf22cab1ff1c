import assert from 'node:assert/strict';
import { makefile } from '../../src/checks/definition/put-back.ts';
import { wholeScript } from '../../src/checks/detect/javascript.ts';
import { isPlaceholder, isSafe, kindsIn, mends } from '../../src/checks/detect/read-script.ts';
import { changedText } from '../../src/checks/integrity/changed-text.ts';
import { replacedAssertions } from '../../src/checks/integrity/replaced-assertions.ts';
import { hollowed } from '../../src/checks/integrity/tests-hollowed.ts';
import { encodedCode } from '../../src/checks/proof/encoded-code.ts';
import { importedFiles } from '../../src/checks/proof/imported-files.ts';
import { decodeText } from '../../src/common/text-codec.ts';

const SIZE = 300_000;
const KNOWN = { packages: new Set<string>() } as unknown as Parameters<typeof makefile>[2];
const many = (piece: string) => piece.repeat(Math.ceil(SIZE / piece.length));

/** Texts of a repository or a model on which the server answered nobody for minutes: in each, an expression began anew at every sign. */
const LOOKS: Readonly<Record<string, () => unknown>> = {
  'a script of blanks': () => isPlaceholder(`${many(' ')}x`),
  'a script of many programs': () => [isSafe(many('tsc ')), mends(many(' --')), [...kindsIn(many('go -'))]],
  'a script that calls others': () => wholeScript({ test: many('npm -') }, 'test'),
  'names that are taken in, behind blanks': () => {
    for (const word of ['import', 'const a', 'const']) {
      const after = `${word}${many(' ')}x\n`;
      hollowed(changedText({ path: 'a.test.js', before: 'import { expect } from "chai"\n', after }));
      replacedAssertions(changedText({ path: 'src/a.js', before: '', after }));
    }
  },
  'empty lines of a module of Python': () =>
    replacedAssertions(changedText({ path: 'a.py', before: '', after: `${many('\n')}a.__dict__` })),
  'empty lines of a script': () => encodedCode('a.js', `${many('\n')}x`),
  'an import behind blanks, and dots': () => [' ', '.'].map((sign) => importedFiles('test_a.py', `from ${many(sign)}`, new Set(['a.py']))),
  'a list of a makefile': () => makefile(`A = b\n`, `${many('SRC')}\n`, KNOWN),
  'signs in another encoding': () => decodeText(Buffer.concat([Buffer.alloc(65_000, 0xbb), Buffer.from([0xc0])])),
};

describe('long texts of others', () => {
  for (const [name, look] of Object.entries(LOOKS))
    it(`take no time: ${name}`, () => {
      const begin = performance.now();
      look();
      assert.ok(performance.now() - begin < 2000);
    });
});
