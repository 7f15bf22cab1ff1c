/** What `.editorconfig` and `.gitattributes` say of a new file: obeyed where no byte can be meant otherwise, else told. */
import assert from 'node:assert/strict';
import { editFile } from '../../../src/agent/tools/edit-file.ts';
import { writeFile } from '../../../src/agent/tools/write-file.ts';
import { editorConfig } from '../../../src/common/editor-config.ts';
import type { FileRules } from '../../../src/workspace/file-rules.ts';
import { tempWorkspace } from './temp-workspace.ts';

interface Made {
  readonly rules: string;
  readonly content: string;
  readonly file?: string;
  /** The file as it was; without it there was none. */
  readonly before?: string;
  readonly lineEnds?: FileRules['lineEnds'];
}

async function make({ rules, content, file = 'src/a.txt', before, lineEnds = null }: Made) {
  const ws = tempWorkspace();
  try {
    ws.context.workspace.rulesFor = async () => ({ ignored: null, encoding: null, lineEnds });
    ws.put('.editorconfig', rules);
    if (before !== undefined) ws.put(file, before);
    const first = await ws.call(writeFile, { path: file, content });
    const done = first.ok ? first : await ws.call(writeFile, { path: file, content });
    assert.ok(done.ok, done.text);
    return { written: ws.bytes(file).toString('latin1'), said: done.text };
  } finally {
    ws.remove();
  }
}

describe('a new file has the ends of lines that the repository says', () => {
  const crlf = '[*]\nend_of_line = crlf\n';
  const CASES: readonly (Made & { readonly name: string; readonly written: string })[] = [
    { name: 'CRLF', rules: crlf, content: 'a\nb\n', written: 'a\r\nb\r\n' },
    { name: 'CRLF that is there already', rules: crlf, content: 'a\r\nb\r\n', written: 'a\r\nb\r\n' },
    { name: 'the last section that matches', rules: `${crlf}[*.txt]\nend_of_line = lf\n`, content: 'a\n', written: 'a\n' },
    { name: 'a section of another kind of file', rules: '[*.bat]\nend_of_line = crlf\n', content: 'a\n', written: 'a\n' },
    { name: 'taken back', rules: `${crlf}[*.txt]\nend_of_line = unset\n`, content: 'a\n', written: 'a\n' },
    { name: 'names and values in capitals', rules: '[*]\nEND_OF_LINE = CRLF\n', content: 'a\n', written: 'a\r\n' },
    { name: 'a script that is started by its first line', rules: crlf, content: '#!/bin/sh\na\n', written: '#!/bin/sh\na\n' },
    { name: 'not what git stores otherwise', rules: crlf, content: 'a\n', lineEnds: 'lf', written: 'a\n' },
    { name: 'what git checks out', rules: '', content: 'a\n', lineEnds: 'crlf', written: 'a\r\n' },
    { name: 'a file that was empty', rules: crlf, content: 'a\n', before: '', written: 'a\r\n' },
    { name: 'not one that has its own', rules: crlf, content: 'a\nc\n', before: 'a\nb\n', written: 'a\nc\n' },
    { name: 'not a value that means nothing', rules: '[*]\nend_of_line = constructor\n', content: 'a\n', written: 'a\n' },
    { name: 'not the ends of lines of ancient Macs', rules: '[*]\nend_of_line = cr\n', content: 'a\n', written: 'a\n' },
    { name: 'every folder below', rules: '[src/**.txt]\nend_of_line = crlf\n', file: 'src/b/c.txt', content: 'a\n', written: 'a\r\n' },
    { name: 'right below as well', rules: '[src/**.txt]\nend_of_line = crlf\n', content: 'a\n', written: 'a\r\n' },
    { name: 'not beside that folder', rules: '[src/**.txt]\nend_of_line = crlf\n', file: 'lib/c.txt', content: 'a\n', written: 'a\n' },
  ];
  for (const { name, written, ...made } of CASES)
    it(name, async () => {
      const done = await make(made);
      assert.equal(done.written, written);
      assert.equal(/in CRLF line ends/.test(done.said), written !== made.content, done.said);
    });

  it('and edits keep them', async () => {
    const ws = tempWorkspace();
    ws.put('.editorconfig', crlf);
    await ws.call(writeFile, { path: 'a.txt', content: 'a\nb\n' });
    assert.ok((await ws.call(editFile, { path: 'a.txt', old_text: 'b\n', new_text: 'c\nd\n' })).ok);
    assert.equal(ws.text('a.txt'), 'a\r\nc\r\nd\r\n');
    ws.remove();
  });
});

