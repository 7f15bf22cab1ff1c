import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chart, niceMost } from './chart.ts';
import { evaluate, spentIn } from './evaluate.ts';
import { tellingLine, unfit } from './find-tasks.ts';
import { passes } from './hidden-tests.ts';
import { readOptions, UserError, WAYS, type Way } from './options.ts';
import { notes, report, sums } from './report.ts';
import { appendRow, finishedRow, type Row, readRows, resultsFile } from './results.ts';
import { faultOf } from './run-task.ts';
import { summarize, wilson } from './summary.ts';
import { readTasks, stateOf, type Task, trialOf, writeTasks } from './task-file.ts';
import { type FixTexts, textOfIssue, textOfMessage, untoldNames } from './task-text.ts';

const TASK: Task = {
  id: 'shop-1',
  repository: '/home/ann/shop',
  base: 'a'.repeat(40),
  fix: 'b'.repeat(40),
  text: 'Count quantities in the total',
  tests: ['test/total.test.js'],
  prepare: [],
  decide: 'npm test',
  passes: 2,
  notes: [],
  tried: '',
};
const tasks = (count: number) => Array.from({ length: count }, (_, index) => ({ ...TASK, id: `shop-${index + 1}` }));

function row(task: Task, way: Way, more: Partial<Row> = {}): Row {
  return {
    task: task.id,
    of: stateOf(task),
    way,
    ended: 'finished',
    passed: true,
    tests: { exitCode: 0, killed: null, passed: 2, failed: 0 },
    usd: way === 'kimi' ? { claude: 0.1, kimi: 0.2 } : { claude: 0.6, kimi: 0 },
    seconds: 60,
    turns: 3,
    asked: { model: null, kimiModel: null },
    model: 'claude-opus-5-5',
    attempts: way === 'kimi' ? ['ready'] : [],
    fallback: false,
    changedFiles: 2,
    at: '2026-11-28T00:00:00.000Z',
    note: '',
    ...more,
  };
}

const both = (list: readonly Task[]) => list.flatMap((task) => WAYS.map((way) => row(task, way)));

describe('what an evaluation is asked for', () => {
  it('reads words, and has limits of its own', () => {
    const options = readOptions([
      '--repository',
      'a',
      '--repository',
      'b',
      '--runs',
      'claude',
      '--budget',
      '3.5',
      '--commits',
      'abcdef1, 1234567',
      '--out',
      '/x/y',
    ]);
    assert.ok(options !== 'help');
    assert.deepEqual(options.repository, ['a', 'b']);
    assert.deepEqual(options.runs, ['claude']);
    assert.deepEqual(options.commits, ['abcdef1', '1234567']);
    assert.equal(options.budget, 3.5);
    assert.equal(options.out, '/x/y');
    assert.equal(readOptions(['-h']), 'help');
  });

  for (const [words, said] of [
    [['--budget', '-1'], /--budget/],
    [['--budget', 'much'], /--budget/],
    [['--runs', 'claude,gpt'], /--runs: kimi, claude or both/],
    [['--commits', 'HEAD~1'], /--commits: no commit id/],
    [['--last', '0'], /--last/],
    [['--buget', '3'], /--buget.*--help/],
    [['extra'], /extra.*--help/],
  ] as const)
    it(`refuses ${words.join(' ')} in one line`, () => {
      assert.throws(
        () => readOptions(words),
        (error: Error) => error instanceof UserError && said.test(error.message) && !error.message.includes('\n'),
      );
    });
});

