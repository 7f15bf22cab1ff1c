import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { playVscode } from '../played-vscode.ts';

describe('a key that is stored with its address', () => {
  it('leaves both as they were where the keyring takes no key', async () => {
    await playVscode();
    const { storeKeyFor } = await import('../../../src/vscode/setup/key-storage.ts');
    for (const now of [undefined, 'https://api.moonshot.cn/v1']) {
      let [key, address]: unknown[] = ['sk-old', now];
      const secrets = (works: boolean) => ({
        secrets: {
          async store(_: string, value: string) {
            if (!works) throw new Error('the keyring is locked');
            key = value;
          },
        } as unknown as vscode.SecretStorage,
      });
      const setting = {
        now,
        async set(value: unknown) {
          address = value;
        },
      };
      await assert.rejects(storeKeyFor(secrets(false), 'sk-new', setting, 'https://kimi.corp.example/v1'), /locked/);
      assert.deepEqual([key, address], ['sk-old', now]);
      await storeKeyFor(secrets(true), 'sk-new', setting, 'https://kimi.corp.example/v1');
      assert.deepEqual([key, address], ['sk-new', 'https://kimi.corp.example/v1']);
    }
  });
});
