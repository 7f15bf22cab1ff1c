import assert from 'node:assert/strict';
import { appendFileSync, closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type JournalEvent, openJournal, parseLine, readEvents, readJournal } from '../../../src/delegation/journal/journal.ts';
import { english, inWords } from '../../messages/english.ts';
import { sampleStart } from '../sample-result.ts';

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
    write([
      sampleStart(),
      { type: 'notice', step: 0, text: inWords('one\ntwo \u2028 "three"') },
      { type: 'end', outcome: 'ready', reason: null },
    ]);
    assert.deepEqual(readJournal(file), [
      { at: 1000, ...sampleStart() },
      { at: 1001, type: 'notice', step: 0, text: inWords('one\ntwo \u2028 "three"') },
      { at: 1002, type: 'end', outcome: 'ready', reason: null },
    ]);
  });

  it('is on disk before append returns, for the user alone', () => {
    const journal = openJournal(file, () => 1);
    journal.append({ type: 'notice', step: 1, text: inWords('x') });
    assert.equal(readJournal(file).length, 1);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    journal.close();
  });

  it('takes nothing after it was closed: its descriptor may be another file by then', () => {
    const journal = openJournal(file, () => 1);
    journal.close();
    const other = openSync(path.join(root, 'other'), 'w'); // gets the number that became free
    journal.append({ type: 'notice', step: 0, text: inWords('late') });
    journal.close();
    assert.equal(fstatSync(other).size, 0);
    closeSync(other);
    assert.deepEqual(readJournal(file), []);
  });

  it('is read line by line, however long: whole, and by kinds', () => {
    const json = '"'.repeat(700_000);
    const said: JournalEvent = { type: 'message', step: 1, role: 'user', json };
    write([sampleStart(), said, { type: 'hand_back', tip: 'a' }, said, said, { type: 'hand_back', tip: 'b' }]);
    appendFileSync(file, '{"at":7,"type":"hand_back","tip":');
    assert.deepEqual(
      readJournal(file).map((line) => (line.type === 'message' ? line.json.length : line.type)),
      ['start', 700_000, 'hand_back', 700_000, 700_000, 'hand_back'],
    );
    assert.deepEqual(
      readEvents(file, ['start', 'hand_back']).map((line) => (line.type === 'start' ? line.at : line.tip)),
      [1000, 'a', 'b'],
    );
    assert.deepEqual(readEvents(path.join(root, 'none'), ['start']), []);
  });

  it('that is not there is empty', () => assert.deepEqual(readJournal(file), []));

  it('a line that a crash cut is left out, and the next one is not lost with it', () => {
    write([sampleStart(), { type: 'notice', step: 1, text: inWords('first') }]);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.slice(0, -9));
    write([{ type: 'notice', step: 2, text: inWords('second') }]);
    assert.deepEqual(
      readJournal(file).map((line) => (line.type === 'notice' ? english(line.text) : line.type)),
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
    write([{ type: 'end', outcome: 'ready', reason: null }]);
    assert.deepEqual(
      readJournal(file).map(({ type }) => type),
      ['start', 'end'],
    );
  });

  describe('a line', () => {
    const usage = { input: 3, cached: 2, output: 1 };
    const totals = { steps: 4, usage, cost: { amount: 0.5, currency: 'USD' as const }, retries: 1 };
    const rewrite = { step: 2, from: 1, to: 3, insert: ['{}'] };
    /** One of each kind with all its fields, and which of them older journals do not have. */
    const EVENTS: readonly (readonly [JournalEvent, readonly string[]])[] = [
      [{ ...sampleStart(), currency: 'CNY', found: null, began: 'abc' }, ['currency', 'found', 'began']],
      [{ type: 'head', system: 's', tools: 't', model: 'm' }, []],
      [{ type: 'message', step: 1, role: 'tool', json: '{}' }, []],
      [{ type: 'request', step: 1, bytes: 10 }, []],
      [{ type: 'reply', step: 1, finishReason: 'stop', usage, ms: 5, cost: 0.1 }, []],
      [{ type: 'spent', step: 1, usage, cost: null }, []],
      [{ type: 'compacted', ...rewrite, why: 'window', by: 'model' }, []],
      [{ type: 'rolled_back', ...rewrite }, []],
      [{ type: 'retry', step: 1, reason: inWords('later'), delayMs: 5, tries: 2 }, []],
      [{ type: 'tool_start', step: 1, callId: 'c', name: 'read_file', title: 'a.ts' }, []],
      [{ type: 'tool_end', step: 1, callId: 'c', name: 'read_file', ok: true, summary: '1 line', ms: 2, seen: { 'a.ts': 'h' } }, ['seen']],
      [{ type: 'notice', step: 1, text: inWords('x') }, []],
      [{ type: 'workspace', ms: 3 }, []],
      [{ type: 'checkpoint', step: 1, tree: 'abc' }, []],
      [{ type: 'check', command: 'npm test', on: 'base', phase: 'start', text: '' }, []],
      [{ type: 'setup', command: 'npm ci', phase: 'end', text: 'pass' }, []],
      [{ type: 'resume', step: 1, tree: null, currency: 'USD' }, ['tree', 'currency']],
      [{ type: 'loop_end', at: 7, end: { kind: 'finished', summary: 's', commitMessage: null }, totals }, []],
      [
        {
          type: 'loop_end',
          at: 7,
          end: { kind: 'stopped', outcome: 'step_limit', reason: inWords('r'), resumable: true, timeLimit: 2 },
          totals,
        },
        [],
      ],
      [{ type: 'hand_back', tip: 'abc' }, []],
      [{ type: 'end', outcome: 'ready', reason: null }, []],
    ];

    for (const [event, newer] of EVENTS) {
      const line = { at: 1, ...event };
      const without = (field: string) => JSON.stringify(line, (key, value) => (key === field ? undefined : value));
      it(`of kind ${event.type} is read whole, and not with a field that is missing or wrong`, () => {
        assert.deepEqual(parseLine(JSON.stringify(line)), line);
        assert.deepEqual(parseLine(JSON.stringify({ ...line, colour: 'red' })), { ...line, colour: 'red' }, 'a newer version wrote it');
        for (const field of Object.keys(line)) {
          assert.equal(parseLine(JSON.stringify({ ...line, [field]: [{}] })), null, `wrong ${field}`);
          assert.equal(parseLine(without(field)) !== null, newer.includes(field), `without ${field}`);
        }
      });
    }

    it('of every kind is among them', () => {
      const source = readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'src', 'delegation', 'journal', 'journal.ts'), 'utf8');
      const kinds = [...source.matchAll(/type: z\.literal\('(\w+)'\)/g)].map(([, kind]) => kind);
      assert.deepEqual([...new Set(EVENTS.map(([event]) => event.type as string))].sort(), kinds.sort());
    });
  });

  it('keeps fields that it does not know', () => {
    const line = { at: 1, type: 'notice', step: 1, text: inWords('x'), colour: 'red' };
    assert.deepEqual(parseLine(JSON.stringify(line)), line);
  });

  it('of an older version, which wrote its messages as texts, is read all the same', () => {
    const text = (line: object) => parseLine(JSON.stringify({ at: 1, ...line }));
    assert.deepEqual(text({ type: 'notice', step: 1, text: 'x' }), { at: 1, type: 'notice', step: 1, text: inWords('x') });
    const retry = { type: 'retry', step: 2, delayMs: 3, tries: 1 };
    assert.deepEqual(text({ ...retry, reason: 'rate' }), { at: 1, ...retry, reason: inWords('rate') });
    assert.deepEqual(text({ type: 'end', outcome: 'ready', reason: '' }), { at: 1, type: 'end', outcome: 'ready', reason: null });
    const totals = { steps: 1, usage: { input: 1, cached: 0, output: 1 }, cost: { amount: null, currency: 'USD' }, retries: 0 };
    const end = { kind: 'stopped', outcome: 'step_limit', timeLimit: 120 };
    const read = text({ type: 'loop_end', end: { ...end, reason: 'The time limit' }, totals });
    assert.deepEqual(read, { at: 1, type: 'loop_end', end: { ...end, reason: inWords('The time limit') }, totals });
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
