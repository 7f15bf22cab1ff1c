import assert from 'node:assert/strict';
import { guardWorkspace, WorkspaceBusy } from '../../../src/delegation/attempt/workspace-guard.ts';
import type { CommandResult } from '../../../src/sandbox/types.ts';

const quiet = async () => {};
const result = {} as CommandResult;

describe('guardWorkspace', () => {
  it('lets nobody look before the command and its processes have ended', async () => {
    const order: string[] = [];
    const processes = Promise.withResolvers<void>();
    const command = Promise.withResolvers<CommandResult>();
    const guard = guardWorkspace({ quiet: () => processes.promise });
    const running = guard.run(() => command.promise);
    const looking = guard.look(() => order.push('look'));
    command.resolve(result);
    await running;
    order.push('command');
    processes.resolve();
    await looking;
    assert.deepEqual(order, ['command', 'look']);
  });

  it('lets no command begin while somebody looks', async () => {
    const order: string[] = [];
    const look = Promise.withResolvers<void>();
    const guard = guardWorkspace({ quiet });
    const looking = guard.look(async () => {
      await look.promise;
      order.push('looked');
    });
    await new Promise(setImmediate);
    const running = guard.run(async () => {
      order.push('command');
      return result;
    });
    await new Promise(setImmediate);
    look.resolve();
    await Promise.all([looking, running]);
    assert.deepEqual(order, ['looked', 'command']);
  });

  it('gives up when processes do not end, and looks again when they have', async () => {
    const processes = Promise.withResolvers<void>();
    const guard = guardWorkspace({ quiet: () => processes.promise }, { quietMs: 10 });
    let looked = 0;
    await assert.rejects(
      guard.look(() => looked++),
      WorkspaceBusy,
    );
    await assert.rejects(guard.quiet(), WorkspaceBusy);
    assert.equal(looked, 0);
    processes.resolve();
    await guard.look(() => looked++);
    assert.equal(looked, 1);
  });

  it('tidies up once after commands, before anybody looks', async () => {
    const order: string[] = [];
    const guard = guardWorkspace({ quiet }, { tidy: async () => void order.push('tidy') });
    await guard.look(() => order.push('look'));
    for (const name of ['one', 'two'])
      await guard.run(async () => {
        order.push(name);
        return result;
      });
    await Promise.all([guard.look(() => order.push('look')), guard.look(() => order.push('look'))]);
    assert.deepEqual(order, ['look', 'one', 'two', 'tidy', 'look', 'look']);
  });

  it('stays usable when a look or a command fails', async () => {
    const guard = guardWorkspace({ quiet });
    await assert.rejects(
      guard.look(() => assert.fail('look')),
      /look/,
    );
    await assert.rejects(
      guard.run(() => Promise.reject(new Error('command'))),
      /command/,
    );
    assert.equal(await guard.look(() => 7), 7);
    assert.equal(await guard.run(async () => result), result);
  });
});
