import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { KEPT_FROM } from '../../agent/tools/text-limits.ts';
import type { TestRun, ToolCommandOptions, ToolWorkspace } from '../../agent/types.ts';
import { cutText } from '../../common/cut-text.ts';
import { contains } from '../../common/path-contains.ts';
import type { CommandResult, Sandbox } from '../../sandbox/types.ts';
import { type FileRules, fileRules, ignoredOf } from '../../workspace/file-rules.ts';
import { grepFiles, listWorkTree } from '../../workspace/grep-files.ts';
import type { PrivateGit } from '../../workspace/private-git.ts';
import { isRuleFile } from '../../workspace/rule-files.ts';
import { filteredAmong } from '../../workspace/stage-changes.ts';
import { workTreeCall } from '../../workspace/work-tree-call.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Preparation } from './prepare-workspace.ts';
import type { WorkspaceGuard } from './workspace-guard.ts';

/** The workspace as the model's tools see it: git for looking, the sandbox for commands, the checkpointer told of every change. */
export function createToolWorkspace(parts: {
  privateGit: PrivateGit;
  workTree: string;
  temp: string;
  folder: string;
  /** Paths of submodules. */
  inner: readonly string[];
  sandbox: Sandbox;
  guard: WorkspaceGuard;
  preparation: Preparation;
  checkpointer: Checkpointer;
  neverSend: NeverSend;
  /** Learns what may not be sent and came since. */
  relearn: () => Promise<void>;
  /** What file tools wrote, and what of it the model knows as ignored; both are filled here. */
  written: Set<string>;
  ignoredWrites: Set<string>;
}): ToolWorkspace {
  let commands = 0;
  // One call of a tool asks two and three times of its file, and each answer costs two processes.
  let rules: { readonly of: string; readonly found: FileRules } | null = null;
  return {
    root: parts.workTree,
    shownRoot: parts.sandbox.shownRoot,
    folder: parts.folder,
    submodules: parts.inner,
    temp: { host: parts.temp, shown: parts.sandbox.shownTemp },
    get ready() {
      return parts.preparation.begin().then(parts.checkpointer.idle).then(parts.guard.quiet);
    },
    // Files of a submodule are not the repository's; all that git would list is the submodule itself.
    listFiles: async (signal, folder = '') =>
      parts.inner.some((one) => contains(`/${one}`, `/${folder}`))
        ? []
        : parts.guard.look(() => listWorkTree(parts.privateGit, parts.workTree, folder, signal)),
    async search(query, signal) {
      // The checkout has none, and what file tools write is small.
      const maybeHuge = commands > 0;
      const found = await parts.guard.look(() => grepFiles(parts.privateGit, parts.workTree, query, { signal, maybeHuge }));
      if (!found.ok) throw new Error(found.problem);
      return found;
    },
    async runCommand(command: string, options: ToolCommandOptions) {
      parts.checkpointer.markChanged();
      rules = null;
      commands++;
      // Right in `temp`, the one folder there that no command can replace, under a name that no command can take before.
      const name = `output-${commands}-${randomBytes(4).toString('hex')}.txt`;
      const result = await parts.guard.run(() =>
        parts.sandbox.run(command, { ...options, outputFile: path.join(parts.temp, name), keepOutputFrom: KEPT_FROM }),
      );
      await parts.relearn();
      return result;
    },
    readRun,
    neverSend: parts.neverSend,
    async rulesFor(file, signal) {
      if (rules?.of === file) return rules.found;
      const found = await parts.guard.look(() => fileRules(parts.privateGit, parts.workTree, file, signal));
      rules = { of: file, found };
      return found;
    },
    filterOff: (file, signal) =>
      parts.guard.look(async () => {
        const name = Buffer.from(file).toString('latin1');
        const call = workTreeCall(parts.privateGit, parts.workTree, signal);
        return (await filteredAmong(call, [name], parts.privateGit.filters.off)).get(name) ?? null;
      }),
    wroteIgnored: (file) => void parts.ignoredWrites.add(file),
    async newlyIgnored(signal) {
      const asked = [...parts.written].filter((file) => !parts.ignoredWrites.has(file));
      const ignored = await parts.guard.look(() => ignoredOf(parts.privateGit, parts.workTree, asked, signal));
      for (const file of ignored) parts.ignoredWrites.add(file);
      return ignored;
    },
    touched(paths) {
      rules = null;
      for (const file of paths) parts.written.add(file);
      parts.checkpointer.markChanged();
      if (paths.some(isRuleFile)) parts.guard.untidy();
    },
  };
}

async function readRun(command: string, result: CommandResult): Promise<TestRun | null> {
  const { readWorkerRun } = await import('../../checks/worker-run.ts'); // with a parser that most starts of the server do not need
  // What it tells is only told: a command that has run does not fail by it.
  const found = await readWorkerRun(command, result).catch(() => null);
  if (found === null) return null;
  const { exitCode, killed, durationMs: ms } = result;
  return { command: cutText(command.trim(), 300), exitCode: found.tellsExit ? exitCode : null, killed, ms, counts: found.counts };
}
