import assert from 'node:assert/strict';
import { namePlaces, showRegions } from '../../../src/agent/tools/edit/changed-regions.ts';

/** The text, and as regions what stands in it between brackets, or between braces where it holds nothing new. */
function marked(source: string) {
  const regions: { start: number; end: number; isNews: boolean }[] = [];
  let text = '';
  let copied = 0;
  for (const { 0: whole, 1: mark, 2: part = '', index } of source.matchAll(/([[{])([^\]}]*)[\]}]/g)) {
    text += source.slice(copied, index);
    regions.push({ start: text.length, end: text.length + part.length, isNews: mark === '[' });
    text += part;
    copied = index + whole.length;
  }
  return { text: text + source.slice(copied), regions };
}
const show = (source: string) => showRegions(marked(source).text, marked(source).regions);
const name = (source: string) => namePlaces(marked(source).text, marked(source).regions);
const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n + 1}\n`).join('');

describe('what a change left behind', () => {
  it('is shown with two lines around it, empty ones too, but nothing behind the last line end', () => {
    assert.equal(show('a\n\nb\n[X]\n\nc\nd\n'), '[lines 2-6 now]\n\nb\nX\n\nc');
    assert.equal(show('a\n\n[X]\n\n'), '[lines 1-4 now]\na\n\nX\n');
    assert.equal(show('[X]\n'), '[lines 1-1 now]\nX');
    assert.equal(show('a\n[X]'), '[lines 1-2 now]\na\nX');
  });

  it('leaves out what lies between, and nothing twice', () => {
    assert.equal(show('[X]\n1\n2\n3\n4\n[Y]\n'), '[lines 1-6 now]\nX\n1\n2\n3\n4\nY');
    assert.equal(show('[X]\n1\n2\n3\n4\n5\n[Y]\n'), '[lines 1-3 now]\nX\n1\n2\n[lines 5-7 now]\n4\n5\nY');
  });

  it('is shown whole, however long it is', () => {
    assert.equal(show(`a\n[${lines(30)}]b\n`), `[lines 1-32 now]\na\n${lines(30)}b`);
  });

  it('is not shown where it is what the edit says', () => {
    assert.equal(show('a\n{X}\nb\n'), '');
    assert.equal(show('{X}\n1\n2\n3\n4\n5\n[Y]\n'), '[lines 5-7 now]\n4\n5\nY');
    assert.equal(show('{X}\n1\n2\n3\n4\n5\n[X]\n'), '[lines 5-7 now]\n4\n5\nX', 'equal texts');
  });

  it('is named by its lines', () => {
    assert.equal(name('a\n[X]\nb\n'), 'line 2');
    assert.equal(name('a\n[X\nY\n]b\n'), 'lines 2-3');
    assert.equal(name('[X]\na\n[Y]\n[Z]\n'), 'lines 1, 3 and 4');
    assert.equal(name('[X] [Y]\n'), 'line 1');
    assert.equal(name('[X]\n'.repeat(20)), 'lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 8 more places');
  });
});
