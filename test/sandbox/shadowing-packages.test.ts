import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { namedIn, unexplained } from '../../src/checks/definition/upgraded-packages.ts';
import { layerChanges } from '../../src/sandbox/replaced-files.ts';
import { programsOf, shadowing } from '../../src/sandbox/shadowing-packages.ts';

describe('packages that were only added', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-packages-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A path that ends with a slash is a folder. */
  function fill(where: string, paths: readonly string[]): string {
    for (const file of paths) {
      const at = path.join(folder, where, file);
      mkdirSync(file.endsWith('/') ? at : path.dirname(at), { recursive: true });
      if (!file.endsWith('/')) writeFileSync(at, file.endsWith('entry_points.txt') ? '[pytest11]\na = a\n' : '');
    }
    return path.join(folder, where);
  }

  async function found(
    place: string,
    base: readonly string[] | null,
    now: readonly string[],
    said: readonly string[] = [],
  ): Promise<string[]> {
    const from = base === null ? [] : [fill('base', base)];
    const top = fill('top', now);
    const stand = await shadowing(
      { place, top, from, paths: (await layerChanges(top, from)).added },
      {
        isProgram: (name) => ['node', 'sh', 'pytest'].includes(name),
        isTool: (name) => ['node', 'pytest'].includes(name),
        isSaid: (name) => said.includes(name),
        isOwn: (name, link) => ['shop', '@ann/shop'].includes(name) && link !== '/repo/packages/shop',
      },
    );
    return stand.sort();
  }

  it('are no links to the module of the project itself', async () => {
    const top = fill('top', ['new/i.js']);
    symlinkSync('../packages/shop', path.join(top, 'shop'));
    assert.deepEqual(await found('/repo/node_modules', null, []), []);
    symlinkSync('../other', path.join(top, '@ann-shop'));
    fill('top/@ann', ['x/']);
    symlinkSync('../../other', path.join(top, '@ann/shop'));
    assert.deepEqual(await found('/repo/node_modules', ['dep/i.js'], []), ['@ann/shop']);
  });

  const PACKAGES = 'lib/python3/site-packages';
  const HOME = '/home/ann';
  const STANDING_IN: readonly (readonly [string, string, readonly string[], readonly string[], (readonly string[])?])[] = [
    ['modules within a package', '/repo/node_modules', ['dep/i.js', '@ann/dep/i.js'], ['dep/node_modules/', '@ann/dep/more.js']],
    ['modules within one of pnpm', '/repo/node_modules', ['.pnpm/a@1/node_modules/a/i.js'], ['.pnpm/a@1/node_modules/b/']],
    [
      'a file before a package',
      '/repo/node_modules',
      ['dep/i.js', '@ann/dep/i.js'],
      ['dep.js', 'dep.d.ts', '@ann/dep.json', 'package.json'],
    ],
    ['a module of the project', '/repo/node_modules', ['dep/i.js', '@ann/dep/i.js'], ['shop/', '@ann/shop/'], ['shop', '@ann/shop']],
    ['a module of the project', '/repo/.venv', [`${PACKAGES}/a.py`], [`${PACKAGES}/shop/`], ['shop']],
    ['types of everything', '/repo/node_modules', ['@types/node/i.d.ts'], ['@types/all/']],
    ['programs', '/repo/node_modules', ['.bin/new'], ['.bin/node', '.bin/sh']],
    ['hooks of npm', '/repo/node_modules', ['dep/i.js'], ['.hooks/']],
    ['a runner of tests that was another one', '/repo/node_modules', ['dep/i.js'], ['node/']],
    [
      'what Python starts with',
      '/repo/.venv',
      [`${PACKAGES}/a.py`],
      ['a.pth', 'sitecustomize.py', 'x.egg-link', 'pytest/', '_pytest/'].map((one) => `${PACKAGES}/${one}`),
    ],
    ['the same of another Python', `${HOME}/.local/lib`, ['python3.9/site-packages/a.py'], ['python3.11/site-packages/e.pth']],
    ['a package before a module', '/repo/.venv', [`${PACKAGES}/one.py`], [`${PACKAGES}/one/`]],
    ['programs of an environment', '/repo/.venv', ['bin/new'], ['bin/sh', 'bin/pytest']],
    ['sources within a crate', `${HOME}/.cargo/registry`, ['src/index/dep-1/src/lib.rs'], ['src/index/dep-1/build.rs']],
    ['sources within a module of Go', `${HOME}/go/pkg/mod`, ['x.org/dep@v1.0.0/a.go'], ['x.org/dep@v1.0.0/b.go']],
    [
      'classes within a package of PHP',
      '/repo/vendor',
      ['ann/dep/src/A.php', 'composer/ClassLoader.php'],
      ['ann/dep/src/B.php', 'composer/autoload_files.php'],
    ],
    ['a newer version of a gem', '/repo/vendor/bundle', ['ruby/3.1.0/gems/dep-1.0/a.rb'], ['ruby/3.1.0/gems/dep-2.0/']],
    ['a gem that runs tests', `${HOME}/.gem/ruby`, ['3.1.0/gems/dep-1.0/a.rb'], ['3.1.0/specifications/minitest-99.gemspec']],
    ['sources within a package of Elixir', '/repo/deps', ['dep/lib/a.ex'], ['dep/lib/b.ex']],
    [
      'scripts of a distribution of Gradle',
      `${HOME}/.gradle/wrapper`,
      ['dists/gradle-8/x/gradle-8/bin/gradle'],
      ['dists/gradle-8/x/gradle-8/init.d/'],
    ],
  ];
  for (const [what, place, base, added] of STANDING_IN)
    it(`stand in for others, or run by themselves: ${what}`, async () => {
      assert.deepEqual(await found(place, base, added), added.map((one) => one.replace(/\/$/, '')).sort());
    });

  it('run by themselves: plugins of Python that no manifest names', async () => {
    const plugin = `${PACKAGES}/a-1.dist-info`;
    const now = [`${plugin}/entry_points.txt`, `${PACKAGES}/b-1.dist-info/`];
    assert.deepEqual(await found('/repo/.venv', [`${PACKAGES}/c.py`], now), [plugin]);
    assert.deepEqual(await found('/repo/.venv', [`${PACKAGES}/c.py`], now, ['a']), []);
  });

  it('stand in for others where there was nothing: programs', async () => {
    assert.deepEqual(await found('/repo/node_modules', null, ['.bin/node', '.bin/new', 'dep/']), ['.bin/node']);
  });

  it('run by themselves where there was nothing: archives of mix', async () => {
    assert.deepEqual(await found(`${HOME}/.mix`, null, ['archives/a-1/', 'archives/hex-2/', 'elixir/']), ['archives/a-1']);
  });

  const ASKED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      '/repo/node_modules',
      ['dep/i.js', '@ann/dep/i.js', '.bin/x', '.pnpm/a@1/x'],
      ['new/', 'chart.js/', '@ann/new/', '@new/a/', '.bin/new', '.pnpm/new@1/'],
    ],
    ['/repo/.venv', [`${PACKAGES}/a.py`], [`${PACKAGES}/new/`, `${PACKAGES}/new-1.dist-info/`, 'bin/new', 'share/']],
    [`${HOME}/.cargo/registry`, ['src/index/a-1/src/lib.rs', 'cache/a.crate'], ['src/index/new-1/', 'cache/new.crate']],
    [`${HOME}/go/pkg/mod`, ['x.org/dep@v1.0.0/a.go'], ['x.org/dep@v1.1.0/', 'cache/download/x.org/']],
    ['/repo/vendor', ['ann/dep/a.php'], ['ann/new/', 'bob/new/']],
    ['/repo/vendor/bundle', ['ruby/3.1.0/gems/dep-1.0/a.rb'], ['ruby/3.1.0/gems/new-1.0/', 'ruby/3.1.0/specifications/new-1.0.gemspec']],
    [`${HOME}/.m2/repository`, ['org/a/1/a-1.jar'], ['org/a/2/', 'org/b/', 'org/a/1/a-1.pom']],
  ];
  for (const [place, base, added] of ASKED)
    it(`are what was asked for where they stand beside the others in ${place}`, async () => {
      assert.deepEqual(await found(place, base, added), []);
    });

  it('are told from what a copy lacks', async () => {
    const [base, top] = [fill('base', ['a/i.js', 'a/rules.js', 'b/i.js']), fill('top', ['a/i.js'])];
    assert.deepEqual((await layerChanges(top, [base], { isCopy: true })).replaced, ['a/rules.js', 'b']);
    assert.deepEqual(await layerChanges(top, [base]), { replaced: [], added: [], touched: ['a'] });
  });

  it('are told from what a copy was made without, and from the rule by which git passes over it', async () => {
    const [base, top] = [fill('base', ['.npmrc', '.gitignore', 'a/token', 'a/i.js']), fill('top', ['a/i.js'])];
    writeFileSync(path.join(top, '.gitignore'), '\n*\n');
    const hidden = ['.npmrc', 'a/token'];
    assert.deepEqual(await layerChanges(top, [base], { isCopy: true, hidden }), { replaced: [], added: [], touched: [] });
    writeFileSync(path.join(top, '.npmrc'), 'ignore-scripts=false');
    assert.deepEqual((await layerChanges(top, [base], { isCopy: true, hidden })).replaced, ['.npmrc'], 'put there by a command');
  });

  it('are told from the notes that tools write beside them; a package may have a file called so', async () => {
    const notes = ['.package-lock.json', '.modules.yaml', '.pnpm/lock.yaml', '.pnpm-workspace-state.json', '.pnpm-workspace-state-v1.json'];
    const others = ['lock.yaml', 'a/lock.yaml', '.pnpm/lock.yaml.js'];
    const [base, top] = [fill('base', [...notes, ...others, '.yarn-integrity']), fill('top', [...notes, ...others])];
    for (const file of [...notes, ...others]) writeFileSync(path.join(top, file), 'other');
    const { replaced, added } = await layerChanges(top, [base]);
    assert.deepEqual([replaced.toSorted(), added], [others.toSorted(), []]);
    assert.deepEqual((await layerChanges(top, [base], { isCopy: true })).replaced.toSorted(), others.toSorted());
  });

  it('may be very many, and large where they are compared: others have their turn meanwhile', async () => {
    const pieces = Array.from({ length: 3_000 }, (_, at) => at);
    const now = (place: string) => pieces.map((at) => `${place}/new${at}`);
    const base = fill('base', [
      'big',
      ...['a/node_modules/.bin', 'lib/site-packages', 'gems'].flatMap((place) => now(place).slice(0, 400)),
    ]);
    const top = fill('top', ['big', ...['a/node_modules/.bin', 'lib/site-packages', 'gems'].flatMap((place) => now(place).slice(400))]);
    for (const folder of [base, top]) truncateSync(path.join(folder, 'big'), 2 ** 28);
    let [silent, last] = [0, performance.now()];
    const asking = setInterval(() => {
      silent = Math.max(silent, performance.now() - last);
      last = performance.now();
    }, 1);
    const said = pieces.map((at) => `"@types/other${at}": "1"`);
    const { replaced, added } = await layerChanges(top, [base]);
    const known = { isProgram: programsOf(process.env), isTool: () => false, isSaid: namedIn(said), isOwn: () => false };
    const standing = await shadowing({ place: '/repo', top, from: [base], paths: added }, known);
    const left = await unexplained(
      now('node_modules/@types').map((at) => at.replace('new', 'other').concat('/a.js')),
      said,
    );
    clearInterval(asking);
    assert.deepEqual([replaced, added.length, standing, left], [[], 3 * 2_600, [], []]);
    assert.ok(silent < 1_000, `nobody else had a turn for ${silent} ms`);
  }).timeout(30_000);
});