describe('a task out of a fix commit', () => {
  const commit = { id: 'b', parents: ['a'], subject: '', body: '', tests: ['test/a.test.js'], others: ['src/a.js'] };

  it('says which commits are none', () => {
    assert.equal(unfit(commit), null);
    assert.match(unfit({ ...commit, parents: ['a', 'c'] })!, /merge/);
    assert.match(unfit({ ...commit, parents: [] })!, /no parent/);
    assert.match(unfit({ ...commit, tests: [] })!, /no tests/);
    assert.match(unfit({ ...commit, others: ['README.md', 'package-lock.json'] })!, /no code/);
  });

  const fix: FixTexts = {
    code: '+  const total = items.reduce(sumOfLines);\n+export function countOf() {}',
    tests: "+import { countOf } from '../src/total.js';",
    before: 'export const total = (items) => 0;',
    files: ['src/total.js'],
  };

  it('leaves out of a message what gives the solution away', () => {
    const body = [
      'Two pears cost 3 instead of 6. The helper sumOfLines adds them up. Export countOf too. Use a Map for it. Adds test_total.',
      'This commit multiplies before it adds.',
      '- src/total.js: rewritten',
      'Signed-off-by: Ann <ann@example.org>\nFixes: #12',
    ].join('\n\n');
    const text = textOfMessage('fix(cart): Count quantities by multiplying (#12)', body, fix);
    assert.equal(text, 'Count quantities\n\nTwo pears cost 3 instead of 6. Export countOf too.');
  });

  it('tells of names that only the hidden tests know', () => {
    assert.deepEqual(untoldNames('Count quantities', fix), ['countOf']);
    assert.deepEqual(untoldNames('Count quantities in countOf', fix), []);
  });

  it('asks gh for the issue, and does without it', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ckm-gh-'));
    try {
      writeFileSync(path.join(folder, 'gh'), '#!/bin/sh\necho "{\\"title\\": \\"$3 of $5\\", \\"body\\": \\"It is wrong.\\"}"\n', {
        mode: 0o755,
      });
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
      assert.equal(textOfIssue('Count\n\nFixes #12', 'https://github.com/ann/shop.git', env), '12 of ann/shop\n\nIt is wrong.');
      assert.equal(textOfIssue('Count', 'https://github.com/ann/shop', env), null);
      assert.equal(textOfIssue('Fixes #12', '/home/ann/shop', env), null);
      writeFileSync(path.join(folder, 'gh'), '#!/bin/sh\nexit 4\n');
      assert.equal(textOfIssue('Fixes #12', 'git@github.com:ann/shop.git', env), null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('passes only with as many tests as the fix', () => {
    const run = { exitCode: 0, killed: null, durationMs: 1, counts: { passed: 2, failed: 0, skipped: 0 }, failing: [], tail: '' };
    assert.equal(passes({ run, isReady: true }, 2), true);
    assert.equal(passes({ run, isReady: true }, 3), false);
    assert.equal(passes({ run, isReady: false }, null), false);
    assert.equal(passes({ run: { ...run, exitCode: 1 }, isReady: true }, 2), false);
    assert.equal(passes({ run: { ...run, counts: null }, isReady: true }, null), true);
    assert.equal(passes({ run: { ...run, counts: { passed: 0, failed: 0, skipped: 2 } }, isReady: true }, null), false);
  });

  it('says in a line why tests or a preparation failed', () => {
    const npm =
      'npm error code E403\nnpm error 403 registry.example.org leads nowhere\nnpm error A complete log of this run can be found in: /root/x.log\n';
    assert.equal(tellingLine(npm), 'npm error 403 registry.example.org leads nowhere');
    assert.equal(tellingLine(`1 passing\n${'all is well here, it seems '.repeat(20)}`).length, 160);
    assert.equal(tellingLine(''), '');
  });
});

describe('a run that says nothing of a way', () => {
  it('is one that Claude, the account or the machine ended', () => {
    assert.equal(faultOf({ fault: null }, ['checks_failed', 'checks_failed'], []), null);
    assert.equal(
      faultOf({ fault: null }, ['no_changes', 'auth_failed'], ['The key is refused.']),
      'Kimi: auth_failed, The key is refused.',
    );
    assert.match(faultOf({ fault: null }, ['sandbox_unavailable'], [])!, /sandbox_unavailable/);
    assert.match(faultOf({ fault: null }, ['rate_limited'], [])!, /rate_limited/);
    assert.equal(faultOf({ fault: null }, ['budget_exhausted'], []), null);
    assert.equal(faultOf({ fault: 'Invalid API key' }, [], []), 'Claude: Invalid API key');
  });
});

describe('the files of an evaluation', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(path.join(tmpdir(), 'ckm-eval-files-'));
  });
  afterEach(() => rmSync(out, { recursive: true }));

  it('keeps tasks, and says where an edited file is wrong', () => {
    assert.equal(readTasks(out), null);
    const file = writeTasks(out, { tasks: [TASK], leftOut: [] });
    assert.deepEqual(readTasks(out), { version: 1, tasks: [TASK], leftOut: [] });
    writeTasks(out, { tasks: [TASK, TASK], leftOut: [] });
    assert.throws(() => readTasks(out), /two tasks are called shop-1/);
    writeTasks(out, { tasks: [{ ...TASK, base: 'main' }], leftOut: [] });
    assert.throws(() => readTasks(out), /base[\s\S]*Mend it/);
    writeFileSync(file, '{ "version": 1,');
    assert.throws(() => readTasks(out), /is no JSON.*Mend it/);
  });

  it('an edited text is another task, but needs no other trial', () => {
    const edited = { ...TASK, text: 'Something else' };
    assert.equal(trialOf(edited), trialOf(TASK));
    assert.notEqual(stateOf(edited), stateOf(TASK));
    assert.notEqual(trialOf({ ...TASK, decide: 'true' }), trialOf(TASK));
    assert.equal(finishedRow([row(TASK, 'kimi')], edited, 'kimi'), undefined);
  });

  it('skips a damaged line, tells of it, and never writes on behind one that is cut', () => {
    appendRow(out, row(TASK, 'kimi'));
    appendFileSync(resultsFile(out), '{"task": "shop-1", "way": "cla');
    appendRow(out, row(TASK, 'claude'));
    appendFileSync(resultsFile(out), '\n{"task": 3}\n');
    const damaged: number[] = [];
    assert.deepEqual(
      readRows(out, (line) => damaged.push(line)),
      [row(TASK, 'kimi'), row(TASK, 'claude')],
    );
    assert.deepEqual(damaged, [2, 5]);
  });
});

