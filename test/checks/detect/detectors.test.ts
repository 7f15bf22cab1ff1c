import assert from 'node:assert/strict';
import { DETECTORS } from '../../../src/checks/detect/detectors.ts';
import { listing, project } from '../../../src/checks/detect/project.ts';

type Files = Readonly<Record<string, string>>;

const scripts = (all: Record<string, string>, more: object = {}) => JSON.stringify({ scripts: all, ...more });

/** What a row finds in the root of a repository of these files, as `kind: command (file)`. */
function found(row: string, files: Files, python: string | null = null, programs = ['uv', 'poetry', 'pdm', 'pipenv']): string[] {
  const paths = Object.keys(files);
  const root = project([''], listing(paths), new Map(Object.entries(files)), {
    pythonIn: () => python,
    hasProgram: (name) => programs.includes(name),
  });
  const detector = DETECTORS.find(({ name }) => name === row);
  assert.ok(detector, row);
  return detector.find(root).map(({ kind, command, file }) => `${kind}: ${command} (${file})`);
}

/** By row: what, the files, and what is found. */
const CASES: Readonly<Record<string, readonly (readonly [string, Files, readonly string[]])[]>> = {
  'package.json': [
    ['nothing', {}, []],
    [
      'npm',
      { 'package.json': scripts({ lint: 'eslint .', test: 'mocha' }) },
      ['test: npm test (package.json)', 'lint: npm run lint (package.json)'],
    ],
    ['pnpm', { 'package.json': scripts({ test: 'vitest run' }), 'pnpm-lock.yaml': '' }, ['test: pnpm test (package.json)']],
    [
      'Yarn',
      { 'package.json': scripts({ test: 'jest', lint: 'xo' }), 'yarn.lock': '' },
      ['test: yarn test (package.json)', 'lint: yarn run lint (package.json)'],
    ],
    [
      'Bun, whose `bun test` is another runner',
      { 'package.json': scripts({ test: 'jest' }), 'bun.lock': '' },
      ['test: bun run test (package.json)'],
    ],
    [
      'the manager that the manifest names',
      { 'package.json': scripts({ test: 'jest' }, { packageManager: 'pnpm@9.1.0' }) },
      ['test: pnpm test (package.json)'],
    ],
    [
      'tests, types and lint',
      { 'package.json': scripts({ test: 'node --test', typecheck: 'tsc --noEmit', lint: 'biome ci .', build: 'tsc' }) },
      ['test: npm test (package.json)', 'types: npm run typecheck (package.json)', 'lint: npm run lint (package.json)'],
    ],
    ["npm init's placeholder", { 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) }, []],
    ['a script that only pretends', { 'package.json': scripts({ test: 'exit 0', lint: 'true' }) }, []],
    [
      'watch modes, but what ends',
      { 'package.json': scripts({ test: 'jest --watch', 'test:ci': 'jest' }) },
      ['test: npm run test:ci (package.json)'],
    ],
    ['only watch modes', { 'package.json': scripts({ test: 'vitest --watch', lint: 'tsc -w', unit: 'mocha -w' }) }, []],
    ['a watch mode behind another script', { 'package.json': scripts({ test: 'npm run inner', inner: 'ava --watch' }) }, []],
    ['what believes in a terminal', { 'package.json': scripts({ test: 'react-scripts test' }) }, ['test: CI=true npm test (package.json)']],
    ['what deploys', { 'package.json': scripts({ test: 'jest && npm run deploy', deploy: 'x', lint: 'eslint . && npm publish' }) }, []],
    ...['jest test/release', 'vitest run packages/aws', 'mocha test/deploy/*.js', 'jest test/ssh.test.js', 'vitest run src/publish/'].map(
      (test) => [test, { 'package.json': scripts({ test }) }, ['test: npm test (package.json)']] as const,
    ),
    ...['jest && ./scripts/deploy.sh', 'jest; node tools/release.mjs', 'jest && bash publish.sh', 'jest && aws s3 cp a b', 'release'].map(
      (test) => [test, { 'package.json': scripts({ test }) }, []] as const,
    ),
    ['what deploys afterwards', { 'package.json': scripts({ test: 'jest', posttest: 'firebase deploy' }) }, []],
    [
      'what starts a server',
      { 'package.json': scripts({ test: 'npm start & cypress run', 'test:unit': 'vitest run' }) },
      ['test: npm run test:unit (package.json)'],
    ],
    [
      'a linter that mends',
      { 'package.json': scripts({ lint: 'eslint --fix .', 'lint:check': 'eslint .' }) },
      ['lint: npm run lint:check (package.json)'],
    ],
    [
      'tests that lint and check types too',
      { 'package.json': scripts({ test: 'npm run lint && tsc && mocha', lint: 'eslint .', typecheck: 'tsc --noEmit' }) },
      ['test: npm test (package.json)'],
    ],
    [
      'a `test` that only lints',
      { 'package.json': scripts({ test: 'npm run lint', lint: 'eslint .' }) },
      ['lint: npm run lint (package.json)'],
    ],
    ['a test script of its own', { 'package.json': scripts({ test: 'node scripts/check.js' }) }, ['test: npm test (package.json)']],
    ['mocha with its `--ui`', { 'package.json': scripts({ test: 'mocha --ui tdd' }) }, ['test: npm test (package.json)']],
    ['types that are built', { 'package.json': scripts({ types: 'tsc --emitDeclarationOnly --outDir types' }) }, []],
    ['broken JSON', { 'package.json': '{' }, []],
  ],
  Bun: [
    ['tests without a script', { 'package.json': '{}', 'bun.lock': '', 'a.test.ts': '' }, ['test: bun test (package.json)']],
    ['a script', { 'package.json': scripts({ test: 'bun test' }), 'bun.lock': '', 'a.test.ts': '' }, []],
    ['no test', { 'package.json': '{}', 'bun.lock': '' }, []],
    ['npm', { 'package.json': '{}', 'a.test.ts': '' }, []],
  ],
  Deno: [
    ['a task', { 'deno.json': '{"tasks": {"test": "deno test -A"}}' }, ['test: deno task test (deno.json)']],
    ['tests', { 'deno.jsonc': '{ // x\n}', 'src/a_test.ts': '' }, ['test: deno test (deno.jsonc)']],
    ['a task that watches', { 'deno.json': '{"tasks": {"test": "deno test --watch"}}', 'a_test.ts': '' }, []],
    ['no test', { 'deno.json': '{}' }, []],
  ],
  TypeScript: [
    [
      'installed, without a script',
      { 'tsconfig.json': '{}', 'package.json': '{"devDependencies":{"typescript":"5"}}' },
      ['types: npx tsc --noEmit (tsconfig.json)'],
    ],
    [
      'pnpm',
      { 'tsconfig.json': '{}', 'pnpm-lock.yaml': '', 'package.json': '{"devDependencies":{"typescript":"5"}}' },
      ['types: pnpm exec tsc --noEmit (tsconfig.json)'],
    ],
    ['not installed', { 'tsconfig.json': '{}', 'package.json': '{}' }, []],
    [
      'a script does it',
      { 'tsconfig.json': '{}', 'package.json': scripts({ typecheck: 'tsc --noEmit' }, { devDependencies: { typescript: '5' } }) },
      [],
    ],
    [
      'the tests do it',
      { 'tsconfig.json': '{}', 'package.json': scripts({ test: 'tsc && mocha' }, { devDependencies: { typescript: '5' } }) },
      [],
    ],
    [
      'a solution that checks nothing by itself',
      { 'tsconfig.json': '{"files": [], "references": []}', 'package.json': '{"devDependencies":{"typescript":"5"}}' },
      [],
    ],
  ],
  ESLint: [
    [
      'without a script',
      { 'eslint.config.mjs': '', 'package.json': '{"devDependencies":{"eslint":"9"}}' },
      ['lint: npx eslint . (eslint.config.mjs)'],
    ],
    [
      'a script that only mends',
      { '.eslintrc.json': '', 'package.json': scripts({ lint: 'eslint --fix .' }, { devDependencies: { eslint: '8' } }) },
      ['lint: npx eslint . (.eslintrc.json)'],
    ],
    ['a script', { 'eslint.config.js': '', 'package.json': scripts({ lint: 'eslint .' }, { devDependencies: { eslint: '9' } }) }, []],
    ['not installed', { 'eslint.config.js': '', 'package.json': '{}' }, []],
  ],
  Biome: [
    [
      'without a script',
      { 'biome.json': '', 'yarn.lock': '', 'package.json': '{"devDependencies":{"@biomejs/biome":"2"}}' },
      ['lint: yarn run biome ci . (biome.json)'],
    ],
    [
      'a script',
      { 'biome.json': '', 'package.json': scripts({ check: 'biome check .' }, { devDependencies: { '@biomejs/biome': '2' } }) },
      [],
    ],
  ],
  Cargo: [
    ['a package', { 'Cargo.toml': '[package]\nname = "a"\n' }, ['test: cargo test (Cargo.toml)']],
    ['a package with a workspace', { 'Cargo.toml': '[package]\nname = "a"\n[workspace]\n' }, ['test: cargo test --workspace (Cargo.toml)']],
    ['none', {}, []],
  ],
  Go: [
    ['a module', { 'go.mod': 'module x\n' }, ['test: go test ./... (go.mod)', 'lint: go vet ./... (go.mod)']],
    ['a workspace, where nothing lies at the root', { 'go.work': '', 'a/go.mod': '' }, []],
  ],
  pytest: [
    ['pytest.ini', { 'pytest.ini': '' }, ['test: python3 -m pytest -q (pytest.ini)']],
    [
      'pyproject.toml',
      { 'pyproject.toml': '[project]\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n', 'tests/test_a.py': '' },
      ['test: python3 -m pytest -q (pyproject.toml)'],
    ],
    ['setup.cfg', { 'setup.cfg': '[tool:pytest]\n' }, ['test: python3 -m pytest -q (setup.cfg)']],
    ['tox.ini', { 'tox.ini': '[tox]\n[pytest]\n' }, ['test: python3 -m pytest -q (tox.ini)']],
    [
      'requirements and tests',
      { 'requirements-dev.txt': 'pytest==8\n', 'tests/test_a.py': '' },
      ['test: python3 -m pytest -q (requirements-dev.txt)'],
    ],
    ['requirements without a test', { 'requirements.txt': 'pytest\n' }, []],
    ['conftest.py', { 'tests/conftest.py': '', 'tests/test_a.py': '' }, ['test: python3 -m pytest -q (tests/conftest.py)']],
    [
      'a package in src, of which another release may be installed',
      { 'pytest.ini': '', 'src/a/__init__.py': '' },
      ['test: PYTHONPATH=src python3 -m pytest -q (pytest.ini)'],
    ],
    ['uv', { 'pytest.ini': '', 'uv.lock': '' }, ['test: uv run pytest -q (pytest.ini)']],
    ['Poetry', { 'pytest.ini': '', 'poetry.lock': '' }, ['test: poetry run pytest -q (pytest.ini)']],
    ['another language', { 'package.json': '', 'tools/test_x.py': '' }, []],
  ],
  unittest: [
    [
      'tests in a package',
      { 'setup.py': '', 'tests/__init__.py': '', 'tests/test_a.py': '' },
      ['test: python3 -m unittest discover -s tests -t . (tests)'],
    ],
    [
      'tests in a folder, sources in src',
      { 'pyproject.toml': '', 'src/a/__init__.py': '', 'tests/test_a.py': '' },
      ['test: PYTHONPATH=src python3 -m unittest discover -s tests (tests)'],
    ],
    ['tests in the root', { 'a.py': '', 'test_a.py': '' }, ['test: python3 -m unittest discover (test_a.py)']],
    ['uv', { 'tests/test_a.py': '', 'pyproject.toml': '', 'uv.lock': '' }, ['test: uv run python -m unittest discover -s tests (tests)']],
    [
      'Poetry, whose environment has no program by the name of the module',
      { 'tests/__init__.py': '', 'tests/test_a.py': '', 'pyproject.toml': '', 'poetry.lock': '' },
      ['test: poetry run python -m unittest discover -s tests -t . (tests)'],
    ],
    ['Pipenv', { 'test_a.py': '', Pipfile: '' }, ['test: pipenv run python -m unittest discover (test_a.py)']],
    ['Django with PDM', { 'manage.py': '', 'shop/tests.py': '', 'pdm.lock': '' }, ['test: pdm run python manage.py test (manage.py)']],
    ['Django', { 'manage.py': '', 'shop/tests.py': '' }, ['test: python3 manage.py test (manage.py)']],
    ['pytest', { 'pytest.ini': '', 'tests/test_a.py': '' }, []],
    ['no test', { 'setup.py': '' }, []],
  ],
  mypy: [
    [
      'files that it names',
      { 'pyproject.toml': '[tool.mypy]\nstrict = true\nfiles = ["src"]\n' },
      ['types: python3 -m mypy (pyproject.toml)'],
    ],
    ['none named', { 'pyproject.toml': '[tool.mypy]\nstrict = true\n[tool.x]\nfiles = 1\n' }, []],
  ],
  Ruff: [
    ['pyproject.toml', { 'pyproject.toml': '[tool.ruff]\n' }, ['lint: python3 -m ruff check . (pyproject.toml)']],
    ['ruff.toml', { 'ruff.toml': '' }, ['lint: python3 -m ruff check . (ruff.toml)']],
    ['none', { 'pyproject.toml': '' }, []],
  ],
  Maven: [
    ['a wrapper', { 'pom.xml': '', mvnw: '', 'src/test/java/ATest.java': '' }, ['test: ./mvnw -B -o test (pom.xml)']],
    ['no wrapper', { 'pom.xml': '', 'src/test/java/ATest.java': '' }, ['test: mvn -B -o test (pom.xml)']],
    ['no test', { 'pom.xml': '' }, []],
  ],
  Gradle: [
    [
      'a wrapper',
      { 'build.gradle.kts': '', gradlew: '', 'app/src/test/kotlin/ATest.kt': '' },
      ['test: ./gradlew test --offline (build.gradle.kts)'],
    ],
    ['no test', { 'build.gradle': '', gradlew: '' }, []],
  ],
  '.NET': [
    ['a solution', { 'Shop.sln': '', 'Shop.Tests/CartTests.cs': '' }, ['test: dotnet test (Shop.sln)']],
    ['two of them', { 'Shop.sln': '', 'Other.sln': '', 'Shop.Tests/CartTests.cs': '' }, ['test: dotnet test Other.sln (Other.sln)']],
    ['no test', { 'Shop.sln': '', 'Shop/Cart.cs': '' }, []],
  ],
  RSpec: [
    ['with Bundler', { Gemfile: '', '.rspec': '', 'spec/a_spec.rb': '' }, ['test: bundle exec rspec (.rspec)']],
    ['without', { 'spec/spec_helper.rb': '', 'spec/a_spec.rb': '' }, ['test: rspec (spec/spec_helper.rb)']],
    ['no test', { Gemfile: '', '.rspec': '' }, []],
  ],
  Rake: [
    ['a task', { Rakefile: 'Rake::TestTask.new', 'test/test_a.rb': '' }, ['test: rake test (Rakefile)']],
    [
      'Rails',
      { Rakefile: 'Rails.application.load_tasks', 'bin/rails': '', 'config/application.rb': '', 'test/a_test.rb': '' },
      ['test: bin/rails test (Rakefile)'],
    ],
    ['no task', { Rakefile: 'task :build', 'test/test_a.rb': '' }, []],
  ],
  PHP: [
    ['a script', { 'composer.json': '{"scripts": {"test": "phpunit"}}', 'phpunit.xml.dist': '' }, ['test: composer test (composer.json)']],
    ['PHPUnit', { 'composer.json': '{}', 'phpunit.xml.dist': '' }, ['test: vendor/bin/phpunit (phpunit.xml.dist)']],
    ['Pest', { 'composer.json': '{}', 'tests/Pest.php': '', 'phpunit.xml': '' }, ['test: vendor/bin/pest (tests/Pest.php)']],
    ['none', { 'composer.json': '{}' }, []],
  ],
  Mix: [
    ['tests', { 'mix.exs': '', 'test/a_test.exs': '' }, ['test: mix test (mix.exs)']],
    ['none', { 'mix.exs': '' }, []],
  ],
  CMake: [
    [
      'tests',
      { 'CMakeLists.txt': 'project(x)\nenable_testing()\n' },
      [
        'test: cmake -S . -B /tmp/build && cmake --build /tmp/build -j 2 && ctest --test-dir /tmp/build --output-on-failure (CMakeLists.txt)',
      ],
    ],
    ['none', { 'CMakeLists.txt': 'project(x)\n' }, []],
  ],
  tox: [
    ['environments', { 'tox.ini': '[tox]\nenvlist = py3\n' }, ['test: tox -q (tox.ini)']],
    ['only settings of others', { 'tox.ini': '[flake8]\n' }, []],
  ],
  nox: [['sessions', { 'noxfile.py': '' }, ['test: nox -R (noxfile.py)']]],
  make: [
    ['a target', { Makefile: 'all:\n\tcc a.c\ntest: all\n\t./a\n' }, ['test: make test (Makefile)']],
    ['`check`', { Makefile: 'check:\n\t./a\n' }, ['test: make check (Makefile)']],
    ['a variable', { Makefile: 'test := 1\n' }, []],
    ['what deploys', { Makefile: 'test: up\n\t./a\nup:\n\tdocker compose up -d\n' }, []],
    ['what starts a server', { Makefile: 'test:\n\tnpm start\n' }, []],
    ['a release build', { Makefile: 'test:\n\tcargo test --release\n' }, ['test: make test (Makefile)']],
  ],
};

