/**
 * Which files define or configure the checks that a tool runs: one row a tool. A row counts where a command, or a script that it runs,
 * names one of its words.
 */
import { basename } from 'node:path';
import { nameMatcher } from '../../common/list-names.ts';
import { goMod, makefile, type PutBack, packageLock, sections, tsconfig, whole } from './put-back.ts';
import { PYTHON_MODULES, RUBY_MODULES } from './runner-modules.ts';
import { BUILD_FILE, CARGO, COMPOSER_JSON, DENO_JSON, PACKAGE_JSON, PYPROJECT, REQUIREMENTS } from './what-counts.ts';

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
  /** Files by their name that are run before the tests in their folder and below, where there are some. */
  readonly aroundTests?: RegExp;
  /** Whether it says something of every check, whatever its words. */
  readonly always?: true;
  /** Whether it runs tests that stand in files of their own. */
  readonly runsTests?: true;
}

const JS_RUNNERS = [
  'react-scripts',
  'craco',
  'react-app-rewired',
  'qunit',
  'lab',
  'jest',
  'vitest',
  'mocha',
  'ava',
  'tape',
  'tap',
  'jasmine',
  'karma',
  'cypress',
  'playwright',
  'uvu',
  'c8',
  'nyc',
];
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
    name: 'git',
    words: [],
    // What stands in the files that a check reads; and what tools keep of an earlier run, in which anything may have passed.
    files: [
      [['.gitattributes'], whole],
      [['*.pyc', '*.pyo', '*.tsbuildinfo', '.eslintcache', '.stylelintcache', '.phpunit.result.cache', 'CMakeCache.txt'], whole],
    ],
    shadows: /(^|\/)(__pycache__|\.(mypy|ruff|pytest)_cache|\.turbo|\.nx|\.gradle|\.stack-work|dist-newstyle|\.?zig-cache|CMakeFiles)\//,
    always: true,
  },
  {
    name: 'what asks for ignored files',
    words: ['git', 'rg', 'ag', 'fd', 'prettier', 'eslint', 'biome', 'ruff', 'black', 'pre-commit'],
    files: [[['.gitignore', '.ignore', '.rgignore', '.fdignore'], whole]],
  },
  {
    name: 'JavaScript packages',
    words: [...JS_WORDS, ...JS_RUNNERS],
    files: [
      [['package.json'], PACKAGE_JSON],
      [['package-lock.json', 'npm-shrinkwrap.json'], packageLock],
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
    decides:
      /\bprocess\.(exit\(|exitCode\b|reallyExit\b|kill\(|on(ce)?\( *['"](exit|beforeExit)\b)|\bregisterHooks\(|\bmodule\.register\(|\brequire\.cache\b|\bcurrentTest\b|\.prototype\.\w+ *=|^(?!module\.exports\b|exports\b)[\w$]+(\.[\w$]+)+ *=(?![=>])/m,
    aroundTests: /(^|\/)setupTests\.[jt]sx?$|(^|\/)spec\/helpers\/[^/]+$/,
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
      [['requirements*.txt', 'constraints*.txt', 'Pipfile'], REQUIREMENTS],
      [['.python-version', '.tool-versions', 'hatch_build.py', 'pdm_build.py'], whole],
    ],
    decides:
      /\bos\.(_exit|kill|exec\w*)\(|\batexit\.|\bdef pytest_\w+\(|\bpytest_plugins\b|\bpytest\.exit\(|\bsys\.modules\b|\bbuiltins\.|^setattr\(|^[A-Za-z_]\w*(\.\w+)+ *=(?!=)/m,
    aroundTests: /(^|\/)__init__\.py$/,
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
      [['Makefile', 'makefile', 'GNUmakefile', '*.mk', 'Makefile.in', 'Makefile.am', 'configure.ac', 'configure.in'], makefile],
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
    decides: /^func (TestMain|init)\(|^var _ *= *func\(|\bos\.Exit\(|\bsyscall\.(Exit|Kill|Exec)\(|\bflag\.(CommandLine\.)?Set\(/m,
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
    decides: /\bexit!|\bat_exit\b|\bProcess\.kill\b|\bRSpec\.configure\b|\.prepend\b|^ *(class|module) (Minitest|RSpec|Test)\b/m,
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
  {
    name: 'Perl',
    words: ['perl', 'prove', 'yath', 'dzil', 'minil'],
    files: [
      [['.proverc', '.yath.rc', '.perlcriticrc', '.perltidyrc'], whole],
      [['Makefile.PL', 'Build.PL', 'dist.ini'], BUILD_FILE],
    ],
    shadows:
      /(^|\/)lib\/((Test2?|TAP|App\/(Prove|Yath))(\.pm|\/.*)|(strict|warnings|utf8|constant|parent|base|overload|Carp|Exporter|POSIX)\.pm)$/,
    decides: /\bPOSIX::_exit\b|^END\s*\{|\bkill\b|^[ \t]*\*\{?["\w:].*=/m,
    runsTests: true,
  },
  {
    name: 'OCaml, Haskell, Clojure, Zig',
    words: ['dune', 'cabal', 'stack', 'clojure', 'clj', 'lein', 'bb', 'zig'],
    files: [
      [['dune', 'dune-project', '*.cabal', 'package.yaml', 'deps.edn', 'project.clj', 'build.zig'], BUILD_FILE],
      [['dune-workspace', 'cabal.project*', 'stack.yaml', 'Setup.hs', 'bb.edn', 'tests.edn', 'profiles.clj'], whole],
    ],
    runsTests: true,
  },
  {
    name: 'R and Lua',
    words: ['R', 'Rscript', 'busted', 'luacheck', 'luarocks', 'lua'],
    files: [[['.Rprofile', '.Renviron', '.Rbuildignore', '.busted', '.luacheckrc', '.luacov'], whole]],
    runsTests: true,
  },
  { name: 'bats', words: ['bats'], files: [], aroundTests: /(^|\/)setup_suite\.bash$/, runsTests: true },
  {
    name: 'other runners of tasks',
    words: ['mise', 'rtx', 'nix', 'devbox', 'direnv', 'moon', 'pants', 'buck2', 'bazel', 'scons', 'waf', 'xmake', 'tup', 'autoreconf'],
    files: [
      [['mise.toml', '.mise.toml', 'flake.nix', 'default.nix', 'shell.nix', 'devbox.json', 'devenv.nix', '.envrc', 'moon.yml'], whole],
      [['MODULE.bazel', 'WORKSPACE', '*.bzl', 'pants.toml', 'BUCK', 'SConstruct', 'SConscript', 'wscript', 'xmake.lua', 'Tupfile'], whole],
    ],
  },
  { name: 'pre-commit', words: ['pre-commit', 'lefthook'], files: [[['.pre-commit-config.yaml', 'lefthook.yml', 'lefthook.yaml'], whole]] },
];

/** Whether a word of a command is a tool that runs tests. */
export const runsTests = (word: string): boolean => CHECK_TOOLS.some((tool) => tool.runsTests && tool.words.includes(word));

/** Whether it is one that looks at code and runs none. */
export const isLookedAtOnly = (word: string): boolean => CHECK_TOOLS.some((tool) => LOOKS.test(tool.name) && tool.words.includes(word));
const LOOKS = /linters$|^TypeScript$|^pre-commit$/;

/** How the files of a tool are told, ready for many paths. */
const MATCHERS = new Map(
  CHECK_TOOLS.map((tool) => [
    tool,
    tool.files.flatMap(([patterns, put]) => patterns.map((pattern) => ({ matches: pathMatcher(pattern), put }))),
  ]),
);

/** In lower case, since tools find them so where the file system makes no difference. */
function pathMatcher(asWritten: string): (path: string, name: string) => boolean {
  const pattern = asWritten.toLowerCase();
  if (pattern.includes('/')) return (path) => path === pattern || path.endsWith(`/${pattern}`);
  if (!pattern.includes('*')) return (_, name) => name === pattern;
  const isNamed = nameMatcher(pattern);
  return (_, name) => isNamed(name);
}

/** @returns null where the file is none that the tool is configured by */
export function putBackFor(tool: CheckTool, path: string): PutBack | null {
  const plain = path.toLowerCase();
  const name = basename(plain);
  return MATCHERS.get(tool)?.find(({ matches }) => matches(plain, name))?.put ?? null;
}

/** A manifest or build file of which only some parts count, for whatever tool. */
export const isPutBackInPart = (path: string): boolean =>
  CHECK_TOOLS.some((tool) => {
    const put = putBackFor(tool, path);
    return put !== null && put !== whole;
  });

/** Files that are named after a tool configure it: `.busted`, `.yamllint.yml`, `.luacheckrc`, `wtr.config.mjs`. */
export function isNamedAfter(words: ReadonlySet<string>, path: string): boolean {
  const tool = /^\.([a-z][\w-]+?)(rc)?(\.\w+)*$|^([a-z][\w-]+)\.(config|conf)\.\w+$/i.exec(basename(path));
  const name = tool?.[1] ?? tool?.[4];
  return name !== undefined && words.has(name.toLowerCase());
}

export const TOOL_WORDS: ReadonlySet<string> = new Set(CHECK_TOOLS.flatMap(({ words }) => words));
