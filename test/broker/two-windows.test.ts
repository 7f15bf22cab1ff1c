import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Broker, startBroker } from '../../src/broker/broker.ts';
import { findWindow, lookForWindow } from '../../src/broker/find-window.ts';
import type { Consent, WindowAnswer } from '../../src/broker/protocol.ts';
import { resolveSettings, variableLayer } from '../../src/config.ts';

/** Two editors, or two of their profiles, have keys, settings and decisions of their own. */
describe('two windows on a repository that do not say the same', () => {
  let folder: string;
  let open: Broker[];
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-two-')));
    mkdirSync(path.join(folder, 'work/app'), { recursive: true });
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  async function window(at: string, consent: Consent, startedAt: number, settings: WindowAnswer['settings'] = {}): Promise<Broker> {
    const key = `sk-of-window-${startedAt}`;
    const broker = await startBroker({
      stateDir: path.join(folder, 'state'),
      version: '1.2.3',
      folders: [path.join(folder, at)],
      answer: async () => ({ key, settings, trusted: true, consent }),
      askConsent: async () => 'denied',
      now: () => startedAt,
    });
    open.push(broker);
    return broker;
  }
  const ask = async (at: string) => {
    const found = await findWindow(path.join(folder, 'state'), path.join(folder, at), { timeoutMs: 2000 });
    return [found?.consent, found?.values.apiKey];
  };

  it('are asked both whether one refuses, and the nearest, newest one lends key and settings', async () => {
    const refusing = await window('work', 'denied', 1);
    await window('work', 'granted', 2);
    await window('work/app', 'ask', 3);
    await window('elsewhere', 'denied', 4);
    assert.deepEqual(await ask('work'), ['denied', 'sk-of-window-2']);
    assert.deepEqual(await ask('work/app'), ['denied', 'sk-of-window-3']);
    await refusing.close();
    assert.deepEqual(await ask('work'), ['granted', 'sk-of-window-2']);
    assert.deepEqual(await ask('work/app'), ['ask', 'sk-of-window-3']);
  });

  it('keep back what either of them does, and take nothing back for the other', async () => {
    await window('work', 'granted', 1, { neverSend: ['secret/**', '!.env.test'], protectedBranches: ['staging'], budget: 50 });
    await window('work', 'granted', 2, { neverSend: ['!secret/readme.md'] });
    const found = await findWindow(path.join(folder, 'state'), path.join(folder, 'work'), { timeoutMs: 2000 });
    assert.deepEqual(found?.values.neverSend, ['secret/**', '!secret/readme.md']);
    assert.equal(found?.values.budget, undefined);
    const branches = found?.values.protectedBranches as string[];
    assert.ok(branches.includes('staging') && branches.includes('main'), String(branches));
  });

  it('may have the same long list, as settings of two editors often are alike', async () => {
    const neverSend = Array.from({ length: 150 }, (_, at) => `secret-${at}/**`);
    await window('work', 'granted', 1, { neverSend });
    await window('work', 'granted', 2, { neverSend });
    const found = await findWindow(path.join(folder, 'state'), path.join(folder, 'work'), { timeoutMs: 2000 });
    const variables = variableLayer('environment', '', { KIMI_NEVER_SEND: neverSend.join(',') });
    const resolution = resolveSettings([variables, found!]);
    assert.ok(resolution.ok && resolution.settings.values.neverSend.length === 150);
  });

  it('are waited for both: one that does not answer may refuse', async () => {
    const busy = await startBroker({
      stateDir: path.join(folder, 'state'),
      version: '1.2.3',
      folders: [path.join(folder, 'work')],
      answer: () => new Promise(() => {}),
      askConsent: async () => 'denied',
      now: () => 1,
    });
    open.push(busy);
    await window('work', 'granted', 2);
    const found = await lookForWindow(path.join(folder, 'state'), path.join(folder, 'work'), { timeoutMs: 300 });
    assert.equal(found?.consent, 'silent');
  });
});
