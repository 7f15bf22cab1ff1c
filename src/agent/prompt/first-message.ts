/** The message that lays out the repository and the task, before the model has looked at anything. */
import { cutText } from '../../common/cut-text.ts';
import type { TaskKind } from '../../common/task-kind.ts';
import { showName } from '../tools/text-limits.ts';
import { cut, fenced } from './fence-foreign-text.ts';
import { type FolderTree, treeText } from './folder-tree.ts';

export interface NamedFile {
  readonly path: string;
  readonly content: string;
  /** What is to be said of it: its encoding, that these are parts. */
  readonly note?: string;
  /** Whether its lines are not those of the file at the path: parts, a text without some of its lines. */
  readonly isExcerpt?: boolean;
}

export interface FirstMessageOptions {
  readonly kind: TaskKind;
  /** The caller's words, never cut. */
  readonly task: string;
  /** The folder that the task is about; '' = the root. */
  readonly folder?: string;
  /** All files of the repository, as seen from the folder. */
  readonly tree: FolderTree;
  /** Those of them that the task is about. */
  readonly near?: readonly string[];
  /** Paths of submodules, as seen from the folder. */
  readonly submodules?: readonly string[];
  /** What the task points at, whole or in parts, the most important first. */
  readonly code: readonly NamedFile[];
  readonly tests?: readonly NamedFile[];
  /** Files that the task points at but that are not shown, with the reason: `logo.png (not text)`. */
  readonly remarks?: readonly string[];
  /** Where to look for tests of what the task is about. */
  readonly likelyTests?: readonly string[];
  /** AGENTS.md, CLAUDE.md, scripts and the like, our own delegation block removed. */
  readonly rules: readonly NamedFile[];
  /** Commands that will judge the result, with the failing output on the base where there is one. */
  readonly checks: readonly { readonly command: string; readonly failure?: string }[];
  /** Whether they run meanwhile, and the model is told how they end. */
  readonly checksAreTold?: boolean;
  /** Paths or globs that the change must stay in; empty = everywhere. */
  readonly scope: readonly string[];
  /** What a reviewer said about the attempts before this one, oldest first; their changes are in the working tree. */
  readonly feedback?: readonly string[];
  /** The code that the last feedback is about, line by line; never cut, the rest has less room for it. */
  readonly commented?: string;
  /** What the last of those attempts changed. */
  readonly changed?: readonly string[];
  /** Told of every file of which something is shown. */
  readonly onShown?: (path: string, bytes: number) => void;
  /** Bound on the whole without the task and the feedback, which are never cut. Default 16 KiB. */
  readonly maxBytes?: number;
}

const TITLE: Readonly<Record<TaskKind, string>> = { feature: 'Task', tests: 'Task: write tests', bug: 'Task: fix this bug' };

/** The most that each part takes; what is left for the last ones is less where all of them are long. */
const MOST = { rules: 5 * 1024, failure: 2 * 1024, tree: 1280, code: 9 * 1024, tests: 3584 } as const;
const MOST_SUBMODULES = 20;
const MOST_REMARKS = 600;
const DEFAULT_MAX_BYTES = 16 * 1024;
/** A cut below this is of no use to anybody. */
const LEAST_BYTES = 200;

/** Data first, the task last, where a model heeds it most. */
export function firstMessage(options: FirstMessageOptions): string {
  const { onShown, likelyTests = [], remarks = [], near = [], commented = '' } = options;
  const parts = new Parts((options.maxBytes ?? DEFAULT_MAX_BYTES) - Buffer.byteLength(commented));
  parts.add('Conventions of the repository (data)', MOST.rules, (bytes) => documents(options.rules, bytes, onShown));
  const failures = options.checks.flatMap(({ command, failure }) => (failure ? [{ path: `output of: ${command}`, content: failure }] : []));
  parts.add('What fails now, before any change (data)', MOST.failure, (bytes) => documents(failures, bytes, undefined, 'tail'));
  parts.add('Files of the repository (data)', MOST.tree, (bytes) => fenced('tree', treeText(options.tree, near, bytes - 40)));
  const leftOut = remarks.length > 0 ? `Not shown: ${listed(remarks)}` : '';
  parts.add('Code that the task points at (data)', MOST.code, (bytes) =>
    join(documents(options.code, bytes - Buffer.byteLength(leftOut), onShown), leftOut),
  );
  const likely = likelyTests.length > 0 ? `Tests that hold words of the task: ${listed(likelyTests)}` : '';
  parts.add('Tests around it (data)', MOST.tests, (bytes) => join(documents(options.tests ?? [], bytes, onShown), likely));
  return [...parts.texts, closingOf(options)].join('\n\n');
}

