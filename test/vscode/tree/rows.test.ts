import assert from 'node:assert/strict';
import { tools } from '../../../src/agent/tools/all-tools.ts';
import type { Activity } from '../../../src/delegation/journal/activity.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { message } from '../../../src/messages/message.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { plain } from '../../../src/vscode/text/markdown.ts';
import { buildRows, type Row } from '../../../src/vscode/tree/rows.ts';
import type { RepositoryBranches } from '../../../src/workspace/repository-branches.ts';
import { inWords } from '../../messages/english.ts';
import { ended, identity, result, TIP, unfinished } from '../sample-records.ts';

const options = { t: inEnglish, repositoryName: () => null, unreadable: [] };
const tree = (...records: DelegationRecord[]) =>
  buildRows(
    records.map((record) => delegationItem(record, null)),
    options,
  );
const row = (record: DelegationRecord, branches: RepositoryBranches | null = null) =>
  buildRows([delegationItem(record, branches)], options)[0]!.children[0]!;
const branches = (tips: Record<string, string>, merged: string[] = []): RepositoryBranches => ({
  tips: new Map(Object.entries(tips)),
  merged: new Set(merged),
  head: 'main',
});
const find = (rows: readonly Row[], label: string) => rows.find((candidate) => candidate.label === label)!;

