/** Passwords that lie in what is lent, each where its tool puts it, and folders that links or variables of the user's lead to: nothing is read. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findActive } from '../../src/sandbox/find-environment.ts';
import { findCaches, findInstalled } from '../../src/sandbox/find-lent.ts';
import { findLinked } from '../../src/sandbox/find-linked.ts';
import type { SandboxSpec } from '../../src/sandbox/types.ts';
import { removeTree } from '../../src/workspace/remove-tree.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';

const SECRET = 's3cret-of-ann';
const GIT = `[remote "origin"]\n\turl = https://ann:${SECRET}@git.example.org/a.git\n`;
const FETCHED = `0123456789 branch 'main' of https://ann:${SECRET}@git.example.org/a\n`;
const PIP = `[global]\nindex-url = https://ann:${SECRET}@pypi.example.org/simple\n`;
const EXPORTED = `export AWS_SECRET_ACCESS_KEY=${SECRET}\n`;
/** As GitHub, GitLab and Gemfury write it: a token in the place of the user. */
const TOKEN_ALONE = `[remote "origin"]\n\turl = https://${SECRET}-0123456789@git.example.org/a.git\n`;
const HEADER = `[http]\n\textraheader = AUTHORIZATION: basic ${SECRET}\n`;
const MAVEN = `<settings><servers><server><id>corp</id><password>${SECRET}</password></server></servers></settings>\n`;
const INSTALLED_FROM = `{"url": "https://ann:${SECRET}@git.example.org/a.git", "vcs_info": {"vcs": "git"}}\n`;
/** What tox passes on to its environments, by its own log. */
const TOX = `name: py3\nrun_id: commands[0]\nenv DATABASE: ${SECRET}\nenv PIP_INDEX_URL: https://ann:${SECRET}@pypi.example.org/simple\ncwd: /a\n`;
/** Answers as npm and pip keep them where a server says `Vary: Authorization`. */
const NPM_ANSWER = `\n0a\t{"key":"a","metadata":{"url":"https://npm.example.org/a","reqHeaders":{"authorization":"Bearer ${SECRET}"},"resHeaders":{}}}`;
const PIP_ANSWER = `cc=4,\x82\xa8response\x83\xa4body\xc4\0\xa4vary\x81\xadAuthorization\xd9\x20Basic ${SECRET}`;
/** What was installed by its own address, as npm, Yarn and pnpm note it. */
const BY_ADDRESS = `{"a": {"resolved": "https://ann:${SECRET}@npm.example.org/a/-/a-1.0.0.tgz"}}\n`;
const NPMRC = `//npm.example.org/:_authToken=${SECRET}\n`;

