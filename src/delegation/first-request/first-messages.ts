import { posix } from 'node:path';
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { folderTree } from '../../agent/prompt/folder-tree.ts';
import { firstMessage, type NamedFile, systemPrompt } from '../../agent/prompt/prompt.ts';
import { shownPath } from '../../agent/tools/files/resolve-path.ts';
import type { ChatMessage } from '../../agent/types.ts';
import { decodeText, encodingNote } from '../../common/text-codec.ts';
import type { Document, TreeFile } from '../../workspace/read-objects.ts';
import { submodulePaths } from '../../workspace/submodules.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import { knownFailure } from '../attempt/base-failures.ts';
import type { StartEvent } from '../journal/journal.ts';
import type { StoredAttempt } from '../store/delegation-folder.ts';
import { BUILT, conventions } from './conventions.ts';
import { fileList } from './file-list.ts';
import { MOST_FILE_BYTES } from './files-to-show.ts';
import type { Prefetch } from './prefetch.ts';

/** What the model is shown before it starts. Read from git objects, so that it need not wait for the checkout. */
export async function writeFirstMessages(options: {
  start: Pick<StartEvent, 'kind' | 'task' | 'parent' | 'checks' | 'scope'> & Partial<Pick<StartEvent, 'startTree' | 'folder'>>;
  source: ObjectSource;
  /** The commit or tree that the workspace begins with, and its files. */
  tree: string;
  files: readonly TreeFile[];
  shownRoot: string;
  disclosure: 'silent' | 'open';
  /** The attempts before, oldest first, when this is a correction: the first has the task, the text answers the last. */
  earlier: readonly StoredAttempt[];
  prefetched: Pick<Prefetch, 'filesToShow'>;
  neverSend: NeverSend;
}): Promise<{ system: string; messages: ChatMessage[]; shown: Record<string, number> }> {
  const { start, earlier, neverSend } = options;
  const { folder = '' } = start;
  const { paths, index, tree } = fileList(options.files);
  const fromFolder = (path: string) => shownPath({ folder }, path);
  const { task, feedback } = taskAndFeedback(earlier, start.task);
  const text = [...feedback.toReversed(), task].join('\n');
  const { named, all, wholeBytes, documents } = await options.prefetched.filesToShow(
    text,
    folder,
    options.source,
    options.tree,
    options.files,
  );
  const everything = shown([...new Set([...named, ...all])], textsOf(documents, neverSend));
  const isWhole = all.length > 0 && all.every((path) => documents.get(path)?.bytes) && sizeOf(everything) <= wholeBytes;
  const usual = new Map([...documents].map(([path, { size, bytes }]) => [path, { size, bytes: size <= MOST_FILE_BYTES ? bytes : null }]));
  const texts = textsOf(usual, neverSend);
  const files = new Map<string, number>();
  const asSeen = (file: NamedFile) => ({ ...file, path: file.path === BUILT ? file.path : fromFolder(file.path) });
  const content = firstMessage({
    kind: start.kind,
    task,
    folder,
    submodules: submodulePaths(options.files).map(fromFolder),
    tree: folder === '' ? tree : folderTree(paths.map(fromFolder)),
    files: isWhole ? [] : shown(named, texts).map(asSeen),
    notShown: named.flatMap((path) => whyNotShown(path, fromFolder(path), (isWhole ? documents : usual).get(path), neverSend)),
    ...(isWhole && { everything: everything.map(asSeen) }),
    rules: conventions(index, folder, texts).map(asSeen),
    checks: start.checks.map((command) => ({ command, failure: knownFailure(command, start, earlier.at(-1)?.result ?? null) })),
    scope: start.scope,
    feedback,
    onShown: (seen, bytes) => {
      const path = folder === '' ? seen : posix.join(folder, seen);
      files.set(path, (files.get(path) ?? 0) + bytes);
    },
  });
  return {
    system: systemPrompt({ shownRoot: options.shownRoot, folder, kind: start.kind, disclosure: options.disclosure }),
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

/**
 * Those that are text (a program or a picture has a zero byte near its beginning) and may be sent. Masked as a whole: of a part that is
 * shown nobody could tell whether it is a part of a key.
 */
function textsOf(documents: ReadonlyMap<string, Document>, neverSend: NeverSend): Map<string, Text> {
  const texts = new Map<string, Text>();
  for (const [path, { bytes }] of documents) {
    const decoded = bytes && !neverSend.withheld(path, bytes) ? decodeText(bytes) : null;
    if (decoded) texts.set(path, { content: neverSend.mask(decoded.text), note: encodingNote(decoded) ?? undefined });
  }
  return texts;
}

type Text = Pick<NamedFile, 'content' | 'note'>;

function shown(paths: readonly string[], texts: ReadonlyMap<string, Text>): NamedFile[] {
  return paths.flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : [{ path, ...text }];
  });
}

function sizeOf(files: readonly NamedFile[]): number {
  return files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

function whyNotShown(path: string, seen: string, document: Document | undefined, neverSend: NeverSend): string[] {
  if (!document) return [];
  if (neverSend.withheld(path, document.bytes ?? Buffer.alloc(0))) {
    neverSend.heldBack(path, 'name');
    return [`${seen} (never sent: it holds secrets by its name)`];
  }
  if (!document.bytes) return [`${seen} (too large, ${Math.ceil(document.size / 1024)} KiB)`];
  return decodeText(document.bytes) ? [] : [`${seen} (not text)`];
}
