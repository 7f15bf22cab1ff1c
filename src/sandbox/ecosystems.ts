/**
 * What projects of each kind need of the checkout and of the home for their tests to run inside as outside: one row a kind. What is not named
 * is not there; credentials lie beside most of it. Programs and their parts are in `toolchains.ts`.
 */
import { basename } from 'node:path';
import { nameMatcher } from '../common/list-names.ts';
import { bare, checkouts, gems, SETTINGS_OF_INSTALLATION } from './toolchains.ts';

export interface Cache {
  /** Folder of the home. */
  readonly folder: string;
  /** Variable of the user's that may name another one; it is passed on to commands. */
  readonly variable?: string;
  /** The part of that folder that is lent, `*` for any part of a name. Default: all of it. */
  readonly part?: string;
  /** Whether commands keep what they download there even where the user has no such folder, so that it is there for the checks. */
  readonly begins?: true;
  /** Files in it that may hold a password, as patterns with `*` for any part of a name; such a file becomes unreadable. */
  readonly settings?: readonly string[];
  /** Files in which tools note the addresses of packages as they were given; one with a login becomes unreadable. */
  readonly addresses?: readonly string[];
  /** Names of entries, as patterns, that hold an address with a login: what has one is not lent, since names cannot be hidden. */
  readonly unless?: readonly string[];
  /** Files that a tool keeps there of the user's work, or writes its log into: unreadable, whatever they hold. */
  readonly never?: readonly string[];
  /** Files that describe a package with the address that it came from; one with a login there is not lent. */
  readonly origins?: readonly string[];
  /** Whether users keep scripts of their own right in it, in which passwords may stand. */
  readonly scripts?: true;
  /** Environments in it, as patterns ('' = it is one), of which only what is a part of them is lent. */
  readonly environments?: readonly string[];
  /** Folders in it with answers of servers: see `foldersOfNotes`. */
  readonly answers?: readonly string[];
  /** Whether it holds what tools make of sources: a test that passed is kept there too, and anything could be. */
  readonly scratch?: true;
}

/** Packages that are installed beside a manifest. */
export interface Installed {
  readonly folder: string;
  /** What it must hold to count. */
  readonly holding?: string;
  /** As in a cache. */
  readonly settings?: readonly string[];
  readonly addresses?: readonly string[];
  /** Folders in it where a tool notes what it ran, with all variables: see `foldersOfNotes`. */
  readonly notes?: readonly string[];
  /** As in a cache. */
  readonly origins?: readonly string[];
  readonly environments?: readonly string[];
  /** Whether it may also lie above the manifests, as an environment for several projects does, where it holds this. */
  readonly above?: string;
}

/** What installs a project's dependencies. */
export interface Installer {
  /** Of those that a folder has, the first decides: a lock is more exact than a manifest. `*` stands for any part of a name. */
  readonly file: string;
  readonly command: string;
  /** Where the program of the command is not on this machine, and this installs the same, without the versions of the lock. */
  readonly otherwise?: string;
}

export interface Ecosystem {
  readonly name: string;
  /** Files that a project of this kind has; `*` stands for any part of a name. */
  readonly manifests: readonly string[];
  /** Files, besides, that say which versions are installed. */
  readonly locks?: readonly string[];
  /** Folders of installed packages beside a manifest; what tools build is not lent, since it says where it was built. */
  readonly installed?: readonly (string | Installed)[];
  readonly install?: readonly Installer[];
  readonly caches?: readonly Cache[];
  /** Set while a command has no network: the tool looks at once into what is there, instead of waiting for an answer. */
  readonly offline?: Readonly<Record<string, string>>;
}

/** Companies put the way to their registry into a distribution of their own. */
const COMPANY_GRADLE = ['dists/*/*/*/init.d/*', 'dists/*/*/*/gradle.properties'];
const COMPANY_MAVEN = ['dists/*/*/conf/settings.xml', 'dists/*/*/*/conf/settings.xml'];

