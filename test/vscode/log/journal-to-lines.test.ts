import assert from 'node:assert/strict';
import { hideSecrets } from '../../../src/common/hide-secrets.ts';
import type { JournalLine } from '../../../src/delegation/journal/journal.ts';
import { createStepLines } from '../../../src/vscode/log/journal-to-lines.ts';
import { createStepsLog } from '../../../src/vscode/log/log-channel.ts';
import { inWords } from '../../messages/english.ts';
import { identity, start } from '../sample-records.ts';

const at = (event: object) => ({ at: 1, ...event }) as JournalLine;

describe('lines of the log', () => {
  const tell = createStepLines('fix/cart');

  const cases: [object, string | null][] = [
    [start, 'info [fix/cart] attempt 1 begins: feature, kimi-k2.6, at most 50 steps: Limit the rate of requests to /api/auth/*.'],
    [{ type: 'request', step: 1 }, 'debug [fix/cart] step 1: thinking'],
    [
      { type: 'reply', step: 1, ms: 4210, usage: { input: 900, cached: 256, output: 80 }, cost: 0.0031 },
      'debug [fix/cart] step 1: answer after 4.2 s, in 900 (256 cached), out 80, cost 0.0031',
    ],
    [{ type: 'tool_start', step: 1, callId: 'a', name: 'run_command', title: 'npm test' }, 'debug [fix/cart] step 1: run_command npm test'],
    [
      { type: 'tool_end', step: 1, callId: 'a', name: 'run_command', ok: false, summary: 'exit 1 in 0.7s', ms: 700 },
      'info [fix/cart] step 1: run_command npm test -> failed: exit 1 in 0.7s',
    ],
    [{ type: 'tool_start', step: 2, callId: 'b', name: 'read_file', title: 'src/a.ts' }, 'debug [fix/cart] step 2: read_file src/a.ts'],
    [
      { type: 'retry', step: 2, reason: inWords('rate limit'), delayMs: 4000, tries: 1 },
      'warn [fix/cart] step 2: rate limit; again in 4.0 s',
    ],
    [{ type: 'check', command: 'npm test', on: 'base', phase: 'end', text: 'exit 1' }, 'info [fix/cart] check on base: npm test -> exit 1'],
    [{ type: 'end', outcome: 'ready', reason: null }, 'info [fix/cart] ended: ready'],
    [{ type: 'end', outcome: 'auth_failed', reason: inWords('refused') }, 'warn [fix/cart] ended: auth_failed: refused'],
    [{ type: 'checkpoint', step: 2, tree: 'x' }, null],
    [{ type: 'notice', step: 0, text: inWords('Error: boom\n    at secret place') }, 'info [fix/cart] Error: boom'],
  ];
  for (const [event, expected] of cases) {
    it(`of ${JSON.stringify(event).slice(0, 60)}`, () => {
      const line = tell(at(event));
      assert.equal(line && `${line.level} ${line.text}`, expected);
    });
  }

  it('are one line each, short, and harmless', () => {
    const line = tell(
      at({ type: 'tool_start', step: 1, callId: 'x', name: 'run_command', title: `a\nb\u001b[31m\u202e${'c'.repeat(5000)}` }),
    );
    assert.ok(line && line.text.length < 330);
    assert.doesNotMatch(line?.text ?? '', /[\n\u001b\u202e]/);
  });

  const secrets = [
    'curl -H "Authorization: Bearer abcdef1234567890"',
    'OPENAI_API_KEY=abc123 npm test',
    'export DB_PASSWORD="hunter two"',
    'git clone https://ann:hunter2@example.org/x.git',
    'echo sk-abcdEFGH1234567890',
    'npm config set //registry/:_authToken=npm_abcdef1234567890abcd',
  ];
  for (const text of secrets) {
    it(`hide the secret of ${text.slice(0, 24)}`, () =>
      assert.doesNotMatch(hideSecrets(text), /abcdef1234567890|abc123|hunter|sk-abcd|npm_abc/));
  }

  it('leave alone what is none', () => {
    for (const text of ['npm run test-sk-feature', 'fix/npm-fails-quantities', 'grep -n token src/auth.ts', 'node --test tokens.test.js'])
      assert.equal(hideSecrets(text), text);
  });
});

describe('the log of steps', () => {
  const opened = () => {
    const lines: string[] = [];
    const write = (text: string) => void lines.push(text);
    return { lines, log: createStepsLog({ debug: write, info: write, warn: write, error: write }, ({ branch }) => branch) };
  };
  const command = (n: number) => at({ type: 'tool_start', step: n, callId: `${n}`, name: 'run_command', title: `c${n}` });

  it('keeps attempts that run at once apart', () => {
    const { lines, log } = opened();
    log.add({ identity: identity('a', 'aa'), attempt: 1, lines: [command(1)] });
    log.add({ identity: identity('b', 'bb'), attempt: 1, lines: [command(1)] });
    log.add({
      identity: identity('a', 'aa'),
      attempt: 1,
      lines: [at({ type: 'tool_end', step: 1, callId: '1', name: 'run_command', ok: true, summary: '', ms: 1 })],
    });
    assert.deepEqual(lines, ['[a] step 1: run_command c1', '[b] step 1: run_command c1', '[a] step 1: run_command c1 -> ok']);
  });

  it('catches up with a long attempt by its last lines', () => {
    const { lines, log } = opened();
    log.add({ identity: identity('a'), attempt: 1, lines: Array.from({ length: 500 }, (_, n) => command(n)) });
    assert.equal(lines.length, 201);
    assert.equal(lines[0], '[a] 300 earlier lines are left out');
    assert.equal(lines.at(-1), '[a] step 499: run_command c499');
  });
});
