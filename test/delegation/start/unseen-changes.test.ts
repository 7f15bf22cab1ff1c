import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { namedUncommitted } from '../../../src/delegation/start/unseen-changes.ts';
import { openRepository } from '../../../src/workspace/open-repository.ts';
import type { Repository } from '../../../src/workspace/types.ts';
import { quick } from '../../quick.ts';

describe('files that a task names, with uncommitted changes', () => {
  let root: string;
  let repository: Repository;

  before(async () => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-named-')));
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'pipe' });
    git('init', '-q', '-b', 'main');
    for (const file of [
      'src/app.ts',
      'src/b.ts',
      'src/clean.ts',
      'src/my file.ts',
      'packages/api/index.ts',
      'Makefile',
      'docs/a.md',
      'x.py',
    ])
      write(file, 'old\n');
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'one');
    for (const file of ['src/app.ts', 'src/b.ts', 'src/my file.ts', 'packages/api/index.ts', 'Makefile', 'x.py']) write(file, 'new\n');
    write('src/new.ts', 'new\n');
    repository = await opened(root);
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const opened = async (folder: string) => {
    const opening = await openRepository(folder);
    assert.ok(opening.ok);
    return opening.repository;
  };

  const TABLE: readonly [string, string[]][] = [
    ['Limit the rate.', []],
    ['Change src/app.ts', ['src/app.ts']],
    ['Change src/app.ts.', ['src/app.ts']],
    ['Change src/app.ts and src/b.ts', ['src/app.ts', 'src/b.ts']],
    ['Change src/app.ts, src/clean.ts and src/b.ts (see docs/a.md)', ['src/app.ts', 'src/b.ts']],
    ['in `src/app.ts`: "src/b.ts"', ['src/app.ts', 'src/b.ts']],
    ['in "src/my file.ts"', ['src/my file.ts']],
    ['./src/app.ts', ['src/app.ts']],
    ['src\\app.ts', ['src/app.ts']],
    ['at run (src/app.ts:12:3)', ['src/app.ts']],
    ['see [b](src/b.ts)', ['src/b.ts']],
    ['src/new.ts is new', ['src/new.ts']],
    ['修改src/app.ts文件，然后运行测试', ['src/app.ts']],
    ['Update the Makefile', ['Makefile']],
    ['x.py fails', ['x.py']],
    ['src/clean.ts only', []],
    ['src/nothing.ts', []],
    ['../outside.ts ../../etc/passwd /etc/passwd', []],
    ['the folder src/', []],
  ];
  for (const [task, files] of TABLE) {
    it(`${task} -> ${files.join(', ') || 'none'}`, async () => assert.deepEqual(await namedUncommitted(repository, task), files));
  }

  it('a stack trace names them by their whole path', async () => {
    const trace = `Error: x\n    at f (${root}/src/app.ts:3:9)\n    at file://${root}/src/b.ts:1:1`;
    assert.deepEqual(await namedUncommitted(repository, trace), ['src/app.ts', 'src/b.ts']);
  });

  it('names count from the folder where the caller stands, too', async () => {
    const inPackage = await opened(path.join(root, 'packages', 'api'));
    assert.deepEqual(await namedUncommitted(inPackage, 'index.ts and src/app.ts'), ['packages/api/index.ts', 'src/app.ts']);
  });

  it('a task of any size and shape takes little time', async () => {
    for (const unit of ['a', ' ', 'a/', '../', '..', '.a', '/', '\\', '"', 'a b/', '字', 'a.b ']) {
      const task = `${unit.repeat(Math.floor(200_000 / unit.length))}!`;
      await quick(() => namedUncommitted(repository, task), `a task of ${JSON.stringify(unit)}`);
    }
  });
});
