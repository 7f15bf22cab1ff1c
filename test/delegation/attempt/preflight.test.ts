import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Missing } from '../../../src/checks/find-missing.ts';
import type { CheckRun } from '../../../src/checks/types.ts';
import { createPreflight } from '../../../src/delegation/attempt/preflight.ts';
import type { StopReason } from '../../../src/delegation/attempt/stop-signal.ts';
import { english } from '../../messages/english.ts';

const run = (exitCode: number, more: Partial<CheckRun> = {}): CheckRun => ({
  exitCode,
  killed: null,
  durationMs: 1,
  counts: null,
  failing: [],
  tail: 'npm error network\nnpm error it cannot be reached\nnpm error\nnpm error A complete log of this run can be found in: /x/y.log\n',
  ...more,
});
const wants = (what: Missing['what'], name = 'x') => run(1, { missing: { what, name } });

describe('the look at the checks on the base', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'preflight-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** @returns why it stopped, in English; null = it did not */
  function look(
    runs: Readonly<Record<string, CheckRun>>,
    { requests = 1, isFirst = true, commands = Object.keys(runs) } = {},
  ): string | null {
    let why: StopReason | null = null as StopReason | null;
    const preflight = createPreflight({ isFirst, commands, folders: [root], stop: (reason) => (why ??= reason) });
    for (let sent = 0; sent < requests; sent++) preflight.requestLeaves();
    for (const [command, one] of Object.entries(runs)) preflight.add(command, one);
    assert.ok(why === null || why.outcome === 'checks_cannot_run');
    return why && english(why.reason);
  }

  it('stops where every check misses what the worker cannot install, and names it', () => {
    assert.match(
      look({ 'cargo test': wants('program', 'cargo') }) ?? '',
      /\(`cargo test` could not run: the program cargo is not there(\. To bring it, [^)]*)?\)/,
    );
    assert.match(look({ a: wants('service', '5432') }) ?? '', /nothing answers at port 5432/);
    assert.match(look({ a: wants('version', 'requires go >= 1.25') }) ?? '', /could not run: requires go/);
    assert.match(look({ a: wants('browser', 'chromium') }) ?? '', /the browser chromium/);
    const both = look({ 'npm ci': run(1, { installs: true }), 'npm test': wants('service', '6379') });
    assert.match(both ?? '', /`npm ci` could not install what it should: npm error it cannot be reached, `npm test` could not run/);
    assert.ok(look({ 'npm ci': run(0, { installs: true }), 'npm test': wants('service') }));
  });

  it('does not stop where something runs, fails by itself, or can be installed by the worker', () => {
    assert.equal(look({ a: wants('program', 'cargo'), b: run(0) }), null);
    assert.equal(look({ a: wants('program', 'cargo'), b: run(1) }), null);
    assert.equal(look({ a: wants('package', 'chai') }), null);
    assert.equal(look({ 'npm ci': run(0, { installs: true }) }), null);
    assert.equal(look({ a: run(1, { killed: 'timeout' }) }), null);
    assert.equal(look({ a: run(1, { installs: true, killed: 'timeout' }) }), null);
    writeFileSync(path.join(root, 'package-lock.json'), '{}');
    assert.equal(look({ 'npm test': wants('program', 'mocha') }), null);
  });

  it('does not stop before all checks have run, late, or an attempt whose caller was told', () => {
    const runs = { 'cargo test': wants('program', 'cargo') };
    assert.equal(look(runs, { commands: ['cargo test', 'cargo clippy'] }), null);
    assert.equal(look(runs, { requests: 4 }), null);
    assert.equal(look(runs, { isFirst: false }), null);
    assert.ok(look(runs, { requests: 3 }));
  });
});