const IN_HOME: Readonly<Record<string, string>> = {
  '.cache/deno/deno_history.txt': `const token = "${SECRET}"\n`,
  '.cache/deno/location_data/0a/local_storage': `\0${SECRET}`,
  '.cache/uv/git-v0/db/0a/config': GIT,
  '.cache/uv/git-v0/db/0a/FETCH_HEAD': FETCHED,
  '.cache/uv/git-v0/checkouts/0a/1b/.git/config': GIT,
  '.cache/pypoetry/virtualenvs/app-py3/bin/activate': EXPORTED,
  '.cache/pypoetry/virtualenvs/app-py3/pip.conf': PIP,
  '.virtualenvs/postactivate': EXPORTED,
  '.virtualenvs/app/bin/postactivate': EXPORTED,
  '.virtualenvs/app/src/lib/.git/config': GIT,
  '.local/share/virtualenvs/app/bin/preactivate': EXPORTED,
  '.local/share/virtualenvs/app/etc/npmrc': NPMRC,
  '.cache/pre-commit/repo0a/.git/config': GIT,
  '.cache/pre-commit/repo0a/.git/FETCH_HEAD': FETCHED,
  'go/pkg/mod/cache/vcs/0a/config': GIT,
  '.npm/_cacache/index-v5/0a/1b/2c': NPM_ANSWER,
  '.cache/pip/http-v2/0/a/0a': PIP_ANSWER,
  '.cache/pip/http/0/a/0a': PIP_ANSWER,
  '.cache/uv/simple-v16/index/0a/a.rkyv': `\0authorizationBasic ${SECRET}\0`,
  '.cache/uv/sdists-v9/index/0a/a/1.0/revision.http': `\0authorizationBasic ${SECRET}\0`,
  '.cache/pypoetry/cache/repositories/corp/_http/0/a/0a': PIP_ANSWER,
  '.cargo/git/db/a-1/FETCH_HEAD': FETCHED,
  '.cargo/git/checkouts/a-1/0a/.git/config': GIT,
  '.gradle/init.d/corp.gradle': `credentials { password = "${SECRET}" }\n`,
  '.gradle/init.d/groovy.gradle': `credentials { password '${SECRET}' }\n`,
  '.gradle/caches/8.5/scripts/0a/init/init0b/classes/Init.class': `\0\x07${SECRET}\0`,
  '.gradle/wrapper/dists/gradle-8-bin/0a/gradle-8/init.d/corp.gradle': `credentials { password = "${SECRET}" }\n`,
  '.gradle/wrapper/dists/gradle-8-bin/0a/gradle-8/gradle.properties': `corpPassword=${SECRET}\n`,
  '.cache/composer/vcs/a/config': GIT,
  '.gem/ruby/3.3.0/bundler/gems/a-1/.git/config': GIT,
  '.gem/ruby/3.3.0/cache/bundler/git/a-1/config': GIT,
  '.local/share/gem/credentials': `:rubygems_api_key: ${SECRET}\n`,
  '.local/share/gem/ruby/3.3.0/bundler/gems/a-1/.git/FETCH_HEAD': FETCHED,
  '.bundle/cache/git/a-1/config': GIT,
  '.bundle/ruby/3.3.0/bundler/gems/a-1/.git/config': GIT,
  '.pub-cache/git/cache/a-1/config': GIT,
  '.pub-cache/git/a-1/.git/config': GIT,
  '.gitlibs/_repos/https/git.example.org/ann/a/config': GIT,
  '.gitlibs/libs/ann/a/0a/.git/config': GIT,
  '.cache/CPM/a/0a/.git/config': GIT,
  '.ccache/ccache.conf': `remote_storage = http://ann:${SECRET}@cache.example.org\n`,
  '.cache/org.swift.swiftpm/repositories/a-1/config': GIT,
  '.julia/registries/Corp/.git/config': GIT,
  '.cache/pre-commit/db.db': `SQLite format 3\0repos https://ann:${SECRET}@git.example.org/hooks v1`,
  '.cache/pypoetry/virtualenvs/app-py3/lib/python3.13/site-packages/a-1.dist-info/direct_url.json': INSTALLED_FROM,
  '.cache/composer/vcs/token/config': TOKEN_ALONE,
  '.cargo/registry/index/corp-0a/.git/config': TOKEN_ALONE,
  '.cargo/registry/index/corp-0a/.git/FETCH_HEAD': FETCHED,
  '.gradle/init.d/gitlab.gradle': `credentials(HttpHeaderCredentials) { name = 'Private-Token'; value = '${SECRET}' }\n`,
  '.local/share/virtualenvs/app/bin/activate.fish': `set -gx API_TOKEN ${SECRET}\n`,
  '.m2/wrapper/dists/apache-maven-3.9-bin/0a/apache-maven-3.9/conf/settings.xml': MAVEN,
  '.m2/wrapper/dists/apache-maven-3.9/0a/conf/settings.xml': MAVEN.replace('password', 'value').replace('corp', 'Private-Token'),
  '.local/bin/deploy': `#!/bin/sh\ncurl -H "Authorization: Bearer ${SECRET}" https://corp.example.org\n`,
  '.local/bin/release': `#!/bin/bash\nexport API_TOKEN=${SECRET}\n`,
  '.local/bin/.env': `API_TOKEN=${SECRET}\n`,
  '.local/bin/deploy.d/hosts.txt': `prod: password=${SECRET}-1\n`,
  '.local/bin/secrets.yml': `db: ${SECRET}\n`,
  '.local/bin/nightly': `#!/bin/sh\nmysqldump -u root -p${SECRET} crm\n`,
  '.local/bin/plan.md': SECRET,
  '.local/bin/.deploy/state': SECRET,
  '.local/lib/backup/config.json': SECRET,
  '.cache/puppeteer/profile/Cookies': SECRET,
  '.npm/_npx/0a/package.json': `{"dependencies": {"a": "https://ann:${SECRET}@npm.example.org/a/-/a-1.0.0.tgz"}}\n`,
  '.npm/_npx/0a/package-lock.json': BY_ADDRESS,
  '.npm/_npx/0a/node_modules/.package-lock.json': BY_ADDRESS,
  [`.local/share/pnpm/store/v3/https+++ann+${SECRET}@npm.example.org+a+-+a-1.0.0.tgz_0a/integrity.json`]: SECRET,
  // What a tool keeps of the user's work, its log, and what stands in clones and descriptions that it makes on the way
  '.cache/pre-commit/patch1700000000-12': `diff --git a/plan.txt b/plan.txt\n+${SECRET}\n`,
  '.cache/pre-commit/pre-commit.log': `fatal: Authentication failed for https://ann:${SECRET}@git.example.org\n`,
  '.cache/CPM/a/0a/a/.git/config': GIT,
  [`.cache/coursier/v1/https/ann:${SECRET}@repo.example.org/a.pom`]: SECRET,
  [`.local/share/NuGet/v3-cache/0a$ps:_ann_${SECRET}@nuget.example.org_v3/list.dat`]: SECRET,
  '.cache/pnpm/dlx/0a/pkg/node_modules/.modules.yaml': `registries:\n  default: https://ann:${SECRET}@npm.example.org/\n`,
  '.cache/pnpm/dlx/0a/pkg/pnpm-lock.yaml': BY_ADDRESS,
  'R/x86_64-library/4.4/a/DESCRIPTION': `Package: a\nRemoteUrl: https://oauth2:${SECRET}@git.example.org/a.git\n`,
  '.cache/R/renv/cache/v5/R-4.4/x86_64/a/1.0/0a/a/DESCRIPTION': `RemoteUrl: https://oauth2:${SECRET}@git.example.org/a.git\n`,
  // Installations: of a version manager, and of conda where it is active
  '.rbenv/versions/3.3.0/lib/ruby/gems/3.3.0/cache/bundler/git/a-1/config': GIT,
  '.rbenv/versions/3.3.0/lib/ruby/gems/3.3.0/bundler/gems/a-1/.git/config': GIT,
  '.rbenv/versions/3.3.0/etc/gemrc': `:sources:\n- https://ann:${SECRET}@gems.example.org\n`,
  '.rvm/gems/ruby-3.3.0/cache/bundler/git/a-1/config': GIT,
  '.pyenv/versions/3.13.0/envs/app/src/lib/.git/config': GIT,
  '.pyenv/versions/pypy3.10/lib/pypy3.10/site-packages/a-1.dist-info/direct_url.json': INSTALLED_FROM,
  '.local/share/pipx/venvs/a/lib64/python3.13/site-packages/a-1.dist-info/direct_url.json': INSTALLED_FROM,
  '.pyenv/pyenv.d/exec/own.bash': EXPORTED,
  // Projects that lie in the environment that was made for them
  'tools/shop/shop/settings.py': SECRET,
  'tools/shop/shop/.env': SECRET,
  'tools/shop/.env': SECRET,
  'tools/shop/plan.txt': SECRET,
  '.virtualenvs/shop/shop/views.py': SECRET,
  '.virtualenvs/project/main.py': SECRET,
  '.virtualenvs/plan.txt': SECRET,
  '.pyenv/versions/3.13.0/envs/shop/shop/views.py': SECRET,
  'tools/shop/src/shop/views.py': SECRET,
  'tools/shop/docs/plan.txt': SECRET,
  'tools/shop/README.md': SECRET,
  'tools/shop/etc/shop.conf': SECRET,
  'tools/shop/share/plan.txt': SECRET,
  'tools/shop/lib/shop.py': SECRET,
  'tools/shop/include/shop.h': SECRET,
  'miniconda3/envs/shop/shop/views.py': SECRET,
  // With no mark of a project
  'miniconda3/envs/shop/reports/main.py': SECRET,
  'miniconda3/envs/shop/notebooks/plan.ipynb': SECRET,
  'miniconda3/envs/shop/analysis.py': SECRET,
  'miniconda3/envs/shop/src/shop/main.py': SECRET,
  'miniconda3/envs/shop/.env': SECRET,
  'tools/conda/envs/other/shop/views.py': SECRET,
  'tools/conda/src/lib/.git/config': GIT,
  'tools/conda/envs/other/conda-meta/state': `{"env_vars": {"API_KEY": "${SECRET}"}}`,
  'tools/conda/envs/other/etc/conda/activate.d/env_vars.sh': EXPORTED,
  'tools/conda/envs/other/.env': `API_KEY=${SECRET}\n`,
  'tools/conda/pkgs/urls.txt': `https://conda.example.org/t/${SECRET}/main/linux-64/a-1.conda\n`,
  'R/.Renviron': `GITHUB_PAT_TOKEN=${SECRET}\n`,
  'R/notes/connect.R': `password <- "${SECRET}"\n`,
};

