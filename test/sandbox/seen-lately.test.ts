import assert from 'node:assert/strict';
import { seenLately } from '../../src/sandbox/seen-lately.ts';

describe('what was looked at lately', () => {
  const now = performance.now;
  afterEach(() => {
    performance.now = now;
  });

  it('is not looked at anew for some seconds, each thing by itself', () => {
    let time = 0;
    performance.now = () => time;
    const looks: string[] = [];
    const look = seenLately((folder: string, deep: boolean) => looks.push(`${folder} ${deep}`));
    const both = () => [look('/opt/a', true), look('/opt/a', false)];
    assert.deepEqual(both(), [1, 2]);
    time = 4_999;
    assert.deepEqual(both(), [1, 2]);
    time = 5_000;
    assert.deepEqual(both(), [3, 4]);
    assert.deepEqual(looks, ['/opt/a true', '/opt/a false', '/opt/a true', '/opt/a false']);
  });

  it('is forgotten where it becomes much', () => {
    let looks = 0;
    const look = seenLately((_: number) => looks++);
    for (let n = 0; n <= 200; n++) look(n);
    look(0);
    look(200);
    assert.equal(looks, 202);
  });
});
