import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { branchNameProblem, checkBranch, freeBranchName } from '../../src/workspace/branch-name.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { english } from '../messages/english.ts';
import { makeWorld, open, type World } from './world.ts';

describe('checkBranch', () => {
  let world: World;
  let repository: Repository;
  before(async () => {
    world = await makeWorld();
    await world.git('branch', 'taken');
    await world.git('branch', 'folder/leaf');
    await world.git('branch', 'side');
    await world.git('update-ref', 'refs/remotes/origin/Produktion', 'HEAD');
    await world.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/Produktion');
    await world.git('worktree', 'add', '-q', join(world.root, 'elsewhere'), 'side');
    repository = await open(world);
  });
  after(() => world.remove());

  const settings = { protectedBranches: ['release/*', 'Live'] };
  const refusal = async (name: string): Promise<string> => {
    const result = await checkBranch(repository, name, settings);
    if (result.ok) assert.fail(`${JSON.stringify(name)} was accepted`);
    return english(result.reason);
  };

  const refused: [string, RegExp][] = [
    ['main', /default branch/],
    ['Main', /default branch/],
    ['MASTER', /protected/],
    ['develop', /protected/],
    ['trunk', /protected/],
    ['produktion', /default branch/],
    ['live', /protected/],
    ['release/1.2/hotfix', /protected/],
    ['refs/heads/main', /full ref/],
    ['heads/main', /full ref/],
    ['refs', /full ref/],
    ['@', /git uses itself/],
    ['HEAD', /git uses itself/],
    ['head', /git uses itself/],
    ['FETCH_HEAD', /git uses itself/],
    ['--upload-pack=x', /begins with "-"/],
    ['-x', /begins with "-"/],
    ['a\nb', /control character/],
    ['a\0b', /control character/],
    ['a b', /space/],
    ['', /is empty/],
    ['x'.repeat(300), /longer than 200/],
    ['a.lock', /\.lock/],
    ['a.lock/b', /\.lock/],
    ['.a', /dot/],
    ['a/.b', /dot/],
    ['a.', /dot/],
    ['a..b', /forbids/],
    ['a@{1}', /forbids/],
    ['a~1', /forbids/],
    ['a\\b', /forbids/],
    ['a//b', /slash/],
    ['/a', /slash/],
    ['a/', /slash/],
    ['a\u202eb', /invisible/],
    ['\ud800', /not valid text/],
    ['0123456789012345678901234567890123456789', /commit id/],
    ['side', /checked out .*elsewhere; use another name such as "side-2"/],
    ['taken/more', /existing branch "taken"/],
    ['folder', /existing branch "folder\/leaf"/],
  ];
  for (const [name, pattern] of refused) {
    it(`refuses ${JSON.stringify(name.slice(0, 30))}`, async () => assert.match(await refusal(name), pattern));
  }

  it('knows a protected branch however it is written, and takes no time for it', async () => {
    const isProtected = async (name: string, pattern: string) =>
      !(await checkBranch(repository, name, { protectedBranches: [pattern] })).ok;
    for (const pattern of [
      ...[
        'live',
        ' live ',
        '"live"',
        'LIVE',
        'refs/heads/live',
        'heads/live',
        'origin/live',
        'refs/remotes/origin/live',
        '/live',
        './live',
        'live/',
      ],
      ...['l?ve', 'l[a-i]ve', 'l[!x]ve', '{live,next}', '**/live', 'li**'],
    ])
      assert.ok(await isProtected('live', pattern), pattern);
    for (const pattern of ['v[0-9].?', 'v1.{2,3}', 'refs/heads/v*']) assert.ok(await isProtected('v1.2', pattern), pattern);
    assert.ok(await isProtected('release/1/fix', 'release/'));
    for (const pattern of ['alive', 'live2', 'l[]ve', 'l[', 'l[z-a]ve', '[', '{', '?', ''])
      assert.ok(!(await isProtected('live', pattern)), pattern);
    const start = performance.now();
    for (const pattern of [`${'*'.repeat(200)}b`, `${'*a'.repeat(100)}b`, `${'?*'.repeat(5000)}b`, `${'{a,'.repeat(50)}b`])
      assert.ok(!(await isProtected('a'.repeat(200), pattern)));
    assert.ok(performance.now() - start < 2000);
  });

  for (const name of ['kimi/fix', 'emoji-🎉', '修复/登录', 'Taken', 'mainline', 'release', 'a@b', 'head-start']) {
    it(`accepts ${name}`, async () => assert.deepEqual(await checkBranch(repository, name, settings), { ok: true, tip: null }));
  }

  it('continues a branch that exists and is nowhere checked out', async () => {
    assert.deepEqual(await checkBranch(repository, 'taken', settings), { ok: true, tip: repository.head.commit });
  });

  it('lets case decide only where the file system does', async () => {
    const blind = { ...repository, config: new Map([['core.ignorecase', 'true']]) };
    const result = await checkBranch(blind, 'TAKEN', settings);
    assert.match(result.ok ? '' : english(result.reason), /existing branch "taken"/);
  });

  it('proposes names that are free', () => {
    const crowded = { ...repository, branches: new Map([...repository.branches, ['side-2', ''], ['side-3/x', '']]) };
    assert.equal(freeBranchName(crowded, 'side'), 'side-4');
  });

  it('is at least as strict as git itself', () => {
    const piece = fc.constantFrom(
      'a',
      'b1',
      '.',
      '..',
      '/',
      '-',
      '@',
      '{',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      '\x7f',
      '.lock',
      'é',
      '中',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        const name = pieces.join('');
        if (branchNameProblem(name) !== null) return;
        execFileSync('git', ['check-ref-format', '--branch', name], { cwd: world.repo, stdio: 'pipe' });
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
