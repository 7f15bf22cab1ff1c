import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ECOSYSTEMS } from '../../src/sandbox/ecosystems.ts';
import { findAround, findCaches, findInstalled } from '../../src/sandbox/find-lent.ts';
import { findLinked } from '../../src/sandbox/find-linked.ts';

describe('dependencies that the workspace lacks', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-dependencies-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const folders = (...names: string[]) => {
    for (const name of names) mkdirSync(path.join(root, name), { recursive: true });
  };
  const found = (...paths: string[]) => findInstalled(root, paths).map(({ at }) => path.relative(root, at));

  it('stand beside their manifests, in packages too', () => {
    folders('node_modules', 'packages/api/node_modules', 'tools/.venv', 'php/vendor', 'ruby/vendor/bundle');
    const paths = ['package.json', 'packages/api/package.json', 'tools/pyproject.toml', 'php/composer.json', 'ruby/Gemfile', 'src/a.ts'];
    assert.deepEqual(found(...paths).sort(), [
      'node_modules',
      'packages/api/node_modules',
      'php/vendor',
      'ruby/vendor/bundle',
      'tools/.venv',
    ]);
    assert.deepEqual(findInstalled(root, ['package.json'], '/shown'), [
      { at: '/shown/node_modules', from: [path.join(root, 'node_modules')] },
    ]);
  });

  it('are none without a manifest, or without the folder', () => {
    folders('node_modules');
    assert.deepEqual(found('src/a.ts'), []);
    assert.deepEqual(found('packages/api/package.json'), []);
  });

  it('are left out when the commit carries them', () => {
    folders('vendor', 'node_modules');
    assert.deepEqual(found('composer.json', 'package.json', 'vendor/autoload.php'), ['node_modules']);
  });

  it('are not looked for inside of others, nor behind links', () => {
    folders('elsewhere', 'node_modules/x/node_modules');
    symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'venv'));
    assert.deepEqual(found('package.json', 'node_modules/x/package.json', 'requirements.txt'), []);
  });

  it('are not where what commands laid takes long to be read for its passwords', () => {
    folders('.venv', 'venv');
    for (const name of ['.venv', 'venv']) writeFileSync(path.join(root, name, 'pip.conf'), '[global]\n');
    const found = () => findInstalled(root, ['requirements.txt']).map(({ at }) => at);
    assert.equal(found().length, 2);
    const real = performance.now;
    let now = 0;
    performance.now = () => (now += 2500);
    try {
      assert.equal(found().length, 1);
    } finally {
      performance.now = real;
    }
  });

  it('are not where commands laid links that take long to follow, as nobody could tell which settings are in them', () => {
    const vendor = path.join(root, 'vendor');
    mkdirSync(path.join(vendor, 'real/package'), { recursive: true });
    for (let at = 0; at < 50; at++) symlinkSync('real', path.join(vendor, `l${at}`));
    const found = () => findInstalled(root, ['composer.json']).map(({ at }) => at);
    assert.deepEqual(found(), [vendor]);
    const real = performance.now;
    let now = 0;
    performance.now = () => (now += 10);
    try {
      assert.deepEqual(found(), []);
    } finally {
      performance.now = real;
    }
  });

  it('are not where commands made more names than anybody has, which are not looked at one by one', () => {
    const vendor = path.join(root, 'vendor');
    mkdirSync(path.join(vendor, 'real/package'), { recursive: true });
    writeFileSync(path.join(vendor, 'f'), '');
    for (let at = 0; at < 50_000; at++) linkSync(path.join(vendor, 'f'), path.join(vendor, String(at)));
    const start = performance.now();
    assert.deepEqual(findInstalled(root, ['composer.json']), []);
    assert.ok(performance.now() - start < 2000);
  });

  it('each once, and two hundred at most', () => {
    const names = Array.from({ length: 230 }, (_, i) => `p${i}`);
    folders(...names.map((name) => `${name}/node_modules`), '.venv');
    assert.equal(found(...names.map((name) => `${name}/package.json`)).length, 200);
    assert.deepEqual(found('pyproject.toml', 'requirements.txt', 'setup.py'), ['.venv']);
  });

  it('of Python also are what an editable installation leaves, and `env` only where it is an environment', () => {
    folders('env', 'lib/env', 'app.egg-info', 'lib/src/lib.egg-info', '.tox');
    writeFileSync(path.join(root, 'lib/env/pyvenv.cfg'), '');
    assert.deepEqual(found('setup.py', 'lib/setup.cfg').sort(), ['.tox', 'app.egg-info', 'lib/env', 'lib/src/lib.egg-info']);
  });

  it('of Python may lie above its manifests, where it is an environment', () => {
    folders('.venv', 'venv', 'apps/.venv', 'apps/node_modules', 'apps/backend/api');
    for (const folder of ['.venv', 'apps/.venv']) writeFileSync(path.join(root, folder, 'pyvenv.cfg'), '');
    assert.deepEqual(found('apps/backend/api/pyproject.toml', 'apps/backend/package.json').sort(), ['.venv', 'apps/.venv']);
    assert.deepEqual(found('apps/backend/api/setup.cfg', '.venv/pyvenv.cfg'), ['apps/.venv'], 'one that the commit carries');
    assert.deepEqual(found('src/a.ts'), []);
  });

  it('are also behind a link, where it leads to what it is called', () => {
    folders('shared/node_modules/ms', 'packages/api', 'tools', 'private', 'other/venvs/app/bin', 'empty');
    writeFileSync(path.join(root, 'other/venvs/app/pyvenv.cfg'), '');
    writeFileSync(path.join(root, 'other/venvs/app/bin/python'), '');
    const link = (at: string, to: string) => symlinkSync(path.join(root, to), path.join(root, at));
    link('node_modules', 'shared/node_modules');
    link('packages/api/node_modules', 'private');
    link('.venv', 'other/venvs/app');
    link('tools/.venv', 'empty');
    link('evil', 'shared');
    const real = realpathSync(root);
    const linked = (...paths: string[]) =>
      findLinked(real, paths).map(({ at, from }) => [at, from[0]].map((one) => path.relative(real, one!)));
    const paths = ['package.json', 'packages/api/package.json', 'pyproject.toml', 'tools/pyproject.toml', 'evil/package.json'];
    assert.deepEqual(linked(...paths), [
      ['node_modules', 'shared/node_modules'],
      ['.venv', 'other/venvs/app'],
      ['other/venvs/app', 'other/venvs/app'],
    ]);
    assert.deepEqual(linked('package.json', 'node_modules'), [], 'a link that the commit carries');
  });

  it('are those of the checkout around, for one that lies in it', () => {
    folders('main/node_modules', 'main/.claude/worktrees/x', 'node_modules');
    const [main, tree] = [path.join(root, 'main'), path.join(root, 'main/.claude/worktrees/x')];
    const at = path.join(main, 'node_modules');
    assert.deepEqual(findAround(tree, main), [{ at, from: [at] }]);
    assert.deepEqual(findAround(tree, path.join(root, 'other')), []);
    assert.deepEqual(findAround(main, main), []);
  });

  it('hide what notes the addresses of packages only where one has a login, above the checkout, too', () => {
    folders('node_modules', 'tree');
    const note = path.join(root, 'node_modules/.package-lock.json');
    const hidden = () => [...findInstalled(root, ['package.json']), ...findAround(path.join(root, 'tree'), root)].map((one) => one.hidden);
    writeFileSync(note, '{"node_modules/csrf-token": {"resolved": "git+ssh://git@github.com/a/password.git#0a"}, "token": "1"}');
    assert.deepEqual(hidden(), [undefined, undefined]);
    writeFileSync(note, '{"node_modules/a": {"resolved": "https://ann:pass@npm.example.org/a.tgz"}}');
    assert.deepEqual(hidden(), [['.package-lock.json'], ['.package-lock.json']]);
  });
});

