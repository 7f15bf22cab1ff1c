/**
 * How often the warnings of a change hold up ordinary work: `npm run bench alarms [--commits 200] [--list] <git dir>...` judges the last commits
 * of public repositories, merges left out, as if each were an attempt without a task or a scope. What it says of a commit is true or a false
 * alarm by reading: `--list` prints each blocking warning with its commit. Nothing is checked out and nothing runs.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { askedBy } from '../../src/checks/integrity/asked.ts';
import type { Finding } from '../../src/checks/integrity/rule.ts';
import { judgeCommit } from '../../src/delegation/attempt/integrity-warnings.ts';
import { say } from '../../src/messages/message.ts';
import { readChange } from '../../src/workspace/read-change.ts';

export async function alarms(words: readonly string[]): Promise<void> {
  const commits = Number(words[words.indexOf('--commits') + 1] ?? 200) || 200;
  const folders = words.filter((word, at) => !word.startsWith('--') && words[at - 1] !== '--commits');
  const kinds = new Map<string, number>();
  console.log('| repository | commits | with a blocking warning | with a note | ms a commit |\n| --- | ---: | ---: | ---: | ---: |');
  for (const gitDir of folders) {
    const ids = execFileSync('git', ['-C', gitDir, 'rev-list', '--no-merges', '--min-parents=1', `--max-count=${commits}`, 'HEAD'], {
      encoding: 'utf8',
    });
    const all = ids.trim().split('\n');
    let [seen, blocked, noted, ms] = [0, 0, 0, 0];
    for (const id of all) {
      const { found, took } = await judged(path.resolve(gitDir), id).catch(() => ({ found: null, took: 0 }));
      // A clone may not have everything.
      if (!found) continue;
      seen++;
      ms += took;
      const blocking = found.filter(({ level }) => level === 'blocking');
      if (blocking.length > 0) blocked++;
      if (blocking.length < found.length) noted++;
      for (const code of new Set(found.map(({ level, text }) => `${level} ${text.code}`))) kinds.set(code, (kinds.get(code) ?? 0) + 1);
      if (words.includes('--list'))
        for (const one of words.includes('--notes') ? found : blocking) console.log(`${id.slice(0, 9)} ${lineOf(one)}`);
    }
    console.log(`| ${gitDir} | ${seen} | ${blocked} | ${noted} | ${(ms / seen).toFixed(1)} |`);
  }
  console.log(
    `\n${[...kinds]
      .sort((a, b) => b[1] - a[1])
      .map(([code, count]) => `${count} ${code}`)
      .join('\n')}`,
  );
}

async function judged(gitDir: string, id: string): Promise<{ found: Finding[]; took: number }> {
  const { files } = await readChange({ gitDir }, `${id}^`, id);
  const began = performance.now();
  const found = await judgeCommit({ gitDir }, `${id}^`, id, files, askedBy([], []));
  return { found, took: performance.now() - began };
}

const lineOf = ({ text, place }: Finding) => `${text.code} ${place.file}${place.line ? `:${place.line}` : ''} ${say(text, 'en')}`;
