import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startBroker } from '../../src/broker/broker.ts';
import { findWindow } from '../../src/broker/find-window.ts';

import { until } from '../until.ts';

const FAST = { timeoutMs: 1000 };

describe('where a window listens', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-listens-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => path.join(folder, name);
  const broker = (stateDir: string) =>
    startBroker({
      stateDir,
      version: '1.2.3',
      folders: [folder],
      answer: async () => ({ key: null, settings: {}, trusted: true, consent: 'denied' }),
      askConsent: async () => 'ask',
      lookMs: 20,
    });

  it('is found where the folder of temporary files is another one, or was cleaned up', async () => {
    const temporary = mkdtempSync(at('tmp-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    const b = await broker(at('state')).finally(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    rmSync(temporary, { recursive: true });
    assert.ok(await findWindow(at('state'), folder, FAST));
    await b.close();
    assert.deepEqual(readdirSync(at('state/windows')), []);
  });

  it('listens elsewhere where the path of the state directory is too long for a socket', async () => {
    const long = path.join(folder, 'x'.repeat(100));
    const b = await broker(long);
    assert.ok(await findWindow(long, folder, FAST));
    const { socket } = JSON.parse(readFileSync(b.discoveryFile, 'utf8'));
    await b.close();
    assert.ok(!existsSync(path.dirname(socket)));
  });

  it('is found again where somebody removes its record, its socket, or the whole state directory: nothing that is refused in it would count', async () => {
    const b = await broker(at('state'));
    const socketFolder = () => path.dirname(JSON.parse(readFileSync(b.discoveryFile, 'utf8')).socket);
    const removals = [
      () => rmSync(b.discoveryFile),
      () => rmSync(socketFolder(), { recursive: true }),
      () => rmSync(path.join(socketFolder(), 's')),
      () => rmSync(at('state/windows'), { recursive: true }),
      () => rmSync(at('state'), { recursive: true }),
    ];
    for (const remove of removals) {
      remove();
      await until('the window', async () => (await findWindow(at('state'), folder, FAST))?.consent === 'denied');
    }
    await b.close();
    assert.deepEqual(readdirSync(at('state/windows')), []);
    // Not for long, where a server takes it for gone in that moment.
    await wait(100);
    assert.deepEqual(readdirSync(at('state/windows')), []);
  });
});
