import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { type PlayedVscode, playVscode } from '../played-vscode.ts';
import { ended, identity, unfinished } from '../sample-records.ts';

const LATER = '2126-01-01T00:00:00.000Z';
const FAILED = { outcome: 'checks_failed', endedAt: LATER } as const;

describe('the message of an end', () => {
  let played: PlayedVscode;
  let look: (...records: DelegationRecord[]) => void;
  beforeEach(async () => {
    played = await playVscode();
    played.told.length = 0;
    played.settings = { notifications: 'failures' };
    const { tellEnds } = await import('../../../src/vscode/task/tell-ends.ts');
    let records: readonly DelegationRecord[] = [];
    let changed = () => {};
    tellEnds({
      delegations: () => records.map((record) => delegationItem(record, null)),
      findByBranch: () => undefined,
      ownTasks: { has: () => false, stopped: [] },
      ready: Promise.resolve(),
      onDidChange: (listener: () => void) => {
        changed = listener;
        return { dispose() {} };
      },
      log: { warn: assert.fail },
    } as unknown as WindowContext);
    look = (...next) => {
      records = next;
      changed();
    };
  });
  const told = async () => {
    await import('../../../src/vscode/text/end-words.ts');
    await new Promise(setImmediate);
    return played.told.length;
  };

  it('comes once', async () => {
    look(unfinished('running'));
    look(ended(FAILED));
    look(ended(FAILED));
    assert.equal(await told(), 1);
  });

  it('comes where nobody saw the attempt run, as a window that is busy looks late', async () => {
    look();
    look(ended(FAILED));
    look(ended(FAILED));
    assert.equal(await told(), 1);
  });

  it('comes of the next attempt as well', async () => {
    const [attempt] = ended(FAILED).attempts;
    look();
    look(ended(FAILED));
    look(ended(FAILED, { attempts: [attempt!, { ...attempt!, number: 2 }] }));
    assert.equal(await told(), 2);
  });

  it('does not come of what had ended before, here or in a folder that is opened later', async () => {
    const other = ended({ ...FAILED, endedAt: '2026-11-22T10:30:00.000Z' }, { identity: identity('fix/old', 'b1b2c3d4e5f60718') });
    look(ended(FAILED));
    look(ended(FAILED), other);
    assert.equal(await told(), 0);
  });
});