describe('going through the tasks', () => {
  const plan = (more: Partial<Parameters<typeof evaluate>[0]> = {}) => {
    const asked: { id: string; way: Way; limit: number }[] = [];
    const kept: Row[] = [];
    const done = evaluate({
      tasks: tasks(3),
      ways: WAYS,
      budget: 10,
      runBudget: 2,
      signal: new AbortController().signal,
      rows: [],
      run: async (task, way, limit) => {
        asked.push({ id: task.id, way, limit });
        return row(task, way);
      },
      onRow: (one) => kept.push(one),
      ...more,
    });
    return { done, asked, kept };
  };

  it('does each task in each way, and keeps each run at once', async () => {
    const { done, asked, kept } = plan();
    assert.equal((await done).stop, 'done');
    assert.deepEqual(
      asked.map(({ id, way }) => `${id} ${way}`),
      ['shop-1 kimi', 'shop-1 claude', 'shop-2 kimi', 'shop-2 claude', 'shop-3 kimi', 'shop-3 claude'],
    );
    assert.deepEqual(
      asked.slice(0, 2).map(({ limit }) => limit),
      [2, 2],
    );
    assert.equal(kept.length, 6);
  });

  it('stops before the dearest task so far would exceed the budget', async () => {
    const { done, asked } = plan({ budget: 1.7 });
    const { stop, rows } = await done;
    assert.equal(stop, 'budget');
    assert.equal(asked.length, 2);
    assert.ok(Math.abs(spentIn(rows) - 0.9) < 1e-9);
  });

  it('gives a run no more than what is left', async () => {
    const { done, asked } = plan({ budget: 1 });
    await done;
    assert.deepEqual(
      asked.map(({ limit }) => Math.round(limit * 10) / 10),
      [1, 0.7],
    );
  });

  it('never does a finished run again; an interrupted one it does, and counts its cost', async () => {
    const [first, second] = tasks(3) as [Task, Task, Task];
    const before = [...both([first]), row(second, 'kimi', { ended: 'interrupted', usd: { claude: 1, kimi: 0 } })];
    const { done, asked } = plan({ rows: before });
    const { stop, rows } = await done;
    assert.equal(stop, 'done');
    assert.deepEqual(
      asked.map(({ id, way }) => `${id} ${way}`),
      ['shop-2 kimi', 'shop-2 claude', 'shop-3 kimi', 'shop-3 claude'],
    );
    assert.ok(Math.abs(spentIn(rows) - 3.7) < 1e-9);
    assert.equal((await plan({ rows: before, budget: 2 }).done).stop, 'budget');
  });

  it('ends at an interruption with all that was done', async () => {
    const { done, kept } = plan({ run: async (task, way) => row(task, way, way === 'claude' ? { ended: 'interrupted' } : {}) });
    assert.equal((await done).stop, 'interrupted');
    assert.equal(kept.length, 2);
  });
});

