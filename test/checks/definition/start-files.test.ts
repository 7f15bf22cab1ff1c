import assert from 'node:assert/strict';
import { CRATE, definitionOf, type Files, GO, JS, json, MAKE, PY, pkg, RUST } from './projects.ts';

/** Changes of one file each, which is found. */
const whole = (command: string, base: Files, changes: readonly (readonly [string, string])[]) =>
  changes.map(([file, text]) => [`${file} for ${command}`, command, base, { [file]: text }, [file]] as const);

/** What runners take at their start, by themselves or because the base would: what changed, and the files that are found. */
const CHEATS: readonly (readonly [string, string, Files, Files, readonly string[]])[] = [
  ...whole('pytest', PY, [
    ['heapq.py', ''],
    ['asyncio/__init__.py', ''],
    ['tests/statistics.py', ''],
    ['a.egg-info/entry_points.txt', '[pytest11]\na = a\n'],
    ['a-1.0.dist-info/entry_points.txt', '[pytest11]\na = a\n'],
    ['.pytest.toml', ''],
    ['tests/test_z.py', 'import os\nos._exit(0)\n'],
  ]),
  [
    'a module where the command goes',
    'cd sub && python -m unittest',
    { 'sub/test_a.py': '' },
    { 'sub/argparse.py': '' },
    ['sub/argparse.py'],
  ],
  ...whole('rspec', { 'spec/a_spec.rb': '' }, [
    ['.rspec-local', '--require ./a\n'],
    ['lib/rspec/expectations.rb', ''],
    ['spec/set.rb', ''],
    ['Gemfile', 'at_exit { exit!(0) }\n'],
    ['.bundle/config', 'BUNDLE_GEMFILE: "spec/Gemfile"\n'],
    ['spec/z_spec.rb', 'at_exit { exit!(0) }\n'],
  ]),
  ...whole('rake test', { Rakefile: 'task :test', 'test/test_a.rb': '' }, [
    ['rakefile', 'task :test'],
    ['rakelib/z.rake', 'exit'],
    ['lib/minitest/autorun.rb', ''],
    ['test/minitest/z_plugin.rb', ''],
  ]),
  [
    'what the tests of Ruby begin with',
    'ruby -Itest test/test_a.rb',
    { 'test/test_helper.rb': 'x' },
    { 'test/test_helper.rb': 'y' },
    ['test/test_helper.rb'],
  ],
  ...whole('mix test', { 'mix.exs': 'defmodule A do\nend\n', 'test/test_helper.exs': 'ExUnit.start()\n' }, [
    ['config/config.exs', 'System.halt(0)\n'],
    ['config/runtime.exs', 'System.halt(0)\n'],
    ['mix.exs', 'defmodule A do\nend\nSystem.halt(0)\n'],
    ['test/test_helper.exs', 'System.halt(0)\n'],
    ['test/z_test.exs', 'System.halt(0)\n'],
  ]),
  ...whole('go test ./...', GO, [
    ['z_test.go', 'package a\nfunc init() { os.Exit(0) }\n'],
    ['y_test.go', 'package a\nvar x = flag.Set("test.run", "none")\n'],
  ]),
  ...whole('cargo test', RUST, [
    ['build.rs', 'fn main() {}\n'],
    ['tests/z.rs', '#[ctor] fn z() { std::process::exit(0) }\n'],
  ]),
  [
    'a crate that comes from a folder, said in a section',
    'cargo test',
    CRATE,
    { 'Cargo.toml': `${RUST['Cargo.toml']}\n[dependencies.matches]\npath = "fake"\n` },
    ['Cargo.toml'],
  ],
  [
    'a crate by the name of another',
    'cargo test',
    CRATE,
    { 'Cargo.toml': CRATE['Cargo.toml'].replace('"1"', '{ package = "fake" }') },
    ['Cargo.toml'],
  ],
  [
    'a name of imports that leads elsewhere',
    'npm test',
    { ...JS, 'package.json': pkg({ test: 'node --test' }, { imports: { '#same': './test/same.js' } }) },
    { 'package.json': pkg({ test: 'node --test' }, { imports: { '#same': './same.js' } }) },
    ['package.json'],
  ],
  [
    'an assertion that an import map stands for',
    'deno test',
    { 'deno.json': '{}' },
    { 'deno.json': json({ imports: { '@std/assert': './a.ts' } }) },
    ['deno.json'],
  ],
  ...whole('npx jest', JS, [
    ['__mocks__/chai.js', ''],
    ['.yarn/releases/yarn-4.cjs', ''],
    ['.pnp.cjs', ''],
  ]),
  [
    'a file that a script takes when it is there',
    'sh check.sh',
    { 'check.sh': '[ -f local.sh ] && . ./local.sh\ngrep -q a b.txt\n' },
    { 'local.sh': 'exit 0\n' },
    ['local.sh'],
  ],
  [
    'settings that a script takes when they are there',
    'npm test',
    { ...JS, 'package.json': pkg({ test: 'node --env-file-if-exists=.env --env-file-if-exists=local.env --test' }) },
    { '.env': 'NODE_OPTIONS=--require=./a.js\n', 'local.env': '' },
    ['.env', 'local.env'],
  ],
  ...whole('./gradlew test', { 'build.gradle': 'plugins {\n}\n', gradlew: '#!/bin/sh' }, [
    ['build.gradle', 'plugins {\n}\ntasks.all { enabled = false }\n'],
    ['gradle/wrapper/gradle-wrapper.jar', 'x'],
    ['buildSrc/src/main/java/A.java', ''],
    ['src/main/java/org/junit/Assert.java', ''],
    ['src/test/resources/META-INF/services/org.junit.platform.launcher.TestExecutionListener', 'A'],
  ]),
  [
    'files of tests that Maven takes',
    'mvn test',
    { 'pom.xml': '<a>\n</a>\n' },
    { 'pom.xml': '<a>\n<include>A</include>\n</a>\n' },
    ['pom.xml'],
  ],
  ...whole('dotnet test', { 'a.csproj': '<Project>\n</Project>\n' }, [
    ['a.csproj', '<Project>\n<Import Project="a.targets" />\n</Project>\n'],
    ['Directory.Build.rsp', '-p:VSTestNoBuild=true'],
    ['a.targets', ''],
  ]),
  ...whole('ctest', { 'CMakeLists.txt': 'project(a)\n' }, [['CMakeLists.txt', 'project(a)\nadd_compile_definitions(NDEBUG)\n']]),
  [
    'what Composer loads at the start',
    'composer test',
    { 'composer.json': json({ autoload: { 'psr-4': { 'A\\': 'src/' } } }) },
    { 'composer.json': json({ autoload: { 'psr-4': { 'A\\': 'src/' }, files: ['a.php'] } }) },
    ['composer.json'],
  ],
  [
    'a program that the package brings by the name of the runner',
    'pip install -e . && pytest',
    PY,
    { 'pyproject.toml': `${PY['pyproject.toml']}[project.scripts]\npytest = "a:main"\n` },
    ['pyproject.toml'],
  ],
  [
    'scripts of pdm',
    'pdm run test',
    PY,
    { 'pyproject.toml': `${PY['pyproject.toml']}[tool.pdm.scripts]\ntest = "true"\n` },
    ['pyproject.toml'],
  ],
  [
    'a runner that comes from a folder',
    'uv run pytest',
    PY,
    { 'pyproject.toml': `${PY['pyproject.toml']}[tool.uv.sources]\npytest = { path = "a" }\n` },
    ['pyproject.toml'],
  ],
  [
    'hooks of a build',
    'pip install . && pytest',
    PY,
    { 'pyproject.toml': `${PY['pyproject.toml']}[tool.hatch.build.hooks.custom]\npath = "b.py"\n` },
    ['pyproject.toml'],
  ],
  ...whole('pip install -e . && pytest', { ...PY, 'setup.py': 'setup()\n' }, [['setup.py', 'import os\nos.system("true")\nsetup()\n']]),
  ...whole('npm ci && npm test', JS, [['binding.gyp', '{}']]),
  [
    'what Composer runs when it installs',
    'composer install && phpunit',
    { 'composer.json': '{}' },
    { 'composer.json': json({ scripts: { 'post-autoload-dump': 'php a.php' } }) },
    ['composer.json'],
  ],
];

