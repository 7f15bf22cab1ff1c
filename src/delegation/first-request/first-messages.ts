import { posix } from 'node:path';
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { mentionedPlaces } from '../../agent/prompt/find-mentioned-files.ts';
import { firstMessage, type NamedFile } from '../../agent/prompt/first-message.ts';
import { folderTree } from '../../agent/prompt/folder-tree.ts';
import { systemPrompt } from '../../agent/prompt/system-prompt.ts';
import { shownPath } from '../../agent/tools/files/resolve-path.ts';
import type { ChatMessage } from '../../agent/types.ts';
import { isNamedAsTest } from '../../checks/test-files.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import type { TreeFile } from '../../workspace/read-objects.ts';
import { submodulePaths } from '../../workspace/submodules.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import { isTold, knownFailure } from '../attempt/base-checks.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { StoredAttempt } from '../store/delegation-folder.ts';
import { commentedCode } from './commented-code.ts';
import { BUILT, conventions, manifestOf } from './conventions.ts';
import { fileList } from './file-list.ts';
import { oneTestFile } from './one-test-file.ts';
import type { Prefetch } from './prefetch.ts';
import { showCode } from './show-code.ts';
import { textsOf } from './texts-of.ts';

/** What the model is shown before it starts. Read from git objects, so that it need not wait for the checkout. */
export async function writeFirstMessages(options: {
  start: Pick<StartEvent, 'kind' | 'task' | 'parent' | 'checks' | 'scope' | 'maxSteps'> &
    Partial<Pick<StartEvent, 'base' | 'startTree' | 'folder' | 'comments'>>;
  source: ObjectSource;
  /** The commit or tree that the workspace begins with, and its files. */
  tree: string;
  files: readonly TreeFile[];
  shownRoot: string;
  disclosure: 'silent' | 'open';
  /** How long a command may take that says nothing of it. */
  commandSeconds: number;
  /** The attempts before, oldest first, when this is a correction: the first has the task, the text answers the last. */
  earlier: readonly StoredAttempt[];
  prefetched: Pick<Prefetch, 'filesToShow'>;
  neverSend: NeverSend;
}): Promise<{ system: string; messages: ChatMessage[]; shown: Record<string, number> }> {
  const { start, earlier, neverSend } = options;
  const { folder = '', kind } = start;
  const { paths, index, tree } = fileList(options.files);
  const seen = (path: string) => shownPath({ folder }, path);
  const { task, feedback } = taskAndFeedback(earlier, start.task);
  const text = [...feedback.toReversed(), task].join('\n');
  const read = await options.prefetched.filesToShow(text, folder, options.source, options.tree, options.files);
  const texts = textsOf(read.documents, neverSend);
  const { code, tests, remarks } = showCode(text, read, texts, neverSend);
  const likelyTests = tests.length > 0 ? [] : read.likelyTests;
  const near = [...read.named, ...read.found, ...read.tests, ...likelyTests];
  const anyTest = near.find(isNamedAsTest) ?? paths.find(isNamedAsTest);
  const asSeen = (file: NamedFile) => ({ ...file, path: file.path === BUILT ? file.path : seen(file.path) });
  const scripts = packageScripts(texts.get(manifestOf(index, folder) ?? '')?.content);
  const files = new Map<string, number>();
  const content = firstMessage({
    kind,
    task,
    folder,
    submodules: submodulePaths(options.files).map(seen),
    tree: folder === '' ? tree : folderTree(paths.map(seen)),
    near: [...[...near, ...(anyTest === undefined ? [] : [anyTest])].map(seen), ...mentionedPlaces(text)],
    code: code.map(asSeen),
    tests: tests.map(asSeen),
    remarks: remarks.map(({ path, what }) => `${seen(path)} ${what}`),
    likelyTests: likelyTests.map(seen),
    rules: conventions(index, folder, texts, anyTest === undefined ? null : oneTestFile(seen(anyTest), scripts, index)).map(asSeen),
    checks: start.checks.map((command) => ({ command, failure: knownFailure(command, start, earlier.at(-1)?.result ?? null) })),
    checksAreTold: isTold(start),
    scope: start.scope,
    feedback,
    commented: await commentedCode(start.comments ?? [], { source: options.source, tree: options.tree, neverSend, seen }),
    changed: earlier.at(-1)?.result?.change?.files.map(({ path }) => seen(path)) ?? [],
    onShown: (path, bytes) => {
      const fromRoot = folder === '' ? path : posix.join(folder, path);
      files.set(fromRoot, (files.get(fromRoot) ?? 0) + bytes);
    },
  });
  const { shownRoot, disclosure, commandSeconds } = options;
  return {
    system: systemPrompt({ shownRoot, folder, kind, disclosure, commandSeconds, steps: start.maxSteps }),
    messages: [{ role: 'user', content }],
    shown: Object.fromEntries(files),
  };
}

/** The first text is the task, the last one what is wanted now; one that was given again (to go on, to try anew) is told once. */
function taskAndFeedback(earlier: readonly StoredAttempt[], now: string): { task: string; feedback: string[] } {
  const texts = earlier.map(({ start }) => start.task);
  const [task] = texts;
  if (task === undefined) return { task: now, feedback: [] };
  return { task, feedback: [...[...new Set(texts)].filter((text) => text !== task && text !== now), now] };
}
