import assert from 'node:assert/strict';
import { nearest } from '../../src/cli/suggest-name.ts';
import { tableLines } from '../../src/cli/table.ts';
import { asSentence, inTerminal } from '../../src/cli/terminal-messages.ts';
import { cutToWidth, widthOf } from '../../src/cli/text-width.ts';
import { wrapped } from '../../src/cli/wrap.ts';
import { shellWord } from '../../src/common/shell-word.ts';
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
    for (const text of ['工作前的检查：grep -q world src/greet.txt', 'grep 修复 购物车 src/购物车.ts', '修a复b购c物d车e'])
      for (let columns = 1; columns < 45; columns++) {
        const cut = cutToWidth(text, columns);
        assert.ok(widthOf(cut) <= columns, `${columns}: ${cut}`);
        assert.ok(cut === text || widthOf(cut) >= columns - 3, `${columns}: ${cut}`);
      }
  });

  it('wrap text under its own beginning, Chinese too, and no full stop to a line of its own', () => {
    assert.deepEqual(wrapped('one two three four five six', terminal(20), '  '), ['  one two three four', '  five six']);
    const lines = wrapped('检查没有通过，因此没有任何内容可以证明这项工作。再试一次。', terminal(22), '  ');
    assert.ok(lines.length > 1 && lines.every((line) => widthOf(line) <= 24), lines.join('\n'));
    assert.ok(lines.every((line) => !/^ *[，。]/.test(line)));
    assert.deepEqual(wrapped('a\n\nb', terminal(80)), ['a', '', 'b']);
  });

  it('leave sentences whole where there is no terminal, and are never wider than can be read', () => {
    const long = 'word '.repeat(60).trim();
    assert.deepEqual(wrapped(long, terminal(null)), [long]);
    assert.ok(wrapped(long, terminal(300)).every((line) => line.length <= 100));
  });

  it('keep a command on one line where that is wide enough, and begin no line with what closes', () => {
    const text = 'Stopped; what was done is kept. Go on: node dist/cli.js resume fix/cart';
    assert.deepEqual(wrapped(text, terminal(60)), ['Stopped; what was done is kept. Go on:', 'node dist/cli.js resume fix/cart']);
    assert.equal(wrapped(text, terminal(30)).at(-1), 'resume fix/cart', 'nothing else is possible');
    const inside = 'An attempt runs on it (to stop it: npx claude-kimi-mcp cancel x), so wait for its end.';
    assert.deepEqual(wrapped(inside, terminal(50)), [
      'An attempt runs on it (to stop it:',
      'npx claude-kimi-mcp cancel x), so wait for its',
      'end.',
    ]);
    for (const columns of [20, 30, 40])
      for (const line of wrapped('没有“frobnicate”这个命令（见：claude-kimi-mcp --help）。你是指“list”吗？', terminal(columns)))
        assert.ok(!/^[”），。？]|[“（]$/.test(line) && widthOf(line) <= columns, line);
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
    const done = message('merge.done', {
      files: message('merge.filesOne'),
      into: 'main',
      commit: 'abc1234',
      before: 'def5678',
      branch: aside,
    });
    assert.match(say(done, 'en'), /restore_delegation/);
    assert.equal(
      say(inTerminal(done, 'node dist/cli.js'), 'en'),
      '1 file merged into main as abc1234; fix/x was put aside (to bring it back: node dist/cli.js restore fix/x). To take it back: git reset --keep def5678',
    );
  });

  it('begin a sentence with a capital letter, but no name of others', () => {
    const merged = message('cli.merge.already', { branch: 'fix/x' });
    assert.equal(asSentence(merged, 'en'), 'fix/x is merged already.');
    assert.match(asSentence(message('resume.nothing', { branch: 'x' }), 'en'), /^There is nothing/);
    assert.match(asSentence(message('sentences.two', { first: message('end.noChanges'), rest: merged }), 'en'), /^The worker/);
    assert.match(asSentence(message('git.saidNothing'), 'zh-cn'), /^[\u4e00-\u9fff]/);
    assert.match(asSentence(message('branchName.empty', { name: 'x' }), 'en'), /^branch_name/);
    assert.match(asSentence(message('git.objectsMissing', { commit: 'x', said: 'y' }), 'en'), /^git objects/);
  });

  it('quote branches as a shell needs it', () => {
    assert.deepEqual(['fix/x-1', "it's", '修复/x', 'a b'].map(shellWord), ['fix/x-1', `'it'\\''s'`, "'修复/x'", "'a b'"]);
  });
});