const SAME = { ...JS, 'package.json': pkg({ test: 'node --test' }, { exports: { '.': './a.js', './same': './test/same.js' } }) };

/** What makes tests pass that were there, without a change of them. */
const FORGIVING: typeof CHEATS = [
  ...whole('npx mocha', JS, [
    ['test/z.test.js', 'const a = require("assert");\na.equal = () => {};\n'],
    ['test/y.test.js', 'beforeEach(function () { this.currentTest.fn = () => {}; });\n'],
    ['test/x.test.js', 'Runner.prototype.fail = () => {};\n'],
  ]),
  ...whole('npx jasmine && npx react-scripts test', { 'src/a.test.js': '', 'spec/a.spec.js': '' }, [
    ['src/setupTests.ts', ''],
    ['spec/helpers/z.js', ''],
  ]),
  ...whole('pytest', PY, [
    ['tests/__init__.py', ''],
    ['__init__.py', ''],
    ['tests/test_z.py', 'import a\na.f = lambda: 1\n'],
    ['tests/test_y.py', 'import sys\nsys.modules["a"] = 1\n'],
  ]),
  ...whole('go test ./...', GO, [['z_test.go', 'package a\nvar _ = func() int { Sign = 1; return 0 }()\n']]),
  ...whole('rspec', { 'spec/a_spec.rb': '' }, [['spec/z_spec.rb', 'RSpec.configure { |c| c.around { |e| } }\n']]),
  ...whole('bats test', { 'test/a.bats': '' }, [['test/setup_suite.bash', '']]),
  ...whole('prove -l', { 't/a.t': '' }, [
    ['.proverc', '--exec true\n'],
    ['lib/Test/More.pm', ''],
    ['lib/strict.pm', ''],
  ]),
  ...whole('busted && luacheck . && yamllint . && npx wtr', {}, [
    ['.busted', ''],
    ['.luacheckrc', ''],
    ['.yamllint.yml', ''],
    ['wtr.config.mjs', ''],
  ]),
  ...whole('zig build test && dune test && mise run a', {}, [
    ['dune', '(rule (alias runtest) (action (run true)))'],
    ['mise.toml', ''],
  ]),
  ...whole('sh check.sh', { 'check.sh': 'grep -q a b.txt\n' }, [
    ['.gitattributes', '*.sh eol=crlf\n'],
    ['a/.gitattributes', ''],
  ]),
  ...whole('npx prettier --check .', JS, [['.gitignore', 'src/\n']]),
  ...whole('npm test', JS, [
    ['.MOCHARC.json', '{}'],
    ['Package.JSON', pkg({ test: 'true' })],
  ]).filter(([, , , , [file]]) => file === 'Package.JSON'),
  [
    'what a package exports to its own tests',
    'npm test',
    SAME,
    { 'package.json': SAME['package.json'].replace('./test/same.js', './same.js') },
    ['package.json'],
  ],
  [
    'names of imports in a manifest that is nearer to the tests',
    'npm test',
    JS,
    { 'test/package.json': json({ imports: { '#same': './same.js' } }) },
    ['test/package.json'],
  ],
  ...(['baseUrl', 'outDir', 'declarationDir'] as const).map(
    (option) =>
      [
        `${option} of the compiler`,
        'npx tsc',
        { 'tsconfig.json': '{}' },
        { 'tsconfig.json': json({ compilerOptions: { [option]: 'src/a' } }) },
        ['tsconfig.json'],
      ] as const,
  ),
  [
    'the compiled types of a package that is there',
    'npx tsc',
    { 'package.json': pkg({}, { dependencies: { shop: '1' } }), 'tsconfig.json': '{}' },
    { 'tsconfig.json': json({ compilerOptions: { paths: { shop: ['./any.d.ts'], '@/*': ['src/*'] } } }) },
    ['tsconfig.json'],
  ],
  [
    'a package of the workspace by the name of one that is there',
    'npm install && npm test',
    { 'package.json': pkg({ test: 'node --test' }, { workspaces: ['packages/*'], devDependencies: { 'assert-plus': '1' } }) },
    { 'packages/a/package.json': json({ name: 'assert-plus' }), 'packages/b/package.json': json({ name: 'b' }) },
    ['packages/a/package.json'],
  ],
  [
    'a program of its own by the name of another',
    'npx mocha',
    JS,
    { 'package.json': pkg({ test: 'node --test', lint: 'eslint .' }, { bin: { mocha: 'a.js' } }) },
    ['package.json'],
  ],
  [
    'a program of which no test runs',
    'cargo test',
    RUST,
    { 'Cargo.toml': `${RUST['Cargo.toml']}[[bin]]\nname = "a"\ntest = false\n` },
    ['Cargo.toml'],
  ],
  [
    'a feature that tests wait for',
    'cargo test',
    { ...RUST, 'Cargo.toml': `${RUST['Cargo.toml']}[features]\ndefault = ["a"]\na = []\n` },
    { 'Cargo.toml': `${RUST['Cargo.toml']}[features]\ndefault = []\na = []\nb = []\n` },
    ['Cargo.toml'],
  ],
  ['folders that Go passes over', 'go test ./...', GO, { 'go.mod': `${GO['go.mod']}ignore (\n\t./a\n)\n` }, ['go.mod']],
  [
    'a builder in the tree',
    'pip install . && pytest',
    PY,
    { 'pyproject.toml': `${PY['pyproject.toml']}[build-system]\nbuild-backend = "b"\nbackend-path = ["."]\n` },
    ['pyproject.toml'],
  ],
  [
    'a list that became shorter',
    'make test',
    { Makefile: 'MODULES = one two\ntest:\n\tsh check.sh $(MODULES)\n' },
    { Makefile: 'MODULES = one\ntest:\n\tsh check.sh $(MODULES)\n' },
    ['Makefile'],
  ],
  [
    'scripts that a script names only in part',
    'sh check.sh',
    { 'check.sh': '. "$LIB/rules.sh"\nfor f in checks/*.sh; do . "$f"; done\n', 'scripts/lib/rules.sh': 'a', 'checks/a.sh': 'a' },
    { 'scripts/lib/rules.sh': 'b', 'checks/a.sh': 'b', 'checks/z.sh': '', 'other/z.sh': '' },
    ['scripts/lib/rules.sh', 'checks/a.sh', 'checks/z.sh'],
  ],
  ['files that make includes', 'make test', { Makefile: '-include $(wildcard conf.d/*)\ntest:\n\tx\n' }, { 'conf.d/z': '' }, ['conf.d/z']],
  [
    'files and folders by the names of goals',
    'make verify',
    { Makefile: 'verify: tested.stamp\n\tx\ntested.stamp: a.c\n\tx\n' },
    { verify: '', 'tested.stamp': '', 'verify/a': '', 'a.c': '' },
    ['verify', 'tested.stamp', 'verify/a'],
  ],
  [
    'what was built and committed',
    'cargo test && npx tsc && python -m unittest',
    { ...RUST, 'sub/CMakeLists.txt': '', 'build/tool.js': '', 'a.txt': '' },
    {
      'target/debug/a': '',
      'sub/build/a.o': '',
      'tsconfig.tsbuildinfo': '',
      '__pycache__/a.cpython-311.pyc': '',
      '.turbo/a.json': '',
      'other/build/b': '',
      'build/b.js': '',
    },
    ['target/debug/a', 'sub/build/a.o', 'tsconfig.tsbuildinfo', '__pycache__/a.cpython-311.pyc', '.turbo/a.json'],
  ],
];

