/**
 * The user's own hooks at a merge that makes a commit. They run in the sandbox, on the files that the merge would give and before anything
 * moves, as a check does: most of them start code of the project (tests, linters and their settings), and that is code of the branch by then.
 */
import { copyFileSync, cpSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { contains } from '../../common/path-contains.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { realPathOf } from '../../common/real-path.ts';
import { shellWord } from '../../common/shell-word.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import type { CommandResult, Sandbox } from '../../sandbox/types.ts';
import { checkpoint } from '../../workspace/checkpoint.ts';
import { type HookFolder, hasHook, hookFolder } from '../../workspace/find-hooks.ts';
import type { Merging } from '../../workspace/merge-into-checkout.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { emptyFolder, removeLater } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import { isLossy } from '../../workspace/run-git.ts';
import type { PrivateGit, Refusal, Repository } from '../../workspace/types.ts';
import { createCheckTree } from '../attempt/check-tree.ts';
import { guardWorkspace, type WorkspaceGuard } from '../attempt/workspace-guard.ts';
import type { DelegationFolder, StoredAttempt } from '../store/delegation-folder.ts';
import { refuse } from './decision.ts';
import { changedLoads } from './hook-loads.ts';
import { type Beside, besideCheckout, type MergeContext, privateGitAt } from './merged-tree.ts';

const FILES_NAMED = 8;
const SAID_CHARS = 700;
const MOST_MESSAGE_BYTES = 64 * 1024;
/** What an installed tool keeps beside its hooks. */
const MOST_HOOK_FILES = 200;
const MOST_HOOK_BYTES = 4 * 2 ** 20;

/** By their names in git: before a commit, and with which words the one that prepares the message is called. */
const HOOKS = {
  squash: { before: 'pre-commit', source: 'message', after: 'post-commit' },
  merge: { before: 'pre-merge-commit', source: 'merge', after: 'post-merge' },
} as const;

/** What hooks made of a merge: its message, and what is to be said. */
export type Hooked = { readonly ok: true; readonly message: string; readonly notes: readonly Message[] } | Refusal;

export async function runHooks(
  context: MergeContext,
  folder: DelegationFolder,
  attempt: StoredAttempt,
  { how, message: text, ...merging }: Merging & { readonly how: keyof typeof HOOKS; readonly message: string },
): Promise<Hooked> {
  const { repository } = context;
  const { before, source, after } = HOOKS[how];
  const hooks = await hookFolder(repository);
  // Not in git's order: what stands before a commit starts code of the branch, which would write the message, or the hooks behind it.
  const names = hooks ? ['prepare-commit-msg', 'commit-msg', before].filter((name) => hasHook(hooks, name)) : [];
  const later = hooks && hasHook(hooks, after) ? [message('merge.hookLater', { hook: after })] : [];
  if (!hooks || names.length === 0) return { ok: true, message: text, notes: later };
  const loads = await changedLoads(repository, hooks, names, merging);
  const told = { hooks: names, files: shortList(loads, FILES_NAMED) };
  if (loads.length > 0) return { ok: true, message: text, notes: [message('merge.hooksNotRun', told), ...later] };
  const hooked = await besideCheckout(context, folder, attempt, (beside) =>
    runAll(context, folder, beside, { hooks, names, source, text, tree: merging.tree }),
  );
  return hooked.ok ? { ...hooked, notes: [...hooked.notes, ...later] } : hooked;
}

interface Wanted {
  readonly hooks: HookFolder;
  readonly names: readonly string[];
  readonly source: string;
  readonly text: string;
  readonly tree: string;
}

async function runAll(context: MergeContext, folder: DelegationFolder, beside: Beside, wanted: Wanted): Promise<Hooked> {
  const { repository, signal } = context;
  const at = (name: string) => path.join(folder.root, name);
  const [temp, layers, workTree] = [at('check-tmp'), at('check-layers'), folder.checkTree];
  let opened: OpenedHooks | null = null;
  try {
    for (const left of [temp, layers]) emptyFolder(left);
    const git = await privateGitAt(context, folder, repository.head.commit);
    const tree = createCheckTree({ workTree, repository, hasSubmodules: beside.hasSubmodules, signal, fill: beside.fill });
    if (!(await tree.fill(git, wanted.tree))) return refuse(message('merge.hooksCannotRun', { why: message('merge.noTree') }));
    const place = layHooks(wanted.hooks, git, workTree, repository);
    const own = { workspace: workTree, gitDir: git.gitDir, temp, layers, objectDirs: repository.objectDirs, lent: beside.spec.lent };
    const sandbox = await openSandbox({ ...beside.spec, ...own }, { program: context.settings.values.sandboxProgram });
    if (!sandbox.ok) return refuse(message('merge.hooksCannotRun', { why: sandbox.reason }));
    opened = { sandbox: sandbox.sandbox, guard: guardWorkspace(sandbox.sandbox), git, workTree, temp };
    return await runEach(context, opened, place, wanted);
  } finally {
    await opened?.sandbox.close();
    const clear = () => {
      for (const left of [workTree, temp, layers]) removeLater(left);
    };
    await (opened ? opened.guard.look(clear) : clear());
  }
}

/** Where hooks run, once it is laid. */
interface OpenedHooks {
  readonly sandbox: Sandbox;
  readonly guard: WorkspaceGuard;
  readonly git: PrivateGit;
  readonly workTree: string;
  readonly temp: string;
}

/** @param place where commands find the hooks */
async function runEach(context: MergeContext, opened: OpenedHooks, place: string, wanted: Wanted): Promise<Hooked> {
  const { signal, settings } = context;
  const { sandbox, guard, git, workTree, temp } = opened;
  const gitDir = layGitDir(git, workTree, temp, sandbox);
  const messageFile = 'CLAUDE_KIMI_MESSAGE'; // no name that git itself writes to
  writeFileSync(path.join(gitDir.host, messageFile), `${wanted.text.trim()}\n`);
  let written: string | undefined = wanted.text;
  for (const name of wanted.names) {
    const isOfMessage = name === 'prepare-commit-msg' || name === 'commit-msg';
    const words = isOfMessage ? [`${gitDir.shown}/${messageFile}`, ...(name === 'commit-msg' ? [] : [wanted.source])] : [];
    const command = `GIT_EDITOR=: ${[`${place}/${name}`, ...words].map(shellWord).join(' ')}`;
    const told = { type: 'check', command: `hook ${name}`, on: 'result' } as const;
    context.onEvent({ ...told, phase: 'start', text: '' });
    const timeoutMs = settings.values.checkTimeoutSeconds * 1000;
    const result = await sandbox.run(command, { cwd: '', network: false, timeoutMs, signal, outputFile: path.join(temp, 'hook.txt') });
    context.onEvent({ ...told, phase: 'end', text: result.exitCode === 0 ? 'pass' : (result.killed ?? `exit ${result.exitCode}`) });
    if (signal.aborted) return refuse(message('merge.cancelled'));
    if (result.exitCode !== 0) return refuse(failure(name, result));
    if (isOfMessage) written = await guard.look(() => readMessage(path.join(gitDir.host, messageFile)));
  }
  return await guard.look(() => effects(git, workTree, written, wanted));
}

/** @returns where commands find the hooks; those that git does not track lie beside, since commands see nothing of the user's checkout */
function layHooks({ path: from, inTree }: HookFolder, git: PrivateGit, workTree: string, { root, commonDir }: Repository): string {
  const to = inTree === null ? path.join(git.gitDir, 'hooks') : path.join(workTree, inTree);
  let bytes = 0;
  for (const name of hookFiles(from)) {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    const link = lstatSync(source);
    const isFollowed = link.isSymbolicLink() && inTree === null && leadsToHook(source, [root, projectOf(commonDir), from]);
    const stats = isFollowed ? statSync(source, { throwIfNoEntry: false }) : link;
    if (!stats?.isFile()) continue;
    bytes += stats.size;
    if (bytes > MOST_HOOK_BYTES) break;
    mkdirSync(path.dirname(target), { recursive: true });
    if (inTree === null || !lstatSync(target, { throwIfNoEntry: false })) copyFileSync(source, target);
  }
  return inTree === null ? to : path.join(root, inTree);
}

/** The files, and links, in and below a folder; of more than anybody has, the first. A repository may name any folder for its hooks. */
export function hookFiles(from: string): string[] {
  const found: string[] = [];
  const queue = [''];
  let left = MOST_HOOK_FILES;
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    for (const entry of readdirSync(path.join(from, folder), { withFileTypes: true })) {
      if (folder === '' && (entry.name.endsWith('.sample') || entry.name === '.git')) continue;
      if (left-- === 0) return found;
      if (isLossy(entry.name)) continue; // by such a name something else would be found, behind a link, too
      (entry.isDirectory() ? queue : found).push(path.join(folder, entry.name));
    }
  }
  return found;
}

