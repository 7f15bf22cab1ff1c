/** Small projects of many kinds, made with their real tools: each has dependencies, tests that pass, and one that fails; or a repository. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Place {
  readonly folder: string;
  /** A home of its own, where caches grow. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Project {
  readonly name: string;
  /** Programs without which it is left out. */
  readonly needs: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Instead of files: a repository whose HEAD is checked out. */
  readonly repository?: string;
  /** Commands of a shell that install what it needs, with a network. */
  readonly install: readonly string[];
  /** What is run outside and inside. */
  readonly command: string;
  /** What the outside gives, where it is known: a project of which nothing runs proves nothing. */
  readonly outside?: { readonly passed: number; readonly failed: number };
  /** Installs so little that every run of the tests can afford it. */
  readonly small?: true;
}

const manifest = (scripts: Record<string, string>, more: object = {}) =>
  `${JSON.stringify({ name: 'parity', version: '1.0.0', private: true, scripts, ...more }, null, 2)}\n`;
const npm = (...packages: string[]) => [`npm install --no-audit --no-fund --loglevel=error ${packages.join(' ')}`];

/** A test that reads what a tool wrote beside its packages, one that needs a dependency, one that needs git, and one that fails. */
const TYPESCRIPT = `import { expect, test } from 'vitest';
import { execFileSync } from 'node:child_process';
import { double } from './double';
test('doubles', () => expect(double(2)).toBe(4));
test('has its own colours', () => expect(process.env.NO_COLOR).toBe(undefined));
test('asks git', () => expect(String(execFileSync('git', ['log', '--format=%s']))).toContain('Begin'));
test('fails', () => expect(double(2)).toBe(5));
`;

const vitest = (version: string): Project => ({
  name: `vitest ${version} with TypeScript`,
  needs: ['npm'],
  files: {
    'package.json': manifest({ test: 'vitest run' }, { type: 'module' }),
    'vite.config.ts':
      "import { defineConfig } from 'vite';\nexport default defineConfig({ test: { include: ['*.test.ts'] } } as object);\n",
    'double.ts': 'export const double = (n: number): number => n * 2;\n',
    'double.test.ts': TYPESCRIPT,
    '.gitignore': 'node_modules\n',
  },
  install: npm('-D', `vitest@${version}`, 'typescript@5'),
  command: 'npm test',
  outside: { passed: 3, failed: 1 },
});