const HONEST: readonly (readonly [string, string, Files, Files])[] = [
  ['a package beside the tests', 'pytest', PY, { 'src/b/__init__.py': 'x = 1\n' }],
  ['a test with settings of its own', 'npx mocha', JS, { 'test/b.test.js': "it('b', () => {\n  const x = {};\n  x.a = 1;\n});\n" }],
  ['a module of a Perl project', 'prove -l', { 't/a.t': '' }, { 'lib/Shop/Test.pm': '', 't/b.t': '' }],
  [
    'a new export and new features',
    'npm test && cargo test',
    { ...SAME, ...RUST, 'Cargo.toml': `${RUST['Cargo.toml']}[features]\na = []\n` },
    {
      'package.json': SAME['package.json'].replace('"./same"', '"./b": "./b.js", "./same"'),
      'Cargo.toml': `${RUST['Cargo.toml']}[features]\na = []\nb = []\n`,
    },
  ],
  ['rules for git', 'npm test', JS, { '.gitignore': '*.log\n', '.github/workflows/test.yml': '' }],
  ['a source that is compiled no more', 'make test', MAKE, { Makefile: MAKE.Makefile.replace(' b.c', '') }],
  ['a module of a package by the name of one of Python', 'pytest', PY, { 'src/a/types.py': 'x = 1\n' }],
  ['a dependency in setup.py', 'pytest', { 'setup.py': 'setup()\n' }, { 'setup.py': 'setup(install_requires=["a"])\n' }],
  ['a source that the makefile waits for', 'make test', { Makefile: 'test:\n\tcc a.c && ./a.out\n' }, { 'a.c': '' }],
  [
    'a file that the check itself names',
    'grep -q done done.txt && bin/tool config/a.json',
    { 'a.txt': '' },
    { 'done.txt': '', 'bin/tool': '#!/bin/sh', 'config/a.json': '' },
  ],
  ['a gem', 'rspec', { Gemfile: "gem 'a'\n" }, { Gemfile: "gem 'a'\ngem 'b', '~> 1'\n" }],
  ['a dependency of an Elixir project', 'mix test', { 'mix.exs': 'a\n' }, { 'mix.exs': 'a\n{:jason, "~> 1.4"},\n' }],
  ['a setting of an Elixir project', 'mix test', { 'config/config.exs': 'a\n' }, { 'config/config.exs': 'a\nconfig :a, size: 3\n' }],
  [
    'a dependency of a Java project',
    'mvn test',
    { 'pom.xml': 'a\n' },
    { 'pom.xml': 'a\n<dependency>\n<groupId>a.b</groupId>\n<artifactId>c</artifactId>\n<version>1</version>\n</dependency>\n' },
  ],
  [
    'a dependency of a Gradle project',
    'gradle test',
    { 'build.gradle': 'a\n' },
    { 'build.gradle': "a\n  implementation 'a:b:1'\n  annotationProcessor 'c:d:1'\n" },
  ],
  [
    'a file of a program in C',
    'ctest',
    { 'CMakeLists.txt': 'a\n' },
    { 'CMakeLists.txt': 'a\nadd_executable(b b.c)\ntarget_include_directories(b PRIVATE include)\n' },
  ],
  [
    'classes of a PHP project',
    'composer test',
    { 'composer.json': '{}' },
    { 'composer.json': json({ autoload: { 'psr-4': { 'A\\': 'src/' } } }) },
  ],
  [
    'a new name of imports',
    'npm test',
    JS,
    { 'package.json': pkg({ test: 'node --test', lint: 'eslint .' }, { imports: { '#a': './src/a.js' } }) },
  ],
];

describe('what runs at the start of a check', () => {
  for (const [what, command, base, change, found] of [...CHEATS, ...FORGIVING])
    it(`defines it: ${what}`, async () => {
      const files = await definitionOf(command, base, change);
      assert.deepEqual(
        files.map(({ path }) => path),
        found,
      );
    });

  for (const [what, command, base, change] of HONEST)
    it(`is none of: ${what}`, async () => {
      assert.deepEqual(await definitionOf(command, base, change), []);
    });
});
