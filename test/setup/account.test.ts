import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { budgetStep } from '../../src/setup/budget-step.ts';
import { keyStep, setKey } from '../../src/setup/key-step.ts';
import { checkKey, malformed } from '../../src/setup/kimi-account.ts';
import { modelStep } from '../../src/setup/model-step.ts';
import { privacyStep } from '../../src/setup/privacy-step.ts';
import { type ScriptedKimi, startKimi } from '../fakes/kimi/server.ts';
import { type PlayedContext, playContext, playUser } from './played-user.ts';

const CN_KEY = 'sk-key-of-china';
const AI_KEY = 'sk-key-of-the-rest';

describe('setting the key', () => {
  let cn: ScriptedKimi;
  let ai: ScriptedKimi;
  let contexts: PlayedContext[] = [];
  before(async () => {
    cn = await startKimi({ scenario: [], key: CN_KEY, balance: 49.5 });
    ai = await startKimi({ scenario: [], key: AI_KEY, balance: 7.25, models: ['kimi-k2.6', 'kimi-k3'] });
  });
  after(async () => {
    await cn.close();
    await ai.close();
  });
  afterEach(() => {
    for (const context of contexts) context.remove();
    contexts = [];
  });

  const regions = () => [cn.baseUrl, ai.baseUrl];
  const check = (key: string, baseUrl = cn.baseUrl) => checkKey(key, baseUrl, { fetch, regions: regions() });
  function context(answers: Parameters<typeof playUser>[0], more: Record<string, unknown> = {}) {
    const user = playUser(answers);
    const made = playContext(user, { regions: regions(), defaults: { baseUrl: cn.baseUrl }, ...more });
    contexts.push(made);
    return { user, context: made };
  }

  it('tells a key that works, with models and balance', async () => {
    assert.deepEqual(await check(CN_KEY), {
      kind: 'works',
      account: { baseUrl: cn.baseUrl, models: ['kimi-k2.6', 'kimi-k2.7-code'], balance: 49.5, currency: 'USD' },
    });
  });

  it('lists no model by a name that none has: one that a terminal would obey, with line breaks, or without end', async () => {
    const models = ['kimi-k2.6', 'a\u001b[2K', 'b\nc', 'd\u202ee', 'f\u2028g', 'h'.repeat(201), '', '模型-1'];
    const odd = await startKimi({ scenario: [], key: CN_KEY, models });
    const found = await checkKey(CN_KEY, odd.baseUrl, { fetch, regions: [] });
    await odd.close();
    assert.deepEqual(found.kind === 'works' && found.account.models, ['kimi-k2.6', '模型-1']);
  });

  it('reads no answer without end, and none that takes seconds to be read', async () => {
    let sent = 0;
    const endless = createServer((_, response) => {
      const piece = Buffer.alloc(2 ** 20, ' ');
      const go = () => {
        while (!response.destroyed && response.write(piece)) sent++;
      };
      response.on('drain', go).on('error', () => {});
      go();
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(endless.address() as AddressInfo).port}/v1`;
    const found = await checkKey(CN_KEY, baseUrl, { fetch, regions: [] });
    endless.closeAllConnections();
    endless.close();
    assert.deepEqual(found, { kind: 'unreachable', why: 'not a Kimi endpoint' });
    assert.ok(sent < 64, String(sent));
    const long = await startKimi({ scenario: [], key: CN_KEY, models: Array.from({ length: 5000 }, (_, at) => `model-${at}`) });
    const models = await checkKey(CN_KEY, long.baseUrl, { fetch, regions: [] });
    await long.close();
    assert.ok(models.kind === 'works' && models.account.models.length === 2000);
  });

  it('finds out that a key belongs to the other platform, in both directions', async () => {
    const found = await check(AI_KEY);
    assert.ok(found.kind === 'other_region' && found.account.baseUrl === ai.baseUrl && found.account.balance === 7.25);
    const back = await check(CN_KEY, ai.baseUrl);
    assert.ok(back.kind === 'other_region' && back.account.baseUrl === cn.baseUrl);
  });

  it('knows where a key belongs while the platform that is set is down: what takes it is the one, as no key works with both', async () => {
    const down = 'http://127.0.0.1:9/v1';
    const found = await checkKey(AI_KEY, down, { fetch, regions: [down, ai.baseUrl] });
    assert.ok(found.kind === 'other_region' && found.account.baseUrl === ai.baseUrl);
    assert.equal((await checkKey('sk-nobody-knows-it', down, { fetch, regions: [down, ai.baseUrl] })).kind, 'unreachable');
  });

  it('tells a key that nobody knows, an endpoint that is not there, and one that is something else', async () => {
    assert.equal((await check('sk-nobody-knows-it')).kind, 'refused');
    const free = await page('{}');
    const { port } = free.address() as AddressInfo;
    const elsewhere = `http://127.0.0.1:${port}/v1`;
    assert.deepEqual(await checkKey(CN_KEY, elsewhere, { fetch, regions: regions() }), { kind: 'unreachable', why: 'not a Kimi endpoint' });
    await new Promise((resolve) => free.close(resolve));
    assert.deepEqual(await checkKey(CN_KEY, elsewhere, { fetch, regions: regions() }), { kind: 'unreachable', why: 'ECONNREFUSED' });
  });

  it("sends the key to nobody but the two platforms and the user's own endpoint", async () => {
    const asked: string[] = [];
    const spying: typeof fetch = (url, init) => {
      asked.push(new URL(String(url)).origin);
      return fetch(url, init);
    };
    await checkKey(CN_KEY, 'http://127.0.0.1:9/v1', { fetch: spying, regions: regions() });
    assert.deepEqual([...new Set(asked)], ['http://127.0.0.1:9']);
    await checkKey(CN_KEY, cn.baseUrl, { fetch: spying, regions: [] });
    assert.deepEqual([...new Set(asked)].slice(1), [new URL(cn.baseUrl).origin]);
  });

  it('sends a key that its platform takes to no other one', async () => {
    const asked: string[] = [];
    const spying: typeof fetch = (url, init) => {
      asked.push(new URL(String(url)).origin);
      return fetch(url, init);
    };
    assert.equal((await checkKey(CN_KEY, cn.baseUrl, { fetch: spying, regions: regions() })).kind, 'works');
    assert.deepEqual([...new Set(asked)], [new URL(cn.baseUrl).origin]);
  });

  it('follows no redirection with the key', async () => {
    const away = createServer((_req, res) => void res.writeHead(302, { location: `${cn.baseUrl}/models` }).end());
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(away.address() as AddressInfo).port}/v1`;
    assert.equal((await checkKey(CN_KEY, url, { fetch, regions: [] })).kind, 'unreachable');
    await new Promise((resolve) => away.close(resolve));
  });

  it('knows subscription keys by their beginning, and asks nobody about them', async () => {
    assert.equal(malformed('sk-kimi-abcdefgh'), 'subscription');
    assert.deepEqual(await checkKey('sk-kimi-abcdefgh', 'http://127.0.0.1:9', { fetch: () => assert.fail('was asked') }), {
      kind: 'subscription',
    });
    assert.equal(malformed('with blank in it'), 'blank');
    assert.equal(malformed(''), 'empty');
  });

  it('stores a key that works and shows the balance', async () => {
    const { user, context: at } = context([[/Paste your key/, `  ${CN_KEY} `]]);
    assert.equal(await setKey(at), 'done');
    assert.equal(at.secret(), CN_KEY);
    assert.match(user.seen.at(-1)!, /The key works\. Balance: \$49\.50/);
    assert.deepEqual(at.worked, ['key']);
    assert.ok(!user.seen.join().includes(CN_KEY), 'the key is never shown');
  });

  it("has buttons to the pages on which keys are made, that of the address first, and none for somebody's own server", async () => {
    const [china, other] = ['cn', 'ai'].map((end) => `https://platform.moonshot.${end}/console/api-keys`);
    const platforms = ['https://api.moonshot.cn/v1', 'https://api.moonshot.ai/v1'];
    const linked = async (baseUrl: string) => {
      const { user, context: at } = context([[/Paste your key/, null]], { regions: platforms, defaults: { baseUrl } });
      await keyStep(at);
      return user.linked;
    };
    assert.deepEqual(await linked(platforms[0]!), [china, other]);
    assert.deepEqual(await linked(platforms[1]!), [other, china]);
    assert.deepEqual(await linked('https://kimi.example.org/v1'), []);
  });

  it('names the right platform and switches only after a yes', async () => {
    const { context: no } = context([
      [/Paste/, AI_KEY],
      [/belongs to 127.0.0.1:\d+, not to 127.0.0.1:\d+[\s\S]*claudeKimi\.baseUrl becomes/, null],
    ]);
    assert.equal(await keyStep(no), 'stopped');
    assert.deepEqual([no.stored.baseUrl, no.secret()], [undefined, undefined]);
    const { context: yes } = context([
      [/Paste/, AI_KEY],
      [/belongs to/, 'Use '],
    ]);
    assert.equal(await keyStep(yes), 'done');
    assert.deepEqual([yes.stored.baseUrl, yes.secret()], [ai.baseUrl, AI_KEY]);
  });

  it('keeps no key for an address that it was not given for, where both change while a question stands', async () => {
    const moved = { user: null as PlayedContext | null };
    const other = async () => {
      await moved.user!.key.store(AI_KEY, ai.baseUrl);
    };
    // Another window stores another key with its address: before "Keep" is chosen, and while the key is tried.
    const kept = context([[/stored already/, 'Keep']]);
    await kept.context.key.store(CN_KEY);
    moved.user = kept.context;
    const pick: typeof kept.user.ui.pick = async (question) => {
      await other();
      return kept.user.ui.pick(question);
    };
    assert.equal(await keyStep({ ...kept.context, ui: { ...kept.context.ui, pick } }), 'done');
    assert.deepEqual([kept.context.secret(), kept.context.stored.baseUrl], [AI_KEY, ai.baseUrl]);
    const entered = context([[/Paste/, CN_KEY]], {
      fetch: async (...request: Parameters<typeof fetch>) => {
        const answer = await fetch(...request);
        await other();
        return answer;
      },
    });
    moved.user = entered.context;
    assert.equal(await keyStep(entered.context), 'stopped');
    assert.deepEqual([entered.context.secret(), entered.context.stored.baseUrl], [AI_KEY, ai.baseUrl]);
    assert.match(entered.user.seen.at(-1)!, /address of Kimi was changed meanwhile/);
    const unchecked = context(
      [
        [/Paste/, CN_KEY],
        [/could not be reached/, 'Save Without'],
      ],
      {
        defaults: { baseUrl: 'http://127.0.0.1:9/v1' },
        fetch: async () => {
          await other();
          throw new Error('down');
        },
      },
    );
    moved.user = unchecked.context;
    assert.equal(await keyStep(unchecked.context), 'stopped');
    assert.equal(unchecked.context.secret(), AI_KEY);
  });

  it('loses no decision about another repository that is made while the list of them stands', async () => {
    const { user, context: at } = context([[/Which repositories/, 'Allow for All']], { folders: ['/work/shop'] });
    const pick: typeof user.ui.pick = async (question) => {
      const answer = await user.ui.pick(question);
      await at.settings.set('repositories', { '*': 'ask', '/work/secret': 'deny', '/work/shop': 'deny' });
      return answer;
    };
    assert.equal(await privacyStep({ ...at, ui: { ...at.ui, pick } }), 'done');
    assert.equal((at.stored.repositories as Record<string, string>)['/work/secret'], 'deny');
    assert.equal((at.stored.repositories as Record<string, string>)['*'], 'allow');
  });

  it('takes no refusal back that is made while the list stands', async () => {
    for (const [choice, since, end] of [
      ['Allow for /', { '/work/shop': 'deny' }, 'stopped'],
      ['Allow for /', { '/work': 'deny' }, 'stopped'],
      ['Allow for All', { '*': 'deny' }, 'stopped'],
      ['Ask for Each', { '/work/shop': 'deny' }, 'stopped'],
      ['Never for', { '/work/shop': 'deny' }, 'done'],
      ['Allow for /', { '/other': 'deny' }, 'done'],
    ] as const) {
      const { user, context: at } = context([[/Which repositories/, choice]], { folders: ['/work/shop'] });
      const pick: typeof user.ui.pick = async (question) => {
        const answer = await user.ui.pick(question);
        await at.settings.set('repositories', since);
        return answer;
      };
      assert.equal(await privacyStep({ ...at, ui: { ...at.ui, pick } }), end, choice);
      if (end === 'stopped') assert.deepEqual(at.stored.repositories, since);
      assert.equal(/decided meanwhile/.test(user.seen.join()), end === 'stopped');
    }
  });

  it('takes a yes for no address but the one that the question named', async () => {
    const { user, context: at } = context([[/Which repositories/, 'Allow for All']]);
    const pick: typeof user.ui.pick = async (question) => {
      const answer = await user.ui.pick(question);
      await at.settings.set('baseUrl', ai.baseUrl);
      return answer;
    };
    assert.equal(await privacyStep({ ...at, ui: { ...at.ui, pick } }), 'stopped');
    assert.equal(at.stored.repositories, undefined);
    assert.match(user.seen.at(-1)!, /Nothing was allowed/);
  });

  it('lets a wrong key be entered again, and stores none that was refused', async () => {
    const { user, context: at } = context([
      [/Paste/, 'sk-wrong-wrong'],
      [/Kimi refused this key[\s\S]*does not know this key/, 'Try Again'],
      [/Paste/, 'sk-kimi-subscription'],
      [/Paste/, 'sk-wrong-again'],
      [/refused/, null],
    ]);
    assert.equal(await keyStep(at), 'stopped');
    assert.equal(at.secret(), undefined);
    assert.match(user.seen.join('\n'), /belongs to a Kimi subscription/);
    assert.deepEqual(user.left(), []);
  });

  it('says what to look at without network, and saves without checking when asked to', async () => {
    const { context: at } = context(
      [
        [/Paste/, CN_KEY],
        [/could not be reached[\s\S]*ECONNREFUSED[\s\S]*http\.proxy/, 'Save Without'],
      ],
      { defaults: { baseUrl: 'http://127.0.0.1:9/v1' }, fetch: refusing },
    );
    assert.equal(await keyStep(at), 'done');
    assert.equal(at.secret(), CN_KEY);
  });

  it('sends the key to no address that a server would refuse, and names the setting', async () => {
    for (const baseUrl of ['http://api.moonshot.cn/v1', 'api.moonshot.cn/v1', 'https://ann:pw@api.moonshot.cn/v1'])
      for (const step of [keyStep, modelStep, budgetStep, privacyStep]) {
        const { user, context: at } = context(
          [[/cannot be used[\s\S]*claudeKimi\.baseUrl in VS Code’s settings is .*allowed is an https URL/, 'Open']],
          {
            defaults: { baseUrl },
            fetch: () => assert.fail('was asked'),
          },
        );
        await at.key.store(CN_KEY);
        assert.equal(await step(at), 'stopped');
        assert.deepEqual(user.opened, ['claudeKimi.baseUrl']);
      }
  });

  it('takes an address with a slash at its end for the same platform', async () => {
    const { context: at } = context(
      [
        [/Paste/, AI_KEY],
        [/belongs to/, 'Use '],
      ],
      { defaults: { baseUrl: `${cn.baseUrl}/` } },
    );
    assert.equal(await keyStep(at), 'done');
    assert.equal(at.stored.baseUrl, ai.baseUrl);
  });

  it('keeps a key that is there, or takes another', async () => {
    const { user, context: at } = context([
      [/A key is stored/, 'Keep'],
      [/A key is stored/, 'Enter Another'],
      [/Paste/, null],
    ]);
    await at.key.store(CN_KEY);
    assert.equal(await keyStep(at), 'done');
    assert.equal(await keyStep(at), 'stopped');
    assert.equal(at.secret(), CN_KEY);
    assert.deepEqual(user.left(), []);
  });
});

const refusing: typeof fetch = async () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
};

function page(body: string): Promise<Server> {
  const server = createServer((_req, res) => void res.end(body));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
