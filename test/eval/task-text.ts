/** What is asked for: a commit's message without the solution, or the text of the issue that it names. */
import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { parseJson } from '../../src/common/json-file.ts';

/** What the fix changed, as texts. */
export interface FixTexts {
  /** Lines that the fix added to the code, and to the tests. */
  readonly code: string;
  readonly tests: string;
  /** The changed files as they were, and all that the base calls by a name in them. */
  readonly before: string;
  /** Paths of the changed files that are no tests. */
  readonly files: readonly string[];
}

const TRAILER =
  /^(signed-off-by|co-authored-by|reviewed-by|acked-by|tested-by|reported-by|change-id|pr-url|refs?|closes|fixes|resolves|see|cherry-pick\w*)\b[^.]*:? *\S+$/i;
/** How it was done, and not what was wrong. */
const SOLUTION =
  /^(this (commit|patch|change|pr)|instead,|now,? |we now|the fix|fixed by|fix(ed)? (this|it) by|to fix this|solution|use|replace|move|extract|refactor)\b|^adds? (an? )?tests?/i;
const NAME = /(?<![\w$])[A-Za-z_$][\w$]{3,}(?![\w$])/g;
/** A word of prose looks otherwise. */
const isCodeName = (name: string) => /[a-z][A-Z]|_|\$|\d/.test(name);

export function textOfMessage(subject: string, body: string, fix: FixTexts): string {
  const title = subject
    .replace(/^(fix|feat|bug|bugfix|perf|refactor)(\([^)]*\))?!?: */i, '')
    .replace(/ *\(?(#|gh-)\d+\)?/gi, '')
    .replace(/ by (\w+ing)\b.*$/i, '')
    .trim();
  const paragraphs = body.split(/\n\s*\n/).map((paragraph) =>
    paragraph
      .split('\n')
      .filter((line) => !TRAILER.test(line.trim()) && !/^\s*[*-] /.test(line))
      .join('\n'),
  );
  const kept = paragraphs.map((paragraph) =>
    sentences(paragraph)
      .filter((one) => !givesAway(one, fix))
      .join(' ')
      .trim(),
  );
  return [title, ...kept].filter((part) => part !== '').join('\n\n');
}

const sentences = (text: string) => text.split(/(?<=[.!?])\s+/);

/** A sentence about how, one that names a changed file, or a name that only the new code has: what the tests use must be said. */
function givesAway(sentence: string, { code, tests, before, files }: FixTexts): boolean {
  if (SOLUTION.test(sentence.trim()) || / by \w+ing\b| using \w/i.test(sentence)) return true;
  if (files.some((file) => sentence.includes(file) || sentence.includes(file.split('/').at(-1)!))) return true;
  return namesIn(sentence).some((name) => has(code, name) && !has(tests, name) && !has(before, name));
}

/** Names that the hidden tests use and nobody is told of: whoever works on the task could only guess them. */
export function untoldNames(text: string, { code, tests, before }: FixTexts): string[] {
  return [...new Set(namesIn(tests))].filter((name) => isCodeName(name) && has(code, name) && !has(before, name) && !has(text, name));
}

const namesIn = (text: string) => text.match(NAME) ?? [];
const has = (text: string, name: string) => new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text);

const issueSchema = z.object({ title: z.string(), body: z.string().nullable() });

/** @returns null where the message names none, or gh cannot tell */
export function textOfIssue(message: string, repository: string, env: NodeJS.ProcessEnv): string | null {
  const number = /(?:fix(?:es|ed)?|close[sd]?|resolve[sd]?)[: ]+(?:\w[\w.-]*\/[\w.-]+)?#(\d+)/i.exec(message)?.[1];
  const [, slug] = /github\.com[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(repository) ?? [];
  if (!number || !slug) return null;
  const { status, stdout } = spawnSync('gh', ['issue', 'view', number, '--repo', slug, '--json', 'title,body'], {
    encoding: 'utf8',
    env,
    timeout: 30_000,
  });
  const issue = status === 0 ? parseJson(issueSchema, stdout) : null;
  return issue ? [issue.title, issue.body ?? ''].join('\n\n').trim() : null;
}
