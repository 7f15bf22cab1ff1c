/**
 * Which files define or configure the checks that a tool runs: one row a tool. A row counts where a command, or a script that it runs,
 * names one of its words.
 */
import { basename } from 'node:path';
import { nameMatcher } from '../../common/list-names.ts';
import { composerJson, goMod, linesThatSay, makefile, type PutBack, packageJson, sections, tsconfig, whole } from './put-back.ts';
import { PYTHON_MODULES, RUBY_MODULES } from './runner-modules.ts';

export interface CheckTool {
  readonly name: string;
  readonly words: readonly string[];
  /** Files by name, in whatever folder; with a slash by the end of their path. `*` stands for any part of a name. */
  readonly files: readonly (readonly [patterns: readonly string[], put: PutBack])[];
  /** Files that these patterns of a path name stand in the place of the tool itself, or are run by it at its start. */
  readonly shadows?: RegExp;
  /** The same for paths from where the tool looks for modules: a folder that it runs in or that its command names, and those of tests. */
  readonly modules?: RegExp;
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
const COMPOSER_JSON = composerJson(['name', 'description', 'type', 'license', 'authors', 'require', 'require-dev']);
const DENO_JSON = packageJson(['name', 'version', 'exports', 'imports']);
const PYPROJECT = sections(
  /^(project(?!\.(entry-points|scripts|gui-scripts))(\..*)?|dependency-groups|build-system|tool\.(poetry(?!\.(plugins|scripts|build))|uv(?!\.sources)|pdm(?!\.(scripts|build))|setuptools(?!\.cmdclass)|setuptools_scm|flit(?!\.(scripts|entrypoints))|hatch\.(version|build(?!\.hooks)|metadata(?!\.hooks)))(\..*)?)$/,
);
const CARGO = sections(
  /^((target\..*\.)?(dev-|build-)?dependencies(\..*)?|features|badges|workspace\.(dependencies|package)(\..*)?|(workspace|package)\.metadata\..*|\[?(bin|example)\]?)$/,
  /^\s*([#]|$|(version|description|authors|license|keywords|categories|repository|homepage|documentation|readme|rust-version|publish)\b.*=)/,
);
/** What speaks of tests, runs something, or takes other files in. */
const SPEAKS_OF_TESTS =
  'test|spec|check|verify|skip|ignore|exclude|fail|disabled|enabled|onlyIf|argLine|jvmArg|javaagent|NDEBUG|flags|launcher';
const RUNS_SOMETHING =
  '\\bexec\\b|execute_process|command|\\bscript|\\bhook|halt\\b|\\bexit|\\bsystem\\b|\\bFile\\.|\\bfile *\\(|\\bCode\\.|\\bIO\\.|\\bputs\\b|println|doLast|doFirst|finalizedBy|`|%x';
const TAKES_IN =
  '\\binclude *\\(|<(includes?|groups|phase|goal|plugin|extension|Target|Import|parent)\\b|import_config|apply from|\\baliases\\b|unsafeFlags|\\beval';
const BUILD_FILE = linesThatSay(new RegExp(`${SPEAKS_OF_TESTS}|${RUNS_SOMETHING}|${TAKES_IN}`, 'i'));

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
      [['.nvmrc', '.node-version', '.tool-versions', 'lerna.json', 'nx.json', 'turbo.json', 'project.json', 'node.config.json'], whole],
      [['.pnp.cjs', '.pnp.js', '.pnp.loader.mjs', 'import_map.json', 'import-map.json', 'binding.gyp'], whole],
    ],
    shadows: /(^|\/)(node_modules|\.yarn\/(releases|plugins|sdks|cache|patches))\//,
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
    // jest takes what lies there in the place of packages, unasked.
    shadows: /(^|\/)__mocks__\//,
    decides: /\bprocess\.(exit\(|exitCode\b|reallyExit\b|kill\(|on(ce)?\( *['"](exit|beforeExit)\b)|\bregisterHooks\(|\bmodule\.register\(/,
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
      [
        ['pytest.ini', '.pytest.ini', 'pytest.toml', '.pytest.toml', 'tox.ini', 'tox.toml', 'noxfile.py', '.coveragerc', 'conftest.py'],
        whole,
      ],
      [['nose2.cfg', 'unittest.cfg', 'hatch.toml', 'uv.toml', 'pdm.toml', 'poetry.toml', 'pyvenv.cfg'], whole],
      [['setup.cfg'], sections(/^(metadata|options(?!\.entry_points)(\..*)?|egg_info|[bs]dist(_\w+)?|build(_\w+)?|install)$/)],
      [['pyproject.toml'], PYPROJECT],
      [['setup.py'], BUILD_FILE],
      [['.python-version', '.tool-versions', 'hatch_build.py', 'pdm_build.py'], whole],
    ],
    decides: /\bos\.(_exit|kill|exec\w*)\(|\batexit\.|\bdef pytest_\w+\(|\bpytest_plugins\b|\bpytest\.exit\(/,
    shadows:
      /(^|\/)((pytest|_pytest|unittest|pluggy|iniconfig|nose2|tox|nox|coverage|mypy|ruff|flake8|pylint|black)(\.py|\/.*)|(site|user)customize\.py|[^/]+\.pth|[^/]+\.(egg|dist)-info\/.*)$/,
    // `python -m` looks first into the folder where it runs.
    modules: PYTHON_MODULES,
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
      [['justfile', 'Justfile', '.justfile', '*.just', 'tasks.py', 'invoke.yaml', 'magefile.go', 'Earthfile', 'build.ninja'], whole],
      [['Taskfile.yml', 'Taskfile.yaml', 'taskfile.yml', 'taskfile.yaml', 'Taskfile.dist.yml', 'Taskfile.dist.yaml'], whole],
      [['Rakefile', 'rakefile', 'Rakefile.rb', 'rakefile.rb', '*.rake'], whole],
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
      [['rust-toolchain', 'rust-toolchain.toml', 'build.rs', 'Cross.toml'], whole],
    ],
    decides: /\bprocess::(exit|abort)\(|\blibc::_?exit\(/,
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
    decides: /^func (TestMain|init)\(|\bos\.Exit\(|\bsyscall\.(Exit|Kill|Exec)\(|\bflag\.(CommandLine\.)?Set\(/m,
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
      [['gradle-wrapper.properties', 'gradle-wrapper.jar', 'maven-wrapper.properties', 'maven-wrapper.jar'], whole],
      [['junit-platform.properties', 'testng.xml', '*.gradle', '*.gradle.kts'], whole],
    ],
    shadows:
      /(^|\/)(buildSrc|build-logic)\/|\/(java|kotlin|groovy|scala|resources)\/((org\/(junit|testng|assertj|hamcrest|mockito|spockframework)|junit|kotlin\/test|io\/kotest)\/|META-INF\/services\/)/,
    decides: /\bSystem\.exit\(|\bhalt\(|\bexitProcess\(/,
    runsTests: true,
  },
  {
    name: '.NET',
    words: ['dotnet', 'msbuild'],
    files: [
      [['*.csproj', '*.fsproj', '*.vbproj', '*.sln', '*.slnx'], BUILD_FILE],
      [['*.props', '*.targets', '*.rsp', '*.runsettings', 'global.json', 'xunit.runner.json', 'NuGet.Config', 'nuget.config'], whole],
      [['.config/dotnet-tools.json'], whole],
    ],
    decides: /\bEnvironment\.(Exit|FailFast)\(/,
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
    decides: /(?<![\w>:])(exit|die)\s*[(;]|\bregister_shutdown_function\b/,
    runsTests: true,
  },
  {
    name: 'Ruby',
    words: ['ruby', 'rake', 'rspec', 'bundle', 'rails', 'rubocop', 'minitest'],
    files: [
      [
        ['.rspec', '.rspec-local', '.rubocop.yml', '.rubocop_todo.yml', '.ruby-version', '.tool-versions', '.simplecov', '.mutant.yml'],
        whole,
      ],
      [['Rakefile', 'rakefile', 'Rakefile.rb', 'rakefile.rb', '*.rake', 'config/environments/test.rb', 'cucumber.yml'], whole],
      [['Gemfile', 'gems.rb', '*.gemspec', '.bundle/config'], BUILD_FILE],
    ],
    shadows: RUBY_MODULES,
    decides: /\bexit!|\bat_exit\b|\bProcess\.kill\b/,
    runsTests: true,
  },
  {
    name: 'Elixir and Erlang',
    words: ['mix', 'rebar3'],
    files: [
      [['mix.exs', 'rebar.config'], BUILD_FILE],
      [['.formatter.exs', '.credo.exs', 'config/test.exs', 'vm.args', 'sys.config', 'rebar.config.script', 'rebar3'], whole],
      [['config/config.exs', 'config/runtime.exs'], BUILD_FILE],
    ],
    decides: /\bSystem\.(halt|stop)\b|:init\.stop\b|:erlang\.halt\b|\b(erlang|init):(halt|stop)\(/,
    runsTests: true,
  },
  {
    name: 'C and C++',
    words: ['cmake', 'ctest', 'meson'],
    files: [
      [
        ['CMakeLists.txt', '*.cmake', 'meson.build', 'CMakePresets.json', 'CMakeUserPresets.json', 'meson.options', 'meson_options.txt'],
        BUILD_FILE,
      ],
      [['CTestCustom.cmake', 'CTestConfig.cmake'], whole],
    ],
    decides: /\b(_exit|_Exit|quick_exit|atexit|exit)\s*\(/,
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

/** Whether a word of a command is a tool that runs tests. */
export const runsTests = (word: string): boolean => CHECK_TOOLS.some((tool) => tool.runsTests && tool.words.includes(word));

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

export const TOOL_WORDS: ReadonlySet<string> = new Set(CHECK_TOOLS.flatMap(({ words }) => words));
