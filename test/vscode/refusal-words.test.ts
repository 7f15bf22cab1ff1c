import assert from 'node:assert/strict';
import { readAnswer } from '../../src/vscode/report-fields.ts';
import { refusalWords } from '../../src/vscode/review/refusal-words.ts';
import { inEnglish } from '../../src/vscode/wording/translate.ts';

const place = { branch: 'feature/x', into: { branch: 'main', commit: 'c'.repeat(40) }, base: 'b'.repeat(40) };
const refused = (cause: string | null, files = '') =>
  readAnswer(
    [
      'outcome: refused   branch: feature/x',
      'reason: in the words for Claude: call again with expected_tip',
      ...(cause ? [`cause: ${cause}`] : []),
      ...(files ? [`files: ${files}`] : []),
      'next: nothing was changed',
    ].join('\n'),
  );
const words = (cause: string | null, files?: string, at = place) => refusalWords(refused(cause, files), at, inEnglish);

describe('a refused decision', () => {
  it('is told in words for people, with a way on', () => {
    for (const cause of ['conflict', 'overwrites', 'unfinished', 'nothing', 'moved', 'other_head', 'checked_out', 'running']) {
      const { text, offers } = words(cause, 'a.ts, b.ts');
      assert.doesNotMatch(text, /Claude|expected_tip|\{\d\}/, cause);
      assert.ok(offers.length > 0 || cause === 'checked_out', cause);
    }
    assert.match(words('overwrites', '.env').text, /^\.env of yours/);
    assert.match(words(null).text, /in the words for Claude/, 'what is not known is passed on');
  });

  it('over a conflict offers to let Kimi rework it, and says how it can see the other side', () => {
    const { text, offers, feedback } = words('conflict', 'src/cart.ts');
    assert.match(text, /feature\/x and main both changed src\/cart\.ts/);
    assert.equal(offers[0], 'retry');
    assert.match(feedback ?? '', /on main now, in src\/cart\.ts\. "git diff b{12} c{12}"/);
    assert.equal(words('conflict', 'x', { ...place, into: null as never }).feedback, undefined);
  });
});