describe('caches of the home', () => {
  let home: string;
  let mountAt: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-caches-')));
    mountAt = path.join(home, 'project');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const folder = (name: string) => {
    mkdirSync(path.join(home, name), { recursive: true });
    return path.join(home, name);
  };
  const caches = (paths: string[], env: Record<string, string> = {}) =>
    findCaches({ env: { HOME: home, ...env }, mountAt, hidden: [] }, paths);
  const places = (...args: Parameters<typeof caches>) => caches(...args).map(({ at }) => path.relative(home, at));

  it('are lent by the kind of project, and those that downloads go to also where there is none yet', () => {
    for (const name of ['.cargo/registry', 'go/pkg/mod', '.m2/repository', '.cache/uv', '.npm/_cacache']) folder(name);
    assert.deepEqual(places(['src/a.txt']), []);
    assert.deepEqual(places(['crates/a/Cargo.toml']), ['.cargo/registry', '.cargo/git']);
    assert.deepEqual(
      caches(['Cargo.toml']).map(({ from }) => from),
      [[path.join(home, '.cargo/registry')], []],
    );
    assert.deepEqual(places(['go.mod']), ['go/pkg/mod']);
    assert.deepEqual(places(['pom.xml']), ['.m2/repository']);
    assert.deepEqual(places(['requirements-dev.txt']), ['.cache/uv']);
    assert.deepEqual(places(['web/package.json', 'go.mod']), ['.npm/_cacache', 'go/pkg/mod']);
    assert.deepEqual(places(['App/App.csproj']), ['.nuget/packages']);
  });

  it('are of Gradle not what it made of scripts, of other projects and of init.d too: what stands in them is in that as well', () => {
    const lent = ['modules-2', 'build-cache-1', 'transforms-3', '8.5/generated-gradle-jars', '8.5/transforms'];
    const made = [
      'jars-9',
      'scripts-8',
      ...['scripts', 'scripts-remapped', 'groovy-dsl', 'kotlin-dsl', 'executionHistory'].map((name) => `8.5/${name}`),
    ];
    for (const name of [...lent, ...made]) folder(`.gradle/caches/${name}`);
    assert.deepEqual(places(['build.gradle']).toSorted(), lent.map((name) => `.gradle/caches/${name}`).toSorted());
  });

  it('lie where a variable of the user says', () => {
    const [cargo, mod] = [folder('tools/cargo/registry'), folder('big/mod')];
    assert.deepEqual(
      caches(['Cargo.toml', 'go.mod'], { CARGO_HOME: path.dirname(cargo), GOMODCACHE: mod, GOPATH: `${home}/gopath:${home}/second` }).map(
        ({ at }) => at,
      ),
      [`${home}/gopath/pkg/mod`, mod, cargo, path.join(home, 'tools/cargo/git')],
    );
    assert.deepEqual(places(['Cargo.toml'], { CARGO_HOME: 'relative' }), ['.cargo/registry', '.cargo/git']);
    assert.deepEqual(places(['Cargo.toml'], { CARGO_HOME: mountAt }), []);
    assert.deepEqual(places(['go.mod'], { GOMODCACHE: '/' }).includes('..'), false);
  });

  it('are no folder of the home in which all programs, or people, keep their things', () => {
    for (const name of ['.cache', 'Documents', 'downloads-of-pip']) {
      folder(`${name}/x`);
      const found = places(['pyproject.toml'], { PIP_CACHE_DIR: path.join(home, name) });
      assert.equal(found.includes(name), name === 'downloads-of-pip', name);
    }
  });

  it('follow a link of the user, but hold no settings with a password, and never their neighbours with credentials', () => {
    const disk = folder('disk/cargo-git');
    folder('.cargo');
    symlinkSync(disk, path.join(home, '.cargo/git'));
    folder('disk/cargo-git/db/private-1');
    folder('disk/cargo-git/db/public-1');
    writeFileSync(path.join(disk, 'db/private-1/config'), '[remote "origin"]\n\turl = https://ann:hunter2@git.example.org/a.git\n');
    writeFileSync(path.join(disk, 'db/public-1/config'), '[remote "origin"]\n\turl = https://git.example.org/a.git\n');
    writeFileSync(path.join(home, '.cargo/credentials.toml'), 'token = "x"');
    const lent = caches(['Cargo.toml']).find(({ at }) => at.endsWith('git'));
    assert.deepEqual(lent, { at: path.join(home, '.cargo/git'), from: [disk], hidden: ['db/private-1/config'] });
  });

  it('have a name of a folder below the home, and no part that is a file of settings', () => {
    for (const { name, caches: all = [], manifests } of ECOSYSTEMS) {
      assert.ok(manifests.length > 0, name);
      for (const { folder: at, part = '' } of all) {
        const place = path.join(at, part);
        assert.ok(!place.startsWith('/') && !place.includes('..'), `${name}: ${place}`);
        const wholeHomes = [
          '.cargo',
          '.m2',
          '.gradle',
          '.npm',
          '.gem',
          '.composer',
          '.config',
          '.bundle',
          '.nuget',
          '.ivy2',
          '.sbt',
          '.pub-cache',
          '.hex',
          '.conan',
          '.conan2',
          '.docker',
        ];
        assert.ok(!wholeHomes.includes(place), `${name}: ${place} holds credentials`);
      }
    }
  });
});
