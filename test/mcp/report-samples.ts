/** Results of many kinds, as attempts have them: for what a report of each costs its reader. The code in them is this program's own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keptChange } from '../../src/delegation/result/blank-result.ts';
import type { AttemptResult } from '../../src/delegation/result/result-schema.ts';
import { inWords } from '../messages/english.ts';
import { pass, tests } from './sample-report.ts';

const CODE = [
  'delegation/attempt/run-attempt.ts',
  'delegation/delegate.ts',
  'agent/loop.ts',
  'sandbox/sandbox.ts',
  'agent/tools/edit-file.ts',
]
  .map((file) => readFileSync(path.join(import.meta.dirname, '../../src', file), 'utf8'))
  .join('\n')
  .split('\n');
const TEST_CODE = readFileSync(path.join(import.meta.dirname, 'render-report.test.ts'), 'utf8').split('\n');

type Change = NonNullable<AttemptResult['change']>;
interface Sample {
  file: Change['files'][number];
  diff: Change['diffs'][number];
}

const takeFrom = (lines: readonly string[], count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => lines[(from + at) % lines.length]!);
const header = (name: string) => `diff --git a/${name} b/${name}\nindex 1234567890..2345678901 100644\n--- a/${name}\n+++ b/${name}\n`;
const sample = (name: string, status: 'A' | 'M', body: string, added: number, removed: number): Sample => ({
  file: { path: name, status, added, removed },
  diff: { path: name, text: header(name) + body },
});

function added(name: string, lines: readonly string[]): Sample {
  return sample(name, 'A', `@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join('')}`, lines.length, 0);
}

/** Hunks of so many changed lines, each with three lines around it. */
function changed(name: string, hunks: readonly number[], code = CODE): Sample {
  const body = hunks.map((size, at) => {
    const [before, own, after] = [takeFrom(code, 3, at * 40), takeFrom(code, size, at * 40 + 3), takeFrom(code, 3, at * 40 + 3 + size)];
    const lines = [
      ...before.map((line) => ` ${line}`),
      `-${own[0]} // before`,
      ...own.map((line) => `+${line}`),
      ...after.map((line) => ` ${line}`),
    ];
    return `@@ -${at * 40 + 1},${size + 6} +${at * 40 + 1},${size + 6} @@\n${lines.join('\n')}\n`;
  });
  return sample(
    name,
    'M',
    body.join(''),
    hunks.reduce((sum, size) => sum + size, 0),
    hunks.length,
  );
}

function lockFile(name: string, entries: number): Sample {
  const entry = (at: number) => [
    `"node_modules/package-${at}": {`,
    '  "version": "4.17.21",',
    `  "resolved": "https://registry.npmjs.org/package-${at}/-/package-${at}-4.17.21.tgz",`,
    '  "integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg==",',
    '  "license": "MIT"',
    '},',
  ];
  return sample(
    name,
    'M',
    `@@ -1,1 +1,${entries * 6} @@\n${Array.from({ length: entries }, (_, at) => entry(at))
      .flat()
      .map((line) => `+    ${line}\n`)
      .join('')}`,
    entries * 6,
    0,
  );
}

function change(...samples: Sample[]): Change {
  const sum = (of: 'added' | 'removed') => samples.reduce((total, { file }) => total + (file[of] ?? 0), 0);
  const files = samples.map(({ file }) => file);
  return keptChange({ base: 'a', tip: 'b', files, added: sum('added'), removed: sum('removed'), diffs: samples.map(({ diff }) => diff) });
}

const check = (
  command: string,
  verdict: AttemptResult['checks'][number]['verdict'],
  base: object,
  result: object,
  newFailures: number | null = 0,
) => ({ command, verdict, base, result, newFailures }) as AttemptResult['checks'][number];
const TESTS = check('npm test', 'pass', tests(38, 0), tests(41, 0, { durationMs: 12_000 }));
const TYPES = check('npx tsc --noEmit', 'pass', pass, { ...pass, durationMs: 4000 }, null);
const LINT = check('npm run lint', 'pass', pass, { ...pass, durationMs: 3000 }, null);
const SEEN: NonNullable<AttemptResult['seen']> = [
  {
    command: 'npx vitest run test/limit.test.ts 2>&1 | tail -30',
    exitCode: 0,
    killed: null,
    ms: 3000,
    counts: { passed: 3, failed: 0, skipped: 0 },
    afterLastEdit: true,
    before: null,
  },
];
const WORDS =
  'The routes under /api/auth now count requests by address in a sliding window of a minute, and answer 429 with Retry-After beyond ten. The store is the one of the session, so several processes share it. I ran npm test (41 pass) and tsc; the lint has the two errors that it had before. Open: whether the health route should count. ';
const MESSAGE = 'Limit requests to the auth routes per address';
const FIX = { kind: 'bug' as const, outcome: 'ready' as const, checks: [TESTS, TYPES], summary: WORDS, commitMessage: MESSAGE };
const FEATURE = { ...FIX, kind: 'feature' as const, checks: [TESTS, TYPES, LINT] };
const note = (text: string) => ({ level: 'note' as const, text: inWords(text) });
const blocking = (text: string, place?: { file: string; line?: number }) => ({ level: 'blocking' as const, text: inWords(text), place });
const NOTHING = { tip: null, change: null, checks: [], summary: '' };
const FAILING =
  'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n200 !== 429\n\n    at Object.<anonymous> (/home/ann/shop/test/limit.test.ts:31:12)\n';

