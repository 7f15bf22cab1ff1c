import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detectChecks } from '../../src/checks/detect-checks.ts';

describe('detected checks', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-detect-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (name: string, text = '') => writeFileSync(path.join(root, name), text);

  const cases: [string, Record<string, string>, string[]][] = [
    ['nothing', {}, []],
    ['npm', { 'package.json': '{"scripts":{"lint":"x","test":"y"}}' }, ['npm test', 'npm run lint']],
    ['pnpm', { 'package.json': '{"scripts":{"test":"y"}}', 'pnpm-lock.yaml': '' }, ['pnpm test']],
    ['Yarn', { 'package.json': '{"scripts":{"test":"y","lint":"x"}}', 'yarn.lock': '' }, ['yarn test', 'yarn run lint']],
    ['Bun, whose `bun test` is another runner', { 'package.json': '{"scripts":{"test":"y"}}', 'bun.lock': '' }, ['bun run test']],
    ["npm init's placeholder", { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }, []],
    ['broken JSON', { 'package.json': '{' }, []],
    ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]' }, ['python -m pytest -q']],
    ['Go and make', { 'go.mod': 'module x', Makefile: 'all:\ntest: all\n' }, ['go test ./...', 'make test']],
    ['Rust', { 'Cargo.toml': '' }, ['cargo test']],
  ];
  for (const [what, files, expected] of cases) {
    it(`for ${what}`, async () => {
      for (const [name, text] of Object.entries(files)) write(name, text);
      assert.deepEqual(await detectChecks(root), expected);
    });
  }
});
