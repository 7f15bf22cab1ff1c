import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startBroker } from '../../src/broker/broker.ts';
import { consentFor } from '../../src/broker/consent.ts';
import { keepRefusals, refusalsIn } from '../../src/broker/kept-refusals.ts';
import type { WindowAnswer } from '../../src/broker/protocol.ts';
import { settingSources } from '../../src/broker/setting-sources.ts';
import { resolveSettings } from '../../src/config.ts';

describe('what an editor forbids while it is closed', () => {
  let state: string;
  beforeEach(() => {
    state = path.join(realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-kept-'))), 'state');
  });
  afterEach(() => rmSync(path.dirname(state), { recursive: true, force: true }));

  const NOTHING = { neverSend: [], protectedBranches: [], repositories: {} };
  async function now(env: Record<string, string> = {}, repository = '/w/secret') {
    const { layers } = await settingSources({ stateDir: state, env, programFile: '/nowhere/dist/server-main.cjs' }, repository, 0);
    const resolution = resolveSettings(layers);
    return resolution.ok ? resolution.settings.values : null;
  }
  const keep = (set: Partial<Parameters<typeof refusalsIn>[0]>, editor = 'code') =>
    keepRefusals(state, editor, refusalsIn({ ...NOTHING, ...set }));

  it('counts for servers with a key of their own, whatever else they are told, and what it allows does not', async () => {
    keep({ neverSend: ['customers/**', '!.env'], repositories: { '*': 'ask', '/w/secret': 'deny', '/w/open': 'allow' } });
    for (const env of [{}, { KIMI_REPOSITORIES: 'allow', KIMI_NEVER_SEND: 'x' }] as Record<string, string>[]) {
      const values = await now(env);
      assert.equal(consentFor(values!.repositories!, '/w/secret/app'), 'denied');
      assert.equal(consentFor(values!.repositories!, '/w/other'), 'granted', 'nobody else is asked about');
      assert.ok(values!.neverSend.includes('customers/**') && !values!.neverSend.includes('!.env'));
    }
    const values = await now({ KIMI_REPOSITORIES: 'ask' });
    assert.equal(consentFor(values!.repositories!, '/w/open'), 'ask');
    keep({ repositories: { '*': false, '/w/open': 'allow' } });
    const allBut = await now();
    assert.deepEqual(
      ['/w/open', '/w/other'].map((folder) => consentFor(allBut!.repositories!, folder)),
      ['granted', 'denied'],
    );
    keep({ protectedBranches: ['live'] });
    assert.deepEqual((await now())?.protectedBranches, ['live']);
  });

  it('is what each editor has said last, for nobody but the user to read, and nothing where none forbids anything', async () => {
    keep({});
    assert.throws(() => readdirSync(state));
    keep({ neverSend: ['a'] }, 'code');
    keep({ neverSend: ['b'] }, 'cursor');
    assert.deepEqual((await now())?.neverSend.toSorted(), ['a', 'b']);
    const [file = ''] = readdirSync(path.join(state, 'windows'));
    assert.equal(statSync(path.join(state, 'windows', file)).mode & 0o777, 0o600);
    keep({ neverSend: ['c'] }, 'cursor');
    keep({}, 'code');
    assert.deepEqual((await now())?.neverSend, ['c']);
    keep({}, 'cursor');
    assert.deepEqual(readdirSync(path.join(state, 'windows')), []);
    assert.equal((await now())?.repositories, undefined);
  });

  it('counts for servers whose state lies elsewhere, as where only a terminal has CLAUDE_KIMI_HOME, and so does what a window says that is open', async () => {
    const home = path.dirname(state);
    const usual = path.join(home, '.claude-kimi-mcp');
    const env = { HOME: home, CLAUDE_KIMI_HOME: state };
    keepRefusals(usual, 'code', refusalsIn({ ...NOTHING, neverSend: ['customers/**'], repositories: { '/w/secret': 'deny' } }));
    const closed = await now(env);
    assert.deepEqual([closed?.neverSend, consentFor(closed?.repositories ?? {}, '/w/secret')], [['customers/**'], 'denied']);
    keepRefusals(usual, 'code', undefined);
    assert.equal((await now(env))?.repositories, undefined);

    let answer: WindowAnswer | null = {
      key: 'sk-of-the-window',
      settings: { neverSend: ['plans/**', '!.env'], protectedBranches: ['live'], model: 'other', maxSteps: 7 },
      trusted: true,
      consent: 'denied',
    };
    const options = { stateDir: usual, version: '1', folders: ['/w/secret'], askConsent: async () => 'ask' as const };
    const window = await startBroker({ ...options, answer: async () => answer ?? new Promise(() => {}) });
    try {
      const open = await now(env);
      assert.deepEqual([open?.neverSend, consentFor(open?.repositories ?? {}, '/w/secret')], [['plans/**'], 'denied']);
      assert.ok(open?.protectedBranches.includes('live'));
      assert.deepEqual([open?.apiKey, open?.maxSteps], [undefined, 50], 'it forbids, and gives nothing');
      assert.equal((await now(env, '/w/other'))?.repositories, undefined);
      answer = { ...answer, consent: 'ask', settings: {} };
      assert.equal((await now(env))?.repositories, undefined);
      answer = null;
      const { silent } = await settingSources({ stateDir: state, env, programFile: '/nowhere/dist/server-main.cjs' }, '/w/secret', 50);
      assert.equal(silent?.consent, 'silent');
    } finally {
      await window.close();
    }
  });

  it('is told where it cannot be read, as it may be a refusal', async () => {
    mkdirSync(path.join(state, 'windows'), { recursive: true });
    for (const text of ['', '{', '{"v":2}', '{"v":1,"neverSend":"a"}']) {
      writeFileSync(path.join(state, 'windows', 'x.refusals'), text);
      assert.equal(await now(), null, text);
    }
  });
});
