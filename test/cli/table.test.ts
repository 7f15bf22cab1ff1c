import assert from 'node:assert/strict';
import { shellWord } from '../../src/cli/report-lines.ts';
import { nearest } from '../../src/cli/suggest-name.ts';
import { tableLines, wrapped } from '../../src/cli/table.ts';
import { inTerminal } from '../../src/cli/terminal-messages.ts';
import { cutToWidth, widthOf } from '../../src/cli/text-width.ts';
import { message, say } from '../../src/messages/message.ts';

const terminal = (columns: number | null) => ({ columns, paint: (_: string, text: string) => text });
const rows = (...texts: string[][]) => texts.map((cells) => cells.map((text) => ({ text })));
const COLUMNS = [{ rank: 0 }, { rank: 0 }, { rank: 1, right: true }];

describe('tables of the terminal', () => {
  it('align characters that take two columns', () => {
    const lines = tableLines(COLUMNS, rows(['修复/购物车', 'ready', '$1'], ['feature/x', '未经验证', '$12']), terminal(80));
    assert.deepEqual(lines, ['修复/购物车  ready      $1', 'feature/x    未经验证  $12']);
    assert.deepEqual(lines.map(widthOf), [26, 26]);
  });

  it('never take more than one line of the terminal', () => {
    const long = ['feature/with-a-very-long-name-that-goes-on-and-on', 'step or time limit reached', '$0.12'];
    for (const columns of [120, 80, 60, 40, 30, 20])
      for (const row of [long, ['修复/'.repeat(20), '已达步数或时间上限', '$0.12']]) {
        const [line = ''] = tableLines(COLUMNS, rows(row), terminal(columns));
        assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
      }
  });

  it('leave out columns by their rank before a name cannot be known any more', () => {
    const row = rows(['feature/with-a-very-long-name', 'ready', '$0.12']);
    assert.deepEqual(tableLines(COLUMNS, row, terminal(60)), ['feature/with-a-very-long-name  ready  $0.12']);
    assert.deepEqual(tableLines(COLUMNS, row, terminal(41)), ['feature/with-a-very-long-n…  ready  $0.12']);
    assert.deepEqual(tableLines(COLUMNS, row, terminal(36)), ['feature/with-a-very-long-name  ready']);
    assert.deepEqual(tableLines(COLUMNS, row, terminal(24)), ['feature/with-a-v…  ready']);
  });

  it('are whole where they go to a pipe, and without columns that are empty', () => {
    const name = 'x'.repeat(300);
    assert.deepEqual(tableLines(COLUMNS, rows([name, '', '$1']), terminal(null)), [`${name}  $1`]);
    assert.deepEqual(
      tableLines(
        [
          { title: 'A', rank: 0 },
          { title: 'B', rank: 0 },
        ],
        rows(['1', '2']),
        terminal(null),
      ),
      ['A  B', '1  2'],
    );
  });

  it('cut texts at their width, never inside a character', () => {
    assert.deepEqual(
      [cutToWidth('修复购物车', 6), cutToWidth('abcdef', 6), cutToWidth('abcdefg', 6), cutToWidth('👩‍👩‍👧👩‍👩‍👧', 3)],
      ['修复…', 'abcdef', 'abcde…', '👩‍👩‍👧…'],
    );
    assert.equal(cutToWidth('', 0), '');
  });

  it('wrap text under its own beginning, Chinese too, and no full stop to a line of its own', () => {
    assert.deepEqual(wrapped('one two three four five six', terminal(20), '  '), ['  one two three four', '  five six']);
    const lines = wrapped('检查没有通过，因此没有任何内容可以证明这项工作。再试一次。', terminal(22), '  ');
    assert.ok(lines.length > 1 && lines.every((line) => widthOf(line) <= 24), lines.join('\n'));
    assert.ok(lines.every((line) => !/^ *[，。]/.test(line)));
    assert.deepEqual(wrapped('a\n\nb', terminal(80)), ['a', '', 'b']);
  });
});

describe('words of the terminal', () => {
  it('find what was meant', () => {
    assert.deepEqual(nearest('lsit', ['list', 'show', 'log']), ['list']);
    assert.deepEqual(nearest('rate', ['feature/rate-limit', 'fix/cart', 'fix/rate'], 3), ['feature/rate-limit', 'fix/rate']);
    assert.deepEqual(nearest('feature/carts', ['feature/cart', 'feature/card', 'docs'], 3), ['feature/cart', 'feature/card']);
    assert.deepEqual(nearest('frobnicate', ['list', 'show']), []);
    assert.deepEqual(nearest('x', ['xylophone']), []);
  });

  it('name commands where those for Claude name tools, also in the middle of others', () => {
    const aside = message('merge.branchAside', { branch: 'fix/x' });
    const done = message('merge.done', { files: message('merge.filesOne'), into: 'main', commit: 'abc1234', branch: aside });
    assert.match(say(done, 'en'), /restore_delegation/);
    assert.equal(
      say(inTerminal(done), 'en'),
      '1 file merged into main as abc1234; fix/x was put aside (claude-kimi-mcp restore fix/x brings it back)',
    );
  });

  it('quote branches as a shell needs it', () => {
    assert.deepEqual(['fix/x-1', "it's", '修复/x', 'a b'].map(shellWord), ['fix/x-1', `'it'\\''s'`, "'修复/x'", "'a b'"]);
  });
});
