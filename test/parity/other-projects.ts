/** Those of other kinds, with what Debian has of their tools. */
import type { Project } from './projects.ts';

const WITH_A_WHEEL = {
  'test_a.py':
    'import shout, unittest\n\nclass A(unittest.TestCase):\n    def test_has_a_dependency(self):\n        self.assertEqual(shout.shout("a"), "A")\n    def test_fails(self):\n        self.assertEqual(1, 2)\n',
  '.gitignore': '.venv\n__pycache__\n',
};

export const OTHER_PROJECTS: readonly Project[] = [
  {
    name: 'pytest in .venv',
    needs: ['python3'],
    files: {
      'pyproject.toml': '[project]\nname = "parity"\nversion = "1.0.0"\n',
      'test_a.py':
        'import iniconfig\n\ndef test_has_a_dependency():\n    assert iniconfig.IniConfig\n\ndef test_fails():\n    assert 1 == 2\n',
      '.gitignore': '.venv\n__pycache__\n.pytest_cache\n',
    },
    install: ['python3 -m venv .venv', '.venv/bin/pip install -q pytest'],
    from: 'pypi.org',
    command: '.venv/bin/pytest -q',
    outside: { passed: 1, failed: 1 },
  },
  {
    name: 'unittest in an environment outside of the checkout',
    needs: ['python3'],
    files: {
      'setup.cfg': '[metadata]\nname = parity\n',
      'test_a.py':
        'import unittest, sys\n\nclass A(unittest.TestCase):\n    def test_environment(self):\n        self.assertIn(".virtualenvs", sys.prefix)\n    def test_fails(self):\n        self.assertEqual(1, 2)\n',
      '.gitignore': '__pycache__\n',
    },
    install: ['python3 -m venv --without-pip "$HOME/.virtualenvs/parity"'],
    command: '"$HOME/.virtualenvs/parity/bin/python" -m unittest -v',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'unittest with a wheel from a registry, in .venv',
    needs: ['python3'],
    files: {
      ...WITH_A_WHEEL,
      'requirements.txt': 'shout==1.0\n',
    },
    install: ['python3 -m venv .venv', '.venv/bin/pip install -q --index-url "$REGISTRY/pypi" -r requirements.txt'],
    command: '.venv/bin/python -m unittest -v',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'unittest in an environment of pipenv',
    needs: ['pipenv'],
    files: WITH_A_WHEEL,
    install: [
      `printf '[[source]]\\nname = "own"\\nurl = "%s/pypi"\\nverify_ssl = false\\n\\n[packages]\\nshout = "==1.0"\\n' "$REGISTRY" > Pipfile`,
      // pipenv would take the newest that a version manager has, for which the system has no pip to put in.
      'pipenv --python /usr/bin/python3 install',
    ],
    command: 'pipenv run python -m unittest -v',
    outside: { passed: 1, failed: 1 },
  },
  {
    name: 'unittest in an environment of Poetry',
    needs: ['poetry'],
    files: WITH_A_WHEEL,
    install: [
      `printf '[tool.poetry]\\nname = "parity"\\nversion = "1.0.0"\\ndescription = ""\\nauthors = []\\n\\n[tool.poetry.dependencies]\\npython = "^3.8"\\nshout = "1.0"\\n\\n[[tool.poetry.source]]\\nname = "own"\\nurl = "%s/pypi/"\\ndefault = true\\n' "$REGISTRY" > pyproject.toml`,
      'poetry install --no-root --no-interaction',
    ],
    command: 'poetry run python -m unittest -v',
    outside: { passed: 1, failed: 1 },
  },
  {
    name: 'Rust with a crate from another repository',
    needs: ['cargo', 'cc'],
    files: {
      'dep/Cargo.toml': '[package]\nname = "dep"\nversion = "0.1.0"\nedition = "2021"\n',
      'dep/src/lib.rs': 'pub fn double(n: u32) -> u32 {\n    n * 2\n}\n',
      'src/lib.rs':
        '#[cfg(test)]\nmod tests {\n    #[test]\n    fn doubles() {\n        assert_eq!(dep::double(2), 4);\n    }\n    #[test]\n    fn fails() {\n        assert_eq!(dep::double(2), 5);\n    }\n}\n',
      '.gitignore': 'target\n',
    },
    // What cargo fetched is in the home only: the repository that it came from is gone by then.
    install: [
      'mv dep ../dep && cd ../dep && git init -q && git add -A && git -c user.name=A -c user.email=a@example.org commit -qm Dep',
      `printf '[package]\\nname = "parity"\\nversion = "0.1.0"\\nedition = "2021"\\n\\n[dependencies]\\ndep = { git = "file://%s" }\\n' "$(cd ../dep && pwd)" > Cargo.toml`,
      'cargo fetch -q && rm -r ../dep',
    ],
    command: 'cargo test',
    outside: { passed: 1, failed: 1 },
  },
  {
    name: 'Rust with a crate from a registry',
    needs: ['cargo', 'cc'],
    files: {
      'Cargo.toml': '[package]\nname = "parity"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nshout = "1"\n',
      'src/lib.rs':
        '#[cfg(test)]\nmod tests {\n    #[test]\n    fn shouts() {\n        assert_eq!(shout::shout("a"), "A");\n    }\n    #[test]\n    fn fails() {\n        assert_eq!(1, 2);\n    }\n}\n',
      '.gitignore': 'target\n',
    },
    install: [
      'mkdir -p "$HOME/.cargo"',
      `printf '[source.crates-io]\\nreplace-with = "own"\\n\\n[source.own]\\nregistry = "file://%s/crates"\\n' "$REGISTRY_FOLDER" > "$HOME/.cargo/config.toml"`,
      'cargo fetch -q',
    ],
    command: 'cargo test',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'Go with a module from a registry',
    needs: ['go'],
    files: {
      'go.mod': 'module parity\n\ngo 1.19\n',
      'a_test.go':
        'package parity\n\nimport (\n\t"testing"\n\n\t"example.org/dep"\n)\n\nfunc TestDoubles(t *testing.T) {\n\tif dep.Double(2) != 4 {\n\t\tt.Fatal("not 4")\n\t}\n}\n\nfunc TestFails(t *testing.T) { t.Fatal("as it must") }\n',
    },
    install: ['GOPROXY="$REGISTRY/go" GONOSUMDB="*" GOSUMDB=off go mod tidy'],
    command: 'go test -v ./...',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'Maven with JUnit from a registry',
    needs: ['mvn', 'java'],
    files: {
      'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>p</groupId><artifactId>parity</artifactId><version>1</version>
<properties><maven.compiler.release>11</maven.compiler.release><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency></dependencies>
<build><plugins>${[
        ['resources', '3.3.0'],
        ['compiler', '3.10.1'],
        ['surefire', '2.22.3'],
      ]
        .map(([name, version]) => `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version></plugin>`)
        .join('')}</plugins></build></project>\n`,
      'src/test/java/ATest.java':
        'import org.junit.Test;\nimport static org.junit.Assert.*;\npublic class ATest {\n  @Test public void adds() { assertEquals(2, 1 + 1); }\n  @Test public void hasItsHome() { assertTrue(new java.io.File(System.getProperty("user.home")).isDirectory()); }\n  @Test public void fails() { assertEquals(1, 2); }\n}\n',
      '.gitignore': 'target\n',
    },
    install: [
      `mkdir -p "$HOME/.m2" && printf '<settings><mirrors><mirror><id>own</id><mirrorOf>*</mirrorOf><url>%s/maven</url></mirror></mirrors></settings>' "$REGISTRY" > "$HOME/.m2/settings.xml"`,
      // The failing test ends it with 1 when all is there.
      'mvn -q -B test > install.log; grep -q "Tests run: 3" install.log || { cat install.log; exit 1; }; rm -r install.log target',
    ],
    from: "Debian's packages libsurefire-java, libmaven-compiler-plugin-java, libmaven-resources-plugin-java and junit4, or repo.maven.apache.org",
    command: 'mvn -B test',
    outside: { passed: 2, failed: 1 },
  },
  {
    name: 'Gradle with JUnit from a registry',
    needs: ['gradle', 'java'],
    files: {
      'src/test/java/ATest.java':
        'import org.junit.Test;\nimport static org.junit.Assert.*;\npublic class ATest {\n  @Test public void adds() { assertEquals(2, 1 + 1); }\n}\n',
      // A daemon would stay behind for hours.
      'gradle.properties': 'org.gradle.daemon.idletimeout=1000\n',
      '.gitignore': 'build\n.gradle\n',
    },
    install: [
      `printf "apply plugin: 'java'\\nrepositories { maven { url '%s/maven' } }\\ndependencies { testCompile 'junit:junit:4.13.2' }\\ntest { testLogging { events 'passed', 'failed' } }\\n" "$REGISTRY" > build.gradle`,
      'gradle -q test && rm -r build .gradle',
    ],
    from: "Debian's package junit4, or repo.maven.apache.org",
    // Its own words name no test that passes, so exit codes are compared.
    command: 'gradle test',
  },
  {
    name: 'CMake and CTest',
    needs: ['cmake', 'cc'],
    files: {
      'CMakeLists.txt':
        'cmake_minimum_required(VERSION 3.16)\nproject(parity C)\nenable_testing()\nadd_executable(a a.c)\nadd_test(NAME passes COMMAND a 0)\nadd_test(NAME fails COMMAND a 1)\n',
      'a.c': '#include <stdlib.h>\nint main(int n, char **words) { return n > 1 ? atoi(words[1]) : 0; }\n',
      '.gitignore': 'build\n',
    },
    install: [],
    command:
      'cmake -S . -B build > build.log && cmake --build build >> build.log && ctest --test-dir build; code=$?; rm -f build.log; exit $code',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'Ruby with minitest',
    needs: ['ruby'],
    files: {
      'test_a.rb':
        "require 'minitest/autorun'\nclass A < Minitest::Test\n  def test_children\n    fork { exit 0 }\n    assert_equal 1, Process.waitall.size\n  end\n  def test_fails\n    assert_equal 1, 2\n  end\nend\n",
    },
    install: [],
    command: 'ruby test_a.rb',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'Perl with prove',
    needs: ['prove'],
    files: {
      't/a.t':
        "use Test::More tests => 2;\nis(1 + 1, 2, 'adds');\nsubtest 'has children' => sub { my $child = fork; exit 0 if $child == 0; is(wait, $child, 'waits'); done_testing };\n",
      't/b.t': "use Test::More tests => 2;\nlike(`git log --format=%s`, qr/Begin/, 'asks git');\nis(1, 2, 'fails');\n",
    },
    install: [],
    command: 'prove',
    outside: { passed: 3, failed: 1 },
    small: true,
  },
  {
    name: 'A folder that must not be written',
    needs: ['prove'],
    files: {
      't/a.t':
        "use Test::More tests => 2;\nuse File::Temp 'tempdir';\nmy $folder = tempdir(CLEANUP => 1);\nok(-w $folder, 'is open');\nchmod 0555, $folder;\nok(!open(my $file, '>', \"$folder/a\"), 'is closed');\n",
    },
    install: [],
    command: 'prove',
    differsForRoot: true,
    small: true,
  },
  {
    name: 'Ruby with a gem from a registry, by Bundler',
    needs: ['ruby', 'bundle'],
    files: {
      'test_a.rb':
        "require 'minitest/autorun'\nrequire 'shout'\nclass A < Minitest::Test\n  def test_shouts\n    assert_equal 'A', shout('a')\n  end\n  def test_fails\n    assert_equal 1, 2\n  end\nend\n",
      '.gitignore': 'vendor\n',
    },
    install: [
      `printf 'source "%s/gems"\\ngem "shout"\\n' "$REGISTRY" > Gemfile`,
      'bundle config set --local path vendor/bundle && bundle install --quiet',
    ],
    // Bundler hides what its Gemfile does not name; minitest comes with Ruby.
    command: `bundle exec ruby "-I$(ruby -e 'require "minitest"; puts File.dirname($".grep(/minitest[.]rb/)[0])')" test_a.rb`,
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'PHPUnit with a package from a registry, by Composer',
    needs: ['php', 'composer', 'phpunit'],
    files: {
      'tests/ATest.php':
        "<?php\nuse PHPUnit\\Framework\\TestCase;\nfinal class ATest extends TestCase {\n  public function testShouts(): void { $this->assertSame('A', shout('a')); }\n  public function testFails(): void { $this->assertSame(1, 2); }\n}\n",
      '.gitignore': 'vendor\n.phpunit.result.cache\n',
    },
    install: [
      `printf '{"require": {"example/shout": "1.0.0"}, "repositories": [{"type": "composer", "url": "%s/composer"}, {"packagist.org": false}], "config": {"secure-http": false}}\\n' "$REGISTRY" > composer.json`,
      'COMPOSER_ALLOW_SUPERUSER=1 composer install -q --no-interaction',
    ],
    command: 'phpunit --bootstrap vendor/autoload.php tests',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'Elixir with ExUnit and a dependency',
    needs: ['mix'],
    files: {
      'mix.exs':
        'defmodule Parity.MixProject do\n  use Mix.Project\n  def project, do: [app: :parity, version: "0.1.0", deps: [{:shout, path: "deps/shout"}]]\nend\n',
      'test/test_helper.exs': 'ExUnit.start()\n',
      'test/a_test.exs':
        'defmodule ATest do\n  use ExUnit.Case\n  test "shouts", do: assert Shout.shout("a") == "A"\n  test "fails", do: assert 1 == 2\nend\n',
      '.gitignore': '_build\ndeps\n',
    },
    install: [
      'mkdir -p deps/shout/lib',
      `printf 'defmodule Shout.MixProject do\\n  use Mix.Project\\n  def project, do: [app: :shout, version: "1.0.0"]\\nend\\n' > deps/shout/mix.exs`,
      `printf 'defmodule Shout do\\n  def shout(text), do: String.upcase(text)\\nend\\n' > deps/shout/lib/shout.ex`,
    ],
    command: 'mix test',
    outside: { passed: 1, failed: 1 },
  },
];
