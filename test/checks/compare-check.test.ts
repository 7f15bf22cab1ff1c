import assert from 'node:assert/strict';
import { compareCheck } from '../../src/checks/compare-check.ts';
import { judgeChecks } from '../../src/checks/judge-checks.ts';
import type { CheckComparison, CheckRun } from '../../src/checks/types.ts';
import { message } from '../../src/messages/message.ts';
import { english } from '../messages/english.ts';

function run(
  exitCode: number | null,
  numbers?: [passed: number, failed: number],
  failing: string[] = [],
  killed: string | null = null,
): CheckRun {
  const counts = numbers ? { passed: numbers[0], failed: numbers[1], skipped: 0 } : null;
  return { exitCode, killed, durationMs: 1, counts, failing, tail: '' };
}

const pass = run(0, [3, 0]);
const wants = (exitCode: number): CheckRun => ({ ...run(exitCode), missing: { what: 'package', name: 'mocha' } });
const installs = (exitCode: number): CheckRun => ({ ...run(exitCode), installs: true });
const timeout = run(null, undefined, [], 'timeout');

const TABLE: readonly [string, CheckRun | null, CheckRun | null, CheckComparison['verdict'], number | null][] = [
  ['passes on both', pass, pass, 'pass', 0],
  ['passes, base unknown', null, pass, 'pass', 0],
  ['passes, could not start on the base', run(127), pass, 'pass', 0],
  ['failed before', run(1, [2, 1], ['a']), pass, 'fixed', 0],
  ['timed out before', timeout, pass, 'pass', 0],
  ['fails, timed out before', timeout, run(1, [2, 1], ['a']), 'regressed', null],
  ['fails where the base passed', pass, run(1, [2, 1], ['a']), 'regressed', 1],
  ['fails without counts where the base passed', pass, run(1), 'regressed', null],
  ['fails, base unknown', null, run(1, [2, 1], ['a']), 'regressed', null],
  ['fails, base could not start', run(127), run(1), 'regressed', null],
  ['times out where the base passed', pass, timeout, 'regressed', null],
  ['times out where the base failed', run(1), timeout, 'regressed', null],
  ['times out on both', timeout, timeout, 'still_failing', null],
  ['same failure', run(1, [2, 1], ['a']), run(1, [2, 1], ['a']), 'still_failing', 0],
  ['fewer failures', run(1, [1, 2], ['a', 'b']), run(1, [2, 1], ['a']), 'still_failing', 0],
  ['another failure', run(1, [2, 1], ['a']), run(1, [2, 1], ['b']), 'regressed', 1],
  ['one fixed, two new', run(1, [2, 1], ['a']), run(1, [1, 2], ['b', 'c']), 'regressed', 2],
  ['more failures by count', run(1, [2, 1]), run(1, [0, 3]), 'regressed', 2],
  ['same count without names', run(1, [2, 1]), run(1, [2, 1]), 'still_failing', null],
  ['fewer pass, names unknown', run(1, [9, 1]), run(1, [2, 1]), 'regressed', null],
  ['fewer pass, names known', run(1, [9, 1], ['a']), run(1, [8, 1], ['a']), 'still_failing', 0],
  ['cut list of names proves nothing', run(1, [0, 60], ['a']), run(1, [0, 60], ['b']), 'still_failing', null],
  ['breaks down before its summary', run(1, [2, 1], ['a']), run(1), 'regressed', null],
  ['fails on both, no counts', run(1), run(2), 'still_failing', null],
  ['cannot start on either', run(127), run(127), 'cannot_run', null],
  ['cannot start, base unknown', null, run(126), 'cannot_run', null],
  ['cannot start any more', pass, run(127), 'regressed', null],
  ['not run', pass, null, 'cannot_run', null],
  ['misses something on both', wants(1), wants(1), 'cannot_run', null],
  ['misses something, base unknown', null, wants(1), 'cannot_run', null],
  ['misses something that the base had', pass, wants(1), 'regressed', null],
  ['misses something where the base failed by itself', run(1, [2, 1], ['a']), wants(1), 'regressed', null],
  ['passes what missed something on the base', wants(1), pass, 'pass', 0],
  ['fails where the base missed something', wants(1), run(1, [2, 1], ['a']), 'regressed', null],
  ['installs', installs(0), installs(0), 'installed', 0],
  ['installs, which failed on the base', installs(1), installs(0), 'installed', 0],
  ['cannot install on either', installs(1), installs(1), 'cannot_run', null],
  ['cannot install any more', installs(0), installs(1), 'regressed', null],
  ['passes behind an installation that failed on the base', installs(1), pass, 'pass', 0],
  ['passed, and gets no further than its installation', pass, installs(1), 'regressed', null],
];

describe('check comparison', () => {
  for (const [name, base, result, verdict, newFailures] of TABLE) {
    it(name, () => assert.deepEqual(compareCheck('npm test', base, result), { command: 'npm test', base, result, verdict, newFailures }));
  }
});

