import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { consentFor } from '../../src/broker/consent.ts';
import { keepRefusals, refusalsIn } from '../../src/broker/kept-refusals.ts';
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

  it('is told where it cannot be read, as it may be a refusal', async () => {
    mkdirSync(path.join(state, 'windows'), { recursive: true });
    for (const text of ['', '{', '{"v":2}', '{"v":1,"neverSend":"a"}']) {
      writeFileSync(path.join(state, 'windows', 'x.refusals'), text);
      assert.equal(await now(), null, text);
    }
  });
});
