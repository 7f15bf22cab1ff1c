import assert from 'node:assert/strict';
import { indexPaths } from '../../../src/agent/prompt/path-index.ts';
import { oneTestFile } from '../../../src/delegation/first-request/one-test-file.ts';

describe('how one test file is run', () => {
  for (const [file, scripts, command] of [
    ['test/a b.test.js', { test: 'mocha' }, "npx mocha 'test/a b.test.js'"],
    ['my pkg/it s/a_test.go', {}, "go test './my pkg/it s'"],
    ["it's/a_test.go", {}, "go test './it'\\''s'"],
    ['pkg/a_test.go', {}, 'go test ./pkg'],
    ['a_test.go', {}, 'go test .'],
    ['tests/parse.rs', {}, 'cargo test --test parse'],
    ['test/a.test.js', {}, null],
  ] as const)
    it(`${file}: ${command}`, () => assert.equal(oneTestFile(file, scripts, indexPaths([file])), command));
});
