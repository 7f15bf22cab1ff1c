import assert from 'node:assert/strict';
import { resolveSettings, variableLayer } from '../../src/config.ts';
import { settingRows } from '../../src/setup/doctor/settings-findings.ts';
import { playContext, playUser } from './played-user.ts';

describe('the settings in a report', () => {
  it('name no token that is a part of the address', () => {
    const context = playContext(playUser([]));
    const shown = (KIMI_BASE_URL: string) => {
      const resolution = resolveSettings([variableLayer('environment', '', { KIMI_BASE_URL })]);
      return settingRows(context, [{ folder: '/w/shop', resolution }]).find(({ value }) => value.startsWith('http'))?.value;
    };
    assert.equal(shown('https://gateway.example/t/0a1b2c3d4e5f6a7b8c9d/v1'), 'https://gateway.example/t/••••••••/v1');
    assert.equal(shown('https://gateway.example/kimi-tok3n-abcdefghijkl'), 'https://gateway.example/••••••••');
    for (const plain of [
      'https://gateway-0123456789abcdef.example/v1',
      'https://api.moonshot.ai/v1',
      'https://example.org/openai-compatible/v1',
    ])
      assert.equal(shown(plain), plain);
    context.remove();
  });
});
