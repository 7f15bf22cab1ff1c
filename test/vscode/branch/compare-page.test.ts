import assert from 'node:assert/strict';
import { comparePage, repositoryPage } from '../../../src/vscode/branch/compare-page.ts';

describe('the page on which a pull request is begun', () => {
  for (const [remote, page] of [
    ['https://github.com/acme/shop.git', 'https://github.com/acme/shop/compare/fix/a%23b?expand=1'],
    ['git@github.com:acme/shop.git', 'https://github.com/acme/shop/compare/fix/a%23b?expand=1'],
    ['ssh://git@github.acme.com:22/acme/shop', 'https://github.acme.com/acme/shop/compare/fix/a%23b?expand=1'],
    [
      'https://token:secret@gitlab.com/acme/sub/shop.git',
      'https://gitlab.com/acme/sub/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=fix%2Fa%23b',
    ],
    ['git@bitbucket.org:acme/shop.git', 'https://bitbucket.org/acme/shop/pull-requests/new?source=fix%2Fa%23b'],
    ['https://gitee.com/acme/shop.git', 'https://gitee.com/acme/shop/pulls/new?source_branch=fix%2Fa%23b'],
    ['git@ssh.dev.azure.com:v3/acme/web/shop', 'https://dev.azure.com/acme/web/_git/shop/pullrequestcreate?sourceRef=fix%2Fa%23b'],
    [
      'https://acme@dev.azure.com/acme/web%20two/_git/shop',
      'https://dev.azure.com/acme/web%20two/_git/shop/pullrequestcreate?sourceRef=fix%2Fa%23b',
    ],
    ['https://git.example.com/acme/shop.git', null],
    ['/srv/git/shop.git', null],
    ['C:\\git\\shop', null],
    ['../shop.git', null],
    ['file:///srv/git/shop.git', null],
  ] as const)
    it(`of ${remote}`, () => assert.equal(comparePage(remote, 'fix/a#b'), page));

  it('never leads to a host with a password in it', () => {
    assert.deepEqual(repositoryPage('https://token:secret@github.com/acme/shop'), {
      host: 'github.com',
      page: 'https://github.com/acme/shop',
    });
  });
});
