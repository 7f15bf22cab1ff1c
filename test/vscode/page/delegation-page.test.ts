import assert from 'node:assert/strict';
import type { JournalLine } from '../../../src/delegation/journal/journal.ts';
import { message } from '../../../src/messages/message.ts';
import { inEnglish, type Translate } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { delegationPage, type PageData } from '../../../src/vscode/page/delegation-page.ts';
import { commandLink, html } from '../../../src/vscode/page/html.ts';
import { pageLinkSchema } from '../../../src/vscode/page/page-link.ts';
import { timelineOf } from '../../../src/vscode/page/timeline.ts';
import { inWords } from '../../messages/english.ts';
import { ended, result, start, unfinished } from '../sample-records.ts';

const page = (record: DelegationRecord, more: Partial<PageData> = {}, t: Translate = inEnglish) => {
  const delegation = delegationItem(record, null);
  const data = {
    delegation,
    attempt: delegation.lastAttempt,
    timeline: [],
    today: 0.5,
    ahead: null,
    draft: { comments: [], text: '' },
    ...more,
  };
  return delegationPage(data, { t, time: (at) => new Date(at).toISOString().slice(11, 19) }).html;
};
const text = (shown: string) =>
  shown
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
/** The commands of its links, with what they are given: VS Code decodes a link when it reads it, and again when it opens it. */
const links = (shown: string) =>
  [...shown.matchAll(/href="command:([\w.]+)\?([^"]*)"/g)].map(
    ([, command, args]) => [command!, opened(decodeURIComponent(args!.replaceAll('&#39;', "'")))] as [string, unknown[]],
  );

function opened(query: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(query));
  } catch {
    return JSON.parse(query);
  }
}

const run = (passed: number, failing: string[] = []) => ({
  exitCode: failing.length === 0 ? 0 : 1,
  killed: null,
  durationMs: 900,
  counts: { passed, failed: failing.length, skipped: 0 },
  failing,
  tail: 'output',
});
const failed = ended({
  outcome: 'checks_failed',
  reason: inWords('npm test fails'),
  checks: [
    { command: 'npm test', base: run(3, ['old']), result: run(1, ['old', 'adds <b>', 'subtracts']), verdict: 'regressed', newFailures: 2 },
  ],
});

