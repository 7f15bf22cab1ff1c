import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { type Arrangement, DEFAULT_ARRANGEMENT } from '../../../src/vscode/tree/arrange.ts';
import { buildRows, type Row } from '../../../src/vscode/tree/rows.ts';
import { ended, identity, result, unfinished } from '../sample-records.ts';

const of = (record: DelegationRecord, branch: string, repository = '/work/shop'): DelegationRecord => ({
  ...record,
  identity: { ...identity(branch, branch.replace(/\W/g, '')), repository, commonDir: `${repository}/.git` },
});
const records = [
  of(unfinished('running'), 'feature/c'),
  of(ended({ cost: { amount: 0.1, currency: 'USD' } }), 'feature/b'),
  of(ended({ outcome: 'checks_failed', cost: { amount: 7, currency: 'CNY' } }), 'fix/a', '/work/api'),
  of(
    ended({ cost: { amount: 3, currency: 'USD' } }, { disposition: { state: 'discarded', at: '', tip: null, commit: null, into: null } }),
    'feature/a',
  ),
  of(ended({ cost: { amount: null, currency: 'USD' } }), 'feature/z'),
];
const rows = (change: Partial<Arrangement>, more = records): Row[] =>
  buildRows(
    more.map((record) => delegationItem(record, null)),
    { t: inEnglish, repositoryName: () => null, unreadable: [], arrangement: { ...DEFAULT_ARRANGEMENT, ...change } },
  );
const shown = (some: readonly Row[]) => some.map(({ label, children }) => [label, ...children.map((child) => child.label)].join(' '));

describe('how the user arranges the view', () => {
  it('is by state unless something else is wanted', () => {
    assert.deepEqual(shown(rows({})), [
      'Needs Attention fix/a',
      'Running feature/c',
      'Ready to Review feature/b feature/z',
      'Done feature/a',
    ]);
  });

  it('is by repository, where what waits for somebody stands first, and what is over in a group of its own', () => {
    assert.deepEqual(shown(rows({ groupBy: 'repository' })), ['api fix/a', 'shop feature/c feature/b feature/z', 'Done feature/a']);
    assert.deepEqual(
      rows({ groupBy: 'repository' }).map(({ open }) => open),
      [true, true, false],
    );
    const alike = [of(ended(), 'a', '/work/one/shop'), of(ended(), 'b', '/work/two/shop')];
    assert.deepEqual(shown(rows({ groupBy: 'repository' }, alike)), ['shop (/work/one) a', 'shop (/work/two) b']);
  });

  it('is in each group by name, or by what it has cost in whatever currency', () => {
    const group = (change: Partial<Arrangement>) =>
      rows(
        { groupBy: 'repository', ...change },
        records.slice(1).map((one) => of(one, one.identity.branch)),
      )[0]!;
    assert.deepEqual(
      shown(group({ sortBy: 'name' }).children).map((text) => text.split(' ')[0]),
      ['fix/a', 'feature/b', 'feature/z'],
    );
    const byCost = rows({ sortBy: 'cost' }, [records[1]!, records[4]!, of(ended({ cost: { amount: 7, currency: 'CNY' } }), 'dear')]);
    assert.deepEqual(shown(byCost), ['Ready to Review dear feature/b feature/z']);
  });

  it('has the files in their folders, one that holds only another in one line', () => {
    const files = ['src/deep/er/a.ts', 'src/deep/er/b.ts', 'src/deep/c.ts', 'docs/api/d.md', 'README.md'].map((path) => ({
      ...{ path, status: 'M' as const, added: 2, removed: 1 },
    }));
    const record = ended({ change: { ...result().change!, files } });
    const tree = rows({ filesAs: 'tree' }, [record])[0]!.children[0]!.children.find(({ label }) => label === 'Files')!;
    const lines = (some: readonly Row[], depth = 0): string[] =>
      some.flatMap(({ label, description, children }) => [`${'  '.repeat(depth)}${label}: ${description}`, ...lines(children, depth + 1)]);
    assert.deepEqual(lines(tree.children), [
      'docs/api: 1 · +2 −1',
      '  d.md: +2 −1',
      'src/deep: 3 · +6 −3',
      '  er: 2 · +4 −2',
      '    a.ts: +2 −1',
      '    b.ts: +2 −1',
      '  c.ts: +2 −1',
      'README.md: +2 −1',
    ]);
    assert.deepEqual(tree.children[2]!.click, { kind: 'file', path: 'README.md' });
    const ids = (some: readonly Row[]): string[] => some.flatMap(({ id, children }) => [id, ...ids(children)]);
    assert.equal(new Set(ids(tree.children)).size, ids(tree.children).length);
  });
});
