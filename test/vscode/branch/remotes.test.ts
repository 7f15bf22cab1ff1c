import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pushAddresses, readRemotes, shownUrl } from '../../../src/vscode/branch/remotes.ts';

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

  it('are none where git would take the name for an option', async () => {
    configured('[remote "--receive-pack=touch pwned"]\n\turl = https://example.org/shop.git\n');
    assert.deepEqual(await readRemotes(repo), []);
  });

  it('are shown without the password in their address', () => {
    assert.equal(shownUrl('https://ann:secret@example.org/shop.git'), 'https://example.org/shop.git');
  });
});
