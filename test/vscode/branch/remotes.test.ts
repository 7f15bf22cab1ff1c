import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  isPlanStill,
  planPush,
  pushAddresses,
  pushedBesides,
  pushedRef,
  readRemotes,
  shownUrl,
} from '../../../src/vscode/branch/remotes.ts';

describe('the remotes of a repository', () => {
  let repo: string;
  beforeEach(() => {
    repo = mkdtempSync(path.join(tmpdir(), 'ckm-remotes-'));
    execFileSync('git', ['init', '-q', repo]);
  });
  afterEach(() => rmSync(repo, { recursive: true, force: true }));
  const configured = (text: string) => appendFileSync(path.join(repo, '.git', 'config'), text);

  it('are pushed to where git says, which may be another place than their address', async () => {
    configured('[remote "origin"]\n\turl = https://example.org/shop.git\n\tpushurl = https://other.example/shop.git\n\tpushurl = b:shop\n');
    configured('[remote "plain"]\n\turl = https://example.org/plain.git\n');
    configured('[remote "short"]\n\turl = gh:shop\n[url "https://elsewhere.example/"]\n\tpushInsteadOf = gh:\n');
    const remotes = await readRemotes(repo);
    assert.deepEqual(
      remotes.map(({ name, url }) => [name, url]),
      [
        ['origin', 'https://example.org/shop.git'],
        ['plain', 'https://example.org/plain.git'],
        ['short', 'gh:shop'],
      ],
    );
    assert.deepEqual(await Promise.all(remotes.map((remote) => pushAddresses(repo, remote))), [
      ['https://other.example/shop.git', 'b:shop'],
      ['https://example.org/plain.git'],
      ['https://elsewhere.example/shop'],
    ]);
  });

  it('are pushed to only where the user has agreed to it: not where the address changed meanwhile, or the remote is gone', async () => {
    configured('[remote "origin"]\n\turl = https://example.org/shop.git\n');
    const [remote] = await readRemotes(repo);
    const agreed = await planPush(repo, remote!);
    assert.equal(await isPlanStill(repo, remote!, agreed), true);
    const git = (...words: string[]) => execFileSync('git', words, { cwd: repo });
    for (const [change, back] of [
      [
        ['config', 'push.pushOption', 'merge_request.create'],
        ['config', '--unset', 'push.pushOption'],
      ],
      [
        ['config', 'remote.origin.pushurl', 'https://other.example/shop.git'],
        ['config', '--unset', 'remote.origin.pushurl'],
      ],
      [
        ['config', 'url.https://other.example/.pushInsteadOf', 'https://example.org/'],
        ['config', '--unset', 'url.https://other.example/.pushInsteadOf'],
      ],
      [
        ['remote', 'set-url', 'origin', 'https://other.example/shop.git'],
        ['remote', 'set-url', 'origin', 'https://example.org/shop.git'],
      ],
      [
        ['remote', 'rename', 'origin', 'upstream'],
        ['remote', 'rename', 'upstream', 'origin'],
      ],
    ] as const) {
      git(...change);
      assert.equal(await isPlanStill(repo, remote!, agreed), false, change.join(' '));
      git(...back);
      assert.equal(await isPlanStill(repo, remote!, agreed), true, back.join(' '));
    }
  });

  it('tell what a push does besides, by a configuration that may be the repository’s', async () => {
    configured('[push]\n\tfollowTags\n\tpushOption = merge_request.create\n\tpushOption = a=b, c\n\trecurseSubmodules = on-demand\n');
    assert.deepEqual(await pushedBesides(repo), [
      'push.followtags=true',
      'push.pushoption=merge_request.create',
      'push.pushoption=a=b, c',
      'push.recursesubmodules=on-demand',
    ]);
    execFileSync('git', ['config', '--remove-section', 'push'], { cwd: repo });
    configured('[push]\n\tfollowTags = no\n\trecurseSubmodules = check\n[submodule]\n\trecurse = true\n');
    assert.deepEqual(await pushedBesides(repo), ['submodule.recurse=true']);
  });

  it('get a branch under its own name, whatever the configuration makes of it and whatever else is called so', () => {
    const git = (...words: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], {
        cwd: repo,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    const bare = path.join(repo, 'remote.git');
    git('init', '-q', '--bare', bare);
    git('commit', '-q', '--allow-empty', '-m', 'Begin');
    git('branch', 'kimi/x');
    git('tag', 'kimi/x');
    const hostile = '[push]\n\tdefault = upstream\n[branch "kimi/x"]\n\tremote = origin\n\tmerge = refs/heads/release\n';
    configured(`[remote "origin"]\n\turl = ${bare}\n\tpush = +refs/heads/kimi/x:refs/heads/main\n${hostile}`);
    git('push', '-q', '-u', 'origin', pushedRef('kimi/x'));
    assert.equal(git('-C', bare, 'for-each-ref', '--format=%(refname)').trim(), 'refs/heads/kimi/x');
  });

  it('are none where git would take the name for an option', async () => {
    configured('[remote "--receive-pack=touch pwned"]\n\turl = https://example.org/shop.git\n');
    assert.deepEqual(await readRemotes(repo), []);
  });

  it('are shown without the password in their address', () => {
    assert.equal(shownUrl('https://ann:secret@example.org/shop.git'), 'https://example.org/shop.git');
  });
});
