import assert from 'node:assert/strict';
import path from 'node:path';
import { recordEnd } from '../../src/economics/repository-record.ts';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';
import { finish, run } from '../e2e/world.ts';
import { type ClaudeRequest, type ClaudeTurn, lastResults, systemText } from '../fakes/anthropic/server.ts';
import { field } from '../fakes/mcp-client.ts';
import { type ClaudeWorld, makeClaudeWorld } from './claude-world.ts';

/** Passes on the base, where there is no such file, and fails on bad work. */
const CHECKS = ['! grep -q almost done.txt'];
const LINES = 5000;
/** Twelve tokens and more a line. */
const LARGE = `for i in $(seq 1 ${LINES}); do echo "export const entry_$i = { id: $i, name: 'number $i' };"; done > table.js; echo done > done.txt`;

/** The real Claude Code, in what follows a delegation: reviewing, calling again, going on alone. */
describe('the real Claude Code reviews', function () {
  this.timeout(180_000);
  this.retries(1); // a program that is not ours, with its own time limits; the reporter names who needed it
  let world: ClaudeWorld;
  afterEach(() => world?.close());
  const results = () => world.api.requests.flatMap(lastResults).map(({ text }) => text);

  /** Claude calls one tool after the other, as each answer asks for it; null = it ends. */
  function script(next: (answers: readonly string[], repo: string) => { name: string; input: Record<string, unknown> } | null) {
    const answers: string[] = [];
    return (request: ClaudeRequest, { repo }: { repo: string }): ClaudeTurn => {
      answers.push(...lastResults(request).map(({ text }) => text));
      const call = next(answers, repo);
      return call ? { calls: [call] } : { text: 'Read.' };
    };
  }
  const ours = (tool: string) => `mcp__kimi-agent__${tool}`;
  const delegate = (repo: string, task = 'Write done.txt with the word done.', more = {}) => ({
    name: ours('implement_feature'),
    input: { repo_path: repo, branch_name: 'feature/done', task_spec: task, checks: CHECKS, ...more },
  });

  it('a diff of 60,000 tokens in pages, each of which arrives whole', async () => {
    world = await makeClaudeWorld({
      scenario: [run(LARGE), finish()],
      script: script((answers, repo) => {
        if (answers.length === 0) return delegate(repo);
        if (answers.length === 1) return { name: 'ToolSearch', input: { query: `select:${ours('delegation_diff')}`, max_results: 1 } };
        if (answers.at(-1)!.includes('the last page]')) return null;
        const input = { repo_path: repo, branch_name: 'feature/done', page: answers.length - 1 };
        return answers.length < 40 ? { name: ours('delegation_diff'), input } : null;
      }),
    });
    const { result } = await world.headless('Add a table.');
    assert.equal(result?.result, 'Read.');
    const [report = '', , ...pages] = results();
    const diff = world.git('diff', 'main', 'feature/done');
    assert.ok(estimateTokens(diff) >= 60_000, `${estimateTokens(diff)} tokens`);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.ok(estimateTokens(report) <= 8000, `${estimateTokens(report)} tokens`);
    assert.match(report, /more: delegation_diff\(/);
    assert.ok(pages.length >= 5, `${pages.length} pages`);
    const shown = pages.join('\n');
    for (let i = 1; i <= LINES; i++) assert.equal(shown.split(`entry_${i} =`).length, 2, `line ${i}`);
  });

  it('is told the record of the repository before it delegates', async () => {
    const find = { name: 'ToolSearch', input: { query: `select:${ours('delegation_diff')}`, max_results: 1 } };
    // The first request may leave before the server has said anything.
    world = await makeClaudeWorld({ scenario: [finish()], script: script(({ length }) => (length < 3 ? find : null)) });
    const end = { kind: 'bug', attempt: 1, files: 2 } as const;
    for (let i = 0; i < 9; i++)
      recordEnd(world.stateDir, path.join(world.repo, '.git'), { ...end, of: `a${i}`, at: Date.now(), proven: i !== 3 });
    await world.headless('What do you know?');
    const told = world.api.requests.map((request) => `${systemText(request)}${JSON.stringify(request.messages)}`);
    assert.ok(
      told.some((text) => text.includes('Record here, proven at the first attempt: 8 of 9 bug fixes.')),
      told[0]?.slice(-3000),
    );
  });

  it('calls again with feedback after bad work, and gets good work on the same branch', async () => {
    world = await makeClaudeWorld({
      scenario: ({ index }) => [run('echo almost > done.txt'), finish(), run('echo done > done.txt'), finish()][index] ?? finish(),
      script: script((answers, repo) => {
        if (answers.length === 0) return delegate(repo);
        return field(answers.at(-1)!, 'outcome') === 'checks_failed' ? delegate(repo, 'It must say done.') : null;
      }),
    });
    await world.headless('Add done.txt.');
    const [first = '', second = ''] = results();
    assert.deepEqual([field(first, 'outcome'), field(first, 'fallback_needed')], ['checks_failed', 'false'], first);
    assert.equal(field(second, 'outcome'), 'ready', second);
    assert.match(second, /attempt: 2 of 2/);
    assert.equal(world.git('show', 'feature/done:done.txt'), 'done');
  });

  it('does it alone after the second bad attempt, and a third call spends nothing', async () => {
    world = await makeClaudeWorld({
      scenario: ({ index }) => (index % 2 === 0 ? run(`echo almost ${index} > done.txt`) : finish()),
      script: script((answers, repo) => (answers.length < 3 ? delegate(repo, `Again, no ${answers.length}.`) : null)),
    });
    await world.headless('Add done.txt.');
    const reports = results();
    assert.deepEqual(
      reports.map((report) => field(report, 'fallback_needed')),
      ['false', 'true', 'true'],
      reports.join('\n'),
    );
    assert.equal(world.kimi.requests.length, 4);
  });
});
