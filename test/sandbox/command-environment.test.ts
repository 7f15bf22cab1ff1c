import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandEnvironment, watchesWithoutTerminal } from '../../src/sandbox/command-environment.ts';

describe('the environment of a command', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'environment-')));
  const repo = join(home, 'repo');
  mkdirSync(join(repo, 'deep/er'), { recursive: true });
  mkdirSync(join(repo, 'bin'));
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'repo-tools'));
  symlinkSync(join(repo, 'deep/er'), join(home, 'link'));

  const environment = (source: Record<string, string>, watches = false) =>
    commandEnvironment(source, { shownTemp: '/tmp', shownHome: '/home/ann', untrusted: [repo], proxyPort: null, watches });
  const path = (...folders: string[]) => environment({ PATH: folders.join(':') })['PATH']!.split(':');

  it('takes the folders of PATH that exist and lie outside of the repository', () => {
    const found = path(join(home, 'bin'), join(home, 'repo-tools'), repo, join(repo, 'bin'), join(home, 'none'), 'relative', '.', '');
    assert.deepEqual(found.slice(0, 3), [join(home, 'bin'), join(home, 'repo-tools'), '/usr/local/bin']);
  });

  it('passes on just the folder that it looked at, so that no `..` leads into the repository', () => {
    assert.ok(!path(`${home}/bin/../repo/bin`).some((folder) => folder.includes('repo')));
    // By its links this is repo/bin; what is passed on is not, whoever reads it.
    assert.equal(path(`${home}/link/../../bin`)[0], '/usr/local/bin');
    assert.equal(path(`${home}/repo/../bin`)[0], join(home, 'bin'));
  });

  it('names the toolchains of the home, below which HOME itself does not lie', () => {
    mkdirSync(join(home, '.nvm'));
    mkdirSync(join(home, '.local/share/uv/python'), { recursive: true });
    const found = environment({ HOME: home });
    assert.equal(found['NVM_DIR'], join(home, '.nvm'));
    assert.equal(found['UV_PYTHON_INSTALL_DIR'], join(home, '.local/share/uv/python'));
    assert.equal(found['RUSTUP_HOME'], undefined);
    assert.equal(found['HOME'], '/home/ann');
    assert.equal(environment({ HOME: home, NVM_DIR: join(home, 'bin') })['NVM_DIR'], join(home, 'bin'));
  });

  it('passes on a toolchain folder by the same rule', () => {
    assert.equal(environment({ JAVA_HOME: join(home, 'repo-tools') })['JAVA_HOME'], join(home, 'repo-tools'));
    assert.equal(environment({ JAVA_HOME: `${home}/bin/../repo/bin` })['JAVA_HOME'], undefined);
    assert.equal(environment({ JAVA_HOME: '' })['JAVA_HOME'], undefined);
  });

  it('lets tools of packages look at once into what is there, while there is no network', () => {
    const online = commandEnvironment({}, { shownTemp: '/tmp', shownHome: '/home/ann', untrusted: [repo], proxyPort: 1, watches: false });
    for (const name of ['UV_OFFLINE', 'CARGO_NET_OFFLINE', 'npm_config_fetch_retries', 'PIP_RETRIES']) {
      assert.ok(environment({})[name], name);
      assert.equal(online[name], undefined, name);
    }
  });

  it('has the locale of the user, whole, and none where there is none', () => {
    const locale = { LANG: 'de_DE.UTF-8', LANGUAGE: 'de', LC_TIME: 'C', LC_COLLATE: 'POSIX' };
    const found = (source: Record<string, string>) =>
      Object.fromEntries(Object.entries(environment(source)).filter(([name]) => /^(LANG|LC_)/.test(name)));
    assert.deepEqual(found(locale), locale);
    assert.deepEqual(found({}), {});
  });

  it("has the user's terminal and shell where they are of the system, and a plain terminal elsewhere", () => {
    const found = (source: Record<string, string>) => {
      const { TERM, COLORTERM, SHELL } = environment(source);
      return [TERM, COLORTERM, SHELL];
    };
    const own = { TERM: 'xterm-256color', COLORTERM: 'truecolor', SHELL: '/bin/sh' };
    assert.deepEqual(found(own), ['xterm-256color', 'truecolor', '/bin/sh']);
    assert.deepEqual(found({}), ['dumb', undefined, undefined]);
    for (const TERM of ['xterm-nowhere', '../x/xterm', '.', 'x\ny', ''])
      assert.deepEqual(found({ ...own, TERM }), ['dumb', undefined, '/bin/sh']);
    for (const SHELL of [join(home, 'bin/sh'), '/bin/none', '/usr/bin/../../tmp/sh', 'sh', '/bin/sh -x'])
      assert.equal(found({ ...own, SHELL })[2], undefined, SHELL);
    assert.equal(found({ ...own, COLORTERM: 'a b' })[1], undefined);
  });

  it('sets nothing that tests look at, but CI where they would watch for ever without it', () => {
    const found = environment({ PATH: '/usr/bin', CI: 'true', NO_COLOR: '1', FORCE_COLOR: '3' });
    for (const name of ['CI', 'NO_COLOR', 'FORCE_COLOR', 'CLICOLOR', 'CONTINUOUS_INTEGRATION']) assert.equal(found[name], undefined, name);
    assert.equal(environment({}, true)['CI'], 'true');
    const scripts = (test: string) => {
      writeFileSync(join(repo, 'package.json'), JSON.stringify({ scripts: { test } }));
      return watchesWithoutTerminal(repo);
    };
    for (const test of ['react-scripts test', 'cross-env A=b react-scripts test --env=jsdom', 'craco test'])
      assert.equal(scripts(test), true, test);
    assert.equal(scripts('vitest'), false);
    rmSync(join(repo, 'package.json'));
    symlinkSync('/dev/zero', join(repo, 'package.json'));
    assert.equal(watchesWithoutTerminal(repo), false);
  });
});
