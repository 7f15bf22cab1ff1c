import assert from 'node:assert/strict';
import { showRegions } from '../../../src/agent/tools/edit/changed-regions.ts';

describe('what a change left behind', () => {
  /** The text with each region between brackets. */
  const show = (marked: string) => {
    const regions: { start: number; end: number }[] = [];
    let text = '';
    for (const [at, part] of marked.split(/[[\]]/).entries()) {
      if (at % 2 === 1) regions.push({ start: text.length, end: text.length + part.length });
      text += part;
    }
    return showRegions(text, regions);
  };
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n + 1}\n`).join('');

  it('is shown with two lines around it, empty ones too, but nothing behind the last line end', () => {
    assert.equal(show('a\n\nb\n[X]\n\nc\nd\n'), '2\t\n3\tb\n4\tX\n5\t\n6\tc');
    assert.equal(show('a\n\n[X]\n\n'), '1\ta\n2\t\n3\tX\n4\t');
    assert.equal(show('[X]\n'), '1\tX');
    assert.equal(show('a\n[X]'), '1\ta\n2\tX');
    assert.equal(show('[]'), '');
  });

  it('leaves out what lies between, and nothing twice', () => {
    assert.equal(show('[X]\n1\n2\n3\n4\n[Y]\n'), '1\tX\n2\t1\n3\t2\n4\t3\n5\t4\n6\tY');
    assert.equal(show('[X]\n1\n2\n3\n4\n5\n[Y]\n'), '1\tX\n2\t1\n3\t2\n...\n5\t4\n6\t5\n7\tY');
  });

  it('leaves out the middle of a long region, from two lines on', () => {
    for (const count of [11, 12]) assert.doesNotMatch(show(`[${lines(count)}]`), /more line/);
    const long = show(`[${lines(13)}]`).split('\n');
    assert.deepEqual(long.slice(5, 8), ['6\tline 6', '... 2 more lines ...', '9\tline 9']);
    assert.equal(long.at(-1), '13\tline 13');
  });

  it('ends after forty lines and counts the places that are left', () => {
    const places = show('[X]\na\nb\nc\nd\ne\nf\n'.repeat(20)).split('\n');
    assert.match(places.at(-1)!, /^\.\.\. \d+ more places \.\.\.$/);
    assert.ok(places.length > 40 && places.length < 50, String(places.length));
  });
});