describe('the page of a delegation', () => {
  it('names the tests that fail, each with a link to it, and both outputs', () => {
    const shown = page(failed);
    assert.match(text(shown), /checks failed: 2 tests fail that did not before: adds &lt;b&gt;, subtracts/);
    const own = links(shown).filter(([command]) => command === 'claudeKimi.openPageLink');
    for (const [, args] of own) assert.deepEqual(pageLinkSchema.parse(args), args);
    assert.deepEqual(
      own.map(([, args]) => args[2]).filter((link) => (link as { kind: string }).kind !== 'file'),
      [
        { kind: 'output', check: 0, side: 'base' },
        { kind: 'output', check: 0, side: 'result' },
        { kind: 'test', check: 0, test: 'adds <b>' },
        { kind: 'test', check: 0, test: 'subtracts' },
        ...failed.attempts[0]!.result!.change!.files.map(({ path }) => ({ kind: 'apply', path })),
      ],
    );
  });

  it('offers what the delegation allows, and nothing else', () => {
    const offered = (record: DelegationRecord) =>
      links(page(record)).flatMap(([command]) => (command === 'claudeKimi.openPageLink' ? [] : [command.replace('claudeKimi.', '')]));
    assert.deepEqual(offered(ended()), ['reviewChanges', 'merge', 'retry', 'applyToWorkingTree', 'discard', 'copyName']);
    assert.deepEqual(offered(failed).slice(0, 3), ['reviewChanges', 'retry', 'merge']);
    assert.deepEqual(offered(unfinished('running')), ['cancel', 'copyName']);
    assert.deepEqual(offered(unfinished('interrupted')), ['resume', 'discard', 'copyName']);
  });

  it('says on the page of an older attempt that what can be done is done with other work', () => {
    const older = { ...failed.attempts[0]!, number: 1, result: result({ tip: 'a'.repeat(40) }) };
    const newest = { ...failed.attempts[0]!, number: 2 };
    const record = { ...failed, attempts: [older, newest] };
    const warned = /This is an older attempt\. What can be done is done with the newest work\. Show the newest attempt/;
    assert.match(text(page(record, { attempt: older })), warned);
    assert.doesNotMatch(text(page(record)), warned);
    const nothing = { ...newest, result: result({ outcome: 'no_changes', base: null, tip: null, change: null } as never) };
    const kept = { ...failed, attempts: [older, nothing] };
    assert.doesNotMatch(text(page(kept, { attempt: older })), warned, 'what is merged is the work of that attempt');
  });

  it('says since when it runs of the attempt that runs, and not of one that was interrupted before it', () => {
    const record = unfinished('running');
    const [runs] = record.attempts;
    const both = {
      ...record,
      attempts: [
        { ...runs!, number: 1 },
        { ...runs!, number: 2 },
      ],
      runningSince: Date.parse('2026-11-22T10:00:00Z'),
    };
    assert.match(text(page(both)), /since 10:00:00/);
    assert.doesNotMatch(text(page(both, { attempt: both.attempts[0]! })), /since/);
  });

  it('says what moved meanwhile, and whether it conflicts', () => {
    const ahead = (commits: number, conflicts: string[]) => text(page(ended(), { ahead: { into: 'main', commits, conflicts } }));
    assert.match(ahead(0, []), /main is where the work began\. The work merges without a conflict\./);
    assert.match(ahead(1, []), /main has 1 commit that came since\./);
    assert.match(ahead(2, ['src/auth.ts']), /main has 2 commits that came since\. It conflicts in src\/auth\.ts/);
  });

  it('tells what blocks before the evidence, and opens its line', () => {
    const place = { file: 'src/auth.ts', line: 12 };
    const shown = page(ended({ outcome: 'needs_review', warnings: [{ level: 'blocking', text: inWords('a test is gone'), place }] }));
    assert.match(text(shown), /warning to read: src\/auth\.ts:12 a test is gone/);
    assert.ok(shown.indexOf('<h2>Warnings') < shown.indexOf('<h2>Evidence'));
    assert.deepEqual(links(shown).find(([, args]) => (args[2] as { line?: number })?.line)?.[1][2], {
      kind: 'file',
      path: 'src/auth.ts',
      line: 12,
    });
    const notes = page(ended({ warnings: [{ level: 'note', text: inWords('`npm test` was run both ways') }] }));
    assert.match(notes, /<code>npm test<\/code> was run both ways/);
    assert.ok(notes.indexOf('<h2>Warnings') > notes.indexOf('<h2>Evidence'));
  });

  it('shows the newest steps of very many, as it is drawn anew while it runs, and leads to the others', () => {
    const timeline = Array.from({ length: 30_000 }, (_, at) => ({
      at,
      step: 1,
      what: `call ${at}`,
      result: '',
      failed: false,
      cost: null,
    }));
    const shown = page(failed, { timeline });
    assert.match(text(shown), /Steps 29500 earlier ones .*call 29500 .*call 29999/);
    assert.doesNotMatch(text(shown), /call 29499\b/);
    assert.ok(links(shown).some(([command]) => command === 'claudeKimi.showSteps'));
    assert.doesNotMatch(text(page(failed, { timeline: timeline.slice(-500) })), /earlier ones/);
  });

  it('adds the costs up, with today and what was saved', () => {
    const record = ended();
    const first = { ...record.attempts[0]!, number: 1, result: result({ cost: { amount: 0.3, currency: 'USD' } }) };
    const caller = { before: 0.01, told: 0, report: 0.01, waiting: 0 };
    const saving = { model: 'claude-opus-5-5', name: 'Opus 5.5', prices: '2026-11', worker: 0.1, caller, same: { low: 0.3, high: 0.4 } };
    const second = { ...record.attempts[0]!, number: 2, start: { ...start, task: 'Not in the tests.' }, result: result({ saving }) };
    const shown = text(page({ ...record, attempts: [first, second] }));
    assert.match(shown, /This attempt \$0\.12 All attempts \$0\.42 Today, all delegations \$0\.50/);
    assert.match(shown, /The same tokens at Opus 5\.5: \$0\.30 to \$0\.40; .*: \$0\.18 to \$0\.28 saved/);
    assert.match(shown, /Feedback to attempt 2 Not in the tests\./);
    assert.match(shown, /Attempt 1 : ready: npm test passes: 38\/38 → 41\/41/);
    const unknown = { ...first, result: result({ cost: { amount: null, currency: 'USD' } }) };
    assert.match(text(page({ ...record, attempts: [unknown, second] })), /All attempts cost unknown/);
  });

  it('shows what is not sent yet, and sends it', () => {
    const draft = { comments: [{ file: 'src/auth.ts', line: 3, text: 'Too <much>.' }], text: '' };
    const shown = page(ended(), { draft });
    assert.match(text(shown), /Feedback that is not sent yet src\/auth\.ts:3 Too &lt;much&gt;\. Send to Kimi/);
    assert.ok(links(shown).some(([command]) => command === 'claudeKimi.sendComments'));
    assert.ok(!links(page(ended())).some(([command]) => command === 'claudeKimi.sendComments'));
  });

  it('lets nothing of others become markup or a link', () => {
    const evil = '</p><a href="command:workbench.action.terminal.new">x</a><img src=x onerror=1>\u202e"\'';
    const files = [{ path: `src/${evil}`, status: 'M' as const, added: 1, removed: 1 }];
    const shown = page(
      ended({
        task: evil,
        summary: evil,
        warnings: [{ level: 'note', text: inWords(evil), place: { file: evil } }],
        change: { files, added: 1, removed: 1, diffs: [] },
        checks: [{ command: evil, base: run(1), result: run(0, [evil]), verdict: 'regressed', newFailures: 1 }],
        outcome: 'checks_failed',
      }),
      { timeline: [{ at: 0, step: 1, what: evil, result: evil, failed: true, cost: null }] },
    );
    assert.deepEqual(
      links(shown).flatMap(([command]) => (command.startsWith('claudeKimi.') ? [] : [command])),
      [],
    );
    assert.doesNotMatch(shown, /<img|<a href="command:workbench|\u202e/);
  });

  it('leads to the file, test and branch that it names, however they are called', () => {
    const names = [
      'caf%C3%A9.md',
      'a%22,%22kind%22:%22apply%22,%22path%22:%22src%2Fauth.ts',
      '100%',
      'a%5Cb"\\',
      'ünï & <b>.ts',
      "it's.md",
    ];
    const files = names.map((path) => ({ path, status: 'M' as const, added: 1, removed: 1 }));
    const shown = page(
      ended({
        outcome: 'checks_failed',
        change: { files, added: 1, removed: 1, diffs: [] },
        checks: [{ command: 'npm test', base: run(1), result: run(0, names), verdict: 'regressed', newFailures: names.length }],
      }),
    );
    const to = links(shown).map(([, args]) => args[2] as { kind: string; path?: string; test?: string } | undefined);
    for (const kind of ['file', 'apply'])
      assert.deepEqual(
        to.flatMap((link) => (link?.kind === kind ? [link.path] : [])),
        names,
      );
    assert.deepEqual(
      to.flatMap((link) => (link?.kind === 'test' ? [link.test] : [])),
      names,
    );
    for (const id of names) assert.deepEqual(links(commandLink('claudeKimi.merge', [id], 'Merge').html)[0]?.[1], [id]);
  });

  it('escapes in attributes too', () => {
    assert.equal(html`<a title="${`"'<&`}">${['a', html`<b>b</b>`]}</a>`.html, '<a title="&quot;&#39;&lt;&amp;">a<b>b</b></a>');
  });
});

describe('the timeline', () => {
  it('tells each call with its result, and the cost of the answer with the first of its calls', () => {
    const usage = { input: 10, cached: 0, output: 1 };
    const reply = (step: number, cost: number, at: number) =>
      ({ type: 'reply', step, finishReason: 'stop', usage, ms: 5, cost, at }) as const;
    const called = (step: number, callId: string, ok: boolean, at: number) =>
      [
        { type: 'tool_start', step, callId, name: 'run_command', title: 'npm test', at },
        { type: 'tool_end', step, callId, name: 'run_command', ok, summary: ok ? 'exit 0' : 'exit 1', ms: 3, at: at + 1 },
      ] as const;
    const lines = [
      { ...start, at: 1 },
      reply(1, 0.01, 10),
      ...called(1, 'a', false, 11),
      ...called(1, 'b', true, 13),
      { type: 'request', step: 2, bytes: 1, at: 15 } as const,
      reply(2, 0.02, 20),
      { type: 'request', step: 3, bytes: 1, at: 25 } as const,
      { type: 'check', command: 'npm test', on: 'result', phase: 'end', text: '4/4', at: 31 } as const,
      { type: 'end', outcome: 'ready', reason: null, at: 40 } as const,
    ];
    assert.deepEqual(
      timelineOf(lines, inEnglish).map(({ at, step, what, result, failed, cost }) => [at, step, what, result, failed, cost]),
      [
        [12, 1, 'run_command npm test', 'exit 1', true, 0.01],
        [14, 1, 'run_command npm test', 'exit 0', false, null],
        [20, 2, 'answered without a tool call', '', false, 0.02],
        [31, null, 'check on result: npm test', '4/4', false, null],
        [40, null, 'ended: ready', '', false, null],
      ],
    );
  });

  it('tells of a call in which the attempt was stopped that it was, and not that there was none', () => {
    const usage = { input: 10, cached: 0, output: 1 };
    const lines = (...after: JournalLine[]) => [
      { type: 'reply', step: 3, finishReason: 'stop', usage, ms: 5, cost: 0.01, at: 10 } as const,
      { type: 'tool_start', step: 3, callId: 'a', name: 'run_command', title: 'npm run build', at: 11 } as const,
      ...after,
    ];
    const told = (...after: JournalLine[]) =>
      timelineOf(lines(...after), inEnglish).map(({ at, step, what, result, cost }) => [at, step, what, result, cost]);
    const stopped = (at: number) => [at, 3, 'run_command npm run build', 'stopped', 0.01];
    assert.deepEqual(told(), [], 'it runs');
    assert.deepEqual(told({ type: 'loop_end', at: 20 } as never), [stopped(20)]);
    assert.deepEqual(told({ type: 'end', outcome: 'cancelled', reason: null, at: 21 }), [
      stopped(21),
      [21, null, 'ended: cancelled', '', null],
    ]);
    const [killed, resumed] = told({ type: 'resume', step: 2, at: 30 } as never);
    assert.deepEqual([killed, resumed?.[2]], [stopped(30), 'resumed after step 2']);
  });

  it('tells why it ended in words that somebody understands who looks at a window', () => {
    const end = (reason: ReturnType<typeof message>) =>
      timelineOf([{ type: 'end', outcome: 'cancelled', reason, at: 1 }], inEnglish)[0]!.result;
    assert.equal(end(message('end.cancelDelegation')), 'Cancelled. The work so far is kept.');
    assert.match(end(message('end.clientGone')), /^The program that had started it was closed or reloaded\./);
    assert.equal(end(message('end.warnings.many', { count: 2 })), '2 blocking warnings');
  });
});
