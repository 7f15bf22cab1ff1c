import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endsWithEnd, tailJournal } from '../../../src/delegation/journal/journal-tail.ts';
import { quick } from '../../quick.ts';

describe('the tail of a journal', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-tail-'));
    file = path.join(folder, 'journal.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const line = (step: number) => `${JSON.stringify({ at: 1, type: 'request', step, bytes: 1 })}\n`;
  const numbers = ({ lines }: { lines: readonly object[] }) => lines.map((l) => (l as { step: number }).step);

  it('gives each line once, also when it comes in pieces', async () => {
    const tail = tailJournal(file);
    assert.deepEqual(await tail.read(), { lines: [], damaged: [], restarted: false });
    appendFileSync(file, line(1) + line(2).slice(0, 20));
    assert.deepEqual(numbers(await tail.read()), [1]);
    appendFileSync(file, line(2).slice(20));
    assert.deepEqual(numbers(await tail.read()), [2]);
    assert.deepEqual(numbers(await tail.read()), []);
  });

  it('names the lines that are no JSON, and the one that is cut off', async () => {
    const tail = tailJournal(file);
    const later = '{"at":1,"type":"of-a-later-version"}\n';
    appendFileSync(file, `${line(1)}\0\0\0\n${later}\n{"at":1,"type":"message","step":1,"ro\n${line(2)}`);
    const { lines, damaged } = await tail.read();
    assert.deepEqual([numbers({ lines }), damaged, tail.incomplete()], [[1, 2], [2, 5], null]);
    appendFileSync(file, `{"at\n${line(3).slice(0, 9)}`);
    assert.deepEqual([(await tail.read()).damaged, tail.incomplete()], [[7], 8]);
    truncateSync(file, 0);
    appendFileSync(file, 'x\n');
    assert.deepEqual((await tail.read()).damaged, [1]);
  });

  it('puts a long line together once', async () => {
    const file = path.join(folder, 'long.jsonl');
    writeFileSync(file, `${JSON.stringify({ at: 1, type: 'message', step: 1, role: 'tool', json: 'x'.repeat(150e6) })}\n`);
    const { lines } = await quick(() => tailJournal(file, true).read());
    assert.equal(lines.length, 1);
  });

  it('begins again when the file was cut, and says so', async () => {
    const tail = tailJournal(file);
    appendFileSync(file, line(1) + line(2));
    await tail.read();
    truncateSync(file);
    appendFileSync(file, line(9));
    const { lines, restarted } = await tail.read();
    assert.ok(restarted);
    assert.deepEqual(numbers({ lines }), [9]);
  });

  it('leaves out conversation, broken lines and what it does not know', async () => {
    const message = `${JSON.stringify({ at: 1, type: 'message', step: 1, json: 'x'.repeat(3 * 1024 * 1024) })}\n`;
    appendFileSync(file, `${line(1)}${message}{"at":1,"type":"later"}\n{broken\n${line(2)}`);
    assert.deepEqual(numbers(await tailJournal(file).read()), [1, 2]);
  });

  it('gives lines to two readers at once only once', async () => {
    appendFileSync(file, line(1));
    const tail = tailJournal(file);
    const [first, second] = await Promise.all([tail.read(), tail.read()]);
    assert.deepEqual([...numbers(first), ...numbers(second)], [1]);
  });

  it('sees from the last bytes whether an attempt has ended', async () => {
    assert.equal(await endsWithEnd(file), false);
    appendFileSync(file, line(1));
    assert.equal(await endsWithEnd(file), false);
    appendFileSync(file, `${JSON.stringify({ at: 1, type: 'end', outcome: 'ready', reason: null })}\n`);
    assert.equal(await endsWithEnd(file), true);
    appendFileSync(file, line(2));
    assert.equal(await endsWithEnd(file), false);
  });
});