function closingOf({
  kind,
  task,
  folder = '',
  feedback = [],
  commented = '',
  changed = [],
  checks,
  checksAreTold,
  scope,
  submodules = [],
}: FirstMessageOptions): string {
  const parts: string[] = [];
  if (folder !== '') {
    const root = folder.replace(/[^/]+/g, '..');
    parts.push(
      `# Folder\nThe task was given for the folder ${folder} of the repository. Commands and checks start there, and relative paths (of all tools, in the list of files, most likely in the task) begin there: ${root} is the root of the repository. The rest of the repository is yours to read and, where the task needs it, to change.`,
    );
  }
  if (submodules.length > 0) {
    const some = submodules.slice(0, MOST_SUBMODULES).map(showName).join(', ') + (submodules.length > MOST_SUBMODULES ? ' ...' : '');
    parts.push(`# Submodules\nRepositories of their own, here to be read and used; nothing that is changed in them comes back: ${some}`);
  }
  if (checks.length > 0) {
    const told = checksAreTold
      ? '\nThey run on the unchanged files meanwhile; you are told how they end, so begin without running them.'
      : '';
    parts.push(`# Checks that will judge the result\n${checks.map(({ command }) => `- ${command}`).join('\n')}${told}`);
  }
  if (scope.length > 0) parts.push(`# Change only files in\n${scope.map((path) => `- ${path}`).join('\n')}`);
  parts.push(`# ${TITLE[kind]}\n${task.trim()}`);
  const earlier = feedback.slice(0, -1).map((text) => text.trim());
  if (earlier.length > 0)
    parts.push(`# Earlier feedback, which still holds where the last does not say otherwise\n${earlier.join('\n\n')}`);
  const last = feedback.at(-1);
  if (last !== undefined) {
    const what = changed.length > 0 ? ` (it changed ${listed(changed)})` : '';
    parts.push(
      `# Feedback of the reviewer\nAn earlier attempt at this task is in the working tree already${what}. The reviewer did not accept it yet; this is what must change:\n${join(last.trim(), commented)}`,
    );
  }
  return parts.join('\n\n');
}

/** Names stand outside of the fences here: none may begin a line. */
function listed(names: readonly string[]): string {
  return cutText(names.map(showName).join(', '), MOST_REMARKS);
}

function join(...texts: string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}

/** Hands out a number of bytes to sections, in order. */
class Parts {
  readonly texts: string[] = [];
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  add(title: string, most: number, write: (bytes: number) => string): void {
    const bytes = Math.min(this.#left, most) - title.length - 8;
    if (bytes < LEAST_BYTES) return;
    const body = write(bytes);
    if (body === '') return;
    const text = `# ${title}\n${body}`;
    this.#left -= Buffer.byteLength(text) + 2;
    this.texts.push(text);
  }
}

/** Whole where they fit, else their beginning (or end); those for which there is no room are named. */
function documents(
  files: readonly NamedFile[],
  maxBytes: number,
  onShown?: FirstMessageOptions['onShown'],
  keep: 'head' | 'tail' = 'head',
): string {
  const texts: string[] = [];
  const leftOut: string[] = [];
  let left = maxBytes - 60;
  for (const { path, content, note, isExcerpt = false } of files) {
    const label = note === undefined ? showName(path) : `${showName(path)} [${note}]`;
    const room = left - Buffer.byteLength(label) - 30;
    if (room < Math.min(LEAST_BYTES, Buffer.byteLength(content))) {
      leftOut.push(path);
      continue;
    }
    const part = cut(content, room, keep, !isExcerpt);
    onShown?.(path, Buffer.byteLength(part));
    const text = fenced(label, part);
    left -= Buffer.byteLength(text) + 2;
    texts.push(text);
  }
  if (leftOut.length > 0) texts.push(`Not shown for lack of room: ${listed(leftOut)}`);
  return texts.join('\n\n');
}
