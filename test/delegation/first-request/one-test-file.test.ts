import assert from 'node:assert/strict';
import { indexPaths } from '../../../src/agent/prompt/path-index.ts';
import { oneTestFile, theseTestFiles } from '../../../src/delegation/first-request/one-test-file.ts';

describe('how one test file is run', () => {
  for (const [file, scripts, command] of [
    ['test/a b.test.js', { test: 'mocha' }, "npx mocha 'test/a b.test.js'"],
    ['my pkg/it s/a_test.go', {}, "go test './my pkg/it s'"],
    ["it's/a_test.go", {}, "go test './it'\\''s'"],
    ['pkg/a_test.go', {}, 'go test ./pkg'],
    ['a_test.go', {}, 'go test .'],
    ['tests/parse.rs', {}, 'cargo test --test parse'],
    ['test/b.test.js', { test: 'node --test --test-reporter=tap' }, 'node --test test/b.test.js'],
    ['test/a.test.js', {}, null],
  ] as const)
    it(`${file}: ${command}`, () => assert.equal(oneTestFile(file, scripts, indexPaths([file])), command));

  it('takes a Python package from src, also where another release of it is installed', () => {
    const command = (...others: string[]) => oneTestFile('tests/test_a.py', {}, indexPaths(['tests/test_a.py', ...others]));
    assert.equal(command('src/shop/__init__.py'), 'PYTHONPATH=src python -m pytest -q tests/test_a.py');
    for (const path of ['shop/__init__.py', 'src/__init__.py', 'lib/src/shop/__init__.py', 'src/shop/cart/__init__.py'])
      assert.equal(command(path), 'python -m pytest -q tests/test_a.py', path);
  });

  it('takes several at once, of one language', () => {
    const command = (files: readonly string[], scripts = {}) => theseTestFiles(files, scripts, indexPaths(files));
    assert.equal(
      command(['test/a.test.js', "test/b's.test.ts"], { test: 'vitest' }),
      "npx vitest run test/a.test.js 'test/b'\\''s.test.ts'",
    );
    assert.equal(command(['tests/test_a.py', 'tests/test_b.py']), 'python -m pytest -q tests/test_a.py tests/test_b.py');
    assert.equal(command(['a/x_test.go', 'a/y_test.go', 'b/z_test.go', 'w_test.go']), 'go test ./a ./b .');
    assert.equal(command(['tests/a.rs', 'tests/b.rs']), 'cargo test --test a --test b');
    for (const files of [[], ['a_test.go', 'test_b.py'], ['tests/ATest.php', 'tests/BTest.php'], ['tests/a.rs', 'src/b.rs']])
      assert.equal(command(files), null, files.join());
  });
});