describe('detectors of checks', () => {
  it('have a case each', () =>
    assert.deepEqual(
      DETECTORS.map(({ name }) => name).filter((name) => !CASES[name]?.some(([, , expected]) => expected.length > 0)),
      [],
    ));
  for (const [row, cases] of Object.entries(CASES)) {
    for (const [what, files, expected] of cases) it(`${row}: ${what}`, () => assert.deepEqual(found(row, files), expected));
  }
  it('run Python in the environment beside the sources', () => {
    assert.deepEqual(found('pytest', { 'pytest.ini': '', 'uv.lock': '' }, '.venv/bin/python'), [
      'test: .venv/bin/python -m pytest -q (pytest.ini)',
    ]);
  });
  for (const [lock, row] of [
    ['uv.lock', 'pytest'],
    ['poetry.lock', 'mypy'],
    ['pdm.lock', 'Ruff'],
    ['Pipfile', 'unittest'],
  ] as const)
    it(`run Python without the program of ${lock} where the user has none`, () => {
      const files = { 'pytest.ini': '', 'mypy.ini': '[mypy]\nfiles = .\n', 'ruff.toml': '', 'tests/test_a.py': '', [lock]: '' };
      if (row === 'unittest') delete (files as Record<string, string>)['pytest.ini'];
      assert.match(found(row, files, null, [])[0] ?? '', /^\w+: python3 -m /);
      assert.match(found(row, files)[0] ?? '', / run /);
    });
});
