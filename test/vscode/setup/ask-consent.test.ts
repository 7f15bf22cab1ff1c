import assert from 'node:assert/strict';
import { playVscode } from '../played-vscode.ts';

describe('the question whether code may be sent', () => {
  for (const how of ['modal', 'status bar'] as const)
    it(`is about the address that it names: a yes counts for no other, and a no always (${how})`, async () => {
      const played = await playVscode();
      const { askInStatusBar, askModal } = await import('../../../src/vscode/setup/ask-consent.ts');
      const ask = () => (how === 'modal' ? askModal('/work/shop') : askInStatusBar('/work/shop', 'claude-code'));
      for (const [button, moves, expected] of [
        ['Allow for This Repository', false, 'granted'],
        ['Allow for This Repository', true, 'ask'],
        ['Allow for All', true, 'ask'],
        ['Never Here', true, 'denied'],
      ] as const) {
        Object.assign(played.settings, { baseUrl: 'https://one.example/v1', repositories: { '*': 'ask' } });
        played.answer = (text, buttons) => {
          if (!buttons.includes(button)) return undefined;
          assert.match(text, /one\.example/);
          if (moves) played.settings.baseUrl = 'https://other.example/v1';
          return button;
        };
        assert.equal(await ask(), expected, `${button} ${moves}`);
        if (expected === 'ask') assert.deepEqual(played.settings.repositories, { '*': 'ask' });
      }
    });

  for (const how of ['modal', 'status bar'] as const)
    it(`takes no refusal back that came while it stood, as by another window (${how})`, async () => {
      const played = await playVscode();
      const { askInStatusBar, askModal } = await import('../../../src/vscode/setup/ask-consent.ts');
      const ask = () => (how === 'modal' ? askModal('/work/shop') : askInStatusBar('/work/shop', 'claude-code'));
      for (const [button, before, since, expected, kept] of [
        ['Allow for This Repository', {}, { '/work/shop': 'deny' }, 'denied', { '/work/shop': 'deny' }],
        ['Allow for This Repository', {}, { '/work': 'deny' }, 'denied', { '/work': 'deny' }],
        ['Allow for All', {}, { '*': 'deny' }, 'denied', { '*': 'deny' }],
        ['Allow for All', {}, { '/work/shop': 'deny' }, 'denied', { '/work/shop': 'deny', '*': 'allow' }],
        ['Never Here', {}, { '/work/shop': 'deny' }, 'denied', { '/work/shop': 'deny' }],
        ['Allow for This Repository', { '*': 'deny' }, { '*': 'deny' }, 'granted', { '*': 'deny', '/work/shop': 'allow' }],
        ['Allow for This Repository', {}, { '/other': 'deny' }, 'granted', { '/other': 'deny', '/work/shop': 'allow' }],
      ] as const) {
        Object.assign(played, { told: [], settings: { repositories: before } });
        played.answer = (_, buttons) => {
          if (!buttons.includes(button)) return undefined;
          played.settings.repositories = since;
          return button;
        };
        assert.equal(await ask(), expected, JSON.stringify([button, since]));
        assert.deepEqual(played.settings.repositories, kept);
        const isTold = played.told.some((text) => text.startsWith('It was decided meanwhile'));
        assert.equal(isTold, JSON.stringify(kept) === JSON.stringify(since) && button !== 'Never Here');
      }
    });

  it('names the address that counts where the setting is empty', async () => {
    const played = await playVscode();
    const { askModal } = await import('../../../src/vscode/setup/ask-consent.ts');
    Object.assign(played.settings, { baseUrl: ' ', repositories: {} });
    await askModal('/work/shop');
    assert.match(played.told.join(), /be sent to api\.moonshot\.cn\?/);
  });
});
