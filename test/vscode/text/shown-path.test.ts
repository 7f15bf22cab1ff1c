import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { shownPath } from '../../../src/vscode/text/shown-path.ts';

describe('the name of a folder in a question', () => {
  it('ends no line and draws no picture', () => {
    assert.equal(shownPath('/home/ann/shop\n\nAllowed already.\t$(check)'), '/home/ann/shop\\x0a\\x0aAllowed already.\\x09$ (check)');
    assert.equal(shownPath('/home/ann/shop (2)/$x'), '/home/ann/shop (2)/$x');
    assert.equal(shownPath('/home/ann/sh\u200bop\u202e'), '/home/ann/sh\\u{200b}op\\u{202e}');
  });

  it('stands so in every question about consent', () => {
    const folder = path.join(import.meta.dirname, '../../../src/vscode/setup');
    for (const name of ['ask-consent.ts', 'ensure-may-delegate.ts']) {
      const asked = readFileSync(path.join(folder, name), 'utf8').match(/\bt\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g) ?? [];
      const naming = asked.filter((call) => /\broot\b/.test(call));
      assert.notEqual(naming.length, 0);
      assert.deepEqual(
        naming.filter((call) => !call.includes('shownPath(')),
        [],
      );
    }
  });
});