/** The main checkout, where hooks of a linked worktree lie. */
const projectOf = (commonDir: string) => (path.basename(commonDir) === '.git' ? path.dirname(commonDir) : commonDir);

/**
 * Whether a link leads to what hooks are made of: many lay them by hand as links to scripts of the project, or to programs of their own. Others
 * a repository may have brought, to a secret of the user's.
 */
function leadsToHook(link: string, project: readonly string[]): boolean {
  const real = realPathOf(link);
  if (real === null) return false;
  return project.some((folder) => contains(folder, real)) || (statSync(real).mode & 0o111) !== 0;
}

/** A git dir that hooks may write, as `git add` and `git stash` do; nobody reads it afterwards. */
function layGitDir({ gitDir }: PrivateGit, workTree: string, temp: string, sandbox: Sandbox): { host: string; shown: string } {
  const [host, shown] = [path.join(temp, 'git'), `${sandbox.shownTemp}/git`];
  cpSync(gitDir, host, { recursive: true });
  writeFileSync(path.join(host, 'objects/info/alternates'), `${gitDir}/objects\n`);
  writeFileSync(path.join(workTree, '.git'), `gitdir: ${shown}\n`);
  return { host, shown };
}

/**
 * What was read is what is committed: a hook that rewrites files says no, as somebody has to look at what it made.
 * @param written the message that hooks have left
 */
