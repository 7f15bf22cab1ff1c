import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { delegationId } from '../../src/delegation/store/delegation-folder.ts';
import { type DelegationStatus, readStatus } from '../../src/delegation/store/delegation-status.ts';
import { finish, run, write } from '../e2e/world.ts';
import type { ClaudeRequest, ClaudeTurn } from '../fakes/anthropic/server.ts';
import { installDebianPackages } from '../host/system-packages.ts';
import { until } from '../until.ts';
import { type ClaudeWorld, type ClaudeWorldOptions, MARK, makeClaudeWorld } from './claude-world.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const BRANCH = 'feature/done';

/** The real Claude Code in a terminal, as people use it, in its default mode (auto). */
describe('the real Claude Code in a terminal', function () {
  this.timeout(120_000);
  this.retries(1); // a program that is not ours, with its own time limits; the reporter names who needed it
  let world: ClaudeWorld;
  let terminal: Terminal;
  before(() => installDebianPackages({ tmux: 'tmux' }, (line) => console.error(line)));
  afterEach(async () => {
    terminal?.close();
    await world?.close();
  });

  async function make(commands: readonly string[], more: Partial<ClaudeWorldOptions> = {}): Promise<void> {
    const turns = [write('done.txt', 'done\n'), ...commands.map(run), finish()];
    world = await makeClaudeWorld({ scenario: ({ step }) => turns[step] ?? finish(), kimi: { thinkMs: 200 }, script, ...more });
    terminal = openTerminal(world);
  }

  /** Each prompt of the user is one call; whatever comes back, Claude says so. */
  function script(request: ClaudeRequest, { repo }: { repo: string }): ClaudeTurn {
    const last = JSON.stringify(request.messages.findLast(({ role }) => role === 'user'));
    if (last.includes('outcome: ')) return { text: `It came back: ${/outcome: (\w+)/.exec(last)?.[1]}.` };
    if (last.includes('moved to the background')) return { text: 'I go on in the meantime.' };
    if (!last.includes(MARK)) return { text: 'Well.' };
    const input = {
      repo_path: repo,
      branch_name: BRANCH,
      task_spec: 'Write done.txt with the word done.',
      checks: ['grep -q done done.txt'],
    };
    return { calls: [{ name: 'mcp__kimi-agent__implement_feature', input }] };
  }

  async function status(...wanted: DelegationStatus['state'][]): Promise<DelegationStatus> {
    const id = delegationId(realpathSync(path.join(world.repo, '.git')), BRANCH);
    return until(`an attempt that is ${wanted.join(' or ')}`, async () => {
      const now = await readStatus(world.stateDir, id);
      return wanted.includes(now.state) && now;
    });
  }

  it('shows each step live under the call, asks nothing, and brings the result', async () => {
    await make(['sleep 3; echo slept']);
    await terminal.say(`${MARK} Add done.txt.`);
    const live = await terminal.shows(/step \d+\/\d+ · run_command sleep 3; echo slept \(\d+%\)/);
    assert.match(live, /Calling kimi-agent/);
    assert.match(live, /auto mode on/);
    await terminal.shows(/It came back: ready/);
    assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    assert.equal(
      world.api.others.filter((request) => JSON.stringify(request).includes('implement_feature')).length,
      0,
      'a classifier was asked',
    );
  });

  it('Esc stops the attempt; the same call goes on where it stopped', async () => {
    await make(['sleep 4; echo slept']);
    await terminal.say(`${MARK} Add done.txt.`);
    await terminal.shows(/run_command sleep 4/);
    terminal.press('Escape');
    const stopped = await status('ended');
    assert.equal(stopped.state === 'ended' && stopped.result.outcome, 'cancelled');
    const paid = world.kimi.requests.length;
    await terminal.shows(/Interrupted/);
    await terminal.say(`${MARK} Go on.`);
    await terminal.shows(/It came back: ready/);
    const ended = await status('ended');
    assert.equal(ended.state === 'ended' && ended.result.attempt, 1, 'no second attempt was begun');
    assert.ok(world.kimi.requests.length > paid);
  });

  it('leaving while it runs keeps the work; the next session goes on with it', async () => {
    await make(['sleep 4; echo slept']);
    await terminal.say(`${MARK} Add done.txt.`);
    await terminal.shows(/run_command sleep 4/);
    terminal.close(); // the window of the terminal is closed
    await status('ended', 'interrupted');
    terminal = openTerminal(world);
    await terminal.say(`${MARK} Go on.`);
    await terminal.shows(/It came back: ready/);
    assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    assert.equal(world.git('rev-list', '--count', `main..${BRANCH}`), '1');
  });

  it('a long call moves to the background; Claude goes on, and the result arrives by itself', async () => {
    // Claude Code waits 120 s before it does that; here it waits 2 s.
    await make(['sleep 6; echo slept'], { env: { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: '2000' } });
    await terminal.say(`${MARK} Add done.txt.`);
    await terminal.shows(/I go on in the meantime/);
    assert.equal((await status('running')).state, 'running');
    await terminal.shows(/It came back: ready/);
    assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
  });
});
