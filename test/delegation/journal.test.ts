import assert from 'node:assert/strict';
import { appendFileSync, closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { openJournal, parseLine, readJournal } from '../../src/delegation/journal.ts';
import { sampleStart } from './sample-result.ts';

describe('journal', () => {
  let root: string;
  let file: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-journal-'));
    file = path.join(root, 'journal.jsonl');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (events: Parameters<ReturnType<typeof openJournal>['append']>[0][]) => {
    let time = 1000;
    const journal = openJournal(file, () => time++);
    for (const event of events) journal.append(event);
    journal.close();
  };

  it('gives back what was written, in order, with the time', () => {
    write([sampleStart(), { type: 'notice', step: 0, text: 'one\ntwo \u2028 "three"' }, { type: 'end', outcome: 'ready', reason: '' }]);
    assert.deepEqual(readJournal(file), [
      { at: 1000, ...sampleStart() },
      { at: 1001, type: 'notice', step: 0, text: 'one\ntwo \u2028 "three"' },
      { at: 1002, type: 'end', outcome: 'ready', reason: '' },
    ]);
  });

  it('is on disk before append returns, for the user alone', () => {
    const journal = openJournal(file, () => 1);
    journal.append({ type: 'notice', step: 1, text: 'x' });
    assert.equal(readJournal(file).length, 1);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    journal.close();
  });

  it('takes nothing after it was closed: its descriptor may be another file by then', () => {
    const journal = openJournal(file, () => 1);
    journal.close();
    const other = openSync(path.join(root, 'other'), 'w'); // gets the number that became free
    journal.append({ type: 'notice', step: 0, text: 'late' });
    journal.close();
    assert.equal(fstatSync(other).size, 0);
    closeSync(other);
    assert.deepEqual(readJournal(file), []);
  });

  it('that is not there is empty', () => assert.deepEqual(readJournal(file), []));

  it('a line that a crash cut is left out, and the next one is not lost with it', () => {
    write([sampleStart(), { type: 'notice', step: 1, text: 'first' }]);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, -9));
    write([{ type: 'notice', step: 2, text: 'second' }]);
    assert.deepEqual(
      readJournal(file).map((line) => (line.type === 'notice' ? line.text : line.type)),
      ['start', 'second'],
    );
  });

  it('lines of unknown kinds, of other shapes and garbage are left out', () => {
    write([sampleStart()]);
    const strange = [
      '{"at":1,"type":"from_the_future","step":3}',
      '{"at":1,"type":"message","step":"two","json":"{}"}',
      '{"at":1,"type":"message","step":2}',
      '{"at":1,"type":"reply","step":2}',
      '{"at":1,"type":"loop_end"}',
      '{"at":1,"type":"checkpoint","step":1}',
      '{"at":1,"type":"end","outcome":"marvellous","reason":""}',
      '{"type":"notice","step":1,"text":"without a time"}',
      'null',
      '[]',
      '"text"',
      '\0\0\0\0',
      '{',
    ];
    appendFileSync(file, `${strange.join('\n')}\n`);
    write([{ type: 'end', outcome: 'ready', reason: '' }]);
    assert.deepEqual(
      readJournal(file).map(({ type }) => type),
      ['start', 'end'],
    );
  });

  it('keeps fields that it does not know', () => {
    assert.deepEqual(parseLine('{"at":1,"type":"notice","step":1,"text":"x","colour":"red"}'), {
      at: 1,
      type: 'notice',
      step: 1,
      text: 'x',
      colour: 'red',
    });
  });

  it('reads anything without throwing (random)', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc
            .record({
              at: fc.integer(),
              type: fc.constantFrom('start', 'head', 'message', 'reply', 'loop_end', 'end'),
              end: fc.anything(),
              usage: fc.anything(),
            })
            .map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))),
        ),
        (line) => {
          parseLine(line);
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });
});