/** npm, Yarn and pnpm, of what is installed: the address of the registry, and of packages that are named by theirs. */
export const NODE_MODULES: Installed = {
  folder: 'node_modules',
  settings: ['.modules.yaml'],
  addresses: ['.package-lock.json', '.yarn-integrity', '.yarn-state.yml', '.pnpm/lock.yaml'],
  // Clones with the address that is pushed to, accounts, and data of a development server
  notes: ['.cache/gh-pages', '.cache/wrangler', '.mf'],
};

const UV = {
  settings: [...bare('git-v0/db/*'), ...checkouts('git-v0/checkouts/*/*')],
  answers: ['simple-v*', 'wheels-v*', 'flat-index-v*'],
  addresses: ['*/*', '*/*/*', '*/*/*/*'].map((name) => `sdists-v*/${name}/revision.http`),
};
const NPX = ['*/package.json', '*/package-lock.json', '*/node_modules/.package-lock.json'];
const DLX = ['package.json', 'pnpm-lock.yaml', 'node_modules/.pnpm/lock.yaml'].map((name) => `dlx/*/*/${name}`);
const OPAM = ['overlay/*/*', 'packages/*/*', 'switch-*'].map((name) => `.opam-switch/${name}`);

/** Virtual environments, with what pip installs from git as a checkout. */
const environments = (within: string) => SETTINGS_OF_INSTALLATION.map((name) => `${within}${name}`);
const ENVIRONMENT = { settings: environments(''), environments: [''] };
const EACH = { environments: ['*'] };

