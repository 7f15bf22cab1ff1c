import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ALLOW_RULES } from '../../src/claude/permissions.ts';
import { updateRecord } from '../../src/claude/setup-record.ts';
import { budgetStep } from '../../src/setup/budget-step.ts';
import { connectStep, permissionStep } from '../../src/setup/connect-step.ts';
import { disconnectStep } from '../../src/setup/disconnect-step.ts';
import { modelStep } from '../../src/setup/model-step.ts';
import { removeEverything } from '../../src/setup/remove-everything.ts';
import { rulesStep } from '../../src/setup/rules-step.ts';
import { CLAUDE } from './played-claude.ts';
import { type Answer, type PlayedContext, playContext, playUser } from './played-user.ts';

/** What another window, a terminal or the user writes while a question of the set-up stands. */
describe('a question of the set-up, and what is written while it stands', () => {
  let home: string;
  const settings = () => path.join(home, '.claude/settings.json');
  const state = () => path.join(home, '.claude.json');
  const write = (file: string, value: unknown) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
  };
  const allowed = () => JSON.parse(readFileSync(settings(), 'utf8')).permissions?.allow ?? [];
  const registered = () => JSON.parse(readFileSync(state(), 'utf8')).mcpServers?.['kimi-agent'];
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-moved-')));
    const program = path.join(home, 'bin/claude');
    mkdirSync(path.dirname(program));
    writeFileSync(program, CLAUDE);
    chmodSync(program, 0o755);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** @param meanwhile done once, after the first question is answered */
  function play(answers: readonly Answer[], meanwhile: (context: PlayedContext) => void | Promise<void>) {
    const user = playUser(answers);
    const context = playContext(user, { home });
    void context.settings.set('claudePath', path.join(home, 'bin/claude'));
    let asked = false;
    const moved = async <T>(answer: T): Promise<T> => {
      if (!asked) await meanwhile(context);
      asked = true;
      return answer;
    };
    const ui = {
      ...context.ui,
      confirm: async (question: Parameters<typeof user.ui.confirm>[0]) => moved(await user.ui.confirm(question)),
      pick: (async (question) => moved(await user.ui.pick(question))) as typeof user.ui.pick,
    };
    return { user, context: { ...context, ui } };
  }

  it('adds the permission rules that were shown, and none that the user has taken away since', async () => {
    const [first, ...others] = ALLOW_RULES;
    write(settings(), { permissions: { allow: others } });
    const { context } = play([[/asking each time[\s\S]*\+ /, 'Add the Rules']], () =>
      write(settings(), { permissions: { allow: others.slice(1) } }),
    );
    assert.equal(await permissionStep(context), 'done');
    assert.deepEqual(allowed(), [...others.slice(1), first]);
  });

  it('removes the permission rules that were shown, and none that the user has added since', async () => {
    write(settings(), { permissions: { allow: ALLOW_RULES.slice(0, 1) } });
    const { context } = play([[/Disconnect Claude Code/, 'Disconnect']], () =>
      write(settings(), { permissions: { allow: ALLOW_RULES.slice(0, 2) } }),
    );
    await disconnectStep(context);
    assert.deepEqual(allowed(), ALLOW_RULES.slice(0, 2), 'and nothing is done that is something else than was shown');
  });

  for (const remove of [disconnectStep, removeEverything])
    it(`removes the entry that it has shown, with its variables, and none that came in its place (${remove.name})`, async () => {
      const own = { command: 'mine', args: [], env: { KIMI_REPOSITORIES: '{"/w":"deny"}' } };
      write(state(), { mcpServers: { 'kimi-agent': { command: 'old', args: [], env: {} } } });
      const first: Answer = [/mcp remove kimi-agent(?![\s\S]*KIMI_REPOSITORIES)/, remove === disconnectStep ? 'Disconnect' : 'Remove'];
      const { context, user } = play([first], () => write(state(), { mcpServers: { 'kimi-agent': own } }));
      assert.equal(await remove(context), 'stopped');
      assert.deepEqual(registered(), own);
      assert.match(user.seen.join('\n'), /changed while you were asked, and stays as it is: > claude mcp remove/);
    });

  for (const remove of [disconnectStep, removeEverything])
    it(`names the variables that go with an entry (${remove.name})`, async () => {
      write(state(), { mcpServers: { 'kimi-agent': { command: 'mine', args: [], env: { KIMI_REPOSITORIES: '{"/w":"deny"}' } } } });
      const { context } = play([[/which are gone then: KIMI_REPOSITORIES/, null]], () => {});
      assert.equal(await remove(context), 'stopped');
    });

  it('names the project in which an entry of ours goes when another is connected, and the variables that go with it', async () => {
    const project = path.join(home, 'shop');
    mkdirSync(project);
    const user = playUser([
      [/> cd .*shop && claude mcp remove kimi-agent -s local\n[\s\S]*which are gone then: KIMI_REPOSITORIES$/m, null],
    ]);
    const context = playContext(user, { home });
    const ours = { command: path.join(context.stateDir, 'bin/kimi-agent'), args: [], env: { KIMI_REPOSITORIES: '{"/w":"deny"}' } };
    write(state(), { projects: { [project]: { mcpServers: { 'kimi-agent': ours } } } });
    updateRecord(context.stateDir, { connected: { at: '', place: { scope: 'local', folder: project } } });
    await context.settings.set('claudePath', path.join(home, 'bin/claude'));
    assert.equal(await connectStep(context), 'stopped');
  });

  it('takes no entry elsewhere back than where it has shown one', async () => {
    const project = path.join(home, 'shop');
    write(path.join(project, '.mcp.json'), { mcpServers: { 'kimi-agent': { command: 'project', args: [], env: {} } } });
    write(state(), { mcpServers: { 'kimi-agent': { command: 'old', args: [], env: {} } } });
    const { context } = play([[/mcp remove kimi-agent -s user/, 'Disconnect']], ({ stateDir }) =>
      updateRecord(stateDir, { connected: { at: '', place: { scope: 'project', folder: project } } }),
    );
    assert.equal(await disconnectStep(context), 'stopped');
    assert.equal(registered().command, 'old');
  });

  it('takes no key and no settings away that came in the place of those that were there', async () => {
    const { context } = play([[/- the API key in[\s\S]*claudeKimi\.repositories/, 'Remove']], async ({ key, settings: now }) => {
      await key.store('sk-newer-012345678');
      await now.set('repositories', { '/w': 'allow', '/w/secret': 'deny' });
    });
    await context.key.store('sk-0123456789');
    await context.settings.set('repositories', { '/w': 'allow' });
    assert.equal(await removeEverything(context), 'stopped');
    assert.equal(context.secret(), 'sk-newer-012345678');
    assert.deepEqual(context.stored.repositories, { '/w': 'allow', '/w/secret': 'deny' });
  });

  it('writes the rules of a project to no other file, where a repository has laid a link in its place', async () => {
    const project = path.join(home, 'shop');
    mkdirSync(project);
    symlinkSync('../elsewhere.md', path.join(project, 'CLAUDE.md'));
    const user = playUser([]);
    const context = playContext(user, { home, folders: [project], answers: { scope: 'project', rules: 'en' } });
    assert.equal(await rulesStep(context), 'stopped');
    assert.match(user.seen.join(''), /CLAUDE\.md in .*shop is a link/);
    assert.ok(!existsSync(path.join(home, '.claude/CLAUDE.md')) && !existsSync(path.join(home, 'elsewhere.md')));
  });

  it('keeps the amount and the model that were chosen, though they were in use when it was asked', async () => {
    const budget = play([[/How much may one attempt cost[\s\S]*¥15\nin use/, '¥15']], (context) => context.settings.set('budget', 200));
    await budget.context.settings.set('budget', 15);
    assert.equal(await budgetStep(budget.context), 'done');
    assert.equal(budget.context.settings.own('budget'), 15);
    const model = play([[/Which model[\s\S]*kimi-a\nin use/, 'kimi-a']], (context) => context.settings.set('model', 'kimi-dear'));
    await model.context.settings.set('model', 'kimi-a');
    assert.equal(await modelStep(model.context), 'done');
    assert.equal(model.context.settings.own('model'), 'kimi-a');
  });

  it('keeps no model of an address that is another one by then', async () => {
    const { context } = play([[/Which model/, 'kimi-a']], (now) => now.settings.set('baseUrl', 'https://api.moonshot.ai/v1'));
    await context.settings.set('model', 'kimi-a');
    await context.settings.set('baseUrl', 'https://own.example/v1');
    assert.equal(await modelStep(context), 'stopped');
    assert.equal(context.settings.own('model'), 'kimi-a');
  });
});
