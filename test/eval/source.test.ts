import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from './options.ts';
import { assertCommits, commitsOf, openSource } from './source.ts';
import { readTasks, writeTasks } from './task-file.ts';
import { leaveOut } from './working-copy.ts';

describe('the repositories of an evaluation', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-eval-source-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const git = (repo: string, ...words: string[]) =>
    execFileSync('git', ['-C', repo, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], { encoding: 'utf8' });
  function repository(name: string): string {
    const repo = path.join(folder, name);
    mkdirSync(repo);
    git(repo, 'init', '-q', '-b', 'main');
    git(repo, 'commit', '-q', '--allow-empty', '-m', `Begin ${name}`);
    return repo;
  }

  it('are each asked for the named commits that they have, and one must have each', async () => {
    const sources = [];
    for (const name of ['shop', 'blog']) sources.push(await openSource(repository(name), path.join(folder, 'copies')));
    const ids = ['shop', 'blog'].map((name) => git(path.join(folder, name), 'rev-parse', 'HEAD').trim());
    await assertCommits(sources, ids);
    for (const [index, source] of sources.entries()) assert.deepEqual(await commitsOf(source, { commits: ids, last: 1 }), [ids[index]]);
    await assert.rejects(assertCommits(sources, ['1234567']), UserError);
  });

  it('give tasks a name that can be read again, however long their own is', async () => {
    const { name, named } = await openSource(repository('a-very-long-name-'.repeat(10)), path.join(folder, 'copies'));
    const [base, fix] = ['a', 'b'].map((letter) => letter.repeat(40)) as [string, string];
    const task = {
      id: `${name}-${fix.slice(0, 10)}`,
      repository: named,
      base,
      fix,
      text: 'x',
      tests: ['a.test.js'],
      prepare: [],
      decide: 'npm test',
    };
    writeTasks(folder, { tasks: [{ ...task, passes: 1, notes: [], tried: '' }], leftOut: [] });
    assert.equal(readTasks(folder)?.tasks[0]?.id, task.id);
  });

  it('count nothing as work that preparation has made, whatever it is called', () => {
    const repo = repository('shop');
    for (const name of ['größe.txt', '商店.txt', 'a*b', 'c[1].txt', 'back\\slash', 'blank ', '#note', '!not', 'q?'])
      writeFileSync(path.join(repo, name), '');
    mkdirSync(path.join(repo, 'bûild'));
    writeFileSync(path.join(repo, 'bûild', 'out.js'), '');
    leaveOut(repo, [path.join(repo, '.git')]);
    assert.equal(git(repo, 'status', '--porcelain'), '');
    writeFileSync(path.join(repo, 'aXb'), '');
    assert.equal(git(repo, 'status', '--porcelain').trim(), '?? aXb', 'no pattern takes in what was made later');
  });
});