export const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    name: 'JavaScript',
    manifests: ['package.json'],
    locks: ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', '.npmrc', '.yarnrc.yml'],
    installed: [NODE_MODULES, '.yarn/cache', '.yarn/unplugged'],
    install: [
      { file: 'pnpm-lock.yaml', command: 'pnpm install --frozen-lockfile' },
      { file: 'yarn.lock', command: 'yarn install' },
      { file: 'bun.lock', command: 'bun install' },
      { file: 'bun.lockb', command: 'bun install' },
      { file: 'package-lock.json', command: 'npm ci' },
      { file: 'npm-shrinkwrap.json', command: 'npm ci' },
      { file: 'package.json', command: 'npm install' },
    ],
    caches: [
      { folder: '.npm', variable: 'npm_config_cache', part: '_cacache', answers: ['index-v5'] },
      { folder: '.npm', variable: 'npm_config_cache', part: '_npx', addresses: NPX },
      { folder: '.cache/node/corepack', variable: 'COREPACK_HOME' },
      ...['chrome', 'chrome-headless-shell', 'chromium', 'chromedriver', 'firefox'].map((part) => ({
        folder: '.cache/puppeteer',
        variable: 'PUPPETEER_CACHE_DIR',
        part,
      })),
      { folder: '.cache/Cypress', variable: 'CYPRESS_CACHE_FOLDER' },
      { folder: '.cache/electron' },
    ],
    // Else npm asks three times, with waits of 10 s and a minute
    offline: { npm_config_fetch_retries: '0' },
  },
  {
    name: 'pnpm',
    manifests: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
    caches: [
      { folder: '.local/share/pnpm', variable: 'PNPM_HOME', part: 'store', unless: ['v*/*+++*@*'] },
      { folder: '.local/share/pnpm', variable: 'PNPM_HOME', part: '.tools' },
      { folder: '.cache/pnpm', settings: ['dlx/*/*/node_modules/.modules.yaml'], addresses: DLX },
    ],
  },
  {
    name: 'Yarn',
    manifests: ['yarn.lock'],
    caches: [
      { folder: '.yarn/berry', variable: 'YARN_GLOBAL_FOLDER', part: 'cache' },
      { folder: '.cache/yarn', variable: 'YARN_CACHE_FOLDER' },
    ],
  },
  {
    name: 'Bun',
    manifests: ['bun.lock', 'bun.lockb', 'bunfig.toml'],
    caches: [{ folder: '.bun/install', part: 'cache' }],
  },
  {
    name: 'Deno',
    manifests: ['deno.json', 'deno.jsonc', 'deno.lock'],
    locks: ['deno.lock'],
    installed: [NODE_MODULES],
    caches: [...['npm', 'remote', 'deps'].map((part) => ({ folder: '.cache/deno', variable: 'DENO_DIR', part, begins: true as const }))],
  },
  {
    name: 'Python',
    manifests: ['pyproject.toml', 'setup.py', 'setup.cfg', 'requirements*.txt', 'Pipfile', 'tox.ini', 'noxfile.py', 'environment.yml'],
    locks: ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock', 'pylock*.toml', 'constraints*.txt'],
    installed: [
      { folder: '.venv', above: 'pyvenv.cfg', ...ENVIRONMENT },
      { folder: 'venv', above: 'pyvenv.cfg', ...ENVIRONMENT },
      { folder: 'env', holding: 'pyvenv.cfg', above: 'pyvenv.cfg', ...ENVIRONMENT },
      { folder: '.tox', settings: environments('*/'), notes: ['log', '*/log'] },
      { folder: '.nox', settings: environments('*/') },
      ...['__pypackages__', '*.egg-info', 'src/*.egg-info'],
    ],
    install: [
      { file: 'uv.lock', command: 'uv sync', otherwise: 'pip install -e .' },
      { file: 'poetry.lock', command: 'poetry install', otherwise: 'pip install -e .' },
      { file: 'pdm.lock', command: 'pdm install', otherwise: 'pip install -e .' },
      { file: 'Pipfile', command: 'pipenv install --dev' },
      { file: 'requirements-dev.txt', command: 'pip install -r requirements-dev.txt' },
      { file: 'requirements.txt', command: 'pip install -r requirements.txt' },
      { file: 'pyproject.toml', command: 'pip install -e .' },
      { file: 'setup.py', command: 'pip install -e .' },
    ],
    caches: [
      { folder: '.cache/pip', variable: 'PIP_CACHE_DIR', answers: ['http', 'http-v2'] },
      { folder: '.cache/uv', variable: 'UV_CACHE_DIR', ...UV },
      {
        folder: '.cache/pypoetry',
        variable: 'POETRY_CACHE_DIR',
        settings: environments('virtualenvs/*/'),
        environments: ['virtualenvs/*'],
        answers: ['cache/repositories'],
      },
      { folder: '.virtualenvs', variable: 'WORKON_HOME', settings: ['postactivate', 'preactivate', ...environments('*/')], ...EACH },
      { folder: '.local/share/virtualenvs', settings: environments('*/'), ...EACH },
      { folder: '.cache/pre-commit', variable: 'PRE_COMMIT_HOME', settings: ['db.db', ...checkouts('*')], never: ['patch*', '*.log'] },
      // Python runs what it finds there at each start, so an empty one never begins: it would be the model's in the checks
      { folder: '.local/lib', part: 'python*' },
      { folder: '.local/bin', scripts: true },
    ],
    // Else uv asks its registry whether what it keeps is still so, and pip asks six times
    offline: { UV_OFFLINE: '1', PIP_RETRIES: '0' },
  },
  {
    name: 'Go',
    manifests: ['go.mod', 'go.work'],
    locks: ['go.sum', 'go.work.sum'],
    install: [{ file: 'go.mod', command: 'go mod download' }],
    caches: [
      { folder: 'go', variable: 'GOPATH', part: 'pkg/mod', begins: true, settings: bare('cache/vcs/*') },
      { folder: 'go/pkg/mod', variable: 'GOMODCACHE', settings: bare('cache/vcs/*') },
      { folder: 'go', variable: 'GOPATH', part: 'pkg/sumdb' },
      { folder: '.cache/go-build', variable: 'GOCACHE', scratch: true },
    ],
  },
  {
    name: 'Rust',
    manifests: ['Cargo.toml'],
    locks: ['Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml'],
    install: [{ file: 'Cargo.toml', command: 'cargo fetch' }],
    caches: [
      { folder: '.cargo', variable: 'CARGO_HOME', part: 'registry', begins: true, settings: checkouts('index/*') },
      {
        folder: '.cargo',
        variable: 'CARGO_HOME',
        part: 'git',
        begins: true,
        settings: [...bare('db/*'), ...checkouts('checkouts/*/*')],
      },
    ],
    offline: { CARGO_NET_OFFLINE: 'true' },
  },
  {
    name: 'Maven',
    manifests: ['pom.xml'],
    install: [{ file: 'pom.xml', command: 'mvn dependency:go-offline' }],
    caches: [
      { folder: '.m2/repository', begins: true },
      { folder: '.m2/wrapper', settings: COMPANY_MAVEN },
    ],
  },
  {
    name: 'Gradle',
    manifests: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'],
    locks: ['gradle.lockfile', 'gradle-wrapper.properties', 'libs.versions.toml'],
    caches: [
      { folder: '.gradle', variable: 'GRADLE_USER_HOME', part: 'caches/modules-2', begins: true },
      // No scripts of other projects or of init.d, as classes, in jars or as what they set: passwords stand in those, too
      ...['build-cache-*', 'transforms-*', '*/transforms', '*/generated-gradle-jars'].map((part) => ({
        folder: '.gradle',
        variable: 'GRADLE_USER_HOME',
        part: `caches/${part}`,
        scratch: true as const,
      })),
      { folder: '.gradle', variable: 'GRADLE_USER_HOME', part: 'wrapper', settings: COMPANY_GRADLE },
      { folder: '.gradle', variable: 'GRADLE_USER_HOME', part: 'jdks' },
      // Which repositories a build asks; what was downloaded counts for those only
      { folder: '.gradle', variable: 'GRADLE_USER_HOME', part: 'init.d', settings: ['*', '*/*'] },
      { folder: '.m2/repository' },
    ],
  },
  {
    name: '.NET',
    manifests: ['*.csproj', '*.fsproj', '*.vbproj', '*.sln', '*.slnx', 'Directory.Packages.props'],
    locks: ['packages.lock.json', 'global.json'],
    install: ['*.sln', '*.slnx', '*.csproj', '*.fsproj', '*.vbproj'].map((file) => ({ file, command: 'dotnet restore' })),
    caches: [
      { folder: '.nuget/packages', variable: 'NUGET_PACKAGES', begins: true },
      { folder: '.local/share/NuGet/v3-cache', variable: 'NUGET_HTTP_CACHE_PATH', unless: ['*@*'] },
    ],
  },
  {
    name: 'PHP',
    manifests: ['composer.json'],
    locks: ['composer.lock'],
    installed: [{ folder: 'vendor', settings: checkouts('*/*'), addresses: ['composer/installed.json'] }],
    install: [{ file: 'composer.json', command: 'composer install' }],
    caches: [{ folder: '.cache/composer', variable: 'COMPOSER_CACHE_DIR', settings: bare('vcs/*') }],
  },
  {
    name: 'Ruby',
    manifests: ['Gemfile', '*.gemspec'],
    locks: ['Gemfile.lock'],
    installed: [{ folder: 'vendor/bundle', settings: gems('ruby/*/') }],
    install: [{ file: 'Gemfile', command: 'bundle install' }],
    caches: [
      { folder: '.gem/ruby', settings: gems('*/') },
      // Beside it `gem signin` keeps the key by which packages are published
      { folder: '.local/share/gem', part: 'ruby', begins: true, settings: gems('*/') },
      { folder: '.bundle', part: 'cache', settings: bare('git/*') },
      { folder: '.bundle', part: 'ruby', settings: gems('*/') },
    ],
  },
  {
    name: 'Elixir and Erlang',
    manifests: ['mix.exs', 'rebar.config'],
    locks: ['mix.lock', 'rebar.lock'],
    installed: [{ folder: 'deps', settings: checkouts('*') }],
    install: [{ file: 'mix.exs', command: 'mix deps.get' }],
    caches: [
      { folder: '.mix', variable: 'MIX_HOME', begins: true },
      { folder: '.hex', variable: 'HEX_HOME', part: 'packages', begins: true },
      { folder: '.cache/rebar3' },
    ],
  },
  {
    name: 'Dart',
    manifests: ['pubspec.yaml'],
    locks: ['pubspec.lock'],
    installed: ['.dart_tool'],
    install: [{ file: 'pubspec.yaml', command: 'dart pub get' }],
    caches: [
      { folder: '.pub-cache', variable: 'PUB_CACHE', part: 'hosted', begins: true },
      { folder: '.pub-cache', variable: 'PUB_CACHE', part: 'git', settings: [...bare('cache/*'), ...checkouts('*')] },
    ],
  },
  {
    name: 'Scala and Clojure',
    manifests: ['build.sbt', 'build.sc', 'deps.edn', 'project.clj'],
    caches: [
      { folder: '.cache/coursier', variable: 'COURSIER_CACHE', begins: true, unless: ['*/*:*@*', '*/*/*:*@*'] },
      { folder: '.sbt', part: 'boot' },
      { folder: '.ivy2', part: 'cache' },
      { folder: '.ivy2', part: 'local' },
      { folder: '.m2/repository', begins: true },
      { folder: '.gitlibs', settings: [...bare('_repos/*/*/*/*', '_repos/*/*/*'), ...checkouts('libs/*/*/*')] },
    ],
  },
  {
    name: 'Haskell',
    manifests: ['*.cabal', 'cabal.project', 'stack.yaml'],
    locks: ['cabal.project.freeze', 'stack.yaml.lock'],
    caches: [
      { folder: '.cabal', part: 'packages' },
      { folder: '.cabal', part: 'store' },
      { folder: '.local/state/cabal' },
      { folder: '.stack', part: 'pantry' },
    ],
  },
  {
    name: 'C and C++',
    manifests: ['CMakeLists.txt', 'conanfile.txt', 'conanfile.py', 'vcpkg.json', 'meson.build'],
    locks: ['conan.lock'],
    caches: [
      { folder: '.conan2', variable: 'CONAN_HOME', part: 'p' },
      { folder: '.conan', part: 'data' },
      { folder: '.cache/CPM', variable: 'CPM_SOURCE_CACHE', settings: checkouts('*/*', '*/*/*') },
      { folder: '.cache/vcpkg', variable: 'VCPKG_DEFAULT_BINARY_CACHE' },
      { folder: '.ccache', variable: 'CCACHE_DIR', settings: ['ccache.conf'], scratch: true },
    ],
  },
  {
    name: 'Swift',
    manifests: ['Package.swift'],
    locks: ['Package.resolved'],
    caches: [{ folder: '.cache/org.swift.swiftpm', settings: bare('repositories/*') }],
  },
  {
    name: 'Julia',
    manifests: ['Project.toml'],
    locks: ['Manifest.toml'],
    caches: ['packages', 'artifacts', 'compiled', 'registries'].map((part) => ({
      folder: '.julia',
      variable: 'JULIA_DEPOT_PATH',
      part,
      settings: part === 'registries' ? checkouts('*') : [],
      ...(part === 'compiled' && { scratch: true as const }),
    })),
  },
  {
    name: 'R',
    manifests: ['DESCRIPTION', 'renv.lock'],
    installed: [{ folder: 'renv/library', origins: ['*/*/*/DESCRIPTION', '*/*/*/*/DESCRIPTION'] }],
    caches: [
      { folder: 'R', part: '*-library', origins: ['*/*/DESCRIPTION'] },
      { folder: '.cache/R/renv', origins: ['cache/*/*/*/*/*/*/DESCRIPTION', 'cache/*/*/*/*/*/*/*/DESCRIPTION'] },
    ],
  },
  {
    name: 'OCaml',
    manifests: ['dune-project', '*.opam'],
    installed: [{ folder: '_opam', settings: checkouts('.opam-switch/sources/*'), addresses: OPAM }],
    caches: [{ folder: '.cache/dune', scratch: true }],
  },
];

/** The kinds that a repository's files tell of. */
export function ecosystemsOf(paths: readonly string[]): Ecosystem[] {
  const names = new Set(paths.map((path) => basename(path)));
  return ECOSYSTEMS.filter(({ manifests }) => manifests.some((manifest) => matchesAny(manifest, names)));
}

/** Whether a change of these files may change what is installed. */
export function changesDependencies(paths: readonly string[]): boolean {
  const names = new Set(paths.map((path) => basename(path)));
  return ECOSYSTEMS.some(({ manifests, locks = [] }) => [...manifests, ...locks].some((pattern) => matchesAny(pattern, names)));
}

function matchesAny(pattern: string, names: ReadonlySet<string>): boolean {
  return pattern.includes('*') ? [...names].some(nameMatcher(pattern)) : names.has(pattern);
}
