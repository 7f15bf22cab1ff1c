/** Makes tasks of fix commits: those whose tests fail without the fix, and pass with it. */
import { findChecks, manifestsToRead } from '../../src/checks/detect/find-checks.ts';
import { listing } from '../../src/checks/detect/project.ts';
import { installCommands } from '../../src/checks/install-command.ts';
import { countTests } from '../../src/checks/test-files.ts';
import { cutText } from '../../src/common/cut-text.ts';
import { listTree, readDocuments } from '../../src/workspace/read-objects.ts';
import { git } from '../../src/workspace/run-git.ts';
import { type Place, passes, runHiddenTests, type Trial, type Tried } from './hidden-tests.ts';
import { type Commit, commitsOf, readCommit, type Source } from './source.ts';
import { type LeftOut, type Task, type TaskList, trialOf } from './task-file.ts';
import { type FixTexts, textOfIssue, textOfMessage, untoldNames } from './task-text.ts';

export interface Wanted {
  readonly commits?: readonly string[] | undefined;
  readonly last: number;
  /** Enough. */
  readonly tasks: number;
  readonly prepare?: readonly string[] | undefined;
  readonly test?: string | undefined;
  readonly issues: boolean;
}

const MOST_BYTES = 256 * 1024;
/** Nothing in these is code that tests could show. */
const NO_CODE = /\.(md|rst|txt|adoc|lock|svg|png|jpg)$|(^|\/)(package-lock\.json|pnpm-lock\.yaml|LICENSE|\.gitignore|\.github\/)/;
const SHORT_TEXT = 40;

/** @param onLook is told of each commit, and what came of it */
export async function findTasks(place: Place, wanted: Wanted, onLook: (line: string) => void): Promise<TaskList> {
  const { source, signal } = place;
  const tasks: Task[] = [];
  const leftOut: LeftOut[] = [];
  for (const id of await commitsOf(source, wanted)) {
    if (tasks.length >= wanted.tasks || signal.aborted) break;
    const commit = await readCommit(source, id);
    const made = unfit(commit) ?? (await tryCommit(place, commit, wanted));
    if (typeof made !== 'string') tasks.push(made);
    // Of all that were looked at, most never touched a test.
    else if (!wanted.commits && commit.tests.length === 0) continue;
    else leftOut.push({ repository: source.named, commit: id, subject: commit.subject, why: made });
    onLook(`${id.slice(0, 10)} ${commit.subject}: ${typeof made === 'string' ? made : 'a task'}`);
  }
  return { tasks, leftOut };
}

/** Why it is none, as far as its files tell. */
export function unfit({ parents, tests, others }: Commit): string | null {
  if (parents.length !== 1) return parents.length === 0 ? 'it has no parent' : 'it is a merge';
  if (tests.length === 0) return 'it changes no tests';
  if (!others.some((file) => !NO_CODE.test(file))) return 'it changes no code beside tests';
  return null;
}

async function tryCommit(place: Place, commit: Commit, wanted: Wanted): Promise<Task | string> {
  const { source } = place;
  const texts = await fixTexts(source, commit);
  const decide = wanted.test ?? (await testCommand(source, commit));
  if (decide === null) return 'no test command was found; give --test "<command>"';
  const holdsTests = await testsIn(source, commit);
  if (!holdsTests && wanted.test === undefined)
    return 'its test files hold no test that we know the form of; --test "<command>" takes it all the same';
  const trial = { base: commit.parents[0]!, fix: commit.id, tests: [...commit.tests], decide };
  const sound = await proved(place, trial, wanted.prepare);
  if (typeof sound === 'string') return sound;
  const issue = wanted.issues ? textOfIssue(`${commit.subject}\n${commit.body}`, source.named, process.env) : null;
  const text = issue ?? textOfMessage(commit.subject, commit.body, texts);
  const task = {
    id: `${source.name}-${commit.id.slice(0, 10)}`,
    repository: source.named,
    ...trial,
    ...sound,
    text: text || commit.subject,
    notes: notesOn(text, texts),
    tried: '',
  };
  return { ...task, tried: trialOf(task) };
}

