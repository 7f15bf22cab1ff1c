import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { editFile } from '../../src/agent/tools/edit-file.ts';
import { writeFile } from '../../src/agent/tools/write-file.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { contextOf } from '../bench/looking.ts';
import { makeWorkspace, makeWorld, put } from './world.ts';

interface Case {
  readonly name: string;
  /** Files of rules in the repository, and the user's own. */
  readonly rules?: Record<string, string>;
  readonly exclude?: string;
  readonly global?: string;
  readonly file: string;
  /** How the rule is named to the model; null = the file is carried as it is. */
  readonly by: RegExp | null;
}

const CASES: readonly Case[] = [
  { name: 'a pattern for names', rules: { '.gitignore': '# env\n.env*\n' }, file: '.env.example', by: /by \.gitignore:2 \(\.env\*\)/ },
  { name: 'a folder', rules: { '.gitignore': 'lib/\n' }, file: 'lib/new.js', by: /by \.gitignore:1 \(lib\/\)/ },
  { name: 'a folder deep down', rules: { '.gitignore': 'build\n' }, file: 'a/build/x/y/z.js', by: /by \.gitignore:1 \(build\)/ },
  { name: 'rules of a folder', rules: { 'pkg/.gitignore': '/out/\n' }, file: 'pkg/out/a.js', by: /by pkg\/\.gitignore:1 \(\/out\/\)/ },
  { name: 'everything but', rules: { '.gitignore': '*\n!*.md\n!.gitignore\n' }, file: 'a.js', by: /by \.gitignore:1 \(\*\)/ },
  { name: 'a name with signs of globs', rules: { '.gitignore': '*.tmp\n' }, file: 'app/[id]/a*b.tmp', by: /by \.gitignore:1/ },
  { name: 'a name in Chinese', rules: { '.gitignore': '输出/\n' }, file: '输出/结果.txt', by: /by \.gitignore:1 \(输出\/\)/ },
  {
    name: "the repository's info/exclude",
    exclude: 'secret.txt\n',
    file: 'secret.txt',
    by: /by the user's own ignore rules \(pattern secret\.txt\)/,
  },
  {
    name: "the user's global ignore file",
    global: '*.local\n',
    file: 'a.local',
    by: /by the user's own ignore rules \(pattern \*\.local\)/,
  },
  { name: 'a rule that another takes back', rules: { '.gitignore': '.env*\n!.env.example\n' }, file: '.env.example', by: null },
  { name: 'a rule for folders, and a file', rules: { '.gitignore': 'lib/\n' }, file: 'lib', by: null },
  { name: 'no rule', file: 'src/new.ts', by: null },
];

describe('a new file that git ignores', () => {
  for (const { name, rules = {}, exclude, global, file, by } of CASES) {
    it(`${name}: is told at the write, and what is told carries it`, async () => {
      const world = await makeWorld();
      try {
        for (const [path, text] of Object.entries(rules)) await world.write(path, text);
        if (exclude !== undefined) await put(join(world.repo, '.git/info/exclude'), exclude);
        if (global !== undefined) await put(join(world.user.home, '.config/git/ignore'), global);
        await world.git('add', '-A');
        await world.git('commit', '-q', '--allow-empty', '-m', 'rules');
        const { privateGit, workTree, base } = await makeWorkspace(world);
        const carried = async () => (await checkpoint(privateGit, workTree, base)).changed.includes(file);
        const { text } = await writeFile.run({ path: file, content: 'x\n' }, contextOf(privateGit, workTree));
        assert.equal(await carried(), by === null, text);
        if (by === null) return assert.doesNotMatch(text, /ignores/);
        assert.match(text, by);
        assert.match(text, /will NOT be on the branch/);
        const [, rulesFile = '', lines = ''] = /at the end of (.*):\n(.*)$/s.exec(text)!;
        const before = rules[rulesFile] ?? '';
        await mkdir(join(workTree, rulesFile, '..'), { recursive: true });
        await put(join(workTree, rulesFile), `${before}${lines}\n`);
        await put(join(workTree, file, '../other-of-the-folder.tmp'), 'x\n');
        assert.ok(await carried(), text);
      } finally {
        await world.remove();
      }
    });
  }
});

describe('new files of the worker and a rule of its own that comes later', () => {
  it('are told with the write or edit of the rules, once, and not those that git has or that were told before', async () => {
    const world = await makeWorld();
    try {
      await world.write('.gitignore', '*.log\n');
      await world.write('gen/kept.ts', 'x\n');
      await world.git('add', '-A');
      await world.git('commit', '-q', '-m', 'rules');
      const { privateGit, workTree, base } = await makeWorkspace(world);
      const context = contextOf(privateGit, workTree);
      const write = async (path: string, content: string) => (await writeFile.run({ path, content }, context)).text;
      const rules = async (old_text: string, new_text: string) =>
        (await editFile.run({ path: '.gitignore', edits: [{ old_text, new_text, replace_all: undefined }] }, context)).text;
      for (const file of ['gen/a.ts', 'gen/b.ts', 'src/c.ts', 'own.log']) await write(file, 'x\n');
      await editFile.run({ path: 'gen/kept.ts', edits: [{ old_text: 'x', new_text: 'y', replace_all: undefined }] }, context);
      const told = await rules('*.log\n', '*.log\ngen/\n');
      assert.match(told, /gen\/a\.ts, gen\/b\.ts, which you wrote, .* will NOT be on the branch/);
      assert.doesNotMatch(told, /own\.log, |gen\/kept|src\/c/);
      assert.doesNotMatch(await rules('gen/\n', 'gen/\n*.tmp\n'), /NOT be on the branch/, 'said once');
      assert.match(await write('src/.gitignore', 'c.ts\n'), /src\/c\.ts, which you wrote, .* will NOT be on the branch/);
      assert.deepEqual((await checkpoint(privateGit, workTree, base)).changed.toSorted(), ['.gitignore', 'gen/kept.ts', 'src/.gitignore']);
    } finally {
      await world.remove();
    }
  });
});
