import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editFile } from '../../src/agent/tools/edit-file.ts';
import { writeFile } from '../../src/agent/tools/write-file.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { git } from '../../src/workspace/run-git.ts';
import { contextOf } from '../bench/looking.ts';
import { makeWorkspace, makeWorld } from './world.ts';

/** git reads such a file in its encoding and keeps it as UTF-8; one in another encoding it refuses, and the work would be lost. */
describe('files with working-tree-encoding', () => {
  const WORDS: Readonly<Record<string, readonly [old: string, added: string]>> = {
    GBK: ['日本', '中文'],
    GB18030: ['日本', '中文'],
    BIG5: ['日本', '中文'],
    'SHIFT-JIS': ['日本', '中文'],
    'EUC-KR': ['사용', '오류'],
    'UTF-16': ['日本', '中文'],
    'UTF-16LE': ['日本', '中文'],
    'UTF-16BE': ['日本', '中文'],
    'UTF-16LE-BOM': ['日本', '中文'],
    CP1251: ['да', 'нет'],
    CP866: ['да', 'нет'],
    'ISO-8859-2': ['łódź', 'żółw'],
    'ISO-8859-15': ['cœur', '5 €'],
    CP1253: ['ναι', 'όχι'],
    latin1: ['é', 'ü'],
    // What we cannot write as it is.
    'ISO-2022-JP': ['plain', 'more'],
  };
  for (const [encoding, [old, added]] of Object.entries(WORDS)) {
    it(`${encoding}: a file that was there and a new one reach the tree`, async () => {
      const world = await makeWorld();
      try {
        await world.write('old.txt', `${old}\n`);
        await world.git('add', '-A');
        await world.git('commit', '-q', '-m', 'old');
        await world.write('.gitattributes', `*.txt working-tree-encoding=${encoding}\n`);
        await world.git('add', '.gitattributes');
        await world.git('commit', '-q', '-m', 'attributes');
        const { privateGit, workTree, base } = await makeWorkspace(world);
        const context = contextOf(privateGit, workTree);
        const edited = await editFile.run({ path: 'old.txt', old_text: old, new_text: `${old}${added}` }, context);
        assert.ok(edited.ok, edited.text);
        const written = await writeFile.run({ path: 'new.txt', content: `${added}\n` }, context);
        assert.ok(written.ok, written.text);
        const { tree, problems } = await checkpoint(privateGit, workTree, base);
        assert.deepEqual(problems, []);
        const stored = async (file: string) =>
          (await git(['cat-file', 'blob', `${tree}:${file}`], { gitDir: privateGit.gitDir })).toString('utf8');
        assert.equal(await stored('old.txt'), `${old}${added}\n`);
        assert.equal(await stored('new.txt'), `${added}\n`);
      } finally {
        await world.remove();
      }
    });
  }
});

it('a new file has the ends of lines that git checks out, and is stored as git has it', async () => {
  const world = await makeWorld();
  try {
    await world.write('.gitattributes', '* text=auto\n*.bat eol=crlf\n*.sh text eol=lf\n*.raw -text eol=crlf\n');
    await world.write('.editorconfig', '[*]\nend_of_line = crlf\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'rules');
    const { privateGit, workTree, base } = await makeWorkspace(world);
    const context = contextOf(privateGit, workTree);
    const names = ['a.txt', 'a.bat', 'a.sh', 'a.raw'];
    for (const path of names) assert.ok((await writeFile.run({ path, content: 'a\nb\n' }, context)).ok);
    const { tree } = await checkpoint(privateGit, workTree, base);
    const stored = (name: string) => git(['cat-file', 'blob', `${tree}:${name}`], { gitDir: privateGit.gitDir });
    const both = names.map(async (name) => [name, readFileSync(join(workTree, name), 'utf8'), (await stored(name)).toString('utf8')]);
    assert.deepEqual(await Promise.all(both), [
      ['a.txt', 'a\nb\n', 'a\nb\n'],
      ['a.bat', 'a\r\nb\r\n', 'a\nb\n'],
      ['a.sh', 'a\nb\n', 'a\nb\n'],
      ['a.raw', 'a\r\nb\r\n', 'a\r\nb\r\n'],
    ]);
  } finally {
    await world.remove();
  }
});