/** Without preparation first: many projects need none, and what is installed takes longest. */
async function proved(
  place: Place,
  bare: Omit<Trial, 'prepare'>,
  given: readonly string[] | undefined,
): Promise<Pick<Task, 'prepare' | 'passes'> | string> {
  let found: string[] = [];
  const first = { ...bare, prepare: [...(given ?? [])] };
  const after = await runHiddenTests(
    place,
    first,
    async () => bare.fix,
    ({ workTree }) => {
      found = installCommands(workTree).flatMap(({ command, isDone }) => (isDone ? [] : [command]));
    },
  );
  const again = !passes(after, null) && given === undefined && found.length > 0;
  const trial = again ? { ...bare, prepare: found } : first;
  const passing = again ? await runHiddenTests(place, trial, async () => bare.fix) : after;
  if (!passes(passing, null)) return `its tests do not pass on the commit itself: ${whatFailed(passing, trial)}`;
  const why = whyUnproved(passing, await runHiddenTests(place, trial, async () => bare.base), trial);
  return why ?? { prepare: trial.prepare, passes: passing.run.counts?.passed ?? null };
}

/** Whether a task that somebody edited is still one. */
export async function tryAgain(place: Place, task: Task): Promise<Task | string> {
  const passing = await runHiddenTests(place, task, async () => task.fix);
  if (!passes(passing, null)) return `its tests do not pass on the commit itself: ${whatFailed(passing, task)}`;
  const why = whyUnproved(passing, await runHiddenTests(place, task, async () => task.base), task);
  return why ?? { ...task, passes: passing.run.counts?.passed ?? null, tried: trialOf(task) };
}

function whyUnproved(passing: Tried, before: Tried, trial: Trial): string | null {
  if (passes(before, passing.run.counts?.passed ?? null)) return 'its tests pass without the fix too';
  if (!before.isReady) return `the base cannot be made ready: ${whatFailed(before, trial)}`;
  if (before.run.killed) return `its tests do not end on the base (${before.run.killed})`;
  if (before.run.missing) return `its tests cannot run on the base: ${before.run.missing.name} is missing`;
  return null;
}

function whatFailed({ run, isReady }: Tried, { decide, prepare }: Pick<Trial, 'decide' | 'prepare'>): string {
  const how = run.killed ?? `exit ${run.exitCode}`;
  const said = tellingLine(run.tail);
  return `${isReady ? decide : prepare.join(' && ')} (${how}${run.missing ? `, ${run.missing.name} is missing` : ''}) ${said}`.trim();
}

/** The first line that says what went wrong, and not where more of it lies. */
export function tellingLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim().length > 25);
  const found = lines.find((line) => /error|fail|not ok|cannot|no such|not found|missing/i.test(line)) ?? lines.at(-1) ?? '';
  return cutText(found.trim(), 160);
}

/** As it is found for a delegation that gives no checks. */
async function testCommand({ repository }: Source, { id, others }: Commit): Promise<string | null> {
  const paths = (await listTree(repository, id)).map((file) => file.path);
  const looked = { files: listing(paths), folder: '', named: others };
  const documents = await readDocuments(repository, id, manifestsToRead(looked), MOST_BYTES);
  const { checks } = findChecks('', looked, { get: (file) => documents.get(file)?.bytes?.toString('utf8') });
  const tests = checks.filter(({ kind }) => kind === 'test').map(({ command }) => (command.startsWith('cd ') ? `(${command})` : command));
  return tests.length > 0 ? tests.join(' && ') : null;
}

async function testsIn({ repository }: Source, { id, tests }: Commit): Promise<boolean> {
  const documents = await readDocuments(repository, id, tests, MOST_BYTES);
  return tests.some((file) => countTests(file, documents.get(file)?.bytes?.toString('utf8') ?? '') > 0);
}

async function fixTexts({ repository }: Source, { id, parents, tests, others }: Commit): Promise<FixTexts> {
  const base = parents[0]!;
  const added = async (files: readonly string[]) => {
    if (files.length === 0) return '';
    const diff = (
      await git(['diff-tree', '-p', '--no-renames', '--no-ext-diff', base, id, '--', ...files.map((file) => `:(top,literal)${file}`)], {
        gitDir: repository.gitDir,
      })
    ).toString('utf8');
    return diff
      .split('\n')
      .filter((line) => line.startsWith('+') && !line.startsWith('+++'))
      .join('\n');
  };
  const documents = await readDocuments(repository, base, [...tests, ...others], MOST_BYTES);
  const before = [...documents.values()].map(({ bytes }) => bytes?.toString('utf8') ?? '').join('\n');
  return { code: await added(others), tests: await added(tests), before, files: others };
}

function notesOn(text: string, texts: FixTexts): string[] {
  const untold = untoldNames(text, texts);
  return [
    ...(untold.length > 0
      ? [`The hidden tests use names that the text does not give: ${untold.slice(0, 8).join(', ')}. Say them, or remove the task.`]
      : []),
    ...(text.length < SHORT_TEXT ? ['The text is short: say what is wrong, and what is expected.'] : []),
  ];
}