const smallTest = () => changed('test/limit.test.ts', [18], TEST_CODE);

export const SAMPLES: Readonly<Record<string, Partial<AttemptResult>>> = {
  'a small fix': { ...FIX, change: change(changed('src/limit.ts', [4]), smallTest()) },
  'a fix in three files': {
    ...FIX,
    seen: SEEN,
    change: change(changed('src/a.ts', [6, 3]), changed('src/b.ts', [12]), changed('src/c.ts', [2]), smallTest()),
  },
  'a feature in five files': {
    ...FEATURE,
    warnings: [note('package.json:24 adds express-rate-limit')],
    change: change(
      added('src/limit/rate-limiter.ts', takeFrom(CODE, 62)),
      changed('src/routes/auth.ts', [3, 4]),
      changed('src/app.ts', [2]),
      added('test/rate-limiter.test.ts', takeFrom(TEST_CODE, 58)),
      changed('package.json', [1]),
      lockFile('package-lock.json', 3),
    ),
  },
  '280 lines of tests beside 46 of source': {
    ...FIX,
    change: change(added('test/set-slices.test.ts', takeFrom(TEST_CODE, 280)), changed('src/list.ts', [30, 16])),
  },
  'a dependency with its lock file': {
    ...FEATURE,
    change: change(changed('package.json', [2]), lockFile('package-lock.json', 150), changed('src/app.ts', [9])),
  },
  'a diff of 60,000 tokens in one file': { ...FEATURE, change: change(added('src/tables.ts', takeFrom(CODE, 5200))) },
  'a codemod in 40 files': {
    ...FEATURE,
    checks: [TESTS],
    change: change(...Array.from({ length: 40 }, (_, at) => changed(`src/pages/page-${at}.tsx`, [6, 5, 4]))),
  },
  'a refactoring in twelve files': {
    ...FEATURE,
    change: change(...Array.from({ length: 12 }, (_, at) => changed(`src/part-${at}.ts`, [2]))),
  },
  'tests for existing code': { ...FIX, kind: 'tests', change: change(added('test/parse.test.ts', takeFrom(TEST_CODE, 170))) },
  'snapshots beside a change of markup': {
    ...FIX,
    change: change(changed('src/button.tsx', [5]), changed('test/__snapshots__/button.test.tsx.snap', [60, 60])),
  },
  'checks that fail': {
    ...FIX,
    outcome: 'checks_failed',
    reason: inWords('2 tests fail that passed before: limits the rate | counts by address'),
    checks: [
      check(
        'npm test',
        'regressed',
        tests(38, 0),
        tests(39, 2, { failing: ['limits the rate', 'counts by address'], tail: FAILING.repeat(3) }),
        2,
      ),
      TYPES,
    ],
    change: change(changed('src/limit.ts', [14]), smallTest()),
  },
  'no check, and what the worker saw': {
    ...FIX,
    outcome: 'unverified',
    reason: inWords('no check was found, so nothing proves the work: no file of the repository tells how it is tested'),
    checks: [],
    seen: SEEN,
    change: change(changed('src/limit.py', [14]), changed('tests/test_limit.py', [20], TEST_CODE)),
  },
  'blocking warnings': {
    ...FIX,
    outcome: 'needs_review',
    reason: inWords('2 blocking warnings, see below'),
    warnings: [
      blocking("tests are switched off: it.skip('counts by address'", { file: 'test/limit.test.ts', line: 31 }),
      blocking('configures CI or the review', { file: '.github/workflows/ci.yml' }),
      note('new dependencies: left-pad'),
      note('a public signature changed: limit(ip) to limit(ip, window)'),
    ],
    change: change(changed('src/limit.ts', [14]), smallTest(), changed('.github/workflows/ci.yml', [3])),
  },
  'stopped at its steps, with work': {
    ...FEATURE,
    outcome: 'step_limit',
    reason: inWords('the limit of 50 steps was reached; the work so far is on the branch'),
    checks: [check('npm test', 'still_failing', tests(30, 8), tests(35, 6), 0)],
    summary: '',
    commitMessage: null,
    change: change(changed('src/limit.ts', [40]), changed('src/app.ts', [12])),
  },
  'HEAD moved, and files that were not seen': {
    ...FIX,
    headMoved: { from: 'a'.repeat(40), to: 'b'.repeat(40), overlap: ['src/limit.ts'] },
    notSeen: ['src/app.ts', 'notes.md'],
    folder: 'packages/api',
    scope: ['packages/api/**'],
    change: change(changed('packages/api/src/limit.ts', [8]), changed('packages/api/test/limit.test.ts', [20], TEST_CODE)),
  },
  'a summary of many words': { ...FIX, summary: WORDS.repeat(12), change: change(changed('src/limit.ts', [8])) },
  'a summary in Chinese': {
    ...FIX,
    summary: '认证路由现在按地址限制请求，每分钟十次，超过时返回 429。已运行 npm test，41 个测试全部通过。'.repeat(4),
    change: change(changed('src/limit.ts', [8])),
  },
  'nothing changed': { ...NOTHING, outcome: 'no_changes', reason: inWords('the worker ended without changing a file'), summary: WORDS },
  'a wrong key': {
    ...NOTHING,
    outcome: 'auth_failed',
    fallbackNeeded: true,
    reason: inWords('The key was refused by api.moonshot.ai. Set another one with Set API Key.'),
  },
  cancelled: { ...NOTHING, outcome: 'cancelled', reason: inWords('cancel_delegation was called; the work so far is kept') },
};
