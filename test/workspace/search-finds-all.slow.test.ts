import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { search } from '../../src/agent/tools/search.ts';
import { contextOf } from '../bench/looking.ts';
import { makeWorkspace, makeWorld, put, type Workspace, type World } from './world.ts';

/** What stands in a file is found, or it is said that it was not looked for. */
describe('a search never says none where there is one', () => {
  let world: World;
  let space: Workspace;
  before(async () => {
    world = await makeWorld();
    await world.write('.gitattributes', 'lock.json -diff\nbin.txt binary\ntw.txt text working-tree-encoding=Big5\n');
    await world.write('old/.editorconfig', '[*.ini]\ncharset = koi8-r\n');
    await world.write('old/words.ini', iconv.encode('ПРИВЕТ\n', 'koi8-r'));
    await world.write('tw.txt', iconv.encode('設定\n', 'big5'));
    await world.write('lock.json', '{"locked": 1}\n');
    await world.write('bin.txt', 'binary by attribute\n');
    await world.write('ignored/tracked.js', 'trackedIgnored();\n');
    await world.write('crlf.txt', 'first end\r\nsecond;\r\n');
    await world.write('zh.txt', '用户登录 utf8\n');
    await world.write('gbk.txt', iconv.encode('// 密码检查 gbk\n', 'gbk'));
    await world.write('wide.txt', iconv.encode('wideWord 宽字\r\nnext\r\n', 'utf-16le', { addBOM: true }));
    await world.write('bare.txt', iconv.encode('bareWord plain\n', 'utf-16be', { addBOM: false }));
    await world.write('latin.txt', iconv.encode('Größe überschritten\n', 'latin1'));
    await world.write('cafe-nfd.txt', 'cafe\u0301 in two\n');
    await world.write('cafe-nfc.txt', 'caf\u00e9 in one\n');
    await world.write('picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3, 0xff]));
    await world.git('add', '-A', '-f');
    await world.git('commit', '-q', '-m', 'files');
    space = await makeWorkspace(world);
    await put(join(space.workTree, 'new-gbk.txt'), iconv.encode('新的文件\n', 'gbk'));
  });
  after(() => world.remove());

  const find = (args: object) => search.run(args, contextOf(space.privateGit, space.workTree));
  const CASES: readonly (readonly [name: string, args: object, text: string | RegExp])[] = [
    ['a tracked file that an ignore rule matches', { pattern: 'trackedIgnored' }, 'ignored/tracked.js:1: trackedIgnored();'],
    ['the same, by its folder', { pattern: 'trackedIgnored', glob: 'ignored' }, 'ignored/tracked.js:1: trackedIgnored();'],
    ['the same, by a glob', { pattern: 'trackedIgnored', glob: '**/*.js' }, 'ignored/tracked.js:1: trackedIgnored();'],
    ['a file with -diff', { pattern: '"locked"' }, 'lock.json:1: {"locked": 1}'],
    ['a text file with the attribute binary', { pattern: 'by attribute' }, 'bin.txt:1: binary by attribute'],
    ['the same, by its name', { pattern: 'by attribute', glob: 'bin.txt' }, 'bin.txt:1: binary by attribute'],
    ['the end of a line with CRLF', { pattern: 'end$', regex: true }, 'crlf.txt:1: first end'],
    ['a sign and the end of a line', { pattern: 'second;$', regex: true }, 'crlf.txt:2: second;'],
    ['a range of ideographs', { pattern: '[一-龥]+ utf8', regex: true }, 'zh.txt:1: 用户登录 utf8'],
    ['a range of ideographs, in GBK', { pattern: '^// [一-龥]+ gbk$', regex: true }, 'gbk.txt:1: // 密码检查 gbk'],
    ['Chinese in GBK', { pattern: '密码' }, 'gbk.txt:1: // 密码检查 gbk'],
    ['Chinese in a new file in GBK', { pattern: '新的' }, 'new-gbk.txt:1: 新的文件'],
    ['UTF-16 with its mark', { pattern: 'wideWord' }, 'wide.txt:1: wideWord 宽字'],
    ['UTF-16 without its mark', { pattern: 'bareWord' }, 'bare.txt:1: bareWord plain'],
    ['Latin-1', { pattern: 'überschritten' }, 'latin.txt:1: Größe überschritten'],
    ['what .editorconfig declares', { pattern: 'ПРИВЕТ' }, 'old/words.ini:1: ПРИВЕТ'],
    ['what .gitattributes declares', { pattern: '設定' }, 'tw.txt:1: 設定'],
    ['one form finds both', { pattern: 'caf\u00e9' }, 'cafe-nfc.txt:1: caf\u00e9 in one\ncafe-nfd.txt:1: cafe\u0301 in two'],
    ['and the other', { pattern: 'cafe\u0301', regex: true }, 'cafe-nfc.txt:1: caf\u00e9 in one\ncafe-nfd.txt:1: cafe\u0301 in two'],
    ['in any case', { pattern: 'WIDEWORD', ignore_case: true }, 'wide.txt:1: wideWord 宽字'],
    ['what is nowhere', { pattern: 'nowhereAtAll' }, /^No line matches/],
  ];
  for (const [name, args, text] of CASES) {
    it(name, async () => {
      const found = (await find(args)).text;
      if (typeof text === 'string') assert.equal(found, text);
      else assert.match(found, text);
    });
  }

  it('and names what is too large to be looked into in its encoding', async () => {
    const line = '// 一行普通的文字，没有别的意思\n';
    await put(join(space.workTree, 'large-gbk.txt'), iconv.encode(line.repeat(320_000), 'gbk'));
    await put(join(space.workTree, 'large-utf8.txt'), line.repeat(250_000));
    await put(join(space.workTree, 'large.bin'), Buffer.alloc(9_000_000, Buffer.from([0, 1, 0xff])));
    const { text } = await find({ pattern: '某处的文字' });
    for (const file of ['large-gbk.txt', 'large-utf8.txt', 'large.bin']) await rm(join(space.workTree, file));
    assert.match(text, /^No line matches/);
    assert.match(text, /\[not searched, since they are too large: large-gbk\.txt; use run_command with grep\]/);
  });

  it('whatever changes after a search that found nothing', async () => {
    const none = async (pattern: string) => assert.match((await find({ pattern })).text, /^No line matches/);
    const gbk = (text: string) => iconv.encode(`${text}\n`, 'gbk');
    await none('后来的文字');
    await put(join(space.workTree, 'later.txt'), gbk('// 后来的文字'));
    assert.equal((await find({ pattern: '后来的文字' })).text, 'later.txt:1: // 后来的文字', 'a new file');
    await put(join(space.workTree, 'crlf.txt'), gbk('// 改变的文字'));
    assert.equal((await find({ pattern: '改变的文字' })).text, 'crlf.txt:1: // 改变的文字', 'a file that was ASCII');
    await put(join(space.workTree, 'crlf.txt'), 'first end\r\nsecond;\r\n');
    await none('改变的文字');
    await put(join(space.workTree, 'ignored/hidden.txt'), gbk('// 隐藏的文字'));
    await none('隐藏的文字');
    await put(join(space.workTree, '.gitignore'), '*.log\n');
    assert.equal(
      (await find({ pattern: '隐藏的文字' })).text,
      'ignored/hidden.txt:1: // 隐藏的文字',
      'a file that is not ignored any more',
    );
  });
});

it('a search of which all hidden files are too large looks into no folder of the host in their place', async () => {
  const world = await makeWorld();
  const beside = join(tmpdir(), `ckm-of-the-user-${process.pid}.txt`);
  try {
    await world.write('.gitattributes', 'large.txt -diff\n');
    await world.write('large.txt', 'a line\n'.repeat(1_300_000));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'large');
    const space = await makeWorkspace(world);
    await put(beside, 'a secret of the user\n');
    const { text } = await search.run({ pattern: 'secret of the user' }, contextOf(space.privateGit, space.workTree));
    assert.match(text, /^No line matches[\s\S]*\[not searched, since they are too large: large\.txt; use run_command with grep\]$/);
  } finally {
    await rm(beside, { force: true });
    await world.remove();
  }
});
