import assert from 'node:assert/strict';
import type { Document } from '../../src/workspace/remember-documents.ts';
import { forgetDocuments, readRemembered } from '../../src/workspace/remember-documents.ts';

const COMMIT = 'c'.repeat(40);
let places = 0;

/** A git dir of its own, that counts what it is asked for. */
function place(files: Record<string, string>) {
  const gitDir = `/nowhere/${++places}/git`;
  const asked: string[][] = [];
  const read = (paths: readonly string[], { commit = COMMIT as string | null, most = 100, options = [] as string[] } = {}) =>
    readRemembered({ gitDir, commit, options }, paths, most, async (some) => {
      asked.push([...some]);
      const there = some.filter((path) => files[path] !== undefined);
      return new Map(there.map((path): [string, Document] => [path, documentOf(files[path]!, most)]));
    });
  return { files, asked, read };
}

const documentOf = (text: string, most: number): Document => ({
  size: text.length,
  bytes: text.length > most ? null : Buffer.from(text),
});
const texts = (read: ReadonlyMap<string, Document>) => [...read].map(([path, { bytes }]) => [path, bytes?.toString() ?? null]);

describe('what was read of commits', () => {
  it('is not asked for twice, and comes in the order of the questions', async () => {
    const { asked, read } = place({ a: '1', b: '2', c: '3' });
    await read(['b']);
    assert.deepEqual(texts(await read(['a', 'b', 'c'])), [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    assert.deepEqual(asked, [['b'], ['a', 'c']]);
  });

  it('is asked for again where it was missing or too large, and is told as too large where less is wanted', async () => {
    const { files, asked, read } = place({ large: 'x'.repeat(10) });
    for (const most of [5, 20]) await read(['large', 'later'], { most });
    files.later = 'here';
    assert.deepEqual(texts(await read(['large', 'later'], { most: 5 })), [
      ['large', null],
      ['later', 'here'],
    ]);
    assert.deepEqual(asked, [['large', 'later'], ['large', 'later'], ['later']]);
  });

  it('stands for no other commit, git dir or way to ask, and for no ref, which moves', async () => {
    const [one, other] = [place({ a: '1' }), place({ a: '2' })];
    await one.read(['a']);
    assert.deepEqual(texts(await other.read(['a'])), [['a', '2']]);
    one.files.a = 'moved';
    for (const call of [{ commit: 'HEAD' }, { commit: 'd'.repeat(40) }, { commit: null }, { options: ['--follow-symlinks'] }])
      assert.deepEqual(texts(await one.read(['a'], call)), [['a', 'moved']], JSON.stringify(call));
    assert.deepEqual(texts(await one.read(['a'], { commit: 'HEAD' })), [['a', 'moved']]);
    assert.deepEqual(texts(await one.read(['a'])), [['a', '1']]);
  });

  it('goes with the folder of its git dir, and with no other', async () => {
    const [one, other] = [place({ a: '1' }), place({ a: '2' })];
    for (const { read } of [one, other]) await read(['a']);
    forgetDocuments(`/nowhere/${places - 1}`);
    forgetDocuments('/nowhere/');
    for (const { read } of [one, other]) await read(['a']);
    assert.deepEqual([one.asked.length, other.asked], [2, [['a'], []]]);
  });

  it('has a bound: the oldest goes first', async () => {
    const { asked, read } = place(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, String(n % 10).repeat(1024 * 1024)])));
    for (let n = 0; n < 20; n++) await read([`f${n}`], { most: 2 ** 21 });
    asked.length = 0;
    await read(['f0', 'f19'], { most: 2 ** 21 });
    assert.deepEqual(asked, [['f0']]);
  });
});