describe('what the results say', () => {
  it('knows how much could be chance', () => {
    const { low, high } = wilson(7, 10);
    assert.deepEqual([low.toFixed(3), high.toFixed(3)], ['0.397', '0.892']);
    assert.equal(wilson(0, 3).low, 0);
    assert.equal(wilson(3, 3).high, 1);
  });

  const [first, second, third] = tasks(3) as [Task, Task, Task];
  const rows = [
    ...both([first]),
    row(second, 'kimi', {
      passed: false,
      tests: { exitCode: 1, killed: null, passed: 1, failed: 1 },
      attempts: ['checks_failed', 'checks_failed'],
      fallback: true,
    }),
    row(second, 'claude', { usd: { claude: 0.2, kimi: 0 } }),
    row(third, 'kimi', { ended: 'budget', usd: { claude: null, kimi: 0.5 } }),
  ];
  const summary = summarize(tasks(3), WAYS, rows);
  const circumstances = { at: '2026-11-28T00:00:00.000Z', claudeVersion: '2.1.330', version: '0.2.0', inYuan: true };

  it('adds up only tasks that were done in each way', () => {
    const text = sums(summary);
    assert.match(text, /hidden tests pass \| 1 of 2 \(9 to 91 %\) \| 2 of 2 \(34 to 100 %\) \|/);
    assert.match(text, /\| USD \| 0\.600 \(Claude 0\.200, Kimi 0\.400\) \| 0\.800 \|/);
    assert.match(text, /\| USD for each that passes \| 0\.600 \| 0\.400 \|/);
    assert.match(text, /Claude had to do it itself \| 1 \|/);
    assert.deepEqual(summary.only, { kimi: 0, claude: 1 });
    assert.deepEqual(summary.cheaper, { kimi: 1, claude: 1 });
    assert.equal(summary.incomplete.length, 1);
  });

  it('is honest about small numbers, costs that are not known and what was left out', () => {
    const text = report(summary, [{ repository: 'r', commit: 'c'.repeat(40), subject: 'Use a | b', why: 'it is a merge' }], circumstances);
    assert.match(
      text,
      /\| shop-2 \| 1 of 2 fail \| 0\.300 \| 1\.0 \| checks_failed, checks_failed; Claude did it itself \| pass \| 0\.200/,
    );
    assert.match(text, /\| shop-3 \| pass, budget used up \| at least 0\.500 \| 1\.0 \| ready \| not run \|/);
    assert.match(text, /do not show that one of the two solves more/);
    assert.match(text, /2 tasks are few/);
    assert.match(text, /1 of the tasks below the sums were not done in each way/);
    assert.match(text, /7 CNY taken for 1 USD/);
    assert.match(text, /cccccccccc Use a \\\| b: it is a merge/);
  });

  it('says so where the ranges do not overlap, and where nothing was done', () => {
    const many = tasks(40);
    const apart = summarize(
      many,
      WAYS,
      many.flatMap((task) => [row(task, 'kimi'), row(task, 'claude', { passed: false })]),
    );
    assert.match(notes(apart, circumstances).join('\n'), /do not overlap/);
    assert.doesNotMatch(notes(apart, circumstances).join('\n'), /few/);
    const empty = summarize([], WAYS, []);
    assert.match(sums(empty), /0 of 0 \| 0 of 0/);
    assert.match(chart(empty), /0 of 0/);
  });

  it('draws each task, hollow where it fails, in light and dark', () => {
    const svg = chart(summarize([{ ...first, id: 'a-repository-with-a-very-long-name-1234567890' }, second], WAYS, rows));
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.equal(svg.match(/class="kimi fails"/g)?.length, 1);
    const opened = svg.match(/<(svg|title|style|text|rect|line|circle)\b/g)?.length;
    const closed = svg.match(/<\/(svg|title|style|text)>|\/>/g)?.length;
    assert.equal(opened, closed);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.equal(chart(summarize(tasks(60), WAYS, both(tasks(60)))).match(/<circle/g)?.length, 2 + 2 * 40);
  });

  it('ends the axis at a round number', () => {
    assert.deepEqual([0.0006, 0.3, 0.71, 1, 13].map(niceMost), [0.001, 0.5, 1, 1, 20]);
  });
});
