import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startProxy } from '../../../src/sandbox/network/network-proxy.ts';

describe('names that lead nowhere', () => {
  it('count like connections, as a name server hears of each', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lookups-'));
    let lookups = 0;
    const proxy = await startProxy({
      socketPath: join(folder, 'proxy.sock'),
      allowedHosts: ['*.example.org'],
      limits: { tunnelsInAll: 5 },
      resolve: () => Promise.reject(new Error(`ENOTFOUND ${++lookups}`)),
    });
    const answers: string[] = [];
    for (let i = 0; i < 8; i++) {
      const socket = connect(String(proxy.address));
      socket.write(`CONNECT secret-${i}.example.org:443 HTTP/1.1\r\n\r\n`);
      answers.push(await text(socket));
    }
    assert.equal(lookups, 5);
    assert.match(answers[4]!, /can't be resolved/);
    assert.match(answers[5]!, /403 5 connections were made, the most in all/);
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
