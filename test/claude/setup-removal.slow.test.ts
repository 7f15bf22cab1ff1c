import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRecord } from '../../src/claude/setup-record.ts';
import { connectStep } from '../../src/setup/connect-step.ts';
import { disconnectStep } from '../../src/setup/disconnect-step.ts';
import { removeEverything } from '../../src/setup/remove-everything.ts';
import { repairConnection } from '../../src/setup/repair-connection.ts';
import { rulesStep } from '../../src/setup/rules-step.ts';
import { runSetup } from '../../src/setup/run-setup.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import type { Answer } from '../setup/played-user.ts';
import { provisionClaude } from './provision.ts';
import { ALL, CONNECT, makeSetupWorld, type SetupWorld } from './setup-world.ts';

describe('taking the set-up back', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let program: string;
  let world: SetupWorld;
  let { home, play, files, registered } = {} as SetupWorld;

  before(async () => {
    program = await provisionClaude((line) => console.error(line));
    kimi = await startKimi({ scenario: [], balance: 12.5 });
  });
  after(() => kimi.close());
  beforeEach(() => {
    world = makeSetupWorld(program, kimi);
    ({ home, play, files, registered } = world);
  });
  afterEach(() => world.remove());

  it('disconnects, and leaves the files as they were before', async () => {
    mkdirSync(path.dirname(files().settings), { recursive: true });
    writeFileSync(files().settings, '{"model":"opus"}');
    const { user, context } = play([
      ...CONNECT,
      [
        /Disconnect Claude Code from Kimi Delegate\?[\s\S]*> claude mcp remove kimi-agent -s user[\s\S]*- mcp__kimi-agent__fix_bug/,
        'Disconnect',
      ],
    ]);
    await connectStep(context);
    assert.equal(await disconnectStep(context), 'done');
    assert.equal(registered(), null);
    assert.equal(readFileSync(files().settings, 'utf8'), '{"model":"opus"}');
    await disconnectStep(context);
    assert.match(user.seen.at(-1)!, /not connected/);
  });

  it('says what to run when Claude Code is gone before it was disconnected', async () => {
    const { context, user } = play([
      ...CONNECT,
      [/Disconnect/, 'Disconnect'],
      [/not found/, 'Later'],
      [/Run this in a terminal: claude mcp remove kimi-agent -s user/, 'Copy'],
    ]);
    await connectStep(context);
    rmSync(path.join(home, '.local/bin/claude'));
    assert.equal(await disconnectStep(context), 'stopped');
    assert.deepEqual(user.copied, ['claude mcp remove kimi-agent -s user']);
    assert.equal(readRecord(context.stateDir).connected, null, 'the next window must not connect again');
  });

  it('removes everything: the home is as it was, the branches and the history stay', async () => {
    const before = listing(home);
    mkdirSync(path.join(home, '.claude-kimi-mcp/delegations/1'), { recursive: true });
    const answers: Answer[] = [
      ...ALL.slice(0, -2),
      [/Shall/, `Write to ${files().memory} (English`],
      [/Write the delegation/, 'Write'],
      [/ready/, null],
    ];
    const { context, user } = play([
      ...answers,
      [
        /Remove everything[\s\S]*mcp remove[\s\S]*permission rules in[\s\S]*delegation rules in[\s\S]*settings claudeKimi\.model, claudeKimi\.budget, claudeKimi\.repositories\n[\s\S]*Branches with delegated work stay/,
        'Remove',
      ],
    ]);
    await runSetup(context);
    await removeEverything(context);
    await repairConnection(context);
    assert.deepEqual(user.left(), []);
    assert.match(user.seen.at(-1)!, /Everything is removed/);
    assert.equal(context.secret(), undefined);
    assert.deepEqual(context.stored, {});
    assert.equal(registered(), null);
    const claudeOwn = /^\.claude(\.json|$|\/(backups|telemetry))|^\.cache|^\.local/;
    assert.deepEqual(
      listing(home).filter((name) => !claudeOwn.test(name)),
      [...before, '.claude-kimi-mcp', '.claude-kimi-mcp/delegations', '.claude-kimi-mcp/delegations/1']
        .filter((name) => !claudeOwn.test(name))
        .sort(),
    );
  });

  it('removes everything when its record got lost, and names the key that the user keeps in a file', async () => {
    const { context, user } = play([
      ...CONNECT,
      [/Shall/, `Write to ${files().memory} (English`],
      [/Write the delegation/, 'Write'],
      [/permission rules in[\s\S]*delegation rules in[\s\S]*\.env stays too/, 'Remove'],
    ]);
    await connectStep(context);
    await rulesStep(context);
    context.stored.sandbox = 'unsandboxed';
    writeFileSync(path.join(context.stateDir, 'setup.json'), '{ broken');
    writeFileSync(path.join(context.stateDir, '.env'), `KIMI_API_KEY=${TEST_KEY}\n`);
    await removeEverything(context);
    assert.match(user.seen.at(-1)!, /Everything is removed.*The key in .*\.env is still there/);
    assert.doesNotMatch(readFileSync(files().settings, 'utf8'), /kimi/);
    assert.ok(!existsSync(files().memory));
    assert.deepEqual(context.stored, {});
    assert.ok(existsSync(path.join(context.stateDir, '.env')));
  });

  it('does not say that everything is removed when it cannot see whether it is', async () => {
    const { context, user } = play([...CONNECT, [/Remove everything/, 'Remove']]);
    await connectStep(context);
    writeFileSync(files().state, '{ broken');
    await removeEverything(context);
    assert.match(user.seen.join('\n'), /error: .*\.claude\.json cannot be read/);
    assert.match(user.seen.at(-1)!, /Some of it could not be removed/);
    assert.ok(existsSync(path.join(context.stateDir, 'bin/kimi-agent')));
  });

  it('keeps the launcher while Claude Code still starts it, and says that not everything is removed', async () => {
    const { context, user } = play([...CONNECT, [/Remove everything/, 'Remove'], [/not found/, 'Later'], [/Run this in a terminal/, null]]);
    await connectStep(context);
    rmSync(path.join(home, '.local/bin/claude'));
    await removeEverything(context);
    assert.match(user.seen.at(-1)!, /Some of it could not be removed/);
    assert.ok(registered());
    assert.ok(existsSync(path.join(context.stateDir, 'bin/kimi-agent')));
  });
});

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
