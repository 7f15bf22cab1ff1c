import assert from 'node:assert/strict';
import { ifShaped, isNumber, isText, listOf, objectOf, oneOf, optional, tupleOf } from '../../src/vscode/kept-shape.ts';

describe('the shape of what VS Code has kept', () => {
  const isPage = objectOf<{ id: string; attempt?: number | undefined; by: 'name' | 'cost' }>({
    id: isText,
    attempt: optional(isNumber),
    by: oneOf('name', 'cost'),
  });

  it('is told apart by each of its parts', () => {
    assert.ok(isPage({ id: 'a', by: 'name' }));
    assert.ok(isPage({ id: 'a', by: 'cost', attempt: 2, more: true }));
    const others = [{ by: 'name' }, { id: 1, by: 'name' }, { id: 'a', by: 'age' }, { id: 'a', by: 'name', attempt: '2' }];
    for (const other of [...others, null, undefined, 'a', 1, []]) assert.ok(!isPage(other), JSON.stringify(other));
  });

  it('is that of every item of a list, and of each place', () => {
    const arePairs = listOf(tupleOf<[string, number]>(isText, isNumber));
    assert.ok(arePairs([]));
    assert.ok(arePairs([['a', 1]]));
    for (const other of [[['a', 1], ['b']], [[1, 'a']], [['a', 1, 2]], { 0: ['a', 1] }, 'a', undefined])
      assert.ok(!arePairs(other), JSON.stringify(other));
  });

  it('decides whether the value counts', () => {
    assert.equal(ifShaped(isText, 'a'), 'a');
    assert.equal(ifShaped(isText, 1), null);
  });
});