describe('the view of delegations', () => {
  it('shows what went well in one line, and offers what can be done', () => {
    const shown = row(ended());
    assert.equal(shown.label, 'feature/rate-limiting');
    assert.equal(shown.description, '41/41 · +84 −3 · $0.12');
    assert.deepEqual(shown.icon, { name: 'pass-filled', color: 'testing.iconPassed' });
    assert.equal(shown.contextValue, 'delegation ready steps name review merge apply discard retry');
    assert.deepEqual(shown.click, { kind: 'review' });
  });

  it('shows a running attempt with its step', () => {
    const [group] = tree(unfinished('running'));
    assert.equal(group?.label, 'Running');
    assert.equal(group?.children[0]?.description, 'step 3/50 · npm test · $0.05');
    assert.deepEqual(group?.children[0]?.icon, { name: 'loading~spin' });
    assert.match(group?.children[0]?.contextValue ?? '', /\bcancel\b/);
    assert.doesNotMatch(group?.children[0]?.contextValue ?? '', /\b(discard|merge|resume)\b/);
    assert.equal(row(unfinished('running', { step: 0, activity: null, cost: { amount: 0, currency: 'USD' } })).description, 'preparing');
  });

  it('has an id of its own for each file, also where names that are no UTF-8 read alike: VS Code would show none of them', () => {
    const files = ['a-\ufffd', 'a-\ufffd', 'b/c-\ufffd', 'b/c-\ufffd', 'd'].map((path) => ({
      path,
      status: 'A' as const,
      added: 1,
      removed: 0,
    }));
    const record = ended({ change: { ...result().change!, files } });
    for (const filesAs of ['list', 'tree'] as const) {
      const arrangement = { groupBy: 'state', sortBy: 'newest', filesAs } as const;
      const [group] = buildRows([delegationItem(record, null)], { ...options, arrangement });
      const ids = (row: Row): string[] => [row.id, ...row.children.flatMap(ids)];
      const all = ids(group!);
      assert.equal(all.filter((id) => id.includes(':file:')).length, 5, filesAs);
      assert.equal(new Set(all).size, all.length, filesAs);
    }
  });

  it('shows what left the machine, by commands too', () => {
    const sent = {
      ...{ to: ['api.moonshot.ai'], requests: 3, bytes: 20_480, by: {}, moreFiles: 0, withheld: { '.env': 'name' as const } },
      files: { 'src/a.ts': { bytes: 1024, times: 2, first: 0, by: ['task', 'read_file'] } },
      network: { 'registry.npmjs.org': { connections: 4, bytesOut: 2048, bytesIn: 1_048_576 } },
    };
    const attempt = find(row(ended({ sent })).children, 'Attempts').children[0]!;
    assert.deepEqual(
      attempt.children.map(({ label, description }) => [label, description]),
      [
        ['Sent to api.moonshot.ai', '20.0 KiB'],
        ['Commands to registry.npmjs.org', '2.0 KiB up, 1024.0 KiB down'],
      ],
    );
    assert.deepEqual(
      attempt.children[0]!.children.map(({ label }) => label),
      ['src/a.ts', '.env'],
    );
  });

  const groups: [string, string, DelegationRecord, RepositoryBranches | null][] = [
    ['ready', 'Ready to Review', ended(), null],
    ['unverified', 'Ready to Review', ended({ outcome: 'unverified', checks: [] }), null],
    ['a blocking warning', 'Needs Attention', ended({ outcome: 'needs_review' }), null],
    ['failing checks', 'Needs Attention', ended({ outcome: 'checks_failed' }), null],
    ['cancelled', 'Needs Attention', ended({ outcome: 'cancelled', tip: null, change: null }), null],
    ['a crash', 'Needs Attention', unfinished('interrupted'), null],
    ['merged here', 'Done', ended({}, { disposition: { state: 'merged', at: '', tip: TIP, commit: TIP, into: 'main' } }), null],
    ['discarded', 'Done', ended({}, { disposition: { state: 'discarded', at: '', tip: TIP, commit: null, into: null } }), null],
    ['merged by hand', 'Done', ended(), branches({ 'feature/rate-limiting': TIP }, ['feature/rate-limiting'])],
    ['branch removed by hand', 'Done', ended(), branches({})],
    ['branch still there', 'Ready to Review', ended(), branches({ 'feature/rate-limiting': TIP })],
    [
      'work kept under another name',
      'Needs Attention',
      ended({ outcome: 'branch_moved', keptAt: 'x-kimi-1' }),
      branches({ 'x-kimi-1': TIP }),
    ],
  ];
  for (const [what, group, record, known] of groups) {
    it(`puts ${what} into "${group}"`, () => assert.equal(buildRows([delegationItem(record, known)], options)[0]?.label, group));
  }

  it('says what a tool is about and not its name, whichever tool it is', () => {
    const activity = (tool: string, title: string) => row(unfinished('running', { activity: { kind: 'tool', tool, title } })).description;
    for (const { name } of tools) assert.equal(activity(name, 'src/shop.ts'), 'step 3/50 · src/shop.ts · $0.05', name);
    assert.equal(activity('search', ''), 'step 3/50 · search · $0.05', 'a call of which nothing more is known');
  });

  it('says what it waits for, and what it checks', () => {
    const activity = (now: Activity) => row(unfinished('running', { activity: now })).description;
    assert.equal(activity({ kind: 'waiting', seconds: 4, why: inWords('rate limit') }), 'step 3/50 · waiting 4 s: rate limit · $0.05');
    assert.equal(activity({ kind: 'check', on: 'result', command: 'npm test' }), 'step 3/50 · check on result: npm test · $0.05');
    const trial = { kind: 'check', on: 'result', command: 'npm test', how: 'mutant 3 of 5' } as const;
    assert.equal(activity(trial), 'step 3/50 · mutant 3 of 5: npm test · $0.05');
    assert.equal(activity({ kind: 'importing' }), 'step 3/50 · handing back · $0.05');
  });

  it('orders the groups and closes only Done', () => {
    const shown = tree(
      ended({}, { disposition: { state: 'discarded', at: '', tip: null, commit: null, into: null } }),
      ended(),
      unfinished('interrupted'),
      unfinished('running'),
    );
    assert.deepEqual(
      shown.map(({ label, open, description }) => [label, open, description]),
      [
        ['Needs Attention', true, '1'],
        ['Running', true, '1'],
        ['Ready to Review', true, '1'],
        ['Done', false, '1'],
      ],
    );
  });

  it('says its state first, and when it came to rest', () => {
    const time = (at: number) => new Date(at).toISOString().slice(11, 16);
    const [group] = buildRows([delegationItem(ended(), null)], { ...options, time });
    assert.equal(group?.children[0]?.description, '41/41 · +84 −3 · $0.12 · 10:04');
    assert.equal(group?.children[0]?.state, 'ready');
    const [running] = buildRows([delegationItem(unfinished('running'), null)], { ...options, time });
    assert.equal(running?.children[0]?.description, 'step 3/50 · npm test · $0.05');
    assert.equal(running?.children[0]?.state, 'running');
    assert.equal(row(unfinished('interrupted')).state, 'interrupted');
    assert.equal(row(ended({ outcome: 'checks_failed' })).state, 'checks failed');
  });

  it('opens the review of what is ready, and the page of everything else', () => {
    assert.deepEqual(row(ended()).click, { kind: 'review' });
    for (const record of [ended({ outcome: 'checks_failed' }), unfinished('running'), unfinished('interrupted')])
      assert.deepEqual(row(record).click, { kind: 'page' });
    assert.deepEqual(find(row(ended()).children, 'Attempts').children[0]?.click, { kind: 'page', attempt: 1 });
  });

  it('shows only what has the words of a filter, by branch, task, repository or outcome', () => {
    const shown = (filter: string) =>
      buildRows([delegationItem(ended(), null), delegationItem(ended({ branch: 'b', task: 'Other', outcome: 'checks_failed' }), null)], {
        ...options,
        filter,
      }).flatMap(({ children }) => children.map(({ label }) => label));
    assert.deepEqual(shown(''), ['b', 'feature/rate-limiting']);
    assert.deepEqual(shown('RATE auth'), ['feature/rate-limiting']);
    assert.deepEqual(shown('checks failed shop'), ['b']);
    assert.deepEqual(shown('nothing of it'), []);
  });

  const lines: [string, Partial<AttemptResult>, string][] = [
    ['no check', { outcome: 'unverified', checks: [] }, 'not verified · +84 −3 · $0.12'],
    ['an unknown price', { cost: { amount: null, currency: 'USD' } }, '41/41 · +84 −3 · cost unknown'],
    ['less than a cent', { cost: { amount: 0.0034, currency: 'CNY' } }, '41/41 · +84 −3 · <¥0.01'],
    ['a failing check', { outcome: 'checks_failed', checks: [failing()] }, 'checks failed · 40/41 · +84 −3'],
    ['nothing to show', { outcome: 'no_changes', change: null, tip: null, checks: [] }, 'nothing changed · $0.12'],
  ];
  for (const [what, more, expected] of lines) it(`says ${what}`, () => assert.equal(row(ended(more)).description, expected));

  function failing() {
    const [check] = result().checks;
    const run = { ...check!.result!, exitCode: 1, counts: { passed: 40, failed: 1, skipped: 0 } };
    return { ...check!, result: run, verdict: 'regressed' as const };
  }

  it('shows commands in a reason as code, and an odd backtick as it is', () => {
    const tooltip = (reason: string) => row(ended({ outcome: 'checks_failed', reason: inWords(reason) })).tooltip;
    assert.match(tooltip('`npm test` fails on <b>, `npx tsc` too.'), /: `npm test` fails on \\<b\\>\\, `npx tsc` too\\\./);
    assert.match(tooltip('the value ` is odd'), /the value \\` is odd/);
    assert.match(tooltip('an empty `` one'), /an empty \\`\\` one/);
  });

  it('tells why an attempt ended in words that somebody understands who looks at a window, also at the attempt itself', () => {
    const hovers = (more: Partial<AttemptResult>) => {
      const shown = row(ended({ tip: null, change: null, checks: [], ...more }));
      return [shown.tooltip, find(shown.children, 'Attempts').children[0]!.tooltip].map((text) => text.replaceAll('\\', ''));
    };
    for (const code of ['end.cancelDelegation', 'end.callCancelled', 'end.cancelled'] as const)
      for (const text of hovers({ outcome: 'cancelled', reason: message(code) })) {
        assert.match(text, /Cancelled\. The work so far is kept\./);
        assert.doesNotMatch(text, /cancel_delegation|the same call/);
      }
    for (const text of hovers({ outcome: 'interrupted', steps: 3, reason: message('end.clientGone') }))
      assert.match(text, /was closed or reloaded\. Resume continues after step 3\./);
    const warnings = ['a test is gone', 'another'].map((text) => ({ level: 'blocking' as const, text: inWords(text) }));
    for (const text of hovers({ outcome: 'needs_review', warnings, reason: message('end.warnings.many', { count: 2 }) })) {
      assert.match(text, /2 blocking warnings, the first: a test is gone/);
      assert.doesNotMatch(text, /see below/);
    }
  });

  it('of an ended delegation tells what it saved', () => {
    const caller = { before: 0.01, told: 0, report: 0.01, waiting: 0 };
    const saving = { model: 'claude-opus-5-5', name: 'Opus 5.5', prices: '2026-11', worker: 0.1, caller, same: { low: 0.3, high: 0.4 } };
    assert.match(
      row(ended({ saving })).tooltip.replaceAll('\\', ''),
      /- The same tokens at Opus 5\.5: \$0\.30 to \$0\.40; .*: \$0\.18 to \$0\.28 saved/,
    );
    assert.doesNotMatch(row(ended({})).tooltip, /same tokens/);
  });

  it('tells what the worker itself tested, as seen', () => {
    const run = { command: 'npx vitest <run>', exitCode: 0, counts: null, killed: null, ms: 10, afterLastEdit: true, before: null };
    const words = "- seen: the worker's last run after its last edit: npx vitest <run>, exit 0";
    assert.ok(
      row(ended({ seen: [run] }))
        .tooltip.replaceAll('\\', '')
        .includes(words),
      row(ended({ seen: [run] })).tooltip,
    );
    assert.doesNotMatch(row(ended({})).tooltip, /seen:/);
  });

  it('tells checks without counts by their exit code', () => {
    const run = (exitCode: number) => ({ exitCode, killed: null, durationMs: 1, counts: null, failing: [], tail: '' });
    const check = (exitCode: number) => ({ command: 'x', base: null, result: run(exitCode), verdict: 'pass' as const, newFailures: null });
    assert.match(row(ended({ checks: [check(0)] })).description, /checks pass/);
    assert.match(row(ended({ checks: [check(0), check(2)] })).description, /1 of 2 checks fail/);
    assert.match(row(ended({ checks: [...result().checks, check(2)] })).description, /41\/41, 1 of 2 checks fail/);
  });

  it('lists warnings, files and attempts below', () => {
    const { children } = row(ended());
    assert.deepEqual(
      children.map(({ label, description }) => [label, description]),
      [
        ['Warnings', '1'],
        ['Files', '3 · +84 −3'],
        ['Attempts', '1'],
      ],
    );
    const files = find(children, 'Files').children;
    assert.deepEqual(
      files.map(({ label, description, click, file }) => [label, description, click?.kind, file?.status]),
      [
        ['rateLimiter.ts', '+22 −0 · src/middleware', 'file', 'A'],
        ['auth.ts', '+62 −3 · src', 'file', 'M'],
        ['logo.png', 'binary', 'file', 'M'],
      ],
    );
    assert.equal(find(children, 'Attempts').children[0]?.description, 'ready · 23 steps · $0.12');
  });

  it('says of a file without a changed line what happened to it', () => {
    const files = (['M', 'R', 'A', 'D'] as const).map((status) => ({ path: `${status}.sh`, status, added: 0, removed: 0 }));
    const shown = find(row(ended({ change: { ...result().change!, files } })).children, 'Files').children;
    assert.deepEqual(
      shown.map(({ description }) => description),
      ['only its mode', 'only its name', 'empty', 'empty'],
    );
  });

  it('shows the warnings of the last attempt, and without any those of the work that is on the branch', () => {
    const warning = (text: string) => [{ level: 'note' as const, text: inWords(text) }];
    const shown = (last: string | null) => {
      const first = ended({ warnings: warning('of the work') }).attempts;
      const second = ended({ outcome: 'no_changes', tip: null, change: null, warnings: last === null ? [] : warning(last) }).attempts;
      return find(row(ended({}, { attempts: [...first, ...second] })).children, 'Warnings')?.children.map(({ label }) => label);
    };
    assert.deepEqual(shown('of the last'), ['of the last']);
    assert.deepEqual(shown(null), ['of the work']);
  });

  it('opens the line that a warning is about, where the branch holds it', () => {
    const places = [{ file: 'src/auth.ts', line: 12 }, { file: 'src/auth.ts' }, { file: 'src/gone.ts', line: 1 }, undefined];
    const warnings = places.map((place) => ({ level: 'blocking' as const, text: inWords('x'), ...(place && { place }) }));
    const rows = find(row(ended({ warnings })).children, 'Warnings').children;
    assert.deepEqual(
      rows.map(({ label, click }) => [label, click?.kind === 'file' ? [click.path, click.line] : null]),
      [
        ['src/auth.ts:12 x', ['src/auth.ts', 12]],
        ['src/auth.ts x', ['src/auth.ts', undefined]],
        ['src/gone.ts:1 x', null],
        ['x', null],
      ],
    );
  });

  it('keeps the ids of rows while an attempt goes on', () => {
    const ids = (rows: readonly Row[]): string[] => rows.flatMap((r) => [r.id, ...ids(r.children)]);
    const before = ids(tree(unfinished('running')));
    assert.deepEqual(ids(tree(unfinished('running', { step: 9, activity: { kind: 'thinking' } }))), before);
    const all = ids(tree(ended(), unfinished('interrupted', {})).slice(0, 1));
    assert.equal(new Set(all).size, all.length);
  });

  it('shows foreign text as text: no link, no markup, no control character', () => {
    const evil = '[click](command:evil) ![x](https://evil.example/p.png) <b>$(trash) https://evil.example \u202egpj.exe';
    const record = ended({
      task: evil,
      summary: evil,
      reason: inWords(evil),
      outcome: 'checks_failed',
      warnings: [{ level: 'blocking', text: inWords(evil) }],
    });
    const shown = row(record);
    for (const { tooltip } of [shown, ...shown.children.flatMap(({ children }) => children)]) {
      assert.doesNotMatch(tooltip, /(?<!\\)\[click|(?<!\\)<b>|https:\/\/|\u202e|(?<!\\)\$\(/);
    }
    assert.doesNotMatch(find(shown.children, 'Warnings').children[0]!.label, /\u202e/);
    assert.equal(plain('a_b'), 'a\\_b');
  });

  it('shows a delegation whose own file is damaged among what needs attention, and what to do', () => {
    const unreadable = [{ id: 'f00f', root: '/state/f00f', identity: '/state/f00f/delegation.json', newer: null }];
    const [group] = buildRows([], { ...options, unreadable });
    assert.deepEqual([group?.label, group?.description], ['Needs Attention', '1']);
    const [row] = group!.children;
    assert.deepEqual([row?.label, row?.description, row?.delegationId, row?.click], ['Damaged delegation', 'f00f', null, null]);
    assert.match(row!.tooltip, /cannot be read[\s\S]*writes it anew[\s\S]*Branches stay/);
    assert.equal(buildRows([delegationItem(ended(), null)], { ...options, unreadable }).length, 2);
    const newer = [{ ...unreadable[0]!, newer: inWords('written by a newer version') }];
    const [row2] = buildRows([], { ...options, unreadable: newer })[0]!.children;
    assert.deepEqual([row2?.label, row2?.tooltip], ['Delegation of a newer version', 'written by a newer version']);
  });

  it('names the repository when there are several', () => {
    const [group] = buildRows([delegationItem(ended(), null)], { ...options, repositoryName: () => 'shop' });
    assert.equal(group?.children[0]?.description, 'shop · 41/41 · +84 −3 · $0.12');
  });

  it('offers to undo a discard, and nothing else that changes', () => {
    const record = ended({}, { disposition: { state: 'discarded', at: '', tip: TIP, commit: null, into: null } });
    assert.equal(row(record).contextValue, 'delegation done steps name review undo');
    assert.equal(row(ended(), branches({})).contextValue, 'delegation done steps name review');
  });

  it('offers to resume what was stopped, and feedback for what ended', () => {
    assert.match(row(unfinished('interrupted')).contextValue, /\bresume\b/);
    assert.match(row(ended({ outcome: 'cancelled', tip: null, change: null })).contextValue, /\bresume\b/);
    assert.match(row(ended({ outcome: 'checks_failed' })).contextValue, /\bretry\b/);
  });

  it('shows a delegation that never came to an attempt', () => {
    const record: DelegationRecord = { identity: identity(), state: 'unknown', attempts: [], runningSince: null, disposition: null };
    assert.equal(row(record).description, 'never started');
  });
});
