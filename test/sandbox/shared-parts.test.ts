import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchEndpoints } from '../../src/sandbox/find-endpoints.ts';
import { shareParts } from '../../src/sandbox/shared-parts.ts';

describe('what the sandboxes of an attempt share', () => {
  let attempt = '';
  beforeEach(() => {
    attempt = mkdtempSync(join(tmpdir(), 'shared-'));
  });
  afterEach(() => rmSync(attempt, { recursive: true, force: true }));
  const inside = { home: '/home/inside', shell: '/bin/sh' };

  it('is one /etc, until the last of them ends, however often one is closed', () => {
    const own = shareParts(attempt, inside);
    const check = shareParts(attempt, inside);
    assert.deepEqual(check.etc, own.etc);
    assert.equal(readdirSync(attempt).length, 1);
    check.give();
    check.give();
    assert.ok(existsSync(join(own.etc[0]!.source, 'passwd')));
    own.give();
    assert.deepEqual(readdirSync(attempt), []);
  });

  it('is not what another home or shell, or another attempt, has', () => {
    const all = [inside, { ...inside, home: '/home/other' }, { ...inside, shell: '/bin/bash' }].map((options) =>
      shareParts(attempt, options),
    );
    const other = mkdtempSync(join(tmpdir(), 'shared-'));
    try {
      all.push(shareParts(other, inside));
      assert.equal(new Set(all.map(({ etc }) => etc[0]!.source)).size, 4);
      all[0]!.give();
      for (const { etc } of all.slice(1)) assert.ok(existsSync(join(etc[0]!.source, 'passwd')));
    } finally {
      for (const parts of all.slice(1)) parts.give();
      rmSync(other, { recursive: true });
    }
  });

  it('is made anew for the next attempt, from the host as it is then, whatever a killed one left', () => {
    const hostEtc = mkdtempSync(join(tmpdir(), 'host-etc-'));
    try {
      writeFileSync(join(hostEtc, 'hosts'), '127.0.0.1 localhost first.test\n');
      const first = shareParts(attempt, { ...inside, hostEtc });
      const folder = first.etc[0]!.source;
      first.give();
      writeFileSync(join(hostEtc, 'hosts'), '127.0.0.1 localhost second.test\n');
      const second = shareParts(attempt, { ...inside, hostEtc });
      assert.equal(second.etc[0]!.source, folder);
      assert.match(readFileSync(join(folder, 'hosts'), 'utf8'), /second\.test/);
      second.give();
    } finally {
      rmSync(hostEtc, { recursive: true });
    }
  });

  it('is one search of each folder for sockets and pipes', async () => {
    const own = shareParts(attempt, inside);
    const search = own.endpoints([attempt]);
    const check = shareParts(attempt, inside);
    assert.equal(check.endpoints([attempt]), search);
    assert.notEqual(own.endpoints([]), search);
    await Promise.all([search, own.endpoints([])]);
    for (const parts of [own, check]) parts.give();
  });

  it('is a search that is made again after a while, for what began since: of a container nothing else tells', async () => {
    let clock = 0;
    const parts = shareParts(attempt, inside, () => clock);
    mkdirSync(join(attempt, '.service'));
    const first = parts.endpoints([attempt]);
    assert.deepEqual(await first, await searchEndpoints([attempt]));
    const pipe = join(attempt, '.service/pipe');
    execFileSync('mkfifo', [pipe]);
    clock += 1000;
    assert.equal(parts.endpoints([attempt]), first);
    clock += 5000;
    assert.ok((await parts.endpoints([attempt])).includes(pipe));
    rmSync(pipe);
    clock += 5000;
    assert.ok((await parts.endpoints([attempt])).includes(pipe), 'a search that ends too early takes nothing back');
    parts.give();
  });
});
