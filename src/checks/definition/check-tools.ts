/**
 * Which files define or configure the checks that a tool runs: one row a tool. A row counts where a command, or a script that it runs,
 * names one of its words.
 */
import { basename } from 'node:path';
import { nameMatcher } from '../../common/list-names.ts';
import { goMod, linesThatSay, makefile, type PutBack, packageJson, sections, tsconfig, whole } from './put-back.ts';

export interface CheckTool {
  readonly name: string;
  readonly words: readonly string[];
  /** Files by name, in whatever folder; with a slash by the end of their path. `*` stands for any part of a name. */
  readonly files: readonly (readonly [patterns: readonly string[], put: PutBack])[];
  /** Added files that these patterns of a path name stand in the place of the tool itself. */
  readonly shadows?: RegExp;
  /** Code in a test file that decides about more than its own tests. */
  readonly decides?: RegExp;
  /** Whether it runs tests that stand in files of their own. */
  readonly runsTests?: true;
}

const PACKAGE_JSON = packageJson(
  [
    ...['name', 'version', 'description', 'keywords', 'author', 'contributors', 'license', 'homepage', 'repository', 'bugs', 'funding'],
    ...['private', 'main', 'module', 'browser', 'types', 'typings', 'type', 'exports', 'imports', 'bin', 'man', 'files', 'sideEffects'],
    ...['dependencies', 'devDependencies', 'peerDependencies', 'peerDependenciesMeta', 'optionalDependencies', 'bundledDependencies'],
    ...['bundleDependencies', 'overrides', 'resolutions', 'engines', 'os', 'cpu', 'publishConfig', 'icon', 'publisher', 'categories'],
  ],
  ['workspaces'],
);
const COMPOSER_JSON = packageJson([
  'name',
  'description',
  'type',
  'license',
  'authors',
  'require',
  'require-dev',
  'autoload',
  'autoload-dev',
]);
const DENO_JSON = packageJson(['name', 'version', 'exports', 'imports']);
const PYPROJECT = sections(
  /^(project(?!\.entry-points)(\..*)?|dependency-groups|build-system|tool\.(poetry(?!\.plugins)|uv|pdm|setuptools|setuptools_scm|flit|hatch\.(version|build|metadata))(\..*)?)$/,
);
const CARGO = sections(
  /^((target\..*\.)?(dev-|build-)?dependencies(\..*)?|features|badges|workspace\.(dependencies|package)(\..*)?|(workspace|package)\.metadata\..*|\[?(bin|example)\]?)$/,
  /^\s*([#]|$|(version|description|authors|license|keywords|categories|repository|homepage|documentation|readme|rust-version|publish)\b.*=)/,
);
const BUILD_FILE = linesThatSay(/test|spec|check|verify|skip|ignore|exclude|fail|disabled/i);

const JS_RUNNERS = ['jest', 'vitest', 'mocha', 'ava', 'tape', 'tap', 'jasmine', 'karma', 'cypress', 'playwright', 'uvu', 'c8', 'nyc'];
const JS_WORDS = [
  'npm',
  'npx',
  'yarn',
  'pnpm',
  'pnpx',
  'bun',
  'bunx',
  'node',
  'deno',
  'tsx',
  'ts-node',
  'lerna',
  'nx',
  'turbo',
  'tsc',
  'eslint',
];

export const CHECK_TOOLS: readonly CheckTool[] = [
  {
    name: 'JavaScript packages',
    words: [...JS_WORDS, ...JS_RUNNERS],
    files: [
      [['package.json'], PACKAGE_JSON],
      [['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs', 'pnpmfile.js', 'pnpm-workspace.yaml', 'bunfig.toml'], whole],
      [['.nvmrc', '.node-version', '.tool-versions', 'lerna.json', 'nx.json', 'turbo.json', 'project.json'], whole],
    ],
    shadows: /(^|\/)node_modules\//,
  },
  {
    name: 'JavaScript tests',
    words: ['node', 'tsx', 'ts-node', 'bun', 'deno', ...JS_RUNNERS],
    files: [
      [['jest.config.*', 'jest.preset.*', '.babelrc', '.babelrc.*', 'babel.config.*', '.swcrc'], whole],
      [['vitest.config.*', 'vitest.workspace.*', 'vite.config.*', 'webpack.config.*'], whole],
      [['.mocharc.*', 'mocha.opts', 'ava.config.*', '.taprc', 'karma.conf.*', 'jasmine.json', '.jasmine.*'], whole],
      [['cypress.config.*', 'playwright.config.*', 'wdio.conf.*', '.c8rc*', '.nycrc*', 'nyc.config.*'], whole],
      [['deno.json', 'deno.jsonc'], DENO_JSON],
      [['tsconfig.json', 'tsconfig.*.json'], tsconfig],
    ],
    decides: /\bprocess\.(exit\(|exitCode\b|reallyExit\b|on(ce)?\( *['"](exit|beforeExit)\b)/,
    runsTests: true,
  },
  {
    name: 'TypeScript',
    words: ['tsc', 'vue-tsc', 'tsd', 'svelte-check', 'astro'],
    files: [[['tsconfig.json', 'tsconfig.*.json', 'jsconfig.json'], tsconfig]],
  },
  {
    name: 'JavaScript linters',
    words: ['eslint', 'xo', 'standard', 'prettier', 'biome', 'stylelint', 'oxlint'],
    files: [
      [['.eslintrc', '.eslintrc.*', 'eslint.config.*', '.eslintignore', '.xo-config.*', 'xo.config.*', '.oxlintrc.json'], whole],
      [['.prettierrc', '.prettierrc.*', 'prettier.config.*', '.prettierignore', 'biome.json', 'biome.jsonc'], whole],
      [['.stylelintrc', '.stylelintrc.*', 'stylelint.config.*', '.stylelintignore', '.editorconfig'], whole],
    ],
  },
  {
    name: 'Python',
    words: [
      'python',
      'python3',
      'pytest',
      'py.test',
      'unittest',
      'nose2',
      'tox',
      'nox',
      'hatch',
      'uv',
      'poetry',
      'pdm',
      'pipenv',
      'coverage',
    ],
    files: [
      [['pytest.ini', '.pytest.ini', 'pytest.toml', 'tox.ini', 'tox.toml', 'noxfile.py', '.coveragerc', 'conftest.py'], whole],
      [['setup.cfg'], sections(/^(metadata|options(?!\.entry_points)(\..*)?|egg_info|[bs]dist(_\w+)?|build(_\w+)?|install)$/)],
      [['pyproject.toml'], PYPROJECT],
      [['.python-version', '.tool-versions'], whole],
    ],
    // `python -m` looks first into the folder where it runs.
    decides: /\bos\._exit\(|\batexit\.|\bdef pytest_\w+\(|\bpytest_plugins\b|\bpytest\.exit\(/,
    shadows:
      /(^|\/)((pytest|_pytest|unittest|pluggy|iniconfig|nose2|tox|nox|coverage|mypy|ruff|flake8|pylint|black)(\.py|\/.*)|(site|user)customize\.py|[^/]+\.pth)$|^(argparse|ast|collections|contextlib|copy|dataclasses|difflib|enum|fnmatch|functools|importlib|inspect|io|json|logging|os|pathlib|pprint|re|shutil|signal|tempfile|traceback|types|typing|warnings)(\.py|\/__init__\.py)$/,
    runsTests: true,
  },
  {
    name: 'Python linters',
    words: ['mypy', 'ruff', 'flake8', 'pylint', 'pyright', 'black', 'isort', 'bandit'],
    files: [
      [['mypy.ini', '.mypy.ini', 'ruff.toml', '.ruff.toml', '.flake8', '.pylintrc', 'pylintrc', 'pyrightconfig.json', '.isort.cfg'], whole],
      [['setup.cfg'], sections(/^(metadata|options(\..*)?|tool:pytest|coverage:.*)$/)],
      [['pyproject.toml'], PYPROJECT],
    ],
  },
  {
    name: 'make and its like',
    words: ['make', 'gmake', 'ninja', 'just', 'task', 'mage', 'rake', 'invoke', 'earthly'],
    files: [
      [['Makefile', 'makefile', 'GNUmakefile', '*.mk'], makefile],
      [['justfile', 'Justfile', '.justfile', 'Taskfile.yml', 'Taskfile.yaml', 'Rakefile', 'tasks.py', 'magefile.go', 'Earthfile'], whole],
    ],
  },
  {
    name: 'Rust',
    words: ['cargo', 'rustc', 'cross', 'clippy-driver'],
    files: [
      [['Cargo.toml'], CARGO],
      [
        ['.cargo/config.toml', '.cargo/config', '.config/nextest.toml', 'clippy.toml', '.clippy.toml', 'rustfmt.toml', '.rustfmt.toml'],
        whole,
      ],
      [['rust-toolchain', 'rust-toolchain.toml'], whole],
    ],
    runsTests: true,
  },
  {
    name: 'Go',
    words: ['go', 'gotestsum'],
    files: [
      [['go.mod'], goMod],
      [['go.work'], whole],
    ],
    shadows: /(^|\/)vendor\/.*\/(testify|gomega|ginkgo|goconvey|is|assert|require|gotest\.tools|check\.v1)(\/|@)/,
    decides: /^func TestMain\(/m,
    runsTests: true,
  },
  {
    name: 'Go linters',
    words: ['golangci-lint', 'staticcheck'],
    files: [[['.golangci.yml', '.golangci.yaml', '.golangci.toml', 'staticcheck.conf'], whole]],
  },
  {
    name: 'Java and Kotlin',
    words: ['mvn', 'mvnw', 'gradle', 'gradlew', 'sbt', 'ant', 'bazel'],
    files: [
      [
        [
          'pom.xml',
          'build.gradle',
          'build.gradle.kts',
          'settings.gradle',
          'settings.gradle.kts',
          'build.sbt',
          'build.xml',
          'BUILD',
          'BUILD.bazel',
        ],
        BUILD_FILE,
      ],
      [['gradle.properties', '.mvn/maven.config', '.mvn/jvm.config', '.mvn/extensions.xml', 'mvnw', 'gradlew', '.bazelrc'], whole],
      [['junit-platform.properties', 'testng.xml'], whole],
    ],
    runsTests: true,
  },
  {
    name: '.NET',
    words: ['dotnet', 'msbuild'],
    files: [
      [['*.csproj', '*.fsproj', '*.vbproj', '*.sln', '*.slnx'], BUILD_FILE],
      [['Directory.Build.props', 'Directory.Build.targets', '*.runsettings', 'global.json', 'xunit.runner.json'], whole],
    ],
    runsTests: true,
  },
  {
    name: 'PHP',
    words: ['php', 'composer', 'phpunit', 'pest', 'phpstan', 'psalm'],
    files: [
      [['composer.json'], COMPOSER_JSON],
      [['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml', 'Pest.php', 'phpstan.neon', 'phpstan.neon.dist', 'psalm.xml'], whole],
    ],
    shadows: /(^|\/)vendor\/(bin|phpunit|pestphp|composer)\/|(^|\/)vendor\/autoload\.php$/,
    runsTests: true,
  },
  {
    name: 'Ruby',
    words: ['ruby', 'rake', 'rspec', 'bundle', 'rails', 'rubocop', 'minitest'],
    files: [
      [
        ['.rspec', 'Rakefile', '.rubocop.yml', '.rubocop_todo.yml', '.ruby-version', '.tool-versions', 'config/environments/test.rb'],
        whole,
      ],
    ],
    runsTests: true,
  },
  {
    name: 'Elixir and Erlang',
    words: ['mix', 'rebar3'],
    files: [
      [['mix.exs', 'rebar.config'], BUILD_FILE],
      [['.formatter.exs', '.credo.exs', 'config/test.exs'], whole],
    ],
    runsTests: true,
  },
  {
    name: 'C and C++',
    words: ['cmake', 'ctest', 'meson'],
    files: [
      [['CMakeLists.txt', '*.cmake', 'meson.build', 'CMakePresets.json'], BUILD_FILE],
      [['CTestCustom.cmake', 'CTestConfig.cmake'], whole],
    ],
    runsTests: true,
  },
  {
    name: 'Swift and Dart',
    words: ['swift', 'dart', 'flutter'],
    files: [
      [['Package.swift'], BUILD_FILE],
      [['dart_test.yaml', 'analysis_options.yaml', '.swiftlint.yml'], whole],
    ],
    runsTests: true,
  },
  { name: 'pre-commit', words: ['pre-commit', 'lefthook'], files: [[['.pre-commit-config.yaml', 'lefthook.yml', 'lefthook.yaml'], whole]] },
];

/** How the files of a tool are told, ready for many paths. */
const MATCHERS = new Map(
  CHECK_TOOLS.map((tool) => [
    tool,
    tool.files.flatMap(([patterns, put]) => patterns.map((pattern) => ({ matches: pathMatcher(pattern), put }))),
  ]),
);

function pathMatcher(pattern: string): (path: string, name: string) => boolean {
  if (pattern.includes('/')) return (path) => path === pattern || path.endsWith(`/${pattern}`);
  if (!pattern.includes('*')) return (_, name) => name === pattern;
  const isNamed = nameMatcher(pattern);
  return (_, name) => isNamed(name);
}

/** @returns null where the file is none that the tool is configured by */
export function putBackFor(tool: CheckTool, path: string): PutBack | null {
  const name = basename(path);
  return MATCHERS.get(tool)?.find(({ matches }) => matches(path, name))?.put ?? null;
}
