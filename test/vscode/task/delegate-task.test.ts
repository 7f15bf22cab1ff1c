import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DelegationItem, delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { playVscode } from '../played-vscode.ts';
import { ended } from '../sample-records.ts';

describe('a task whose questions take their time', () => {
  let root: string;
  beforeEach(() => {
    root = path.join(realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-hand-'))), 'shop');
    makeRepository(root);
  });
  afterEach(() => rmSync(path.dirname(root), { recursive: true, force: true }));

  async function handOver(meanwhile: (branch: string) => DelegationItem | undefined): Promise<{ begun: string[]; told: string }> {
    const played = await playVscode();
    const { delegateTask } = await import('../../../src/vscode/task/delegate-task.ts');
    let branch = '';
    let known: DelegationItem | undefined;
    played.write = () => 'Greet in French';
    played.type = (proposed) => {
      branch = proposed;
      return proposed;
    };
    played.choose = async (items) => {
      if ('kind_' in items[0]!) return items[0];
      known = meanwhile(branch);
      return [];
    };
    const begun: string[] = [];
    const window = {
      ready: Promise.resolve(),
      repositories: () => [{ root, folder: root }],
      refresh: async () => {},
      drafts: { get: () => undefined, set() {}, delete() {} },
      findByBranch: () => known,
      onDidChange: () => ({ dispose() {} }),
      ownTasks: {
        during(_: string, on: string) {
          begun.push(on);
          throw new Error('begun');
        },
      },
    } as unknown as WindowContext;
    await delegateTask(window, async () => true).catch((error: Error) => assert.equal(error.message, 'begun'));
    return { begun, told: played.told.join('\n') };
  }

  it('begins on the branch that was named', async () => {
    assert.deepEqual(await handOver(() => undefined), { begun: ['feature/greet-french'], told: '' });
  });

  it('begins on none that came, or on which work began, meanwhile', async () => {
    const moves: ((branch: string) => DelegationItem | undefined)[] = [
      (branch) => {
        gitIn(root, 'branch', branch);
        return undefined;
      },
      () => delegationItem(ended(), null),
    ];
    for (const move of moves) {
      const { begun, told } = await handOver(move);
      assert.deepEqual(begun, []);
      assert.match(told, /^feature\/greet-french changed while you were asked\./);
      if (gitIn(root, 'branch', '--list', 'feature/*') !== '') gitIn(root, 'branch', '-q', '-D', 'feature/greet-french');
    }
  });
});
