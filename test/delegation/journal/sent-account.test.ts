import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/delegation/journal/journal.ts';
import { parseLine } from '../../../src/delegation/journal/journal.ts';
import { addToAccount, NOTHING_SENT } from '../../../src/delegation/journal/sent-account.ts';
import { addToTally, EMPTY_TALLY } from '../../../src/delegation/journal/tally.ts';

type Hosts = { host: string; connections: number; bytesIn: number; bytesOut: number }[];
const commandEnd = (hosts: Hosts | null, disk: number | null = null): JournalEvent => ({
  type: 'tool_end',
  step: 1,
  callId: 'a',
  name: 'run_command',
  ok: true,
  summary: '',
  ms: 1,
  use: { network: hosts && { hosts, refused: [] }, disk },
});

describe('what an attempt sent', () => {
  it('is summed up by host for commands, and survives the journal', () => {
    const npm = { host: 'registry.npmjs.org', connections: 2, bytesIn: 5000, bytesOut: 300 };
    const events = [commandEnd([npm]), commandEnd(null), commandEnd([npm, { ...npm, host: 'pypi.org' }])];
    const read = events.map((event) => parseLine(JSON.stringify({ at: 1, ...event }))!);
    const { network } = read.reduce(addToAccount, NOTHING_SENT);
    assert.deepEqual(network, {
      'registry.npmjs.org': { connections: 4, bytesIn: 10_000, bytesOut: 600 },
      'pypi.org': { connections: 2, bytesIn: 5000, bytesOut: 300 },
    });
  });

  it('stays small where a wildcard lets commands reach any number of hosts', () => {
    const hosts = Array.from({ length: 200 }, (_, i) => ({ host: `h${i}.example.org`, connections: 1, bytesIn: 10, bytesOut: 1 }));
    const { network = {} } = addToAccount(NOTHING_SENT, commandEnd(hosts));
    assert.equal(Object.keys(network).length, 51);
    assert.equal(
      Object.values(network).reduce((sum, { bytesOut }) => sum + bytesOut, 0),
      200,
    );
    assert.equal(network['*']?.connections, 150);
  });

  it('stays small where a model calls tools by any number of names, or where much is held back again and again', () => {
    const message = (by: string, withheld?: Record<string, 'name'>): JournalEvent => ({
      type: 'message',
      step: 1,
      role: 'tool',
      json: '{}',
      sent: { by, bytes: 2, ...(withheld && { withheld }) },
    });
    const { by } = Array.from({ length: 200 }, (_, at) => message(`tool_${at}`)).reduce(addToAccount, NOTHING_SENT);
    assert.equal(Object.keys(by).length, 51);
    assert.deepEqual(by['*'], { times: 150, bytes: 300 });
    const held = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}.env`, 'name' as const]));
    const [once, twice] = [1, 2].map((times) => Array(times).fill(message('search', held)).reduce(addToAccount, NOTHING_SENT));
    assert.deepEqual(twice?.withheld, once?.withheld);
    assert.equal(addToAccount(once!, message('search', held)).withheld, once!.withheld, 'nothing is copied that is known');
  });

  it('keeps the most that commands had on the disk', () => {
    const tally = [commandEnd(null, 5e9), commandEnd(null), commandEnd([], 2e9)].reduce(addToTally, EMPTY_TALLY);
    assert.equal(tally.disk, 5e9);
  });
});
