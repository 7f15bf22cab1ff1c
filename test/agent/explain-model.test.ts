import assert from 'node:assert/strict';
import type { KimiOptions } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { finish, outcomeOf, play, read } from './harness.ts';

/** What is said when the server has no such model for the key, by what it offers. */
async function said(model: string, kimi: Partial<KimiOptions>, modelSetting?: string): Promise<string> {
  const { end } = await play([finish()], { api: { model, ...(modelSetting && { modelSetting }) }, kimi });
  assert.equal(outcomeOf(end), 'auth_failed', JSON.stringify(end));
  return end.kind === 'stopped' ? english(end.reason) : '';
}

describe('a model that cannot be had', () => {
  it('was retired or closed: names those that follow it and that the key may use, the nearest first', async () => {
    for (const model of ['kimi-k2.6', 'kimi-k2-thinking', 'moonshot-v1-32k']) {
      const text = await said(model, { models: ['moonshot-v1-auto', 'kimi-k3', 'kimi-k2.7-code'] });
      assert.match(
        text,
        new RegExp(`does not offer the model ${model} to this key any more .*kimi-k2\\.7-code, kimi-k3, .*KIMI_MODEL to one`),
      );
    }
    assert.match(
      await said('kimi-k3', { models: ['kimi-k2.7-code'] }, 'KIMI_RETRY_MODEL'),
      /kimi-k2\.7-code, .*set KIMI_RETRY_MODEL to one/,
    );
  });

  it('was retired or closed, and nothing follows it: names what the key may use', async () => {
    assert.match(await said('kimi-k2.6', { models: ['other-1', 'other-2'] }), /retired, or is closed to the key.*other-1, other-2: set/);
  });

  it('never was: says so, and what the key may use', async () => {
    assert.match(
      await said('kimi-k9', { models: ['a', 'kimi-k3'] }),
      /no model of the name kimi-k9 .*Check the spelling.* may use kimi-k3\./,
    );
    assert.match(await said('my-model', { models: ['served'] }), /no model of the name my-model .* may use served\./);
  });

  it('is listed all the same, or the list cannot be had: says what the refusal said', async () => {
    const refused = [read(), { fault: '404_model' as const }];
    for (const kimi of [
      {},
      { listAnswer: { status: 500, body: {} } },
      { listAnswer: { status: 200, body: { data: [] } } },
      { models: [] },
    ]) {
      const { end } = await play(refused, { kimi: { ...kimi, models: ['kimi-k2.6'] } });
      assert.match(end.kind === 'stopped' ? english(end.reason) : '', /does not know this address or the model kimi-k2\.6/);
    }
    const forbidden = await play([{ fault: '403' }]);
    assert.match(forbidden.end.kind === 'stopped' ? english(forbidden.end.reason) : '', /kimi-k2\.6/);
  });
});
