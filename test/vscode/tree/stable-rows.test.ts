import assert from 'node:assert/strict';
import type { Row } from '../../../src/vscode/tree/rows.ts';
import { createStableRows } from '../../../src/vscode/tree/stable-rows.ts';

const row = (id: string, children: readonly Row[] = [], description = ''): Row => ({
  id,
  label: id,
  description,
  tooltip: '',
  contextValue: '',
  children,
  open: true,
  click: null,
  delegationId: null,
});
const view = (step: string, ...more: Row[]) => [row('running', [row('a', [row('a:attempts', [row('a:1', [], step)])], step), ...more])];

describe('the rows that VS Code keeps', () => {
  const ids = (redraw: readonly Row[] | 'all') => (redraw === 'all' ? redraw : redraw.map(({ id }) => id));

  it('are the same objects as long as they are shown, with what is new in them', () => {
    const keeper = createStableRows();
    assert.equal(keeper.update(view('step 1')), 'all');
    const first = keeper.roots()[0]!.children[0]!;
    keeper.update(view('step 2'));
    assert.equal(keeper.roots()[0]!.children[0], first);
    assert.equal(first.description, 'step 2');
    assert.equal(keeper.parentOf(first), keeper.roots()[0]);
  });

  it('are drawn again only where something changed', () => {
    const keeper = createStableRows();
    keeper.update(view('step 1', row('b')));
    assert.deepEqual(ids(keeper.update(view('step 1', row('b')))), []);
    assert.deepEqual(ids(keeper.update(view('step 2', row('b')))), ['a']);
    assert.deepEqual(ids(keeper.update(view('step 2', row('b', [], 'x')))), ['b']);
    assert.deepEqual(ids(keeper.update(view('step 3', row('b', [], 'y')))), ['a', 'b']);
  });

  it('are not even compared where they were not made anew', () => {
    const keeper = createStableRows();
    const same = row('b', [row('b:files', [row('b:1')])]);
    keeper.update(view('step 1', same));
    const kept = keeper.roots()[0]!.children[1]!;
    assert.deepEqual(ids(keeper.update(view('step 2', same))), ['a']);
    assert.equal(keeper.roots()[0]!.children[1], kept);
    assert.equal(keeper.parentOf(kept.children[0]!.children[0]!)?.id, 'b:files');
    assert.deepEqual(ids(keeper.update(view('step 2', row('b', [row('b:files', [row('b:1', [], 'x')])])))), ['b:1']);
    assert.deepEqual(ids(keeper.update(view('step 2', same))), ['b:1'], 'back as it was');
  });

  it('are drawn again with their group when one comes or goes', () => {
    const keeper = createStableRows();
    keeper.update(view('step 1'));
    assert.deepEqual(ids(keeper.update(view('step 1', row('b')))), ['running']);
    assert.deepEqual(ids(keeper.update(view('step 1'))), ['running']);
  });

  it('are all drawn again when the groups change', () => {
    const keeper = createStableRows();
    keeper.update(view('step 1'));
    assert.equal(keeper.update([...view('step 1'), row('done', [row('c')])]), 'all');
    const moved = createStableRows();
    moved.update([row('x', [row('a')]), row('y', [row('b')])]);
    assert.deepEqual(ids(moved.update([row('x', [row('b')]), row('y', [row('a')])])), ['x', 'y']);
    assert.equal(moved.parentOf(moved.roots()[0]!.children[0]!)?.id, 'x');
  });
});
