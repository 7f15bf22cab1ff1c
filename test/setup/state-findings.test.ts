import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stateFindings } from '../../src/setup/doctor/state-findings.ts';
import { playContext, playUser } from './played-user.ts';

describe('what is found of the state directory', () => {
  it('is bad where others may write it, as a program lies there that is started, and a note where they may read it', async () => {
    const context = playContext(playUser([]));
    try {
      mkdirSync(context.stateDir);
      const found = async (mode: number) => {
        chmodSync(context.stateDir, mode);
        return (await stateFindings(context)).flatMap(({ state, found }) =>
          state === 'good' ? [] : [`${state}: ${found.replace(context.stateDir, '~')}`],
        );
      };
      assert.deepEqual(await found(0o700), []);
      assert.deepEqual(await found(0o755), ['note: others may read ~']);
      const said = 'others may write ~: what they put there runs as you';
      assert.deepEqual(
        [await found(0o770), await found(0o777), await found(0o1777)],
        [[`note: ${said}`], [`bad: ${said}`], [`bad: ${said}`]],
      );
    } finally {
      context.remove();
    }
  });

  it('lets others have their turn while a folder of very many files is counted', async () => {
    const context = playContext(playUser([]));
    try {
      mkdirSync(context.stateDir);
      for (let at = 0; at < 5000; at++) writeFileSync(path.join(context.stateDir, String(at)), '');
      let turns = 0;
      let isOver = false;
      const turn = () => {
        turns++;
        if (!isOver) setImmediate(turn);
      };
      turn();
      await stateFindings(context);
      isOver = true;
      assert.ok(turns > 8, String(turns));
    } finally {
      context.remove();
    }
  });
});