export const PROJECTS: readonly Project[] = [
  {
    name: "Node's own runner with a dependency",
    needs: ['npm'],
    files: {
      'package.json': manifest({ test: 'node --test' }),
      'a.test.js':
        "const { test } = require('node:test'), assert = require('node:assert'), ms = require('ms');\ntest('reads', () => assert.equal(ms('2s'), 2000));\ntest('fails', () => assert.equal(ms('2s'), 1));\n",
      '.gitignore': 'node_modules\n',
    },
    install: npm('ms@2.1.3'),
    command: 'npm test',
    outside: { passed: 1, failed: 1 },
    small: true,
  },
  {
    name: 'node_modules that are a link to those of another checkout',
    needs: ['npm'],
    files: {
      'package.json': manifest({ test: 'node --test' }),
      'a.test.js':
        "const { test } = require('node:test'), assert = require('node:assert'), ms = require('ms');\ntest('reads', () => assert.equal(ms('2s'), 2000));\ntest('fails', () => assert.equal(ms('2s'), 1));\n",
      '.gitignore': 'node_modules\n',
    },
    install: [...npm('ms@2.1.3'), 'mkdir ../other && mv node_modules ../other && ln -s ../other/node_modules node_modules'],
    command: 'npm test',
    outside: { passed: 1, failed: 1 },
  },
  vitest('1'),
  vitest('2'),
  vitest('3'),
  vitest('4'),
  {
    name: 'Mocha with a cache in its packages',
    needs: ['npm'],
    files: {
      'package.json': manifest({ test: 'mocha a.test.js' }),
      'a.test.js':
        "const assert = require('assert'), fs = require('fs');\nit('writes beside its packages', () => { fs.mkdirSync('node_modules/.cache/x', { recursive: true }); fs.writeFileSync('node_modules/.cache/x/y', ''); });\nit('is in colour as outside', () => assert.equal(process.env.NO_COLOR, undefined));\nit('fails', () => assert.equal(1, 2));\n",
      '.gitignore': 'node_modules\n',
    },
    install: npm('-D', 'mocha@11'),
    command: 'npm test',
    outside: { passed: 2, failed: 1 },
  },
  {
    name: 'Jest',
    needs: ['npm'],
    files: {
      'package.json': manifest({ test: 'jest' }),
      'a.test.js':
        "test('adds', () => expect(1 + 1).toBe(2));\ntest('takes a snapshot', () => expect({ a: 1 }).toMatchSnapshot());\ntest('fails', () => expect(1).toBe(2));\n",
      '.gitignore': 'node_modules\n__snapshots__\n',
    },
    install: npm('-D', 'jest@30'),
    command: 'npm test',
    outside: { passed: 2, failed: 1 },
  },
  {
    name: 'AVA',
    needs: ['npm'],
    files: {
      'package.json': manifest({ test: 'ava' }, { type: 'module' }),
      'test.js': "import test from 'ava';\ntest('adds', (t) => t.is(1 + 1, 2));\ntest('fails', (t) => t.is(1, 2));\n",
      '.gitignore': 'node_modules\n',
    },
    install: npm('-D', 'ava@6'),
    command: 'npm test',
    // Its summary does not tell how many passed where one failed.
    outside: { passed: 0, failed: 1 },
  },
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
    name: 'Go with a module from a proxy',
    needs: ['go', 'python3'],
    files: {
      'go.mod': 'module parity\n\ngo 1.19\n',
      'a_test.go':
        'package parity\n\nimport (\n\t"testing"\n\n\t"example.org/dep"\n)\n\nfunc TestDoubles(t *testing.T) {\n\tif dep.Double(2) != 4 {\n\t\tt.Fatal("not 4")\n\t}\n}\n\nfunc TestFails(t *testing.T) { t.Fatal("as it must") }\n',
    },
    // A proxy of files (go.dev/ref/mod, "GOPROXY protocol"), gone by the time of the tests.
    install: [
      'mkdir -p ../proxy/example.org/dep/@v ../src/example.org/dep@v1.0.0',
      `cd ../src/example.org/dep@v1.0.0 && printf 'module example.org/dep\\n' > go.mod && printf 'package dep\\n\\nfunc Double(n int) int { return 2 * n }\\n' > dep.go`,
      `cd ../proxy/example.org/dep/@v && cp ../../../../src/example.org/dep@v1.0.0/go.mod v1.0.0.mod && echo v1.0.0 > list && printf '{"Version":"v1.0.0"}' > v1.0.0.info`,
      `cd ../src && python3 -c 'import zipfile; z = zipfile.ZipFile("../proxy/example.org/dep/@v/v1.0.0.zip", "w"); [z.write("example.org/dep@v1.0.0/" + name) for name in ("go.mod", "dep.go")]; z.close()'`,
      'GOPROXY="file://$(cd ../proxy && pwd)" GONOSUMDB="*" GOSUMDB=off go mod tidy && rm -r ../proxy ../src',
    ],
    command: 'go test -v ./...',
    outside: { passed: 1, failed: 1 },
  },
  {
    name: 'Maven with JUnit',
    needs: ['mvn', 'java'],
    files: {
      'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>p</groupId><artifactId>parity</artifactId><version>1</version>
<properties><maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency></dependencies></project>\n`,
      'src/test/java/ATest.java':
        'import org.junit.Test;\nimport static org.junit.Assert.*;\npublic class ATest {\n  @Test public void adds() { assertEquals(2, 1 + 1); }\n  @Test public void fails() { assertEquals(1, 2); }\n}\n',
      '.gitignore': 'target\n',
    },
    install: ['mvn -q -B test || true'],
    command: 'mvn -B test',
    outside: { passed: 1, failed: 1 },
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
    name: 'PHPUnit',
    needs: ['php', 'composer'],
    files: {
      'composer.json': '{"require-dev": {"phpunit/phpunit": "^11"}}\n',
      'tests/ATest.php':
        '<?php\nuse PHPUnit\\Framework\\TestCase;\nfinal class ATest extends TestCase {\n  public function testAdds(): void { $this->assertSame(2, 1 + 1); }\n  public function testFails(): void { $this->assertSame(1, 2); }\n}\n',
      '.gitignore': 'vendor\n.phpunit.result.cache\n',
    },
    install: ['composer install -q --no-interaction'],
    command: 'vendor/bin/phpunit tests',
    outside: { passed: 1, failed: 1 },
  },
];

/** Whether its tools are on this machine. */
export function canMake({ needs }: Project, env: Place['env']): boolean {
  return needs.every((program) => succeeds(`command -v ${program}`, env));
}

/** Writes the files or checks the repository out, installs what it needs, and commits the files. */
export function makeProject(project: Project, { folder, home, env }: Place): void {
  for (const [file, text] of Object.entries(project.files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  // With the settings of whoever runs this, for mirrors and certificates; what is downloaded goes to the other home.
  const shell = (command: string) => {
    const options = {
      cwd: folder,
      env: { ...process.env, ...ownSettings(), ...env, HOME: home },
      encoding: 'utf8',
      timeout: 600_000,
    } as const;
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], options);
    if (status !== 0) throw new Error(`${project.name}: \`${command}\` ended with ${status}\n${stdout}${stderr}`);
  };
  const git = 'git -c "safe.directory=*"';
  if (project.repository !== undefined) {
    const from = `'${project.repository.replaceAll("'", "'\\''")}'`;
    shell(`${git} fetch -q --tags --update-shallow ${from} HEAD && ${git} reset -q --hard FETCH_HEAD`);
  }
  for (const command of project.install) shell(command);
  if (project.repository === undefined) shell(`${git} add -A && ${git} -c user.name=Ann -c user.email=ann@example.org commit -qm Begin`);
  chmodSync(folder, 0o755);
}

/** Files of the real home that tools read their mirrors from. */
function ownSettings(): Record<string, string> {
  const files = { PIP_CONFIG_FILE: '.config/pip/pip.conf', npm_config_userconfig: '.npmrc' };
  const found = Object.entries(files).map(([name, file]) => [name, path.join(os.homedir(), file)] as const);
  return Object.fromEntries(found.filter(([, file]) => existsSync(file)));
}

function succeeds(command: string, env: Place['env']): boolean {
  try {
    execFileSync('/bin/sh', ['-c', command], { env, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