describe('the last line of a new file', () => {
  const rules = '[*]\ninsert_final_newline = true\n';
  it('is ended where that is declared', async () => {
    assert.equal((await make({ rules, content: 'a' })).written, 'a\n');
    assert.equal((await make({ rules: `${rules}end_of_line = crlf\n`, content: 'a' })).written, 'a\r\n');
    assert.equal((await make({ rules, content: 'a\n' })).written, 'a\n');
    assert.equal((await make({ rules, content: '' })).written, '');
  });
  it('stays as it was written elsewhere, and in a file that was there', async () => {
    assert.equal((await make({ rules: '', content: 'a' })).written, 'a');
    assert.equal((await make({ rules: rules.replace('true', 'false'), content: 'a\n' })).written, 'a\n');
    assert.equal((await make({ rules, content: '1.2.4', before: '1.2.3' })).written, '1.2.4');
  });
});

describe('other indentation than declared', () => {
  const TABS = '[*]\nindent_style = tab\n';
  const FOUR = '[*]\nindent_style = space\nindent_size = 4\n';
  const CASES: readonly (readonly [name: string, rules: string, content: string, told: string | null])[] = [
    ['blanks for tabs', TABS, 'f() {\n  a\n}\n', 'with tabs'],
    ['tabs', TABS, 'f() {\n\ta\n\t\tb\n}\n', null],
    ['tabs, and a comment of several lines', TABS, '/**\n * A.\n */\nf() {\n\ta\n}\n', null],
    ['tabs for blanks', FOUR, 'f() {\n\ta\n}\n', 'with 4 spaces'],
    ['two for four', FOUR, 'f() {\n  a\n    b\n}\n', 'with 4 spaces'],
    ['four for two', FOUR.replace('4', '2'), 'f() {\n    a\n}\n', 'with 2 spaces'],
    ['four', FOUR, 'f() {\n    a\n        b\n}\n', null],
    ['nothing that is indented', FOUR, 'a\nb\n', null],
    ['only a comment', FOUR, '/*\n * a\n */\n', null],
    ['no size', '[*]\nindent_style = space\n', 'f() {\n   a\n}\n', null],
    ['no style', '[*]\nindent_size = 4\n', 'f() {\n  a\n}\n', null],
    ['as wide as a tab', '[*]\nindent_style = tab\nindent_size = tab\n', 'f() {\n\ta\n}\n', null],
  ];
  for (const [name, rules, content, told] of CASES)
    it(`${name}: ${told === null ? 'not a word' : 'is told, and the text stays'}`, async () => {
      const { written, said } = await make({ rules, content });
      assert.equal(written, content);
      if (told === null) assert.doesNotMatch(said, /editorconfig/);
      else assert.ok(said.endsWith(` But .editorconfig wants it indented ${told}.`), said);
    });
});

it('the nearest .editorconfig counts first, each property by itself', () => {
  const files: Record<string, string> = {
    '.editorconfig': '[*]\nend_of_line = crlf\nindent_size = 8\n',
    'a/.editorconfig': '[*.ts]\nindent_size = 2\n',
    'b/.editorconfig': 'root = true\n[*]\nindent_size = 3\n',
  };
  const of = (file: string) => Object.fromEntries(editorConfig(file, (rules) => files[rules] ?? null));
  assert.deepEqual(of('a/x.ts'), { indent_size: '2', end_of_line: 'crlf' });
  assert.deepEqual(of('a/x.js'), { indent_size: '8', end_of_line: 'crlf' });
  assert.deepEqual(of('b/x.js'), { indent_size: '3' });
});

it('asks for no rules in more folders than a project has, however deep a path is', () => {
  const asked: string[] = [];
  editorConfig(`${'d/'.repeat(2000)}f`, (rules) => {
    asked.push(rules);
    return null;
  });
  assert.ok(asked.length <= 64, `${asked.length}`);
  assert.equal(asked.at(-1), '.editorconfig');
});
