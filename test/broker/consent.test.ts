import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { consentFor, decisionFolder, decisionsIn, unreadableFolders, withConsent } from '../../src/broker/consent.ts';
import { coverageOf, repositoryPaths } from '../../src/broker/repository-paths.ts';
import { commonDirOf } from '../../src/economics/repository-record.ts';
import { privacyStep } from '../../src/setup/privacy-step.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';
import { type Answer, playContext, playUser } from '../setup/played-user.ts';

describe('consent', () => {
  let folder: string;
  const at = (...names: string[]) => path.join(folder, ...names);
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-consent-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('goes by the nearest folder, then by *, and takes nothing else for a yes', () => {
    const repositories = { '*': 'deny', '/w': 'allow', '/w/secret': 'deny', '/w/secret/open': 'ask', '/odd': true };
    const table: [string, string][] = [
      ['/w/app', 'granted'],
      ['/w', 'granted'],
      ['/wide', 'denied'],
      ['/w/secret/x', 'denied'],
      ['/w/secret/open/y', 'ask'],
      ['/odd/x', 'denied'],
      ['/elsewhere', 'denied'],
    ];
    for (const [context, consent] of table) assert.equal(consentFor(repositories, context), consent, context);
    assert.equal(consentFor({}, '/w'), 'ask');
    assert.deepEqual(withConsent({ '*': 'ask' }, '/w', 'allow'), { '*': 'ask', '/w': 'allow' });
  });

  it('takes a word as it is meant, and no word that nobody knows for leave: whoever wrote it has decided something', () => {
    for (const word of ['deny', 'Deny', ' DENY ', 'never', 'no', '', false, true, null, 0, {}, ['allow']])
      assert.equal(consentFor({ '*': 'allow', '/w': word }, '/w/app'), 'denied', JSON.stringify(word));
    assert.equal(consentFor({ '*': 'Ask' }, '/w'), 'ask');
    assert.equal(consentFor({ '*': 'ask', '/w': 'Allow' }, '/w'), 'granted');
    for (const all of ['deny', 'Deny', ['/w'], 7, true]) assert.equal(consentFor(decisionsIn(all), '/w'), 'denied', JSON.stringify(all));
    assert.equal(consentFor(decisionsIn('allow'), '/w'), 'granted');
    for (const none of [undefined, null, {}]) assert.equal(consentFor(decisionsIn(none), '/w'), 'ask');
  });

  it('finds the folder of a refusal however its name is written: with an accent of another form, in another case, with a blank behind it', () => {
    mkdirSync(at('B\u00fcro/Shop'), { recursive: true });
    for (const name of ['Bu\u0308ro/Shop', 'b\u00fcro/shop', 'B\u00fcro/Shop ', ' ', 'B\u00fcro/SHOP/', 'B\u00dcRO', 'Bu\u0308ro'])
      assert.equal(consentFor({ '*': 'allow', [at(name)]: 'deny' }, at('B\u00fcro/Shop')), 'denied', name);
    assert.equal(
      consentFor({ '*': 'allow', [at('bu\u0308ro')]: 'deny', [at('B\u00fcro/Shop')]: 'allow' }, at('B\u00fcro/Shop')),
      'granted',
    );
    const other = { '*': 'ask', [at('bu\u0308ro/shop ')]: 'deny', [at('bu\u0308ro')]: 'deny' };
    assert.deepEqual(
      Object.keys(withConsent(other, at('B\u00fcro/Shop'), 'allow')),
      ['*', at('bu\u0308ro'), at('B\u00fcro/Shop')],
      'a new word',
    );
    // Two folders are two, where the disk minds the case.
    mkdirSync(at('other'));
    mkdirSync(at('Other'), { recursive: true });
    if (readdirSync(at('.')).includes('other') && readdirSync(at('.')).includes('Other'))
      assert.equal(consentFor({ '*': 'allow', [at('other')]: 'deny' }, at('Other')), 'granted');
    for (const name of ['b\u00fcro/sho', 'B\u00fcro/Shop/gone'])
      assert.equal(consentFor({ '*': 'allow', [at(name)]: 'deny' }, at('B\u00fcro/Shop')), 'granted', name);
  });

  it('finds the folder of a refusal where it is mounted at a second place', function () {
    mkdirSync(at('real/shop'), { recursive: true });
    mkdirSync(at('again'));
    try {
      execFileSync('mount', ['--bind', at('real'), at('again')], { stdio: 'ignore' });
    } catch {
      return this.skip();
    }
    try {
      assert.equal(consentFor({ '*': 'allow', [at('real/shop')]: 'deny' }, at('again/shop')), 'denied');
      assert.equal(consentFor({ '*': 'allow', [at('again')]: 'deny' }, at('real/shop')), 'denied');
      assert.equal(consentFor({ '*': 'ask', [at('again')]: 'allow' }, at('real/shop')), 'ask');
    } finally {
      execFileSync('umount', [at('again')]);
    }
  });

  it('hears a no in other words, also by a pattern or a name that stands nowhere', () => {
    for (const word of [false, 'never', 'no', 'denied', ['deny'], { allow: false }])
      for (const name of ['/w/app', '/w/*pp', '/*/app', '$HOME/app', './app'])
        assert.equal(consentFor({ '*': 'allow', [name]: word }, '/w/app'), 'denied', `${name} ${JSON.stringify(word)}`);
    for (const word of [false, 'never', 'Denied ']) assert.equal(consentFor({ '*': 'allow', app: word }, '/w/app'), 'denied');
    assert.equal(consentFor({ '*': 'allow', deny: ['/w/app'] }, '/w/app'), 'denied');
    for (const name of ['/w/*pp', '$HOME/app']) assert.equal(consentFor({ '*': 'allow', [name]: 'allow' }, '/w/app'), 'granted', name);
    assert.equal(consentFor({ '*': 'allow', '/w/*pp': false }, '/w/other'), 'granted');
  });

  it('hears a no to several folders in one text, by a choice in braces, and by a class of letters', () => {
    const forms = [
      '/w/app,/x',
      '/x, /w/app',
      '/w/app;/x',
      '/x:/w/app',
      '/x /w/app',
      '/w/{x,app}',
      '/{w,x}/app',
      '/w/[a-c]pp',
      '~/x,~/../../w/app',
    ];
    for (const name of forms) {
      assert.equal(consentFor({ '*': 'allow', [name]: 'deny' }, '/w/app', '/home/ann'), 'denied', name);
      assert.equal(consentFor({ '*': 'allow', [name]: 'deny' }, '/w/other', '/home/ann'), 'granted', name);
      assert.equal(consentFor({ '*': 'ask', [name]: 'allow' }, '/w/app', '/home/ann'), 'ask', name);
    }
    for (const name of ['a,b', 'a{b,c}d', 'a[b]', 'a:b']) {
      makeRepository(at('names', name));
      assert.equal(consentFor({ '*': 'allow', [at('names', name)]: 'deny' }, at('names', name)), 'denied', name);
    }
    makeRepository(at('names/b'));
    assert.equal(consentFor({ '*': 'allow', [at('names/a,b')]: 'deny' }, at('names/b')), 'granted');
  });

  it('takes what stands for all in a folder for that folder, and names other patterns as none', () => {
    for (const name of ['/w/*', '/w/**', '/w/**/*', '/w/'])
      assert.equal(consentFor({ '*': 'allow', [name]: 'deny' }, '/w/app'), 'denied', name);
    const unread = { '*': 'allow', '/w/*': 'deny', '/w/c*': 'allow', '/a/?/b': 'ask', '~/x/**': 'deny', '/w/d*': 'deny' };
    assert.deepEqual(
      unreadableFolders(unread).map(({ name, refuses }) => [name, refuses]),
      [
        ['/w/c*', false],
        ['/a/?/b', false],
      ],
    );
    mkdirSync(at('od*d'));
    assert.equal(consentFor({ '*': 'allow', [at('od*d')]: 'deny' }, at('od*d')), 'denied');
    assert.deepEqual(unreadableFolders({ [at('od*d')]: 'deny' }), []);
  });

  it('counts under whatever name a folder is opened', () => {
    mkdirSync(at('real/app'), { recursive: true });
    symlinkSync(at('real'), at('link'));
    for (const named of ['real', 'real/app', 'link', 'link/app']) {
      for (const asked of ['real/app', 'link/app']) {
        assert.equal(consentFor({ '*': 'allow', [at(named)]: 'deny' }, at(asked)), 'denied', `${named} for ${asked}`);
      }
    }
    assert.equal(consentFor({ '*': 'allow', [at('link/app')]: 'allow', [at('real/app')]: 'deny' }, at('real/app')), 'denied');
    assert.equal(
      consentFor({ '*': 'allow', [at('link/gone')]: 'deny' }, at('real/gone/deep')),
      'denied',
      'of folders that are not there yet',
    );
  });

  it('knows ~, and names entries that stand for no folder', () => {
    assert.equal(consentFor({ '*': 'allow', '~/secret': 'deny' }, '/home/ann/secret/app', '/home/ann'), 'denied');
    assert.equal(consentFor({ '*': 'allow', '~': 'deny' }, '/home/ann/secret', '/home/ann'), 'denied');
    assert.deepEqual(unreadableFolders({ '*': 'allow', '~/a': 'deny', '/b': 'deny', 'c/d': 'deny', '~bob/x': 'allow' }), [
      { name: 'c/d', refuses: true },
      { name: '~bob/x', refuses: false },
    ]);
  });

  it('is none where a part of the repository is refused, whose code would go along', () => {
    makeRepository(at('lib'));
    makeRepository(at('shop'));
    const inShop = (...words: string[]) => gitIn(at('shop'), '-c', 'protocol.file.allow=always', ...words);
    inShop('submodule', '--quiet', 'add', at('lib'), 'vendor/lib');
    inShop('commit', '-q', '-m', 'Library');
    makeRepository(at('shop/cloned'));
    for (const name of ['own', 'linked']) makeRepository(at('shop', name));
    inShop('submodule', '--quiet', 'add', './own', 'own');
    inShop('add', 'linked');
    inShop('update-index', '--index-version', '3');
    inShop('worktree', 'add', '-q', '-b', 'side', at('shop/side'));
    inShop('worktree', 'add', '-q', '-b', 'other', at('other'));
    const of = (part: string, place: string) => consentFor({ '*': 'allow', [at('shop')]: 'allow', [at(part)]: 'deny' }, at(place));
    for (const place of ['shop', 'shop/src', 'other', 'shop/vendor/lib'])
      assert.equal(of('shop/vendor/lib', place), 'denied', `the submodule, from ${place}`);
    for (const place of ['shop', 'other']) assert.equal(of('shop/src', place), 'denied', `a folder, from ${place}`);
    for (const part of ['shop/own', 'shop/linked', 'shop/own/src']) assert.equal(of(part, 'shop'), 'denied', part);
    for (const part of ['shop/cloned', 'shop/side', 'shop/not-there', 'lib']) assert.equal(of(part, 'shop'), 'granted', part);
    assert.equal(of('shop/side', 'shop/side'), 'denied');
    assert.equal(of('shop/vendor/lib', 'shop/cloned'), 'granted');
    for (const words of [['--index-version', '4'], ['--split-index']]) {
      inShop('update-index', ...words);
      assert.equal(of('shop/cloned', 'shop'), 'denied', 'an index that is not looked through may name it');
      inShop('update-index', '--index-version', '2', '--no-split-index');
      assert.equal(of('shop/cloned', 'shop'), 'granted');
    }
    // Nor is one that is nothing but what is looked for, which would take seconds.
    const index = readFileSync(at('shop/.git/index'));
    for (const text of ['link', 'cloned\0']) {
      writeFileSync(at('shop/.git/index'), Buffer.concat([index.subarray(0, 12), Buffer.alloc(2 ** 20, text)]));
      assert.equal(of('shop/cloned', 'shop'), 'denied', text);
    }
  });

  it('is refused by what a pattern matches, and by a refusal that stands for no folder, which was meant for one', () => {
    const of = (name: string, at = '/w/shop-secret/src') =>
      consentFor({ '*': 'allow', '/w/shop-secret': 'allow', [name]: 'deny' }, at, '/w');
    for (const name of ['/w/*-secret', '/w/**/src', '/*/shop-secret', '/w/shop-secre?', '~/*-secret', '/w/**/*secret*'])
      assert.equal(of(name), 'denied', name);
    for (const name of ['$HOME/secret', 'work/secret', '~ann/work', './secret', '**/secret', 'file:///w/secret', '${workspaceFolder}'])
      assert.equal(of(name), 'denied', name);
    // Decided in the same VS Code, for a machine of Windows.
    for (const name of ['/w/*-open', '/v/*-secret', '/w/shop-secret/*/deeper', 'C:\\work\\secret', '\\\\server\\share', '~\\secret'])
      assert.equal(of(name), 'granted', name);
    assert.equal(consentFor({ '*': 'allow', 'work/open': 'allow', note: 'mine' }, '/w/shop'), 'granted');
    assert.equal(consentFor({ '*': 'allow', [at('link/a*')]: 'deny' }, at('link/app')), 'denied');
    mkdirSync(at('real/app'), { recursive: true });
    symlinkSync(at('real'), at('link'));
    assert.equal(consentFor({ '*': 'allow', [at('link/a*')]: 'deny' }, at('real/app')), 'denied');
  });

  it('is one for all working trees of a repository; the strictest word counts', () => {
    makeRepository(at('main'));
    gitIn(at('main'), 'worktree', 'add', '-q', '-b', 'side', at('side'));
    const of = (repositories: object) => consentFor({ '*': 'ask', ...repositories }, at('side', 'src'));
    assert.equal(of({ [at('main')]: 'deny' }), 'denied');
    assert.equal(of({ [at('main')]: 'allow' }), 'granted');
    assert.equal(of({ [at('main')]: 'deny', [at('side')]: 'allow' }), 'denied');
    assert.equal(of({ [at('main')]: 'allow', [at('side')]: 'deny' }), 'denied');
    assert.equal(of({ [at('main')]: 'allow', [at('side')]: 'ask' }), 'ask');
    assert.equal(of({}), 'ask');
    assert.equal(of({ '*': 'deny', [at('side')]: 'allow' }), 'denied', 'the repository itself is not allowed');
    assert.equal(decisionFolder(at('side', 'src')), at('main'));
    const decided = withConsent({ '*': 'ask', [at('side')]: 'deny' }, at('side'), 'allow');
    assert.deepEqual(decided, { '*': 'ask', [at('main')]: 'allow' });
    assert.equal(of(decided), 'granted');
  });

  it('is that of its repository for a linked worktree, wherever that has its git dir: of a submodule, a bare one, one with a git dir elsewhere', () => {
    makeRepository(at('lib'));
    makeRepository(at('super'));
    gitIn(at('super'), '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', at('lib'), 'sub');
    gitIn(at('super'), 'commit', '-qm', 'Add');
    gitIn(at('super/sub'), 'worktree', 'add', '-q', '-b', 'side', at('of-sub'));
    mkdirSync(at('app'));
    mkdirSync(at('gits'));
    gitIn(at('app'), 'init', '-q', '--separate-git-dir', at('gits/app'));
    gitIn(at('app'), 'fetch', '-q', at('lib'), 'HEAD');
    gitIn(at('app'), 'reset', '-q', '--hard', 'FETCH_HEAD');
    gitIn(at('app'), 'worktree', 'add', '-q', '-b', 'side', at('of-app'));
    gitIn(at('.'), 'clone', '-q', '--bare', at('lib'), at('bare.git'));
    for (const name of ['one', 'two']) gitIn(at('bare.git'), 'worktree', 'add', '-q', '-b', name, at(name));
    const of = (refused: string, place: string) => consentFor({ '*': 'allow', [at(refused)]: 'deny' }, at(place));
    for (const [refused, place] of [
      ...[['super/sub', 'of-sub'] as const, ['super', 'of-sub'] as const, ['app', 'of-app'] as const, ['gits', 'of-app'] as const],
      ...[['bare.git', 'one'] as const, ['one', 'one'] as const],
    ])
      assert.equal(of(refused, place), 'denied', `${refused} for ${place}`);
    for (const [refused, place] of [
      ['lib', 'of-sub'],
      ['one', 'two'],
      ['of-app', 'app'],
      ['super', 'of-app'],
    ] as const)
      assert.equal(of(refused, place), 'granted', `${refused} for ${place}`);
    assert.equal(decisionFolder(at('of-sub')), at('super/sub'));
    for (const [folder, place] of [
      ['super/sub', 'of-sub'],
      ['super', 'of-sub'],
      ['app', 'of-app'],
    ] as const)
      assert.equal(coverageOf([at(folder)], repositoryPaths(at(place)))?.folder, at(folder), `a window on ${folder} for ${place}`);
    assert.equal(coverageOf([at('lib'), at('one')], repositoryPaths(at('two'))), null);
    // A folder cannot claim to be a worktree, nor a git dir to have one.
    mkdirSync(at('claims'));
    writeFileSync(at('claims/.git'), `gitdir: ${at('super/.git/modules/sub/worktrees/of-sub')}\n`);
    assert.equal(of('super/sub', 'claims'), 'granted');
    gitIn(at('gits/app'), 'config', 'core.worktree', at('lib'));
    assert.equal(of('lib', 'of-app'), 'granted');
  });

  it('follows the pointer of a worktree as git does: up from where a link leads, and not from the link', () => {
    for (const name of ['main', 'decoy/main']) makeRepository(at(name));
    gitIn(at('main'), 'worktree', 'add', '-q', '-b', 'side', at('decoy', 'side'));
    mkdirSync(at('below'));
    symlinkSync(at('below'), at('decoy', 'link'));
    // By its letters it names what lies beside, which agrees.
    writeFileSync(at('decoy', 'side', '.git'), 'gitdir: ../link/../main/.git/worktrees/side\n');
    mkdirSync(at('decoy', 'main', '.git', 'worktrees', 'side'), { recursive: true });
    writeFileSync(at('decoy', 'main', '.git', 'worktrees', 'side', 'gitdir'), `${at('decoy', 'side', '.git')}\n`);
    assert.equal(gitIn(at('decoy', 'side'), 'rev-parse', '--git-common-dir'), at('main', '.git'));
    assert.equal(consentFor({ '*': 'ask', [at('decoy')]: 'allow', [at('main')]: 'deny' }, at('decoy', 'side')), 'denied');
  });

  it('is a yes to a repository, and to no other one that lies in it; a no counts for all that does', () => {
    for (const name of ['home', 'home/work/shop', 'home/bare']) makeRepository(at(name));
    mkdirSync(at('home/notes/src'), { recursive: true });
    gitIn(at('home'), 'worktree', 'add', '-q', '-b', 'side', at('home/side'));
    gitIn(at('home'), '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', at('home/bare'), 'part');
    const of = (word: string, name: string) => consentFor({ '*': 'ask', [at('home')]: word }, at(name));
    for (const name of ['home', 'home/notes/src', 'home/side', 'home/side/src', 'home/part'])
      assert.equal(of('allow', name), 'granted', name);
    for (const name of ['home/work/shop', 'home/work/shop/src']) assert.equal(of('allow', name), 'ask', name);
    for (const name of ['home', 'home/notes', 'home/work/shop', 'home/side', 'home/part']) assert.equal(of('deny', name), 'denied', name);
    assert.equal(
      consentFor({ [at('home/work')]: 'allow' }, at('home/work/shop')),
      'granted',
      'a folder that is no repository stands for all in it',
    );
    assert.equal(consentFor({ [folder]: 'allow', [at('home')]: 'allow' }, at('home/work/shop')), 'granted');
  });

  it('is kept for the whole repository that a folder lies in, by its real name', () => {
    makeRepository(at('main'));
    symlinkSync(at('main'), at('link'));
    assert.equal(decisionFolder(at('link', 'src')), at('main'));
    assert.equal(decisionFolder('/nonexistent/folder'), '/nonexistent/folder');
    assert.deepEqual(withConsent({ [at('link')]: 'deny' }, at('main'), 'allow'), { [at('main')]: 'allow' });
  });

  it('waits for nothing that a folder lays where its pointer leads: pipes, links to devices', function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(10_000);
    execFileSync('mkfifo', [at('pipe')]);
    for (const [name, target] of Object.entries({ pipe: at('pipe'), device: '/dev/zero' })) {
      const root = at(`laid-${name}`);
      mkdirSync(path.join(root, 'own', 'git'), { recursive: true });
      writeFileSync(path.join(root, '.git'), 'gitdir: own/git\n');
      for (const file of ['gitdir', 'commondir']) symlinkSync(target, path.join(root, 'own', 'git', file));
      assert.equal(decisionFolder(root), root);
      assert.equal(consentFor({ [root]: 'deny' }, root), 'denied');
      assert.equal(commonDirOf(root), path.join(root, 'own', 'git'));
    }
  });

  it('asked in the set-up is found again by a server that asks with the real path', async () => {
    makeRepository(at('main'));
    symlinkSync(at('main'), at('link'));
    const answers: Answer[] = [[/may be sent/, 'Never for']];
    const context = playContext(playUser(answers), { folders: [at('link')] });
    await privacyStep(context);
    assert.equal(consentFor(context.stored.repositories as Record<string, unknown>, at('main')), 'denied');
    context.remove();
  });
});
