import assert from 'node:assert/strict';
import { CRATE, definitionOf, type Files, GO, JS, json, PY, pkg, RUST } from './projects.ts';

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

const HONEST: readonly (readonly [string, string, Files, Files])[] = [
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
  for (const [what, command, base, change, found] of CHEATS)
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
