import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findDependencies } from '../../../src/delegation/attempt/find-dependencies.ts';
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

describe('dependencies that the workspace lacks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-dependencies-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const folders = (...names: string[]) => {
    for (const name of names) mkdirSync(path.join(root, name), { recursive: true });
  };
  const found = (...paths: string[]) => findDependencies(root, paths).map(({ at }) => at);

  it('stand beside their manifests, in packages too', () => {
    folders('node_modules', 'packages/api/node_modules', 'tools/.venv', 'php/vendor', 'ruby/vendor/bundle');
    const paths = ['package.json', 'packages/api/package.json', 'tools/pyproject.toml', 'php/composer.json', 'ruby/Gemfile', 'src/a.ts'];
    assert.deepEqual(found(...paths).sort(), [
      'node_modules',
      'packages/api/node_modules',
      'php/vendor',
      'ruby/vendor/bundle',
      'tools/.venv',
    ]);
    assert.equal(findDependencies(root, ['package.json'])[0]?.host, path.join(root, 'node_modules'));
  });

  it('are none without a manifest, or without the folder', () => {
    folders('node_modules');
    assert.deepEqual(found('src/a.ts'), []);
    assert.deepEqual(found('packages/api/package.json'), []);
  });

  it('are left out when the commit carries them', () => {
    folders('vendor', 'node_modules');
    assert.deepEqual(found('composer.json', 'package.json', 'vendor/autoload.php'), ['node_modules']);
  });

  it('are not looked for inside of others, nor behind links', () => {
    folders('elsewhere', 'node_modules/x/node_modules');
    symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'venv'));
    assert.deepEqual(found('package.json', 'node_modules/x/package.json', 'requirements.txt'), []);
  });

  it('each once, and two hundred at most', () => {
    const names = Array.from({ length: 230 }, (_, i) => `p${i}`);
    folders(...names.map((name) => `${name}/node_modules`), '.venv');
    assert.equal(found(...names.map((name) => `${name}/package.json`)).length, 200);
    assert.deepEqual(found('pyproject.toml', 'requirements.txt', 'setup.py'), ['.venv']);
  });
});
