import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, realClock } from '../../../src/common/clock.ts';
import { resolveSettings, variableLayer } from '../../../src/config.ts';
import { delegate } from '../../../src/delegation/delegate.ts';
import { type JournalEvent, readJournal } from '../../../src/delegation/journal/journal.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { listDelegations } from '../../../src/delegation/store/delegation-folder.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import type { Scenario } from '../../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../../fakes/kimi/server.ts';
import { english } from '../../messages/english.ts';

const write = (content: string) => ({ calls: [{ name: 'write_file', args: { path: 'done.txt', content } }] });
const finish = { calls: [{ name: 'finish', args: { summary: 'Done.', commit_message: 'Do the work' } }] };
const WORK: Scenario = ({ step }) => [write('one\n'), write('two\n'), write('three\n')][step] ?? finish;

describe('attempt', () => {
  let top: string;
  let kimi: ScriptedKimi;
  const at = (name: string) => path.join(top, name);

  beforeEach(async () => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-faults-')));
    mkdirSync(at('home'));
    makeRepository(at('repo'));
    kimi = await startKimi({ scenario: WORK });
  });
  afterEach(async () => {
    await kimi.close();
    rmSync(top, { recursive: true, force: true });
  });

  /** A call of implement_feature; `onEvent` sees each event once it is in the journal, and what it throws is a fault of the work. */
  async function call(
    onEvent: (event: JournalEvent) => void,
    signal = new AbortController().signal,
    clock: Clock = realClock,
    more: { task?: string; env?: Record<string, string>; includeUncommitted?: boolean } = {},
  ): Promise<AttemptResult> {
    const resolved = resolveSettings([
      variableLayer('environment', 'the test', { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: kimi.baseUrl, ...more.env }),
    ]);
    assert.ok(resolved.ok);
    const answer = await delegate(
      {
        kind: 'feature',
        repoPath: at('repo'),
        branch: 'feature/x',
        task: more.task ?? 'Write done.txt.',
        checks: [],
        scope: [],
        includeUncommitted: more.includeUncommitted,
      },
      {
        settings: resolved.settings,
        stateDir: at('state'),
        env: { ...process.env, HOME: at('home') },
        outside: async () => null,
        signal,
        onEvent,
        clock,
      },
    );
    assert.equal(answer.kind, 'report', JSON.stringify(answer));
    return (answer as Extract<typeof answer, { kind: 'report' }>).result;
  }

  const delegation = () => path.join(at('state/delegations'), readdirSync(at('state/delegations'))[0] ?? '');
  const failAt = (type: JournalEvent['type'], times: number, error: Error) => {
    let seen = 0;
    return (event: JournalEvent) => {
      if (event.type === type && ++seen === times) throw error;
    };
  };
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

  it('names in the report the files that it wrote and that git ignores to the end', async () => {
    writeFileSync(at('repo/.gitignore'), 'lib/\n.env*\n');
    gitIn(at('repo'), 'add', '-A');
    gitIn(at('repo'), 'commit', '-qm', 'rules');
    const put = (file: string, content: string) => ({ calls: [{ name: 'write_file', args: { path: file, content } }] });
    const mend = [put('.gitignore', 'lib/\n.env*\n!/.env.example\n'), put('.gitignore', 'lib/\n.env*\n!/.env.example\n')];
    const steps = [put('lib/new.js', 'x\n'), put('.env.example', 'A=\n'), ...mend, put('done.txt', 'x\n')];
    await kimi.close();
    kimi = await startKimi({ scenario: ({ step }) => steps[step] ?? finish });
    const result = await call(() => {});
    const warned = result.warnings.map(({ text }) => english(text));
    assert.deepEqual(result.change?.files.map((file) => file.path).sort(), ['.env.example', '.gitignore', 'done.txt']);
    assert.ok(
      warned.some((text) => /ignored by git, so not on the branch: lib\/new\.js;/.test(text)),
      warned.join('\n'),
    );
  });

  it('names those, too, that a rule of its own ignores that came later, by a tool or a command, before they were saved', async () => {
    const put = (file: string) => ({ name: 'write_file', args: { path: file, content: 'x\n' } });
    const rule = { name: 'run_command', args: { command: "printf 'gen/\\n' > .gitignore" } };
    await kimi.close();
    kimi = await startKimi({ scenario: ({ step }) => (step === 0 ? { calls: [put('gen/a.js'), put('done.txt'), rule] } : finish) });
    const result = await call(() => {});
    const warned = result.warnings.map(({ text }) => english(text));
    assert.deepEqual(result.change?.files.map((file) => file.path).sort(), ['.gitignore', 'done.txt']);
    assert.ok(
      warned.some((text) => /ignored by git, so not on the branch: gen\/a\.js;/.test(text)),
      warned.join('\n'),
    );
  });

  for (const [outcome, error] of [
    ['internal_error', new Error('broken for the test')],
    ['storage_error', full],
  ] as const) {
    it(`${outcome} in the third step: what was spent, and that a sandbox was on`, async () => {
      const result = await call(failAt('reply', 3, error));
      assert.equal(result.outcome, outcome);
      assert.equal(result.steps, 3);
      assert.equal(result.sandbox, 'on');
      const usage = kimi.requests.map((request) => request.usage!);
      assert.equal(
        result.usage.input,
        usage.reduce((sum, { input }) => sum + input, 0),
      );
      assert.equal(
        result.usage.output,
        usage.reduce((sum, { output }) => sum + output, 0),
      );
      assert.ok((result.cost.amount ?? 0) > 0);
      assert.equal(result.tip, null);
    });
  }

  it('a resume counts what was spent before it', async () => {
    const stop = new AbortController();
    const first = await call((event) => event.type === 'tool_end' && event.step === 2 && stop.abort('interrupted'), stop.signal);
    assert.equal(first.outcome, 'interrupted');
    const result = await call(failAt('request', 1, new Error('broken for the test')));
    assert.equal(result.outcome, 'internal_error');
    assert.ok(result.steps >= 2 && result.usage.input >= first.usage.input, JSON.stringify(result));
    assert.ok((result.cost.amount ?? 0) >= (first.cost.amount ?? 1));
  });

  it('a fault after the branch was moved: the tip is told', async () => {
    let tip = '';
    const result = await call((event) => {
      if (event.type !== 'hand_back') return;
      tip = event.tip;
      // What a fault right after the import leaves: the branch is at our commit.
      gitIn(at('repo'), 'fetch', '-q', path.join(delegation(), 'git'), `${tip}:refs/heads/feature/x`);
      throw new Error('broken for the test');
    });
    assert.equal(result.outcome, 'internal_error');
    assert.equal(result.tip, tip);
    assert.match(tip, /^[0-9a-f]{40}$/);
    assert.deepEqual(
      result.change?.files.map((file) => file.path),
      ['done.txt'],
    );
  });

  it('a fault in the second attempt: the work of the first one is told, as the branch still holds it', async () => {
    const first = await call(() => {});
    assert.equal(first.outcome, 'unverified');
    const result = await call(failAt('reply', 1, new Error('broken for the test')), undefined, undefined, { task: 'Once more.' });
    assert.equal(result.outcome, 'internal_error');
    assert.deepEqual([result.attempt, result.base, result.tip], [2, first.base, first.tip]);
    assert.deepEqual(result.change, first.change);
    assert.match(english(result.warnings.at(-1)?.text) ?? '', /nothing new was handed back/);
  });

  it('a tip that the branch does not stand at is not told', async () => {
    assert.equal((await call(failAt('hand_back', 1, new Error('broken for the test')))).tip, null);
  });

  it('a result that cannot be written is told all the same', async () => {
    const result = await call((event) => {
      if (event.type === 'hand_back') rmSync(path.join(delegation(), 'attempts/001'), { recursive: true });
    });
    assert.equal(result.outcome, 'storage_error');
    assert.equal(result.fallbackNeeded, true);
    assert.equal(result.steps, 4);
    assert.equal(result.tip, gitIn(at('repo'), 'rev-parse', 'feature/x'));
  });

  it('nothing is at work any more, and no guard is left, when a fault is told', async () => {
    const result = await call(failAt('request', 1, new Error('broken for the test')));
    assert.equal(result.outcome, 'internal_error');
    const lines = readJournal(path.join(delegation(), 'attempts/001/journal.jsonl'));
    assert.equal(lines.at(-1)?.type, 'end');
    assert.equal(gitIn(at('repo'), 'for-each-ref', 'refs/claude-kimi'), '');
    const later = new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await later;
    assert.equal(readJournal(path.join(delegation(), 'attempts/001/journal.jsonl')).length, lines.length);
  });

  it('ends at the time limit, with the work so far on the branch; with a higher one the same call goes on', async () => {
    const hours: number[] = [];
    let ring = () => {};
    const clock: Clock = {
      ...realClock,
      sleep(ms, until) {
        if (ms < 3_600_000) return realClock.sleep(ms, until);
        hours.push(ms / 3_600_000);
        return new Promise((resolve) => {
          ring = resolve;
        });
      },
    };
    const result = await call((event) => event.type === 'tool_start' && event.step === 3 && ring(), undefined, clock);
    assert.deepEqual(hours, [2]);
    assert.equal(result.outcome, 'step_limit');
    assert.match(english(result.reason), /time limit of 120 minutes .* KIMI_MAX_MINUTES/);
    assert.match(gitIn(at('repo'), 'show', `${result.tip}:done.txt`), /^(two|three)$/);
    assert.equal(result.tip, gitIn(at('repo'), 'rev-parse', 'feature/x'));

    const again = await call(() => assert.fail('it ran again'), undefined, clock);
    assert.equal(again.endedAt, result.endedAt, 'the stored report: nothing was lifted');
    const more = await call(() => {}, undefined, clock, { env: { KIMI_MAX_MINUTES: '300' } });
    assert.deepEqual(hours, [2, 3], 'two of the five hours are used');
    assert.equal(more.outcome, 'unverified', english(more.reason));
    assert.equal(gitIn(at('repo'), 'rev-parse', 'feature/x'), more.tip);
    assert.equal(gitIn(at('repo'), 'rev-list', '--count', 'main..feature/x'), '1');
  });

  describe('a resume after the machine went down: what had not reached the disk', () => {
    const journal = () => path.join(delegation(), 'attempts/001/journal.jsonl');
    /** Three steps, each with its checkpoint; the third may be lost. */
    async function interrupted(more: { includeUncommitted?: boolean } = {}): Promise<void> {
      await kimi.close();
      kimi = await startKimi({ scenario: WORK, thinkMs: 150 });
      const stop = new AbortController();
      const result = await call(
        (event) => event.type === 'tool_end' && event.step === 3 && stop.abort('interrupted'),
        stop.signal,
        undefined,
        more,
      );
      assert.equal(result.outcome, 'interrupted');
      assert.ok(checkpoints().length >= 3, readFileSync(journal(), 'utf8'));
    }
    const checkpoints = () => readJournal(journal()).flatMap((line) => (line.type === 'checkpoint' ? [line] : []));
    async function goesOn(): Promise<void> {
      const result = await call(() => {});
      assert.equal(result.outcome, 'unverified', english(result.reason));
      assert.equal(gitIn(at('repo'), 'show', 'feature/x:done.txt'), 'three');
      assert.equal(result.attempt, 1);
      assert.ok(kimi.requests.every(({ status, fault }) => status === 200 || fault));
    }
    const objectFile = (id: string) => path.join(delegation(), 'git/objects', id.slice(0, 2), id.slice(2));

    it('the tree of the last checkpoint: goes on from the one before', async () => {
      await interrupted();
      const [before, last] = checkpoints().slice(-2);
      assert.notEqual(before?.tree, last?.tree);
      rmSync(objectFile(last!.tree));
      const steps: number[] = [];
      await call((event) => event.type === 'resume' && steps.push(event.step));
      assert.deepEqual(steps, [before!.step]);
      await goesOn();
    });

    it('a file of the last checkpoint, left empty: the same, and a resume of that resume too', async () => {
      await interrupted();
      const [before, last] = checkpoints().slice(-2);
      const blob = gitIn(path.join(delegation(), 'git'), 'rev-parse', `${last!.tree}:done.txt`);
      chmodSync(objectFile(blob), 0o600);
      writeFileSync(objectFile(blob), '');
      const stop = new AbortController();
      const second = await call((event) => event.type === 'request' && stop.abort('interrupted'), stop.signal);
      assert.equal(second.outcome, 'interrupted', english(second.reason));
      assert.equal(readJournal(journal()).findLast((line) => line.type === 'resume')?.step, before!.step);
      await goesOn();
    });

    it('every object of ours: begins again', async () => {
      await interrupted();
      rmSync(path.join(delegation(), 'git/objects'), { recursive: true });
      await goesOn();
    });

    it('the uncommitted changes that it began with: says so, spends nothing, and other text begins anew', async () => {
      writeFileSync(at('repo/src/greet.txt'), 'not committed');
      await interrupted({ includeUncommitted: true });
      rmSync(path.join(delegation(), 'git/objects'), { recursive: true });
      const asked = kimi.requests.length;
      await assert.rejects(
        call(() => {}, undefined, undefined, { includeUncommitted: true }),
        /invalid_request.*call\.baseGone/,
      );
      assert.equal(kimi.requests.length, asked);
      const anew = await call(() => {}, undefined, undefined, { task: 'Write done.txt again.', includeUncommitted: true });
      assert.equal(anew.outcome, 'unverified', english(anew.reason));
      assert.equal(gitIn(at('repo'), 'show', 'feature/x:src/greet.txt'), 'not committed');
    });

    it('the index', async () => {
      await interrupted();
      writeFileSync(path.join(delegation(), 'git/index'), Buffer.alloc(200));
      await goesOn();
    });

    it('lines of the journal in the middle, now zeros: what follows them is not built upon', async () => {
      await interrupted();
      const lines = readFileSync(journal(), 'utf8').split('\n');
      const asked = lines.findIndex(
        (line) => line.includes('"type":"message"') && line.includes('"step":2') && line.includes('tool_calls'),
      );
      assert.ok(asked > 0);
      lines[asked] = '\0'.repeat(lines[asked]!.length);
      writeFileSync(journal(), lines.join('\n'));
      await goesOn();
    });

    it('who the delegation is: written again', async () => {
      await interrupted();
      writeFileSync(path.join(delegation(), 'delegation.json'), '');
      assert.deepEqual(listDelegations(at('state')), []);
      await goesOn();
      assert.equal(listDelegations(at('state'))[0]?.branch, 'feature/x');
    });
  });

  it('a resume that may not ask the model any more hands back what is there', async () => {
    const stop = new AbortController();
    await call((event) => event.type === 'tool_end' && event.step === 2 && stop.abort('interrupted'), stop.signal);
    const journal = path.join(delegation(), 'attempts/001/journal.jsonl');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"budget":1,', '"budget":0.000001,'));
    const result = await call(() => {});
    assert.equal(result.outcome, 'budget_exhausted', english(result.reason));
    assert.match(gitIn(at('repo'), 'show', 'feature/x:done.txt'), /^(one|two)$/);
    assert.equal(gitIn(at('repo'), 'rev-parse', 'feature/x'), result.tip);
  });

  it('a temp folder that a command filled before a crash does not stop the next run', async () => {
    const stop = new AbortController();
    await call((event) => event.type === 'tool_end' && stop.abort('interrupted'), stop.signal);
    const temp = path.join(delegation(), 'tmp');
    mkdirSync(temp, { recursive: true });
    writeFileSync(at('precious'), 'kept');
    symlinkSync(at('nowhere'), path.join(temp, 'home'));
    symlinkSync(top, path.join(temp, 'link'));
    let home = false;
    const result = await call((event) => {
      if (event.type === 'request') home ||= lstatSync(path.join(temp, 'home')).isDirectory();
    });
    assert.equal(result.outcome, 'unverified', english(result.reason));
    assert.ok(home);
    assert.ok(existsSync(at('precious')) && !existsSync(at('nowhere')));
  });
});
