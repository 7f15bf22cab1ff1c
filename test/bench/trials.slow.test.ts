import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { git } from './trials/checkout.ts';
import { replay } from './trials/replay.ts';
import { runTrial } from './trials/run-trial.ts';

const SUM = 'exports.sum = (list) => list.slice(1).reduce((all, one) => all + one, 0);\n';
const MENDED = SUM.replace('.slice(1)', '');
const TEST = (cases: string) =>
  `const { sum } = require('./sum.js');\nconst test = require('node:test');\nconst assert = require('node:assert');\n${cases}\n`;

/** Somebody's repository with a fix, and the files of the task. */
function makeProject(folder: string): { repository: string; base: string; fix: string } {
  const repository = path.join(folder, 'upstream');
  execFileSync('git', ['init', '-q', '-b', 'main', repository]);
  const commit = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(repository, name), text);
    git(repository, 'add', '-A');
    git(repository, 'commit', '-q', '-m', 'Change');
    return git(repository, 'rev-parse', 'HEAD');
  };
  const old = "test('none', () => assert.equal(sum([]), 0));";
  const base = commit({ 'sum.js': SUM, 'sum.test.js': TEST(old) });
  const fix = commit({ 'sum.js': MENDED, 'sum.test.js': TEST(`${old}\ntest('all', () => assert.equal(sum([1, 2]), 3));`) });
  return { repository, base, fix };
}

describe('a trial of our loop', () => {
  let folder = '';
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'trial-')));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is answered by somebody who sees only the requests, and judged by tests that nobody saw', async () => {
    const project = makeProject(folder);
    const task = {
      ...{ name: 'sum', ecosystem: 'JavaScript', kind: 'bug' as const, prepare: [], tests: ['sum.test.js'] },
      ...project,
      task: 'sum([1, 2]) is 2; it should be 3. See sum.js.',
      decide: `'${process.execPath}' --test`,
    };
    const run = path.join(folder, 'run');
    const opened = Promise.withResolvers<string>();
    const result = runTrial('ours', task, run, opened.resolve);
    const command = await opened.promise;
    const say = async (answer: unknown) => {
      const file = path.join(folder, 'answer.json');
      if (answer !== null) writeFileSync(file, typeof answer === 'string' ? answer : JSON.stringify(answer));
      return promisify(execFile)(command, [answer === null ? '--wait' : file]).catch((error: { stdout: string }) => error);
    };

    const first = (await say(null)).stdout;
    assert.match(first, /request 1 .*[\s\S]*sum\(\[1, 2\]\) is 2/);
    assert.doesNotMatch(first, /'all'/, 'the hidden test');
    const seen = git(path.join(run, 'upstream'), 'for-each-ref', '--format=%(refname)');
    assert.doesNotMatch(seen, /remotes|tags/);
    assert.throws(() => git(path.join(run, 'upstream'), 'cat-file', '-e', project.fix), 'the fix is not there');

    assert.match((await say('not JSON')).stdout, /Refused: not JSON/);
    assert.match((await say({ reasoning: 'Well.' })).stdout, /Refused: .*neither "content" nor "calls"/);
    const edits = [{ old_text: '.slice(1)', new_text: '' }];
    const second = (await say({ calls: [{ name: 'edit_file', arguments: { path: 'sum.js', edits } }] })).stdout;
    assert.match(second, /request 2 [\s\S]*--- tool/);
    assert.doesNotMatch(second, /sum\(\[1, 2\]\) is 2/);
    const end = { name: 'finish', arguments: { summary: 'Begins at the first.', commit_message: 'Sum all' } };
    assert.match((await say({ calls: [end] })).stdout, /THE END/);

    const { requests, calls, hidden, usd } = await result;
    assert.deepEqual([requests, calls, hidden.exitCode, hidden.counts?.passed], [2, 2, 0, 2]);
    assert.ok(usd > 0);
    for (const file of ['result.json', 'result.diff', 'report.txt', 'requests/002.txt']) assert.ok(existsSync(path.join(run, file)), file);
    assert.match((await say(null)).stdout, /THE END/, 'when everything is over');

    const again = await replay(run, task, path.join(folder, 'again'));
    assert.deepEqual([again.requests, again.calls, again.output, again.hidden.counts?.passed], [2, 2, (await result).output, 2]);
  }).timeout(90_000);
});
