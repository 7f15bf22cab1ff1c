import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runClaude } from '../../src/claude/registration.ts';
import { connectStep } from '../../src/setup/connect-step.ts';
import { privacyStep } from '../../src/setup/privacy-step.ts';
import { repairConnection } from '../../src/setup/repair-connection.ts';
import { rulesStep } from '../../src/setup/rules-step.ts';
import { runSetup, showReport } from '../../src/setup/run-setup.ts';
import type { SetupContext } from '../../src/setup/setup-context.ts';
import { makeRepository } from '../e2e/world.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { BACK, playUser } from '../setup/played-user.ts';
import { provisionClaude } from './provision.ts';
import { ALL, CONNECT, makeSetupWorld, type SetupWorld } from './setup-world.ts';

/** Set Up… and its commands: the questions are played, everything else is real, Claude Code included. */
describe('the set-up', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let program: string;
  let world: SetupWorld;
  let { home, repo, play, answering, files, registered } = {} as SetupWorld;

  before(async () => {
    program = await provisionClaude((line) => console.error(line));
    kimi = await startKimi({ scenario: [], balance: 12.5 });
  });
  after(() => kimi.close());
  beforeEach(() => {
    world = makeSetupWorld(program, kimi);
    ({ home, repo, play, answering, files, registered } = world);
  });
  afterEach(() => world.remove());

  it('goes from nothing to ready, and shows each file and command before', async () => {
    const { user, context } = play(ALL);
    await runSetup(context);
    assert.deepEqual(user.left(), []);
    assert.equal(context.secret(), TEST_KEY);
    assert.deepEqual(context.stored, { model: 'kimi-k2.7-code', budget: 2, repositories: { '*': 'ask', [repo]: 'allow' } });
    assert.deepEqual(registered(), { command: path.join(home, '.claude-kimi-mcp/bin/kimi-agent'), args: [], env: {} });
    assert.equal(JSON.parse(readFileSync(files().settings, 'utf8')).permissions.allow.length, 7);
    assert.ok(!existsSync(files().memory));
    const health = await runClaude({ program, env: context.env, cwd: home }, ['mcp', 'list']);
    assert.match(health.ok ? health.output : english(health.reason), /kimi-agent: .*Connected/);
    assert.ok(!user.seen.join().includes(TEST_KEY));
  });

  it('run again it keeps what is there and asks nothing that is settled', async () => {
    const { context } = play(ALL);
    await runSetup(context);
    const state = readFileSync(files().state, 'utf8');
    const broker = await answering(context);
    const again = playUser([
      [/A key is stored/, 'Keep'],
      [/Which model/, 'kimi-k2.7-code'],
      [/How much/, '$2'],
      [/may be sent to/, 'Ask for Each'],
      [/Shall a CLAUDE\.md/, 'Nothing More'],
      [/ready/, 'Check Setup'],
    ]);
    await runSetup({ ...context, ui: again.ui });
    assert.deepEqual(again.left(), []);
    assert.equal(readFileSync(files().state, 'utf8'), state);
    assert.match(again.pages[0]!, /Everything is ready/);
    assert.match(again.pages[0]!, /– \| Consent \| VS Code asks before.* \| Answer when it asks/);
    assert.deepEqual(context.worked, ['key', 'sandbox', 'key', 'sandbox', 'key', 'everything']);
    await broker.close();
  });

  it('says that it is not finished when the user leaves, and goes on when wanted', async () => {
    const { user, context } = play([
      [/Paste your key/, TEST_KEY],
      [/Which model/, null],
      [/not set up completely/, 'Continue'],
      [/Which model/, 'kimi-k2.6'],
      [/How much/, null],
      [/not set up completely/, null],
    ]);
    await runSetup(context);
    assert.deepEqual(user.left(), []);
    assert.equal(registered(), null);
    assert.ok(!existsSync(files().settings));
  });

  it('goes back to the question before, over steps that ask nothing any more', async () => {
    const [, model, budget, privacy, ...rest] = ALL;
    const { user, context } = play([
      ALL[0]!,
      model!,
      [/How much/, BACK],
      [/Which model/, BACK],
      [/A key is stored/, 'Keep'],
      model!,
      budget!,
      privacy!,
      ...CONNECT,
      [/Shall a CLAUDE/, BACK],
      // the connection and the sandbox ask nothing now
      [/may be sent to/, 'Allow for /'],
      ...rest.slice(CONNECT.length),
    ]);
    await runSetup(context);
    assert.deepEqual(user.left(), []);
    assert.deepEqual(user.places.slice(0, 6), ['1/7', '2/7 ←', '3/7 ←', '2/7 ←', '1/7', '2/7 ←']);
    assert.equal(context.stored['budget'], 2);
  });

  it('is ready when the user wants no rules, in whatever way that is said', async () => {
    const { user, context } = play([...ALL.slice(0, -2), [/Shall a CLAUDE\.md/, null], [/Kimi Delegate is ready/, null]]);
    await runSetup(context);
    assert.deepEqual(user.left(), []);
    const { user: second, context: again } = play([
      ...ALL.slice(0, -4),
      [/Shall a CLAUDE\.md/, `Write to ${files().memory} (English`],
      [/Write the delegation rules/, null],
      [/Kimi Delegate is ready/, null],
    ]);
    await runSetup(again);
    assert.deepEqual(second.left(), []);
    assert.ok(!existsSync(files().memory));
  });

  it('does nothing in Restricted Mode', async () => {
    const { user, context } = play([], { trusted: false });
    await runSetup(context);
    assert.match(user.seen.join(), /Restricted Mode/);
  });

  it('without Claude Code: says where it was looked for, and takes the program that the user chooses', async () => {
    rmSync(path.join(home, '.local/bin/claude'));
    const wrong = path.join(home, 'other-program');
    writeFileSync(wrong, '#!/bin/sh\necho hello\n', { mode: 0o755 });
    const { user, context } = play([
      [/Claude Code was not found[\s\S]*login shell/, 'Try Again'],
      [/not found/, 'Choose'],
      [/Choose the Program/, wrong],
      [/not found[\s\S]*does not answer like Claude Code/, 'Choose'],
      [/Choose the Program/, program],
      ...CONNECT,
    ]);
    assert.equal(await connectStep(context), 'done');
    assert.deepEqual(user.left(), []);
    assert.equal(context.stored.claudePath, program);
    const { context: later } = play([[/not found/, 'Later']]);
    assert.equal(await connectStep(later), 'skipped');
  });

  it('tells of entries that stand before ours and of rules against it', async () => {
    writeFileSync(path.join(repo, '.mcp.json'), JSON.stringify({ mcpServers: { 'kimi-agent': { command: 'x' } } }));
    mkdirSync(path.dirname(files().settings), { recursive: true });
    writeFileSync(files().settings, JSON.stringify({ permissions: { deny: ['mcp__kimi-agent__fix_bug'] } }));
    const { user, context } = play([
      [/Connect Claude Code/, 'Connect'],
      [/without asking/, null],
    ]);
    assert.equal(await connectStep(context), 'skipped');
    assert.match(
      user.seen.join('\n'),
      /another entry named kimi-agent takes precedence over this one.*\.mcp\.json.*claude mcp remove kimi-agent -s project/,
    );
    assert.match(user.seen.join('\n'), /override these.*permissions\.deny: mcp__kimi-agent__fix_bug/);
    await showReport(context);
    assert.match(user.pages[0]!, /✗ \| Connection \|.*another entry/);
    assert.match(user.pages[0]!, /✗ \| Permissions \|.*permissions\.deny/);
  });

  it('leaves a settings.json that is broken, and connects nevertheless', async () => {
    mkdirSync(path.dirname(files().settings), { recursive: true });
    writeFileSync(files().settings, '{ "a": ');
    const { user, context } = play([[/Connect Claude Code/, 'Connect']]);
    assert.equal(await connectStep(context), 'skipped');
    assert.match(user.seen.join('\n'), /settings\.json is not valid JSON .*left as it was/);
    assert.equal(readFileSync(files().settings, 'utf8'), '{ "a": ');
  });

  it('repairs a registration only of a user who had connected', async () => {
    const { context } = play(CONNECT);
    await repairConnection(context);
    assert.equal(registered(), null);
    assert.ok(!existsSync(path.join(home, '.claude-kimi-mcp')), 'who never connected gets nothing');
    await connectStep(context);
    const wanted = registered();
    const run = { program, env: context.env, cwd: home };
    await runClaude(run, ['mcp', 'remove', 'kimi-agent', '-s', 'user']);
    await runClaude(run, ['mcp', 'add-json', 'kimi-agent', JSON.stringify({ command: '/gone/kimi-agent' }), '-s', 'user']);
    rmSync(path.join(home, '.claude-kimi-mcp/bin'), { recursive: true });
    await repairConnection(context);
    assert.deepEqual(registered(), wanted);
    assert.ok(existsSync(path.join(home, '.claude-kimi-mcp/bin/kimi-agent')));
    const before = readFileSync(files().state, 'utf8');
    await repairConnection(context);
    assert.equal(readFileSync(files().state, 'utf8'), before);

    await runClaude(run, ['mcp', 'remove', 'kimi-agent', '-s', 'user']);
    await repairConnection(context);
    assert.equal(registered(), null, 'what the user removed stays removed');
  });

  it('keeps what is registered startable when its record got lost, over an update too', async () => {
    const { context } = play(CONNECT);
    await connectStep(context);
    rmSync(path.join(context.stateDir, 'setup.json'));
    rmSync(path.join(context.stateDir, 'bin'), { recursive: true });
    await repairConnection({ ...context, version: '1.2.4' });
    assert.ok(existsSync(path.join(context.stateDir, 'bin/kimi-agent')));
    assert.ok(existsSync(path.join(context.stateDir, 'servers/1.2.4.json')));
  });

  it('puts nothing on the disk before the user agreed to connect', async () => {
    const { context } = play([[/Connect Claude Code/, null]]);
    assert.equal(await connectStep(context), 'stopped');
    assert.ok(!existsSync(path.join(context.stateDir, 'bin')));
  });

  it('shows the rules before it writes them, in Chinese first in a Chinese window, and removes them again', async () => {
    const memory = files().memory;
    const { context, user } = play(
      [
        [/Shall a CLAUDE\.md/, `Write to ${memory} (中文`],
        [/Write the delegation rules to[\s\S]*<!-- claude-kimi-mcp:begin -->[\s\S]*两次尝试失败后/, 'Write'],
        [/Shall/, `Write to ${path.join(repo, 'CLAUDE.md')} (English`],
        [/two attempts have failed/, null],
        [/Shall[\s\S]*Leave It as It Is\n+.*CLAUDE\.md holds the rules already/, 'Leave It'],
        [/Shall/, `Remove from ${memory}`],
      ],
      { language: 'zh-cn' },
    );
    assert.equal(await rulesStep(context), 'done');
    assert.match(readFileSync(memory, 'utf8'), /将工作委派给 Kimi/);
    assert.equal(await rulesStep(context), 'stopped');
    assert.ok(!existsSync(path.join(repo, 'CLAUDE.md')));
    assert.equal(await rulesStep(context), 'skipped');
    assert.match(readFileSync(memory, 'utf8'), /将工作委派给 Kimi/);
    assert.equal(await rulesStep(context), 'done');
    assert.ok(!existsSync(memory));
    assert.deepEqual(user.left(), []);
  });

  it('writes the rules by the disclosure setting, wherever it comes from', async () => {
    const memory = files().memory;
    const write = [
      [/Shall a CLAUDE\.md/, `Write to ${memory} (English`],
      [/Write the delegation rules to[\s\S]*written by the delegated worker \(Kimi\)/, 'Write'],
    ] as const;
    const { context } = play([...write], { defaults: {} });
    await context.settings.set('disclosure', 'open');
    assert.equal(await rulesStep(context), 'done');
    assert.match(readFileSync(memory, 'utf8'), /Say in one line when a result was written/);
    rmSync(memory);
    const other = play([...write], { env: { ...context.env, KIMI_DISCLOSURE: 'open' } });
    assert.equal(await rulesStep(other.context), 'done');
    assert.match(readFileSync(memory, 'utf8'), /Say in one line when a result was written/);
  });

  it('follows no link in a repository when it writes rules', async () => {
    symlinkSync(path.join(home, 'elsewhere.md'), path.join(repo, 'CLAUDE.md'));
    const { context, user } = play([[/Shall/, 'Nothing']]);
    await rulesStep(context);
    assert.ok(!user.seen[0]!.includes(path.join(repo, 'CLAUDE.md')));
  });

  it('asks what may be sent, and keeps denials', async () => {
    const { context } = play([
      [/may be sent to 127/, 'Never for'],
      [/Never for .*\nas it is now/, 'Allow for All'],
    ]);
    await privacyStep(context);
    assert.deepEqual(context.stored.repositories, { '*': 'ask', [repo]: 'deny' });
    await privacyStep(context);
    assert.deepEqual(context.stored.repositories, { '*': 'allow', [repo]: 'deny' });
  });

  it('checks everything, names each value and its source, and never shows the key', async () => {
    const { context, user } = play([], { trusted: true });
    await showReport(context);
    const [empty] = user.pages;
    for (const line of [
      /✗ \| API key \| none/,
      /✗ \| Connection \|/,
      /– \| Permissions \|/,
      /✗ \| Launcher \|.*Run the command Connect Claude Code/,
      /✗ \| Window \| does not answer/,
      /✓ \| Claude Code \| 2\.1\.330/,
    ])
      assert.match(empty!, line);
    assert.match(empty!, /\d problems to fix before/);

    const ready = play([...ALL]);
    await runSetup(ready.context);
    const broker = await answering(ready.context);
    ready.context.stored.maxSteps = 33;
    writeFileSync(path.join(ready.context.stateDir, '.env'), 'KIMI_DISCLOSURE=open\nKIMI_BASE_URL=https://evil.example/v1\n');
    await showReport({ ...ready.context, env: { ...ready.context.env, KIMI_COMMAND_TIMEOUT: '77' } });
    const page = ready.user.pages[0]!.replaceAll('\\', '');
    assert.match(page, /claudeKimi.maxSteps \| 33 \| VS Code’s settings/);
    assert.match(page, /API key \| •+ \| VS Code’s secret storage/);
    assert.match(page, /claudeKimi.allowedHosts \| registry.npmjs.org, [^|]* and 13 more \| default/);
    assert.match(page, /✓ \| Window \| answers servers that work in .*app/);
    assert.match(page, /KIMI_DISCLOSURE \| open \| .*\.env/);
    assert.match(page, /KIMI_COMMAND_TIMEOUT \| 77 \| the environment/);
    assert.match(page, /claudeKimi.disclosure|KIMI_DISCLOSURE/);
    assert.match(page, /claudeKimi.maxAttempts \| 2 \| default/);
    assert.match(page, /KIMI_BASE_URL of .*\.env is not used/);
    assert.match(page, /✓ \| Endpoint \| 127\.0\.0\.1:\d+ takes the key/);
    assert.match(page, /✓ \| Balance \| \$12\.50/);
    assert.match(page, /✓ \| Launcher \| starts version 1\.2\.3/);
    assert.ok(!page.includes(TEST_KEY));
    assert.match(page, /Everything is ready: Claude Code can/);
    await broker.close();

    ready.context.stored.repositories = { [repo]: 'deny' };
    await showReport(ready.context);
    assert.match(ready.user.pages[1]!, /✗ \| Window \| does not answer servers/, 'nothing lends the key any more');
    assert.match(ready.user.pages[1]!, /– \| Consent \| code of .* is never sent \| To allow it, run/);
  });

  it('tells what differs in other folders, and what the proxy of VS Code does not reach', async () => {
    const other = path.join(home, 'work', 'other');
    makeRepository(other);
    const { context, user } = play([], { folders: [repo, other], proxy: 'http://proxy.example:8080' });
    const { ofWindow } = context.settings;
    const withInOther = (values: object): SetupContext => ({
      ...context,
      settings: {
        ...context.settings,
        async ofWindow(folder) {
          const layer = (await ofWindow(folder))!;
          return folder === other ? { ...layer, values: { ...layer.values, ...values } } : layer;
        },
      },
    });
    await showReport(withInOther({ maxSteps: 7, budget: 'much' }));
    assert.match(user.pages[0]!, /✗ \| Settings \| claudeKimi\.budget in the VS Code window on .*other is "much"/);
    await showReport(withInOther({ maxSteps: 7, budget: 2 }));
    assert.match(user.pages[1]!, /claudeKimi\.maxSteps \| 50 \| default/);
    assert.match(user.pages[1]!, /claudeKimi\.maxSteps \(other\) \| 7 \| VS Code’s settings/);
    assert.match(user.pages[1]!, /– \| Network \|.*HTTPS\\_PROXY/);
  });

  it('finds files that cannot be read, and hides nothing else for them', async () => {
    mkdirSync(files().settings, { recursive: true });
    mkdirSync(files().memory, { recursive: true });
    const { context, user } = play([
      [/Connect Claude Code/, 'Connect'],
      [/Shall a CLAUDE\.md/, 'Nothing'],
    ]);
    assert.equal(await connectStep(context), 'skipped');
    assert.match(user.seen.join('\n'), /settings\.json cannot be read \(EISDIR\)/);
    assert.equal(await rulesStep(context), 'skipped');
    await showReport(context);
    assert.match(user.pages[0]!, /✗ \| Permissions \| .*settings\.json cannot be read/);
    assert.match(user.pages[0]!, /✗ \| Delegation rules \| EISDIR.* \| Fix that/);
    assert.match(user.pages[0]!, /✓ \| Connection \|/);
  });
});
