import assert from 'node:assert/strict';
import { isStarving } from '../../src/sandbox/watch-resources.ts';

describe('a command that leaves others no processor', () => {
  const loads = (running: number) => `210.30 80.00 20.50 ${running}/2300 41234\n`;

  it('is one of which most of those are that want one, and far too many', () => {
    assert.equal(
      isStarving(loads(260), () => 300, 4),
      true,
    );
    assert.equal(
      isStarving(loads(256), () => 300, 4),
      false,
      'a large build',
    );
    assert.equal(
      isStarving(loads(900), () => 300, 4),
      false,
      'others want them',
    );
    assert.equal(
      isStarving('', () => 300, 4),
      false,
      'nothing is told',
    );
  });

  it('is not counted where few want one', () => {
    assert.equal(
      isStarving(loads(3), () => assert.fail('counted'), 4),
      false,
    );
  });
});
