import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Allowed, whyOutside } from '../../src/mcp/client-roots.ts';
import { rootPaths } from '../../src/mcp/mcp-server.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { english } from '../messages/english.ts';

describe('roots: which repositories a call may touch', () => {
  let top: string;
  const at = (name: string) => path.join(top, name);

  before(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-roots-')));
    for (const name of ['work/shop', 'work/shop-two', 'elsewhere/other', 'work/with blank/日本']) makeRepository(at(name));
    mkdirSync(at('work/shop/packages/api'), { recursive: true });
    execFileSync('git', ['-C', at('work/shop'), 'worktree', 'add', '-q', at('linked'), '-b', 'linked'], { stdio: 'pipe' });
    const git = (folder: string, ...args: string[]) =>
      execFileSync('git', ['-C', at(folder), '-c', 'protocol.file.allow=always', ...args], { stdio: 'pipe' });
    for (const name of ['home', 'home/project/shop', 'home/plain/x', 'elsewhere/super'])
      if (name !== 'home/plain/x') makeRepository(at(name));
    mkdirSync(at('home/plain/x'), { recursive: true });
    git('elsewhere/super', 'submodule', '--quiet', 'add', at('work/shop-two'), 'sub');
    git('elsewhere/other', 'worktree', 'add', '-q', at('elsewhere/other-linked'), '-b', 'linked');
    git('elsewhere/other', 'worktree', 'add', '-q', at('work/shop/.claude/worktrees/far'), '-b', 'far');
    for (const [name, target] of [
      ['vendor', 'elsewhere/other/.git'],
      ['vendor-linked', 'elsewhere/other/.git/worktrees/other-linked'],
      ['vendor-sub', 'elsewhere/super/.git/modules/sub'],
      ['vendor-own', 'work/shop-two/.git'],
    ] as const) {
      mkdirSync(at(`work/shop/${name}`));
      writeFileSync(at(`work/shop/${name}/.git`), `gitdir: ${at(target)}\n`);
    }
    mkdirSync(at('work/shop/vendor-link'));
    symlinkSync(at('elsewhere/other/.git'), at('work/shop/vendor-link/.git'));
    makeRepository(at('work/apart'));
    mkdirSync(at('work/stores/apart'), { recursive: true });
    renameSync(at('work/apart/.git'), at('work/stores/apart/.git'));
    writeFileSync(at('work/apart/.git'), `gitdir: ${at('work/stores/apart/.git')}\n`);
    makeRepository(at('work/common'));
    writeFileSync(at('work/common/.git/commondir'), at('elsewhere/other/.git'));
    writeFileSync(at('work/common/.git/gitdir'), at('work/common/.git'));
    // What somebody could pack into an archive: a git dir of its own, with the contents of another repository.
    for (const name of ['work/linked-parts', 'work/linked-packs', 'work/linked-refs', 'work/borrower']) makeRepository(at(name));
    const linkTo = (name: string, part: string, target: string) => {
      rmSync(at(`${name}/.git/${part}`), { recursive: true });
      symlinkSync(at(target), at(`${name}/.git/${part}`));
    };
    linkTo('work/linked-parts', 'objects', 'elsewhere/other/.git/objects');
    linkTo('work/linked-parts', 'refs', 'elsewhere/other/.git/refs');
    linkTo('work/linked-packs', 'objects/pack', 'elsewhere/other/.git/objects/pack');
    linkTo('work/linked-refs', 'refs/tags', 'elsewhere/other/.git/refs/heads');
    writeFileSync(at('work/borrower/.git/objects/info/alternates'), `${at('elsewhere/other/.git/objects')}\n`);
    symlinkSync(at('work'), at('link-to-work'));
    symlinkSync(at('elsewhere/other'), at('work/link-to-other'));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  function makeRepository(folder: string): void {
    mkdirSync(folder, { recursive: true });
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { stdio: 'pipe' });
    git('init', '-q', '-b', 'main');
    writeFileSync(path.join(folder, 'a.txt'), 'a\n');
    git('add', '-A');
    git('commit', '-qm', 'one');
  }

  async function why(repo: string, allowed: Partial<Allowed>): Promise<string | null> {
    const opened = await openRepository(at(repo));
    if (!opened.ok) return english(opened.reason);
    const reason = await whyOutside(opened.repository, { declared: [], settings: [], cwd: at('nowhere'), ...allowed });
    return reason && english(reason);
  }

  /** repository | told by the client | allowed by settings | started in | inside? (paths under the test's folder, `/` is the root) */
  const TABLE: readonly [string, string, string[], string[], string, boolean][] = [
    ['the root itself', 'work/shop', ['work/shop'], [], '/', true],
    ['below a root', 'work/shop', ['work'], [], '/', true],
    ['a name that only begins alike', 'work/shop-two', ['work/shop'], [], '/', false],
    ['beside a root', 'elsewhere/other', ['work'], [], '/', false],
    ['one of several roots', 'elsewhere/other', ['work', 'elsewhere'], [], '/', true],
    ['the client was opened in a package of it', 'work/shop', ['work/shop/packages/api'], [], '/', true],
    ['repo_path is a package, the root is the repository', 'work/shop/packages/api', ['work/shop'], [], '/', true],
    ['repo_path is a link into a root', 'link-to-work/shop', ['work'], [], '/', true],
    ['repo_path is a link out of a root', 'work/link-to-other', ['work'], [], '/', false],
    ['the root is a link', 'work/shop', ['link-to-work'], [], '/', true],
    ['a linked worktree of a repository that is inside', 'linked', ['work/shop'], [], '/', true],
    ['a linked worktree of a repository that is outside', 'linked', ['elsewhere'], [], '/', false],
    ["Claude's own worktree is the root", 'linked', ['linked'], [], '/', true],
    ['the main checkout, the root is a linked worktree of it', 'work/shop', ['linked'], [], '/', true],
    ['the main checkout, the root lies in a linked worktree of it', 'elsewhere/other', ['work/shop/.claude/worktrees/far'], [], '/', true],
    ["the repository that a .git file of somebody else's leads to", 'elsewhere/other', ['work/shop/vendor-linked'], [], '/', false],
    ['the repository that a .git file leads to', 'elsewhere/other', ['work/shop/vendor'], [], '/', false],
    ['the repository that a .git link leads to', 'elsewhere/other', ['work/shop/vendor-link'], [], '/', false],
    ['a repository around the root that is another one', 'home', ['home/project/shop'], [], '/', false],
    ['a repository around a folder in the root', 'home', ['home/project/shop'], ['home/project/shop/.git'], '/', false],
    ['the root is a plain folder of the repository', 'home', ['home/plain/x'], [], '/', true],
    ['a .git file that leads outside', 'work/shop/vendor', ['work/shop'], [], '/', false],
    ["a .git file that leads to somebody else's worktree", 'work/shop/vendor-linked', ['work/shop'], [], '/', false],
    ['a .git file that leads to the git dir of a submodule elsewhere', 'work/shop/vendor-sub', ['work/shop'], [], '/', false],
    ['a .git link that leads outside', 'work/shop/vendor-link', ['work/shop'], [], '/', false],
    ['a .git folder that borrows from outside', 'work/common', ['work'], [], '/', false],
    ['a .git folder with the objects and refs of another one', 'work/linked-parts', ['work'], [], '/', false],
    ['a .git folder with the packs of another one', 'work/linked-packs', ['work'], [], '/', false],
    ['a .git folder with some refs of another one', 'work/linked-refs', ['work'], [], '/', false],
    ['a clone that borrows objects from outside', 'work/borrower', ['work'], [], '/', false],
    ['a clone that borrows objects from a folder that is allowed', 'work/borrower', ['work'], ['elsewhere/other'], '/', true],
    ['the objects of another one that is allowed', 'work/linked-parts', ['work', 'elsewhere'], [], '/', true],
    ['a .git file that leads to another working tree, though all is in the root', 'work/shop/vendor-own', ['work'], ['work'], '/', false],
    ["a .git file that leads to another one's worktree, though all is in the roots", 'work/shop/vendor-linked', ['.'], [], '/', false],
    ['a .git link that leads to another working tree, though all is in the roots', 'work/shop/vendor-link', ['.'], [], '/', false],
    [
      'a .git file that leads to another working tree that the user names',
      'work/shop/vendor-own',
      ['work'],
      ['work/shop-two/.git'],
      '/',
      true,
    ],
    ['a .git file that leads to a git dir that lies alone in the root', 'work/apart', ['work'], [], '/', true],
    ['a submodule below the root', 'elsewhere/super/sub', ['elsewhere'], [], '/', true],
    ['a submodule is the root', 'elsewhere/super/sub', ['elsewhere/super/sub'], [], '/', true],
    ['a linked worktree of a repository outside, made by git in the root', 'work/shop/.claude/worktrees/far', ['work/shop'], [], '/', true],
    ['blanks and Chinese', 'work/with blank/日本', ['work/with blank'], [], '/', true],
    ['a root that does not exist', 'work/shop', ['gone'], [], '/', false],
    ['settings add to what the client tells', 'elsewhere/other', ['work'], ['elsewhere'], '/', true],
    ['settings count when the client tells nothing', 'elsewhere/other', [], ['elsewhere'], '/', true],
    ['the client tells nothing: where the server was started', 'work/shop', [], [], 'work', true],
    ['the client tells nothing: in a package', 'work/shop', [], [], 'work/shop/packages/api', true],
    ['the client tells nothing: elsewhere', 'work/shop', [], [], 'elsewhere', false],
    ['the client tells nothing, the server was started in /', 'work/shop', [], [], '/', false],
    ['where the server was started does not count when the client tells', 'work/shop', ['elsewhere'], [], 'work', false],
  ];
  for (const [name, repo, declared, settings, cwd, inside] of TABLE) {
    it(`${name}: ${inside ? 'inside' : 'outside'}`, async () => {
      const reason = await why(repo, {
        declared: declared.map(at),
        settings: settings.map(at),
        cwd: cwd === '/' ? path.parse(top).root : at(cwd),
      });
      if (inside) assert.equal(reason, null);
      else
        assert.match(
          reason ?? '',
          /is outside of the folders that this client works in.* KIMI_DIRECTORIES( if that is meant)?\.$|leads out of the git folder/,
        );
    });
  }

  it('names the folders that are allowed', async () => {
    assert.ok((await why('elsewhere/other', { declared: [at('work')] }))?.includes(`(${at('work')})`));
    assert.match((await why('work/shop', { cwd: path.parse(top).root })) ?? '', /\(none\)/);
  });

  it('reads file URIs, and leaves out what is none', () => {
    const uris = [pathToFileURL('/a b/日本').href, 'https://example.org/x', 'file://otherhost/x', 'not a uri', 'file:///etc/%2e%2e/x'];
    assert.deepEqual(rootPaths(uris), ['/a b/日本', '/x']);
  });
});
