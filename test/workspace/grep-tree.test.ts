import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countWords } from '../../src/workspace/grep-tree.ts';

describe('words in the files of a commit', () => {
  let root: string;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const of = async (words: string[], limitMs = 60_000, commit = 'HEAD') =>
    Object.fromEntries(
      [...(await countWords({ gitDir: path.join(root, '.git') } as never, commit, words, limitMs))].map(([file, counts]) => [
        file,
        Object.fromEntries(counts),
      ]),
    );

  before(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-words-')));
    git('init', '-q', '-b', 'main');
    writeFileSync(path.join(root, 'a b:1.ts'), 'parse(parse); parser\nunknown option --dry-run\n');
    writeFileSync(path.join(root, '表.ts'), 'const parse = 解析;\n');
    writeFileSync(path.join(root, 'logo.png'), Buffer.from('parse\0parse'));
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'one');
    writeFileSync(path.join(root, '表.ts'), 'parse parse\n');
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('are counted by themselves, in text, as committed', async () => {
    assert.deepEqual(await of(['parse', 'unknown option', '--dry-run', '解析', 'a\nb', '-e']), {
      'a b:1.ts': { parse: 2, 'unknown option': 1, '--dry-run': 1 },
      '表.ts': { parse: 1, 解析: 1 },
    });
    assert.deepEqual(await of([]), {});
  });

  it('are counted however git is set to show hits', async () => {
    for (const [key, value] of Object.entries({
      lineNumber: 'true',
      column: 'true',
      patternType: 'extended',
      fullName: 'false',
      heading: 'true',
    }))
      git('config', `grep.${key}`, value);
    git('config', 'color.ui', 'always');
    assert.deepEqual(await of(['解析']), { '表.ts': { 解析: 1 } });
  });

  it('are none where git fails or has no time', async () => {
    assert.deepEqual(await of(['parse'], 60_000, '1'.repeat(40)), {});
    assert.deepEqual(await of(['parse'], 0), {});
  });
});
