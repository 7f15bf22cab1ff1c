import assert from 'node:assert/strict';
import { costOf, isPlatform, priceOf, windowOf } from '../../src/agent/prices.ts';

const endpoint = { baseUrl: 'https://api.moonshot.cn/v1', apiKey: 'sk-abcdefghijkl', model: 'kimi-k2.6' };

describe('prices', () => {
  it('know the platform from other servers', () => {
    assert.deepEqual(
      ['https://api.moonshot.cn/v1', 'https://api.moonshot.ai/v1', 'https://moonshot.ai.example.org/v1', 'http://127.0.0.1:1/v1'].map(
        isPlatform,
      ),
      [true, true, false, false],
    );
  });

  it('are null when unknown, and give way to the setting', () => {
    assert.equal(priceOf('kimi-next', endpoint.baseUrl), null);
    assert.equal(costOf({ input: 1, cached: 0, output: 1 }, null), null);
    assert.deepEqual(priceOf('kimi-next', endpoint.baseUrl, { hit: 1, miss: 2, out: 3 }), { hit: 1, miss: 2, out: 3 });
  });

  it('are known for the same models on both platforms, but for those whose price in CNY nobody published', () => {
    const models = ['kimi-k2.6', 'kimi-k2.7-code', 'kimi-k2.7-code-highspeed', 'kimi-k3', 'kimi-k3.1-pro', 'kimi-k3.1-pro-highspeed'];
    const known = (url: string) => models.filter((model) => priceOf(model, url) !== null);
    assert.deepEqual(known('https://api.moonshot.ai/v1'), models);
    assert.deepEqual(known(endpoint.baseUrl), models.slice(0, 4));
    for (const model of models) {
      for (const url of ['https://api.moonshot.ai/v1', endpoint.baseUrl]) {
        const price = priceOf(model, url);
        if (price) assert.ok(price.hit < price.miss && price.miss < price.out, `${model} at ${url}`);
      }
      assert.equal(windowOf(model), model.includes('k3') ? 1_048_576 : 262_144, model);
    }
  });

  it('bill hits, misses and output apart', () => {
    const price = priceOf('kimi-k2.6', endpoint.baseUrl)!;
    assert.equal(costOf({ input: 2_000_000, cached: 1_000_000, output: 1_000_000 }, price), 1.1 + 6.5 + 27);
  });
});
