import assert from 'node:assert/strict';
import { convert, currencyOf } from '../../src/common/currency.ts';

describe('currency', () => {
  it('is known by the endpoint', () => {
    assert.equal(currencyOf('https://api.moonshot.cn/v1'), 'CNY');
    assert.equal(currencyOf('https://API.MOONSHOT.CN/v1'), 'CNY');
    assert.equal(currencyOf('https://moonshot.cn'), 'CNY');
    assert.equal(currencyOf('https://api.moonshot.ai/v1'), 'USD');
    assert.equal(currencyOf('https://moonshot.cn.example.org/v1'), 'USD');
    assert.equal(currencyOf('https://evilmoonshot.cn/v1'), 'USD');
    assert.equal(currencyOf('https://example.org/moonshot.cn'), 'USD');
    assert.equal(currencyOf('no address'), 'USD');
    assert.equal(currencyOf(''), 'USD');
  });

  it('is converted by the ratio of the usual budgets', () => {
    assert.equal(convert(2, 'USD', 'CNY'), 14);
    assert.equal(convert(14, 'CNY', 'USD'), 2);
    assert.equal(convert(0.1, 'CNY', 'CNY'), 0.1);
    assert.equal(convert(0, 'USD', 'CNY'), 0);
  });
});
