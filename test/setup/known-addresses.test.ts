import assert from 'node:assert/strict';
import { knownAddresses } from '../../src/setup/known-addresses.ts';

describe('a look at the set-up that begins by itself', () => {
  it('sends nothing to an address that stands there between two letters', async () => {
    const sent: string[] = [];
    const send = (async (input: string) => {
      sent.push(String(input));
      return new Response('{}');
    }) as typeof fetch;
    const { asked, byItself } = knownAddresses(send, () => 'not asked');
    await assert.rejects(byItself('https://kimi.co/v1/models'), /not asked/);
    await asked('https://kimi.corp.example/v1/models');
    await byItself('https://kimi.corp.example/v1/users/me/balance');
    for (const typed of ['https://kimi.co', 'https://kimi.corp.ex', 'https://kimi.corp.example:8443', 'http://kimi.corp.example'])
      await assert.rejects(byItself(`${typed}/v1/models`), /not asked/);
    assert.deepEqual(sent, ['https://kimi.corp.example/v1/models', 'https://kimi.corp.example/v1/users/me/balance']);
  });
});
