import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { forgetOutputs, keepOutput, readOutput } from '../../../src/delegation/store/kept-outputs.ts';

describe('outputs that are kept with an attempt', () => {
  let attempt: string;
  beforeEach(() => {
    attempt = mkdtempSync(path.join(tmpdir(), 'ckm-outputs-'));
  });
  afterEach(() => rmSync(attempt, { recursive: true, force: true }));
  const outputs = () => readdirSync(path.join(attempt, 'outputs'));

  it('are read back, the same twice is one file, and nobody else may read them', () => {
    const name = keepOutput(attempt, 'all of it')!;
    assert.equal(keepOutput(attempt, 'all of it'), name);
    assert.deepEqual(outputs(), [name]);
    assert.equal(readOutput(attempt, name), 'all of it');
    assert.equal(statSync(path.join(attempt, 'outputs')).mode & 0o077, 0);
    assert.equal(readOutput(attempt, 'other.txt'), null);
  });

  it('never lead out of their folder', () => {
    writeFileSync(path.join(attempt, 'journal.jsonl'), 'secret');
    assert.equal(readOutput(attempt, '../journal.jsonl'), null);
  });

  it('have a bound, and a disk that takes none is no failure', () => {
    const names = Array.from({ length: 20 }, (_, index) => keepOutput(attempt, `${index}${'x'.repeat(1024 * 1024)}`));
    assert.equal(names.filter(Boolean).length, 15);
    assert.equal(keepOutput(path.join(attempt, 'outputs', names[0]!), 'no folder'), null);
  });

  it('go when no run of the result names them', () => {
    const [named, other] = [keepOutput(attempt, 'one')!, keepOutput(attempt, 'two')!];
    assert.deepEqual(outputs().toSorted(), [named, other].toSorted());
    const run = { exitCode: 1, killed: null, durationMs: 1, counts: null, failing: [], tail: 'one', output: { file: named, left: 0 } };
    forgetOutputs(attempt, { checks: [{ command: 'npm test', base: null, result: run, verdict: 'regressed', newFailures: null }] });
    assert.deepEqual(outputs(), [named]);
  });
});
