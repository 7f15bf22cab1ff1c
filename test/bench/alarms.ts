/**
 * How often the warnings of a change hold up ordinary work: `npm run bench alarms [--commits 200] [--list] <git dir>...` judges the last commits
 * of public repositories, merges left out, as if each were an attempt without a task or a scope. What it says of a commit is true or a false
 * alarm by reading: `--list` prints each blocking warning with its commit. Nothing is checked out and nothing runs.
 * The last column counts the commits with files that may decide how checks run, for all that is known of them: there, every check would run once more without
 * their change, and only where it does not pass so is a reviewer told. `--list` names them too.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { notUnderstood } from '../../src/checks/definition/understood.ts';
import { askedBy } from '../../src/checks/integrity/asked.ts';
import type { Finding } from '../../src/checks/integrity/rule.ts';
import { isTestPath } from '../../src/checks/test-files.ts';
import { oddPaths } from '../../src/delegation/attempt/check-definitions.ts';
import { judgeCommit } from '../../src/delegation/attempt/integrity-warnings.ts';
import { readerOf } from '../../src/delegation/attempt/sides.ts';
import { pathsOf } from '../../src/delegation/result/out-of-scope.ts';
import { say } from '../../src/messages/message.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { listTree } from '../../src/workspace/read-objects.ts';

export async function alarms(words: readonly string[]): Promise<void> {
  const commits = Number(words[words.indexOf('--commits') + 1] ?? 200) || 200;
  const folders = words.filter((word, at) => !word.startsWith('--') && words[at - 1] !== '--commits');
  const kinds = new Map<string, number>();
  console.log(
    '| repository | commits | with a blocking warning | with a note | ms a commit | checked again |\n| --- | ---: | ---: | ---: | ---: | ---: |',
  );
  for (const gitDir of folders) {
    const ids = execFileSync('git', ['-C', gitDir, 'rev-list', '--no-merges', '--min-parents=1', `--max-count=${commits}`, 'HEAD'], {
      encoding: 'utf8',
    });
    const all = ids.trim().split('\n');
    let [seen, blocked, noted, ms, again] = [0, 0, 0, 0, 0];
    for (const id of all) {
      const { found, took, unknown } = await judged(path.resolve(gitDir), id).catch(() => ({ found: null, took: 0, unknown: [] }));
      // A clone may not have everything.
      if (!found) continue;
      seen++;
      ms += took;
      const blocking = found.filter(({ level }) => level === 'blocking');
      if (blocking.length > 0) blocked++;
      if (unknown.length > 0) again++;
      if (words.includes('--list') && unknown.length > 0) console.log(`${id.slice(0, 9)} may decide how checks run: ${unknown.join(', ')}`);
      if (blocking.length < found.length) noted++;
      for (const code of new Set(found.map(({ level, text }) => `${level} ${text.code}`))) kinds.set(code, (kinds.get(code) ?? 0) + 1);
      if (words.includes('--list'))
        for (const one of words.includes('--notes') ? found : blocking) console.log(`${id.slice(0, 9)} ${lineOf(one)}`);
    }
    console.log(`| ${gitDir} | ${seen} | ${blocked} | ${noted} | ${(ms / seen).toFixed(1)} | ${again} |`);
  }
  console.log(
    `\n${[...kinds]
      .sort((a, b) => b[1] - a[1])
      .map(([code, count]) => `${count} ${code}`)
      .join('\n')}`,
  );
}

async function judged(gitDir: string, id: string): Promise<{ found: Finding[]; took: number; unknown: string[] }> {
  const { files } = await readChange({ gitDir }, `${id}^`, id);
  const began = performance.now();
  const found = await judgeCommit({ gitDir }, `${id}^`, id, files, askedBy([], []));
  return { found, took: performance.now() - began, unknown: await mayDecide({ gitDir }, id, pathsOf(files)) };
}

async function mayDecide(where: { gitDir: string }, id: string, changed: readonly string[]): Promise<string[]> {
  const [base, result] = [await listTree(where, `${id}^`), await listTree(where, id)];
  const texts = await readerOf(where, id)(changed.filter(isTestPath));
  const basePaths = new Set(base.map(({ path }) => path));
  return notUnderstood(changed, { basePaths, odd: oddPaths([...base, ...result]), texts })(new Set());
}

const lineOf = ({ text, place }: Finding) => `${text.code} ${place.file}${place.line ? `:${place.line}` : ''} ${say(text, 'en')}`;
