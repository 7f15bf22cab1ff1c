import assert from 'node:assert/strict';
import { consentFor, withAsking } from '../../src/broker/consent.ts';
import { budgetStep } from '../../src/setup/budget-step.ts';
import { modelStep } from '../../src/setup/model-step.ts';
import { privacyStep } from '../../src/setup/privacy-step.ts';
import { removeEverything } from '../../src/setup/remove-everything.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { type Answer, type PlayedContext, playContext, playUser } from './played-user.ts';

describe('the steps of the set-up about the work', () => {
  const MODELS = ['kimi-k2.6', 'moonshot-v1-8k', 'moonshotai/Kimi-K2.6'];
  let kimi: ScriptedKimi;
  let contexts: PlayedContext[] = [];
  before(async () => {
    kimi = await startKimi({ scenario: [], balance: 12.5, models: MODELS });
  });
  after(() => kimi.close());
  afterEach(() => {
    for (const context of contexts) context.remove();
    contexts = [];
  });

  function play(answers: readonly Answer[], more: Parameters<typeof playContext>[1] = {}) {
    const user = playUser(answers);
    const context = playContext(user, { defaults: { baseUrl: kimi.baseUrl }, ...more });
    contexts.push(context);
    return { user, context };
  }

  it("offers every model of somebody's own server, and only Kimi's of the platforms", async () => {
    const own = play([[/The key works\. Balance: \$12\.50\. Which model[\s\S]*moonshotai\/Kimi-K2\.6/, 'moonshotai/']]);
    await own.context.key.store(TEST_KEY);
    assert.equal(await modelStep(own.context), 'done');
    assert.equal(own.context.stored.model, 'moonshotai/Kimi-K2.6');
    assert.match(own.user.seen[0]!, /kimi-k2\.6\nusual/, 'nothing was in use before');
    const platform = play([[/Which model/, 'kimi-k2.6']], { regions: [kimi.baseUrl] });
    await platform.context.key.store(TEST_KEY);
    await modelStep(platform.context);
    assert.doesNotMatch(platform.user.seen[0]!, /moonshot-v1/);
    assert.deepEqual(platform.context.stored, {}, 'nothing changed, so nothing is written');
  });

  it('takes back the settings that the question names, and none that was decided while it stood', async () => {
    const { user, context } = play([[/your settings claudeKimi\.model\n/, 'Remove']]);
    await context.settings.set('model', 'kimi-k3');
    const confirm: typeof user.ui.confirm = async (question) => {
      const answer = await user.ui.confirm(question);
      await context.settings.set('repositories', { '/w/secret': 'deny' });
      return answer;
    };
    await removeEverything({ ...context, ui: { ...context.ui, confirm } });
    assert.deepEqual(context.stored, { repositories: { '/w/secret': 'deny' } });
  });

  it('keeps no amount that was given in another currency than the one that is billed by then', async () => {
    for (const [address, kept] of [
      ['https://api.moonshot.ai/v1', undefined],
      ['https://api.moonshot.cn/v1', 15],
    ] as const) {
      const { user, context } = play([[/How much may one attempt cost/, '¥15']]);
      await context.settings.set('baseUrl', 'https://api.moonshot.cn/v1');
      const pick: typeof user.ui.pick = async (question) => {
        const answer = await user.ui.pick(question);
        await context.settings.set('baseUrl', address);
        return answer;
      };
      assert.equal(await budgetStep({ ...context, ui: { ...context.ui, pick } }), kept ? 'done' : 'stopped');
      assert.equal(context.stored.budget, kept);
    }
  });

  it('keeps a no, whatever address is set by then, and a yes for none but the one that was named', async () => {
    for (const [label, kept] of [
      ['Never for', 'deny'],
      ['Allow for /', undefined],
    ] as const) {
      const { user, context } = play([[/What Is Sent Where/, label]], { folders: ['/nowhere/shop'] });
      const pick: typeof user.ui.pick = async (question) => {
        const answer = await user.ui.pick(question);
        await context.settings.set('baseUrl', 'https://api.moonshot.ai/v1');
        return answer;
      };
      assert.equal(await privacyStep({ ...context, ui: { ...context.ui, pick } }), kept ? 'done' : 'stopped');
      assert.equal((context.stored.repositories as Record<string, string> | undefined)?.['/nowhere/shop'], kept);
    }
  });

  it('offers amounts in order, written as money, with the present one marked', async () => {
    const { user, context } = play([
      [/\$0\.50\n+\$1\nusual\n+\$2\n+\$5\n+Another/, '$0.50'],
      [/\$0\.50\nin use\n+\$1\nusual\n/, 'Another'],
      [/Most money/, '1,25'],
      [/\$0\.50\n+\$1\nusual\n+\$1\.25\nin use\n+\$2\n/, '$1'],
    ]);
    await budgetStep(context);
    assert.equal(context.stored.budget, 0.5);
    await budgetStep(context);
    assert.equal(context.stored.budget, 1.25);
    await budgetStep(context);
    assert.deepEqual(context.stored, {}, 'the usual amount is the default');
    assert.deepEqual(user.left(), []);
    const cny = play([[/¥3\n+¥7\nusual\n+¥15\n+¥30/, null]], { defaults: {} });
    assert.equal(await budgetStep(cny.context), 'stopped');
  });

  it('says when settings of the folder count instead', async () => {
    const { user, context } = play([[/How much/, '$2']]);
    const inFolder = {
      ...context,
      settings: { ...context.settings, get: (name: string) => (name === 'budget' ? 5 : context.settings.get(name)) },
    };
    await budgetStep(inFolder);
    assert.equal(context.stored.budget, 2);
    assert.match(user.seen.at(-1)!, /Kept for other folders.*claudeKimi\.budget is 5/);
  });

  it('takes back what was allowed when the user wants to be asked', async () => {
    const { context } = play(
      [
        [/Ask for Each Repository\nas it is now/, 'Allow for /w/app'],
        [/Allow for \/w\/app\nas it is now/, 'Ask for Each'],
        [/Ask for Each Repository\nas it is now/, 'Never for'],
        [/Never for \/w\/app\nas it is now/, 'Ask for Each'],
      ],
      { folders: ['/w/app'] },
    );
    const seen: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      await privacyStep(context);
      seen.push(context.stored.repositories);
    }
    const asking = { '*': 'ask' };
    assert.deepEqual(seen, [{ ...asking, '/w/app': 'allow' }, asking, { ...asking, '/w/app': 'deny' }, asking]);
    assert.deepEqual(withAsking({ '/w': 'allow', '/x': 'deny' }, ['/w/app']), { '*': 'ask', '/w': 'allow', '/w/app': 'ask', '/x': 'deny' });
  });

  it('leaves decisions as they are where nobody answers, whichever they are', async () => {
    for (const repositories of [
      { '*': 'allow', '/w/app': 'ask' },
      { '*': 'allow', '/w': 'ask' },
      { '*': 'allow', '/w': 'deny' },
      { '*': 'deny', '/w/app': 'ask' },
      { '*': 'ask', '/x': 'allow' },
      { '*': 'deny', '/w/app': 'allow' },
    ]) {
      const { context } = play([], { folders: ['/w/app'] });
      await context.settings.set('repositories', repositories);
      const pick: typeof context.ui.pick = async ({ choices }) => (choices.find(({ current }) => current) ?? choices[0])?.value;
      assert.equal(await privacyStep({ ...context, ui: { ...context.ui, pick } }), 'done');
      const now = context.stored.repositories as Record<string, unknown>;
      for (const folder of ['/w/app', '/w/other', '/x'])
        assert.equal(consentFor(now, folder), consentFor(repositories, folder), `${JSON.stringify(repositories)}: ${folder}`);
    }
  });
});