/** Of a check that nobody gave: where it differs from the table above. */
const FOUND: typeof TABLE = [
  ['passes on both', pass, pass, 'pass', 0],
  ['fails where the base passed', pass, run(1, [2, 1], ['a']), 'regressed', 1],
  ['fails, base unknown', null, run(1, [2, 1], ['a']), 'cannot_run', null],
  ['fails, base could not start', run(127), run(1), 'cannot_run', null],
  ['fails where the base missed something', wants(1), run(1, [2, 1], ['a']), 'cannot_run', null],
  ['passes what missed something on the base', wants(1), pass, 'pass', 0],
  ['misses something that the base had', pass, wants(1), 'regressed', null],
  ['timed out before, and is not run again', timeout, null, 'cannot_run', null],
  ['fails, timed out before', timeout, run(1, [2, 1], ['a']), 'cannot_run', null],
  ['times out where the base was far from it', { ...pass, durationMs: 400 }, { ...timeout, durationMs: 1000 }, 'regressed', null],
  ['times out where the base was near it', { ...pass, durationMs: 600 }, { ...timeout, durationMs: 1000 }, 'cannot_run', null],
  [
    'takes too much memory where the base was near no limit',
    { ...pass, durationMs: 600 },
    run(null, undefined, [], 'memory'),
    'regressed',
    null,
  ],
];

describe('comparison of a check that nobody gave', () => {
  const found = { kind: 'test', file: 'package.json', folder: '' } as const;
  for (const [name, base, result, verdict, newFailures] of FOUND) {
    it(name, () => {
      assert.deepEqual(compareCheck('npm test', base, result, found), { command: 'npm test', base, result, verdict, newFailures, found });
    });
  }
});

describe('verdict of all checks', () => {
  const passing = compareCheck('npm test', pass, pass);
  const regressed = compareCheck('npm run lint', pass, run(1));
  const failing = compareCheck('npm run e2e', run(1), run(1));
  const stuck = compareCheck('make test', run(127), run(127));
  const empty = compareCheck('npm run none', null, run(0, [0, 0]));

  it('fails with one regression', () => {
    assert.deepEqual(judgeChecks([passing, regressed]), {
      kind: 'failed',
      reason: message('checks.regressed', { commands: ['`npm run lint`'] }),
    });
  });

  it('is proved by one check that passes', () => {
    assert.equal(judgeChecks([stuck, passing]).kind, 'proved');
    assert.match(english(judgeChecks([failing, passing]).reason), /`npm test` passes on the result. `npm run e2e` fails as it did/);
  });

  it('is not proved by what is no test where the tests that were named could not run', () => {
    const named = ['npm test', 'npx mocha test/x.js', '.venv/bin/pytest -q', 'make test', 'npm run e2e', 'cd api && go test ./...'];
    const others = ['npm run lint', 'tsc --noEmit', 'python3 -m compileall src', 'npx eslint tests-of-old.js', 'cargo clippy'];
    const ran = run(0);
    for (const command of named)
      for (const other of others) {
        const verdict = judgeChecks([compareCheck(command, run(127), run(127)), compareCheck(other, ran, ran)]);
        assert.deepEqual(verdict, { kind: 'cannot_run', reason: message('checks.notStarted', { commands: [`\`${command}\``] }) }, other);
      }
    const lint = compareCheck('npm run lint', run(127), run(127));
    for (const other of ['npm test', 'bash test.sh', 'npm run lint']) {
      const passes = compareCheck(other, ran, ran);
      assert.equal(judgeChecks([lint, passes]).kind, 'proved', 'the linter is what could not run');
      if (other !== 'npm run lint') assert.equal(judgeChecks([stuck, passes]).kind, 'proved', 'a test of which nothing is counted');
    }
    assert.equal(judgeChecks([stuck, compareCheck('npm run lint', run(1), ran)]).kind, 'proved', 'what it complained of is mended');
    assert.equal(judgeChecks([stuck, compareCheck('node all.js', pass, pass)]).kind, 'proved', 'its tests are counted');
  });

  it('is not proved by nothing', () => {
    assert.equal(judgeChecks([]).kind, 'no_proof');
    assert.equal(judgeChecks([failing]).kind, 'no_proof');
    assert.equal(judgeChecks([failing, stuck]).kind, 'no_proof');
    assert.deepEqual(judgeChecks([empty]), { kind: 'no_proof', reason: message('checks.noTests', { commands: ['`npm run none`'] }) });
  });

  it('is not proved by an installation', () => {
    const installed = compareCheck('npm ci', installs(0), installs(0));
    assert.deepEqual(judgeChecks([installed]), { kind: 'cannot_run', reason: message('checks.onlyInstalled', { commands: ['`npm ci`'] }) });
    assert.deepEqual(judgeChecks([installed, stuck]), judgeChecks([stuck]));
    assert.equal(judgeChecks([installed, passing]).kind, 'proved');
    assert.equal(judgeChecks([installed, failing]).kind, 'no_proof');
    assert.equal(judgeChecks([installed, empty]).kind, 'no_proof');
    const broken = compareCheck('npm ci', installs(0), installs(1));
    assert.equal(judgeChecks([broken, passing]).kind, 'failed');
  });

  it('says when nothing could be started', () => {
    assert.deepEqual(judgeChecks([stuck]), { kind: 'cannot_run', reason: message('checks.notStarted', { commands: ['`make test`'] }) });
  });

  it('says of a service, a version or a browser that it is that: no installation of the project brings it', () => {
    const lacks = (what: 'service' | 'version' | 'package', name: string) => {
      const one = { ...run(1), missing: { what, name } };
      return compareCheck('npm test', one, one);
    };
    const reason = (...checks: CheckComparison[]) => english(judgeChecks(checks).reason);
    assert.match(reason(lacks('service', '5432')), /^`npm test` could not run: nothing answers at port 5432.*, so it shows nothing\.$/);
    assert.match(reason(lacks('version', 'needs Node 99')), /could not run: needs Node 99, so it shows nothing/);
    assert.match(reason(lacks('package', 'mocha')), /Install the dependencies/);
    assert.match(reason(lacks('service', '5432'), stuck), /Install the dependencies/);
  });
});
