import assert from 'node:assert/strict';
import { isTestPath } from '../../../src/checks/test-files.ts';
import { outOfScope } from '../../../src/delegation/result/out-of-scope.ts';

const TESTS = `
  test/app.test.ts  src/app.test.ts  src/app.spec.tsx  src/app.test.mjs  src/__tests__/app.ts  src/__mocks__/fs.js  src/app.test-d.ts
  auth-test.js  auth-spec.js  test/helper.js  tests/unit/a.py  src/test-utils.ts  cypress/support/commands.ts  src/login.cy.ts  e2e/login.ts
  src/app.e2e-spec.ts  src/__snapshots__/app.snap  src/app.test.ts.snap  fixtures/a.json  testdata/golden.txt
  pkg/auth_test.go  pkg/testdata/in.json  tests/integration.rs  src/parser/tests.rs  src/tests/mod.rs
  test_auth.py  pkg/test_auth.py  pkg/auth_test.py  conftest.py  pkg/conftest.py
  spec/models/user_spec.rb  test/models/user_test.rb  spec/spec_helper.rb
  src/test/java/a/AuthTest.java  src/a/AuthTest.java  src/a/AuthTests.java  src/a/HTTPTest.java  src/a/AuthIT.java  src/androidTest/kotlin/A.kt  src/a/AuthSpec.kt
  Shop.Tests/AuthTests.cs  Shop.UnitTests/Helpers/Fake.cs  Tests/ShopTests/CartTests.swift  ShopTests/Helper.swift  src/AuthTest.php  tests/Feature/LoginTest.php
  src/test/scala/AuthSpec.scala  app/AuthSpec.groovy  test/auth_test.exs  test/auth_test.dart  src/auth_unittest.cc  src/auth_test.cpp  t/basic.t  test/run.bats
  test/auth_SUITE.erl  spec/auth_spec.lua  test/AuthSpec.hs  test/auth_test.clj`;

const PRODUCTION = `
  src/latest.ts  src/contest.ts  src/greatest/app.ts  src/contest/rules.ts  src/attest.go  src/protest.py  src/fastest.rs  src/Contest.java  src/Latest.cs
  src/testing-library-wrapper.ts  src/testimonials.tsx  src/tester.ts  src/testify/run.go  src/specification.ts  src/special.rb  src/inspect.ts  src/respec.py
  src/ab-test-runner.ts  docs/openapi-spec.json  docs/testing.md  api.spec.yaml  src/config.ts  src/app.config.ts  src/manifest.json  src/Credit.java  src/EDIT.ts
  src/snapshot.ts  src/fixture-loader.ts  package.json  README.md  Makefile  src/e2e-encryption.ts`;

const words = (text: string) => text.split(/\s+/).filter(Boolean);

describe('scope: test files', () => {
  for (const file of words(TESTS)) it(`${file} is one`, () => assert.equal(isTestPath(file), true));
  for (const file of words(PRODUCTION)) it(`${file} is none`, () => assert.equal(isTestPath(file), false));
});

describe('scope: what may change', () => {
  it('everything, when nothing is said', () => {
    assert.deepEqual(outOfScope({ kind: 'feature', scope: [] }, ['src/a.ts', '.github/workflows/ci.yml']), []);
    assert.deepEqual(outOfScope({ kind: 'bug', scope: [] }, ['src/a.ts']), []);
  });

  it('write_tests keeps to tests and to what a test tool needs', () => {
    const allowed =
      words(`test/a.test.ts package.json package-lock.json packages/a/package.json yarn.lock pnpm-lock.yaml jest.config.js vitest.config.mts
      tsconfig.test.json pyproject.toml tox.ini requirements-dev.txt Cargo.toml Cargo.lock go.mod go.sum Gemfile.lock pom.xml build.gradle.kts Shop.csproj`);
    assert.deepEqual(outOfScope({ kind: 'tests', scope: [] }, allowed), []);
    const production = ['src/a.ts', 'src/config.ts', 'next.config.js', 'README.md', 'webpack.config.js', '.github/workflows/ci.yml'];
    assert.deepEqual(outOfScope({ kind: 'tests', scope: [] }, production), production);
  });

  it('a scope that is given replaces the rule of write_tests', () => {
    assert.deepEqual(outOfScope({ kind: 'tests', scope: ['src/**'] }, ['src/a.ts', 'test/a.test.ts']), ['test/a.test.ts']);
  });

  /** glob | paths inside | paths outside */
  const GLOBS: readonly [string, string, string][] = [
    ['src', 'src/a.ts src/b/c.ts src', 'srcs/a.ts lib/src/a.ts'],
    ['src/', 'src/a.ts', 'lib/a.ts'],
    ['./src', 'src/a.ts', 'lib/a.ts'],
    ['src/**', 'src/a.ts src/b/c.ts src/.eslintrc.json', 'lib/a.ts'],
    ['src/*.ts', 'src/a.ts', 'src/b/c.ts src/a.js'],
    ['**/*.ts', 'a.ts src/b/c.ts', 'a.js'],
    ['src/{a,b}.ts', 'src/a.ts src/b.ts', 'src/c.ts'],
    ['src/app.ts', 'src/app.ts', 'src/app.ts.bak src/app.tsx'],
    ['.', 'a.ts src/b.ts', ''],
    ['./', 'a.ts src/b.ts', ''],
    ['docs/[draft]', 'docs/[draft]/a.md', 'src/a.ts'],
  ];
  for (const [glob, inside, outside] of GLOBS) {
    it(`${glob} takes in ${inside}${outside && `, not ${outside}`}`, () => {
      const paths = [...words(inside), ...words(outside)];
      assert.deepEqual(outOfScope({ kind: 'feature', scope: [glob] }, paths), words(outside));
    });
  }

  it('many stars take no longer than few', () => {
    const file = `${'a'.repeat(60)}c`;
    assert.deepEqual(outOfScope({ kind: 'feature', scope: [`${'*a'.repeat(20)}b`] }, [file]), [file]);
  });

  it('several globs allow what any of them allows', () => {
    assert.deepEqual(outOfScope({ kind: 'feature', scope: ['src/**', 'test/**'] }, ['src/a.ts', 'test/a.ts', 'docs/a.md']), ['docs/a.md']);
  });
});
