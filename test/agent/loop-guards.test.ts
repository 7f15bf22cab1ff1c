import assert from 'node:assert/strict';
import type { AgentOptions } from '../../src/agent/loop.ts';
import type { Tool } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { command, finish, memoryTools, type Overrides, ourFaults, outcomeOf, play, playOn, read, texts, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

/** A working tree that the commands for which `changes` says so change, and edits; known between steps, or only at first and after a look. */
function treeWorld(changes: (line: string) => boolean, known = true) {
  let state = 0;
  let looks = 0;
  let peeks = 0;
  const tools = memoryTools(new Map([['a.txt', 'count 0']])).map(
    (tool): Tool => ({
      ...tool,
      run: async (args, context) => {
        const result = await tool.run(args, context);
        if (tool.effect === 'write' && result.ok) state++;
        if (tool.effect === 'command' && changes((args as { command: string }).command)) state++;
        // The harness echoes the command; a test prints the same each time.
        return tool.effect === 'command' ? { ...result, text: 'exit 0 in 0.1s\nok' } : result;
      },
    }),
  );
  const tree: AgentOptions['tree'] = {
    peek: () => (known || peeks++ === 0 ? `tree ${state}` : null),
    look: async () => {
      looks++;
      return `tree ${state}`;
    },
  };
  return { tools, tree, looks: () => looks };
}

const byScript = (line: string) => line.startsWith('sed');
/** `npm test` after each of other commands, each different. */
const between =
  (other: string, rounds: number) =>
  (view: RequestView): Turn =>
    view.index >= 2 * rounds ? finish() : view.index % 2 ? command() : command(`${other} ${view.index}`);

describe('guards: equal calls', () => {
  for (const [what, world] of [
    ['known', () => treeWorld(byScript)],
    ['seldom known', () => treeWorld(byScript, false)],
    ['never known', () => ({ tools: treeWorld(byScript).tools })],
  ] as [string, () => Overrides][]) {
    it(`do not make a circle of tests after edits by command (the tree is ${what})`, async () => {
      const { end, events } = await play(between('sed -i', 20), { ...world(), limits: { maxSteps: 60 } });
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
      assert.deepEqual(texts(events, 'notice'), []);
    });
  }

  it('are a circle when the commands in between change nothing', async () => {
    const { end, totals } = await play(between('ls', 20), { ...treeWorld(byScript), limits: { maxSteps: 60 } });
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(totals.steps, 24);
  });

  it('are a circle when the only thing that changes is what they write themselves', async () => {
    const { end, totals } = await play(
      () => command(),
      treeWorld(() => true),
    );
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(totals.steps, 12);
  });

  it('in turn are a circle, whatever the tree does', async () => {
    const inTurn = ({ index }: RequestView) => command(index % 2 ? 'npm test' : 'sed -i s/a/b/ a.txt');
    for (const world of [treeWorld(byScript), treeWorld(byScript, false), { tools: treeWorld(byScript).tools }]) {
      const { end, totals } = await play(inTurn, world);
      assert.equal(outcomeOf(end), 'loop_detected');
      assert.equal(totals.steps, 16);
    }
  });
});

describe('guards: circles in disguise', () => {
  const ends = async (scenario: (view: RequestView) => Turn, overrides: Overrides = {}) => {
    const { end, totals, kimi } = await play(scenario, { ...overrides, limits: { maxSteps: 120, ...overrides.limits } });
    assert.deepEqual(ourFaults(kimi), []);
    return [outcomeOf(end), totals.steps];
  };

  it('writing the same again and again', async () => {
    assert.deepEqual(await ends(() => write('count 1')), ['loop_detected', 12]);
  });

  it('the same arguments in another order', async () => {
    const spelled = ({ index }: RequestView): Turn => ({
      calls: [{ name: 'run_command', args: index % 2 ? { command: 'npm test', cwd: '' } : { cwd: '', command: 'npm test' } }],
    });
    assert.deepEqual(await ends(spelled, treeWorld(byScript)), ['loop_detected', 12]);
  });

  it('output that differs only by the time of day', async () => {
    const tools = memoryTools(new Map()).map((tool) =>
      tool.effect === 'command'
        ? {
            ...tool,
            run: async () => {
              const time = new Date(Date.UTC(2026, 10, 25, 10, 0, clock++)).toISOString();
              return { ok: true, text: `exit 0 in 0.1s\n Start at  ${time.slice(11, 19)}\n Finished at: ${time}\n 3 passed`, summary: '' };
            },
          }
        : tool,
    );
    let clock = 0;
    assert.deepEqual(await ends(() => command('npx vitest run'), { tools }), ['loop_detected', 12]);
  });

  it('an edit that is made and taken back, with looks and tests in between', async () => {
    const round = [write('count 1'), command(), read(), write('count 0'), command('npm run lint'), command(), read()];
    assert.deepEqual(await ends(({ index }) => round[index % round.length]!, treeWorld(byScript)), ['loop_detected', 56]);
  });

  it('edits whose arguments are never JSON, each different', async () => {
    const broken = ({ index }: RequestView) => write(`line ${index}`, { fault: 'broken_json' });
    assert.deepEqual(await ends(broken), ['loop_detected', 16]);
  });

  const call = (name: string, args: Record<string, unknown>) => ({ name, args });
  const HOSTILE: readonly [string, (index: number) => Turn, string, number][] = [
    ['three reads in turn', (n) => read(`f${n % 3}`), 'loop_detected', 24],
    ['two parts of a file in turn', (n) => ({ calls: [call('read_file', { path: 'a.txt', start_line: n % 2 })] }), 'loop_detected', 16],
    ['commands with a counter', (n) => command(`echo ${n}; true`), 'loop_detected', 90],
    ['sleeping longer and longer', (n) => command(`sleep ${n}`), 'loop_detected', 90],
    ['looking for what never comes, in other words each time', (n) => command(`ps aux | tail -n ${n}`), 'loop_detected', 90],
    ['edits that fail, each another', (n) => ({ calls: [call('write_file', { path: `f${n}` })] }), 'loop_detected', 16],
    ['empty answers', () => ({}), 'loop_detected', 3],
    ['words without an act', () => ({ text: 'I am done.' }), 'finished', 2],
    [
      'finish beside an edit that fails, each another',
      (n) => ({ calls: [call('write_file', { path: `f${n}` }), call('finish', { summary: 'Done.' })] }),
      'loop_detected',
      12,
    ],
    ['finish with nothing done', () => finish(), 'finished', 1],
  ];
  for (const [what, turn, outcome, steps] of HOSTILE) {
    it(`${what}: ${outcome} after ${steps}`, async () => {
      assert.deepEqual(await ends(({ index }) => turn(index), treeWorld(byScript)), [outcome, steps]);
    });
  }

  it('none of them is work that goes on: tests after each of 40 edits, the same file read after each', async () => {
    const turns = (index: number) => [write(`count ${index}`), command(), read()][index % 3]!;
    const { end, events } = await play(({ index }) => (index < 120 ? turns(index) : finish()), {
      ...treeWorld(byScript),
      limits: { maxSteps: 200 },
    });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.deepEqual(texts(events, 'notice'), []);
  });

  it('none of them is a look at a large repository, 80 steps of several reads each, before the first change', async () => {
    const files = new Map(Array.from({ length: 240 }, (_, n) => [`f${n}`, `file ${n}`]));
    const looking = ({ index }: RequestView): Turn => ({
      calls: [0, 1, 2].map((n) => ({ name: 'read_file', args: { path: `f${3 * index + n}` } })),
    });
    const rest = [write('count 1'), command(), finish()];
    const { end } = await play((view) => (view.index < 80 ? looking(view) : rest[view.index - 80]!), { files, limits: { maxSteps: 100 } });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
  });
});

describe('calls of one answer', () => {
  it('that only look run side by side, but not all of hundreds at once', async () => {
    let [now, most] = [0, 0];
    const tools = memoryTools(new Map()).map((tool) =>
      tool.effect === 'read'
        ? {
            ...tool,
            run: async () => {
              most = Math.max(most, ++now);
              await new Promise((resolve) => setImmediate(resolve));
              now--;
              return { ok: true, text: 'text', summary: '' };
            },
          }
        : tool,
    );
    const calls = Array.from({ length: 200 }, (_, n) => ({ name: 'read_file', args: { path: `f${n}` } }));
    const { end, events } = await play([{ calls }, finish()], { tools });
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(texts(events, 'tool_end').length, 201);
    assert.ok(most > 1 && most <= 8, `${most} at once`);
  });
});

describe('guards: no change', () => {
  const looking = ({ index }: RequestView): Turn => (index % 2 ? command(`grep ${index} a.txt`) : read(`f${index}`));

  it('is told after 30 and 60 steps and ends the attempt at 90', async () => {
    for (const known of [true, false]) {
      const world = treeWorld(byScript, known);
      const { end, events, totals, kimi } = await play(looking, { ...world, limits: { maxSteps: 200 } });
      assert.equal(outcomeOf(end), 'loop_detected');
      assert.match(end.kind === 'stopped' ? english(end.reason) : '', /Nothing in the repository changed during the last 90 steps/);
      assert.equal(totals.steps, 90);
      assert.equal(texts(events, 'notice').length, 2);
      assert.match(kimi.requests[30]!.body.toString(), /\[reminder\] Nothing in the repository changed during the last 30 steps/);
      assert.equal(world.looks(), known ? 0 : 3, 'a look costs time, so it is taken only then');
      assert.deepEqual(ourFaults(kimi), []);
    }
  });

  it('is never said of work that commands do', async () => {
    const scripted = ({ index }: RequestView): Turn =>
      index >= 190 ? finish() : index % 25 === 24 ? command(`sed -i ${index}`) : looking({ index } as RequestView);
    for (const known of [true, false]) {
      const { end, events } = await play(scripted, { ...treeWorld(byScript, known), limits: { maxSteps: 200 } });
      assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
      assert.deepEqual(texts(events, 'notice'), []);
    }
    const blind = await play(looking, { tools: treeWorld(byScript).tools, limits: { maxSteps: 100 } });
    assert.equal(outcomeOf(blind.end), 'step_limit', 'where nobody can tell, a command may have changed something');
  });

  it('is noticed without a tree when the model only reads', async () => {
    const { end, totals } = await play(({ index }) => read(`f${index}`), { limits: { maxSteps: 200 } });
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(totals.steps, 90);
  });

  it('is counted on after a resume, and an edit in the last moment saves the attempt', async () => {
    const kimi = await startKimi({
      scenario: ({ index }) => (index < 89 ? read(`f${index}`) : [write('1'), command(), finish()][index - 89]!),
    });
    const first = await playOn(kimi, { limits: { maxSteps: 80 } });
    const second = await playOn(kimi, { resume: resumeAfter(first), firstMessages: [], limits: { maxSteps: 200 } });
    await kimi.close();
    assert.equal(outcomeOf(second.end), 'finished', JSON.stringify(second.end));
    assert.equal(second.totals.steps, 92);
  });
});

describe('guards: a check since the last edit', () => {
  it('is no command that was refused', async () => {
    const tools = memoryTools(new Map()).map((tool) =>
      tool.effect === 'command' ? { ...tool, run: async () => ({ ok: false, text: 'git push is refused.', summary: 'refused' }) } : tool,
    );
    const { end, kimi } = await play([write('1'), command('git push'), { text: 'Done.' }, finish()], { tools });
    assert.equal(outcomeOf(end), 'finished');
    assert.match(kimi.requests[3]!.body.toString(), /not run anything since your last edit/);
  });

  it('may have failed: what it showed is known', async () => {
    const tools = memoryTools(new Map()).map((tool) =>
      tool.effect === 'command'
        ? { ...tool, run: async () => ({ ok: false, ran: true as const, text: 'exit 1 in 0.2s\n1 failing', summary: 'exit 1' }) }
        : tool,
    );
    const { end, kimi } = await play([write('1'), command(), { text: 'One test fails, as before.' }], { tools });
    assert.equal(outcomeOf(end), 'finished');
    assert.ok(!kimi.requests[2]!.body.includes('error: exit 1'));
  });
});