const IN_CHECKOUT: Readonly<Record<string, string>> = {
  '.venv/pip.conf': PIP,
  '.venv/bin/activate': EXPORTED,
  '.venv/pyvenv.cfg': '',
  '.venv/shop/views.py': SECRET,
  '.venv/src/shop/main.py': SECRET,
  '.venv/etc/jupyter/jupyter_server_config.json': `{"PasswordIdentityProvider": {"hashed_password": "${SECRET}"}}\n`,
  '.venv/src/lib/.git/config': GIT,
  '.venv/src/token/.git/config': TOKEN_ALONE,
  '.venv/src/token/.git/modules/part/config': TOKEN_ALONE,
  '.venv/lib/python3.13/site-packages/a-1.dist-info/direct_url.json': INSTALLED_FROM,
  'deps/header/.git/config': HEADER,
  'node_modules/.modules.yaml': `registries:\n  default: https://ann:${SECRET}@npm.example.org/\n`,
  'node_modules/.package-lock.json': BY_ADDRESS,
  'node_modules/.yarn-integrity': BY_ADDRESS,
  'node_modules/.yarn-state.yml': `"a@https://ann:${SECRET}@npm.example.org/a/-/a-1.0.0.tgz":\n  locations:\n`,
  'node_modules/.pnpm/lock.yaml': BY_ADDRESS,
  '.tox/py3/bin/activate': EXPORTED,
  '.tox/py3/log/1-commands[0].log': TOX,
  '.tox/log/1-package.log': TOX,
  '.nox/tests/pip.conf': PIP,
  'vendor/ann/a/.git/config': GIT,
  'vendor/bundle/ruby/3.3.0/bundler/gems/a-1/.git/config': GIT,
  'deps/a/.git/config': GIT,
  '_opam/.opam-switch/sources/a/.git/config': GIT,
  '_opam/.opam-switch/overlay/a/opam': `url { src: "git+https://ann:${SECRET}@git.example.org/a.git" }\n`,
  'renv/library/R-4.4/x86_64/a/DESCRIPTION': `RemoteUrl: https://oauth2:${SECRET}@git.example.org/a.git\n`,
  'vendor/composer/installed.json': `{"packages": [{"source": {"url": "https://oauth2:${SECRET}@git.example.org/a.git"}}]}`,
  [`node_modules/.cache/gh-pages/https!${SECRET}@git.example.org!a.git/.git/config`]: TOKEN_ALONE,
};

