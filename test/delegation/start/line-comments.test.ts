import assert from 'node:assert/strict';
import { commentsIn, commentsText, readComments } from '../../../src/delegation/start/line-comments.ts';
import { english } from '../../messages/english.ts';
import { makeWorld, open, type World } from '../../workspace/world.ts';

describe('comments on lines', () => {
  for (const [text, ...comments] of [
    ['src/a.ts:12: Return early.', ['src/a.ts', 12, 'Return early.']],
    ['- src/a.ts:12: Return early.\n- src/b.ts:3 - Why?', ['src/a.ts', 12, 'Return early.'], ['src/b.ts', 3, 'Why?']],
    ['1. `src/a.ts:12`: Return early.', ['src/a.ts', 12, 'Return early.']],
    ['**src/a.ts:12** Return early.', ['src/a.ts', 12, 'Return early.']],
    ['src/a.ts:12-14: Return early.', ['src/a.ts', 12, 'Return early.', 14]],
    ['src/a.ts#L12-L14: Return early.', ['src/a.ts', 12, 'Return early.', 14]],
    ['src/a.ts:12:5: error TS1: no', ['src/a.ts', 12, 'error TS1: no']],
    ['docs/a b.md:2: A word is missing.', null],
    ['src/a.ts:12: Return early,\n  as above.\nAnd more.', ['src/a.ts', 12, 'Return early,\nas above.']],
    ['Good, but:\n\nsrc/a.ts:12: 请提前返回。\r\n', ['src/a.ts', 12, '请提前返回。']],
    ['See src/a.ts:12: it is wrong.', null],
    ['    at run (src/a.ts:12:5)', null],
    ['src/a.ts:12', null],
    ['http://localhost:3000 answers', null],
    ['note: 12: text', null],
  ] as const)
    it(`${JSON.stringify(text)}`, () => {
      const expected = comments.flatMap((one) => (one ? [one] : []));
      assert.deepEqual(
        commentsIn(text).map(({ file, line, last, text: said }) => [file, line, said, ...(last === undefined ? [] : [last])]),
        expected,
      );
    });

  it('are written as they are found', () => {
    const comments = [
      { file: 'src/a.ts', line: 12, text: 'Return early,\nas above.' },
      { file: 'b.py', line: 1, last: 3, text: 'Why?' },
    ];
    assert.deepEqual(commentsIn(`Please:\n${commentsText(comments)}\n\nThanks.`), comments);
  });

  it('are read as they were written, whatever the name of the file and whatever was pasted', () => {
    const comments = [
      { file: 'src/a.ts', line: 3, text: 'It fails:\nsrc/b.ts:99: error TS1005\n- src/c.ts:7 too\n1. src/d.ts#L8: and here' },
      { file: 'docs/read me.md', line: 1, last: 4, text: 'Too long.' },
      { file: 'odd:name.ts', line: 2, text: 'Rename it.' },
      { file: 'glob/*.ts', line: 5, text: 'Why?' },
      { file: '商店/价格 表.ts', line: 6, text: '改为 40。' },
    ];
    assert.deepEqual(commentsIn(commentsText(comments)), comments);
    assert.deepEqual(
      commentsIn('`src/a.ts:12:5`: with a column').map(({ file, line }) => [file, line]),
      [['src/a.ts', 12]],
    );
  });

  it('take no time in a long line', () => {
    for (const part of ['a.b/', ':1', '- ', '*_`', 'a:1-']) {
      const started = performance.now();
      commentsIn(part.repeat(50_000));
      assert.ok(performance.now() - started < 1000, part);
    }
  });

  describe('in a commit', () => {
    let world: World;
    before(async () => {
      world = await makeWorld();
      await world.write('packages/web/src/app.ts', 'one\ntwo\n');
      await world.write('packages/web/only.ts', 'one\ntwo\nthree\n');
      await world.write('logo.png', Buffer.from([0, 1, 2]));
      await world.write('empty.ts', '');
      await world.git('add', '-A');
      await world.git('commit', '-q', '-m', 'more');
    });
    after(() => world.remove());

    const read = async (text: string, folder = '') => {
      const where = { source: await open(world), tree: 'HEAD', root: world.repo, folder };
      const found = await readComments(text, where);
      return found.ok ? found.comments.map(({ file, line }) => `${file}:${line}`) : english(found.reason);
    };

    it('mean a file by its path, from the folder of the task, as a diff writes it, by its end or whole', async () => {
      assert.deepEqual(await read('src/app.ts:1: x'), ['src/app.ts:1']);
      assert.deepEqual(await read('src/app.ts:2: x', 'packages/web'), ['packages/web/src/app.ts:2']);
      assert.deepEqual(await read('b/src/app.ts:1: x\n./src/app.ts:1: y'), ['src/app.ts:1', 'src/app.ts:1']);
      assert.deepEqual(await read('only.ts:3: x\nweb/only.ts:3: x'), ['packages/web/only.ts:3', 'packages/web/only.ts:3']);
      assert.deepEqual(await read(`${world.repo}/src/app.ts:1: x`), ['src/app.ts:1']);
    });

    it('on lines that are not there are refused with what is', async () => {
      for (const line of [0, 2, 99])
        assert.match(String(await read(`src/app.ts:${line}: x`)), new RegExp(`comment on src/app\\.ts:${line}, but .* has 1 lines`));
      assert.match(String(await read('packages/web/only.ts:2-9: x')), /only\.ts:2-9, but .* has 3 lines/);
      assert.match(String(await read('packages/web/only.ts:3-2: x')), /only\.ts:3-2/);
      assert.match(String(await read('empty.ts:1: x')), /has 0 lines/);
      assert.match(String(await read('logo.png:1: x')), /is no text/);
    });

    it('on a file that is elsewhere are refused with where; what names no file of the branch is a text like others', async () => {
      assert.match(
        String(await read('lib/app.ts:1: x')),
        /lib\/app\.ts, which is not on the branch\. Is packages\/web\/src\/app\.ts, src\/app\.ts meant/,
      );
      assert.match(String(await read('other/only.ts:1: x')), /Is packages\/web\/only\.ts meant/);
      assert.deepEqual(await read('/usr/lib/python3/x.py:12: Warning\nnode_modules/q/z.js:1: no'), []);
      for (const file of ['/usr/lib/python3/app.ts', '../other/app.ts', '.venv/lib/site-packages/app.ts', 'node_modules/q/only.ts'])
        assert.deepEqual(await read(`${file}:12: Warning: no`), [], file);
      assert.deepEqual(await read('../outside.ts:1: x\n/etc/passwd:1: x'), []);
    });
  });
});
