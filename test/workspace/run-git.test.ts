import assert from 'node:assert/strict';
import { join } from 'node:path';
import { GitStopped } from '../../src/workspace/limit-git.ts';
import { GitError, git, gitEnvironment, gitProgram, runGit, splitNul } from '../../src/workspace/run-git.ts';
import { processesWith } from '../sandbox/processes-with.ts';
import { until } from '../until.ts';
import { makeWorld, type World } from './world.ts';

describe('runGit', () => {
  let world: World;
  let gitDir: string;
  before(async () => {
    world = await makeWorld();
    gitDir = join(world.repo, '.git');
  });
  after(() => world.remove());

  it('gives bytes, exit code and complaint', async () => {
    const bytes = Buffer.from([0, 255, 10, 13]);
    const id = (await git(['hash-object', '-w', '--stdin'], { gitDir, stdin: bytes })).toString().trim();
    assert.deepEqual(await git(['cat-file', 'blob', id], { gitDir }), bytes);
    const missing = await runGit(['cat-file', 'blob', 'nothing'], { gitDir });
    assert.equal(missing.code, 128);
    assert.match(missing.stderr, /Not a valid object name/);
    await assert.rejects(git(['cat-file', 'blob', 'nothing'], { gitDir }), (error) => error instanceof GitError && error.code === 128);
  });

  it('passes none of our environment on, and reads no global configuration unless asked', async () => {
    process.env.GIT_AUTHOR_NAME = 'Inherited';
    try {
      const identity = await runGit(['var', 'GIT_AUTHOR_IDENT'], { gitDir, env: { GIT_AUTHOR_EMAIL: 'x@y' } });
      assert.doesNotMatch(identity.stdout.toString(), /Inherited|Ada/);
      const asUser = await git(['var', 'GIT_AUTHOR_IDENT'], { gitDir, user: world.user });
      assert.match(asUser.toString(), /^Ada <ada@example\.org>/);
    } finally {
      delete process.env.GIT_AUTHOR_NAME;
    }
    assert.deepEqual(
      Object.keys(gitEnvironment(undefined)).filter((name) => /KEY|TOKEN|SSH|ASKPASS/.test(name)),
      [],
    );
  });

  it('stops at a number of bytes', async () => {
    const result = await runGit(['cat-file', '--batch-all-objects', '--batch'], { gitDir, maxBytes: 20 });
    assert.equal(result.stdout.length, 20);
    assert.equal(result.cut, true);
  });

  it('ends what prints more than can be worked with, and says so', async () => {
    const asked = { gitDir, stdin: 'HEAD\n'.repeat(20_000), mostBytes: 2 ** 20 };
    await assert.rejects(git(['cat-file', '--batch'], asked), (error) => {
      return error instanceof GitStopped && /git cat-file printed more than 1 MB and was ended/.test(error.message);
    });
    const enough = await git(['cat-file', '--batch'], { ...asked, mostBytes: 16 * 2 ** 20 });
    assert.ok(enough.length > 2 ** 20);
  });

  it('ends what takes more memory than it may, and says so: a merge of files of very many lines', async function () {
    if (process.platform !== 'linux') this.skip();
    const commitOf = async (text: string, parents: readonly string[]) => {
      const blob = (await git(['hash-object', '-w', '--stdin'], { gitDir, stdin: text })).toString().trim();
      const tree = (await git(['mktree'], { gitDir, stdin: `100644 blob ${blob}\tf\n` })).toString().trim();
      const who = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a' };
      const words = ['commit-tree', '-m', 'x', ...parents.flatMap((parent) => ['-p', parent]), tree];
      return (await git(words, { gitDir, env: who })).toString().trim();
    };
    const lines = '\n'.repeat(1_500_000);
    const base = await commitOf(lines, []);
    const [ours, theirs] = await Promise.all([commitOf(`ours${lines}`, [base]), commitOf(`${lines}theirs\n`, [base])]);
    const merge = (mostMemory?: number) => git(['merge-tree', '--write-tree', ours, theirs], { gitDir, mostMemory });
    await assert.rejects(merge(60 * 2 ** 20), (error) => {
      return error instanceof GitStopped && /git merge-tree took more than 60 MB of memory and was ended/.test(error.message);
    });
    assert.match((await merge()).toString(), /^[0-9a-f]{40}\n$/);
  });

  it('stops when aborted while it runs', async () => {
    const controller = new AbortController();
    const waiting = runGit(
      ['cat-file', '--batch', '--buffer'],
      { gitDir, signal: controller.signal, stdin: 'HEAD\n'.repeat(200_000) },
      () => {
        controller.abort(new Error('enough'));
        return true;
      },
    );
    await assert.rejects(waiting, /enough/);
  });

  it('ends what takes too long, with all that it started, and says so', async () => {
    const mark = `endless-${process.pid}`;
    let lived = false;
    const endless = [['alias.endless', `!trap "" TERM; echo begun; while :; do sleep 60; : ${mark}; done`]] as const;
    const waiting = runGit(['endless'], { gitDir, limitMs: 300, config: endless }, () => {
      lived = processesWith(mark).length > 0;
      return true;
    });
    await assert.rejects(waiting, (error) => error instanceof GitStopped && /git endless did not end/.test(error.message));
    assert.ok(lived);
    await until('the end of the shell', () => processesWith(mark).length === 0);
  });

  it('uses the git of the system', async () => {
    assert.match(gitProgram(), /^(\/usr|\/opt|\/bin|\/run\/current-system|\/nix|\/home\/linuxbrew|C:\\Program Files)/);
  });

  it('splits NUL-separated bytes without loss', () => {
    assert.deepEqual(splitNul(Buffer.from('a\0\xff\0', 'latin1')), ['a', '\xff']);
    assert.deepEqual(splitNul(Buffer.alloc(0)), []);
  });
});
