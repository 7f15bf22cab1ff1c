import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

describe('the reporter of the tests', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-reporter-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(test: string): { code: number | null; stdout: string } {
    const file = path.join(folder, 'some.test.cjs');
    writeFileSync(file, test);
    const mocha = path.join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const { status, stdout } = spawnSync(process.execPath, [mocha, '--reporter', path.join(ROOT, 'test', 'reporter.cjs'), file], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { code: status, stdout };
  }

  it('names each test that needed a second try, with the reason, and ends with the counts', () => {
    const { code, stdout } = run(`
      let tries = 0;
      describe('a window', function () {
        this.retries(1);
        it('opens', () => { if (++tries === 1) throw new Error('no answer\\nin 5 s'); });
        it('closes', () => {});
      });`);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\n1 test needed a second try:\n {2}a window opens: no answer\n {4}in 5 s\n2 passed, 0 failed, 0 skipped\n$/);
  });

  /** In a run of its own, behind which another goes on. */
  function runBefore(files: Readonly<Record<string, string>>): string {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    const { stdout } = run(`
      const Mocha = require(${JSON.stringify(path.join(ROOT, 'node_modules', 'mocha'))});
      const reporter = ${JSON.stringify(path.join(ROOT, 'test', 'reporter.cjs'))};
      it('begins', (done) => {
        const mocha = new Mocha({ reporter, parallel: true, jobs: 2, reporterOptions: { goesOn: true } });
        mocha.files = ${JSON.stringify(Object.keys(files).map((name) => path.join(folder, name)))};
        mocha.run(() => done());
      });`);
    return stdout;
  }

  it('sums up several runs that follow each other', () => {
    const stdout = runBefore({ 'first.test.cjs': `it('works', () => {}); it('fails', () => { throw new Error('first'); });` });
    assert.equal(stdout.match(/passed/g)?.length, 1, stdout);
    assert.match(stdout, /1\) fails:\s+Error: first/);
    assert.match(stdout, /\n2 passed, 1 failed, 0 skipped\n$/);
  });

  it('counts and names each file that cannot be loaded', () => {
    const stdout = runBefore({ 'one.test.cjs': `throw new Error('no one');`, 'two.test.cjs': `throw new Error('no two');` });
    assert.match(stdout, /1\) Uncaught error .*: no one\n.*2\) Uncaught error .*: no two\n/s);
    assert.match(stdout, /\n1 passed, 2 failed, 0 skipped\n$/);
  });

  it('says nothing of it when none did', () => {
    const { stdout } = run(`it('works', () => {});`);
    assert.match(stdout, /\n1 passed, 0 failed, 0 skipped\n$/);
    assert.doesNotMatch(stdout, /second try/);
  });
});
