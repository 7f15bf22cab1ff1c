import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClaudeRequest } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { type EvalWorld, FIXES, MEMORY, makeEvalWorld } from './eval-world.ts';
import { costOf, type Row } from './results.ts';
import type { Task } from './task-file.ts';

const READY = 'mkdir made && touch made/ready';

/** The whole of it, as its user meets it: find, edit, run out of budget, be interrupted, go on. */
describe('an evaluation with the real Claude Code and the real server', function () {
  this.timeout(120_000);
  let world: EvalWorld;
  const rows = () =>
    world
      .read('results.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);

  before(async () => {
    // Claude alone takes no price for what it is and breaks it; the other way does all that is asked.
    world = await makeEvalWorld((way, fix) =>
      way === 'claude' && fix.file.endsWith('price.js') ? `${fix.before}// as it was\n` : fix.after,
    );
  });
  after(() => world.close());

  it('finds the commits whose tests prove them, and spends nothing', async () => {
    const { code, output } = await world.run('--repository', world.repo, '--prepare', READY, '--dry-run');
    assert.equal(code, 0, output);
    assert.match(output, /Name the shop: its tests pass without the fix too/);
    assert.match(output, /3 tasks in 2 ways at 2\.00 USD cost at most 12\.00 USD/);
    const { tasks } = JSON.parse(world.read('tasks.json')) as { tasks: Task[] };
    assert.deepEqual(
      tasks.map(({ text, tests, decide, passes, prepare }) => [text, tests, decide, passes, prepare]),
      [
        ['Round to cents\n\nAn amount of 1.005 shows as 1, and must show as 1.01.', ['test/round.test.js'], 'npm test', 4, [READY]],
        ['Take no negative price\n\nA price below 0 must count as 0.', ['test/price.test.js'], 'npm test', 3, [READY]],
        ['Count quantities in the total\n\nTwo pears for 3 each cost 3 instead of 6.', ['test/total.test.js'], 'npm test', 2, [READY]],
      ],
    );
    assert.equal(world.api.requests.length + world.kimi.requests.length, 0);
    // As its user edits it: the first two, the other way round.
    writeFileSync(
      path.join(world.out, 'tasks.json'),
      JSON.stringify({ ...JSON.parse(world.read('tasks.json')), tasks: [tasks[1], tasks[0]] }),
    );
  });

  it('keeps what was done when it is interrupted', async () => {
    assert.match((await world.run()).output, /^Say with --budget/);
    world.onClaude(({ messages }) => {
      if (JSON.stringify(messages).includes(FIXES[2]!.body)) world.interrupt();
    });
    const { code, output } = await world.run('--budget', '5');
    world.onClaude(() => {});
    assert.equal(code, 130, output);
    assert.match(output, /Interrupted, 0\.\d+ USD spent\. --resume goes on/);
    const [ours, alone, cut, ...more] = rows();
    assert.deepEqual(more, []);
    assert.deepEqual([ours?.way, ours?.passed, ours?.attempts.length, ours?.changedFiles], ['kimi', true, 1, 1], output);
    assert.ok(ours!.usd.claude! > 0 && ours!.usd.kimi! > 0, JSON.stringify(ours));
    assert.deepEqual([alone?.way, alone?.passed, alone?.usd.kimi, alone?.attempts], ['claude', false, 0, []], output);
    assert.equal(alone?.tests?.failed, 1);
    assert.deepEqual([cut?.way, cut?.ended], ['kimi', 'interrupted']);
  });

  it('shows Claude neither the fix nor the key of Kimi, and asks for the same both ways', () => {
    const first = world.api.requests.filter(({ messages }) => messages.every(({ role }) => role !== 'assistant'));
    const said = JSON.stringify(first);
    for (const hidden of ['Math.max(0', TEST_KEY]) assert.ok(!said.includes(hidden), hidden);
    assert.ok(!said.includes(MEMORY));
    assert.ok(!existsSync(path.join(world.folder, 'hook-ran')), 'a hook of the repository ran outside of any sandbox');
    // Our own tools and instructions are all that the two ways differ by.
    const prompts = first.map(promptOf).filter((prompt) => prompt.includes(FIXES[1]!.body));
    assert.equal(prompts.length, 2);
    assert.equal(new Set(prompts).size, 1, prompts.join('\n---\n'));
  });

  it('lets a command of Claude neither read the tasks nor write outside of the copy', () => {
    const said = JSON.stringify(world.api.requests.map(({ messages }) => messages));
    assert.match(said, /tasks\.json: (Permission denied|No such file or directory).{1,200}escaped': Read-only file system\\nhere/);
    assert.ok(!existsSync(path.join(world.folder, 'escaped')));
  });

  it('goes on where it stopped, and stops before the budget is exceeded', async () => {
    assert.match((await world.run('--budget', '5')).output, /has results of an evaluation. Add --resume/);
    assert.match((await world.run('--budget', '5', '--resume', '--model', 'opus')).output, /Give the same --model/);
    const spent = rows().reduce((sum, row) => sum + costOf(row), 0);
    const poor = await world.run('--budget', (spent * 1.5).toFixed(4), '--resume');
    assert.match(poor.output, /Stopped before the budget of 0\.\d+ USD is exceeded/);
    assert.equal(rows().length, 3);
    const { code, output } = await world.run('--budget', '5', '--resume');
    assert.equal(code, 0, output);
    assert.match(output, /Done: 2 tasks/);
    assert.deepEqual(
      rows()
        .slice(3)
        .map(({ way, ended, passed }) => [way, ended, passed]),
      [
        ['kimi', 'finished', true],
        ['claude', 'finished', true],
      ],
    );
  });

  it('says it all in a table and a chart, and leaves no copies and no key behind', () => {
    const report = world.read('report.md');
    assert.match(report, /\| hidden tests pass \| 2 of 2 \(34 to 100 %\) \| 1 of 2 \(9 to 91 %\) \|/);
    assert.match(report, /Only this program passes 1, only Claude alone 0/);
    assert.match(world.read('chart.svg'), /2 of 2[\s\S]*1 of 2/);
    const [task = ''] = readdirSync(path.join(world.out, 'runs'));
    assert.match(world.read(`runs/${task}/kimi/result.diff`), /^diff --git/);
    assert.deepEqual(
      readdirSync(path.join(world.folder, 'tmp')).filter((name) => name.startsWith('ckm-')),
      [],
    );
    for (const file of globSync(path.join(world.out, '**/*.{json,jsonl,md,txt,diff}')))
      assert.ok(!readFileSync(file, 'utf8').includes(TEST_KEY), file);
  });
});

/** What the user's message says. */
function promptOf({ messages: [first] }: ClaudeRequest): string {
  const blocks = typeof first?.content === 'string' ? [first.content] : (first?.content ?? []).map(({ text = '' }) => text);
  return blocks.find((text) => text.includes('merged into it.')) ?? '';
}
