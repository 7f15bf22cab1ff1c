import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBaseFailures } from '../../../src/delegation/attempt/base-failures.ts';

const run = (exitCode: number | null, tail = 'red', killed: string | null = null) => ({
  exitCode,
  killed,
  durationMs: 1,
  counts: null,
  failing: [],
  tail,
});
const BASE = { base: 'b', parent: 'b', startTree: null };

describe('checks that fail on the base', () => {
  it('are told once each, those that pass or were stopped not at all', () => {
    const failures = createBaseFailures(BASE, null, [], ['/nowhere']);
    failures.add('a', run(0));
    failures.add('b', run(null, '', 'cancelled'));
    failures.add('c', run(1));
    failures.add('d', run(null, 'slow', 'timeout'));
    assert.deepEqual(
      failures.take().map((text) => text.split('\n').slice(0, 2)),
      [
        ['This check fails before any change of yours: c', 'exit 1; its output on the commit that the work begins at (data):'],
        ['This check fails before any change of yours: d', 'timeout; its output on the commit that the work begins at (data):'],
      ],
    );
    assert.deepEqual(failures.take(), []);
  });

  it('are told within a bound, the end of the output', () => {
    const failures = createBaseFailures(BASE, null, [], ['/nowhere']);
    failures.add('a', run(1, `${'失败了\n'.repeat(2000)}the last line`));
    const [text] = failures.take();
    assert.ok(Buffer.byteLength(text ?? '') < 7 * 1024);
    assert.match(text ?? '', /the last line\n\w+>>$/);
  });

  it('are told with what installs a thing that they miss', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'base-failures-'));
    try {
      const failures = createBaseFailures(BASE, null, [], [root]);
      const tell = (what: 'program' | 'service') => {
        failures.add('a', { ...run(127), missing: { what, name: 'mocha' } });
        return failures.take()[0]?.split('\n').at(-1);
      };
      assert.match(tell('program') ?? '', /not on this machine; it says nothing of the code\.$/);
      writeFileSync(path.join(root, 'package-lock.json'), '{}');
      assert.match(tell('program') ?? '', /not installed.*run_command `npm ci` in .* with network: true\.$/);
      assert.match(tell('service') ?? '', /not on this machine/);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('are not told where the attempt begins on other work, or was told before', () => {
    const other = createBaseFailures({ ...BASE, parent: 'p' }, null, [], ['/nowhere']);
    other.add('a', run(1));
    assert.deepEqual(other.take(), []);
    const first = createBaseFailures(BASE, null, [], ['/nowhere']);
    first.add('a', run(1));
    const notes = first.take().map((text) => JSON.stringify({ role: 'user', content: `[note] ${text}` }));
    const resumed = createBaseFailures(BASE, null, ['{"role":"user","content":"The task."}', ...notes], ['/nowhere']);
    resumed.add('a', run(1, 'red in 2 ms'));
    assert.deepEqual(resumed.take(), []);
  });
});