async function effects(git: PrivateGit, workTree: string, written: string | undefined, { hooks, tree }: Wanted): Promise<Hooked> {
  await removeOddRuleFiles(workTree);
  const { changed } = await checkpoint(git, workTree, tree);
  const known = new Set((await listTree(git, tree)).map((file) => file.path));
  const rewritten = changed.filter((file) => known.has(file));
  if (rewritten.length > 0) return refuse(message('merge.hookRewrites', { files: shortList(rewritten, FILES_NAMED) }));
  const left = changed.filter((file) => !(hooks.inTree !== null && file.startsWith(`${hooks.inTree}/`)));
  if (!written) return refuse(message('merge.hookEmptyMessage'));
  const notes = left.length > 0 ? [message('merge.hookLeft', { files: shortList(left, FILES_NAMED) })] : [];
  return { ok: true, message: written, notes };
}

function readMessage(file: string): string | undefined {
  const isOurs = lstatSync(path.dirname(file), { throwIfNoEntry: false })?.isDirectory(); // a link in its place leads anywhere
  return isOurs ? readPlainFile(file, MOST_MESSAGE_BYTES, 'refused')?.toString('utf8').trim() : undefined;
}

function failure(hook: string, { exitCode, killed, head, tail }: CommandResult): Message {
  const said = hideSecrets((tail || head).trim()).slice(-SAID_CHARS);
  return message('merge.hookFails', { hook, how: killed ?? `exit ${exitCode}`, said });
}