/** What makes those of the home environments. */
const ENVIRONMENTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['tools/shop', '.virtualenvs/shop', '.pyenv/versions/3.13.0/envs/shop'].map((at) => [`${at}/pyvenv.cfg`, ''])),
  ...Object.fromEntries(['tools/conda', 'tools/conda/envs/other', 'miniconda3/envs/shop'].map((at) => [`${at}/conda-meta/history`, ''])),
  'tools/shop/bin/python': '',
  'tools/conda/bin/python': '',
  'tools/conda/envs/other/shop/manage.py': '',
  'miniconda3/envs/shop/shop/manage.py': '',
};

const FILES = [
  ...[
    'package.json',
    'pnpm-lock.yaml',
    'deno.json',
    'pyproject.toml',
    'go.mod',
    'Cargo.toml',
    'build.gradle',
    'composer.json',
    'Gemfile',
    'mix.exs',
  ],
  ...[
    'pubspec.yaml',
    'build.sbt',
    'app.csproj',
    'deps.edn',
    'CMakeLists.txt',
    'Package.swift',
    'Project.toml',
    'pom.xml',
    'DESCRIPTION',
    'dune-project',
  ],
];

describe('passwords in what is lent', () => {
  let world: SandboxWorld;
  let layers: string;
  beforeEach(() => {
    world = makeSandboxWorld();
    layers = join(world.state, 'delegations/1/layers');
  });
  afterEach(() => {
    removeTree(layers);
    world.remove();
  });
  const write = (root: string, files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const lending = (variables: Record<string, string> = {}, mode: { layers: string | null } = { layers }): SandboxSpec => {
    const env = { HOME: world.home, PATH: '/usr/bin:/bin', ...variables };
    const user = { env, mountAt: world.spec.mountAt, hidden: world.spec.hidden };
    const found = [...findInstalled(world.checkout, FILES), ...findLinked(world.checkout, FILES), ...findCaches(user, FILES)];
    return { ...world.spec, env, ...mode, lent: [...found, ...findActive(user, FILES, found)] };
  };
  const read = async (spec: SandboxSpec, options?: Parameters<typeof openOrFail>[1]) => {
    const sandbox = await openOrFail(spec, options);
    const result = await runIn(
      sandbox,
      world,
      `grep -rs '${SECRET}\\|SECRET-OF-ANN' ~ . "$PIP_CACHE_DIR" | sort; cat ~/.cargo/git/HERE vendor/HERE`,
    );
    await sandbox.close();
    return result.head;
  };

  it('are not read, and what lies beside them is', async () => {
    const here = { '.cargo/git/HERE': 'here\n' };
    write(world.home, { ...IN_HOME, ...here, ...ENVIRONMENTS });
    write(world.checkout, { ...IN_CHECKOUT, 'vendor/HERE': 'there\n' });
    assert.equal(
      await read(lending({ CONDA_PREFIX: join(world.home, 'tools/conda'), VIRTUAL_ENV: join(world.home, 'tools/shop') })),
      'here\nthere\n',
    );
  });

  it('are not read where a tool of the user makes them while an attempt runs', async () => {
    write(world.home, { '.cache/pre-commit/repo0a/HERE': 'here\n' });
    const sandbox = await openOrFail(lending());
    const read = async () => (await runIn(sandbox, world, 'cat ~/.cache/pre-commit/*/HERE ~/.cache/pre-commit/patch*')).head;
    assert.match(await read(), /^here\n/);
    write(world.home, { '.cache/pre-commit/patch1700000001-12': `+${SECRET}\n` });
    const later = await read();
    await sandbox.close();
    assert.match(later, /^here\n/);
    assert.doesNotMatch(later, new RegExp(SECRET));
  });

  it('are not read where they came into an installation after the attempt began', async () => {
    write(world.home, { '.asdf/installs/crm/1/bin/crm': 'here\n' });
    const sandbox = await openOrFail(lending());
    const read = async () => (await runIn(sandbox, world, 'cat ~/.asdf/installs/crm/1/bin/crm ~/.asdf/installs/crm/1/*.sql')).head;
    assert.match(await read(), /^here\n/);
    write(world.home, { '.asdf/installs/crm/1/dump.sql': SECRET });
    const real = performance.now;
    performance.now = () => real.call(performance) + 60_000;
    try {
      const later = await read();
      assert.match(later, /^here\n/);
      assert.doesNotMatch(later, new RegExp(SECRET));
    } finally {
      performance.now = real;
      await sandbox.close();
    }
  });

  it('are not copied either, where nothing can be mounted', async () => {
    write(world.checkout, { ...IN_CHECKOUT, 'vendor/HERE': 'there\n' });
    const programs = join(world.root, 'programs');
    mkdirSync(programs);
    symlinkSync('/usr/bin/bwrap', join(programs, 'bwrap'));
    assert.match(await read(lending(), { searchDirs: [programs] }), /^cat: [^\n]+\nthere\n$/);
  });

  it('are not read where a link of the user leads to them within a cache', async () => {
    write(world.home, { '.cargo/git/.old/a/config': GIT, '.cargo/git/HERE': 'here\n' });
    write(world.checkout, { 'vendor/HERE': 'there\n' });
    mkdirSync(join(world.home, '.cargo/git/db'));
    symlinkSync('../.old/a', join(world.home, '.cargo/git/db/a'));
    assert.equal(await read(lending()), 'here\nthere\n');
  });

  for (const [what, place] of Object.entries({
    'the home': '',
    'a folder above it': '..',
    'a folder of credentials': '.ssh',
    'a part of one': '.ssh/deep',
    'the state directory': '.claude-kimi-mcp',
    'a part of that': '.claude-kimi-mcp/deep',
    'the checkout': 'project',
    'its git dir': 'project/.git',
  }))
    it(`are not read where a variable or a link of the user's leads to ${what}`, async () => {
      const target = join(world.home, place);
      mkdirSync(target, { recursive: true });
      if (!['..', '', 'project'].includes(place)) write(target, { planted: SECRET });
      mkdirSync(join(world.home, '.cache'));
      mkdirSync(join(world.home, '.pyenv'));
      for (const link of ['.cache/uv', '.cache/composer', '.pyenv/versions', '.local']) symlinkSync(target, join(world.home, link));
      const env = { PIP_CACHE_DIR: target, CARGO_HOME: target, GOMODCACHE: target, PYENV_ROOT: target, VIRTUAL_ENV: target };
      for (const spec of [lending(), lending(env)]) assert.doesNotMatch(await read(spec), /s3cret|SECRET-OF-ANN|sk-secret/);
    });
});
