import assert from 'node:assert/strict';
import type { Consent } from '../../src/broker/protocol.ts';
import { resolveSettings, type SettingLayer, variableLayer } from '../../src/config.ts';
import { whyWithheld } from '../../src/mcp/why-withheld.ts';

describe('why code may not be sent', () => {
  const KEY = 'sk-0123456789abcdef';
  const call = { clientName: 'x', signal: new AbortController().signal, patient: false, progress: () => {} };
  const environment = (variables: Record<string, string>) => variableLayer('environment', 'the environment', variables);
  const file = (variables: Record<string, string>) => variableLayer('file', '.env', variables);
  const windowOf = (consent: Consent) => ({ label: 'w', consent, askConsent: async () => consent });
  const ofWindow: SettingLayer = { source: 'window', label: 'w', values: { apiKey: KEY } };
  async function why(layers: SettingLayer[], window: Consent | null): Promise<boolean | null> {
    const resolution = resolveSettings(layers);
    assert.ok(resolution.ok);
    const withheld = await whyWithheld(window && windowOf(window), resolution.settings, '/w/shop', call);
    return withheld?.denied ?? null;
  }
  const DENIED = JSON.stringify({ '/w/shop': 'deny' });

  it('counts a refusal in a file or the environment whoever lends the key, and whatever a window or the environment allows', async () => {
    for (const window of ['granted', 'ask', null] as const) {
      for (const layer of [file, environment]) {
        assert.equal(await why([ofWindow, layer({ KIMI_REPOSITORIES: DENIED })], window), true, String(window));
        assert.equal(await why([layer({ KIMI_REPOSITORIES: DENIED, KIMI_API_KEY: KEY })], window), true);
      }
      for (const allowed of ['allow', '{"/w/shop":"allow"}'])
        assert.equal(
          await why([environment({ KIMI_REPOSITORIES: allowed, KIMI_API_KEY: KEY }), file({ KIMI_REPOSITORIES: DENIED })], window),
          true,
        );
    }
  });

  it('takes everything else from the best source', async () => {
    const allowed = environment({ KIMI_REPOSITORIES: '{"/w":"allow"}', KIMI_API_KEY: KEY });
    assert.equal(await why([allowed, file({ KIMI_REPOSITORIES: 'ask' })], null), null);
    assert.equal(await why([allowed, file({ KIMI_REPOSITORIES: '{"/w/other":"deny"}' })], null), null);
    assert.equal(await why([environment({ KIMI_REPOSITORIES: 'ask', KIMI_API_KEY: KEY })], null), false);
    assert.equal(await why([environment({ KIMI_REPOSITORIES: 'ask', KIMI_API_KEY: KEY })], 'granted'), null);
    assert.equal(await why([environment({ KIMI_API_KEY: KEY })], 'denied'), true);
    assert.equal(await why([ofWindow], 'granted'), null);
  });
});
