import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBaseChecks } from '../../../src/delegation/attempt/base-checks.ts';

const run = (exitCode: number | null, tail = 'red', killed: string | null = null) => ({
  exitCode,
  killed,
  durationMs: 1,
  counts: null,
  failing: [],
  tail,
});
const BASE = { base: 'b', parent: 'b', startTree: null };

describe('checks on the base', () => {
  it('are told once each, those that were stopped not at all', () => {
    const failures = createBaseChecks(BASE, null, [], ['/nowhere']);
    failures.add('a', run(0));
    failures.add('b', run(null, '', 'cancelled'));
    failures.add('c', run(1));
    failures.add('d', run(null, 'slow', 'timeout'));
    assert.deepEqual(
      failures.take().map((text) => text.split('\n').slice(0, 2)),
      [
        ['This check passes before any change of yours: a', 'exit 0 after 0.0 s'],
        ['This check fails before any change of yours: c', 'exit 1 after 0.0 s; its output on the commit that the work begins at (data):'],
        ['This check fails before any change of yours: d', 'timeout after 0.0 s; its output on the commit that the work begins at (data):'],
      ],
    );
    assert.deepEqual(failures.take(), []);
  });

  it('are told with what they counted, and the names that fail; one that only installs proves nothing', () => {
    const checks = createBaseChecks(BASE, null, [], ['/nowhere']);
    checks.add('a', { ...run(0), durationMs: 16_240, counts: { passed: 1372, failed: 0, skipped: 1 } });
    checks.add('b', { ...run(0), installs: true });
    checks.add('c', { ...run(1), durationMs: 450, failing: ['adds', 'takes away'] });
    const [passes, fails, ...more] = checks.take();
    assert.deepEqual(more, []);
    assert.equal(passes, 'This check passes before any change of yours: a\nexit 0 after 16.2 s; 1372 tests passed');
    assert.match(fails ?? '', /: c\nexit 1 after 0\.5 s; failing: adds, takes away; its output .*\n<</);
  });

  it('are told within a bound, the end of the output', () => {
    const failures = createBaseChecks(BASE, null, [], ['/nowhere']);
    failures.add('a', run(1, `${'失败了\n'.repeat(2000)}the last line`));
    const [text] = failures.take();
    assert.ok(Buffer.byteLength(text ?? '') < 3 * 1024);
    assert.match(text ?? '', /the last line\n\w+>>$/);
  });

  it('are told with what installs a thing that they miss', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'base-checks-'));
    try {
      const tell = (what: 'program' | 'service') => {
        const failures = createBaseChecks(BASE, null, [], [root]);
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

  it('are told once what several of them miss, and no way to install it that misses it itself', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'base-checks-'));
    try {
      writeFileSync(path.join(root, 'uv.lock'), '');
      const failures = createBaseChecks(BASE, null, [], [root]);
      const missing = { what: 'program', name: 'uv' } as const;
      for (const command of ['uv run pytest', 'uv run mypy']) failures.add(command, { ...run(127, 'sh: uv: not found'), missing });
      failures.add('uv run ruff', { ...run(127), missing: { what: 'program', name: 'ruff' } });
      const [first, second, other] = failures.take();
      assert.match(first!, /uv: not found[\s\S]*not on this machine; it says nothing of the code\.$/);
      assert.equal(second, 'This check fails before any change of yours: uv run mypy\nexit 127 after 0.0 s, for want of uv too');
      assert.match(other!, /run_command `(uv sync|pip install -e \.)`/);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('are not told where the attempt begins on other work, or was told before', () => {
    const other = createBaseChecks({ ...BASE, parent: 'p' }, null, [], ['/nowhere']);
    other.add('a', run(1));
    assert.deepEqual(other.take(), []);
    const first = createBaseChecks(BASE, null, [], ['/nowhere']);
    first.add('a', run(1));
    const notes = first.take().map((text) => JSON.stringify({ role: 'user', content: `[note] ${text}` }));
    const resumed = createBaseChecks(BASE, null, ['{"role":"user","content":"The task."}', ...notes], ['/nowhere']);
    resumed.add('a', run(1, 'red in 2 ms'));
    assert.deepEqual(resumed.take(), []);
  });
});
