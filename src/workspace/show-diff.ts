import { spawn } from 'node:child_process';
import { decodeText, LARGEST_DECODED } from '../common/text-codec.ts';
import { formOf } from './foreign-patches.ts';
import { readByIds } from './read-objects.ts';
import { decodeName, git, gitProgram, OWN_LISTS_OFF, type Setting, splitNul } from './run-git.ts';
import { type TreeEntry, withTextTrees } from './text-trees.ts';
import type { Repository } from './types.ts';
import { userTools } from './user-tools.ts';

/** Where git would look instead of where it is told to. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR', 'GIT_NAMESPACE', 'GIT_PREFIX'];

export interface WantedDiff {
  readonly base: string;
  readonly tip: string;
  /** What is shown of it: `--stat`. */
  readonly format: readonly string[];
  readonly paths: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Shows a difference as `git diff` does for the user: with their pager, colours and tools where stdout is a terminal, plain where it is not.
 * Programs that only the configuration of the repository names do not run.
 * @returns the exit code, 0 or 1
 */
export function showDiff(repository: Repository, { base, tip, format, paths }: WantedDiff, env: Environment): Promise<number> {
  return runDiff(repository, [], [...format, base, tip, '--', ...paths], withoutElsewhere(env));
}

/** A file of which the texts do not tell all that changed: its name, and its forms where these differ. */
export interface Untold {
  readonly path: string;
  readonly forms: readonly [before: string, after: string] | null;
}

/**
 * The same for somebody who reads it: files are texts, whatever their encoding.
 * @param shown makes a text fit to be shown
 */
export async function showReadableDiff(
  repository: Repository,
  { base, tip, format, paths }: WantedDiff,
  env: Environment,
  shown: (text: string) => string,
): Promise<{ code: number; untold: readonly Untold[] }> {
  const changed = await listChanged(repository, base, tip, paths);
  const texts = await readTexts(repository, changed, shown);
  const side = (name: 'before' | 'after') => changed.flatMap(({ path, [name]: file }) => entryOf(path, file, texts));
  const code = await withTextTrees(
    repository,
    { before: side('before'), after: side('after') },
    (trees) =>
      runDiff(repository, [LARGEST_TEXT], [...format, trees.before, trees.after, '--', ...paths], {
        ...withoutElsewhere(env),
        ...trees.env,
      }),
    { borrowed: repository.objectDirs.slice(0, 1) },
  );
  return { code, untold: changed.flatMap((one) => untoldOf(one, texts)) };
}

/** What is larger is not read here, so git shall not show it either. */
const MOST_BYTES = 8 * 1024 * 1024;
const LARGEST_TEXT: Setting = ['core.bigFileThreshold', String(MOST_BYTES)];

interface Side {
  readonly mode: string;
  readonly id: string;
}

interface Changed {
  /** As latin1. */
  readonly path: string;
  readonly before: Side | null;
  readonly after: Side | null;
}

interface Text {
  readonly form: string;
  readonly text: string;
  /** As it is shown. */
  readonly shown: string;
}

async function listChanged({ gitDir, root }: Repository, base: string, tip: string, paths: readonly string[]): Promise<Changed[]> {
  const how = ['-r', '-z', '--raw', '--no-renames', '--no-abbrev'];
  const records = splitNul(await git(['diff-tree', ...how, base, tip, '--', ...paths], { gitDir, workTree: root }));
  return Array.from({ length: records.length / 2 }, (_, at) => {
    const [modeBefore = '', mode = '', idBefore = '', id = ''] = records[at * 2]!.slice(1).split(' ');
    const side = (one: string, object: string) => (/^0+$/.test(one) ? null : { mode: one, id: object });
    return { path: records[at * 2 + 1]!, before: side(modeBefore, idBefore), after: side(mode, id) };
  });
}

const isFile = (side: Side | null): side is Side => side !== null && !side.mode.startsWith('16');

/** By their ids; binary files and huge ones have none. */
async function readTexts(
  repository: Repository,
  changed: readonly Changed[],
  shown: (text: string) => string,
): Promise<ReadonlyMap<string, Text>> {
  const ids = new Set(changed.flatMap(({ before, after }) => [before, after].filter(isFile).map(({ id }) => id)));
  const texts = new Map<string, Text>();
  for await (const blobs of readByIds(repository, [...ids], MOST_BYTES)) {
    for (const [id, { bytes }] of blobs) {
      const decoded = bytes && (bytes.length <= LARGEST_DECODED ? decodeText(bytes) : asText(bytes));
      if (decoded) texts.set(id, { form: formOf(decoded), text: decoded.text, shown: shown(decoded.text) });
    }
  }
  return texts;
}

const asText = (bytes: Buffer) => (bytes.includes(0) ? null : { text: bytes.toString('utf8'), encoding: 'utf-8' as const, bom: false });

function entryOf(path: string, side: Side | null, texts: ReadonlyMap<string, Text>): TreeEntry[] {
  if (side === null) return [];
  const text = isFile(side) ? texts.get(side.id) : undefined;
  const isPlain = text === undefined || (text.form === 'utf-8' && text.shown === text.text);
  return [{ path, mode: side.mode, content: isPlain ? { id: side.id } : { text: text.shown } }];
}

function untoldOf({ path, before, after }: Changed, texts: ReadonlyMap<string, Text>): Untold[] {
  const [old, current] = [texts.get(before?.id ?? ''), texts.get(after?.id ?? '')];
  if (!old || !current || before?.id === after?.id) return [];
  const forms = old.form === current.form ? null : ([old.form, current.form] as const);
  return forms !== null || old.shown === current.shown ? [{ path: decodeName(path), forms }] : [];
}

function withoutElsewhere(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name)));
}

async function runDiff(
  repository: Repository,
  settings: readonly Setting[],
  words: readonly string[],
  given: Environment,
): Promise<number> {
  const tools = await userTools(repository, given.PAGER);
  const env = withSettings(given, [...OWN_LISTS_OFF, ...settings, ...tools.settings]);
  return new Promise((resolve, reject) => {
    // The pager handles Ctrl-C; whoever left here would leave it without its input.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    // By the place by which its settings were read: what they include may depend on it.
    const place = ['-C', repository.root, `--git-dir=${repository.gitDir}`, `--work-tree=${repository.root}`];
    const all = [...place, '--no-optional-locks', 'diff', ...tools.words, ...words];
    const child = spawn(gitProgram(), all, { stdio: 'inherit', env });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', ignore);
      // SIGPIPE: whoever reads has seen enough.
      resolve(code === 0 || code === 141 || signal === 'SIGPIPE' ? 0 : 1);
    });
  });
}

/**
 * Behind those that the user's environment has; nothing is fetched, by whatever program: all of it is here. What a merge writes is shown, not
 * what a repository would show in its place.
 */
function withSettings(env: Environment, settings: readonly Setting[]): Record<string, string | undefined> {
  const first = Number(env.GIT_CONFIG_COUNT) || 0;
  const variables = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return {
    ...env,
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_CONFIG_COUNT: String(first + settings.length),
    ...Object.fromEntries(variables),
  };
}
