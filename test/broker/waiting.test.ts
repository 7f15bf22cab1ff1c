import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startBroker } from '../../src/broker/broker.ts';
import { findWindow, lookForWindow } from '../../src/broker/find-window.ts';

const FAST = { timeoutMs: 2000 };

describe('a window that asks the user for many servers at once', () => {
  it('answers others meanwhile', async () => {
    const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-waiting-')));
    const [stateDir, work] = [path.join(folder, 'state'), path.join(folder, 'work')];
    mkdirSync(work);
    let asked = 0;
    const all = Promise.withResolvers<void>();
    const decided = Promise.withResolvers<'granted'>();
    const broker = await startBroker({
      stateDir,
      version: '1.2.3',
      folders: [work],
      answer: async () => ({ key: null, settings: {}, trusted: true, consent: 'ask' }),
      askConsent: () => {
        if (++asked === 40) all.resolve();
        return decided.promise;
      },
    });
    const waiting = Array.from({ length: 40 }, async () => {
      const found = await findWindow(stateDir, work, FAST);
      return found?.askConsent('claude-code', new AbortController().signal);
    });
    await Promise.race([all.promise, Promise.all(waiting)]);
    assert.equal((await lookForWindow(stateDir, work, FAST))?.consent, 'ask');
    decided.resolve('granted');
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['granted']));
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
