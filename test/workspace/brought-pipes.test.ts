/** Pipes of a repository where git reads, by names and ways that git alone follows, are named at once: nobody waits for them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, unfollowedRules } from '../../src/workspace/git-config.ts';
import { whyNotRead } from '../../src/workspace/odd-git-entries.ts';

describe('pipes that a repository brought', () => {
  let repo: string;
  beforeEach(() => {
    repo = mkdtempSync(join(tmpdir(), 'ckm-pipes-'));
    execFileSync('git', ['init', '-q', repo]);
  });
  afterEach(() => rmSync(repo, { recursive: true, force: true }));
  const bytes = (name: string) => Buffer.concat([Buffer.from(`${repo}/.git/`), Buffer.from(name, 'latin1')]);
  /** @param name its bytes as latin1 */
  function pipe(name: string): void {
    const path = bytes(name);
    mkdirSync(path.subarray(0, path.lastIndexOf('/')), { recursive: true });
    // An argument is UTF-8.
    execFileSync('sh', { input: Buffer.concat([Buffer.from("mkfifo '"), path, Buffer.from("'\n")]) });
  }
  const include = (lines: string) => appendFileSync(bytes('config'), Buffer.from(lines, 'latin1'));

  for (const name of ['refs/heads/\xff', 'refs/heads/\xff/x', 'objects/pack/pack-\xff.idx', 'worktrees/\xff/HEAD', 'modules/\xff/HEAD'])
    it(`by a name that is no UTF-8: ${JSON.stringify(name)}`, function () {
      if (process.platform !== 'linux') return this.skip(); // such names are refused elsewhere
      pipe(name);
      assert.equal(whyNotRead(repo)?.code, 'repo.oddFile');
    });

  for (const name of [
    'sequencer/todo',
    'rebase-merge/git-rebase-todo',
    'rebase-merge/done',
    'rebase-apply/next',
    'CHERRY_PICK_HEAD',
    'REVERT_HEAD',
  ])
    it(`by how far something of several steps is: ${name}`, () => {
      pipe(name);
      assert.equal(whyNotRead(repo)?.code, 'repo.oddFile');
    });

  it('but a branch whose name is no UTF-8 is none', function () {
    if (process.platform !== 'linux') return this.skip();
    mkdirSync(bytes('refs/heads/\xff'), { recursive: true });
    writeFileSync(bytes('refs/heads/\xff/x'), '');
    assert.equal(whyNotRead(repo), null);
  });

  const ways: Readonly<Record<string, (at: string) => string>> = {
    'in a line with another section': () => '[core] [include] path = a',
    'with an escape': () => '[include] path = a\\tb',
    'with an escape in quotes': () => '[include] path = "a\\tb"',
    'by a name that is no UTF-8': () => '[include] path = a\xff',
    "by another user's home": (at) => `[include] path = ~root/..${at}`,
    'from where git is installed': (at) => `[include] path = %(prefix)/../../..${at}`,
  };
  for (const [way, line] of Object.entries(ways))
    it(`that the configuration includes ${way}`, () => {
      for (const name of process.platform === 'linux' ? ['a', 'a\tb', 'a\xff'] : ['a', 'a\tb']) pipe(name);
      include(`${line(`${repo}/.git/a`)}\n`);
      assert.equal(whyNotRead(repo)?.code, 'repo.oddFile');
    });

  it("that its own rules are, by another user's home or a name that is no UTF-8", () => {
    for (const named of ['~root/../x', '%(prefix)/x', '/x/\ufffd'])
      assert.equal(unfollowedRules(parseConfig(`local\0core.excludesfile\n${named}\0`)), named);
    for (const named of ['~/x', 'x', '/x']) assert.equal(unfollowedRules(parseConfig(`local\0core.excludesfile\n${named}\0`)), undefined);
    assert.equal(unfollowedRules(parseConfig('global\0core.excludesfile\n~root/x\0')), undefined);
  });
});
