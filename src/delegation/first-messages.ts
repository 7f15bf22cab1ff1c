import { namedPaths } from '../agent/mentions.ts';
import { firstMessage, type NamedFile, systemPrompt } from '../agent/prompt.ts';
import type { ChatMessage } from '../agent/types.ts';
import { readBlobs, type TreeFile } from '../workspace/read-objects.ts';
import type { ObjectSource } from '../workspace/types.ts';
import { knownFailure } from './base-failures.ts';
import type { StartEvent } from './journal.ts';
import type { StoredAttempt } from './store.ts';

const RULE_FILES = ['AGENTS.md', 'CLAUDE.md', '.claude/CLAUDE.md'];
const MOST_FILE_BYTES = 48 * 1024;
/** The block that setup writes into CLAUDE.md tells Claude to delegate; the worker must not. */
const OWN_BLOCK = /<!-- claude-kimi-mcp:begin[\s\S]*?claude-kimi-mcp:end -->\n?/g;

/** What the model is told before it begins. Read from git objects, so that it need not wait for the checkout. */
export async function writeFirstMessages(options: {
  start: Pick<StartEvent, 'kind' | 'task' | 'parent' | 'checks' | 'scope'> & Partial<Pick<StartEvent, 'startTree'>>;
  source: ObjectSource;
  /** The commit or tree that the workspace begins with, and its files. */
  tree: string;
  files: readonly TreeFile[];
  shownRoot: string;
  disclosure: 'silent' | 'open';
  /** The attempt that the text answers, when this is a correction. */
  previous: StoredAttempt | null;
}): Promise<{ system: string; messages: ChatMessage[] }> {
  const { start, previous } = options;
  const paths = options.files.map((file) => file.path);
  const rules = RULE_FILES.filter((path) => paths.includes(path));
  const task = previous ? previous.start.task : start.task;
  const named = namedPaths(previous ? `${start.task}\n${task}` : task, paths).filter((path) => !rules.includes(path));
  const blobs = await readBlobs(options.source, options.tree, [...rules, ...named], MOST_FILE_BYTES);
  const content = firstMessage({
    kind: start.kind,
    task,
    paths,
    files: texts(named, blobs),
    rules: texts(rules, blobs).map((file) => ({ ...file, content: file.content.replace(OWN_BLOCK, '') })),
    checks: start.checks.map((command) => ({ command, failure: knownFailure(command, start, previous?.result ?? null) })),
    scope: start.scope,
    ...(previous && { feedback: start.task }),
  });
  return {
    system: systemPrompt({ shownRoot: options.shownRoot, kind: start.kind, disclosure: options.disclosure }),
    messages: [{ role: 'user', content }],
  };
}

function texts(paths: readonly string[], blobs: ReadonlyMap<string, Buffer>): NamedFile[] {
  return paths.flatMap((path) => {
    const bytes = blobs.get(path);
    return bytes && !bytes.subarray(0, 8000).includes(0) ? [{ path, content: bytes.toString('utf8') }] : [];
  });
}
