import assert from 'node:assert/strict';
import type { Tool } from '../../src/agent/types.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { command, finish, memoryTools, play, read, write } from './harness.ts';

/** What the played program gives in place of its real exit code. */
const FAILS = new Set(['npm run lint', 'node check.js']);

function worldOf(files: Map<string, string>): Tool[] {
  return memoryTools(files).map((tool): Tool => {
    if (tool.name !== 'run_command') return tool;
    const run: Tool['run'] = async (args) => {
      const { command: line } = args as { command: string };
      if (line.startsWith('put ')) files.set('a.txt', line.slice(4));
      const ok = line === 'npm test' ? files.get('a.txt') === 'mended' : !FAILS.has(line) && !line.startsWith('grep');
      const asTest = { command: line, exitCode: 0, killed: null, ms: 1, counts: null };
      return {
        ok,
        ran: true,
        text: ok ? 'exit 0' : 'exit 1',
        summary: 'ran',
        ...(line.includes('vitest') && { run: asTest }),
        ...(/^(grep|ls)/.test(line) && { looked: true as const }),
      };
    };
    return { ...tool, run };
  });
}

/** @returns what the model was told instead of the end; null where the answer was the last one */
async function refusalOf(...turns: Turn[]): Promise<string | null> {
  const files = new Map([['a.txt', 'broken']]);
  const calls = [...turns, finish()].flatMap((turn) => turn.calls!);
  const { totals, kimi } = await play([{ calls }, finish('Second.')], { tools: worldOf(files), files });
  if (totals.steps === 1) return null;
  const { messages } = JSON.parse(kimi.requests[1]!.body.toString()) as { messages: { content: string }[] };
  return messages.at(-1)!.content;
}

const failedWrite: Turn = { calls: [{ name: 'write_file', args: { path: 'b.txt' } }] };

describe('finish behind failures of the same answer', () => {
  it('takes no failure from before the last edit amiss', async () => {
    assert.equal(await refusalOf(command(), write('mended'), command()), null);
    assert.equal(await refusalOf(command(), write('mended'), command('npx vitest run a')), null, 'other tests run');
    assert.equal(await refusalOf(command(), write('mended'), command('node try.js')), null, 'another command passes');
    assert.equal(await refusalOf(command(), write('mended'), command('ls')), null, 'a look behind it');
    assert.equal(await refusalOf(command('npm run lint'), command(), write('mended'), command()), null, 'of several one is run again');
  });

  it('takes no look amiss that found nothing', async () => {
    assert.equal(await refusalOf(write('mended'), command(), command('grep -rn old .')), null);
    assert.equal(await refusalOf(write('mended'), command(), read('missing')), null);
  });

  it('names what failed behind the last edit and did not pass since', async () => {
    assert.match((await refusalOf(write('wrong'), command()))!, /not finished: run_command `npm test` failed behind the last edit/);
    assert.match((await refusalOf(command(), write('wrong'), command()))!, /`npm test` failed/);
    assert.match((await refusalOf(write('mended'), command(), write('wrong'), command()))!, /`npm test` failed/);
    const both = await refusalOf(write('mended'), command('npm run lint'), command(), command('node check.js'));
    assert.match(both!, /`npm run lint`, run_command `node check.js` failed/);
    assert.match((await refusalOf(command(), command('ls')))!, /`npm test` failed/, 'a look mends nothing');
    assert.match((await refusalOf(command(), command('npx vitest run a')))!, /`npm test` failed/, 'other tests mend nothing');
  });

  it('takes the edit of a command for one where tests pass behind it', async () => {
    assert.equal(await refusalOf(command(), command('put mended'), command()), null);
    assert.equal(await refusalOf(command(), command('put mended'), command('npx vitest run a')), null);
    assert.match((await refusalOf(command(), command('put mended'), command('node try.js')))!, /`npm test` failed/);
  });

  it('names a change that was not made, whatever passes behind it', async () => {
    const said = await refusalOf(failedWrite, write('mended'), command());
    assert.match(said!, /not finished: write_file `b.txt` failed\. Look/);
    const unknown = await refusalOf({ calls: [{ name: 'patch_all', args: {} }] }, write('mended'), command());
    assert.match(unknown!, /not finished: patch_all failed\./);
    assert.equal(await refusalOf({ calls: [{ name: 'read_file', args: '[1' as never }] }, write('mended'), command()), null);
  });
});
